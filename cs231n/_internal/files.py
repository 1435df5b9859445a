"""Replacing files and folders so that the old or the new one is there, and never half of either."""

import contextlib
import glob
import os
import platform
import re
import shutil
import tempfile
from pathlib import Path

__all__ = ["remove_what_was_killed", "replacing"]

# This machine, as a part of names.
_HERE = re.sub(r"[^A-Za-z0-9]", "", platform.node())[:32] or "here"


@contextlib.contextmanager
def replacing(path):
    """Yield a path to write to; what the block writes there takes the place of `path` at its end.

    It may be a file or a folder. If the block raises, `path` is unchanged. A file is replaced in
    one step. A folder takes two, and if the second one fails, the old folder is moved back.

    Inputs:
    - path: str or Path; the folder that it is in is made if it is missing

    Raises OSError if the disk refuses.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    remove_what_was_killed(path)
    prefix = f"{path.name}.{_HERE}-{os.getpid()}."
    with tempfile.TemporaryDirectory(
        prefix=prefix, dir=path.parent, ignore_cleanup_errors=True
    ) as scratch:
        fresh, old = Path(scratch) / "fresh", Path(scratch) / "old"
        yield fresh
        _flush(fresh)
        if fresh.is_dir() and os.path.lexists(path):
            _exchange(fresh, path, old)
        else:
            fresh.replace(path)


def remove_what_was_killed(path):
    """Remove what processes that are gone have left of their attempts at `path`.

    Those of another machine may be running still, on a disk that several share.
    """
    start = f"{path.name}.{_HERE}-"
    for left in path.parent.glob(f"{glob.escape(start)}*"):
        number = left.name.removeprefix(start).partition(".")[0]
        if number.isdecimal() and left.is_dir() and not _is_running(int(number)):
            if os.path.lexists(left / "old") and not os.path.lexists(path):
                (left / "old").rename(path)  # it was killed between the two steps
            shutil.rmtree(left, ignore_errors=True)


def _is_running(process):
    if os.name == "nt":  # where asking would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        pass
    return True


def _exchange(fresh, path, old):
    try:
        path.rename(old)
        fresh.rename(path)
    except BaseException:
        if os.path.lexists(old) and not os.path.lexists(path):
            old.rename(path)
        raise


def _flush(path):
    """Have what was written reach the disk, so that after a power cut no file is half empty."""
    for file in path.rglob("*") if path.is_dir() else [path]:
        if file.is_file():
            with file.open("r+b") as opened:
                os.fsync(opened.fileno())
