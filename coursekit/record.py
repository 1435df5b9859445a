"""Record the values that the checks in the notebooks compare with, and the known mistakes.

Runs every check on the package in this repository, whose blocks hold the reference, and writes what
came out to cs231n/checks/recorded, a file for each check. Then runs them with each known mistake,
and writes what is wrong then, as signatures with their sentences, to one file beside those.
The same package gives the same bytes.
"""

from cs231n.checks import SEED, Course, check, recorded, signatures

from .mistakes.trials import Trials


def add_arguments(parser):
    parser.add_argument("names", nargs="*", metavar="CHECK", help="record these checks only")


def run(arguments):
    wanted = [getattr(check, name) for name in arguments.names] or list(check)
    for one in wanted:
        path = recorded.FOLDER / f"{one.name}.npz"
        path.write_bytes(record(one).to_bytes())
        print(f"{one.name:<28} {path.stat().st_size:>8,} bytes")
    if not arguments.names:
        _remove_leftovers()
        signatures.PATH.write_bytes(record_mistakes())
        print(f"{signatures.PATH.stem:<28} {signatures.PATH.stat().st_size:>8,} bytes")


def record(one, course=None):
    """Return the outcome of a check on the reference, for the fixed seed.

    Raises RuntimeError if the reference crashes, or does what a check does not allow.
    """
    outcome = one.run(course or Course(), one.rng())
    verdict = one.judge(outcome, outcome)
    if not verdict.passed or verdict.remarks:
        raise RuntimeError(f"the reference itself does not pass:\n{verdict}")
    return outcome


def record_mistakes():
    """Return the signatures of all known mistakes for the fixed seed, as the bytes of a file."""
    trials = Trials([SEED])
    return signatures.to_bytes({one.name: trials.signatures(one, SEED) for one in check})


def _remove_leftovers():
    names = {one.name for one in check} | {signatures.PATH.stem}
    for path in sorted(recorded.FOLDER.glob("*.npz")):
        if path.stem not in names:
            print(f"{path.stem:<28} removed: there is no such check")
            path.unlink()
