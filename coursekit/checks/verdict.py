"""The verdict on a check: what it is, what it is worth, and how it comes about.

A verdict compares an outcome with the outcome of the reference. That is all that grading needs
outside the student's process: two outcomes, and no code under test.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import rendering
from .comparison import difference, is_numeric
from .diagnosis import seen_in
from .explanation import Explanation, explain, names_in
from .old_code import advice
from .outcome import NOTE, REMARK, SIDE_EFFECT, VALUE, Frame, plain
from .run import STEP, directions
from .signatures import Signatures, signature_of

if TYPE_CHECKING:
    from .example_view import Example
    from .outcome import Crash, Entry, Outcome, Unfilled
    from .signatures import Signature


class Kind(StrEnum):
    """What a check comes to. The values are what files hold; people read `words`."""

    PASSED = "passed"
    WRONG = "wrong"
    CRASHED = "crashed"
    NOT_ATTEMPTED = "not_attempted"
    # It is the turn of a block that this one builds on.
    WAITING = "waiting"
    # The inputs were other ones than those the expected values belong to: nothing can be said.
    NOT_COMPARABLE = "not_comparable"
    # What a check can come to in a process that is watched from outside.
    TIMED_OUT = "timed_out"
    KILLED = "killed"
    UNREADABLE = "unreadable"
    NOT_RUN = "not_run"

    @property
    def is_red(self) -> bool:
        """Whether an answer was judged and is not right."""
        return self in (Kind.WRONG, Kind.CRASHED)

    @property
    def gets_second_run(self) -> bool:
        """Whether a second run, with other blocks answered by the reference, may do better."""
        return self.is_red or self == Kind.WAITING

    @property
    def words(self) -> str:
        """The kind as it stands in a sentence: "not attempted"."""
        return self.value.replace("_", " ")


# What all other groups are worth together, and each of them, at most; the main ones get the rest.
OTHER_SHARE, OTHER_SHARE_EACH = 1 / 3, 1 / 9
# What is left of the points for right values when there is a side effect that ought not to be.
SIDE_EFFECT_SHARE = 3 / 4


def shares(groups: Iterable[str], main: Mapping[str, float]) -> dict[str, float]:
    """Return what share of a check's points each group of values has.

    The others get a ninth each, and no more than a third together. The main ones share what is left
    by their weights, two thirds or more.
    """
    groups = list(groups)
    chosen = {group: main.get(group, 1) for group in groups if group in main or not main}
    rest = [group for group in groups if group not in chosen]
    of_each = min(OTHER_SHARE_EACH, OTHER_SHARE / max(1, len(rest)))
    of_main, total = 1 - of_each * len(rest), sum(chosen.values())
    worth = {group: of_main * weight / total for group, weight in chosen.items()}
    return worth | dict.fromkeys(rest, of_each)


@dataclass(frozen=True)
class Part:
    """One entry of a verdict: its name, its kind, whether it is right, and if not, what is wrong.

    `way` is the kind of what is wrong: cases that are wrong in the same way are told together.
    """

    name: str
    kind: str
    ok: bool
    what: str = ""
    way: str = ""

    @property
    def group(self) -> str:
        return self.name.partition(": ")[0]

    @property
    def case(self) -> str:
        return self.name.partition(": ")[2]


@dataclass(frozen=True)
class Verdict:
    """What a check has to say about an answer.

    check: its name. kind: what it comes to.
    parts: the entries that were compared.
    possible: the points of the check. main: the weights of its main groups; all where not said.
    headline: what the first line names, after the kind and the check; the same from run to run.
    sentences: what there is to say to the student, in full sentences.
    frames: for a crash, the student's lines that led to the exception, outermost first.
    notes: sentences on what the verdict is about, such as code that is not what is on disk.
    mistake: the name of the known mistake that the answer looks like, for graders.
    hints: what there is to say of hints, the hints themselves first.
    leans_on: blocks below that are wrong, by their names. waits_for: those that are not filled in.
    cause: for a crash that has to do with the age of the code or with what is installed, and not
        with the exercise, what to change: a sentence, the same in all checks that it ends.
    example: the smallest example that goes wrong, where it is shown.
    """

    check: str
    kind: Kind
    parts: tuple[Part, ...] = ()
    possible: float = 1
    main: dict[str, float] = field(default_factory=dict)
    headline: str = ""
    sentences: tuple[str, ...] = ()
    frames: tuple[Frame, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()
    mistake: str = ""
    hints: tuple[str, ...] = ()
    leans_on: tuple[str, ...] = ()
    waits_for: tuple[str, ...] = ()
    cause: str = ""
    example: Example | None = None

    @property
    def passed(self) -> bool:
        return self.kind == Kind.PASSED

    @property
    def earned(self) -> float:
        """The points that the answer earns, in quarters.

        A group of values gives its share of the points if all of its entries are right: see
        `shares`. Where no main group is right, no more than a third is earned. Side effects cost a
        quarter of what is earned. What is not all right is rounded up to a quarter, and earns at
        most all but a quarter.
        """
        if self.passed or not self.possible:
            return self.possible
        groups = self.groups(VALUE)
        if not groups or self.kind in (Kind.NOT_ATTEMPTED, Kind.NOT_COMPARABLE):
            return 0
        right = {group for group, parts in groups.items() if all(part.ok for part in parts)}
        worth = shares(groups, self.main)
        share = sum(worth[group] for group in right)
        if any(not part.ok for part in self.parts if part.kind == SIDE_EFFECT):
            share *= SIDE_EFFECT_SHARE
        quarters = 4 * self.possible * share
        core_is_wrong = not right & (self.main.keys() or groups.keys())
        whole = math.floor(quarters + 1e-9) if core_is_wrong else math.ceil(quarters - 1e-9)
        return min(whole / 4, self.possible - 1 / 4)

    @property
    def remarks(self) -> list[Part]:
        """The parts that cost nothing and are worth a word."""
        return [part for part in self.parts if part.kind == REMARK and not part.ok]

    def groups(self, kind: str = VALUE) -> dict[str, list[Part]]:
        """Return the parts of one kind, by group."""
        groups: dict[str, list[Part]] = {}
        for part in self.parts:
            if part.kind == kind:
                groups.setdefault(part.group, []).append(part)
        return groups

    @property
    def mistakes(self) -> tuple[str, ...]:
        """The single names in `mistake`: of those that look alike, and of those made at once."""
        return names_in(self.mistake)

    @property
    def lead(self) -> tuple[str, ...]:
        """What is said first of all: which blocks below are wrong."""
        if not self.leans_on:
            return ()
        names, are = _listed(self.leans_on), "is" if len(self.leans_on) == 1 else "are"
        if self.passed:
            return (f"This is right in itself: what it calls, {names}, {are} wrong.",)
        return (f"First: {names} {are} wrong, and this leans on it.",)

    @property
    def first_line(self) -> str:
        """Kind, check and what is wrong, without magnitudes: the same from run to run."""
        line = ": ".join(filter(None, (self.kind.words, self.check, self.headline)))
        return plain(line).replace("\n", " ")

    def for_machines(self) -> dict[str, Any]:
        """Return what a program that runs a notebook wants to know, as JSON has it."""
        return {
            "kind": self.kind.value,
            "headline": self.headline,
            "earned": self.earned,
            "points": self.possible,
            "sentence": next(iter((*self.lead, *self.sentences)), ""),
            "leans_on": list(self.leans_on),
            "waits_for": list(self.waits_for),
        }

    def __str__(self) -> str:
        return rendering.as_text(self)

    def _repr_html_(self) -> str:
        return rendering.as_html(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def judge(
    outcome: Outcome,
    expected: Outcome,
    points: float = 1,
    mistakes: Signatures | None = None,
    main: dict[str, float] | None = None,
) -> Verdict:
    """Return the verdict on `outcome`, where `expected` is the reference's on the same inputs.

    `main` are the weights of the main groups, by default all of them. `mistakes` are the Signatures
    of known ones on the same inputs. An outcome that they explain gets their name and sentences.
    """
    if not _same_stream(outcome, expected):
        return Verdict(
            check=outcome.name,
            kind=Kind.NOT_COMPARABLE,
            possible=points,
            headline="other random numbers",
            sentences=(
                f"The generator of numpy {np.__version__} draws other numbers here than where the "
                "expected values come from, so the answer belongs to other inputs. This says "
                "nothing about your code: tell your instructors, and name the version.",
            ),
        )
    parts = tuple(_parts(outcome, expected))
    kind, headline, sentences, frames = _summary(outcome, expected, parts, main or {})
    told = Explanation()
    if kind.is_red:
        told = explain(outcome, expected, _wrong(parts), mistakes or Signatures())
    cause = _cause(outcome) if kind == Kind.CRASHED and not told else ""
    return Verdict(
        check=outcome.name,
        kind=kind,
        parts=parts,
        possible=points,
        main=dict(main or {}),
        headline=headline,
        sentences=(cause,) if cause else told.sentences or tuple(sentences),
        frames=frames,
        mistake=told.name,
        leans_on=outcome.leans_on,
        waits_for=(outcome.unfilled[0].block,) if kind == Kind.WAITING else (),
        cause=cause,
    )


def better(first: Verdict, second: Verdict, passed: Collection[str] = ()) -> Verdict:
    """Return the better of two verdicts on one check, the second of which is of a second run.

    In a second run other blocks may be answered by the reference, and a backward pass may be judged
    by its own forward pass. What that brings to light stands in the verdict.

    `passed` names functions whose own checks are passed. They are never to blame: what is drawn at
    random, for one, comes out otherwise in another function that is as right.
    """
    named = second.leans_on or first.leans_on
    leans_on = tuple(function for function in named if function not in passed)
    if second.earned > first.earned or (second.passed and not first.passed):
        return replace(second, leans_on=leans_on)
    return replace(first, leans_on=leans_on)


def signature(outcome: Outcome, expected: Outcome) -> Signature:
    """Return the Signature of an outcome, given the reference's on the same inputs."""
    return signature_of(outcome, expected, _wrong(_parts(outcome, expected)))


def _wrong(parts: Iterable[Part]) -> list[str]:
    """Name the entries that are not right, without those that cost nothing."""
    return [part.name for part in parts if not part.ok and part.kind != REMARK]


def _same_stream(outcome: Outcome, expected: Outcome) -> bool:
    return outcome.stream.shape == expected.stream.shape and np.allclose(
        outcome.stream, expected.stream, rtol=1e-12, atol=0
    )


def _parts(outcome: Outcome, expected: Outcome) -> Iterator[Part]:
    """Yield a part for each entry that counts."""
    for wanted in expected.entries.values():
        if wanted.kind == NOTE:
            continue
        entry = outcome.entries.get(wanted.name)
        if wanted.wanted is not None:
            continue  # which inputs a function has is its own affair
        if entry is None:
            # A remark on what was never computed would only add to the noise.
            if wanted.kind == VALUE:
                yield Part(wanted.name, VALUE, ok=False, what=_why_missing(outcome))
            continue
        found = difference(entry.array, wanted.array)
        if found and _fits_its_forward(entry, wanted, outcome, expected):
            found = None
        what, way = (found.words, found.way) if found else ("", "")
        yield Part(wanted.name, wanted.kind, found is None, what, way)
    for entry in outcome.entries.values():
        if entry.wanted is not None and entry.kind in (SIDE_EFFECT, REMARK):
            got = str(entry.array)
            what = "" if got == entry.wanted else f"{got}, expected {entry.wanted}"
            yield Part(entry.name, entry.kind, not what, what)


# How far a numerical derivative may be from the one that a gradient says, as a share of it: central
# differences with steps of 1e-5 are right to 1e-9, and less where a forward pass is steep.
DERIVATIVE_TOLERANCE = 1e-5


def _fits_its_forward(entry: Entry, wanted: Entry, outcome: Outcome, expected: Outcome) -> bool:
    """Whether a gradient is the derivative of what the student's own forward pass gives.

    Nothing is paid for a derivative that is zero, nor for one that only scales dout, as a whole or
    by rows or columns, where the reference's does more: a forward pass that does nothing but scale
    has such a one.
    """
    name = wanted.name
    probes, dout = outcome.probes.get(name), expected.douts.get(name)
    if probes is None or dout is None:
        return False
    if name not in outcome.stated and entry.array.shape != wanted.array.shape:
        return False
    stated: Any = 0
    for other in outcome.together.get(name, [name]):
        got = outcome.stated.get(other)
        if got is None and other in outcome.entries:
            got = outcome.entries[other].array
        if got is None or not is_numeric(got):
            return False
        with np.errstate(all="ignore"):  # an answer may hold what is not finite
            stated = stated + np.array([(got * v).sum() for v in directions(other, got.shape)])
    if probes.shape != (2 * len(stated), *dout.shape) or not np.isfinite(probes).all():
        return False
    with np.errstate(all="ignore"):  # an answer may hold what is not finite
        moved = probes[0::2] - probes[1::2]
        numerical = np.array([(dout * difference).sum() for difference in moved]) / (2 * STEP)
    scale = max(np.abs(numerical).max(), np.abs(stated).max())
    own = outcome.stated.get(name, entry.array)
    if scale < 1e-6 or (_only_scales(own, dout) and not _only_scales(wanted.array, dout)):
        return False
    same_shape = own.shape == dout.shape == wanted.array.shape
    if same_shape and np.allclose(own, dout) and not np.allclose(wanted.array, dout):
        return False
    return bool(np.abs(numerical - stated).max() <= DERIVATIVE_TOLERANCE * scale)


def _only_scales(gradient: NDArray[Any], dout: NDArray[Any]) -> bool:
    """Whether a gradient is dout times factors that are the same all along one of its axes."""
    if gradient.shape != dout.shape or not is_numeric(gradient):
        return False
    with np.errstate(all="ignore"):
        factors = gradient / dout
    long = [axis for axis, length in enumerate(dout.shape) if length > 1]
    return any(bool(np.allclose(factors, factors.take([0], axis))) for axis in long)


def _why_missing(outcome: Outcome) -> str:
    return "not reached" if outcome.crashes or outcome.unfilled else "missing"


def _summary(
    outcome: Outcome, expected: Outcome, parts: Sequence[Part], main: Mapping[str, float]
) -> tuple[Kind, str, list[str], tuple[Frame, ...]]:
    """Return kind, headline, sentences and frames, by the first of these that applies."""
    wrong = [part for part in parts if not part.ok and part.kind != REMARK]
    if not wrong and not outcome.unfilled and not outcome.crashes:
        return Kind.PASSED, "", [], ()  # whatever stands in the block
    if outcome.unfilled and outcome.mixed:
        return Kind.NOT_ATTEMPTED, "", [_sentence_on_mixed(outcome.mixed[0])], ()
    if outcome.blank and not outcome.unfilled:
        return Kind.NOT_ATTEMPTED, "", [f"The block {outcome.blank[0]} is not filled in yet."], ()
    if outcome.unfilled:
        unfilled = outcome.unfilled[0]
        if outcome.blank or not _is_of_another(unfilled, outcome):
            return Kind.NOT_ATTEMPTED, "", [_sentence_on(unfilled)], ()
        return Kind.WAITING, f"for {unfilled.block}", [_sentence_on(unfilled)], ()
    if _nothing_computed(outcome, parts, main):
        said = f"{outcome.name} returns None: nothing is computed yet."
        return Kind.NOT_ATTEMPTED, "", [said], ()
    if outcome.crashes:
        crash = outcome.crashes[0]
        where = f" ({_first_line(crash.case)})" if crash.case and not _is_of_file(crash) else ""
        said = ": ".join(
            filter(None, (f"{_first_line(crash.type)}{where}", _first_line(crash.message)))
        )
        return Kind.CRASHED, said, [], crash.frames
    groups = list(dict.fromkeys(part.group for part in parts))  # in the order of the check
    wrong.sort(key=lambda part: groups.index(part.group))
    headline = ", ".join(dict.fromkeys(part.group for part in wrong))
    # Where an array is wrong in ordinary cases, what is seen in a rare one says little.
    of_main = [part for part in wrong if part.group in main]
    return Kind.WRONG, headline, seen_in(outcome, expected, _wrong(of_main or wrong)), ()


def _is_of_file(crash: Crash) -> bool:
    """Whether an exception has to do with a file as a whole, whatever a check does with it."""
    return crash.type in ("SyntaxError", "IndentationError", "TabError", "ModuleNotFoundError")


def _cause(outcome: Outcome) -> str:
    """Return what to change where the first crash has nothing to do with the exercise, or ""."""
    crash = outcome.crashes[0]
    last = crash.frames[-1] if crash.frames else Frame("", 0, "", "")
    place = f"{last.path}, line {last.line}" if last.path else ""
    return plain(advice(crash.type, crash.message, last.source, place))


def _nothing_computed(outcome: Outcome, parts: Sequence[Part], main: Mapping[str, float]) -> bool:
    """Whether functions return None, as those of earlier years do that are not filled in.

    Of the main groups nothing is right then, and the first of them is None in every case.
    """
    core = [part for part in parts if part.kind == VALUE and (part.group in main or not main)]
    if outcome.crashes and not outcome.of_kind(VALUE):
        return all(map(_converts_none, outcome.crashes))
    first = [p for p in core if p.group == core[0].group and p.name in outcome.entries]
    of_none = {part.group for part in core if _is_none(outcome, part)}
    return (
        bool(first)
        # A setting that is handed on beside None is right without any work.
        and not any(part.ok and part.group not in of_none for part in core)
        and all(_is_none(outcome, part) for part in first)
    )


def _is_none(outcome: Outcome, part: Part) -> bool:
    """Whether None came out in the place of an array."""
    entry = outcome.entries.get(part.name)
    return entry is not None and entry.array.shape == () and entry.array.item() == "None"


def _converts_none(crash: Crash) -> bool:
    """Whether a function ends in the conversion of a result that is None."""
    return (
        "'NoneType' object has no attribute 'astype'" in crash.message
        and bool(crash.frames)
        and re.match(r"(?:return|\w+ =) \w+\.astype\(", crash.frames[-1].source) is not None
    )


def _is_of_another(unfilled: Unfilled, outcome: Outcome) -> bool:
    """Whether what is not filled in is a block that the check is not there for."""
    own = {*outcome.own, *(block.partition(":")[0] for block in outcome.own)}
    own |= {block.partition(".")[0] for block in outcome.own if "." in block}
    return bool(unfilled.block) and unfilled.block not in own


def _sentence_on_mixed(block: str) -> str:
    return (
        f"The block {block} has your code in it, and the line that raises NotImplementedError "
        "still: take that line out."
    )


def _sentence_on(unfilled: Unfilled) -> str:
    place = f" ({plain(unfilled.path)}, line {unfilled.line})" if unfilled.path else ""
    if unfilled.missing:
        return _first_line(unfilled.message)
    if not unfilled.block:
        return f"A NotImplementedError{place} says: {_first_line(unfilled.message)}."
    return f"The block {plain(unfilled.block)}{place} is not filled in yet."


def _first_line(message: str, most: int = 200) -> str:
    lines = plain(message).splitlines()
    line = lines[0] if lines else ""
    return line if len(line) <= most else f"{line[:most]} ..."
