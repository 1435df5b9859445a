"""Signatures: what a mistake does to each array, in a few numbers that no code can be read from.

`coursekit record` tries thousands of mistakes in each check and keeps what comes of them beside the
reference's answers, a file for each check. Of an array that is wrong it keeps a print: its shape,
and two weighted sums of how far it is off. Mistakes that do the same to every array are one class.
explanation.py looks for those that an answer can be explained by.
"""

from __future__ import annotations

import itertools
import json
from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from .comparison import is_numeric, scale
from .outcome import SIDE_EFFECT, npz
from .phrases import said

if TYPE_CHECKING:
    from ..course import Course
    from .outcome import Crash, Outcome

# The folder beside the recorded values.
FOLDER = "mistakes"

# Each sum has weights that repeat at no step, so that no two numbers of an array can change places
# unnoticed. They come from different primes.
_FREQUENCIES = np.sqrt([2.0, 3.0])

# How far two prints of one array may be apart: 3e-9 of the reference's scale, since right code in
# another order costs 1e-10 at worst; or, of larger sums, 1e-6, which is ten times what float32
# rounds. Of the second sum a file keeps two bytes, so it only says whether the first is a chance.
_WITHIN, _FIRST, _SECOND = 3e-9, 1e-6, 1e-2
# Errors as large as that are of a kind: what overflows.
_HUGE = 1e30


@dataclass(frozen=True)
class Print:
    """What is kept of a wrong array: how it differs in shape or is no array, and two sums.

    words: "" for an array of the expected shape, else its shape, or what stands there instead.
    """

    words: str = ""
    first: float = 0.0
    second: float = 0.0

    @classmethod
    def of(cls, got: NDArray[Any], expected: NDArray[Any]) -> Print:
        """Return the print of `got`, given what the reference answers."""
        if (
            not is_numeric(got)
            or not is_numeric(expected)
            or "c" in (got.dtype.kind, expected.dtype.kind)
        ):
            words = f"complex {got.shape}" if got.dtype.kind == "c" else _text(got)
            return cls(words)
        values, words = got.astype(np.float64).ravel(), ""
        if got.shape == expected.shape:
            values = values - expected.astype(np.float64).ravel()
        else:
            words = f"shape {got.shape}"
        with np.errstate(all="ignore"):
            values = values / scale(expected)
            finite = np.isfinite(values)
            # What is not finite counts by its place: an infinity's sign may hang on rounding.
            values = np.where(finite, values, 2.0)
            if np.abs(values).max(initial=0) > _HUGE:
                return cls(f"{words} huge".strip())
            sums = _weights(values.size) @ values / np.sqrt(max(values.size, 1))
        return cls(words, *_rounded(*sums))

    def agrees(self, other: Print) -> bool:
        """Whether two arrays may be taken for the same."""
        return self.words == other.words and bool(
            close(self.first, self.second, other.first, other.second)
        )


def close(first: Any, second: Any, firsts: Any, seconds: Any) -> Any:
    """Whether sums are those of the same array; for arrays of sums, which ones."""
    larger = np.maximum(np.abs(first), np.abs(firsts))
    other = np.maximum(np.abs(second), np.abs(seconds))
    return (np.abs(first - firsts) <= _WITHIN + _FIRST * larger) & (
        np.abs(second - seconds) <= _WITHIN + _SECOND * other
    )


@dataclass(frozen=True)
class Signature:
    """What is wrong with an answer.

    wrong: the print of each wrong array, by the name of its entry. missing: entries that did not
    come out. crashes: the type of each exception, its case, its function and what it is about.
    effects: what a function did apart from its values, such as writing into an input.
    """

    wrong: dict[str, Print] = field(default_factory=dict)
    missing: frozenset[str] = frozenset()
    crashes: tuple[str, ...] = ()
    effects: frozenset[str] = frozenset()

    def agrees(self, other: Signature) -> bool:
        """Whether two answers are wrong in the same way."""
        return (
            self.wrong.keys() == other.wrong.keys()
            and (self.missing, self.crashes) == (other.missing, other.crashes)
            and self.effects == other.effects
            and all(mark.agrees(other.wrong[name]) for name, mark in self.wrong.items())
        )

    def __bool__(self) -> bool:
        """Whether anything is wrong at all."""
        return bool(self.wrong or self.missing or self.crashes or self.effects)


def signature_of(outcome: Outcome, expected: Outcome, wrong: Iterable[str]) -> Signature:
    """Return the Signature of an outcome in which the entries named in `wrong` are not right."""
    there = [outcome.entries[name] for name in wrong if name in outcome.entries]
    effects = [entry for entry in there if entry.kind == SIDE_EFFECT]
    absent = [name for name in wrong if name not in outcome.entries]
    return Signature(
        wrong={
            entry.name: Print.of(entry.array, expected.entries[entry.name].array)
            for entry in there
            if entry.kind != SIDE_EFFECT and entry.name in expected.entries
        },
        # float32 and the like are not asked of what crashed.
        missing=frozenset(n for n in absent if expected.entries[n].kind != SIDE_EFFECT),
        crashes=tuple(dict.fromkeys(map(_print_of_crash, outcome.crashes))),
        effects=frozenset(f"{entry.name}: {entry.array}" for entry in effects),
    )


@dataclass(frozen=True)
class Saying:
    """What there is to say of one mistake.

    block: where it is. name: for graders. sentence: for the student. source: what the sentence was
    put together from (phrases.py), if nobody wrote it for this very mistake. Then it begins in the
    middle, with what the answer is as if.
    """

    block: str
    name: str
    sentence: str
    source: tuple[str, ...] = ()

    @classmethod
    def put_together(cls, block: str, source: Sequence[str]) -> Saying:
        phrase, question = said(source)
        return cls(block, f"as if {phrase}", f"{phrase}. {question}", tuple(source))

    @property
    def known(self) -> bool:
        """Whether somebody wrote the sentence for this very mistake."""
        return not self.source


@dataclass(frozen=True)
class Class:
    """Mistakes that do the same.

    prints: {entry: number of its print}. count: how many mistakes they are. sayings: what there is
    to say, the likeliest first: each a tuple with a Saying for each mistake that is made at once.
    """

    prints: dict[int, int]
    missing: frozenset[int] = frozenset()
    crashes: tuple[str, ...] = ()
    effects: frozenset[str] = frozenset()
    count: int = 1
    sayings: tuple[tuple[Saying, ...], ...] = ()

    @property
    def is_known(self) -> bool:
        """Whether a mistake that somebody wrote down is the first of them."""
        return bool(self.sayings) and all(saying.known for saying in self.sayings[0])


@dataclass
class Signatures:
    """All that is known of one check's mistakes.

    entries: the names of what may be wrong. entry, words, first, second: the prints as columns,
    where words are numbers in `texts`. classes: the Classes, the known mistakes first.
    """

    entries: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    entry: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint16))
    words: np.ndarray = field(default_factory=lambda: np.zeros(0, np.uint16))
    first: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    second: np.ndarray = field(default_factory=lambda: np.zeros(0, np.float32))
    classes: list[Class] = field(default_factory=list)

    @classmethod
    def of(cls, tried: Iterable[tuple[Signature, tuple[Saying, ...]]]) -> Signatures:
        """Gather what came of mistakes.

        `tried` are pairs (Signature, Sayings of the mistakes made at once), in the order in which
        they are to be told if they do the same.
        """
        tried = [(signature, sayings) for signature, sayings in tried if signature]
        names = dict.fromkeys(n for s, _ in tried for n in (*s.wrong, *sorted(s.missing)))
        entries = {name: number for number, name in enumerate(names)}
        numbered = _numbered([(entries[n], p) for s, _ in tried for n, p in s.wrong.items()])
        marks = iter(numbered.numbers)
        grouped: dict[Any, list[tuple[Saying, ...]]] = {}
        for signature, sayings in tried:
            prints = {entries[name]: next(marks) for name in signature.wrong}
            missing = frozenset(entries[name] for name in signature.missing)
            key = (tuple(sorted(prints.items())), missing, signature.crashes, signature.effects)
            grouped.setdefault(key, []).append(sayings)
        classes = [_class(key, sayings) for key, sayings in grouped.items()]
        # An exception alone is never told of what was put together.
        classes = [one for one in classes if one.prints or one.is_known]
        texts, entry, words, first, second = numbered.columns
        return cls(list(entries), texts, entry, words, first, second, classes)

    def __bool__(self) -> bool:
        return bool(self.classes)

    def matching(self, name: str, mark: Print) -> NDArray[np.intp]:
        """Return the numbers of the prints that an entry agrees with."""
        if name not in self.entries or mark.words not in self.texts:
            return np.zeros(0, np.intp)
        mine = self.entry == self.entries.index(name)
        mine &= self.words == self.texts.index(mark.words)
        mine &= close(mark.first, mark.second, self.first, self.second)
        return np.flatnonzero(mine)

    def to_bytes(self) -> bytes:
        """Return the bytes of a file, the same ones each time."""
        strings = _Table()
        sayings = _Table()
        spoken = _Table()
        rare = _Table()
        rows = []
        for c in self.classes:
            told = tuple(tuple(sayings.add(saying) for saying in told) for told in c.sayings)
            effects = tuple(strings.add(effect) for effect in sorted(c.effects))
            crashes = tuple(strings.add(crash) for crash in c.crashes)
            left = (tuple(_runs(sorted(c.missing))), crashes, effects)
            rows.append([min(c.count, 65535), spoken.add(told), rare.add(left)])
        header = {
            "entries": self.entries,
            "texts": self.texts,
            "rare": rare.items,
        }
        parts = [[strings.add(part) for part in _taken_apart(s)] for s in sayings.items]
        spoken_in = [
            [len(each), *(part for told in each for part in (len(told), *told))]
            for each in spoken.items
        ]
        header["strings"] = strings.items
        numbers = [
            [len(self.entry), *self.entry.tolist(), *self.words.tolist()],
            [len(parts), *(n for part in parts for n in (len(part), *part))],
            [len(spoken_in), *(n for each in spoken_in for n in each)],
            [len(rows), *(n for row in rows for n in row)],
            *(_runs(sorted(c.prints.values())) for c in self.classes),
        ]
        return npz({
            "header": np.frombuffer(json.dumps(header, separators=(",", ":")).encode(), np.uint8),
            "numbers": np.frombuffer(b"".join(map(_varints, numbers)), np.uint8),
            "first": self.first,
            "second": _upper_half(self.second),
        })  # fmt: skip

    @classmethod
    def from_bytes(cls, file: Path | str | BinaryIO) -> Signatures:
        """Read what `to_bytes` wrote, from a file or a path."""
        with np.load(file, allow_pickle=False) as arrays:
            header = json.loads(arrays["header"].tobytes())
            numbers = _read_varints(arrays["numbers"].tobytes())
            sums = arrays["first"], _whole(arrays["second"])
        strings = header["strings"]
        count = next(numbers)
        entry, words = (np.array(_take(numbers, count), np.uint16) for _ in "ab")
        parts = [_take(numbers, next(numbers)) for _ in range(next(numbers))]
        sayings = [_put_together([strings[n] for n in part]) for part in parts]
        spoken = [
            tuple(
                tuple(sayings[n] for n in _take(numbers, next(numbers)))
                for _ in range(next(numbers))
            )
            for _ in range(next(numbers))
        ]
        rows = [_take(numbers, 3) for _ in range(next(numbers))]
        rare = [
            (
                frozenset(_numbers_in(iter(missing))),
                tuple(strings[n] for n in crashes),
                frozenset(strings[n] for n in effects),
            )
            for missing, crashes, effects in header["rare"]
        ]
        entries = entry.tolist()
        classes = [
            Class({entries[n]: n for n in _numbers_in(numbers)}, *rare[left], count, spoken[told])
            for count, told, left in rows
        ]
        return cls(header["entries"], header["texts"], entry, words, *sums, classes)


def load(course: Course, name: str) -> Signatures:
    """Return what is recorded of a check's mistakes for the fixed seed; none if nothing is."""
    path = course.recorded / FOLDER / f"{name}.npz"
    if not path.exists():
        return Signatures()
    return _read(path, path.stat().st_mtime_ns)


@cache
def _read(path: Path, _modified: int) -> Signatures:
    return Signatures.from_bytes(path)


# Prints


@cache
def _weights(count: int) -> NDArray[np.float64]:
    return np.sin(np.outer(_FREQUENCIES, np.arange(1, count + 1)))


def _rounded(first: float, second: float) -> tuple[float, float]:
    """Round two sums as a file keeps them."""
    return float(np.float32(first)), float(_whole(_upper_half(np.array([second], np.float32)))[0])


def _upper_half(sums: NDArray[np.float32]) -> NDArray[Any]:
    """Return the upper 16 bits of float32 numbers, rounded."""
    bits = np.ascontiguousarray(sums, np.float32).view(np.uint32).astype(np.uint64)
    return np.minimum((bits + 0x7FFF) >> 16, 0xFFFF).astype(np.uint16)


def _whole(halves: NDArray[Any]) -> NDArray[np.float32]:
    return (halves.astype(np.uint32) << 16).view(np.float32)


def _text(array: NDArray[Any]) -> str:
    return str(array.item()) if array.ndim == 0 else f"[{', '.join(map(str, array.tolist()))}]"


def _print_of_crash(crash: Crash) -> str:
    """Name an exception by its type, its case, its function, and what its message is about.

    The wording changes with the version of numpy, and with the order of operands.
    """
    function = crash.frames[-1].function if crash.frames else ""
    message = crash.message.lower()
    about = next((topic for topic, said in _TOPICS.items() if any(s in message for s in said)), "")
    return ": ".join((crash.type, crash.case, function, about))


_TOPICS = {
    "whole number": ("as an integer", "integer is required", "must be integers"),
    "reshape": ("reshape",),
    "product": ("matmul", "not aligned", "core dimension", "einstein"),
    "broadcast": ("broadcast",),
    "bounds": ("out of bounds",),
    "axes": ("too many indices", "axis", "axes", "dimension"),
    "unpack": ("unpack",),
}


# Classes


@dataclass
class _Numbered:
    """Prints without repetition: the columns of Signatures, and the number of each print given."""

    columns: tuple[Any, ...]
    numbers: list[int]


def _numbered(marks: Sequence[tuple[int, Print]]) -> _Numbered:
    """Number prints, pairs (entry, Print), so that those that agree have one number."""
    texts = {"": 0}
    for _, mark in marks:
        texts.setdefault(mark.words, len(texts))
    alike: dict[tuple[int, str], list[int]] = {}
    for place, (entry, mark) in enumerate(marks):
        alike.setdefault((entry, mark.words), []).append(place)
    first_like = list(range(len(marks)))
    for places in alike.values():
        _join(marks, places, first_like)
    kept = sorted(set(first_like))
    number = {place: count for count, place in enumerate(kept)}
    columns = (
        list(texts),
        np.array([marks[place][0] for place in kept], np.uint16),
        np.array([texts[marks[place][1].words] for place in kept], np.uint16),
        np.array([marks[place][1].first for place in kept], np.float32),
        np.array([marks[place][1].second for place in kept], np.float32),
    )
    return _Numbered(columns, [number[place] for place in first_like])


def _join(marks: Sequence[tuple[int, Print]], places: Iterable[int], first_like: list[int]) -> None:
    """Have each of some prints refer to the first one that agrees with it."""
    # (first sum, place) of those that refer to themselves, by their sums.
    kept: list[tuple[float, int]] = []
    for place in places:
        mark = marks[place][1]
        within = 2 * (_WITHIN + _FIRST * abs(mark.first))
        near = kept[bisect_left(kept, (mark.first - within, -1)) :]
        last = mark.first + within
        close_by = itertools.takewhile(lambda pair, last=last: pair[0] <= last, near)  # type: ignore[misc]
        alike = [other for _, other in close_by if mark.agrees(marks[other][1])]
        if alike:
            first_like[place] = min(alike)
        else:
            insort(kept, (mark.first, place))


def _class(key: tuple[Any, ...], sayings: Iterable[tuple[Saying, ...]]) -> Class:
    prints, missing, crashes, effects = key
    different = list(dict.fromkeys(told for told in sayings if told))
    # A mistake that somebody wrote down says more than two of them, or one that was put together.
    known = [told for told in different if all(saying.known for saying in told)]
    single = [told for told in known if len(told) == 1]
    told = single or known[:1] or different[:1]
    # Where one of them hides the other, two at once are no further explanation.
    hiding = {saying for each in single for saying in each}
    count = sum(len(each) == 1 or not hiding & set(each) for each in different)
    return Class(dict(prints), missing, crashes, effects, count, tuple(told))


# Files


class _Table:
    """Things without repetition, each known by its number."""

    def __init__(self) -> None:
        self.items: list[Any] = []
        self._places: dict[Any, int] = {}

    def add(self, item: Any) -> int:
        if item not in self._places:
            self._places[item] = len(self.items)
            self.items.append(item)
        return self._places[item]


def _taken_apart(saying: Saying) -> tuple[str, ...]:
    """Return the strings that a file has of a Saying, four or fewer of what was put together."""
    return (saying.block, *(saying.source or (saying.name, saying.sentence, "", "")))


def _put_together(strings: Sequence[str]) -> Saying:
    block, *others = strings
    if len(others) == 4:
        return Saying(block, others[0], others[1])
    return Saying.put_together(block, others)


def _runs(numbers: Iterable[int]) -> list[int]:
    """Return how many runs there are in rising numbers, and the step to each and its length."""
    runs: list[list[int]] = []
    last = 0
    for number in numbers:
        if runs and number == last + 1:
            runs[-1][1] += 1
        else:
            runs.append([number - last, 1])
        last = number
    return [len(runs), *(value for run in runs for value in run)]


def _numbers_in(values: Iterator[int]) -> list[int]:
    """Read the next numbers that `_runs` wrote."""
    numbers: list[int] = []
    last = 0
    for _ in range(next(values)):
        start, length = last + next(values), next(values)
        numbers += range(start, start + length)
        last = start + length - 1
    return numbers


def _take(values: Iterator[int], count: int) -> list[int]:
    return [next(values) for _ in range(count)]


def _varints(values: Iterable[int]) -> bytes:
    """Write whole numbers, seven bits to a byte, the last byte of each below 128."""
    data = bytearray()
    for value in values:
        while value > 127:
            data.append(value % 128 + 128)
            value //= 128
        data.append(value)
    return bytes(data)


def _read_varints(data: bytes) -> Iterator[int]:
    value, place = 0, 1
    for byte in data:
        value += byte % 128 * place
        place *= 128
        if byte < 128:
            yield value
            value, place = 0, 1
