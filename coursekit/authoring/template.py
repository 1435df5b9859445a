"""Write a repository to hand out: the handout, and workflows that run its notebooks on each push.

It is for a course whose students work with git. What they push is run by their platform, as `make
notebooks` runs it: with the handout's own checks, on the fixed seed. Grades come from `coursekit
grade`.
"""

from __future__ import annotations

import os
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from .. import files
from . import release
from .handout import ReleaseError
from .wheel import NotInstalled

if TYPE_CHECKING:
    from ..course import Course

WORKFLOWS = Path(__file__).with_name("workflows")
# {file beside this module: where it goes}
PLACES = {"github.yml": ".github/workflows/notebooks.yml", "gitlab.yml": ".gitlab-ci.yml"}


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, required=True, help="folder to write to")


def run(arguments: Namespace, course: Course) -> int | None:
    try:
        print(write(course, arguments.out))
    except (ReleaseError, NotInstalled) as error:
        print(f"There is no template: {error}", file=sys.stderr)
        return 1
    return None


def write(course: Course, out: Path | str) -> str:
    """Write the handout of a course, proved, and the workflows into a new folder.

    Raises ReleaseError if there is something at `out`, or if the handout does not keep its
    promises; then nothing is written.
    """
    out = Path(out)
    if os.path.lexists(out):
        raise ReleaseError(f"{out} is there already, expected the name of a new folder")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".template-", dir=out.parent) as aside:
        release.release(course, Path(aside) / "release")
        made = Path(aside) / "release" / course.name
        for name, place in PLACES.items():
            files.write_bytes(made / place, (WORKFLOWS / name).read_bytes())
        os.rename(made, out)
    return f"\n{out}: {len(files.plain_files(out))} files, to be pushed as a template repository"
