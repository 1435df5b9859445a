"""The files of a handout's zip, read with suspicion: a zip can name any place and any size."""

import stat
import zipfile
import zlib
from pathlib import PurePosixPath

from ...course import DESCRIPTION, LISTING, NOTES

MOST_BYTES = 200_000_000
MOST_FILES = 5000
MOST_LETTERS = 100  # in one part of a name; systems take 255 bytes
# What a handout never holds, and a workspace keeps for itself.
OWN_FOLDERS = (".venv", "venv", ".git", "backups", NOTES)


class ArchiveError(Exception):
    """A file that is no handout, or not a whole one; the message is one sentence."""


def read_handout(path, package):
    """Return the files of a handout of a course with that package, {path: bytes}, from its zip.

    Raises ArchiveError for a file that is no zip, is damaged, holds links or leads out of its
    folder, or is no handout.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = [_checked(member) for member in archive.infolist() if not member.is_dir()]
            _expect_modest(members)
            top = _top_of([member.filename for member in members], package)
            files = {
                member.filename[len(top) :]: archive.read(member)
                for member in members
                if member.filename.startswith(top)
            }
    except OSError as error:
        raise ArchiveError(f"{path}: {error.strerror or error}") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise ArchiveError(f"{path} is no zip, or not a whole one: {error}") from None
    for name in files:
        _expect_inside(name)
    _expect_once(files)
    return dict(sorted(files.items()))


def _checked(member):
    """Return a member if it is a plain file with a name inside the archive's folder."""
    name = member.filename
    parts = PurePosixPath(name).parts
    kind = stat.S_IFMT(member.external_attr >> 16)
    if (
        not parts
        or name.startswith("/")
        or ".." in parts
        or any(character in name for character in '\\:\0*?"<>|')
        or kind not in (0, stat.S_IFREG)
    ):
        raise ArchiveError(
            f"the zip holds {name!r}, which is a link or leads out of its folder; "
            "expected plain files, and nothing was unpacked"
        )
    return member


def _expect_inside(name):
    """Expect a name that leads to a file of a handout, seen from the handout's folder."""
    parts = name.split("/")
    if any(part in ("", ".", "..") or part != part.strip() for part in parts):
        raise ArchiveError(
            f"the zip holds {name!r}, which leads out of its folder; expected names such as "
            "'notebooks/Some.ipynb', and nothing was unpacked"
        )
    if max(map(len, parts)) > MOST_LETTERS:
        raise ArchiveError(
            f"the zip holds a name of {max(map(len, parts))} letters, {name[:40]!r}..., expected "
            f"at most {MOST_LETTERS}"
        )
    if parts[0].casefold() in OWN_FOLDERS:
        raise ArchiveError(
            f"the zip holds {name!r}, in a folder that is yours; expected the files of a handout, "
            "and nothing was unpacked"
        )


def _expect_modest(members):
    total = sum(member.file_size for member in members)
    if total > MOST_BYTES or len(members) > MOST_FILES:
        raise ArchiveError(
            f"the zip holds {len(members)} files of {total / 1e6:,.0f} MB, "
            f"expected at most {MOST_FILES} of {MOST_BYTES / 1e6:.0f} MB"
        )


def _top_of(names, package):
    """Return the folder of the course in the archive: "" or "some-course/" or deeper."""
    tops = [name[: -len(DESCRIPTION)] for name in names if f"/{name}".endswith(f"/{DESCRIPTION}")]
    top = min(tops, key=len, default="")
    # Without these it is something else, a submission perhaps.
    for wanted in (DESCRIPTION, LISTING, f"{package}/__init__.py"):
        if top + wanted not in names:
            raise ArchiveError(f"the zip is no handout of this course: {wanted} is not in it")
    return top


def _expect_once(files):
    """Expect no two names that some system takes for the same file."""
    seen = {}
    for name in files:
        if (other := seen.setdefault(name.casefold(), name)) != name:
            raise ArchiveError(f"the zip holds both {other} and {name}, expected one of them")
