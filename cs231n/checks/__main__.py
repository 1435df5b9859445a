"""Run all checks anew and show what each comes to.

Without names, all checks are run and shown in one table. With names of checks, those are run and
their verdicts are shown in full.
"""

import argparse
import sys

from . import runner
from .registry import NoSuchCheck, check
from .table import table_of


def main(arguments=None):
    options = _parser().parse_args(arguments)
    try:
        chosen = [getattr(check, name) for name in options.names] or list(check)
        results = runner.run(chosen, options.seconds)
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
    if options.names:
        print("\n".join(text for _, text in results.values()))
    else:
        print(table)
    return 1 if options.strict and not table.all_passed else 0


def _parser():
    parser = argparse.ArgumentParser(prog="python -m cs231n.checks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="CHECK", help="run these alone")
    parser.add_argument(
        "--strict", action="store_true", help="end with exit status 1 unless all checks pass"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=runner.SECONDS,
        help=f"what each check may take, {runner.SECONDS} unless told otherwise",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
