"""An outcome on its way out of a sandbox: a line of JSON, and after it the bytes of its arrays.

`received` believes nothing. What the line says of an array is looked at before there is an array,
and compared with what the reference has to tell of the same check.
"""

from __future__ import annotations

import json
import math
import re
from typing import Any

import numpy as np

from .outcome import Outcome

# Numbers and texts, as numpy calls them: no objects, and nothing without a length.
_TYPE = re.compile(r"[<>|][biufc][1-9]\d?|[<>]U[1-9]\d{0,6}")
_MOST_ARRAYS = 1000
_LONGEST_LINE = 4 << 20
# How much larger an array may be than the reference's largest one, and how large in any case.
_TIMES, _ANYWAY = 100, 10_000


def sent(outcome: Outcome) -> bytes:
    """Return an outcome as the bytes that `received` reads."""
    header, arrays = outcome.parts()
    types = {name: (array.dtype.str, array.shape) for name, array in arrays.items()}
    line = json.dumps({"header": header, "arrays": types}).encode()
    return b"".join([line, b"\n", *(array.tobytes() for array in arrays.values())])


def received(data: bytes, expected: Outcome) -> Outcome:
    """Return the outcome of a check in bytes that may have been written to do harm.

    `expected` is the reference's outcome of the check. Raises ValueError for what is not one.
    """
    line, _, body = data[: _LONGEST_LINE + 1].partition(b"\n")
    try:
        told = json.loads(line)
        arrays = _arrays(told["arrays"], _most(expected), memoryview(data)[len(line) + 1 :])
        outcome = Outcome.from_parts(told["header"], arrays)
    except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
        raise ValueError(f"these bytes are not an outcome: {error}") from None
    if outcome.name != expected.name:
        raise ValueError(f"the outcome is of {outcome.name!r}, expected {expected.name!r}")
    # Nothing outside ties such a gradient to the entry that is said to be made from it.
    outcome.stated.clear()
    return outcome


def _most(expected: Outcome) -> int:
    """Return how many elements an array may have, in all and along an axis."""
    _, arrays = expected.parts()
    return _TIMES * max(max((array.size, *array.shape)) for array in arrays.values()) + _ANYWAY


def _arrays(types: dict[str, Any], most: int, data: memoryview) -> dict[str, np.ndarray]:
    """Return the arrays that are described, out of their bytes. Raises ValueError and TypeError."""
    if len(types) > _MOST_ARRAYS:
        raise ValueError("it has more arrays than any check")
    arrays = {}
    for name, (kind, shape) in types.items():
        if not _TYPE.fullmatch(kind) or max((math.prod(shape), *shape)) > most:
            raise ValueError(f"the array {name} cannot be of type {kind!r} and shape {shape!r}")
        arrays[name] = array = np.ndarray(shape, kind, data)
        if array.dtype.kind == "b" and array.view("u1").max(initial=0) > 1:
            raise ValueError(f"the array {name} holds what is neither true nor false")
        data = data[array.nbytes :]
    if data:
        raise ValueError("there are more bytes than the arrays have")
    return arrays
