"""Which check goes red? A line of a student's own right code is changed, and they predict it.

    from course import predict

    riddle = predict("Dropout")
    riddle             # shows the line, and four checks to choose from
    riddle.answer(2)   # says whether it is the second, and what that check sees
    riddle.example()   # what the changed line does to a small example

Each call makes another riddle. The line is changed in a copy of the package by the operators that
plant bugs for the hunt; nothing on disk is touched.
"""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checks import Kind, UnderTest
from ..checks.check import Check
from ..checks.freshness import reload_whole_files
from ..checks.verdict import Verdict
from ..course import Course
from ..mutants.exchange import Exchange, TookTooLong, at_most
from ..mutants.hypotheses import nothing_left_over
from ..mutants.operators import Mutant, mutants_of
from .hunt import LEFT_OUT, changes, copy_of, show_example

__all__ = ["NoRiddle", "Riddle", "riddle_in"]

CHOICES = 4
_SECONDS = 2  # that a check may take on changed code
_MOST_TRIED = 60  # changes that are tried until one makes a riddle


class NoRiddle(ValueError):
    """There is nothing to make a riddle of; the message is one sentence."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


@dataclass(frozen=True)
class Riddle:
    """A changed line, and the checks of which one turns red.

    block: where the line is. lines: those that went, with "- ", and those that came, with "+ ".
    choices: names of checks. red: the number of the one that turns red. sees: what it says.
    """

    course: Course
    block: str
    code: str
    lines: tuple[str, ...]
    choices: tuple[str, ...]
    red: int
    sees: Verdict

    def answer(self, number: int) -> None:
        """Say whether it is the check of that number that turns red, and what that one sees.

        Raises IndexError for a number that none of them has.
        """
        if not 1 <= number <= len(self.choices):
            raise IndexError(f"number {number} was chosen, expected 1 to {len(self.choices)}")
        name = self.choices[self.red - 1]
        if number == self.red:
            print(f"Yes: {self.sees.first_line}.")
        else:
            print(f"No: {self.choices[number - 1]} passes. {name} says: {self.sees.first_line}.")
        print("example() shows what the line does to a few small numbers.")

    def example(self) -> None:
        """Show what the changed line does to the smallest example that it makes wrong."""
        check = self.course.checks[self.choices[self.red - 1]]
        words = 'Under "yours" stands what comes out with the changed line.'
        show_example(check, self.block, self.code, words)

    def __str__(self) -> str:
        lines = [*self._text(), *(f"  {line}" for line in self.lines), "", self._question()]
        lines += [f"  {n}. {name}" for n, name in enumerate(self.choices, 1)]
        return "\n".join([*lines, self._how()])

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{html.escape(text)}</p>" for text in self._text())
        code = html.escape("\n".join(self.lines))
        items = "".join(f"<li>{html.escape(name)}</li>" for name in self.choices)
        return (
            f"{said}<pre>{code}</pre><p>{html.escape(self._question())}</p><ol>{items}</ol>"
            f"<p>{html.escape(self._how())}</p>"
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def _text(self) -> list[str]:
        # The block's name would tell: most checks are called as their blocks are.
        return [
            "In one of your own blocks, which is right, suppose this change (- before, + after):"
        ]

    def _question(self) -> str:
        return "Which of these checks turns red, while the others pass?"

    def _how(self) -> str:
        return "Decide first. Then answer(1), answer(2) and so on, of what this returns, tells."


def riddle_in(course: Course, notebook: str, *, seed: int | None = None) -> Riddle:
    """Return a riddle on a block that a notebook has a check for, and that is right.

    Parameters
    ----------
    course : Course
    notebook : str
    seed : int, optional
        The same gives the same riddle for the same code; by default each call gives another.

    Raises NoRiddle where no block of the notebook is right yet, and for a notebook without checks.
    """
    reload_whole_files()
    checks = course.checks.of_notebook(notebook)
    if not checks:
        there = ", ".join(course.checks.notebooks())
        raise NoRiddle(f"{notebook!r} has no checks, expected one of {there}")
    rng = np.random.default_rng(seed)
    with copy_of(course) as (exchange, package):
        passed = [check for check in checks if _passes(check, package)]
        for mutant, block in _changed(course, exchange, passed, rng):
            if riddle := _riddle(course, exchange, passed, block, mutant, rng):
                return riddle
    raise NoRiddle(
        f"Riddles are made of your own right code, and {notebook} has not enough of it yet: "
        f"{len(passed)} of its {len(checks)} checks pass."
    )


def _changed(
    course: Course, exchange: Exchange, passed: Sequence[Check], rng: np.random.Generator
) -> Iterator[tuple[Mutant, str]]:
    """Yield changes of right blocks, each of another block than the last as long as there are."""
    blocks = list(dict.fromkeys(block for check in passed for block in check.blocks))
    if not blocks:
        return
    waiting = {}
    for block in blocks:
        found = [
            mutant
            for mutant in mutants_of(exchange.code_of(block), exchange.outputs(block))
            if mutant.operator not in LEFT_OUT
        ]
        rng.shuffle(found)
        waiting[block] = found
    for _ in range(_MOST_TRIED):
        there = [block for block in blocks if waiting[block]]
        if not there:
            return
        block = there[rng.integers(len(there))]
        yield waiting[block].pop(), block


def _riddle(
    course: Course,
    exchange: Exchange,
    passed: Sequence[Check],
    block: str,
    mutant: Mutant,
    rng: np.random.Generator,
) -> Riddle | None:
    """Return the riddle that a change makes, or None where no choice of checks is a fair one.

    Exactly one of those to choose from turns red, one of the block's own. The others pass: those
    near it come first, as other checks of the same function are.
    """
    with nothing_left_over(), exchange.made({block: mutant.code}) as changed:
        try:
            verdicts = {check.name: _verdict(check, changed) for check in passed}
        except TookTooLong:
            return None
    own = [check.name for check in passed if block in check.blocks]
    red = [name for name in own if verdicts[name].kind == Kind.WRONG]
    right = [name for name, verdict in verdicts.items() if verdict.passed]
    if not red or len(right) < CHOICES - 1:
        return None
    chosen = red[rng.integers(len(red))]
    rng.shuffle(right)
    near = sorted(right, key=lambda name: name.partition("_")[0] != chosen.partition("_")[0])
    choices = [chosen, *near[: CHOICES - 1]]
    rng.shuffle(choices)
    lines = changes(exchange.code_of(block), mutant.code)
    return Riddle(course, block, mutant.code, lines, tuple(choices), 1 + choices.index(chosen),
                  verdicts[chosen])  # fmt: skip


def _passes(check: Check, package: UnderTest) -> bool:
    """Whether a check passes, and soon enough for a riddle."""
    try:
        return _verdict(check, package).passed
    except TookTooLong:
        return False


def _verdict(check: Check, package: UnderTest) -> Verdict:
    with at_most(_SECONDS):
        return check.judge(check.run(package, check.rng()), check.recorded())
