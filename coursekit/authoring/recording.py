"""Record the values that the checks in the notebooks compare with, and what mistakes do.

Runs every check on the course's package, whose blocks hold the reference, and writes what came out
to course/recorded, a file for each check, and what it answers to small examples, to one file beside
those. Then tries thousands of mistakes: those that the course knows, any two of them at once, and
mutants of right code. What is wrong then goes to course/recorded/mistakes, as signatures with their
sentences. That takes a few minutes, and the same package gives the same bytes. With names of
checks, what is recorded for others stays as it is.
"""

from __future__ import annotations

import contextlib
import os
from argparse import ArgumentParser, Namespace
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from ..blocks import blocks_of
from ..checks import SEED, examples, imported, recorded_examples, signatures, stepwise
from ..checks.signatures import Signatures
from ..course import Course
from ..files import write_bytes
from ..mutants.hypotheses import hypotheses, try_one
from ..mutants.runs import reference
from ..progress import progress_bar

if TYPE_CHECKING:
    from ..checks import Check, Outcome, UnderTest
    from ..checks.signatures import Saying, Signature
    from ..mutants.exchange import Exchange


_MOST_MEMORY = 6_000_000_000  # bytes, with all that numpy reserves and never uses


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("names", nargs="*", metavar="CHECK", help="record these checks only")


def run(arguments: Namespace, course: Course) -> None:
    wanted = [course.checks[name] for name in arguments.names] or course.checks.with_optional
    with imported(course, course.package_folder) as under_test:
        for check in wanted:
            write(course, check.name, record(check, under_test).to_bytes())
        _write_examples(course, wanted, under_test)
        _write_steps(course, wanted, under_test)
    for name, known in record_mistakes(course, wanted).items():
        write(course, f"{signatures.FOLDER}/{name}", known.to_bytes())
    if not arguments.names:
        _remove_leftovers(course)


def record(check: Check, under_test: UnderTest) -> Outcome:
    """Return the outcome of a check on the reference, for the fixed seed.

    Raises RuntimeError if the reference crashes, or does what a check does not allow.
    """
    outcome = check.run(under_test, check.rng())
    verdict = check.judge(outcome, outcome)
    if not verdict.passed or verdict.remarks:
        raise RuntimeError(f"the reference itself does not pass:\n{verdict}")
    return outcome


def _write_examples(course: Course, checks: Sequence[Check], reference: UnderTest) -> None:
    """Write the answers to the examples of some checks, beside those of the others."""
    names = {check.name for check in course.checks.with_optional}
    kept = {name: known for name, known in recorded_examples.load(course).items() if name in names}
    new = {check.name: examples.record(check, reference) for check in checks}
    if any(known.rungs or known.toggles for known in (kept | new).values()):
        name = recorded_examples.FILE.removesuffix(".npz")
        write(course, name, recorded_examples.to_bytes(kept | new))


def _write_steps(course: Course, checks: Sequence[Check], reference: UnderTest) -> None:
    """Write the intermediates of some checks, beside those of the others."""
    names = {check.name for check in course.checks.with_optional}
    kept = {name: known for name, known in stepwise.load(course).items() if name in names}
    found = kept | {check.name: stepwise.record(check, reference) for check in checks}
    if any(found.values()):
        write(course, stepwise.FILE.removesuffix(".npz"), stepwise.to_bytes(found))


def record_mistakes(
    course: Course, checks: Iterable[Check] | None = None, workers: int | None = None
) -> dict[str, Signatures]:
    """Return the Signatures of all hypotheses for the fixed seed, by the names of checks.

    Raises RuntimeError if a spelling that ought to be right does not pass.
    """
    names = sorted(
        check.name for check in (course.checks.with_optional if checks is None else checks)
    )
    blocks = [
        block.name
        for block in blocks_of(course.package_folder)
        if any(check.name in names for check in course.checks.of_block(block.name))
    ]
    tried: dict[str, list[tuple[Signature, tuple[Saying, ...]]]] = defaultdict(list)
    workers = min(workers or os.cpu_count() or 1, len(blocks) or 1)
    with (
        ProcessPoolExecutor(workers, initializer=_limit_memory) as pool,
        progress_bar(total=len(blocks), desc="Trying mistakes", unit="block") as bar,
    ):
        jobs = [pool.submit(try_block, course.folder, block, names) for block in blocks]
        for job in jobs:
            for check, rows in job.result().items():
                tried[check] += rows
            bar.update(1)
    return {name: Signatures.of(tried[name]) for name in names}


def _limit_memory() -> None:
    """Have mutants that ask for more and more memory end in an exception, where a system can."""
    with contextlib.suppress(ImportError, OSError, ValueError):
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, most))


def try_block(
    folder: Path, block: str, names: Sequence[str]
) -> dict[str, list[tuple[Signature, tuple[Saying, ...]]]]:
    """Return {check: pairs (Signature, Sayings)} of all hypotheses of a block.

    Known to processes of their own, so that it takes a course's folder and names.
    """
    course = Course.read(folder)
    checks = [check for check in course.checks.of_block(block) if check.name in names]
    tried: dict[str, list[tuple[Signature, tuple[Saying, ...]]]] = {
        check.name: [] for check in checks
    }
    with reference(course) as exchange:
        expected = {c.name: c.run(exchange.under_test, c.rng(SEED)) for c in checks}
        _expect_right(course, exchange, block, checks, expected)
        for hypothesis in hypotheses(course, exchange, block):
            for name, found in try_one(exchange, hypothesis, checks, expected).items():
                if found:
                    tried[name].append((found, hypothesis.sayings))
    return tried


def _expect_right(
    course: Course,
    exchange: Exchange,
    block: str,
    checks: Iterable[Check],
    expected: Mapping[str, Outcome],
) -> None:
    """Raise RuntimeError unless the other spellings of a block are right."""
    for number, code in enumerate(course.lore("SPELLINGS").get(block, ()), 1):
        with exchange.made({block: code}) as under_test:
            for check in checks:
                outcome = check.run(under_test, check.rng(SEED))
                verdict = check.judge(outcome, expected[check.name])
                if not verdict.passed:
                    raise RuntimeError(f"{block}, spelling {number}, is not right:\n{verdict}")


def write(course: Course, name: str, content: bytes) -> None:
    """Write what was recorded under a name, in the place of what was before, and say so."""
    path = course.recorded / f"{name}.npz"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_bytes(path, content)
    print(f"{name:<38} {len(content):>8,} bytes")


def _remove_leftovers(course: Course) -> None:
    names = {check.name for check in course.checks.with_optional}
    folders = (course.recorded, course.recorded / signatures.FOLDER)
    others = [course.recorded / name for name in (recorded_examples.FILE, stepwise.FILE)]
    found = (path for folder in folders for path in folder.glob("*.npz"))
    for path in sorted(path for path in found if path not in others):
        if path.stem not in names:
            print(f"{path.stem:<28} removed: there is no such check")
            path.unlink()
