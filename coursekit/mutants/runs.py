"""What comes out of the checks when mistakes are made in the reference."""

import contextlib

from ..checks import SEED, imported
from ..checks.verdict import signature
from .exchange import Exchange, altered
from .hypotheses import right_codes

__all__ = ["MistakeRuns", "altered", "reference"]


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

    def __init__(self, course, exchange, seeds=(SEED,), of=None):
        self.course = course
        self._of = of or course
        self.mistakes = self._of.mistakes
        self._exchange = exchange
        self._seeds = tuple(seeds)
        self._expected, self._outcomes = {}, {}

    def of_block(self, block):
        """Return the mistakes in a block."""
        return [mistake for mistake in self.mistakes if mistake.block == block]

    def expected(self, check, seed):
        """Return the reference's outcome of a check."""
        if (check.name, seed) not in self._expected:
            outcome = check.run(self._exchange.under_test, check.rng(seed))
            self._expected[check.name, seed] = outcome
        return self._expected[check.name, seed]

    def outcomes(self, mistake, check, seed):
        """Return the outcomes of a check on the reference with a mistake, one for each spelling."""
        if mistake not in self._outcomes:
            self._outcomes[mistake] = self._run(mistake)
        return self._outcomes[mistake][check.name, seed]

    def signature(self, mistake, check, seed):
        """Return the Signature of a mistake, as its first spelling has it."""
        outcome = self.outcomes(mistake, check, seed)[0]
        return signature(outcome, self.expected(check, seed))

    def _run(self, mistake):
        checks = self.course.checks.of_block(mistake.block)
        found = {(check.name, seed): [] for check in checks for seed in self._seeds}
        right = right_codes(self._of, self._exchange, mistake.block)
        for code in mistake.codes(right):
            with self._exchange.made({mistake.block: code}) as under_test:
                for check in checks:
                    for seed in self._seeds:
                        outcome = check.run(under_test, check.rng(seed))
                        found[check.name, seed].append(outcome)
        return found


@contextlib.contextmanager
def reference(course):
    """Import a course's package, and yield its Exchange."""
    with imported(course, course.package_folder) as under_test:
        yield Exchange(course, under_test)
