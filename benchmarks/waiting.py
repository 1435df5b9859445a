"""Measure what people wait for besides training: checks, and a release with its proof.

python -m benchmarks.waiting             # seconds of computing, with the goals beside them
python -m benchmarks.waiting --release   # and a whole release, which takes a minute or so

Seconds are those that the processes compute, so that other programs count for little. Goals are
absolute: they were set on the machine that the README of the benchmarks names.
"""

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import time
from statistics import median

from coursekit.checks import Kind
from coursekit.course import Course

COURSE = Course.find(__file__)
ROUNDS = 5
CHECK_GOAL = 0.05  # seconds, for each check
ALL_CHECKS_GOAL = 0.7  # `make check`, beyond the start of Python and the imports
RELEASE_GOAL = 120


def main():
    options = _parser().parse_args()
    rows = checks()
    slowest = max(rows, key=rows.get)
    print(f"{'':<44} {'seconds':>8}  goal")
    print_row(f"a check, the median of {len(rows)}", median(rows.values()), CHECK_GOAL)
    print_row(f"the slowest check, {slowest}", rows[slowest], CHECK_GOAL)
    print_row(f"all {len(rows)} checks", sum(rows.values()), ALL_CHECKS_GOAL)
    if options.release:
        print_row("coursekit release, with its proof", release(), RELEASE_GOAL)


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.waiting", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--release", action="store_true", help="measure a release as well")
    return parser


def print_row(what, seconds, goal):
    verdict = "met" if seconds <= goal else "missed"
    print(f"{what:<44} {seconds:8.3f}  {goal:g} {verdict}", flush=True)


def checks():
    """Return the seconds that each check computes on the reference, the least of some rounds."""
    taken = {check.name: [] for check in COURSE.checks}
    for _ in range(ROUNDS):
        for check in COURSE.checks:
            start = time.process_time()
            verdict = check.verdict()
            taken[check.name].append(time.process_time() - start)
            if verdict.kind != Kind.PASSED:
                sys.exit(f"{check.name} is {verdict.kind}, expected that the reference passes")
    return {name: min(seconds) for name, seconds in taken.items()}


def release():
    """Return the seconds that cutting, proving and zipping a handout computes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        subprocess.run(
            [sys.executable, "-m", "coursekit", "--course", str(COURSE.folder), "release",
             "--out", folder],
            check=True, stdout=subprocess.DEVNULL, env=os.environ | {"CI": "1"},
        )  # fmt: skip
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    main()
