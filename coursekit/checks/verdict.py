"""The verdict on a check: what it is, what it is worth, and how it comes about.

A verdict compares an outcome with the outcome of the reference. That is all that grading needs
outside the student's process: two outcomes, and no code under test.
"""

from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from . import rendering
from .comparison import difference
from .diagnosis import Mismatch, diagnose
from .explanation import Explanation, explain
from .outcome import REMARK, SIDE_EFFECT, VALUE, Frame
from .signatures import signature_of


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
    def words(self):
        """The kind as it stands in a sentence: "not attempted"."""
        return self.value.replace("_", " ")


# What is left of the points for right values when there is a side effect that ought not to be.
SIDE_EFFECT_SHARE = 3 / 4


@dataclass(frozen=True)
class Part:
    """One entry of a verdict: its name, its kind, whether it is right, and if not, what is wrong.

    `pattern` names what the mistake looks like, where that can be told, and `sentence` says it.
    """

    name: str
    kind: str
    ok: bool
    what: str = ""
    pattern: str = ""
    sentence: str = ""

    @property
    def group(self):
        return self.name.partition(": ")[0]

    @property
    def case(self):
        return self.name.partition(": ")[2]


@dataclass(frozen=True)
class Verdict:
    """What a check has to say about an answer.

    check: its name. kind: what it comes to.
    parts: the entries that were compared.
    possible: the points of the check. weights: how much of them a group is worth, 1 where not said.
    headline: what the first line names, after the kind and the check; the same from run to run.
    sentences: what there is to say to the student, in full sentences.
    frames: for a crash, the student's lines that led to the exception, outermost first.
    notes: sentences on what the verdict is about, such as code that is not what is on disk.
    mistake: the name of the known mistake that the answer looks like, for graders.
    hints: what there is to say of hints, the hints themselves first.
    """

    check: str
    kind: Kind
    parts: tuple[Part, ...] = ()
    possible: float = 1
    weights: dict[str, float] = field(default_factory=dict)
    headline: str = ""
    sentences: tuple[str, ...] = ()
    frames: tuple[Frame, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()
    mistake: str = ""
    hints: tuple[str, ...] = ()

    @property
    def passed(self):
        return self.kind == Kind.PASSED

    @property
    def earned(self):
        """The points that the answer earns.

        The points are split over the groups of values by their weights, and a group gives its share
        if all of its entries are right. Side effects cost a quarter of that, once: so overwriting
        an input never costs all the points for right values, and leaving it alone never earns any
        for wrong ones.
        """
        if self.kind == Kind.NOT_COMPARABLE:
            return 0
        worth = {group: self.weights.get(group, 1) for group in self.groups(VALUE)}
        if not worth:
            return 0
        lost = {part.group for part in self.parts if part.kind == VALUE and not part.ok}
        share = sum(worth[group] for group in worth.keys() - lost) / sum(worth.values())
        if any(not part.ok for part in self.parts if part.kind == SIDE_EFFECT):
            share *= SIDE_EFFECT_SHARE
        return round(self.possible * share, 2)

    @property
    def remarks(self):
        """The parts that cost nothing and are worth a word."""
        return [part for part in self.parts if part.kind == REMARK and not part.ok]

    def groups(self, kind=VALUE):
        """Return the parts of one kind, by group."""
        groups = {}
        for part in self.parts:
            if part.kind == kind:
                groups.setdefault(part.group, []).append(part)
        return groups

    @property
    def first_line(self):
        """Kind, check and what is wrong, without magnitudes: the same from run to run."""
        return ": ".join(filter(None, (self.kind.words, self.check, self.headline)))

    def __str__(self):
        return rendering.as_text(self)

    def _repr_html_(self):
        return rendering.as_html(self)

    def _repr_pretty_(self, printer, cycle):
        printer.text(str(self))


def judge(outcome, expected, points=1, mistakes=(), weights=None):
    """Return the verdict on `outcome`, where `expected` is the reference's on the same inputs.

    `weights` are those of the groups, 1 where nothing is said. `mistakes` are the Signatures of
    known ones on the same inputs. An outcome that they explain gets their name and sentences.
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
    kind, headline, sentences, frames = _summary(outcome, parts)
    told = Explanation()
    if kind in (Kind.WRONG, Kind.CRASHED):
        told = explain(outcome, expected, _wrong(parts), mistakes)
    return Verdict(
        check=outcome.name,
        kind=kind,
        parts=parts,
        possible=points,
        weights=weights or {},
        headline=headline,
        sentences=told.sentences or tuple(sentences),
        frames=frames,
        mistake=told.name,
    )


def signature(outcome, expected):
    """Return the Signature of an outcome, given the reference's on the same inputs."""
    return signature_of(outcome, expected, _wrong(_parts(outcome, expected, patterns=False)))


def _wrong(parts):
    """Name the entries that are not right, without those that cost nothing."""
    return [part.name for part in parts if not part.ok and part.kind != REMARK]


def _same_stream(outcome, expected):
    return outcome.stream.shape == expected.stream.shape and np.allclose(
        outcome.stream, expected.stream, rtol=1e-12, atol=0
    )


def _parts(outcome, expected, patterns=True):
    """Yield a part for each entry that counts, with what it looks like if `patterns` are wanted."""
    for wanted in expected.entries.values():
        entry = outcome.entries.get(wanted.name)
        if wanted.wanted is not None:
            # Which inputs a function has is its own affair, but float32 is asked of everybody.
            if entry is None and wanted.kind == SIDE_EFFECT and wanted.group == "float32":
                yield Part(wanted.name, SIDE_EFFECT, ok=False, what=_why_missing(outcome))
            continue
        if entry is None:
            # A remark on what was never computed would only add to the noise.
            if wanted.kind == VALUE:
                yield Part(wanted.name, VALUE, ok=False, what=_why_missing(outcome))
            continue
        what = difference(entry.array, wanted.array)
        pattern = sentence = ""
        if what and patterns and wanted.kind == VALUE:
            pattern, sentence = diagnose(Mismatch(entry, wanted, outcome, expected))
        yield Part(wanted.name, wanted.kind, what is None, what or "", pattern, sentence)
    for entry in outcome.entries.values():
        if entry.wanted is not None and entry.kind in (SIDE_EFFECT, REMARK):
            got = str(entry.array)
            what = "" if got == entry.wanted else f"{got}, expected {entry.wanted}"
            yield Part(entry.name, entry.kind, not what, what)


def _why_missing(outcome):
    return "not reached" if outcome.crashes or outcome.unfilled else "missing"


def _summary(outcome, parts):
    """Return kind, headline, sentences and frames, by the first of these that applies."""
    if outcome.unfilled:
        return Kind.NOT_ATTEMPTED, "", [_sentence_on(outcome.unfilled[0])], ()
    if _nothing_computed(outcome):
        said = f"{outcome.name} returns None: nothing is computed yet."
        return Kind.NOT_ATTEMPTED, "", [said], ()
    if outcome.crashes:
        crash = outcome.crashes[0]
        where = f" ({crash.case})" if crash.case else ""
        said = ": ".join(filter(None, (f"{crash.type}{where}", _first_line(crash.message))))
        return Kind.CRASHED, said, [], crash.frames
    wrong = [part for part in parts if not part.ok and part.kind != REMARK]
    if not wrong:
        return Kind.PASSED, "", [], ()
    groups = list(dict.fromkeys(part.group for part in parts))  # in the order of the check
    wrong.sort(key=lambda part: groups.index(part.group))
    headline = ", ".join(dict.fromkeys(part.group for part in wrong))
    return Kind.WRONG, headline, _sentences_on(wrong), ()


def _sentences_on(wrong):
    """Return a sentence for each pattern, two at most: more would not be read.

    A pattern has to show in half of what is wrong in its group. In a single one it may be chance.
    """
    sentences = {}
    for seen in wrong:
        alike = [part.pattern == seen.pattern for part in wrong if part.group == seen.group]
        if seen.pattern and 2 * sum(alike) >= len(alike):
            sentences.setdefault(seen.pattern, seen.sentence)
    return list(sentences.values())[:2]


def _nothing_computed(outcome):
    """Whether all values are None, which is what unfilled functions of earlier years return."""
    values = outcome.of_kind(VALUE)
    return bool(values) and all(entry.array.dtype.kind == "U" and entry.array.shape == ()
                                and entry.array.item() == "None" for entry in values)  # fmt: skip


def _sentence_on(unfilled):
    if not unfilled.block:
        return f"Not written yet: {unfilled.message}."
    place = f" ({unfilled.path}, line {unfilled.line})" if unfilled.path else ""
    return f"The block {unfilled.block}{place} is not filled in yet."


def _first_line(message, most=200):
    line = message.splitlines()[0] if message else ""
    return line if len(line) <= most else f"{line[:most]} ..."
