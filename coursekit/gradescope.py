"""Build the archive that Gradescope takes as an autograder, with this grader in it.

In Gradescope's containers sandboxes are usually forbidden. There the grader says so and stops, or,
in an archive built with --limits-only, goes on with nothing but limits and a user without rights.
"""

import json
import os
import tempfile
import zipfile
from pathlib import Path

from cs231n import notebooks as notebook_files

from .grading.reports.gradescope_results import did_not_finish
from .grading.sandbox import REFERENCE

ROOT = REFERENCE.parent
SCRIPTS = Path(__file__).resolve().parent / "autograder"
# What is in the archive beside the notebooks' check cells.
PARTS = ("cs231n/**/*.py", "coursekit/**/*.py")
_TIME = (1980, 1, 1, 0, 0, 0)  # the same source gives the same archive


def add_arguments(parser):
    parser.add_argument("--out", type=Path, required=True, metavar="autograder.zip")
    parser.add_argument(
        "--limits-only",
        action="store_true",
        help="go on with nothing but limits where there is no sandbox to be had",
    )
    parser.add_argument("--seconds", type=float, help="what a check may compute, in seconds")


def run(arguments):
    settings = {"limits_only": arguments.limits_only, "limits": {}}
    if arguments.seconds:
        settings["limits"]["seconds"] = arguments.seconds
    size = build(arguments.out, settings)
    print(f"{arguments.out}: {size / 1000:.0f} kB. Upload it as the assignment's autograder.")


def build(path, settings):
    """Write the archive aside and move it into place. Returns its size in bytes."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    os.close(handle)
    try:
        with zipfile.ZipFile(aside, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in sorted(files(settings).items()):
                member = zipfile.ZipInfo(name, _TIME)
                runs = name in ("setup.sh", "run_autograder")
                member.external_attr = (0o755 if runs else 0o644) << 16
                member.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(member, content)
        os.chmod(aside, 0o644)
        os.replace(aside, path)
    finally:
        Path(aside).unlink(missing_ok=True)
    return path.stat().st_size


def files(settings):
    """Return what is in the archive: {name: bytes}."""
    found = {path.name: path.read_bytes() for path in SCRIPTS.iterdir() if path.is_file()}
    found["settings.json"] = _json(settings)
    found["did_not_finish.json"] = _json(did_not_finish())
    for pattern in PARTS:
        for path in ROOT.glob(pattern):
            found[f"kit/{path.relative_to(ROOT).as_posix()}"] = path.read_bytes()
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        found[f"kit/notebooks/{path.name}"] = _check_cells(path)
    return found


def _check_cells(path):
    """Return a notebook's check cells alone: its answers are not for students' eyes."""
    notebook = notebook_files.read(path)
    cells = [cell | {"outputs": []} for cell in notebook["cells"] if notebook_files.check_of(cell)]
    return notebook_files.as_bytes(notebook | {"cells": cells})


def _json(value):
    return (json.dumps(value, indent=1) + "\n").encode()
