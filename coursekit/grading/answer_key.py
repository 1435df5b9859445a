"""What answers are judged by: the checks, the reference's own answers, and known mistakes."""

from functools import cached_property

from .. import notebooks
from ..checks import SEED, Outcome, imported, signatures


class AnswerKey:
    """The checks of a course with one seed.

    Parameters
    ----------
    course : Course
        A course whose package holds the reference.
    pristine : Pristine
        Keeps what is computed for the seed.
    seed : int
    """

    def __init__(self, course, pristine, seed):
        self.course = course
        self.seed = seed
        self._pristine = pristine

    @cached_property
    def checks(self):
        """The checks that grading runs, by name: those that the notebooks have a cell for."""
        return {check.name: check for check in self.course.checks if self._is_asked(check)}

    def expected(self, check):
        """Return the reference's outcome of a check."""
        folder = self._pristine.made(f"expected-{self.seed}", self._record)
        return Outcome.from_bytes((folder / f"{check.name}.npz").read_bytes())

    def mistakes(self, check):
        """Return the Signatures of known mistakes: there are some for the fixed seed alone.

        Another seed's verdict gets its name by `check.named`, from an outcome of the fixed one.
        """
        return signatures.load(self.course, check.name) if self.seed == SEED else ()

    def _is_asked(self, check):
        """Whether a check has its cell, as far as its notebook is there."""
        path = self.course.notebook(check.notebook)
        return not path.exists() or check.name in self._asked[check.notebook]

    @cached_property
    def _asked(self):
        return {name: notebooks.checks_asked_in(self.course.notebook(name))
                for name in self.course.checks.notebooks()}  # fmt: skip

    def _record(self, folder):
        with imported(self.course, self.course.package_folder) as reference:
            for check in self.course.checks:
                outcome = check.run(reference, check.rng(self.seed))
                verdict = check.judge(outcome, outcome)
                if not verdict.passed:
                    raise RuntimeError(
                        f"with seed {self.seed} the reference does not pass:\n{verdict}"
                    )
                (folder / f"{check.name}.npz").write_bytes(outcome.to_bytes())
