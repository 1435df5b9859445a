"""Write the reports of a class anew, with the points that people have given.

GRADES/answers.csv has a row for each answer in words, and for what else the course has points by
hand for: fill in `points` and `comment`, save it, and run this. Nothing is graded again.
"""

import argparse
import sys
from datetime import datetime
from pathlib import Path

from ..course import CourseError
from .grades import Grades
from .reports import report
from .results import GradesError


def add_arguments(parser):
    parser.add_argument("--out", type=Path, required=True, metavar="GRADES")
    parser.add_argument(
        "--due",
        type=due,
        metavar="TIME",
        help="when submissions were due, as 2026-12-01T23:59+01:00; it is kept",
    )


def run(arguments, course):
    try:
        if not (arguments.out / "submissions.json").exists():
            raise GradesError(f"nothing was graded into {arguments.out} yet")
        grades = Grades(arguments.out)
        grades.due(arguments.due)
        print(report.write(course, grades))
    except (GradesError, CourseError) as error:
        print(f"{error}", file=sys.stderr)
        return 1
    return None


def due(text):
    """Read a time by ISO 8601, and return it as it was written."""
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time, expected one as 2026-12-01T23:59+01:00"
        ) from None
    return text
