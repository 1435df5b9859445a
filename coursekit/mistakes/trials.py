"""What comes out of the checks when known mistakes are made in the reference."""

import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path

from cs231n.blocks import blocks_of
from cs231n.checks import Course, check, signatures
from cs231n.checks.judgement import signature

from ..packages import REFERENCE, altered
from . import every

HERE = Path(__file__).parent


class Trials:
    """Runs of checks on the reference and on the reference with mistakes, each done once.

    seeds: of the inputs that all runs are done on. checks: those to run, all by default.
    """

    def __init__(self, seeds, checks=None):
        self._seeds = tuple(seeds)
        self._checks = list(check if checks is None else checks)
        self._expected, self._outcomes, self._signatures = {}, {}, {}

    def expected(self, one, seed):
        """Return the reference's outcome of a check."""
        if (one.name, seed) not in self._expected:
            self._expected[one.name, seed] = one.run(Course(), one.rng(seed))
        return self._expected[one.name, seed]

    def outcome(self, mistake, one, seed):
        """Return the outcome of a check on the reference with a mistake."""
        if mistake not in self._outcomes:
            self._outcomes[mistake] = self._run(mistake)
        return self._outcomes[mistake][one.name, seed]

    def signatures(self, one, seed):
        """Return pairs (Signature, Mistake) for all mistakes that a check is there to notice."""
        if (one.name, seed) not in self._signatures:
            pairs = []
            for mistake in every.MISTAKES:
                if mistake.block in one.blocks:
                    outcome = self.outcome(mistake, one, seed)
                    pairs.append((signature(outcome, self.expected(one, seed)), mistake))
            self._signatures[one.name, seed] = [(s, mistake) for s, mistake in pairs if s]
        return self._signatures[one.name, seed]

    def verdict(self, mistake, one, seed):
        """Return the verdict on the reference with a mistake, as grading has it."""
        known = self.signatures(one, seed)
        return one.judge(self.outcome(mistake, one, seed), self.expected(one, seed), known)

    def _run(self, mistake):
        made = altered({_paths()[mistake.block]: mistake.made_in})
        wanted = [one for one in self._checks if mistake.block in one.blocks]
        with made as course:
            return {
                (one.name, seed): one.run(course, one.rng(seed))
                for one in wanted
                for seed in self._seeds
            }


def known_mistakes(one, seed, folder):
    """Return pairs (Signature, mistake) of a check for any seed, as `Check.judge` takes them.

    They are kept in `folder` and computed if they are not there yet: a second or two for a check.
    Several processes may share the folder.
    """
    path = Path(folder) / f"{one.name}-{seed}-{_key()}.npz"
    if not path.exists():
        pairs = Trials([seed], [one]).signatures(one, seed)
        _write(path, signatures.to_bytes({one.name: pairs}))
    return signatures.from_bytes(path)[one.name]


@cache
def _paths():
    return {block.name: block.path for block in blocks_of(REFERENCE)}


@cache
def _key():
    """Return a digest of what the signatures depend on: the package and the list of mistakes."""
    digest = hashlib.sha256()
    for path in sorted([*REFERENCE.rglob("*.py"), *HERE.glob("*.py")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _write(path, data):
    """Write a file in one step: whoever looks finds all of it or nothing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, delete=False) as aside:
        aside.write(data)
    os.replace(aside.name, path)
