"""What a check is, and all checks of a course by name.

A file in `course/exercises` writes a check as a function of the code under test and of its run:

    @check(points=2, notebook="LinearRegression", hints=["...", "..."])
    def predict(student, run):
        X, w = run.rng.standard_normal((5, 3)), run.rng.standard_normal(3)
        return {"predictions": student.predict(X, w)}

It draws its inputs, calls the code, and returns the named arrays that came out; what should have
come out it does not know. In a notebook it is run, and its verdict shown, by

    from course import check
    check.predict()
    check.predict(hint=1)
    check.predict.example()
    check.predict(steps={"product": product})
"""

from __future__ import annotations

import difflib
import inspect
import re
import sys
import textwrap
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .. import notebooks
from . import examples, freshness, progress, rendering, signatures
from .lower import Asking, pair_of
from .outcome import VALUE, Frame, Outcome
from .run import Functions, Run, own_frames
from .stepwise import compare as compare_steps
from .stepwise import hint_of as hint_of_steps
from .stepwise import of_check as steps_of_check
from .under_test import UnderTest, WrongPackage
from .verdict import Kind, better, judge

if TYPE_CHECKING:
    from ..course import Course
    from .verdict import Verdict

# The seed of everything in the notebooks. Grading draws its own.
SEED = 231

# {name: what came out}, given the code under test and the run.
CheckFunction = Callable[[Functions, Run], Mapping[str, Any]]


class _OneLine:
    """An exception that a notebook shows as one line: nothing in our frames helps the reader."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class CheckFailed(_OneLine, AssertionError):
    """A check did not pass. The verdict has been shown by the time this is raised."""


class Interrupted(KeyboardInterrupt):
    """A check was interrupted. A notebook shows where the code under test was."""

    def __init__(self, frames: tuple[Frame, ...]) -> None:
        super().__init__(f"the check was interrupted{rendering.place_of(frames)}")
        self.frames = frames

    def _render_traceback_(self) -> list[str]:
        return [*rendering.trace(self.frames), f"KeyboardInterrupt: {self}"]


class NoSuchCheck(_OneLine, AttributeError):
    """There is no check of that name."""


class WrongFolder(_OneLine, ImportError):
    """The package that Python has imported is not the one of this course's folder."""


def check(
    *,
    points: int,
    notebook: str,
    blocks: Sequence[str] = (),
    main: Mapping[str, float] | Sequence[str] = (),
    hints: Sequence[str] = (),
) -> Callable[[CheckFunction], Check]:
    """Make a check of a function of the code under test and of a run.

    Parameters
    ----------
    points : int
        What the check is worth. 0 makes it one of an optional exercise: that counts nowhere, and
        may stay blank.
    notebook : str
        The notebook that has its cell.
    blocks : sequence of str, optional
        The names of the blocks that it is there for, by default its own name.
    main : dict of {str: float} or sequence of str, optional
        The groups of entries that the check is there for, with their weights: they share two thirds
        of the points or more, and any other group has a ninth at most. By default all groups are
        such.
    hints : sequence of str, optional
        What `check.NAME(hint=n)` tells, each a little more than the one before. Hints are sentences
        in words; they hold no code and no finished answer.

    Raises ValueError for points that are not a whole number of 0 or more, and for the name
    of something else that `Checks` offers, such as `points`.
    """
    if not isinstance(points, int) or points < 0:
        raise ValueError(f"points is {points!r}, expected a whole number of 0 or more")

    def register(function: CheckFunction) -> Check:
        name = function.__name__
        if name.startswith("_") or hasattr(Checks, name):
            raise ValueError(f"a check cannot be named {name!r}, expected another name")
        return Check(function, points, notebook, blocks, main, hints)

    return register


class Check:
    """One check. What it is made of is told in `check`; `course` is the one it was found in."""

    def __init__(
        self,
        function: CheckFunction,
        points: int,
        notebook: str,
        blocks: Sequence[str] = (),
        main: Mapping[str, float] | Sequence[str] = (),
        hints: Sequence[str] = (),
        course: Course | None = None,
    ) -> None:
        self.function = function
        self.name = function.__name__
        self.points = points
        self.notebook = notebook
        self.blocks = tuple(blocks) or (self.name,)
        self.main = dict(main) if isinstance(main, dict) else dict.fromkeys(main, 1)
        self.hints = tuple(hints)
        # None until `of_course`, before which nobody runs a check.
        self.course: Course = course  # type: ignore[assignment]
        self.__doc__ = inspect.getdoc(function)

    @property
    def is_optional(self) -> bool:
        """Whether the check is one of an optional exercise."""
        return self.points == 0

    @property
    def functions(self) -> set[str]:
        """The names of the functions that the check's blocks are in, without methods."""
        return {block.partition(":")[0] for block in self.blocks if "." not in block}

    @property
    def answerable(self) -> set[str]:
        """The functions of other blocks that may be answered from outside."""
        # A layer and its backward pass are answered as a pair, and never one that is judged here.
        own = {pair_of(function) for function in self.functions}
        return {name for name in self.course.checks.functions if pair_of(name) not in own}

    def __repr__(self) -> str:
        return f"<check {self.name}: {self.points} points, {self.notebook}>"

    def is_of(self, module: ModuleType) -> bool:
        """Whether a module defines the check, and does not just import it."""
        return self.function.__module__ == module.__name__

    def of_course(self, course: Course) -> Check:
        """Return the check as one of a course."""
        return Check(self.function, self.points, self.notebook, self.blocks, self.main,
                     self.hints, course)  # fmt: skip

    def __call__(self, hint: int = 0, steps: Mapping[str, Any] | None = None) -> None:
        """Check the package, show the verdict, and raise CheckFailed unless it is passed.

        An optional exercise may be left blank: then nothing is raised.

        `hint` is how many of the check's hints to show below the verdict. Raises Interrupted
        where somebody did not want to wait.

        `steps` are intermediates by name, {"dvar": dvar}, computed from what `inputs()` hands out.
        Then nothing else is checked: what is shown is the first of them that is wrong. Raises
        NoSteps where the check knows no steps.
        """
        freshness.reload_whole_files()
        if steps is not None:
            show(compare_steps(self, steps, self._own_package()))
            return
        try:
            verdict = self.verdict()
        except KeyboardInterrupt as error:
            raise Interrupted(own_frames(error, self.course.package_folder.resolve())) from None
        verdict = replace(verdict, hints=self._hints_for(verdict, hint))
        depends_on = freshness.digests_of(self)
        out_of_date = freshness.out_of_date(self)
        verdict = replace(verdict, notes=(*out_of_date, *freshness.damage_in(self.course)))
        if not out_of_date:  # else it is on code that is no longer there
            progress.keep(self.course, progress.record_of(verdict, depends_on))
        # The fingerprint stays in the notebook, and tells later whether the output is out of date.
        show(
            verdict,
            {
                "check": self.name,
                "sources": freshness.fingerprint(depends_on),
                "verdict": verdict.for_machines(),
            },
        )
        if not (verdict.passed or (self.is_optional and verdict.kind == Kind.NOT_ATTEMPTED)):
            raise CheckFailed(verdict.first_line)

    def example(self) -> None:
        """Show the smallest example that goes wrong: what goes in, what is expected, and yours."""
        freshness.reload_whole_files()
        found = examples.smallest_example(self, self._own_package())
        if found:
            show(found)
        else:
            print(f"None of the small examples of {self.name} goes wrong.")

    def inputs(self) -> Any:
        """Return what to compute the steps of the check from: see `steps` of a call.

        Raises NoSteps where the check knows no steps, and what the student's own code raises.
        """
        freshness.reload_whole_files()
        _, handed = steps_of_check(self).started(self._own_package())
        return handed

    def verdict(self, under_test: UnderTest | None = None) -> Verdict:
        """Return the verdict on the fixed seed, from the recorded values and known mistakes.

        `under_test` is another copy of the package than that of the course's folder.
        Raises WrongFolder if the package that Python has imported is another one.
        """
        under_test = under_test or self._own_package()
        outcome = self.run(under_test, self.rng())
        expected, known = self.recorded(), signatures.load(self.course, self.name)
        verdict = self.judge(outcome, expected, known)
        if verdict.kind in (Kind.NOT_ATTEMPTED, Kind.WAITING):
            verdict = _to_save(verdict, outcome, under_test)
        if not verdict.kind.gets_second_run or _unreadable(outcome):
            return verdict
        if outcome.douts:  # there are gradients, which may be right for what comes forward
            again = self.judge(self.run_again(under_test, self.rng()), expected, known)
            verdict = better(verdict, again)
        if verdict.passed:
            return verdict
        return self.explained(self._leaning(verdict, under_test), under_test)

    def explained(self, verdict: Verdict, under_test: UnderTest) -> Verdict:
        """Return a red verdict that says more where no mistake is named.

        It says with which inputs the code is right, if there are such, and shows the smallest
        example that goes wrong.
        """
        if verdict.mistake or verdict.cause or not verdict.kind.is_red:
            return verdict
        sentence, example = examples.explain_by_example(self, under_test)
        sentences = (sentence,) if sentence else verdict.sentences
        return replace(verdict, sentences=sentences, example=example)

    def recorded(self) -> Outcome:
        """Return what the reference answers on the fixed seed, an Outcome.

        Raises FileNotFoundError if nothing was recorded.
        """
        path = self.course.recorded / f"{self.name}.npz"
        if not path.exists():
            raise FileNotFoundError(
                f"no values are recorded for the check {self.name}: expected them in {path}"
            )
        return Outcome.from_bytes(path.read_bytes())

    def judge(
        self,
        outcome: Outcome,
        expected: Outcome,
        mistakes: signatures.Signatures | None = None,
    ) -> Verdict:
        """Return the verdict on an outcome, given the reference's on the same inputs."""
        return judge(outcome, expected, self.points, mistakes, self.main)

    def named(self, verdict: Verdict, outcome: Outcome) -> Verdict:
        """Return a verdict on other inputs with the name that the answer gets on the fixed seed.

        `outcome` is that of the same code on the fixed seed: what mistakes do is known there alone.
        """
        if not verdict.kind.is_red:
            return verdict
        known = signatures.load(self.course, self.name)
        fixed = self.judge(outcome, self.recorded(), known)
        if not fixed.mistake:
            return verdict
        return replace(verdict, mistake=fixed.mistake, sentences=fixed.sentences)

    def rng(self, seed: int = SEED) -> np.random.Generator:
        """Return the check's generator: each check draws from a stream of its own."""
        return np.random.default_rng([seed, zlib.crc32(self.name.encode())])

    def run_again(
        self,
        under_test: UnderTest,
        rng: np.random.Generator,
        ask: Callable[[bytes], bytes] | None = None,
    ) -> Outcome:
        """Run the check a second time, more leniently, where the first run was not passed.

        Forward passes are probed, so that a backward pass can be judged by its own. With `ask`, a
        function from a question to its answer, other blocks are answered from outside.
        """
        if ask is None:
            return self.run(under_test, rng, probing=True)
        asking = Asking(ask)
        with asking.in_place_of(under_test, self.answerable):
            outcome = self.run(under_test, rng, probing=True)
        outcome.leans_on = asking.wrong
        return outcome

    def run(
        self, under_test: UnderTest, rng: np.random.Generator, *, probing: bool = False
    ) -> Outcome:
        """Run the check on a copy of the package and return its outcome; nothing is raised.

        Only KeyboardInterrupt gets through. numpy's global stream, which networks draw their first
        weights from, is seeded from `rng` and put back afterwards. Warnings are not shown: a
        division by zero shows in the values.
        """
        run = Run(under_test, self.name, rng, probing)
        run.outcome.own = self.blocks
        run.outcome.stream = stream_of(rng)
        before = np.random.get_state()
        np.random.seed(int(rng.integers(2**31)))
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                for name, value in self.function(Functions(run), run).items():
                    run.outcome.add(name, VALUE, value)
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # sys.exit, and exceptions of a student's own
            run.note(error)
        finally:
            np.random.set_state(before)
        self._look_at_blocks(run)
        return run.outcome

    def _look_at_blocks(self, run: Run) -> None:
        """Note which of the check's own blocks are blank, or hold code and the stub."""
        for block in freshness.blocks_under_test(run.under_test):
            if block.name in self.blocks and not (block.is_filled and block.has_code):
                kind = "mixed" if block.has_code else "blank"
                setattr(run.outcome, kind, (*getattr(run.outcome, kind), block.name))

    def _leaning(self, verdict: Verdict, under_test: UnderTest) -> Verdict:
        """Return the verdict with the blocks below that are wrong.

        One that runs another of them is not named: it may be right itself.
        """
        wrong: list[str] = []
        ran = self._blocks_run(under_test)
        for other in freshness.checks_below(self):
            # The names in a network are those of all its layers, of which one check runs a few.
            blocks = [block for block in other.blocks if block in ran and block not in wrong]
            if not blocks:
                continue
            found = other.judge(other.run(under_test, other.rng()), other.recorded())
            if found.kind.is_red and not other._blocks_run(under_test).intersection(wrong):
                wrong += blocks
        return replace(verdict, leans_on=tuple(wrong))

    def _blocks_run(self, under_test: UnderTest) -> set[str]:
        return freshness.blocks_run_by(under_test, lambda: self.run(under_test, self.rng()))

    def _own_package(self) -> UnderTest:
        """Return the package of the course's folder. Raises WrongFolder if it is another one."""
        under_test = UnderTest(self.course)
        try:
            _ = under_test.folder
        except WrongPackage as error:
            raise WrongFolder(error) from None
        return under_test

    def hints_up_to(self, level: int) -> list[str]:
        """Return the first hints, numbered, and say so where the last one is among them."""
        told = self._numbered_hints(level)
        return told if level < len(self.hints) else [*told, "That was the last hint."]

    def _numbered_hints(self, level: int) -> list[str]:
        return [f"Hint {number}: {hint}" for number, hint in enumerate(self.hints[:level], start=1)]

    def _hints_for(self, verdict: Verdict, level: int) -> tuple[str, ...]:
        """Return what stands below a verdict: the hints up to `level`, and how to get the next one.

        A verdict that is passed needs no hints, and for one on other inputs they are of no use. A
        block that is not attempted yet gets those that are asked for, and is not pointed to them.
        Raises ValueError for a level that is not a whole number of 0 or more.
        """
        if not isinstance(level, int) or level < 0:
            raise ValueError(f"hint is {level!r}, expected a whole number of 0 or more")
        if not (verdict.kind.is_red or verdict.kind == Kind.NOT_ATTEMPTED):
            return ("No hint is needed here.",) if level and verdict.passed else ()
        told = self._numbered_hints(level)
        on_steps = hint_of_steps(self) if verdict.kind != Kind.NOT_ATTEMPTED else ()
        return (*told, *on_steps, *self._after_hints(verdict, level))

    def _after_hints(self, verdict: Verdict, level: int) -> list[str]:
        count = len(self.hints)
        if level > count:
            there = {0: "are no hints", 1: "is one hint"}.get(count, f"are {count} hints")
            return [f"There {there} for {self.name}, and no hint {level}."]
        if level == count:
            return ["That was the last hint."] if count else []
        if verdict.kind == Kind.NOT_ATTEMPTED and not level:
            return []
        return [f"check.{self.name}(hint={level + 1}) tells more."]


class Checks:
    """The checks of a course: `check.NAME()` runs one, and iteration gives them in their order.

    The order is that of the notebooks, and within a notebook that of its cells. What is counted,
    summed or gone through are the checks that give points; `optional` has the others.

    Raises ValueError if two checks have the same name.
    """

    def __init__(self, course: Course, checks: Iterable[Check]) -> None:
        self._course = course
        self._by_name: dict[str, Check] = {}
        for check in checks:
            if check.name in self._by_name:
                raise ValueError(f"two checks are named {check.name!r}, expected a name for each")
            self._by_name[check.name] = check.of_course(course)

    def __getattr__(self, name: str) -> Check:
        checks = vars(self).get("_by_name", {})
        if name in checks:
            return checks[name]
        if name.startswith("_"):  # what notebooks and debuggers ask any object for
            raise AttributeError(name)
        close = difflib.get_close_matches(name, checks, n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else self._all_of_them()
        raise NoSuchCheck(f"no check is named {name!r}. {hint}")

    def _all_of_them(self) -> str:
        ipython = sys.modules.get("IPython")
        if ipython is not None and ipython.get_ipython() is not None:
            return "Type check. and Tab for all."
        return f"There are {', '.join(check.name for check in self)}."

    def __getitem__(self, name: str) -> Check:
        """Return the check of that name. Raises NoSuchCheck."""
        return self.__getattr__(name)

    def progress(self) -> None:
        """Show the last verdict of each check that was run here, and the points so far."""
        show(progress.last_verdicts(self._course, self._in_order))

    def needs(self, *functions: str) -> None:
        """Print which of the blocks that a notebook builds on are not filled in yet.

        `functions` are the names of functions and classes with blocks.
        Raises NoSuchCheck for one that has none.
        """
        missing: dict[str, list[str]] = {}
        blank = {
            block.name
            for block in freshness.blocks_under_test(UnderTest(self._course))
            if not block.is_filled
        }
        for function in functions:
            own = [
                (block, check.notebook)
                for check in self
                for block in check.blocks
                if re.split(r"[.:]", block)[0] == function
            ]
            if not own:
                raise NoSuchCheck(f"no block is in {function!r}")
            for block, notebook in own:  # a block is of the first notebook that asks for it
                if block in blank:
                    missing.setdefault(notebook, []).append(block)
                    blank.remove(block)
        if not missing:
            print("The blocks that this notebook builds on are filled in.")
        for notebook, blocks in missing.items():
            said = (
                f"This notebook builds on {', '.join(blocks)}, not filled in yet: see {notebook}."
            )
            print(textwrap.fill(said, 96, break_long_words=False, break_on_hyphens=False))

    def _repr_html_(self) -> str:
        return progress.last_verdicts(self._course, self)._repr_html_()

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(progress.last_verdicts(self._course, self)))

    def __repr__(self) -> str:
        return f"<{len(self)} checks of {self._course.title}; check.progress() shows them>"

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._by_name]

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __iter__(self) -> Iterator[Check]:
        return (check for check in self._in_order if not check.is_optional)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @property
    def optional(self) -> list[Check]:
        """The checks of optional exercises, in their order."""
        return [check for check in self._in_order if check.is_optional]

    @property
    def with_optional(self) -> list[Check]:
        """All checks, in their order."""
        return list(self._in_order)

    @cached_property
    def functions(self) -> set[str]:
        """The names of all functions that have blocks in them."""
        return set().union(*(check.functions for check in self._by_name.values()))

    def of_notebook(self, notebook: str) -> list[Check]:
        """Return the checks of one notebook."""
        return [check for check in self if check.notebook == notebook]

    def of_block(self, block: str) -> list[Check]:
        """Return the checks that are there for a block, optional or not."""
        return [check for check in self._in_order if block in check.blocks]

    def notebooks(self) -> list[str]:
        """Return the names of the notebooks that have checks."""
        return list(dict.fromkeys(check.notebook for check in self))

    def points(self, notebook: str | None = None) -> int:
        """Return the sum of points, of one notebook or of all."""
        return sum(c.points for c in (self if notebook is None else self.of_notebook(notebook)))

    @cached_property
    def _in_order(self) -> list[Check]:
        places = {}
        for number, notebook in enumerate(self._course.notebooks):
            asked = notebooks.checks_asked_in(self._course.notebook(notebook))
            found = [check for check in self._by_name.values() if check.notebook == notebook]
            for check in found:
                cell = asked.index(check.name) if check.name in asked else len(asked)
                places[check.name] = (number, cell)
        last = (len(self._course.notebooks), 0)
        return sorted(self._by_name.values(), key=lambda c: (*places.get(c.name, last), c.name))


def _to_save(verdict: Verdict, outcome: Outcome, under_test: UnderTest) -> Verdict:
    """Add that a file has to be saved, where it has nothing but a stub in the block."""
    stubs = [
        b.name for b in freshness.blocks_under_test(under_test) if b.code.strip() == b.stub.strip()
    ]
    if outcome.unfilled and outcome.unfilled[0].block in stubs and not outcome.mixed:
        said = "If you have written it, save the file."
        return replace(verdict, sentences=(*verdict.sentences, said))
    return verdict


def _unreadable(outcome: Outcome) -> bool:
    """Whether a file cannot be read or imported, so that nothing more can be found out."""
    types = {"SyntaxError", "IndentationError", "TabError", "ImportError", "ModuleNotFoundError"}
    return any(crash.type in types for crash in outcome.crashes)


def stream_of(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return what `rng` would draw next, in several of the ways that checks draw."""
    state = rng.bit_generator.state
    drawn = [rng.standard_normal(8), rng.random(4), rng.integers(1000, size=4), rng.permutation(6)]
    rng.bit_generator.state = state
    return np.concatenate(drawn)


def show(shown: object, metadata: dict[str, Any] | None = None) -> None:
    """Show a verdict or a table: as a table in a notebook, as text elsewhere."""
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        ours = {notebooks.METADATA: metadata} if metadata else None
        ipython.display.display(shown, metadata=ours)
        return
    try:
        print(shown)
    except UnicodeEncodeError:  # a terminal that has not all letters
        encoding = sys.stdout.encoding or "ascii"
        print(str(shown).encode(encoding, "backslashreplace").decode(encoding))
