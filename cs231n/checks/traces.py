"""From an exception to what a student can use of it: the message, and the student's own lines."""

import linecache
import re
import traceback
from pathlib import Path

from .outcome import Crash, Frame, Unfilled

# Frames that are shown from each end: a recursion without end has a thousand in between.
_SHOWN = 4
# What the stub in a block says.
_STUB = re.compile(r"(?P<block>[\w.]+(?::[\w-]+)?) is not filled in yet")


def is_unfilled(error):
    """Whether the exception comes from a stub, and not from a mistake."""
    return isinstance(error, NotImplementedError)


def unfilled_of(error, folder):
    """Say which block is not filled in, and where it stands."""
    stub = _STUB.search(str(error))
    frames = own_frames(error, folder)
    place = {"path": frames[-1].path, "line": frames[-1].line} if frames else {}
    return Unfilled(message=str(error), block=stub["block"] if stub else "", **place)


def crash_of(error, folder, case="", returned=None):
    """Describe an exception, with the frames that lie in the student's files.

    Without such frames it was the check that stumbled, over what the function `returned` gave back.
    """
    message = error.msg if isinstance(error, SyntaxError) else str(error)
    if isinstance(error, SystemExit) and error.code is None:
        message = "the code ends Python"
    frames = own_frames(error, folder)
    if not frames and returned:
        message = f"what {returned} returns cannot be used: {message}"
    return Crash(type(error).__name__, message, frames, case)


def own_frames(error, folder):
    """Return the frames in files under `folder` that students write in, outermost first."""
    frames = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        path = _own_path(code.co_filename, folder)
        if path:
            frames.append(Frame(path, line, code.co_name, _source_line(code.co_filename, line)))
    if isinstance(error, SyntaxError) and error.filename:
        path = _own_path(error.filename, folder)
        if path:
            frames.append(Frame(path, error.lineno or 0, "", (error.text or "").strip()))
    return tuple(_shortened(frames))


def _shortened(frames):
    """Leave out the middle of a long list; a frame without a path says how much that is."""
    left_out = len(frames) - 2 * _SHOWN
    if left_out < 2:
        return frames
    gap = Frame("", 0, "", f"... {left_out} more calls ...")
    return [*frames[:_SHOWN], gap, *frames[-_SHOWN:]]


def _own_path(filename, folder):
    """Return a path like cs231n/layers.py, or None for a file that students do not write in."""
    try:
        inside = Path(filename).resolve().relative_to(folder)
    except (OSError, ValueError):
        return None
    helper = inside.name.startswith("_") and inside.name != "__init__.py"
    if helper or inside.parts[0] in ("checks", "_internal"):
        return None
    return (Path(folder.name) / inside).as_posix()


def _source_line(filename, line):
    linecache.checkcache(filename)
    return linecache.getline(filename, line).strip()
