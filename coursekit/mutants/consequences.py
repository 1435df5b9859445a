"""What a named mistake in one block makes of the checks of others: one mistake costs once.

Where a student's block is wrong in a way that is known, the reference with that very mistake in it
tells what a right block makes of it, with whatever that mistake leaves in a cache. A check of
another block is then judged by the mutant.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from ..blocks import blocks_of
from ..checks.explanation import names_in
from .runs import altered

if TYPE_CHECKING:
    from ..checks import Check, Outcome, Verdict
    from ..course import Course
    from .mistake import Mistake

# Mistakes that cannot be told apart give several mutants; more are not tried.
MOST_MUTANTS = 4


class Consequences:
    """Judges checks by what mistakes in other blocks make of the reference.

    Parameters
    ----------
    course : Course
        A course whose package holds the reference, and that has mistakes.
    seed : int
        The seed of the inputs.
    """

    def __init__(self, course: Course, seed: int) -> None:
        self.course = course
        self.seed = seed
        self._paths = {block.name: block.path for block in blocks_of(course.package_folder)}
        self._outcomes: dict[tuple[str, tuple[Mistake, ...]], Outcome] = {}

    def reconsidered(
        self, check: Check, verdict: Verdict, outcome: Outcome, named: Collection[tuple[str, str]]
    ) -> Verdict:
        """Return the better of a verdict and that by the mutants with mistakes of other blocks.

        `outcome` is what the verdict was given on, and `named` are pairs of what was named in other
        checks: a block, and what a verdict calls its mistake.
        """
        for mistakes in itertools.islice(self._choices(check, named), MOST_MUTANTS):
            expected = self._outcome(check, mistakes)
            if expected.crashes or expected.unfilled:
                continue  # nothing right can be told from that
            blocks = tuple(dict.fromkeys(mistake.block for mistake in mistakes))
            found = replace(check.judge(outcome, expected), leans_on=verdict.leans_on or blocks)
            if found.earned > verdict.earned:
                return found
        return verdict

    def _choices(
        self, check: Check, named: Iterable[tuple[str, str]]
    ) -> Iterator[tuple[Mistake, ...]]:
        """Yield the sets of mistakes that may have been made in blocks of other checks."""
        by_block: dict[str, list[Mistake]] = {}
        for block, names in named:
            if block in check.blocks:
                continue
            own = by_block.setdefault(block, [])
            for mistake in self.course.mistakes:
                if mistake.block == block and mistake.name in names_in(names):
                    own += [mistake] if mistake not in own else []
            if not own:
                del by_block[block]
        if by_block:
            yield from itertools.product(*by_block.values())

    def _outcome(self, check: Check, mistakes: tuple[Mistake, ...]) -> Outcome:
        key = check.name, mistakes
        if key not in self._outcomes:
            changes: dict[str, Callable[[str], str]] = {}
            for mistake in mistakes:
                path = self._paths[mistake.block]
                changes[path] = _after(changes.get(path), mistake.made_in)
            with altered(self.course, changes) as mutant:
                self._outcomes[key] = check.run(mutant, check.rng(self.seed))
        return self._outcomes[key]


def _after(
    first: Callable[[str], str] | None, second: Callable[[str], str]
) -> Callable[[str], str]:
    """Return a function that makes one change after another."""
    return second if first is None else lambda source: second(first(source))
