"""Record the values that the checks in the notebooks compare with, and the known mistakes.

Runs every check on the course's package, whose blocks hold the reference, and writes what came out
to course/recorded, a file for each check. Then runs them with each known mistake, and writes what
is wrong then, as signatures with their sentences, to one file beside those. The same package gives
the same bytes.
"""

from ..checks import SEED, imported, signatures
from ..files import write_bytes
from ..mutants.runs import MistakeRuns


def add_arguments(parser):
    parser.add_argument("names", nargs="*", metavar="CHECK", help="record these checks only")


def run(arguments, course):
    wanted = [course.checks[name] for name in arguments.names] or list(course.checks)
    with imported(course, course.package_folder) as reference:
        for check in wanted:
            _write(course.recorded / f"{check.name}.npz", record(check, reference).to_bytes())
    if not arguments.names:
        _remove_leftovers(course)
        _write(course.recorded / signatures.FILE, record_mistakes(course))


def record(check, reference):
    """Return the outcome of a check on the reference, for the fixed seed.

    Raises RuntimeError if the reference crashes, or does what a check does not allow.
    """
    outcome = check.run(reference, check.rng())
    verdict = check.judge(outcome, outcome)
    if not verdict.passed or verdict.remarks:
        raise RuntimeError(f"the reference itself does not pass:\n{verdict}")
    return outcome


def record_mistakes(course):
    """Return the signatures of all known mistakes for the fixed seed, as the bytes of a file."""
    runs = MistakeRuns(course)
    return signatures.to_bytes({c.name: runs.signatures(c, SEED) for c in course.checks})


def _write(path, content):
    write_bytes(path, content)
    print(f"{path.stem:<28} {len(content):>8,} bytes")


def _remove_leftovers(course):
    names = {check.name for check in course.checks} | {signatures.FILE.removesuffix(".npz")}
    for path in sorted(course.recorded.glob("*.npz")):
        if path.stem not in names:
            print(f"{path.stem:<28} removed: there is no such check")
            path.unlink()
