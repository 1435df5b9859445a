"""Build the archive that Gradescope takes as an autograder, with this grader in it.

In Gradescope's containers sandboxes are usually forbidden. There the grader says so and stops, or,
in an archive built with --limits-only, goes on with nothing but limits and a user without rights.
"""

import json
import re
from pathlib import Path

from .. import notebooks
from ..authoring.wheel import wheel_files
from ..files import write_bytes, zipped
from ..version import version
from .reports.exports import did_not_finish

SCRIPTS = Path(__file__).resolve().parent / "autograder"


def add_arguments(parser):
    parser.add_argument("--out", type=Path, required=True, metavar="autograder.zip")
    parser.add_argument(
        "--limits-only",
        action="store_true",
        help="go on with nothing but limits where there can be no sandbox",
    )
    parser.add_argument("--seconds", type=float, help="what a check may compute, in seconds")


def run(arguments, course):
    settings = {"limits_only": arguments.limits_only, "limits": {}}
    if arguments.seconds:
        settings["limits"]["seconds"] = arguments.seconds
    size = build(course, arguments.out, settings)
    print(f"{arguments.out}: {size / 1000:.0f} kB. Upload it as the assignment's autograder.")


def build(course, path, settings):
    """Write the archive. Returns its size in bytes."""
    content = files(course, settings)
    packed = zipped(content, executable=("setup.sh", "run_autograder"), compressed=True)
    write_bytes(path, packed)
    return len(packed)


def files(course, settings):
    """Return what is in the archive: {name: bytes}."""
    found = {path.name: path.read_bytes() for path in SCRIPTS.iterdir() if path.is_file()}
    found["settings.json"] = _json(settings)
    found["did_not_finish.json"] = _json(did_not_finish())
    wheel = f"coursekit-{version()}-py3-none-any.whl"
    found[wheel] = zipped(wheel_files(version()))
    found["requirements.txt"] = _requirements(course, wheel).encode()
    for folder in (course.package_folder, course.room):
        for path in folder.rglob("*"):
            if path.suffix in (".py", ".toml") and path.is_file():
                found[f"course/{path.relative_to(course.folder).as_posix()}"] = path.read_bytes()
    # By which grading knows what students can import.
    found["course/requirements.txt"] = (course.folder / "requirements.txt").read_bytes()
    for name in course.notebooks:
        found[f"course/notebooks/{name}.ipynb"] = _check_cells(course.notebook(name))
    return dict(sorted(found.items()))


def _requirements(course, wheel):
    """Return what the container installs: all that students have, and what grading needs."""
    lines = (course.folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    # A container has no use for what only draws notebooks on a screen.
    kept = [line for line in lines if re.match(r"[A-Za-z]", line) and "jupyterlab" not in line]
    return "\n".join([*kept, f"./{wheel}[grading]", ""])


def _check_cells(path):
    """Return a notebook's check cells alone: its answers are not for students' eyes."""
    notebook = notebooks.read(path)
    cells = [cell | {"outputs": []} for cell in notebook["cells"] if notebooks.check_of(cell)]
    return notebooks.as_bytes(notebook | {"cells": cells})


def _json(value):
    return (json.dumps(value, indent=1) + "\n").encode()
