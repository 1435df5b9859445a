"""The files in what a student handed in, a folder or an archive, read with suspicion.

An archive can name any place, claim any size and hold any kind of file. Nothing is ever unpacked by
the names in it: a member is looked at by its path, and read into memory up to a limit.
"""

import bz2
import gzip
import io
import lzma
import os
import re
import stat
import tarfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

MOST_FILES = 20_000
MOST_DEPTH = 64  # folders in one another
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
    """Return the Files of a folder, a zip or a tar archive. Raises Unusable."""
    path = Path(path)
    mode = _mode(path)
    if stat.S_ISLNK(mode):
        raise Unusable("The submission is a link, expected a zip or a folder.")
    if stat.S_ISDIR(mode):
        return _of_folder(path)
    _expect_readable(path, mode)
    start = _first_bytes(path)
    for magic, kind in _NOT_OPENED.items():
        if start.startswith(magic):
            raise Unusable(f"It is {kind}, which grading does not open. Hand it in as a zip.")
    opened = next((tool for magic, tool in _COMPRESSED.items() if start.startswith(magic)), None)
    if opened or archive_suffix(path.name) == ".tar" or start[257:262] == b"ustar":
        return _of_tar(path, opened or open)
    return _of_zip(path)


# What archives begin with.
_NOT_OPENED = {b"7z\xbc\xaf'\x1c": "a 7z archive", b"Rar!\x1a\x07": "a RAR archive"}
_COMPRESSED = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\0": lzma.open}
_SUFFIXES = (".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".tbz2", ".txz", ".tar", ".zip", ".7z",
             ".rar")  # fmt: skip


def archive_suffix(name):
    """Return the ending of a name that says it is an archive, or None."""
    return next((name[-len(end) :] for end in _SUFFIXES if name.lower().endswith(end)), None)


def is_archive(path):
    """Whether a file is an archive by its name, or else by how it begins."""
    path = Path(path)
    try:
        if not stat.S_ISREG(_mode(path)):
            return False
        start = b"" if archive_suffix(path.name) else _first_bytes(path)
    except (Unusable, OSError):
        return False
    begins = (b"PK\x03\x04", b"PK\x05\x06", *_NOT_OPENED, *_COMPRESSED)
    return bool(archive_suffix(path.name)) or start.startswith(begins)


def loose_file(path, name):
    """Return the Files of a file that was handed in as it is, under a name. Raises Unusable."""
    _expect_readable(path, _mode(path))
    files = Files()
    files.add(name, lambda: _read_file(path))
    return files


def walk(folder: str | os.PathLike[str]) -> Iterator[os.DirEntry[str]]:
    """Yield all entries in a folder and its folders, without following links.

    Raises Unusable for more than MOST_FILES of them, or more than MOST_DEPTH folders in one
    another, and OSError where a folder cannot be read.
    """
    count, waiting = 0, [(os.fspath(folder), 0)]
    while waiting:
        place, depth = waiting.pop()
        if depth > MOST_DEPTH:
            raise Unusable(f"The folder holds more than {MOST_DEPTH} folders in one another.")
        with os.scandir(place) as entries:
            for entry in entries:
                count += 1
                if count > MOST_FILES:
                    raise Unusable(f"The folder holds more than {MOST_FILES} files.")
                yield entry
                if entry.is_dir(follow_symlinks=False) and entry.name not in _LITTER:
                    waiting.append((entry.path, depth + 1))


def _mode(path):
    try:
        return os.lstat(path).st_mode
    except (OSError, ValueError) as error:
        raise Unusable(f"It cannot be read: {getattr(error, 'strerror', error)}.") from None


def is_litter(path):
    return any(part in _LITTER or part.startswith("._") for part in path.parts)


def shown(name):
    """Return a name as it can stand in a sentence: in quotes, without line ends, not too long."""
    name = str(name).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return repr(name if len(name) <= 120 else f"{name[:80]} ... {name[-30:]}")


def _of_folder(folder):
    files = Files()
    try:
        entries = sorted(walk(folder), key=lambda entry: entry.path)
    except OSError as error:
        raise Unusable(f"The folder cannot be read: {error.strerror}.") from None
    for entry in entries:
        name = Path(entry.path).relative_to(folder).as_posix()
        if entry.is_symlink():
            files.ignore(name, "a link")
        elif entry.is_file(follow_symlinks=False):
            files.add(name, lambda path=entry.path: _read_file(path))
        elif not entry.is_dir(follow_symlinks=False):
            files.ignore(name, "no plain file")
    return files


def _read_file(path):
    name = Path(path).name
    try:
        with open(_opened(path), "rb") as file:
            return _read_up_to(file, MOST_BYTES, name)
    except OSError as error:
        raise Unusable(f"{shown(name)} cannot be read: {error.strerror}.") from None


def _opened(path):
    """Open a file that may have been exchanged meanwhile, so that nothing is waited for."""
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
    return os.open(path, flags | getattr(os, "O_BINARY", 0))


def _first_bytes(path):
    try:
        with open(_opened(path), "rb") as file:
            return file.read(512)
    except OSError as error:
        raise Unusable(f"The file cannot be read: {error.strerror}.") from None


def _of_zip(source):
    """Return the Files of a zip, given as a path or as bytes in memory."""
    try:
        archive = zipfile.ZipFile(source)
        members = archive.infolist()
    except Exception as error:  # damage of any kind, each with an exception of its own
        raise Unusable(f"It is no zip, or not a whole one: {_words(error)}.") from None
    files = Files()
    if len(members) > MOST_FILES:
        raise Unusable(f"The zip holds more than {MOST_FILES} files.")
    for member in members:
        name = _name_of(member)
        kind = stat.S_IFMT(member.external_attr >> 16)
        if not name:
            files.problems.append("A file in the zip has no name and was ignored.")
        elif kind == stat.S_IFLNK:
            files.ignore(name, "a link")
        elif kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            files.ignore(name, "no plain file")
        elif not name.endswith(("/", "\\")):
            files.add(name, lambda member=member: _read_member(archive, member))
    return files


def _of_tar(path, opened):
    """Return the Files of a tar archive, all read at once: it has no list of what is in it.

    Raises Unusable.
    """
    files = Files()
    try:
        # To guess at another kind is for files_in, and not for tarfile.
        with opened(path, "rb") as packed, tarfile.open(fileobj=_Limited(packed), mode="r|") as tar:
            for count, member in enumerate(tar):
                if count >= MOST_FILES:
                    raise Unusable(f"The archive holds more than {MOST_FILES} files.")
                _add_from_tar(files, tar, member)
    except Unusable:
        raise
    except Exception as error:  # damage of any kind, each with an exception of its own
        if not files.readers:
            raise Unusable(f"It is no archive, or not a whole one: {_words(error)}.") from None
        files.problems.append(f"The archive is damaged after {len(files.readers)} files.")
    return files


def _add_from_tar(files, tar, member):
    if member.issym() or member.islnk():
        files.ignore(member.name, "a link")
    elif member.isfile():
        stream = tar.extractfile(member)
        try:
            content = _read_up_to(stream, MOST_BYTES, member.name)
        except Unusable as error:
            files.problems.append(f"{error}")
            return
        files.add(member.name, lambda: content)
    elif not member.isdir():
        files.ignore(member.name, "no plain file")


class _Limited:
    """A stream that is unpacked, up to a limit."""

    def __init__(self, stream):
        self._stream, self._left = stream, MOST_PACKED

    def read(self, size):
        content = self._stream.read(size)
        self._left -= len(content)
        if self._left < 0:
            raise Unusable(f"The archive would unpack to more than {MOST_PACKED / 1e6:.0f} MB.")
        return content


def _words(error):
    """Return what an exception says, or its kind where it says nothing."""
    return " ".join(f"{error}".split())[:200] or type(error).__name__


def zip_inside(content):
    """Return the Files of a zip that was itself a member. Raises Unusable."""
    return _of_zip(io.BytesIO(content))


def _expect_readable(path, mode):
    if not stat.S_ISREG(mode):
        raise Unusable("It is no plain file, expected a zip or a folder.")
    size = os.lstat(path).st_size
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
    except Unusable:
        raise
    except Exception as error:  # damage of any kind, each with an exception of its own
        raise Unusable(f"{shown(name)} is damaged: {_words(error)}.") from None


def _read_up_to(file, most, name):
    content = file.read(most + 1)
    if len(content) > most:
        raise Unusable(f"{shown(name)} has more than {most / 1e6:.0f} MB, which is too large.")
    return content
