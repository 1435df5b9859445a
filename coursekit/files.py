"""Files that are whole at any time, and archives that are the same for the same content."""

import contextlib
import hashlib
import io
import json
import os
import tempfile
import zipfile
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

# What zip members say of their time. The real one would make two archives of one content differ.
ZIP_TIME = (1980, 1, 1, 0, 0, 0)


@contextlib.contextmanager
def written_aside(
    path: Path | str, *, replace: bool = True, mode: int | None = None
) -> Iterator[Path]:
    """Yield a path to write to, which becomes `path` when the block has come to its end.

    If the block raises, `path` is left as it was. The folder is made if need be.

    Parameters
    ----------
    replace : bool, default=True
        With False, a file that is there already stays, and what was written is dropped. Of several
        processes that write side by side, the first one counts.
    mode : int, optional
        Permissions. By default those of the file that is replaced, or 0o644.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=f".{path.name[:60]}.", suffix=".part", dir=path.parent)
    os.close(handle)
    try:
        yield Path(aside)
        if mode is None:
            mode = path.stat().st_mode if path.exists() else 0o644
        with contextlib.suppress(OSError):
            os.chmod(aside, mode)
        if replace:
            os.replace(aside, path)
        else:
            with contextlib.suppress(FileExistsError):
                os.link(aside, path)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(aside)


def write_bytes(path: Path | str, content: bytes, **how: Any) -> None:
    """Write bytes; at any time the file holds all of the old or all of the new."""
    with written_aside(path, **how) as aside:
        aside.write_bytes(content)


def write_text(path: Path | str, text: str, **how: Any) -> None:
    """Write text as UTF-8, as `write_bytes` does; what UTF-8 cannot hold becomes "?"."""
    write_bytes(path, text.encode("utf-8", "replace"), **how)


def write_table(path: Path | str, text: str) -> None:
    """Write a table of CSV, as `write_text` does, for spreadsheets.

    Without a mark at its beginning they take UTF-8 for another code.
    """
    write_text(path, f"\ufeff{text}")


def write_json(path: Path | str, value: Any, **how: Any) -> None:
    """Write a value as JSON, as `write_bytes` does."""
    write_text(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n", **how)


def sha256(path: Path | str) -> str:
    """Return the SHA-256 of a file, as hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def zipped(
    files: Mapping[str, bytes], *, executable: Collection[str] = (), compressed: bool = False
) -> bytes:
    """Return a zip as bytes that depend on nothing but its files.

    Parameters
    ----------
    files : dict of {str: bytes}
        The members, by their names and in their order.
    executable : collection of str
        The names of members that are programs.
    compressed : bool, default=False
        Whether to deflate the members. Releases of zlib differ in what they make of the same input,
        so what has to be the same everywhere is stored.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo(name, ZIP_TIME)
            member.create_system = 3  # Unix, so that modes are kept
            member.external_attr = (0o100755 if name in executable else 0o100644) << 16
            member.compress_type = zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED
            archive.writestr(member, content)
    return buffer.getvalue()


def plain_files(folder: Path | str) -> list[str]:
    """Return the paths of all files below a folder, relative to it and sorted, without bytecode."""
    folder = Path(folder)
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
