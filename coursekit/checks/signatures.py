"""Signatures: how an answer is wrong, in a few numbers that no code can be read from.

A signature holds the entries of a check that are wrong, each as its shape and four weighted sums of
its values; the entries that are missing; and what crashed. Two answers have the same signature if
all of that agrees. So an answer that is wrong in the way of a known mistake can be told from all
others, two mistakes made at once look like neither, and a right answer has nothing to compare.

The known mistakes' signatures for the fixed seed lie in one file beside the recorded values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar

import numpy as np
from numpy.typing import NDArray

from .comparison import TOLERANCE, is_numeric, scale
from .outcome import npz

if TYPE_CHECKING:
    from ..course import Course
    from ..mutants.mistake import Mistake
    from .outcome import Crash, Outcome

# Beside the recorded values.
FILE = "mistakes.npz"

M = TypeVar("M")

# Four sums, each with weights that repeat at no step: no two entries of an array can change places
# unnoticed. Each comes from another prime.
_FREQUENCIES = np.sqrt([2.0, 3.0, 5.0, 7.0])


@dataclass(frozen=True)
class Print:
    """What is kept of a wrong entry. `words`: the text if it is one, and then nothing else.

    scale: the largest absolute value. sums: weighted sums of the values, as shares of that.
    """

    shape: tuple[int, ...] = ()
    scale: float = 0.0
    sums: tuple[float, ...] = ()
    words: str | None = None

    @classmethod
    def of(cls, array: NDArray[Any]) -> Print:
        if not is_numeric(array) or array.dtype.kind == "c":
            words = f"complex {array.shape}" if array.dtype.kind == "c" else str(array)
            return cls(words=words)
        values = array.astype(np.float64).ravel()
        finite = np.isfinite(values)
        # What is not finite counts by its place: the sign of an infinity may hang on rounding.
        values = np.where(finite, values, 0.0) / scale(array) + np.where(finite, 0.0, 2.0)
        angles = np.outer(_FREQUENCIES, np.arange(1, values.size + 1))
        with np.errstate(all="ignore"):
            sums = tuple(float(total) for total in np.sin(angles) @ values)
        return cls(array.shape, scale(array), sums)

    def agrees(self, other: Print) -> bool:
        """Whether two entries may be taken for the same, as `comparison.agrees` would."""
        if (self.shape, self.words) != (other.shape, other.words):
            return False
        if self.words is not None:
            return True
        if not np.isclose(self.scale, other.scale, rtol=TOLERANCE, atol=0):
            return False
        within = TOLERANCE * np.sqrt(1 + np.prod(self.shape))
        return np.allclose(self.sums, other.sums, rtol=0, atol=within)


@dataclass(frozen=True)
class Signature:
    """How an answer is wrong.

    wrong: the print of each wrong entry, by its name. missing: entries that did not come out.
    crashes: the type of each exception, its case, the function and the numbers in its message.
    """

    wrong: dict[str, Print] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    crashes: tuple[str, ...] = ()

    def agrees(self, other: Signature) -> bool:
        """Whether two answers are wrong in the same way."""
        return (
            self.wrong.keys() == other.wrong.keys()
            and (self.missing, self.crashes) == (other.missing, other.crashes)
            and all(mark.agrees(other.wrong[name]) for name, mark in self.wrong.items())
        )

    def __bool__(self) -> bool:
        """Whether anything is wrong at all."""
        return bool(self.wrong or self.missing or self.crashes)

    @property
    def tells(self) -> bool:
        """Whether this says enough to know one mistake by: a bare exception may be anybody's."""
        return bool(self.wrong) or any(re.search(r"\d", crash) for crash in self.crashes)


@dataclass(frozen=True)
class Known:
    """A mistake as a handout knows it: its block, its name for graders, and its sentence."""

    block: str
    name: str
    sentence: str


def signature_of(outcome: Outcome, wrong: Collection[str]) -> Signature:
    """Return the Signature of an outcome in which the entries named in `wrong` are not right."""
    there = {name: outcome.entries[name] for name in wrong if name in outcome.entries}
    return Signature(
        {name: Print.of(entry.array) for name, entry in there.items()},
        frozenset(wrong) - there.keys(),
        tuple(_print_of_crash(crash) for crash in outcome.crashes),
    )


def matching(signature: Signature, mistakes: Iterable[tuple[Signature, M]]) -> list[M]:
    """Return those of `mistakes`, pairs (Signature, mistake), that `signature` agrees with."""
    if not signature.tells:
        return []
    return [mistake for known, mistake in mistakes if known.agrees(signature)]


def load(course: Course, name: str) -> list[tuple[Signature, Known]]:
    """Return the known mistakes of a course's check for the fixed seed, as pairs
    (Signature, Known); none where no file was recorded."""
    path = course.recorded / FILE
    if not path.exists():
        return []
    return _read(path, path.stat().st_mtime_ns).get(name, [])


def to_bytes(known: Mapping[str, Sequence[tuple[Signature, Known | Mistake]]]) -> bytes:
    """Return {check: pairs (Signature, mistake)} as the bytes of an .npz file.

    What is said of a mistake is its block, its name and its sentence.
    """
    numbers, described = [], {}
    for check, pairs in known.items():
        names = sorted({name for s, _ in pairs for name in (*s.wrong, *s.missing)})
        places = {name: place for place, name in enumerate(names)}
        rows = []
        for signature, mistake in pairs:
            wrong = []
            for name, mark in signature.wrong.items():
                wrong.append([places[name], list(mark.shape), mark.words])
                if mark.words is None:
                    numbers.append((mark.scale, *mark.sums))
            missing = sorted(places[name] for name in signature.missing)
            about = [mistake.block, mistake.name, mistake.sentence]
            rows.append([about, wrong, missing, signature.crashes])
        described[check] = [names, rows]
    header = json.dumps(described, separators=(",", ":"))
    columns = 1 + len(_FREQUENCIES)
    return npz({
        "header": np.frombuffer(header.encode(), np.uint8),
        "numbers": np.array(numbers, np.float64).reshape(-1, columns),
    })  # fmt: skip


def from_bytes(file: Path | str | BinaryIO) -> dict[str, list[tuple[Signature, Known]]]:
    """Read what `to_bytes` wrote, from a file or a path."""
    with np.load(file, allow_pickle=False) as arrays:
        described = json.loads(arrays["header"].tobytes())
        numbers = iter(arrays["numbers"].tolist())
    known: dict[str, list[tuple[Signature, Known]]] = {}
    for check, (names, rows) in described.items():
        known[check] = pairs = []
        for about, wrong, missing, crashes in rows:
            marks = {}
            for place, shape, words in wrong:
                largest, *sums = next(numbers) if words is None else (0.0,)
                marks[names[place]] = Print(tuple(shape), largest, tuple(sums), words)
            absent = frozenset(names[place] for place in missing)
            pairs.append((Signature(marks, absent, tuple(crashes)), Known(*about)))
    return known


@cache
def _read(path: Path, _modified: int) -> dict[str, list[tuple[Signature, Known]]]:
    return from_bytes(path)


def _print_of_crash(crash: Crash) -> str:
    """Name an exception by what does not change with the version of numpy that worded it."""
    function = crash.frames[0].function if crash.frames else ""
    numbers = " ".join(re.findall(r"\d+", crash.message))
    return ": ".join((crash.type, crash.case, function, numbers))
