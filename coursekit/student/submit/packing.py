"""One zip of a student's files with a manifest, never larger than what may be handed in."""

import hashlib
import json
import os
import platform
import sys
import zipfile
from datetime import datetime
from importlib import metadata

from ...blocks import sound_blocks_in
from ...files import write_bytes, zipped
from ...notebooks import NotebookError, as_bytes, check_of, parse
from ...version import version

FORMAT = 2
MANIFEST = "manifest.json"
MOST_BYTES = 20_000_000


class TooLarge(Exception):
    """The files do not fit, not even without the notebooks' outputs."""


class NotAZip(Exception):
    """There is something else where the zip should go; the message is one sentence."""


def expect_replaceable(path):
    """Raise NotAZip if writing the zip there would replace anything but an older one."""
    if path.suffix.lower() != ".zip":
        raise NotAZip(f"--out is {path}, expected a name that ends in .zip")
    if not os.path.lexists(path):
        return
    if path.is_symlink() or not path.is_file():
        raise NotAZip(f"{path} is there and is no file, expected the name of a zip")
    if path.stat().st_size and not zipfile.is_zipfile(path):
        raise NotAZip(f"{path} is there and is no zip, expected another name")


def collect(root, names):
    """Return the files of those names, {name: bytes}, and the names that are not there."""
    files, missing = {}, []
    for name in names:
        try:
            files[name] = (root / name).read_bytes()
        except OSError:
            missing.append(name)
    return files, missing


def fitting(files, room=MOST_BYTES - 200_000):
    """Return the files so that they fit when packed, and the notebooks that lost their outputs.

    The largest notebooks lose theirs first; what checks show stays. `room` leaves some for the
    manifest. Raises TooLarge if that is not enough.
    """
    files, stripped = dict(files), []
    notebooks = [name for name in files if name.endswith(".ipynb")]
    packed = {name: len(_packed({name: content})) for name, content in files.items()}
    for name in sorted(notebooks, key=lambda name: -packed[name]):
        if sum(packed.values()) <= room:
            break
        files[name] = _without_outputs(files[name])
        packed[name] = len(_packed({name: files[name]}))
        stripped.append(name)
    if sum(packed.values()) > room:
        largest = max(packed, key=packed.get)
        raise TooLarge(
            f"{largest} takes up {packed[largest] / 1e6:.1f} MB, expected at most "
            f"{MOST_BYTES / 1e6:.0f} MB for all files together"
        )
    return files, stripped


def manifest(files, table, warnings, stripped):
    """Return what is to be known of a submission without running any of it."""
    verdicts = [
        {"check": row.check, "notebook": row.notebook, "kind": row.kind,
         "earned": row.earned, "possible": row.possible}
        for row in table.rows
    ]  # fmt: skip
    return {
        "format": FORMAT,
        "engine": version(),
        "time": datetime.now().astimezone().isoformat(timespec="seconds"),
        "python": platform.python_version(),
        "system": platform.system(),
        "packages": {name: _version(name) for name in ("numpy", "scipy", "matplotlib")},
        "points": {"earned": table.earned, "possible": table.possible},
        "verdicts": verdicts,
        "warnings": [f"{about}: {sentence}" for about, sentence in warnings],
        "without outputs": stripped,
        "blocks": blocks_of(files),
        "files": {name: _sha256(content) for name, content in files.items()},
    }


def write(path, files, described):
    """Write the zip aside and move it into place. Returns its size in bytes."""
    text = json.dumps(described, indent=1, ensure_ascii=False) + "\n"
    write_bytes(path, _packed({MANIFEST: text.encode("utf-8"), **files}))
    return path.stat().st_size


def _packed(files):
    return zipped(files, compressed=True)


def _without_outputs(content):
    """Return a notebook without the outputs of all cells but checks."""
    try:
        notebook = parse(content)
    except NotebookError:
        return content
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and not check_of(cell):
            cell["outputs"] = []
    return as_bytes(notebook)


def blocks_of(files):
    """Return the blocks of all files: {name: what it is}; what cannot be read is not there."""
    found = {}
    for name, content in files.items():
        if name.endswith(".py"):
            try:
                blocks, _ = sound_blocks_in(content.decode("utf-8"), name)
                for block in blocks:
                    found[block.name] = {
                        "file": name,
                        "sha256": _sha256(block.code.encode("utf-8")),
                        "filled in": block.is_filled and block.has_code,
                    }
            except UnicodeDecodeError:
                continue
    return found


def _sha256(content):
    return hashlib.sha256(content).hexdigest()


def _version(package):
    module = sys.modules.get(package)
    if module is not None and hasattr(module, "__version__"):
        return module.__version__
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ""
