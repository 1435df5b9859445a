"""For every block: stub not attempted, reference passed, each mistake noticed and named."""

import contextlib
from dataclasses import dataclass, field

from cs231n.blocks import blank, blocks_of
from cs231n.checks import SEED, Course, check, recorded, signatures

from ..packages import REFERENCE, altered
from . import every
from .trials import Trials


@dataclass(frozen=True)
class Row:
    """What the checks of a block say to one state of it.

    verdicts: on the fixed seed, as in a handout. fresh: on another seed, as in grading.
    red: whether a mistake is noticed on both. named: whether each check that notices it says which
    mistake it is, alone or among `alike`, the mistakes of the block that no check can tell from it.
    """

    block: str
    state: str
    verdicts: tuple
    as_it_should: bool
    fresh: tuple = ()
    red: bool = False
    named: bool = False
    alike: tuple[str, ...] = ()


@dataclass
class Summary:
    """The table in numbers."""

    blocks: int = 0
    mistakes: int = 0
    red: int = 0
    named: int = 0
    otherwise: int = 0
    not_told_apart: list = field(default_factory=list)

    def add(self, row):
        self.otherwise += not row.as_it_should
        if row.state == "reference":
            self.blocks += 1
        elif row.state != "stub":
            self.mistakes += 1
            self.red += row.red
            self.named += row.named
            group = [row.block, *sorted((row.state, *row.alike))]
            if row.alike and group not in self.not_told_apart:
                self.not_told_apart.append(group)

    def __str__(self):
        return (
            f"{self.blocks} blocks, {self.mistakes} mistakes: {self.red} red, {self.named} named; "
            f"{len(self.not_told_apart)} groups not told apart; "
            f"{self.otherwise} not as it should be"
        )


class Table:
    """The rows, with what is run for them. `seed` is the fresh one."""

    def __init__(self, seed):
        self.seed = seed
        self._trials = Trials([SEED, seed])

    def rows_of(self, block):
        """Yield a Row for the reference, the stub and each mistake of a block."""
        yield _plain(block, "reference", contextlib.nullcontext(Course()), _passes)
        stub = altered({block.path: lambda source: blank(source, only=[block.name])})
        yield _plain(block, "stub", stub, lambda verdict: verdict.kind == "not attempted")
        for mistake in every.MISTAKES:
            if mistake.block == block.name:
                yield self._row(mistake)

    def rows(self):
        """Yield the rows of all blocks."""
        for block in blocks_of(REFERENCE):
            yield from self.rows_of(block)

    def _row(self, mistake):
        checks = check.of_block(mistake.block)
        now = tuple(self._in_handout(mistake, one) for one in checks)
        fresh = tuple(self._trials.verdict(mistake, one, self.seed) for one in checks)
        alike = self._alike(mistake, checks)
        red = all(any(map(_is_red, verdicts)) for verdicts in (now, fresh))
        named = red and all(_names(v, mistake) for v in now + fresh if _is_red(v))
        return Row(mistake.block, mistake.name, now, red and named, fresh, red, named, alike)

    def _in_handout(self, mistake, one):
        """Return the verdict on what was recorded, and not on what is run here."""
        outcome = self._trials.outcome(mistake, one, SEED)
        return one.judge(outcome, recorded.load(one.name), signatures.load(one.name))

    def _alike(self, mistake, checks):
        """Name the mistakes of the same block that give the same answers in all of its checks."""
        alike = None
        for one in checks:
            for seed in (SEED, self.seed):
                found = self._signed_alike(mistake, one, seed)
                alike = found if alike is None else alike & found
        return tuple(sorted(alike or ()))

    def _signed_alike(self, mistake, one, seed):
        """Name the others that one check cannot tell apart: as wrong as this, or not wrong too."""
        signed = {m: s for s, m in self._trials.signatures(one, seed) if m.block == mistake.block}
        others = [m for m in every.MISTAKES if m.block == mistake.block and m != mistake]
        if mistake not in signed:
            return {other.name for other in others if other not in signed}
        own = signed[mistake]
        return {other.name for other in others if other in signed and own.agrees(signed[other])}


def _plain(block, state, copy, expectation):
    with copy as course:
        verdicts = tuple(one.verdict(course) for one in check.of_block(block.name))
    return Row(block.name, state, verdicts, bool(verdicts) and all(map(expectation, verdicts)))


def _passes(verdict):
    return verdict.passed and not verdict.remarks


def _is_red(verdict):
    return verdict.kind in ("wrong", "crashed")


def _names(verdict, mistake):
    """Whether a verdict names a mistake, alone or beside others that look the same there."""
    return mistake.name in verdict.mistake.split(" or ")
