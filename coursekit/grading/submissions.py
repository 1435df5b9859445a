"""Submissions as they come in: who handed in what, and when.

`find(course, folder)` names the submissions of a class, as students hand them in or as Canvas,
Moodle and Gradescope export them. Whose a submission is, and when it came, is told by the
platform's names and lists and by the file, never by what is inside. Whatever a file is, it costs
its own submission and no other.
"""

import hashlib
import os
import re
import stat
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

from ..course import Course
from .archive import MOST_BYTES, Unusable, archive_suffix, is_archive, is_litter, shown, walk
from .contents import editable
from .platforms import GRADESCOPE_METADATA, Named, gradescope_metadata, read_name, read_own_name

_MOST_HASHED = 1 << 30  # bytes of a submission that are read for its hash


@dataclass(frozen=True)
class Submission:
    """What was handed in once.

    path: a folder, an archive or a file. id: its name, made fit for file names, and unique in its
    class. student: the name to show. owner: what two submissions of one student have in common.
    time: seconds since 1970, by the platform's list or else by the file. superseded_by: the id of a
    later submission of the same student, or "". parts: pairs (name that the student gave, path) of
    what belongs to it, the path itself among them, later ones last. late: whether the platform says
    so. order: the number that a browser or a platform gave it, of several by one name. typed:
    whether it is only what was typed into the platform, so that there is nothing to run.
    odd: sentences for a person. platform: the one that has named it. number: its number of the
    student. people: name, number and address of each person in its list, with tabs between. timed:
    whether the time is that of its list.
    """

    path: Path
    id: str
    student: str
    owner: str = field(compare=False)
    time: float = 0
    superseded_by: str = ""
    parts: tuple[tuple[str, Path], ...] = ()
    late: bool = False
    order: int = 0
    typed: bool = False
    odd: tuple[str, ...] = ()
    platform: str = ""
    number: str = ""
    people: tuple[str, ...] = ()
    timed: bool = False


def find(course: Course, folder: str | Path) -> list[Submission]:
    """Return the submissions in a folder, ordered by id; of each student the latest one counts.

    Everything in the folder is a submission, unless it is litter or a platform's own list: what
    cannot be graded is then reported, and nobody's work is lost without a word. Files that a
    platform gives as those of one student belong together. Raises FileNotFoundError where there is
    no such folder, and GradesError for a platform's list that cannot be read.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}")
    if _is_one(course, folder):
        return [_submission(course, [(Named(), folder)], None)]
    metadata = gradescope_metadata(folder)
    groups = _grouped(_entries(course, folder))
    found = [_submission(course, group, metadata.get(group[0][1].name)) for group in groups]
    found = _with_strangers_named(found, [group[0][0].platform for group in groups])
    return sorted(_with_latest(_with_unique_ids(found)), key=lambda submission: submission.id)


def digest_of(submission: Submission) -> str:
    """Return a hash of all that was handed in, without unpacking it.

    What cannot be read, or is more than can be read in a short time, is told by size and date.
    """
    digest = hashlib.sha256()
    left = _MOST_HASHED
    parts = submission.parts or ((submission.path.name, submission.path),)
    for name, part in parts:
        if len(parts) > 1:
            digest.update(name.encode("utf-8", "surrogateescape") + b"\0")
        for file, status in _files_to_hash(part):
            name_of_file = "." if file == part else file.relative_to(part)
            digest.update(str(name_of_file).encode("utf-8", "surrogateescape") + b"\0")
            if stat.S_ISLNK(status.st_mode):
                continue
            told = f"{status.st_mode} {status.st_size} {status.st_mtime_ns}".encode()
            if stat.S_ISREG(status.st_mode) and status.st_size <= min(left, 5 * MOST_BYTES):
                left -= status.st_size
                try:
                    with open(file, "rb") as stream:
                        told = hashlib.file_digest(stream, "sha256").digest()
                except OSError:
                    pass
            digest.update(told)
    return digest.hexdigest()


def _files_to_hash(path):
    """Yield (path, status) of all files of a part, links among them, in a fixed order."""
    try:
        status = os.lstat(path)
    except OSError:
        return
    if not stat.S_ISDIR(status.st_mode):
        yield path, status
        return
    found = []
    try:
        found = [(Path(entry.path), entry.stat(follow_symlinks=False)) for entry in walk(path)]
    except (Unusable, OSError) as error:
        yield path / f"{error}", status
    yield from sorted(pair for pair in found if not stat.S_ISDIR(pair[1].st_mode))


def clean(name: str) -> str:
    """Return a name of any file as text that can be written and read again."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _is_one(course, folder):
    """Whether a folder is a submission itself, and not a class."""
    if (folder / course.package).is_dir():
        return True
    return any((folder / PurePosixPath(path).parts[0]).is_file() for path in editable(course))


def _entries(course, folder):
    """Return pairs (Named, path) of what was handed in, in the order of their names.

    A folder that holds nothing but what a platform has named is an export that was not unpacked
    where it should be, and its entries count.
    """
    entries = []
    for path in sorted(folder.iterdir()):
        if not _is_meant(path):
            continue
        inside = _export_inside(course, path)
        entries += inside or [(_named(path), path)]
    return entries


def _export_inside(course, path):
    if path.is_symlink() or not path.is_dir() or _named(path).platform:
        return []
    try:
        inside = [entry for entry in sorted(path.iterdir()) if _is_meant(entry)]
    except OSError:
        return []
    found = [(_named(entry), entry) for entry in inside]
    return found if all(named.platform for named, _ in found) else []


def _named(path):
    return read_name(clean(path.name), path.is_dir() and not path.is_symlink())


def _grouped(entries):
    """Return lists of entries that belong together: those that a platform gives as one student's.

    What was typed into the platform belongs to the files of the same student, if there are any.
    """
    groups = defaultdict(list)
    for number, (named, path) in enumerate(entries):
        key = (named.platform, named.owner) if named.platform else number
        groups[key].append((named, path))
    grouped = []
    for group in groups.values():
        files = [entry for entry in group if not entry[0].is_text] or group
        grouped.append(sorted(files, key=lambda entry: (entry[0].order, entry[1].name)))
    return grouped


def _is_meant(path):
    return not (
        is_litter(PurePosixPath(path.name))
        or path.name.startswith(".")
        or path.name == GRADESCOPE_METADATA
        or (path.suffix.lower() == ".csv" and not _named(path).platform)
    )


def _submission(course, group, metadata):
    """Return what can be known of a submission by its names and the platform's list."""
    named, path = _main_part(course, group)
    name = clean(path.name)
    stem = name if named.platform and path.is_dir() else _stem(name, path)
    copy = named.order
    if named.platform:
        student, owner = named.student, f"{named.platform} {named.owner}"
    else:
        student, copy = read_own_name(stem)
        owner = unicodedata.normalize("NFC", student).casefold()
    time = _changed(path)
    if metadata:
        student = ", ".join(metadata["students"]) or student
        owner, time = metadata["owner"] or owner, metadata["time"] or time
    return Submission(
        path,
        _slug(name, stem),
        student,
        owner,
        time,
        parts=tuple((other.file or clean(part.name), part) for other, part in group),
        order=copy,
        late=any(other.late for other, _ in group),
        typed=all(other.is_text for other, _ in group),
        odd=tuple(other.odd for other, _ in group if other.odd),
        platform="Gradescope" if metadata else named.platform,
        number=(metadata or {}).get("owner") or named.owner,
        people=tuple((metadata or {}).get("people", ())),
        timed=bool(metadata and metadata["time"]),
    )


def _main_part(course, group):
    """Return the entry that a submission is called by: its last archive, or its last module."""
    for is_main in (
        lambda path: is_archive(path) or path.is_dir(),
        lambda path: path.suffix == ".py",
    ):
        if fitting := [entry for entry in group if is_main(entry[1])]:
            return fitting[-1]
    return group[-1]


def _stem(name, path):
    if path.is_dir() and not path.is_symlink():
        return name
    return name.removesuffix(archive_suffix(name) or path.suffix)


def _changed(path):
    """Return when a file was changed, in seconds since 1970, 0 where it cannot be known."""
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def _with_strangers_named(found, platforms):
    """Name for a person what is called as a platform calls it, where most are not."""
    own = platforms.count("")
    return [
        replace(
            submission,
            odd=(
                *submission.odd,
                f"The name {shown(submission.path.name)} is one that {platform} gives, and most "
                "others here were not given by it: whose is it?",
            ),
        )
        if platform and own > len(platforms) / 2
        else submission
        for submission, platform in zip(found, platforms, strict=True)
    ]


def _slug(name, stem):
    """Return a name of letters, digits, dashes, dots and underscores."""
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^\w.-]+", "-", plain).strip("-.")[:80]
    return slug or "submission-" + _short_hash(name)


def _with_unique_ids(found):
    counts = Counter(submission.id.casefold() for submission in found)
    return [
        submission
        if counts[submission.id.casefold()] == 1
        else replace(submission, id=f"{submission.id}-{_short_hash(clean(submission.path.name))}")
        for submission in found
    ]


def _short_hash(name):
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:6]


def _with_latest(found):
    """Let of each student the latest submission count, and say where only a file's date tells."""
    by_owner = defaultdict(list)
    for submission in sorted(found, key=_age):
        by_owner[submission.owner].append(submission)
    counted = []
    for *earlier, latest in by_owner.values():
        if earlier:
            count = len(earlier) + 1
            said = f"{count} submissions are of {shown(latest.student)}; the latest one counts."
            latest = replace(latest, odd=(*latest.odd, said))
        counted += [replace(old, superseded_by=latest.id) for old in earlier] + [latest]
    return counted


def _age(submission):
    """Sort by time, then by the number of the copy that a browser or a platform has given."""
    return submission.time, submission.order, submission.id
