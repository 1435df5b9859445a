"""Move your work into a newer handout, block by block and answer by answer.

Give it the zip of the newer handout. What you had is kept in a folder of backups/, whole, before
anything is changed; --undo brings the last one back. Files that are yours alone stay as they are.
"""

import hashlib
import sys
import textwrap
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

from ... import notebooks
from ...blocks import START, BlockError
from ...course import LISTING
from . import swap
from .archive import ArchiveError, read_handout
from .notebook_cells import merge_notebooks
from .sources import merge_sources


@dataclass
class Plan:
    """What an update will do: the files to write, or to remove (None), and what to say of it."""

    files: dict = field(default_factory=dict)
    done: list = field(default_factory=list)
    left: list = field(default_factory=list)
    notes: list = field(default_factory=list)


def add_arguments(parser):
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("handout", nargs="?", type=Path, metavar="NEW_HANDOUT.zip")
    what.add_argument("--undo", action="store_true", help="bring the last backup back")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, do nothing")


def run(arguments, course):
    root = course.folder
    try:
        if swap.take_back(root):
            print("An update that was cut off has been taken back: everything is as before it.")
            if arguments.undo:
                return 0
        if arguments.undo:
            return _undo(root)
        return _update(course, arguments.handout, arguments.dry_run)
    except (ArchiveError, swap.SwapError, BlockError) as error:
        print(f"{error}.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Everything is as it was.", file=sys.stderr)
        return 130


def plan(course, handout):
    """Return the Plan of an update, from the files of a course and those of a handout."""
    root = course.folder
    old = {path: (root / path).read_bytes() for path in _own_files(course, handout)}
    planned = Plan(files=dict(handout))
    _plan_sources(course, old, handout, planned)
    for path in sorted(handout):
        if path.endswith(".ipynb") and path in old:
            _plan_notebook(path, old[path], handout[path], planned)
    planned.files = {
        path: content for path, content in planned.files.items() if old.get(path) != content
    }
    planned.files |= _engines_to_remove(root, handout)
    others = [path for path in planned.files if path in old and not _is_students(path, handout)]
    if known := course.handed_out():
        others = [
            path
            for path in others
            if path != LISTING  # which does not list itself
            and known.get(path) != hashlib.sha256(old[path]).hexdigest()
        ]
    if others:
        few = ", ".join(others[:4]) + (f" and {len(others) - 4} more" if len(others) > 4 else "")
        changed = "as you changed them" if known else "should you have changed them"
        planned.notes.append(f"replaced, and in the backup {changed}: {few}.")
    return planned


def _engines_to_remove(root, new):
    """Return {path: None} for wheels of the engine in whose place the new files have another.

    `pip install wheels/*.whl`, as on Colab, fails where there are two of them.
    """
    pattern = "wheels/coursekit-*.whl"
    if not any(fnmatch(path, pattern) for path in new):
        return {}
    found = {path.relative_to(root).as_posix() for path in root.glob(pattern)}
    return dict.fromkeys(sorted(found - set(new)))


def _is_students(path, handout):
    """Whether a file of the handout is one that students write in."""
    return path.endswith(".ipynb") or (path.endswith(".py") and START.encode() in handout[path])


def _own_files(course, handout):
    """Return the paths of the student's files that matter: the handout's, and the package's."""
    root, inside = course.folder, f"{course.package}/"
    package = {path for path in swap.files_of(root) if path.startswith(inside)}
    return sorted(path for path in package | set(handout) if (root / path).is_file())


def _plan_sources(course, old, handout, planned):
    before, unreadable = _texts(course, old)
    now, _ = _texts(course, handout)
    merged = merge_sources(before, now)
    for path, text in merged.files.items():
        planned.files[path] = text.encode("utf-8")
    planned.done.append(f"{course.package}: {_count(len(merged.moved), 'block')} of yours moved")
    planned.left += merged.left
    planned.left += [f"{path}: it is no UTF-8 text" for path in unreadable if path in handout]
    planned.notes += merged.notes


def _count(number, what):
    """Return "1 cell of your own", "2 cells of your own"."""
    noun, *rest = what.split(" ")
    return " ".join([str(number), noun if number == 1 else f"{noun}s", *rest])


def _texts(course, files):
    """Return the package's sources as text, and the paths of those that are none."""
    texts, unreadable = {}, []
    for path, content in files.items():
        if path.startswith(f"{course.package}/") and path.endswith(".py"):
            try:
                texts[path] = content.decode("utf-8")
            except UnicodeDecodeError:
                unreadable.append(path)
    return texts, unreadable


def _plan_notebook(path, old, new, planned):
    try:
        merged = merge_notebooks(notebooks.parse(old), notebooks.parse(new))
    except notebooks.NotebookError as error:
        planned.left.append(f"{path}: {error}")
        return
    planned.files[path] = notebooks.as_bytes(merged.notebook)
    moved = [
        _count(number, what)
        for number, what in (
            (merged.answers, "answer"),
            (merged.extra, "cell of your own"),
            (merged.changed, "cell that you changed"),
        )
        if number
    ]
    planned.done.append(f"{path}: {', '.join(moved) or 'nothing of yours in it'}")
    planned.notes += [f"{path}: {sentence}" for sentence in merged.notes]


def _update(course, handout, dry_run):
    planned = plan(course, read_handout(handout, course.package))
    if not planned.files:
        print("Nothing to do: this is the handout that you have.")
        return 0
    backup = None if dry_run else swap.replace(course.folder, planned.files)
    print("It would be like this, and nothing has been changed:" if dry_run else "Updated.")
    _print_list("", planned.done)
    _print_list("Not placed. It is in the backup, and has to be moved by hand:", planned.left)
    _print_list("To look at:", planned.notes)
    if backup:
        print(f"What you had before is in {backup}, and --undo brings it back.")
        print("Restart the kernels of open notebooks and load them again from disk.")
        if "requirements.txt" in planned.files:
            print("The list of packages is another one: run make lab again, which installs them.")
    return 0


def _undo(root):
    found = swap.backups(root)
    if not found:
        print(f"There is no backup in {root / swap.BACKUPS}.", file=sys.stderr)
        return 1
    for last in reversed(found):
        if changes := _changes_back_to(root, last):
            break
    else:
        print(f"Nothing to do: what you have is what is in {found[-1]}.")
        return 0
    created = [path for path in swap.created_by(last) if path in changes]
    backup = swap.replace(root, changes)
    count = sum(content is not None for content in changes.values())
    print(f"Brought back from {last}: {_count(count, 'file')}.")
    if created:
        print(f"Removed, since the update had created it: {', '.join(created)}.")
    print(f"What was there until now is in {backup}.")
    return 0


def _changes_back_to(root, backup):
    """Return {path: content} of what has to be written, or removed, to be back at a backup.

    There is none for one that an update has made which then failed.
    """
    files = {path: (backup / path).read_bytes() for path in swap.all_files_of(backup)}
    changed = {path: content for path, content in files.items() if not _has(root / path, content)}
    created = dict.fromkeys(path for path in swap.created_by(backup) if (root / path).is_file())
    return changed | _engines_to_remove(root, files) | created


def _has(path, content):
    return path.is_file() and path.read_bytes() == content


def _print_list(heading, entries):
    if entries and heading:
        print(heading)
    for entry in entries:
        print(textwrap.fill(entry, 98, initial_indent="  ", subsequent_indent="    "))
