"""Make the workspace of a student of this repository, if it is not there yet.

It is a handout in the folder `workspace`: cut the first time and left alone from then on, with all
that is written into it. It shares this repository's Python environment and data.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from . import handout
from .handout import ReleaseError

if TYPE_CHECKING:
    from ..course import Course


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--folder", type=Path, help="another place for it")


def run(arguments: Namespace, course: Course) -> int | None:
    folder = arguments.folder or course.folder / "workspace"
    return handout.made("workspace", lambda: print(open_workspace(course, folder)))


def open_workspace(course: Course, folder: Path | str) -> str:
    """Make sure that there is a workspace, and say what was done.

    Raises ReleaseError for a folder of that name that is none.
    """
    folder = Path(folder)
    if (folder / course.package / "__init__.py").is_file():
        _link_shared(course, folder)  # data may have come since
        return f"Your work is in {folder}, as you left it."
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ReleaseError(f"{folder} is there and is no workspace: move it away, and try again")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".workspace-", dir=folder.parent) as aside:
        made = handout.cut(course, Path(aside) / "made")
        try:
            if folder.exists():
                folder.rmdir()
            os.rename(made, folder)
        except OSError:
            # Another call may have been quicker; whatever it is that has come, it stays.
            if not (folder / course.package / "__init__.py").is_file():
                raise
    _link_shared(course, folder)
    return f"A workspace with blank blocks was made in {folder}."


def _link_shared(course: Course, folder: Path) -> None:
    """Link what a workspace shares with this repository, where it has nothing of its own yet."""
    if folder.absolute().parent != course.folder:
        return
    for place in (".venv", *course.settings.get("workspace", {}).get("shared", ())):
        link = folder / place
        if (course.folder / place).is_dir() and not os.path.lexists(link):
            up = "../" * (place.count("/") + 1)
            with contextlib.suppress(OSError):  # Windows wants a permission for it
                link.parent.mkdir(parents=True, exist_ok=True)
                link.symlink_to(up + place, target_is_directory=True)
