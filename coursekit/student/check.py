"""Run all checks anew and show what each comes to.

Without names, all checks are run and shown in one table. With names of checks, those are run and
their verdicts are shown in full.
"""

import sys

from ..checks import runner
from ..checks.check import NoSuchCheck
from ..checks.freshness import damage_in
from ..checks.progress import table_of


def add_arguments(parser):
    parser.add_argument("names", nargs="*", metavar="CHECK", help="run these alone")
    parser.add_argument(
        "--strict", action="store_true", help="end with exit status 1 unless all checks pass"
    )
    parser.add_argument(
        "--hint", type=int, default=0, metavar="N", help="show the first N hints of what is named"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=runner.SECONDS,
        help=f"what each check may take, {runner.SECONDS} unless told otherwise",
    )


def run(arguments, course):
    if arguments.hint and not arguments.names:
        print("--hint shows the hints of checks that are named: --hint 1 CHECK", file=sys.stderr)
        return 2
    try:
        chosen = [course.checks[name] for name in arguments.names] or course.checks.with_optional
        results = runner.run(chosen, arguments.seconds)
    except NoSuchCheck as error:
        print(error, file=sys.stderr)
        return 2
    except runner.CannotRun as error:
        print(f"The checks cannot be run:\n{error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return 130
    table = table_of(chosen, {name: record for name, (record, _) in results.items()})
    if arguments.names:
        for check in chosen:
            print(results[check.name][1])
            if arguments.hint and not results[check.name][0].passed:
                print("\n".join(f"  {line}" for line in check.hints_up_to(arguments.hint)))
    else:
        print(table)
    for sentence in damage_in(course):
        print(sentence)
    if not arguments.names and (course.room / "mistakes").is_dir():  # no handout has it
        print(
            f"This is the source of the course, with the reference in the blocks of "
            f"{course.package_folder}. `coursekit workspace` makes a copy with blank ones, and "
            "says where; its own checks are run in there."
        )
    elif not arguments.names:
        print(table.next_step)
    return 1 if arguments.strict and not table.all_passed else 0
