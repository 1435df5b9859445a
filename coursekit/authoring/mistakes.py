"""Put each known mistake into its block, and see what the checks say.

For every block the stub has to be not attempted, the reference has to pass, and each mistake has to
be noticed and named, on the fixed seed of the notebooks and on a fresh one as in grading.
"""

from __future__ import annotations

import json
import secrets
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ..blocks import blank, blocks_of
from ..checks import SEED, Kind, imported, signatures
from ..course import Course
from ..mutants.runs import MistakeRuns, altered

if TYPE_CHECKING:
    from ..blocks import Block
    from ..checks import Check, UnderTest, Verdict
    from ..mutants import Mistake


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("blocks", nargs="*", metavar="BLOCK", help="look at these blocks only")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--verdicts", action="store_true", help="show each verdict in full")
    how.add_argument("--short", action="store_true", help="show a line for each block")
    parser.add_argument("--seed", type=int, help="the fresh seed, drawn if it is not given")
    parser.add_argument("--json", metavar="FILE", help="write the numbers to a file too")
    parser.add_argument(
        "--of", type=Path, metavar="FOLDER", help="the course that has the mistakes, if not this"
    )


def run(arguments: Namespace, course: Course) -> int:
    seed = secrets.randbelow(2**31) if arguments.seed is None else arguments.seed
    mistakes = Course.read(arguments.of).mistakes if arguments.of else course.mistakes
    table, summary = Table(course, seed, mistakes), Summary()
    for block in blocks_of(course.package_folder):
        if arguments.blocks and block.name not in arguments.blocks:
            continue
        rows = []
        for row in table.rows_of(block):
            summary.add(row)
            rows.append(row)
            if not arguments.short:
                _show(row, arguments.verdicts)
        if arguments.short:
            _show_block(rows)
    _show_groups(summary)
    print(f"\n{summary} (fresh seed {seed})")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"seed": seed, **asdict(summary)}, file, indent=1)
    return 1 if summary.otherwise else 0


@dataclass(frozen=True)
class Row:
    """What the checks of a block say to one state of it.

    verdicts: on the fixed seed, as in a handout. fresh: on another seed, as in grading.
    red: whether a mistake is noticed on both. named: whether each check that notices it says which
    mistake it is, alone or among `alike`, the mistakes of the block that no check can tell from it.
    """

    block: str
    state: str
    verdicts: tuple[Verdict, ...]
    as_it_should: bool
    fresh: tuple[Verdict, ...] = ()
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
    not_told_apart: list[list[str]] = field(default_factory=list)

    def add(self, row: Row) -> None:
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

    def __str__(self) -> str:
        return (
            f"{self.blocks} blocks, {self.mistakes} mistakes: {self.red} red, {self.named} named; "
            f"{len(self.not_told_apart)} groups not told apart; "
            f"{self.otherwise} not as it should be"
        )


class Table:
    """The rows, with what is run for them.

    Parameters
    ----------
    course : Course
        A course whose package holds the reference.
    seed : int
        The fresh seed.
    mistakes : sequence of Mistake, optional
        By default those of the course.
    """

    def __init__(
        self, course: Course, seed: int, mistakes: Iterable[Mistake] | None = None
    ) -> None:
        self.course = course
        self.seed = seed
        self._runs = MistakeRuns(course, [SEED, seed], mistakes)

    def rows_of(self, block: Block) -> Iterator[Row]:
        """Yield a Row for the reference, the stub and each mistake of a block."""
        reference = imported(self.course, self.course.package_folder)
        yield self._plain(block, "reference", reference, _passes)
        stub = altered(self.course, {block.path: lambda source: blank(source, only=[block.name])})
        yield self._plain(block, "stub", stub, lambda v: v.kind == Kind.NOT_ATTEMPTED)
        for mistake in self._runs.of_block(block.name):
            yield self._row(mistake)

    def rows(self) -> Iterator[Row]:
        """Yield the rows of all blocks."""
        for block in blocks_of(self.course.package_folder):
            yield from self.rows_of(block)

    def _plain(
        self,
        block: Block,
        state: str,
        copy: AbstractContextManager[UnderTest],
        expectation: Callable[[Verdict], bool],
    ) -> Row:
        with copy as under_test:
            checks = self.course.checks.of_block(block.name)
            verdicts = tuple(check.verdict(under_test) for check in checks)
        return Row(block.name, state, verdicts, bool(verdicts) and all(map(expectation, verdicts)))

    def _row(self, mistake: Mistake) -> Row:
        checks = self.course.checks.of_block(mistake.block)
        now = tuple(self._in_handout(mistake, check) for check in checks)
        fresh = tuple(self._runs.verdict(mistake, check, self.seed) for check in checks)
        alike = self._alike(mistake, checks)
        red = all(any(map(_is_red, verdicts)) for verdicts in (now, fresh))
        named = red and all(_names(v, mistake) for v in now + fresh if _is_red(v))
        return Row(mistake.block, mistake.name, now, red and named, fresh, red, named, alike)

    def _in_handout(self, mistake: Mistake, check: Check) -> Verdict:
        """Return the verdict on what was recorded, and not on what is run here."""
        outcome = self._runs.outcome(mistake, check, SEED)
        known = signatures.load(self.course, check.name)
        return check.judge(outcome, check.recorded(), known)

    def _alike(self, mistake: Mistake, checks: Iterable[Check]) -> tuple[str, ...]:
        """Name the mistakes of the same block that give the same answers in all of its checks."""
        alike = None
        for check in checks:
            for seed in (SEED, self.seed):
                found = self._signed_alike(mistake, check, seed)
                alike = found if alike is None else alike & found
        return tuple(sorted(alike or ()))

    def _signed_alike(self, mistake: Mistake, check: Check, seed: int) -> set[str]:
        """Name the others that one check cannot tell apart: as wrong as this, or not wrong too."""
        signed = {m: s for s, m in self._runs.signatures(check, seed) if m.block == mistake.block}
        others = [other for other in self._runs.of_block(mistake.block) if other != mistake]
        if mistake not in signed:
            return {other.name for other in others if other not in signed}
        own = signed[mistake]
        return {other.name for other in others if other in signed and own.agrees(signed[other])}


def _passes(verdict: Verdict) -> bool:
    return verdict.passed and not verdict.remarks


def _is_red(verdict: Verdict) -> bool:
    return verdict.kind in (Kind.WRONG, Kind.CRASHED)


def _names(verdict: Verdict, mistake: Mistake) -> bool:
    """Whether a verdict names a mistake, alone or with others that look the same there."""
    return mistake.name in verdict.mistake.split(" or ")


def _show(row: Row, in_full: bool) -> None:
    mark = "ok" if row.as_it_should else "NO"
    said = [verdict for verdict in row.verdicts if not verdict.passed] or row.verdicts[:1]
    first = said[0].first_line if said else "no check is there for this block"
    print(f"{mark}  {row.block:<34}  {row.state:<44}  {first}")
    if row.red and not row.named:
        print("      red, and not named")
    if in_full:
        for verdict in row.verdicts:
            print("      " + str(verdict).replace("\n", "\n      "))


def _show_block(rows: Sequence[Row]) -> None:
    """Show a block in one line, and under it what is not as it should be."""
    said = {row.state: " and ".join(sorted({v.kind.words for v in row.verdicts})) for row in rows}
    mistakes = [row for row in rows if row.state not in ("reference", "stub")]
    red, named = sum(row.red for row in mistakes), sum(row.named for row in mistakes)
    print(
        f"{rows[0].block:<34}stub {said['stub']:<15}reference {said['reference']:<8}"
        f"mistakes {len(mistakes):>2}, red {red:>2}, named {named:>2}",
        flush=True,  # whoever waits for the table sees how far it is
    )
    for row in rows:
        if not row.as_it_should:
            _show(row, in_full=True)


def _show_groups(summary: Summary) -> None:
    if summary.not_told_apart:
        print("\nnot told apart:")
    for block, *names in summary.not_told_apart:
        print(f"  {block}: {' | '.join(names)}")
