"""The command line: `coursekit COMMAND`, or `python -m coursekit COMMAND`.

A command is a module with two functions: `add_arguments(parser)`, and `run(arguments, course)`,
which returns the exit status (None for success). The module's docstring is its help. Only the
module of the command that is asked for is imported, so that one which lacks a library stops no
other.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from .course import Course, CourseError
from .version import version

# {command: (module, what it does)}, by whom they are for.
STUDENTS = {
    "lab": ("student.lab", "open JupyterLab with the first notebook"),
    "check": ("student.check", "run all checks, or those that are named, and show the points"),
    "watch": ("student.watch", "run a block's checks each time its file is saved"),
    "doctor": ("student.doctor", "say what is wrong with this environment, and what to do"),
    "submit": ("student.submit", "look your work through, and pack what you hand in"),
    "update": ("student.update", "move your work into a newer handout"),
}
INSTRUCTORS = {
    "release": ("authoring.release", "cut the handout, prove it, and zip it"),
    "site": ("authoring.site", "build a site on which the handout runs in a browser"),
    "template": ("authoring.template", "write a repository to hand out, with workflows"),
    "workspace": ("authoring.workspace", "make a workspace with blank blocks in this repository"),
    "record": ("authoring.recording", "record anew what the checks compare with"),
    "mistakes": ("authoring.mistakes", "try each known mistake, and see what the checks say"),
    "notebooks": ("authoring.notebooks", "build the notebooks from their text, and run them"),
    "try": ("authoring.attempt", "put answers into blocks, and see what the checks say"),
    "grade": ("grading.grade", "grade a class"),
    "report": ("grading.reporting", "read the points given by hand, and write the reports anew"),
    "merge": ("grading.merge", "put together what was graded in parts"),
    "gradescope": ("grading.gradescope_archive", "build the archive that Gradescope takes"),
}
COMMANDS = STUDENTS | INSTRUCTORS


def main(arguments: Sequence[str] | None = None) -> int | None:
    """Run a command and return its exit status."""
    parser = _parser()
    chosen, rest = parser.parse_known_args(arguments)
    try:
        module = importlib.import_module(f"{__package__}.{COMMANDS[chosen.command][0]}")
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] in ("", __package__):
            raise
        print(
            f"coursekit {chosen.command} needs {error.name}, which is not installed here. What "
            "instructors' commands need comes with `make staff`, in the course's repository.",
            file=sys.stderr,
        )
        return 2
    own = argparse.ArgumentParser(
        prog=f"coursekit {chosen.command}",
        description=module.__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(own)
    options = own.parse_args([*rest, *chosen.arguments])
    try:
        course = Course.read(chosen.course) if chosen.course else Course.find()
    except CourseError as error:
        print(f"{error}.", file=sys.stderr)
        return 2
    for stream in (sys.stdout, sys.stderr):  # a terminal without umlauts shows question marks
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        return module.run(options, course)
    except BrokenPipeError:  # whoever read this has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 130


def _parser() -> argparse.ArgumentParser:
    listed = [
        "\n".join([f"for {whom}:", *(f"  {name:<11} {what}" for name, (_, what) in found.items())])
        for whom, found in (("students", STUDENTS), ("instructors", INSTRUCTORS))
    ]
    parser = argparse.ArgumentParser(
        prog="coursekit",
        description="Tools for a notebook course. `coursekit COMMAND --help` tells more.",
        epilog="\n\n".join(listed),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage="coursekit [--course FOLDER] COMMAND ...",
    )
    parser.add_argument("--version", action="version", version=f"coursekit {version()}")
    parser.add_argument(
        "--course",
        metavar="FOLDER",
        help="the folder of the course; by default the nearest one above the current folder",
    )
    parser.add_argument("command", metavar="COMMAND", choices=COMMANDS)
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    return parser
