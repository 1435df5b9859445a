"""Put each known mistake into its block, and see what the checks say.

For every block the stub has to be not attempted, the reference has to pass, and each mistake has to
be noticed, on the fixed seed of the notebooks and on a fresh one as in grading, and named in all of
its spellings. A sample of all that was recorded of mutants is tried once more.
"""

from __future__ import annotations

import contextlib
import json
import operator
import secrets
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..blocks import blocks_of
from ..checks import SEED, Kind, signatures
from ..checks.explanation import foreseen
from ..course import Course
from ..mutants.hypotheses import hypotheses, try_one
from ..mutants.runs import MistakeRuns, reference

# Of how many mutants one is tried again.
_EVERY = 60

if TYPE_CHECKING:
    from ..blocks import Block
    from ..checks import Check, Verdict
    from ..mutants import Mistake
    from ..mutants.exchange import Exchange


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
    of = Course.read(arguments.of) if arguments.of else course
    summary = Summary()
    with Table(course, seed, of) as table:
        for block in blocks_of(course.package_folder):
            if not arguments.blocks or block.name in arguments.blocks:
                _show_rows(arguments, table, block, summary)
    _show_groups(summary)
    print(f"\n{summary} (fresh seed {seed})")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"seed": seed, **asdict(summary)}, file, indent=1)
    return 1 if summary.otherwise else 0


def _show_rows(arguments: Namespace, table: Table, block: Block, summary: Summary) -> None:
    rows = []
    for row in table.rows_of(block):
        summary.add(row)
        rows.append(row)
        if not arguments.short:
            _show(row, arguments.verdicts)
    if arguments.short:
        _show_block(rows)
    unlike = table.unlike_recorded(block)
    summary.otherwise += bool(unlike)
    for line in unlike:
        print(f"NO  {block.name:<34}  not what was recorded: {line}")


@dataclass(frozen=True)
class Row:
    """What the checks of a block say to one state of it.

    verdicts: on the fixed seed, as in a handout, of the first spelling; others: of the other ones.
    fresh: on another seed, as in grading.
    red: whether a mistake is noticed on both.
    named: whether a check says which mistake it is, alone or among `alike`, the mistakes of the
    block that no check can tell from it, and none says that it is another one. What does no more
    than end in an exception may have no name, since much else may end so.
    """

    block: str
    state: str
    verdicts: tuple[Verdict, ...]
    as_it_should: bool
    others: tuple[tuple[Verdict, ...], ...] = ()
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


class Table(contextlib.AbstractContextManager):
    """The rows, with what is run for them; a context in which the package is imported.

    Parameters
    ----------
    course : Course
        A course whose package holds the reference.
    seed : int
        The fresh seed.
    of : Course, optional
        The course that has the mistakes, by default the same.
    """

    def __init__(self, course: Course, seed: int, of: Course | None = None) -> None:
        self.course = course
        self.seed = seed
        self._of = of or course
        self._stack = contextlib.ExitStack()

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    @cached_property
    def _exchange(self) -> Exchange:
        return self._stack.enter_context(reference(self.course))

    @cached_property
    def _runs(self) -> MistakeRuns:
        return MistakeRuns(self.course, self._exchange, [SEED, self.seed], self._of)

    def rows_of(self, block: Block) -> Iterator[Row]:
        """Yield a Row for the reference, the stub and each mistake of a block."""
        yield self._plain(block, "reference", self._exchange.code_of(block.name), _passes)
        yield self._plain(block, "stub", block.stub.strip(), _is_not_attempted)
        for mistake in self._runs.of_block(block.name):
            yield self._row(mistake)

    def rows(self) -> Iterator[Row]:
        """Yield the rows of all blocks."""
        for block in blocks_of(self.course.package_folder):
            yield from self.rows_of(block)

    def unlike_recorded(self, block: Block) -> list[str]:
        """Return what is not as it was recorded, of a sample of a block's hypotheses."""
        checks = self.course.checks.of_block(block.name)
        expected = {check.name: check.recorded() for check in checks}
        sample = list(hypotheses(self._of, self._exchange, block.name))[::_EVERY]
        unlike = []
        for hypothesis in sample:
            tried = try_one(self._exchange, hypothesis, checks, expected)
            for name, found in tried.items():
                if found.wrong and not foreseen(found, signatures.load(self.course, name)):
                    said = " and ".join(saying.name for saying in hypothesis.sayings)
                    unlike.append(f"{name}, {said}")
        return unlike

    def _plain(
        self, block: Block, state: str, code: str, expectation: Callable[[Verdict], bool]
    ) -> Row:
        with self._exchange.made({block.name: code}) as under_test:
            checks = self.course.checks.of_block(block.name)
            verdicts = tuple(check.verdict(under_test) for check in checks)
        return Row(block.name, state, verdicts, bool(verdicts) and all(map(expectation, verdicts)))

    def _row(self, mistake: Mistake) -> Row:
        checks = self.course.checks.of_block(mistake.block)
        spellings = list(zip(*(self._in_handout(mistake, check) for check in checks), strict=True))
        fresh = tuple(self._fresh(mistake, check) for check in checks)
        alike = self._alike(mistake, checks)
        red = all(any(v.kind.is_red for v in verdicts) for verdicts in (*spellings, fresh))
        said = [_is_named(verdicts, (mistake.name, *alike)) for verdicts in spellings]
        silent = [_only_crash(verdicts) for verdicts in spellings]
        as_it_should = red and all(map(operator.or_, said, silent))
        named = as_it_should and any(said)
        return Row(mistake.block, mistake.name, spellings[0], as_it_should, tuple(spellings[1:]),
                   fresh, red, named, alike)  # fmt: skip

    def _in_handout(self, mistake: Mistake, check: Check) -> list[Verdict]:
        """Return the verdicts on what was recorded, and not on what is run here."""
        known = signatures.load(self.course, check.name)
        recorded = check.recorded()
        outcomes = self._runs.outcomes(mistake, check, SEED)
        return [check.judge(outcome, recorded, known) for outcome in outcomes]

    def _fresh(self, mistake: Mistake, check: Check) -> Verdict:
        """Return the verdict on the fresh seed, with the name that the fixed one gives."""
        (outcome, *_), expected = (
            self._runs.outcomes(mistake, check, self.seed),
            self._runs.expected(check, self.seed),
        )
        verdict = check.judge(outcome, expected)
        return check.named(verdict, self._runs.outcomes(mistake, check, SEED)[0])

    def _alike(self, mistake: Mistake, checks: Iterable[Check]) -> tuple[str, ...]:
        """Name the mistakes of the same block that give the same answers in all of its checks."""
        others = [other for other in self._runs.of_block(mistake.block) if other != mistake]
        return tuple(
            sorted(
                other.name
                for other in others
                if all(
                    self._runs.signature(mistake, check, seed).agrees(
                        self._runs.signature(other, check, seed)
                    )
                    for check in checks
                    for seed in (SEED, self.seed)
                )
            )
        )


def _is_not_attempted(verdict: Verdict) -> bool:
    return verdict.kind == Kind.NOT_ATTEMPTED


def _passes(verdict: Verdict) -> bool:
    return verdict.passed and not verdict.remarks


def _is_named(verdicts: Iterable[Verdict], names: Collection[str]) -> bool:
    """Whether one of the verdicts has one of the names, and none has only others."""
    said = [v.mistakes for v in verdicts if v.mistake]
    return bool(said) and all(any(name in each for name in names) for each in said)


def _only_crash(verdicts: Iterable[Verdict]) -> bool:
    return all(v.kind == Kind.CRASHED and not v.mistake for v in verdicts if v.kind.is_red)


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
