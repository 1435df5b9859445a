"""What comes out of the checks when mistakes are made in the reference."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from ..blocks import blocks_of, read_source, write_source
from ..checks import SEED, imported, signatures
from ..checks.verdict import signature
from ..files import write_bytes

if TYPE_CHECKING:
    from ..checks import Check, Outcome, UnderTest, Verdict
    from ..checks.signatures import Known, Signature
    from ..course import Course
    from .mistake import Mistake


@contextlib.contextmanager
def altered(course: Course, changes: Mapping[str, Callable[[str], str]]) -> Iterator[UnderTest]:
    """Import a copy of a course's package in which some files are other ones.

    `changes` maps paths inside the package, such as "layers.py", to functions from the source of a
    file to the source in its place. Yields the UnderTest of the copy.
    """
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / course.package
        shutil.copytree(course.package_folder, folder, ignore=_no_code)
        for path, change in changes.items():
            write_source(folder / path, change(read_source(folder / path)))
        with imported(course, folder) as under_test:
            yield under_test


class MistakeRuns:
    """Runs of checks on the reference and on the reference with mistakes, each done once.

    Parameters
    ----------
    course : Course
        A course whose package holds the reference.
    seeds : iterable of int
        The seeds of the inputs that all runs are done on.
    mistakes : sequence of Mistake, optional
        By default those of the course.
    checks : iterable of Check, optional
        Those to run, all by default.
    """

    def __init__(
        self,
        course: Course,
        seeds: Iterable[int] = (SEED,),
        mistakes: Iterable[Mistake] | None = None,
        checks: Iterable[Check] | None = None,
    ) -> None:
        self.course = course
        self.mistakes = course.mistakes if mistakes is None else tuple(mistakes)
        self._seeds = tuple(seeds)
        self._checks = list(course.checks if checks is None else checks)
        self._expected: dict[tuple[str, int], Outcome] = {}
        self._outcomes: dict[Mistake, dict[tuple[str, int], Outcome]] = {}
        self._signatures: dict[tuple[str, int], list[tuple[Signature, Mistake]]] = {}

    def of_block(self, block: str) -> list[Mistake]:
        """Return the mistakes in a block."""
        return [mistake for mistake in self.mistakes if mistake.block == block]

    def expected(self, check: Check, seed: int) -> Outcome:
        """Return the reference's outcome of a check."""
        if (check.name, seed) not in self._expected:
            with imported(self.course, self.course.package_folder) as under_test:
                for each in self._seeds:
                    self._expected[check.name, each] = check.run(under_test, check.rng(each))
        return self._expected[check.name, seed]

    def outcome(self, mistake: Mistake, check: Check, seed: int) -> Outcome:
        """Return the outcome of a check on the reference with a mistake."""
        if mistake not in self._outcomes:
            self._outcomes[mistake] = self._run(mistake)
        return self._outcomes[mistake][check.name, seed]

    def signatures(self, check: Check, seed: int) -> list[tuple[Signature, Mistake]]:
        """Return pairs (Signature, Mistake) for all mistakes that a check is there to notice."""
        if (check.name, seed) not in self._signatures:
            pairs = []
            for mistake in self.mistakes:
                if mistake.block in check.blocks:
                    outcome = self.outcome(mistake, check, seed)
                    pairs.append((signature(outcome, self.expected(check, seed)), mistake))
            self._signatures[check.name, seed] = [(s, mistake) for s, mistake in pairs if s]
        return self._signatures[check.name, seed]

    def verdict(self, mistake: Mistake, check: Check, seed: int) -> Verdict:
        """Return the verdict on the reference with a mistake, as grading has it."""
        known = self.signatures(check, seed)
        return check.judge(self.outcome(mistake, check, seed), self.expected(check, seed), known)

    @cached_property
    def _paths(self) -> dict[str, str]:
        return {block.name: block.path for block in blocks_of(self.course.package_folder)}

    def _run(self, mistake: Mistake) -> dict[tuple[str, int], Outcome]:
        made = altered(self.course, {self._paths[mistake.block]: mistake.made_in})
        wanted = [check for check in self._checks if mistake.block in check.blocks]
        with made as under_test:
            return {
                (check.name, seed): check.run(under_test, check.rng(seed))
                for check in wanted
                for seed in self._seeds
            }


def known_mistakes(check: Check, seed: int, folder: Path | str) -> list[tuple[Signature, Known]]:
    """Return pairs (Signature, mistake) of a check for any seed, as `Check.judge` takes them.

    They are kept in `folder` and computed if they are not there yet: a second or two for a check.
    Several processes may share the folder.
    """
    path = Path(folder) / f"{check.name}-{seed}-{_key(check.course)}.npz"
    if not path.exists():
        pairs = MistakeRuns(check.course, [seed], checks=[check]).signatures(check, seed)
        write_bytes(path, signatures.to_bytes({check.name: pairs}))
    return signatures.from_bytes(path)[check.name]


@cache
def _key(course: Course) -> str:
    """Return a digest of what signatures depend on: package, exercises, mistakes and the engine."""
    digest = hashlib.sha256()
    engine = Path(__file__).parents[1]
    for folder in (course.package_folder, course.room, engine / "checks", engine / "mutants"):
        for path in sorted(folder.rglob("*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _no_code(folder: str, names: list[str]) -> set[str]:
    """Ignore what no check looks at. What is compiled already need not be compiled again."""
    inside = Path(folder)
    kept = {n for n in names if n.endswith((".py", ".pyc")) or (inside / n).is_dir()}
    return set(names) - kept
