"""What comes out of the checks when mistakes are made in the reference."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..checks import SEED, imported
from ..checks.signatures import Signatures
from ..checks.verdict import signature
from ..files import write_bytes
from .exchange import Exchange, altered
from .hypotheses import known, pairs, right_codes, try_one

if TYPE_CHECKING:
    from ..checks import Check, Outcome
    from ..checks.signatures import Signature
    from ..course import Course
    from .mistake import Mistake

__all__ = ["MistakeRuns", "altered", "known_mistakes", "reference"]


class MistakeRuns:
    """Runs of checks on the reference and on the reference with mistakes, each done once.

    Parameters
    ----------
    course : Course
        A course whose package holds the reference.
    exchange : Exchange
        The imported package, whose code is exchanged.
    seeds : iterable of int
        The seeds of the inputs that all runs are done on.
    of : Course, optional
        The course that has the mistakes, by default the same.
    """

    def __init__(
        self,
        course: Course,
        exchange: Exchange,
        seeds: Iterable[int] = (SEED,),
        of: Course | None = None,
    ) -> None:
        self.course = course
        self._of = of or course
        self.mistakes = self._of.mistakes
        self._exchange = exchange
        self._seeds = tuple(seeds)
        self._expected: dict[tuple[str, int], Outcome] = {}
        self._outcomes: dict[Mistake, dict[tuple[str, int], list[Outcome]]] = {}

    def of_block(self, block: str) -> list[Mistake]:
        """Return the mistakes in a block."""
        return [mistake for mistake in self.mistakes if mistake.block == block]

    def expected(self, check: Check, seed: int) -> Outcome:
        """Return the reference's outcome of a check."""
        if (check.name, seed) not in self._expected:
            outcome = check.run(self._exchange.under_test, check.rng(seed))
            self._expected[check.name, seed] = outcome
        return self._expected[check.name, seed]

    def outcomes(self, mistake: Mistake, check: Check, seed: int) -> list[Outcome]:
        """Return the outcomes of a check on the reference with a mistake, one for each spelling."""
        if mistake not in self._outcomes:
            self._outcomes[mistake] = self._run(mistake)
        return self._outcomes[mistake][check.name, seed]

    def signature(self, mistake: Mistake, check: Check, seed: int) -> Signature:
        """Return the Signature of a mistake, as its first spelling has it."""
        outcome = self.outcomes(mistake, check, seed)[0]
        return signature(outcome, self.expected(check, seed))

    def _run(self, mistake: Mistake) -> dict[tuple[str, int], list[Outcome]]:
        checks = self.course.checks.of_block(mistake.block)
        found: dict[tuple[str, int], list[Outcome]] = {
            (check.name, seed): [] for check in checks for seed in self._seeds
        }
        right = right_codes(self._of, self._exchange, mistake.block)
        for code in mistake.codes(right):
            with self._exchange.made({mistake.block: code}) as under_test:
                for check in checks:
                    for seed in self._seeds:
                        outcome = check.run(under_test, check.rng(seed))
                        found[check.name, seed].append(outcome)
        return found


@contextlib.contextmanager
def reference(course: Course) -> Iterator[Exchange]:
    """Import a course's package, and yield its Exchange."""
    with imported(course, course.package_folder) as under_test:
        yield Exchange(course, under_test)


def known_mistakes(check: Check, seed: int, folder: Path | str) -> Signatures:
    """Return the Signatures of known mistakes, and of any two of them, in a check for any seed.

    They are kept in `folder` and computed if they are not there yet: a few seconds for a check.
    Several processes may share the folder. What operators plant is recorded for the fixed seed
    alone, since it takes minutes.
    """
    path = Path(folder) / f"{check.name}-{seed}-{_key(check.course)}.npz"
    if not path.exists():
        write_bytes(path, _try_known(check, seed).to_bytes())
    return Signatures.from_bytes(path)


def _try_known(check: Check, seed: int) -> Signatures:
    course, tried = check.course, []
    with reference(course) as exchange:
        expected = {check.name: check.run(exchange.under_test, check.rng(seed))}
        for block in check.blocks:
            for hypothesis in (*known(course, exchange, block), *pairs(course, exchange, block)):
                found = try_one(exchange, hypothesis, [check], expected, seed).get(check.name)
                if found:
                    tried.append((found, hypothesis.sayings))
    return Signatures.of(tried)


@cache
def _key(course: Course) -> str:
    """Return a digest of what signatures depend on: package, exercises, mistakes and the engine."""
    digest = hashlib.sha256()
    engine = Path(__file__).parents[1]
    for folder in (course.package_folder, course.room, engine / "checks", engine / "mutants"):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
