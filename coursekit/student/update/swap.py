"""New files in place of old ones, so that whatever happens the old ones are whole somewhere.

Everything is written aside first: a backup of what is there, and the new files. Only then, in the
fraction of a second that renaming takes, is anything touched. A journal says what is being done
meanwhile, so that the next call can take back what was cut off.
"""

import contextlib
import filecmp
import json
import os
import shutil
from datetime import datetime
from pathlib import Path

from ...course import NOTES
from ...files import write_json, written_aside

BACKUPS = "backups"
# What is large, comes from elsewhere, or is made anew: no update touches it.
LEFT_ALONE = {
    ".venv", ".git", NOTES, BACKUPS, "datasets", "checkpoints",
    "__pycache__", ".ipynb_checkpoints",
}  # fmt: skip


class SwapError(Exception):
    """Something cannot be written; the message says what state the files are in."""


def replace(root, files):
    """Write files, {path: bytes}, over those in `root`; one that is None is removed.

    Returns the folder of the backup.

    Raises SwapError, with the old files in place, if it cannot be done.
    """
    _expect_no_folders(root, files)
    try:
        backup = back_up(root, also=files)
        staged = _stage(root, files)
    except OSError as error:
        raise SwapError(
            f"{error.filename or root}: {error.strerror or error}. Nothing has been changed"
        ) from None
    journal = {
        "backup": backup.relative_to(root).as_posix(),
        "created": [path for path in files if not (root / path).exists()],
        "replaced": [path for path in files if (root / path).exists()],
    }
    try:
        write_json(_created_by(backup), journal["created"])
        write_json(_journal(root), journal)
        for path, content in files.items():
            if content is None:
                (root / path).unlink()
                continue
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            os.replace(staged / path, root / path)
        _journal(root).unlink()
    except BaseException as error:
        # Without its journal it is done, whatever came in between: to say otherwise would be false.
        if take_back(root) or not _is_done(root, files):
            if isinstance(error, OSError):
                raise SwapError(
                    f"{error.filename or root}: {error.strerror or error}. Everything is as it was"
                ) from None
            raise
    shutil.rmtree(staged, ignore_errors=True)
    return backup


def _is_done(root, files):
    return all(
        not (root / path).exists() if content is None else _holds(root / path, content)
        for path, content in files.items()
    )


def _holds(path, content):
    return path.is_file() and path.read_bytes() == content


def _expect_no_folders(root, files):
    """Raise SwapError where a folder is in the way of a file, or a file in that of a folder."""
    for path in files:
        if (root / path).is_dir():
            raise SwapError(
                f"{path} is a folder, and the handout has a file of that name: give yours another "
                "name. Nothing has been changed"
            )
        for parent in (root / path).parents:
            if parent == root:
                break
            if parent.exists() and not parent.is_dir():
                raise SwapError(
                    f"{parent.relative_to(root).as_posix()} is a file, and the handout has a "
                    "folder of that name: give yours another name. Nothing has been changed"
                )


def created_by(backup):
    """Return the paths that the update created which a backup was made for.

    What is not known, of an older backup or a damaged note, is not created.
    """
    try:
        paths = json.loads(_created_by(backup).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return []
    return [path for path in paths if isinstance(path, str)] if isinstance(paths, list) else []


def _created_by(backup):
    return backup.with_name(backup.name + ".created.json")


def take_back(root):
    """Put the old files back if an update was cut off. Returns whether one was.

    Raises SwapError if the backup is not there any more.
    """
    try:
        journal = json.loads(_journal(root).read_text(encoding="utf-8"))
        backup = root / journal["backup"]
        created, replaced = journal["created"], journal["replaced"]
    except FileNotFoundError:
        return False
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SwapError(
            f"{_journal(root)} cannot be read ({error}); see {root / BACKUPS}"
        ) from None
    missing = [path for path in replaced if not (backup / path).is_file()]
    if missing:
        raise SwapError(f"{backup / missing[0]} is missing, so the update cannot be taken back")
    for path in replaced:
        _copy(backup / path, root / path)
    for path in created:
        with contextlib.suppress(FileNotFoundError):
            (root / path).unlink()
    _journal(root).unlink()
    shutil.rmtree(_aside(root), ignore_errors=True)
    return True


def back_up(root, now=None, also=()):
    """Copy what a student has into a folder named by the time, and return that folder.

    `also` are paths to be copied though no update touches what lies beside them. The folder takes
    its name when every copy has been compared with what it is a copy of. What an earlier call left
    unfinished is removed.
    """
    now = now or datetime.now()
    folder = _free(root / BACKUPS / _later_name(root, now.strftime("%Y-%m-%d-%H%M%S")))
    part = folder.with_name(folder.name + ".part")
    journals = (root / NOTES).glob(f".{_journal(root).name}.*.part")
    for unfinished in (*(root / BACKUPS).glob("*.part"), *journals):
        if unfinished.is_dir():
            shutil.rmtree(unfinished, ignore_errors=True)
        else:
            unfinished.unlink(missing_ok=True)
    part.mkdir(parents=True)
    for path in dict.fromkeys([*files_of(root), *(p for p in also if (root / p).is_file())]):
        (part / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(root / path, part / path)
        if not filecmp.cmp(root / path, part / path, shallow=False):
            raise OSError(0, "the copy differs from what was copied", str(part / path))
    part.rename(folder)
    return folder


def _later_name(root, name):
    """Return a name that comes behind those of all backups, even if a clock was set back."""
    last = max((folder.name for folder in backups(root)), default="")
    return name if name > last else f"{last}-{name}"


def backups(root):
    """Return the folders of all backups, the oldest first."""
    return sorted(
        path for path in (root / BACKUPS).glob("*") if path.is_dir() and path.suffix != ".part"
    )


def files_of(root):
    """Return the paths of all files of a workspace that are not left alone, relative to it."""
    found = []
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if name not in LEFT_ALONE)
        found += [Path(folder, name).relative_to(root).as_posix() for name in sorted(names)]
    return [path for path in found if (root / path).is_file()]


def all_files_of(backup):
    """Return the paths of all files in a backup, relative to it."""
    found = sorted(path for path in backup.rglob("*") if path.is_file())
    return [path.relative_to(backup).as_posix() for path in found]


def _stage(root, files):
    """Write files aside, on the same disk, and return their folder."""
    staged = _aside(root)
    shutil.rmtree(staged, ignore_errors=True)
    for path, content in files.items():
        if content is None:
            continue
        target = staged / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with open(target, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if (root / path).exists():
            shutil.copymode(root / path, target)
        elif path.endswith(".sh"):
            target.chmod(0o755)
    staged.mkdir(parents=True, exist_ok=True)
    return staged


def _copy(source, target):
    with written_aside(target) as aside:
        shutil.copyfile(source, aside)


def _free(path):
    """Return `path`, with a number behind it if that is taken."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.name}-{number}")
    return free


def _aside(root):
    return root / NOTES / "update"


def _journal(root):
    return root / NOTES / "update.json"
