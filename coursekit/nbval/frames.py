"""Asked for in a kernel: where the last exception came from. Libraries' own lines are left out."""

from __future__ import annotations

import json
import linecache
import sys
import sysconfig
import traceback
from pathlib import Path


def of_last_error() -> str:
    """Return the frames of the last exception as JSON: where, line, function and source of each."""
    error = sys.last_value if hasattr(sys, "last_value") else None
    frames = traceback.extract_tb(error.__traceback__) if error is not None else []
    return json.dumps([found for frame in frames if (found := _described(frame))])


def _described(frame: traceback.FrameSummary) -> dict[str, str | int | None] | None:
    name = frame.filename
    if name.startswith("<ipython-input") or "ipykernel" in Path(name).parts[-2]:
        where = "the cell"
    elif _is_library(name):
        return None
    else:
        where = _short(name)
    source = frame.line or linecache.getline(name, frame.lineno or 0).strip()
    return {"where": where, "line": frame.lineno, "function": frame.name, "source": source}


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
