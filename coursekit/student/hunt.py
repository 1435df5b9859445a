"""The bug hunt: students write a check, and see which planted bugs it finds.

    from course import hunt

    def my_check(predict):
        assert np.allclose(predict(X, w, b), [31, 78, 41])

    found = hunt(my_check, "predict")
    found.example(2)  # what the second of the missed bugs does to a small example
    found.line(2)     # and which line was changed

The bugs are planted in a copy of the student's own passing code, by the operators that also make
hypotheses for naming mistakes. A bug counts only if the block's own check turns it red. The file on
disk and the functions of the notebook stay as they are.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import functools
import html
import io
import textwrap
import warnings
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..checks import Kind, UnderTest, freshness, imported
from ..checks.check import Check, show
from ..checks.examples import smallest_example
from ..checks.under_test import FunctionDisabled
from ..course import Course
from ..mutants.exchange import Exchange, TookTooLong, at_most
from ..mutants.hypotheses import nothing_left_over
from ..mutants.operators import Mutant, mutants_of
from .weak import WEAKNESSES, Tried

__all__ = ["CannotHunt", "Hunt", "hunt_in"]

MOST = 12  # bugs of a hunt
_SECONDS = 2  # for the block's own check on a bug
_PATIENCE = 20  # for a student's check on right code
_LONGEST_SEARCH = 400  # bugs that are tried at most
# What people do, first of all; then whatever else there is.
_FAVOURITES = (
    "overwritten", "other_axis", "other_sign", "not_divided", "unbiased", "no_term", "no_factor",
    "after_root", "before_root", "other_comparison", "one_off", "half", "twice", "axis_lost",
    "other_length", "left_out", "not_transposed", "other_power", "slice_moved", "other_loop",
    "other_array", "sides_swapped", "sum_for_mean", "mean_for_sum", "other_number", "no_root",
    "deviation_for_variance", "other_extreme", "all_axes", "negated", "added_twice", "multiplied",
    "divided", "always", "factor_twice",
)  # fmt: skip
_INPUTS = "inputs"  # the group of what was written into, as a verdict calls it
# Which no check of a student's is there to find: another type or shape, or an input that was
# written into.
LEFT_OUT = ("float32", "none", "squeezed", "one_axis_more", "column", "flat", "in_place")


class CannotHunt(ValueError):
    """There is nothing of that name to hunt in."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


@dataclass(frozen=True)
class Bug:
    """A planted bug.

    block: the block it is in. operator: what kind of change it is. code: the whole block with the
    bug. changes: lines of the diff, those that went with "- " and those that came with "+ ".
    shows: what is wrong with the answer then. found: whether the student's check noticed, and how.
    """

    block: str
    operator: str
    code: str
    changes: tuple[str, ...]
    shows: str
    found: bool = False
    how: str = ""


@dataclass(frozen=True)
class Hunt:
    """What a hunt came to. In a notebook it is shown as a table.

    function: what was hunted in. bugs: those that were planted. said: the first thing to mend,
    where the check cannot be used as it is, or what is weak about it.
    """

    course: Course
    function: str
    bugs: tuple[Bug, ...] = ()
    said: str = ""

    @property
    def score(self) -> float:
        """Which share of the planted bugs was found."""
        return sum(bug.found for bug in self.bugs) / len(self.bugs) if self.bugs else 0.0

    @property
    def missed(self) -> tuple[Bug, ...]:
        return tuple(bug for bug in self.bugs if not bug.found)

    def example(self, number: int) -> None:
        """Show what a missed bug does to a small example.

        `number` is that of the table. Raises IndexError where there is none of it.
        """
        bug = self._missed(number)
        check = _checks_of(self.course, bug.block)[0]
        show_example(check, bug.block, bug.code, "Under yours stands what comes out with the bug.")

    def line(self, number: int) -> None:
        """Show which line of your code was changed for a missed bug, and into what.

        `number` is that of the table. Raises IndexError where there is none of it.
        """
        print("\n".join(self._missed(number).changes))

    def _missed(self, number: int) -> Bug:
        missed = self.missed
        if not 1 <= number <= len(missed):
            raise IndexError(f"number {number} was asked for, and {len(missed)} bugs were missed")
        return missed[number - 1]

    def __str__(self) -> str:
        lines = [self._headline()]
        lines += textwrap.wrap(self.said, 96) if self.said else []
        lines += [f"  {mark:7}{words}" for mark, words in self._rows()]
        if self.missed:
            lines.append("  example(1) shows what the first missed bug does, line(1) where it is.")
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        said = f"<p>{html.escape(self.said)}</p>" if self.said else ""
        rows = "".join(
            f'<tr><td>{mark}</td><td style="text-align:left">{html.escape(words)}</td></tr>'
            for mark, words in self._rows()
        )
        more = ""
        if self.missed:
            more = (
                "<p><code>example(1)</code> of what this returns shows what the first missed bug "
                "does to a small example, and <code>line(1)</code> where it is.</p>"
            )
        table = f"<table>{rows}</table>" if rows else ""
        return f"<p><b>{html.escape(self._headline())}</b></p>{said}{table}{more}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))

    def _headline(self) -> str:
        if not self.bugs:
            return f"hunt: {self.function}: no bugs were planted"
        found = len(self.bugs) - len(self.missed)
        return f"hunt: {self.function}: {found} of {len(self.bugs)} bugs found"

    def _rows(self) -> Iterator[tuple[str, str]]:
        number = 0
        for bug in self.bugs:
            if bug.found:
                yield "found", f"{_instead(bug)}{f' ({bug.how})' if bug.how else ''}"
            else:
                number += 1
                yield "missed", f"{number}. {bug.shows} wrong, and your check passes it"


def hunt_in(course: Course, my_check: Callable[[Any], object], function: str) -> Hunt:
    """Plant bugs in a function of the package, and say which of them a student's check finds.

    Parameters
    ----------
    course : Course
    my_check : callable
        Called with the function. It passes by returning, and fails by an exception, a failed
        assertion above all, or by returning False.
    function : str
        The name of a function or class with blocks, all of which are filled in and pass.

    The same code and the same check give the same Hunt; where the blocks do not pass their own
    checks yet, it says so. Raises CannotHunt for a function without blocks, and TypeError for a
    check that cannot be called.
    """
    if not callable(my_check):
        raise TypeError(f"my_check is {my_check!r}, expected a function of {function}")
    freshness.reload_whole_files()
    blocks = blocks_of(course, function)
    with copy_of(course) as (exchange, package):
        if said := _not_right_yet(course, package, blocks):
            return Hunt(course, function, said=said)
        right = package.find(function)
        own = UnderTest(course)
        with _disabled(own, function):
            tried = functools.partial(_try, my_check)
            said = _first_thing_said(tried, right, function)
            if said:
                return Hunt(course, function, said=said)
            made = planted(course, exchange, blocks)
            bugs = tuple(_hunted(tried, exchange, bug, function) for bug in made)
            weak = _weakness(tried, right) if any(not bug.found for bug in bugs) else ""
    return Hunt(course, function, bugs, weak)


def _hunted(tried: Callable[[Any], Tried], exchange: Exchange, bug: Bug, function: str) -> Bug:
    with nothing_left_over(), exchange.made({bug.block: bug.code}) as changed:
        outcome = tried(changed.find(function))
    # Of a failed assertion there is no more to say than that the bug was found.
    how = "" if isinstance(outcome.error, AssertionError) else outcome.words
    return replace(bug, found=not outcome.passed, how=how)


def _first_thing_said(tried: Callable[[Any], Tried], right: Any, function: str) -> str:
    """Return what has to be mended before there is anything to find, or ""."""
    outcome = tried(right)
    if isinstance(outcome.error, NotImplementedError):
        return "Your check is not written yet."
    if isinstance(outcome.error, FunctionDisabled):
        return (
            f"Your check calls {function} itself, and not only the function that it is given. "
            "Whoever has right code to compare with needs no check: what else do you know of the "
            "answer?"
        )
    if not outcome.passed:
        return (
            f"Your check does not pass on your own {function}, which is right: {outcome.words}. "
            "Is a tolerance too narrow, or an expected value wrong?"
        )
    return ""


def _weakness(tried: Callable[[Any], Tried], right: Any) -> str:
    """Return a sentence on why a check that passes right code finds too little, or ""."""
    return next((said for altered, said in WEAKNESSES if tried(altered(right)).passed), "")


def _try(my_check: Callable[[Any], object], function: Any) -> Tried:
    """Run a student's check on a function, with what it prints and warns left unsaid."""
    before = np.random.get_state()
    np.random.seed(0)
    try:
        with contextlib.redirect_stdout(io.StringIO()), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with np.errstate(all="ignore"), at_most(_PATIENCE):
                return Tried.returned(my_check(function))
    except TookTooLong:
        return Tried.late(_PATIENCE)
    except Exception as error:
        return Tried.raised(error)
    finally:
        np.random.set_state(before)


# Planting


def planted(course: Course, exchange: Exchange, blocks: list[str]) -> list[Bug]:
    """Return bugs that the blocks' own checks notice, of as many kinds as possible.

    Which ones depends on the code alone.
    """
    bugs: list[Bug] = []
    for place, block in enumerate(blocks):
        share = -(-(MOST - len(bugs)) // (len(blocks) - place))
        bugs += _planted_in(course, exchange, block, share)
    return bugs


def _planted_in(course: Course, exchange: Exchange, block: str, most: int) -> list[Bug]:
    checks = _checks_of(course, block)
    seen = {_behaviour(check, exchange.under_test) for check in checks}
    bugs: list[Bug] = []
    spare: list[Bug] = []  # that show in the same results as half of the others
    right = exchange.code_of(block)
    for mutant in in_turns(right, exchange.outputs(block)):
        shows, behaviour = noticed(checks, exchange, block, mutant)
        if shows and behaviour not in seen:
            seen.add(behaviour)
            bug = Bug(block, mutant.operator, mutant.code, changes(right, mutant.code), shows)
            alike = sum(other.shows == shows for other in bugs)
            (bugs if alike < -(-most // 2) else spare).append(bug)
            if len(bugs) == most or len(spare) > 3 * most:
                break
    return [*bugs, *spare][:most]


def changes(before: str, after: str) -> tuple[str, ...]:
    """Return the lines in which two codes differ, with "- " before the old and "+ " the new."""
    lines = difflib.ndiff(_plain(before), _plain(after))
    return tuple(line for line in lines if line[0] in "-+")


def _instead(bug: Bug) -> str:
    """Return the line that stands in the code with a bug, or what is wrong with its results."""
    came = [line[2:].strip() for line in bug.changes if line.startswith("+ ")]
    return came[0] if came else f"{bug.shows} wrong"


def in_turns(code: str, outputs: tuple[str, ...]) -> Iterator[Mutant]:
    """Yield mutants, one of each operator after the other, before there is a second of any."""
    rng = np.random.default_rng(zlib.crc32(code.encode()))
    by_operator: dict[str, list[Mutant]] = {}
    for mutant in mutants_of(code, outputs):
        if mutant.operator in LEFT_OUT:
            continue
        by_operator.setdefault(mutant.operator, []).append(mutant)
    for mutants in by_operator.values():
        rng.shuffle(mutants)
    order = [name for name in _FAVOURITES if name in by_operator]
    order += [name for name in by_operator if name not in order]
    tried = 0
    while by_operator and tried < _LONGEST_SEARCH:
        for name in order:
            if by_operator.get(name):
                tried += 1
                yield by_operator[name].pop()
            else:
                by_operator.pop(name, None)


def noticed(checks: list[Check], exchange: Exchange, block: str, mutant: Mutant) -> tuple[str, str]:
    """Return what is wrong with a bug's answer, and a text to tell bugs apart.

    Both are "" for one that does not count. What crashes does not: any call finds it.
    """
    try:
        with nothing_left_over(), exchange.made({block: mutant.code}) as changed:
            for check in checks:
                with at_most(_SECONDS):
                    outcome = check.run(changed, check.rng())
                if outcome.crashes or outcome.unfilled:
                    return "", ""
                verdict = check.judge(outcome, check.recorded())
                if verdict.kind == Kind.WRONG and verdict.headline != _INPUTS:
                    return _results_in(verdict.headline, check), _digest(outcome)
    except TookTooLong:
        pass
    return "", ""


def _results_in(headline: str, check: Check) -> str:
    """Return which results are wrong, of what a verdict's headline lists beside rare inputs."""
    named = headline.split(", ")
    return ", ".join([name for name in named if name in check.main] or named[:1])


def _behaviour(check: Check, package: UnderTest) -> str:
    return _digest(check.run(package, check.rng()))


def _digest(outcome: Any) -> str:
    _, arrays = outcome.parts()
    told = b"".join(np.asarray(array).tobytes() for array in arrays.values())
    return f"{outcome.name} {zlib.crc32(told)}"


def show_example(check: Check, block: str, code: str, words: str) -> None:
    """Show the smallest example that other code in a block makes wrong, below some words."""
    with (
        copy_of(check.course) as (exchange, _),
        exchange.made({block: code}) as changed,
        at_most(_SECONDS),
    ):
        found = smallest_example(check, changed)
    if found is None:
        print("None of the small examples shows it. What is special about them?")
    else:
        print(words)
        show(found)


# The package


@contextlib.contextmanager
def copy_of(course: Course) -> Iterator[tuple[Exchange, UnderTest]]:
    """Import the package once more, so that no bug is ever in the one that a notebook uses."""
    with imported(course, course.package_folder) as package:
        yield Exchange(course, package), package


@contextlib.contextmanager
def _disabled(package: UnderTest, function: str) -> Iterator[None]:
    """Have the notebook's own function refuse to work, so that no check compares it with itself."""
    if isinstance(package.find(function), type):
        yield  # a net may be built on to see what one step does
        return
    with package.disabled(function):
        yield


def blocks_of(course: Course, function: str) -> list[str]:
    """Return the blocks of a function or class. Raises CannotHunt for a name without any."""
    found = [
        block
        for check in course.checks.with_optional
        for block in check.blocks
        if block.partition(":")[0].partition(".")[0] == function
    ]
    if not found:
        raise CannotHunt(f"no block is in {function!r}, expected the name of a function with one")
    return list(dict.fromkeys(found))


def _checks_of(course: Course, block: str) -> list[Check]:
    return course.checks.of_block(block)


def _not_right_yet(course: Course, package: UnderTest, blocks: list[str]) -> str:
    """Return which check is not passed yet, in a sentence, or ""."""
    for check in dict.fromkeys(check for block in blocks for check in _checks_of(course, block)):
        verdict = check.judge(check.run(package, check.rng()), check.recorded())
        if verdict.kind != Kind.PASSED:
            return (
                "Bugs are planted in right code, and yours is not there yet: "
                f"check.{check.name}() says {verdict.kind.words}."
            )
    return ""


def _plain(code: str) -> list[str]:
    """Return the lines of code without comments, as the operators write it."""
    return ast.unparse(ast.parse(code)).splitlines()
