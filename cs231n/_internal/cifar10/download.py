"""Fetch CIFAR-10: receive the archive, check it, unpack it, then move the batches into place."""

import contextlib
import gzip
import hashlib
import shlex
import shutil
import tarfile
import zlib
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from ..files import remove_what_was_killed, replacing
from ..progress import progress
from .batches import FOLDER, OFFICIAL, DataError, download_command, find_damage
from .transfer import BLOCK, Part, TransferError, receive

__all__ = ["fetch"]


class _ArchiveError(Exception):
    """An archive is not what it should be; the message says why, in one sentence."""


def fetch(folder, release=OFFICIAL, *, url=None, archive=None, **patience):
    """Put the batches of a release into `folder`, unless they are there and undamaged.

    What `folder` held before stays until every new file has been checked. An archive of which a
    part was received is kept, and the next call continues from there.

    Inputs:
    - folder: path of `cifar-10-batches-py`
    - release: Release
    - url: where to fetch the archive, instead of from its official address
    - archive: path of an archive that is here already, instead of fetching one
    - patience: timeout, attempts and pause of `transfer.receive`

    Raises DataError, with what to do about it, for whatever goes wrong.
    """
    folder = Path(folder)
    if folder.exists() and find_damage(folder, release, thorough=True) is None:
        print(f"CIFAR-10 is in {folder} already, and every file has its MD5.")
        _part_in(folder.parent, release).remove()  # of an attempt that is needed no more
        remove_what_was_killed(folder)
        return
    try:
        if archive is None:
            _fetch_and_unpack(url or release.url, folder, release, patience)
        else:
            _unpack(Path(archive), folder, release)
    except (TransferError, _ArchiveError) as error:
        raise DataError(f"{error}\n{_what_to_do(folder, release)}") from error
    except OSError as error:  # those of the network are TransferErrors by now
        raise DataError(
            f"{error.filename or folder.parent}: {error.strerror or error}.\n"
            f"Once that is fixed, continue with: {download_command(folder)}"
        ) from error
    print(f"CIFAR-10 is in {folder}, and every file has its MD5.")


def _fetch_and_unpack(url, folder, release, patience):
    folder.parent.mkdir(parents=True, exist_ok=True)
    part = _part_in(folder.parent, release)
    _expect_room(folder.parent, release, part)
    print(f"Fetching {url} into {folder.parent}")
    continued = part.size > 0
    try:
        receive(url, part, release.archive.size, **patience)
        _unpack(part.path, folder, release)
    except _ArchiveError:
        part.remove()
        if not continued:
            raise
        # What an earlier call left may be part of another file: fetch it all again.
        _fetch_and_unpack(url, folder, release, patience)
    with contextlib.suppress(OSError):  # the data are in place, and the next call removes it
        part.remove()


def _part_in(parent, release):
    """Return the Part of a release's archive that an earlier call may have left."""
    return Part(parent / f"{_archive_name(release)}.part")


def _unpack(archive, folder, release):
    """Check an archive, unpack it, and replace `folder` with it if everything is right."""
    _expect_md5(archive, release.archive.md5)
    total = sum(expected.size for expected in release.batches.values())
    with replacing(folder) as fresh, progress(total=total, desc=FOLDER, unit="B") as bar:
        fresh.mkdir()
        try:
            with tarfile.open(archive, "r:gz") as tar:
                for member in tar:
                    _unpack_member(tar, member, fresh, release.batches, bar)
        except (tarfile.TarError, EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise _ArchiveError(f"{archive} cannot be unpacked: {error}.") from error
        if damage := find_damage(fresh, release, thorough=True):
            raise _ArchiveError(f"{archive} is incomplete or damaged: {damage}.")


def _unpack_member(tar, member, fresh, batches, bar):
    """Write a member of an archive to a name of our own choice, if it is one of the batches."""
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or not (member.isfile() or member.isdir()):
        raise _ArchiveError(
            f"The archive holds {member.name!r}, which is a link or leads out of its folder; "
            f"expected plain files in {FOLDER}."
        )
    if path.parts != (FOLDER, path.name) or path.name not in batches or not member.isfile():
        return
    if member.size != batches[path.name].size:
        raise _ArchiveError(
            f"The archive holds {member.name} of {member.size:,} bytes, "
            f"expected {batches[path.name].size:,}."
        )
    with tar.extractfile(member) as source, open(fresh / path.name, "wb") as file:
        _copy(source, file, bar)


def _copy(source, file, bar):
    while block := source.read(BLOCK):
        file.write(block)
        bar.update(len(block))


def _expect_md5(archive, expected):
    with open(archive, "rb") as file:
        md5 = hashlib.file_digest(file, "md5").hexdigest()
    if md5 != expected:
        raise _ArchiveError(f"{archive} has MD5 {md5}, expected {expected}.")


def _expect_room(parent, release, part):
    batches = sum(expected.size for expected in release.batches.values())
    needed = release.archive.size - part.size + batches
    free = shutil.disk_usage(parent).free
    if free < needed:
        raise TransferError(
            f"{parent} has {free / 1e6:,.1f} MB free, expected at least {needed / 1e6:,.1f} MB."
        )


def _what_to_do(folder, release):
    command = download_command(folder)
    stand_in = f"What was in {folder} is unchanged."
    if not folder.exists():
        stand_in = "Until then the notebooks run on a stand-in that is drawn on the spot."
    return (
        f"To try again, or continue from where it stopped: {command}\n"
        f"If you have fetched the archive by other means, from {release.url}:\n"
        f"  {command} --from {shlex.quote(_archive_name(release))}\n"
        f"{stand_in}"
    )


def _archive_name(release):
    return PurePosixPath(urlsplit(release.url).path).name
