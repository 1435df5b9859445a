"""Put the parts of a class together, which were graded with --shard, and write the reports.

With parts in folders of their own, name them; parts that were graded into GRADES are there already.
"""

import sys
from pathlib import Path

from .grades import Grades
from .reports import report
from .results import GradesError


def add_arguments(parser):
    parser.add_argument("parts", nargs="*", type=Path, metavar="PART")
    parser.add_argument("--out", type=Path, required=True, metavar="GRADES")


def run(arguments, course):
    grades = Grades(arguments.out)
    try:
        for part in arguments.parts:
            if not (part / "submissions.json").exists():
                raise GradesError(f"nothing was graded into {part} yet")
        if arguments.parts:
            grades.take_over(arguments.parts)
        print(report.write(course, grades))
    except GradesError as error:
        print(f"{error}", file=sys.stderr)
        return 1
    return 1 if grades.gathered().missing else None
