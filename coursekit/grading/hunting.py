"""Grade a bug hunt: which planted bugs does a student's check find?

A cell with the tag hunt-NAME defines `my_check`. In the sandbox it is called with one function
after another, each of them called NAME: some are right, the others have a bug, and their order is
drawn from the seed. None of them is in there: a call goes out as a question, and comes back
answered by the reference, or by the reference with the bug. So there is no code to read and no file
to look at, a right answer takes as long as a wrong one, and a check that counts its calls guesses.
Bugs are those that operators plant in the reference and that its own check turns red, and the known
mistakes.

    [grading.hunt]
    points = 4      # in all, a share for each function that is hunted in
    enough = 0.9    # the share of bugs that is worth all of them
"""

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ..checks.lower import Answering, CannotAsk, pack, pair_of
from ..checks.outcome import VALUE
from ..course import Course
from ..mutants.exchange import Exchange
from ..mutants.hypotheses import nothing_left_over, right_codes
from ..mutants.operators import Mutant
from ..mutants.runs import reference
from ..notebooks import NotebookError, hunted_in, read
from ..student import hunt
from .environment import not_for_students
from .inside.runner import FINISHED, TIMED_OUT
from .kernel import CellEnded, RunnerKernel
from .pristine import ENGINE, Pristine
from .results import Stored
from .sandbox import Limits, Sandbox

_MY_CHECK = re.compile(r"^def my_check\(\s*(\w+)\b", re.MULTILINE)
Answer = Callable[[str, bytes], bytes]  # from a check's name and a question
_RIGHT = 6  # right functions among the others
_MOST_MISTAKES = 12
_SECONDS = 60.0  # that a check may compute with all functions together
_NUMBER = 2  # bytes before a question that say which function is asked


@dataclass(frozen=True)
class HuntResult(Stored):
    """What a student's check of a function has found: bugs of those planted, and what there is to
    say."""

    function: str
    found: int = 0
    planted: int = 0
    words: str = ""

    def share(self, enough: float) -> float:
        """Return what share of the points that is."""
        return min(1.0, self.found / self.planted / enough) if self.planted else 0.0


@dataclass(frozen=True)
class Planted:
    """A function with a bug: the block, its code, and the words for it; no code for a right one."""

    block: str = ""
    code: str = ""


def functions_of(course: Course) -> list[str]:
    """Return the names of the functions that the course's notebooks hunt in."""
    found: dict[str, None] = {}
    for name in course.notebooks:
        with contextlib.suppress(NotebookError):
            for cell in read(course.notebook(name))["cells"]:
                found |= dict.fromkeys(hunted_in(cell))
    return list(found)


def checks_in(folder: Path, names: Sequence[str]) -> dict[str, str]:
    """Return {function: source of the cell that checks it} of notebooks that were handed in.

    Of several cells for a function the last one counts, as in a notebook that is run. Where an
    editor has lost the tag, the name of my_check's parameter tells.
    """
    found: dict[str, str] = {}
    for path in sorted((folder / "notebooks").glob("*.ipynb")):
        try:
            cells = read(path)["cells"]
        except NotebookError:
            continue
        for cell in cells:
            if cell["cell_type"] != "code" or not cell["source"].strip():
                continue
            meant = {*hunted_in(cell), *_MY_CHECK.findall(cell["source"])}
            found |= {name: cell["source"] for name in names if name in meant}
    return found


def hunted(
    course: Course, kit: Path, sources: dict[str, str], *, work: Path, seed: int, limits: Limits
) -> Iterator[HuntResult]:
    """Yield what each student's check finds.

    kit: the folder of the course with the student's package in it. sources: {function: the cell's
    source}. Whatever a check does costs its own points and no others.
    """
    if not sources:
        return
    pristine = Pristine(course, work)
    modules, places = not_for_students(course)
    # A numerical gradient asks for each number twice.
    wide = replace(limits, seconds=_SECONDS, questions=50_000, talk=1 << 32, output=32 << 20)
    with reference(course) as exchange:
        bugs = planted(course, exchange, pristine, tuple(functions_of(course)))
        for function, source in sources.items():
            order = _order([Planted(*pair) for pair in bugs[function]], seed)
            sandbox = Sandbox(
                kit,
                pristine.engine,
                pristine.preload,
                wide,
                hidden=(course.folder, ENGINE, *places),
                absent=modules,
            )
            with contextlib.closing(sandbox), _judge(exchange, function, order) as judge:
                outcome = _outcome(sandbox, seed, judge, function, source, order)
            yield _result(function, order, outcome)


def _order(bugs: list[Planted], seed: int) -> list[Planted]:
    """Return a right function, and then all others in an order that nobody can know."""
    others = [*bugs, *[Planted()] * (_RIGHT - 1)]
    rng = np.random.default_rng([seed, len(others)])
    return [Planted(), *(others[place] for place in rng.permutation(len(others)))]


def _outcome(sandbox, seed, judge, function, source, order):
    """Return what the sandbox says of a check: how it ended, and the bytes that it sent."""
    try:
        kernel = RunnerKernel(sandbox, seed, judge)
        return kernel.run_hunt(
            {"function": function, "source": source, "count": len(order), "names": _pair(function)}
        )
    except CellEnded as error:
        return {"ended": TIMED_OUT if "time" in f"{error}" else None, "sent": b""}


def _result(function: str, order: list[Planted], outcome: dict[str, Any]) -> HuntResult:
    bugs = sum(bool(one.code) for one in order)
    nothing = HuntResult(function, 0, bugs)
    if outcome["ended"] == TIMED_OUT:
        return replace(nothing, words="It was not through when its time was up.")
    try:
        said = json.loads(outcome["sent"]) if outcome["ended"] == FINISHED else {}
        passed, words = said["passed"], f"{said['words']}"[:200]
        if len(passed) != len(order) or not all(isinstance(one, bool) for one in passed):
            raise ValueError("not what was asked")
    except (ValueError, TypeError, KeyError, RecursionError):
        return replace(nothing, words="It did not come to its end.")
    if words and not passed[0]:
        return replace(nothing, words=words)
    wrong = sum(not ok for ok, one in zip(passed, order, strict=True) if not one.code)
    if wrong:
        return replace(nothing, words="It does not pass right functions each time.")
    found = sum(not ok for ok, one in zip(passed, order, strict=True) if one.code)
    return replace(nothing, found=found)


class _Open(Answering):
    """Answers of a forward pass, whose cache a check may look into where it can be sent."""

    def _token(self, cache: Any) -> Any:
        try:
            pack({}, [cache])
        except CannotAsk:
            return super()._token(cache)
        return cache


class _Judge:
    """Answers questions, each by the function with the number before it."""

    def __init__(self, exchange: Exchange, function: str, order: list[Planted]) -> None:
        self._exchange, self._names, self._order = exchange, _pair(function), order
        self._is_forward = "_backward" not in function
        self._number = -1
        self._made = contextlib.ExitStack()

    def answer(self, _: str, question: bytes) -> bytes:
        """Return the answer to a question. Raises ValueError for what is none."""
        number = int.from_bytes(question[:_NUMBER], "big")
        if number != self._number:
            if not self._number < number < len(self._order):
                raise ValueError(f"function {number} was asked for, after {self._number}")
            self._turn_to(number)
        return self._answering.answer(question[_NUMBER:])

    def _turn_to(self, number: int) -> None:
        self.close()
        one = self._order[number]
        self._made.enter_context(nothing_left_over())
        changes = {one.block: one.code} if one.code else {}
        package = self._made.enter_context(self._exchange.made(changes))
        self._number = number
        self._answering = (_Open if self._is_forward else Answering)(package, self._names)
        np.random.seed(number)

    def close(self) -> None:
        """Take the bug out again."""
        self._made.close()


@contextlib.contextmanager
def _judge(exchange: Exchange, function: str, order: list[Planted]) -> Iterator[Answer]:
    before = np.random.get_state()
    try:
        with contextlib.closing(_Judge(exchange, function, order)) as judge:
            yield judge.answer
    finally:
        np.random.set_state(before)


def _pair(function: str) -> list[str]:
    """Return a function's name and its partner's: what one leaves in its cache is the other's."""
    both = [function]
    if "_backward" in function:
        both.append(re.sub(r"_backward(_alt)?", "_forward", function))
    elif "_forward" in function:
        both.append(function.replace("_forward", "_backward"))
    return [name for name in both if pair_of(name) == pair_of(function)]


def planted(
    course: Course, exchange: Exchange, pristine: Pristine, functions: tuple[str, ...]
) -> dict[str, Any]:
    """Return {function: pairs (block, code) with a bug}, which are made once for a course."""

    def make(folder):
        found = {}
        for function in functions:
            blocks = hunt.blocks_of(course, function)
            bugs = [(b.block, b.code) for b in hunt.planted(course, exchange, blocks)]
            bugs += _known(course, exchange, blocks, {code for _, code in bugs})
            found[function] = bugs
        (folder / "bugs.json").write_text(json.dumps(found))

    name = f"hunt-{'-'.join(functions)}"
    return json.loads((pristine.made(name, make) / "bugs.json").read_text())


def _known(course, exchange, blocks, seen):
    """Return the known mistakes of blocks that make wrong numbers of the right shape.

    They show in half of a check's ordinary cases: what needs a rare input, or a second call, to be
    seen is nothing to ask of a first check.
    """
    found = []
    for block in blocks:
        right = right_codes(course, exchange, block)
        checks = course.checks.of_block(block)
        for one in (one for one in course.mistakes if one.block == block):
            code = one.codes(right)[0]
            shows, _ = hunt.noticed(checks, exchange, block, Mutant("", code, 0))
            if shows and code not in seen and _shows_often(exchange, checks, block, code):
                found.append((block, code))
    return found[:_MOST_MISTAKES]


def _shows_often(exchange, checks, block, code):
    with nothing_left_over(), exchange.made({block: code}) as changed:
        for check in checks:
            outcome, expected = check.run(changed, check.rng()), check.recorded()
            verdict = check.judge(outcome, expected)
            shapes = {entry.name: entry.array.shape for entry in expected.of_kind(VALUE)}
            if any(shapes.get(e.name) != e.array.shape for e in outcome.of_kind(VALUE)):
                return False
            for group, parts in verdict.groups(VALUE).items():
                counts = not check.main or group in check.main
                if counts and 2 * sum(not part.ok for part in parts) >= len(parts):
                    return True
    return False
