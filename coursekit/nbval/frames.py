"""Asked for in a kernel: where the last exception came from, or where it is right now.

Libraries' own lines are left out.
"""

from __future__ import annotations

import contextlib
import json
import linecache
import os
import signal
import sys
import sysconfig
import traceback
from pathlib import Path
from types import CodeType, FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..checks.outcome import Frame


def of_last_error() -> str:
    """Return the frames of the last exception as JSON: where, line, function and source of each."""
    error = sys.last_value if hasattr(sys, "last_value") else None
    frames = traceback.walk_tb(error.__traceback__) if error is not None else ()
    described = [_described(frame.f_code, line) for frame, line in frames]
    # A check that was interrupted shows nothing but the frames that it brings along.
    described += map(_brought, getattr(error, "frames", ()))
    return json.dumps([found for found in described if found])


def tell_on_signal(path: str) -> str:
    """Write the frames of whatever runs into a file on each signal. Returns the process's number.

    A signal is heard between two steps of Python, and so not in the midst of a long one of numpy.
    """

    def tell(number: int, frame: FrameType | None) -> None:
        with contextlib.suppress(Exception):  # it would be raised in the midst of the cell
            described = []
            while frame is not None:
                described.append(_described(frame.f_code, frame.f_lineno))
                frame = frame.f_back
            written = json.dumps([found for found in reversed(described) if found])
            Path(path).write_text(f"{written}\n", encoding="utf-8")

    signal.signal(signal.SIGUSR1, tell)
    return json.dumps(os.getpid())


def _brought(frame: Frame) -> dict[str, str | int]:
    place: dict[str, str | int] = {"where": frame.path, "line": frame.line}
    return place | {"function": frame.function, "source": frame.source}


def _described(code: CodeType, line: int) -> dict[str, str | int] | None:
    name = code.co_filename
    if name.startswith("<ipython-input") or "ipykernel" in Path(name).parent.name:
        where = "the cell"
    elif _is_library(name):
        return None
    else:
        where = _short(name)
    source = linecache.getline(name, line).strip()
    return {"where": where, "line": line, "function": code.co_qualname, "source": source}


def _is_library(name: str) -> bool:
    places = [sysconfig.get_path(key) for key in ("stdlib", "purelib", "platlib")]
    folders = [Path(__file__).parents[1], *(Path(place) for place in places if place)]
    return name.startswith("<") or any(map(Path(name).is_relative_to, folders))


def _short(name: str) -> str:
    """Return a path as seen from the folder above the notebook's."""
    try:
        return str(Path(name).relative_to(Path.cwd().parent))
    except ValueError:
        return name
