"""What answers are judged by: the checks, the reference's own answers, and known mistakes."""

import contextlib
from functools import cache, cached_property

from .. import notebooks
from ..checks import Outcome, imported
from ..checks.lower import Answering


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
        self._stack = contextlib.ExitStack()
        self._answering = None
        self._red = {}  # {check: (verdict, outcome)} of those that are not passed

    def close(self):
        """Forget what was imported."""
        self._stack.close()

    @cached_property
    def reference(self):
        """The package with the reference in its blocks, an UnderTest."""
        return self._stack.enter_context(imported(self.course, self.course.package_folder))

    def begin_answers(self, check):
        """Get ready to answer what a check asks in a second run."""
        self._answering = Answering(self.reference, check.answerable)

    def answer(self, check, question):
        """Answer a question of a check that is run a second time, both as bytes."""
        return self._answering.answer(question)

    def keep_red(self, check, verdict, outcome):
        """Keep a verdict that is not passed, until all checks have been run."""
        self._red[check] = verdict, outcome

    def reconsidered(self):
        """Yield (check, verdict) of checks that come off better by a mistake in another block.

        Where a block is wrong in a way that is known, the checks of others are judged by the
        reference with that mistake in it: one mistake costs once.
        """
        named = [
            (block, verdict.mistake)
            for check, (verdict, _) in self._red.items()
            for block in check.blocks
            if verdict.mistake
        ]
        if not named:
            return
        from ..mutants.consequences import Consequences  # most submissions need none

        consequences = Consequences(self.course, self.seed)
        for check, (verdict, outcome) in self._red.items():
            found = consequences.reconsidered(check, verdict, outcome, named)
            if found is not verdict:
                yield check, found

    @cached_property
    def checks(self):
        """The checks that grading runs, by name: those that the notebooks have a cell for."""
        return {check.name: check for check in self.course.checks if self._is_asked(check)}

    def expected(self, check):
        """Return the reference's outcome of a check."""
        folder = self._pristine.made(f"expected-{self.seed}", self._record)
        return _read(folder / f"{check.name}.npz")

    def read_all(self):
        """Read what all checks are judged by, once for this process and those forked from it."""
        for check in self.checks.values():
            self.expected(check)

    def mistakes(self, check):
        """Return the Signatures of what is known of a check's mistakes on the seed of this key."""
        from ..mutants.runs import known_mistakes  # a while to import, and most answers are right

        folder = self._pristine.made("mistakes", lambda folder: None)
        return known_mistakes(check, self.seed, folder)

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


@cache
def _read(path):
    """Return the outcome in a file, whose folder is named by all that it depends on."""
    return Outcome.from_bytes(path.read_bytes())
