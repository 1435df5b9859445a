"""What came out of a check, in a form that can be stored and sent: arrays and words, no objects.

Whoever reads an outcome need not trust whoever wrote it: `Outcome.from_bytes` unpickles nothing.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..files import zipped

VALUE, SIDE_EFFECT, REMARK, NOTE = "value", "side effect", "remark", "note"


@dataclass(frozen=True)
class Entry:
    """One named result.

    name: `group` or `group: case`. Entries of one group share their points.
    kind: VALUE; SIDE_EFFECT for what a function does apart from its values, such as writing into
        its inputs; REMARK for what is worth saying and costs nothing; NOTE for numbers that are not
        judged.
    array: what came out. None and other things that are no array of numbers appear as text.
    wanted: what should have come out, where that is the same for everybody, as text; None where
        the reference's answer decides.
    """

    name: str
    kind: str
    array: np.ndarray
    wanted: str | None = None

    @property
    def group(self) -> str:
        return self.name.partition(": ")[0]

    @property
    def case(self) -> str:
        return self.name.partition(": ")[2]


@dataclass(frozen=True)
class Frame:
    """A line of the student's own code that was running when something went wrong."""

    path: str
    line: int
    function: str
    source: str


@dataclass(frozen=True)
class Crash:
    """An exception that ended a check, or one case of it if `case` is not empty."""

    type: str
    message: str
    frames: tuple[Frame, ...] = ()
    case: str = ""


@dataclass(frozen=True)
class Unfilled:
    """A block or a function that a check needs and that is not written yet.

    missing: whether there is no function or class of that name at all.
    """

    message: str
    block: str = ""
    path: str = ""
    line: int = 0
    missing: bool = False


@dataclass
class Outcome:
    """All that one run of a check has to tell.

    name: the check. entries: by their names, in the order of the check.
    crashes, unfilled: what kept entries from being computed.
    sizes: the lengths that letters stand for, {"N": 4}, by case; "" is the case without a name.
    stream: a few numbers that the check's generator would have drawn, to tell a wrong answer from
        the answer to other inputs.
    douts, probes, stated: by the names of entries that are gradients, the gradient that the
        backward pass was given; in a second run what its forward pass makes of inputs that are
        moved a little, and the gradients of entries that are made from one: see `Run.probe`.
    together: the entries whose inputs were moved at once, by each of them.
    own: the blocks that the check is there for.
    blank: those of its own blocks that have nothing in them, or nothing but their stub.
    mixed: those of its own blocks that have code in them, and the stub still.
    leans_on: functions of other blocks that are wrong, where that was looked at.
    """

    name: str
    entries: dict[str, Entry] = field(default_factory=dict)
    crashes: list[Crash] = field(default_factory=list)
    unfilled: list[Unfilled] = field(default_factory=list)
    sizes: dict[str, dict[str, int]] = field(default_factory=dict)
    stream: np.ndarray = field(default_factory=lambda: np.zeros(0))
    douts: dict[str, np.ndarray] = field(default_factory=dict)
    probes: dict[str, np.ndarray] = field(default_factory=dict)
    stated: dict[str, np.ndarray] = field(default_factory=dict)
    together: dict[str, list[str]] = field(default_factory=dict)
    own: tuple[str, ...] = ()
    blank: tuple[str, ...] = ()
    mixed: tuple[str, ...] = ()
    leans_on: tuple[str, ...] = ()

    def add(self, name: str, kind: str, value: Any, wanted: str | None = None) -> None:
        """Add an entry that holds a copy of `value`."""
        self.entries[name] = Entry(name, kind, as_array(value), wanted)

    def of_kind(self, kind: str) -> list[Entry]:
        """Return the entries of one kind."""
        return [entry for entry in self.entries.values() if entry.kind == kind]

    def parts(self) -> tuple[dict[str, Any], dict[str, np.ndarray]]:
        """Return all that an outcome is made of: what JSON can hold, and arrays by their names."""
        entries = list(self.entries.values())
        # The gradients of one backward pass were all given the same dout: it is kept once.
        keys = [_key(array) for array in self.douts.values()]
        distinct = dict(zip(keys, self.douts.values(), strict=True))
        places = [list(distinct).index(key) for key in keys]
        header = {
            "name": self.name,
            "entries": [{"name": e.name, "kind": e.kind, "wanted": e.wanted} for e in entries],
            "crashes": [asdict(crash) for crash in self.crashes],
            "unfilled": [asdict(unfilled) for unfilled in self.unfilled],
            "sizes": self.sizes,
            "douts": dict(zip(self.douts, places, strict=True)),
            "probes": list(self.probes),
            "stated": list(self.stated),
            "together": self.together,
            "own": self.own,
            "blank": self.blank,
            "mixed": self.mixed,
            "leans_on": self.leans_on,
        }
        arrays = {"stream": self.stream}
        arrays |= {f"entry{number:03d}": entry.array for number, entry in enumerate(entries)}
        arrays |= {f"douts{number:03d}": array for number, array in enumerate(distinct.values())}
        for kind in ("probes", "stated"):
            named = enumerate(getattr(self, kind).values())
            arrays |= {f"{kind}{number:03d}": array for number, array in named}
        return header, arrays

    @classmethod
    def from_parts(cls, header: dict[str, Any], arrays: Mapping[str, np.ndarray]) -> Outcome:
        """Make an outcome of its parts. Raises ValueError, KeyError or TypeError for others."""
        entries = [
            Entry(array=arrays[f"entry{number:03d}"], **described)
            for number, described in enumerate(header["entries"])
        ]
        return cls(
            name=header["name"],
            entries={entry.name: entry for entry in entries},
            crashes=[_crash(described) for described in header["crashes"]],
            unfilled=[Unfilled(**described) for described in header["unfilled"]],
            sizes=header["sizes"],
            stream=arrays["stream"],
            together={str(k): list(map(str, v)) for k, v in header["together"].items()},
            douts=_numbered(arrays, "douts", header["douts"]),
            probes=_numbered(arrays, "probes", _places(header["probes"])),
            stated=_numbered(arrays, "stated", _places(header["stated"])),
            own=tuple(map(str, header["own"])),
            blank=tuple(map(str, header["blank"])),
            mixed=tuple(map(str, header["mixed"])),
            leans_on=tuple(map(str, header["leans_on"])),
        )

    def to_bytes(self) -> bytes:
        """Return the outcome as the bytes of an .npz file: the same outcome, the same bytes."""
        header, arrays = self.parts()
        return npz({"header": np.array(json.dumps(header))} | arrays)

    @classmethod
    def from_bytes(cls, data: bytes) -> Outcome:
        """Read what `to_bytes` wrote. Raises ValueError for anything else."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                outcome = cls.from_parts(json.loads(str(arrays["header"])), arrays)
            _expect_sense(outcome)
        except Exception as error:  # a file made by hand may go wrong anywhere
            raise ValueError(f"these bytes are not an outcome: {message_of(error)}") from error
        return outcome


def _expect_sense(outcome: Outcome) -> None:
    """Raise ValueError unless everything in an outcome has the type that it should have."""
    texts = [outcome.name, *outcome.sizes]
    lines = []
    for entry in outcome.entries.values():
        texts += [entry.name, entry.kind, entry.wanted or ""]
    for crash in outcome.crashes:
        texts += [crash.type, crash.message, crash.case]
        for frame in crash.frames:
            texts += [frame.path, frame.function, frame.source]
            lines.append(frame.line)
    for unfilled in outcome.unfilled:
        texts += [unfilled.message, unfilled.block, unfilled.path]
        lines += [unfilled.line, unfilled.missing]
    lengths = [length for sizes in outcome.sizes.values() for length in sizes.values()]
    arrays = [entry.array for entry in outcome.entries.values()]
    if not (
        all(isinstance(text, str) for text in texts)
        and all(isinstance(line, int) for line in lines)
        and all(isinstance(length, int | float) for length in lengths)
        and all(array.dtype.kind in "biufcU" for array in arrays)
        and outcome.stream.dtype.kind == "f"
    ):
        raise ValueError("something in it is of another type than it should be")


# What a check computes with is far smaller. A view of one number may claim to be any size.
_LARGEST = 2**26  # bytes
_MOST_ITEMS, _DEEPEST = 2**20, 32


def as_array(value: Any) -> NDArray[Any]:
    """Copy what a student's function returned into an array that holds no objects.

    What is no array of numbers, None for instance, becomes a text that says what it is. Nothing is
    raised, whatever the value is or does when it is looked at.
    """
    try:
        array = _converted(value)
    except KeyboardInterrupt:
        raise
    except BaseException:  # a ragged list, or an object with an __array__ of its own
        array = None
    if array is None:
        return np.array("None" if value is None else f"{name_of_type(value)} object")
    if array.nbytes > _LARGEST:
        return np.array(f"an array of shape {array.shape}")
    if array.dtype.kind not in "biufcU":
        return np.array(plain(f"an array of {array.dtype}", 100))
    return np.array(array, dtype=array.dtype.newbyteorder("="))


def _converted(value: Any) -> Any:
    """Return a value as an array, or None where it is none.

    Only of these types does numpy make one without asking the value for its items, of which there
    may be no end.
    """
    kind = type(value)
    if issubclass(kind, np.ndarray):
        return np.asarray(value)  # of no subclass
    if issubclass(kind, str):
        return np.array(plain(value))
    if _is_nested(value):
        array = np.array(value)
        return None if array.dtype.kind == "O" else array
    if hasattr(kind, "__array__"):
        array = kind.__array__(value)
        return np.asarray(array) if issubclass(type(array), np.ndarray) else None
    return None


def _is_nested(value: Any) -> bool:
    """Whether a value is a number, an array, or a list of such or of further lists."""
    waiting, seen = [(value, 0)], 0
    while waiting:
        value, depth = waiting.pop()
        kind = type(value)
        if issubclass(kind, list | tuple):
            base = list if issubclass(kind, list) else tuple
            seen += base.__len__(value)
            waiting += [(item, depth + 1) for item in base.__iter__(value)]
        elif issubclass(kind, range):
            seen += len(value)
        elif not issubclass(kind, np.ndarray | np.generic | bool | int | float | complex | str):
            return False
        elif issubclass(kind, np.ndarray):
            seen += np.asarray(value).size
        if seen > _MOST_ITEMS or depth > _DEEPEST:  # a list may hold itself
            return False
    return True


def name_of_type(value: Any) -> str:
    """Return the name of a value's type, as a metaclass cannot falsify it."""
    return plain(type.__dict__["__name__"].__get__(type(value)), 100)


def message_of(error: BaseException) -> str:
    """Return what an exception has to say, which may be anything, and may raise one itself."""
    try:
        said = error.msg if isinstance(error, SyntaxError) and error.msg else error
        return plain(str(said))
    except KeyboardInterrupt:
        raise
    except BaseException:
        return "an exception that cannot be printed"


# Characters that control a screen, and those that no encoding has; not the ends of lines.
_NOT_PLAIN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def plain(text: str, most: int = 10_000) -> str:
    """Return text that any file and any screen can hold: control characters are written out."""
    text = str.__str__(text)
    cut = text if len(text) <= most else f"{text[:most]} ..."
    return _NOT_PLAIN.sub(lambda found: found[0].encode("unicode_escape").decode(), cut)


def _key(array: NDArray[Any]) -> tuple[Any, ...]:
    return array.shape, array.dtype.str, array.tobytes()


def _places(names: list[str]) -> dict[str, int]:
    return {name: number for number, name in enumerate(names)}


def _numbered(arrays: Any, kind: str, places: dict[str, int]) -> dict[str, NDArray[Any]]:
    read = {place: arrays[f"{kind}{place:03d}"] for place in set(places.values())}
    if any(array.dtype.kind not in "biufc" for array in read.values()):
        raise ValueError(f"{kind} hold no numbers")
    return {str(name): read[place] for name, place in places.items()}


def _crash(described: dict[str, Any]) -> Crash:
    frames = tuple(Frame(**frame) for frame in described.pop("frames"))
    return Crash(frames=frames, **described)


def npz(arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """Write an .npz whose bytes depend on nothing but the arrays: no time, no system, no zlib."""
    files = {}
    for name, array in arrays.items():
        npy = io.BytesIO()
        np.save(npy, np.ascontiguousarray(array).reshape(np.shape(array)), allow_pickle=False)
        files[f"{name}.npy"] = npy.getvalue()
    return zipped(files)
