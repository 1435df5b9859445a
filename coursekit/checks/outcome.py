"""What came out of a check, in a form that can be stored and sent: arrays and words, no objects.

Whoever reads an outcome need not trust whoever wrote it: `Outcome.from_bytes` unpickles nothing.
"""

from __future__ import annotations

import io
import json
import zipfile
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
    """A block or a function that a check needs and that is not written yet."""

    message: str
    block: str = ""
    path: str = ""
    line: int = 0


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

    def to_bytes(self) -> bytes:
        """Return the outcome as the bytes of an .npz file: the same outcome, the same bytes."""
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
        arrays = {"header": np.array(json.dumps(header)), "stream": self.stream}
        arrays |= {f"entry{number:03d}": entry.array for number, entry in enumerate(entries)}
        arrays |= {f"douts{number:03d}": array for number, array in enumerate(distinct.values())}
        for kind in ("probes", "stated"):
            named = enumerate(getattr(self, kind).values())
            arrays |= {f"{kind}{number:03d}": array for number, array in named}
        return npz(arrays)

    @classmethod
    def from_bytes(cls, data: bytes) -> Outcome:
        """Read what `to_bytes` wrote. Raises ValueError for anything else."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                header = json.loads(str(arrays["header"]))
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
        except (ValueError, KeyError, TypeError, EOFError, OSError, zipfile.BadZipFile) as error:
            raise ValueError(f"these bytes are not an outcome: {error}") from error


def as_array(value: Any) -> NDArray[Any]:
    """Copy what a student's function returned into an array that holds no objects.

    What is no array of numbers, None for instance, becomes a text that says what it is.
    """
    try:
        array = np.array(value)
    except Exception:  # a ragged list, or an object with an __array__ of its own
        array = None
    if array is None or array.dtype.kind not in "biufcU":
        return np.array("None" if value is None else f"{type(value).__name__} object")
    return array


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
