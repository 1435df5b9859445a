"""Record the values that the checks in the notebooks compare with, and the known mistakes.

Runs every check on the course's package, whose blocks hold the reference, and writes what came out
to course/recorded, a file for each check. Then runs them with each known mistake, and writes what
is wrong then, as signatures with their sentences, to one file beside those. What the reference
answers to small examples goes into another file. The same package gives the same bytes. With names
of checks, what is recorded for all others stays as it is.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..checks import SEED, examples, imported, recorded_examples, signatures
from ..files import write_bytes
from ..mutants import Mistake
from ..mutants.runs import MistakeRuns

if TYPE_CHECKING:
    from ..checks import Check, Outcome, UnderTest
    from ..course import Course

# What is recorded of one check.
Pairs = Sequence[tuple[signatures.Signature, signatures.Known | Mistake]]


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="CHECK", help="record these checks only")


def run(arguments: Namespace, course: Course) -> None:
    wanted = [course.checks[name] for name in arguments.names] or list(course.checks)
    with imported(course, course.package_folder) as reference:
        for check in wanted:
            _write(course.recorded / f"{check.name}.npz", record(check, reference).to_bytes())
        _write_examples(course, wanted, reference)
    if not arguments.names:
        _remove_leftovers(course)
    path = course.recorded / signatures.FILE
    kept = signatures.from_bytes(path) if arguments.names and path.exists() else {}
    _write(path, record_mistakes(course, wanted, kept))


def record(check: Check, reference: UnderTest) -> Outcome:
    """Return the outcome of a check on the reference, for the fixed seed.

    Raises RuntimeError if the reference crashes, or does what a check does not allow.
    """
    outcome = check.run(reference, check.rng())
    verdict = check.judge(outcome, outcome)
    if not verdict.passed or verdict.remarks:
        raise RuntimeError(f"the reference itself does not pass:\n{verdict}")
    return outcome


def _write_examples(course: Course, checks: Sequence[Check], reference: UnderTest) -> None:
    """Write the answers to the examples of some checks, beside those of the others."""
    names = {check.name for check in course.checks}
    kept = {name: known for name, known in recorded_examples.load(course).items() if name in names}
    new = {check.name: examples.record(check, reference) for check in checks}
    if any(known.rungs or known.toggles for known in (kept | new).values()):
        path = course.recorded / recorded_examples.FILE
        _write(path, recorded_examples.to_bytes(kept | new))


def record_mistakes(
    course: Course, checks: Iterable[Check] | None = None, kept: Mapping[str, Pairs] | None = None
) -> bytes:
    """Return the signatures of known mistakes for the fixed seed, as the bytes of a file.

    They are those of `checks`, by default of all, and for other checks what is in `kept`.
    """
    checks = list(course.checks if checks is None else checks)
    runs = MistakeRuns(course, checks=checks)
    known = dict(kept or {}) | {check.name: runs.signatures(check, SEED) for check in checks}
    # By name, because the order of the checks changes when a cell in a notebook is moved.
    return signatures.to_bytes({name: known[name] for name in sorted(known)})


def _write(path: Path, content: bytes) -> None:
    write_bytes(path, content)
    print(f"{path.stem:<28} {len(content):>8,} bytes")


def _remove_leftovers(course: Course) -> None:
    files = (signatures.FILE, recorded_examples.FILE)
    names = {check.name for check in course.checks} | {name.removesuffix(".npz") for name in files}
    for path in sorted(course.recorded.glob("*.npz")):
        if path.stem not in names:
            print(f"{path.stem:<28} removed: there is no such check")
            path.unlink()
