"""Make the workspace of a student of this repository, if it is not there yet.

It is a handout in the folder `workspace`: cut the first time and left alone ever after, with all
that is written into it. It shares this repository's Python environment and data.
"""

import contextlib
import os
import sys
import tempfile
from pathlib import Path

from . import handout
from .handout import ROOT, ReleaseError

FOLDER = ROOT / "workspace"
# Linked, so that neither is fetched a second time.
_SHARED = (".venv", "datasets/cifar-10-batches-py", "datasets/stand-in")


def add_arguments(parser):
    parser.add_argument("--folder", type=Path, default=FOLDER, help="another place for it")


def run(arguments):
    try:
        print(open_workspace(arguments.folder))
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 1
    return None


def open_workspace(folder=FOLDER):
    """Make sure that there is a workspace, and say what was done.

    Raises ReleaseError for a folder of that name that is none.
    """
    folder = Path(folder)
    if (folder / "cs231n" / "__init__.py").is_file():
        _link_shared(folder)  # CIFAR-10 may have come since
        return f"Your work is in {folder}, as you left it."
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ReleaseError(f"{folder} is there and is no workspace: move it away, and try again")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".workspace-", dir=folder.parent) as aside:
        made = handout.cut(Path(aside) / "made")
        if folder.exists():
            folder.rmdir()
        os.rename(made, folder)
    _link_shared(folder)
    return f"A workspace with blank blocks was made in {folder}."


def _link_shared(folder):
    """Link what a workspace shares with this repository, where it has nothing of its own yet."""
    if folder.absolute().parent != ROOT:
        return
    for place in _SHARED:
        link = folder / place
        if (ROOT / place).is_dir() and not os.path.lexists(link):
            up = "../" * (place.count("/") + 1)
            with contextlib.suppress(OSError):  # Windows wants a permission for it
                link.symlink_to(up + place, target_is_directory=True)


if __name__ == "__main__":
    # Without the other commands, which need more than students install.
    print(open_workspace())
