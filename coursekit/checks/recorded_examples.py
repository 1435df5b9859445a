"""What the reference answers to examples and toggles, in one file beside the recorded values."""

import json
from dataclasses import dataclass, field
from functools import cache

import numpy as np

from .comparison import is_numeric
from .outcome import npz

FILE = "examples.npz"


@dataclass
class Recorded:
    """What is recorded for one check.

    rungs: {words of a rung: {name: array}}. toggles: what each Toggles of it recorded.
    """

    rungs: dict = field(default_factory=dict)
    toggles: list = field(default_factory=list)


def load(course):
    """Return {check: Recorded} of a course; nothing where no file was recorded."""
    path = course.recorded / FILE
    if not path.exists():
        return {}
    return _read(path, path.stat().st_mtime_ns)


def to_bytes(recorded):
    """Return {check: Recorded} as the bytes of an .npz file: the same answers, the same bytes."""
    numbers, described = [], {}
    for check in sorted(recorded):
        rungs = [
            [words, [[name, *_described(array, numbers)] for name, array in answers.items()]]
            for words, answers in recorded[check].rungs.items()
        ]
        toggles = [_toggles_described(each, numbers) for each in recorded[check].toggles]
        described[check] = [rungs, toggles]
    header = json.dumps(described, separators=(",", ":"))
    return npz({
        "header": np.frombuffer(header.encode(), np.uint8),
        "numbers": np.array(numbers, np.float64),
    })  # fmt: skip


def from_bytes(file):
    """Read what `to_bytes` wrote, from a file or a path."""
    with np.load(file, allow_pickle=False) as arrays:
        described = json.loads(arrays["header"].tobytes())
        numbers = iter(arrays["numbers"].tolist())
    found = {}
    for check, (rungs, toggles) in described.items():
        found[check] = Recorded(
            {words: {name: _array(kind, what, numbers) for name, kind, what in answers}
             for words, answers in rungs},
            [_toggles_read(each, numbers) for each in toggles],
        )  # fmt: skip
    return found


@cache
def _read(path, _modified):
    return from_bytes(path)


def _described(array, numbers):
    """Return an array's kind and shape, and put its numbers to the others; or its words."""
    if not is_numeric(array):
        return "U", array.tolist()
    numbers.extend(array.ravel().astype(np.float64).tolist())
    return array.dtype.kind, list(array.shape)


def _array(kind, what, numbers):
    if kind == "U":
        return np.array(what)
    size = int(np.prod(what))
    values = np.array([next(numbers) for _ in range(size)]).reshape(what)
    return values.astype({"b": bool, "i": np.int64, "u": np.int64}.get(kind, np.float64))


def _toggles_described(recorded, numbers):
    """Return the shapes and words of what Toggles recorded, and put its numbers to the others."""
    described = []
    for plain, properties in recorded:
        shapes = []
        for name, prints in plain.items():
            numbers.extend(number for _, number in prints)
            shapes.append([name, prints[0][0], len(prints)])
        told = []
        for words, prints in properties.items():
            numbers.extend(number for _, number in prints.values())
            # Most properties change nothing about what comes out, but a layer less does.
            names = [] if list(prints) == list(plain) else list(prints)
            told.append([words, [shape for shape, _ in prints.values()], names])
        described.append([shapes, told])
    return described


def _toggles_read(described, numbers):
    recorded = []
    for shapes, told in described:
        plain = {name: [(_shape(shape), next(numbers)) for _ in range(count)]
                 for name, shape, count in shapes}  # fmt: skip
        properties = {
            words: {name: (_shape(shape), next(numbers))
                    for name, shape in zip(names or plain, those, strict=True)}
            for words, those, names in told
        }  # fmt: skip
        recorded.append((plain, properties))
    return recorded


def _shape(described):
    return tuple(described) if isinstance(described, list) else described
