"""The files in what a student handed in, a folder or a zip, read with suspicion.

A zip can name any place, claim any size and hold any kind of file. Nothing is ever unpacked by the
names in it: a member is looked at by its path, and read into memory up to a limit.
"""

import io
import re
import stat
import zipfile
import zlib
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

MOST_FILES = 20_000
MOST_PACKED = 200 << 20  # bytes of a zip
MOST_BYTES = 40 << 20  # of one file
MOST_RATIO = 500  # of the size of a file to what it takes up in the zip
_SMALL = 1 << 20  # a file up to here may be packed as well as it likes
_UTF8_NAME = 0x800  # the flag of a member whose name is UTF-8

# What systems and programs leave behind. Nobody misses it, so it is not even counted.
_LITTER = {"__MACOSX", ".DS_Store", "Thumbs.db", "desktop.ini", "__pycache__"}
_LITTER |= {
    ".ipynb_checkpoints",
    ".git",
    ".venv",
    ".coursekit",
    ".vscode",
    ".idea",
    ".pytest_cache",
}


class Unusable(Exception):
    """Something handed in cannot be read; the message is a sentence for the student."""


@dataclass
class Files:
    """What is in a folder or a zip: {path: function that reads it}, and sentences on the rest."""

    readers: dict = field(default_factory=dict)
    problems: list = field(default_factory=list)

    def add(self, name, reader):
        """Add a file under the name that it has there, unless it is litter or leads elsewhere."""
        name = name.replace("\\", "/")
        path = PurePosixPath(name)
        if not path.parts or is_litter(path):
            return
        if path.is_absolute() or ".." in path.parts or re.match(r"[A-Za-z]:", name):
            self.problems.append(f"{shown(name)} leads out of the submission and was ignored.")
            return
        if path in self.readers:
            self.problems.append(f"{shown(name)} is there more than once; the last one counts.")
        self.readers[path] = reader

    def ignore(self, name, what):
        if not is_litter(PurePosixPath(name)):
            self.problems.append(f"{shown(name)} is {what} and was ignored.")


def files_in(path):
    """Return the Files of a folder or a zip. Raises Unusable."""
    path = Path(path)
    if path.is_symlink():
        raise Unusable("The submission is a link, expected a zip or a folder.")
    return _of_folder(path) if path.is_dir() else _of_zip(path)


def is_litter(path):
    return any(part in _LITTER or part.startswith("._") for part in path.parts)


def shown(name):
    """Return a name as it can stand in a sentence: in quotes, without line ends, not too long."""
    name = str(name).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return repr(name if len(name) <= 120 else f"{name[:80]} ... {name[-30:]}")


def _of_folder(folder):
    files = Files()
    for count, path in enumerate(sorted(folder.rglob("*"))):
        if count > MOST_FILES:
            raise Unusable(f"The folder holds more than {MOST_FILES} files.")
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            files.ignore(name, "a link")
        elif path.is_file():
            files.add(name, lambda path=path: _read_file(path))
        elif not path.is_dir():
            files.ignore(name, "no plain file")
    return files


def _read_file(path):
    with open(path, "rb") as file:
        return _read_up_to(file, MOST_BYTES, path.name)


def _of_zip(source):
    """Return the Files of a zip, given as a path or as bytes in memory."""
    if isinstance(source, Path):
        _expect_readable(source)
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
        raise Unusable(f"It is no zip, or not a whole one: {error}.") from None
    files = Files()
    if len(archive.infolist()) > MOST_FILES:
        raise Unusable(f"The zip holds more than {MOST_FILES} files.")
    for member in archive.infolist():
        name = _name_of(member)
        kind = stat.S_IFMT(member.external_attr >> 16)
        if kind == stat.S_IFLNK:
            files.ignore(name, "a link")
        elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            files.ignore(name, "no plain file")
        elif not member.is_dir() and not name.endswith("\\"):
            files.add(name, lambda member=member: _read_member(archive, member))
    return files


def zip_inside(content):
    """Return the Files of a zip that was itself a member. Raises Unusable."""
    return _of_zip(io.BytesIO(content))


def _expect_readable(path):
    try:
        size = path.stat().st_size
    except OSError as error:
        raise Unusable(f"The file cannot be read: {error.strerror}.") from None
    if size == 0:
        raise Unusable("The file is empty: 0 bytes.")
    if size > MOST_PACKED:
        raise Unusable(
            f"The file has {size / 1e6:.0f} MB, expected at most {MOST_PACKED / 1e6:.0f} MB."
        )


def _name_of(member):
    """Return a member's name. Some programs write UTF-8 and do not say so."""
    if not member.flag_bits & _UTF8_NAME:
        try:
            return member.filename.encode("cp437").decode("utf-8")
        except UnicodeError:
            pass
    return member.filename


def _read_member(archive, member):
    name = _name_of(member)
    if member.flag_bits & 0x1:
        raise Unusable(f"{shown(name)} is locked by a password.")
    if member.file_size > max(_SMALL, MOST_RATIO * member.compress_size):
        raise Unusable(f"{shown(name)} would unpack to {member.file_size / 1e6:.0f} MB: a bomb.")
    try:
        with archive.open(member) as file:
            return _read_up_to(file, MOST_BYTES, name)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError) as error:
        raise Unusable(f"{shown(name)} is damaged: {error}.") from None


def _read_up_to(file, most, name):
    content = file.read(most + 1)
    if len(content) > most:
        raise Unusable(f"{shown(name)} has more than {most / 1e6:.0f} MB, which is too large.")
    return content
