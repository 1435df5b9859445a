"""The command line: `python -m coursekit COMMAND`.

A command is a module of this package, named below, with two functions: `add_arguments(parser)`, and
`run(arguments)`, which returns the exit status (None for success). The first line of the module's
docstring is its help.
"""

import argparse
import importlib
import sys

COMMANDS = (
    "release",
    "workspace",
    "record",
    "mistakes",
    "notebooks",
    "grade",
    "merge",
    "gradescope",
)


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m coursekit", description="Instructors' tools.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name in COMMANDS:
        module = importlib.import_module(f"{__package__}.{name}")
        help_line = module.__doc__.strip().splitlines()[0]
        command = commands.add_parser(name, help=help_line, description=module.__doc__)
        module.add_arguments(command)
        command.set_defaults(run=module.run)
    chosen = parser.parse_args(arguments)
    return chosen.run(chosen)


if __name__ == "__main__":
    sys.exit(main())
