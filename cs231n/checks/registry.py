"""The checks by name: what `@check(...)` registers and `check.NAME()` runs.

In a notebook:

    from cs231n.checks import check
    check.batchnorm_backward()
    check.batchnorm_backward(hint=1)

A check is a function of the code under test and of a random generator. It draws its inputs, calls
the code, and returns the named arrays that came out; what should have come out it does not know.
"""

import difflib
import inspect
import sys
import warnings
import zlib
from dataclasses import replace

import numpy as np

from . import recorded, records, signatures, sources, table
from .course import Course
from .hinting import hints_for
from .judgement import judge
from .loaded import not_loaded, reload_whole_files
from .outcome import VALUE
from .trial import Trial

# The seed of everything in the notebooks. Grading draws its own.
SEED = 231


class _OneLine:
    """An exception that a notebook shows as one line: nothing in our frames helps the reader."""

    def _render_traceback_(self):
        return [f"{type(self).__name__}: {self}"]


class CheckFailed(_OneLine, AssertionError):
    """A check did not pass. The verdict has been shown by the time this is raised."""


class NoSuchCheck(_OneLine, AttributeError):
    """There is no check of that name."""


class Check:
    """One check, with its points and its notebook.

    blocks: the names of the blocks that it is there for, its own name unless told otherwise.
    weights: how much of the points a group of entries is worth, 1 where nothing is said.
    """

    def __init__(self, function, points, notebook, blocks, weights):
        self.function = function
        self.name = function.__name__
        self.points = points
        self.notebook = notebook
        self.blocks = tuple(blocks) or (self.name,)
        self.weights = dict(weights)
        self.__doc__ = inspect.getdoc(function)

    def __repr__(self):
        return f"<check {self.name}: {self.points} points, {self.notebook}>"

    def __call__(self, hint=0):
        """Check the package, show the verdict, and raise CheckFailed unless it is passed.

        `hint` is how many of the check's hints to show below the verdict.
        """
        reload_whole_files()
        verdict = self.verdict()
        verdict = replace(verdict, hints=hints_for(verdict, hint))
        depends_on = sources.digests_of(self)
        verdict = replace(verdict, notes=tuple(not_loaded(self)))
        if not verdict.notes:  # else it is on code that is no longer there
            records.keep(records.record_of(verdict, depends_on))
        # The fingerprint stays in the notebook, and tells later whether the output is out of date.
        _show(verdict, {"check": self.name, "sources": sources.fingerprint(depends_on)})
        if not verdict.passed:
            raise CheckFailed(verdict.first_line)

    def verdict(self, course=None):
        """Return the verdict on the fixed seed, from the recorded values and known mistakes.

        `course` is another copy of the package than the one that this check belongs to.
        """
        outcome = self.run(course or Course(), self.rng())
        return self.judge(outcome, recorded.load(self.name), signatures.load(self.name))

    def judge(self, outcome, expected, mistakes=()):
        """Return the verdict on an outcome, given the reference's on the same inputs."""
        return judge(outcome, expected, self.points, mistakes, self.weights)

    def rng(self, seed=SEED):
        """Return the check's generator: each check draws from a stream of its own."""
        return np.random.default_rng([seed, zlib.crc32(self.name.encode())])

    def run(self, course, rng):
        """Run the check on a copy of the package and return its outcome; nothing is raised.

        Only KeyboardInterrupt gets through. numpy's global stream, which networks draw their first
        weights from, is seeded from `rng` and put back afterwards. Warnings are not shown: a
        division by zero shows in the values.
        """
        trial = Trial(course, self.name)
        trial.outcome.stream = stream_of(rng)
        before = np.random.get_state()
        np.random.seed(int(rng.integers(2**31)))
        try:
            with warnings.catch_warnings(), np.errstate(all="ignore"):
                warnings.simplefilter("ignore")
                for name, value in self.function(trial, rng).items():
                    trial.outcome.add(name, VALUE, value)
        except (Exception, SystemExit) as error:
            trial.note(error)
        finally:
            np.random.set_state(before)
        return trial.outcome


class Registry:
    """All checks: `check.NAME()` runs one, and iteration gives them in their order."""

    def __init__(self):
        self._checks = {}

    def __call__(self, *, points, notebook, blocks=(), weights=()):
        """Register a function as a check: `@check(points=6, notebook="BatchNormalization")`.

        Raises ValueError for points that are not a positive whole number, and for a name that is
        taken.
        """
        if not isinstance(points, int) or points < 1:
            raise ValueError(f"points is {points!r}, expected a whole number of 1 or more")

        def register(function):
            name = function.__name__
            if name in dir(self):
                raise ValueError(f"a check cannot be named {name!r}: the name is taken")
            self._checks[name] = Check(function, points, notebook, blocks, weights)
            return self._checks[name]

        return register

    def __getattr__(self, name):
        checks = vars(self).get("_checks", {})
        if name in checks:
            return checks[name]
        if name.startswith("_"):  # what notebooks and debuggers ask any object for
            raise AttributeError(name)
        close = difflib.get_close_matches(name, checks, n=3)
        hint = f"Did you mean {' or '.join(close)}?" if close else "Type check. and Tab for all."
        raise NoSuchCheck(f"no check is named {name!r}. {hint}")

    def progress(self):
        """Show the last verdict of each check that was run here, and the points so far."""
        _show(table.last_verdicts(self))

    def __dir__(self):
        return [*super().__dir__(), *self._checks]

    def __iter__(self):
        return iter(self._checks.values())

    def __len__(self):
        return len(self._checks)

    def of_notebook(self, notebook):
        """Return the checks of one notebook."""
        return [check for check in self if check.notebook == notebook]

    def of_block(self, block):
        """Return the checks that are there for a block."""
        return [check for check in self if block in check.blocks]

    def notebooks(self):
        """Return the names of the notebooks that have checks."""
        return list(dict.fromkeys(check.notebook for check in self))

    def points(self, notebook=None):
        """Return the sum of points, of one notebook or of all."""
        return sum(c.points for c in (self if notebook is None else self.of_notebook(notebook)))


def stream_of(rng):
    """Return what `rng` would draw next, in several of the ways that checks draw."""
    state = rng.bit_generator.state
    drawn = [rng.standard_normal(8), rng.random(4), rng.integers(1000, size=4), rng.permutation(6)]
    rng.bit_generator.state = state
    return np.concatenate(drawn)


def _show(shown, metadata=None):
    """Show a verdict or a table: as a table in a notebook, as text elsewhere."""
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        ipython.display.display(shown, metadata={"cs231n": metadata} if metadata else None)
    else:
        print(shown)


check = Registry()
reload_whole_files()
