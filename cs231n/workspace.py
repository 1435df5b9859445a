"""The folder that a student works in: what lies where, and how it is written to safely."""

import contextlib
import hashlib
import json
import os
import tempfile
from pathlib import Path

from .blocks import START, read_source

PACKAGE = Path(__file__).resolve().parent
ROOT = PACKAGE.parent
NOTEBOOKS = ROOT / "notebooks"
# What the kit notes down for itself. Nothing in it is the student's, and nothing misses it.
NOTES = ".cs231n"
# What the handout consists of, so that what a student has changed can be told from it.
LISTING = "cs231n/handout.json"


def editable_files(root=ROOT):
    """Return the paths, relative to `root`, of the package's files that have blocks in them.

    A file counts if one marker line of a block is left in it, so that a damaged one counts too.
    """
    found = []
    for path in sorted((root / "cs231n").rglob("*.py")):
        with contextlib.suppress(OSError, UnicodeDecodeError):
            if any(line.strip() == START for line in read_source(path).splitlines()):
                found.append(path.relative_to(root).as_posix())
    return found


def notebook_files(root=ROOT):
    """Return the paths, relative to `root`, of the notebooks."""
    return sorted(
        path.relative_to(root).as_posix() for path in (root / "notebooks").glob("*.ipynb")
    )


def listing(root, paths):
    """Return what LISTING says of a handout in `root`: each file with its SHA-256."""
    return {"format": 1, "files": {path: sha256(root / path) for path in sorted(paths)}}


def handed_out(root=ROOT):
    """Return the files of the handout, {path: SHA-256}; {} where there is no list of them."""
    try:
        files = json.loads((root / LISTING).read_text(encoding="utf-8"))["files"]
        return {str(path): str(digest) for path, digest in files.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def own_modules(root=ROOT):
    """Return the modules of the package that the handout does not have, as paths."""
    known = handed_out(root)
    modules = [path.relative_to(root).as_posix() for path in (root / "cs231n").rglob("*.py")]
    return sorted(path for path in modules if known and path not in known)


def sha256(path):
    """Return the SHA-256 of a file, as hexadecimal digits."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextlib.contextmanager
def written_aside(path):
    """Yield a path to write to, which becomes `path` when the block has come to its end.

    If the block raises, `path` is left as it was. The folder is made if need be.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    os.close(handle)
    try:
        yield Path(aside)
        with contextlib.suppress(OSError):
            os.chmod(aside, path.stat().st_mode if path.exists() else 0o644)
        os.replace(aside, path)
    finally:
        with contextlib.suppress(OSError):
            os.unlink(aside)


def write_json(path, value):
    """Write a value as JSON; at any time the file holds all of the old or all of the new."""
    with written_aside(path) as aside:
        aside.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
