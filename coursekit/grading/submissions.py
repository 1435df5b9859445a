"""Submissions as they come in: who handed in what, and the files of it that are graded.

`find(folder)` names the submissions of a class, as students hand them in or as Canvas, Moodle and
Gradescope export them. `lay_out(path, folder)` copies the files that are graded out of one.
"""

import hashlib
import json
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from pathlib import Path, PurePosixPath

from ..blocks import blocks_of
from ..course import Course
from .archive import Files, Unusable, files_in, is_litter, shown, zip_inside

MANIFEST = "manifest.json"
GRADESCOPE_METADATA = "submission_metadata.yml"
_MOST_TOGETHER = 100 << 20  # bytes of all files that are graded

# How learning platforms call what they export.
_CANVAS = re.compile(r"(?P<student>[^_]+)(?:_LATE)?_(?P<id>\d+)_\d+_.+")
_MOODLE = re.compile(r"(?P<student>.+)_(?P<id>\d+)_assignsubmission_file.*", re.DOTALL)
_OWN = re.compile(r"(?:submission[-_ ])?(?P<student>.+?)(?: ?\(\d+\))?", re.DOTALL)


@dataclass(frozen=True)
class Submission:
    """What was handed in once.

    path: a folder or a zip. id: its name, made fit for file names, and unique in its class.
    student: the name to show. owner: what two submissions of one student have in common.
    time: seconds since 1970, by the manifest or else by the file. superseded_by: the id of a later
    submission of the same student, or "".
    """

    path: Path
    id: str
    student: str
    owner: str = field(compare=False)
    time: float = 0
    superseded_by: str = ""


def find(course: Course, folder: str | Path) -> list[Submission]:
    """Return the submissions in a folder, ordered by id; of each student the latest one counts.

    Everything in the folder is a submission, unless it is litter or a platform's own list: what
    cannot be graded is then reported, and nobody's work is lost without a word. Raises
    FileNotFoundError where there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(f"there is no folder {folder}")
    metadata = _gradescope_metadata(folder)
    paths = [folder] if (folder / course.package).is_dir() else sorted(folder.iterdir())
    found = [_submission(path, metadata.get(path.name)) for path in paths if _is_meant(path)]
    return sorted(_with_latest(_with_unique_ids(found)), key=lambda one: one.id)


def lay_out(course, path, folder):
    """Copy the files of a submission that are graded into an empty folder.

    There they are PACKAGE/PATH and notebooks/NAME, wherever they were in the submission.
    Returns sentences on what is odd. Nothing is raised: what cannot be read is a sentence as well.
    """
    try:
        files = files_in(path)
        files = _unpacked_once(course, files)
    except Unusable as error:
        return [str(error)]
    problems = files.problems
    wanted = _wanted(course, files, problems)
    read = 0
    for target, source in wanted.items():
        try:
            content = files.readers[source]()
        except (Unusable, OSError) as error:
            problems.append(str(error))
            continue
        read += len(content)
        if read > _MOST_TOGETHER:
            problems.append(f"All files together have more than {_MOST_TOGETHER / 1e6:.0f} MB.")
            break
        problems += _oddities(target, content)
        place = Path(folder) / target
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(content)
        except OSError as error:  # a name that is too long for this system
            problems.append(f"{shown(target)} was ignored: {error.strerror}.")
    if not any(target.startswith(f"{course.package}/") for target in wanted):
        example = f"{course.package}/{editable(course)[0]}"
        problems.append(f"None of the files that are graded is in it, such as {example}.")
    elif ignored := len(files.readers.keys() - set(wanted.values()) - {PurePosixPath(MANIFEST)}):
        files = "1 further file" if ignored == 1 else f"{ignored} further files"
        problems.append(f"Grading does not look at {files} in it.")
    return problems


def digest_of(submission: Submission) -> str:
    """Return a hash of all that was handed in, without unpacking it."""
    digest = hashlib.sha256()
    path = submission.path
    paths = [path] if not path.is_dir() else sorted(p for p in path.rglob("*") if p.is_file())
    for file in paths:
        digest.update(str(file.relative_to(path)).encode("utf-8", "surrogateescape") + b"\0")
        if not file.is_symlink():
            with open(file, "rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()


@cache
def editable(course):
    """Return the files that students write in, as paths in the package, most blocks first."""
    counts = Counter(block.path for block in blocks_of(course.package_folder))
    return tuple(sorted(counts, key=lambda path: (-counts[path], path)))


def clean(name: str) -> str:
    """Return a name of any file as text that can be written and read again."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _is_meant(path):
    return not (
        is_litter(PurePosixPath(path.name))
        or path.name.startswith(".")
        or path.name == GRADESCOPE_METADATA
        or (path.suffix.lower() == ".csv" and path.is_file())
    )


def _submission(path, metadata):
    """Return what can be known of a submission by its name and its manifest."""
    name = clean(path.name)
    stem = name if path.is_dir() else name.removesuffix(path.suffix)
    student, owner = _owner(stem)
    time = _manifest_time(path) or path.lstat().st_mtime
    if metadata:
        student = ", ".join(metadata["students"]) or student
        owner, time = metadata["owner"] or owner, metadata["time"] or time
    return Submission(path, _slug(name, stem), student, owner, time)


def _owner(stem):
    for pattern in (_CANVAS, _MOODLE):
        if match := pattern.fullmatch(stem):
            return match["student"], match["id"]
    student = _OWN.fullmatch(stem)["student"] if stem else stem
    return student, f"{unicodedata.normalize('NFC', student)}".casefold()


def _slug(name, stem):
    """Return a name of letters, digits, dashes, dots and underscores."""
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^\w.-]+", "-", plain).strip("-.")[:80]
    return slug or "submission-" + _short_hash(name)


def _with_unique_ids(found):
    counts = Counter(one.id.casefold() for one in found)
    return [
        one
        if counts[one.id.casefold()] == 1
        else replace(one, id=f"{one.id}-{_short_hash(clean(one.path.name))}")
        for one in found
    ]


def _short_hash(name):
    return hashlib.sha256(name.encode("utf-8", "replace")).hexdigest()[:6]


def _with_latest(found):
    latest = {}
    for one in sorted(found, key=lambda one: (one.time, one.id)):
        latest[one.owner] = one.id
    return [
        one if latest[one.owner] == one.id else replace(one, superseded_by=latest[one.owner])
        for one in found
    ]


def _manifest_time(path):
    """Return the time that a submission's manifest tells, or None."""
    try:
        readers = files_in(path).readers
        names = [name for name in readers if name.name == MANIFEST]
        if not names:
            return None
        manifest = json.loads(readers[min(names, key=lambda name: len(name.parts))]())
        return datetime.fromisoformat(manifest["time"]).timestamp()
    except (Unusable, OSError, ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None


def _gradescope_metadata(folder):
    """Return {folder's name: students, owner, time} from the list that Gradescope exports."""
    path = folder / GRADESCOPE_METADATA
    if not path.is_file():
        return {}
    import yaml

    entries = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    found = {}
    for name, entry in entries.items():
        people = entry.get(":submitters") or []
        time = entry.get(":created_at")
        found[str(name)] = {
            "students": [str(person.get(":name", "")) for person in people],
            "owner": " ".join(str(p.get(":sid") or p.get(":email") or "") for p in people),
            "time": time.timestamp() if isinstance(time, datetime) else None,
        }
    return found


def _unpacked_once(course, files):
    """Return the files of a zip inside, if that is all that is of use. Raises Unusable."""
    zips = [path for path in files.readers if path.suffix.lower() == ".zip"]
    if not zips or any(_place(course, path) for path in files.readers):
        return files
    chosen = max(zips, key=lambda path: path.name)
    inner = zip_inside(files.readers[chosen]())
    others = [f"{shown(path)} was ignored for it." for path in zips if path != chosen]
    if others:
        files.problems.append(f"Of several zips, {shown(chosen)} is graded.")
    return Files(inner.readers, files.problems + others + inner.problems)


def _wanted(course, files, problems):
    """Return {where a file comes to lie: its path in the submission}."""
    roots = Counter(place[0] for path in files.readers if (place := _place(course, path)))
    if not roots:
        return _notebooks(course, files, None)
    root, *others = sorted(roots, key=lambda root: _rank(course, root, roots[root]), reverse=True)
    if others:
        names = ", ".join(shown(other) for other in others[:5])
        problems.append(f"Graded is what lies in {shown(root)}, and not what lies in {names}.")
    wanted = {}
    for path in files.readers:
        place = _place(course, path)
        if place and place[0] == root:
            wanted[f"{course.package}/{place[1]}"] = path
    return wanted | _notebooks(course, files, root)


def _rank(course, root, files):
    """Rank folders: the package by name, with most files, nearest to the top, of the last year."""
    return root.name == course.package, files, -len(root.parts), str(root)


def _place(course, path):
    """Return (folder of the package, path in the package) of a file that is graded, or None."""
    for name in editable(course):
        parts = PurePosixPath(name).parts
        if path.parts[-len(parts) :] == parts:
            root = PurePosixPath(*path.parts[: -len(parts)])
            # A file of that name in a folder of the package is another one.
            if root.name not in _folders(course):
                return root, name
    return None


def _folders(course):
    """Return the names of the package's folders."""
    return {part for name in editable(course) for part in PurePosixPath(name).parts[:-1]}


def _notebooks(course, files, root):
    """Return the notebooks by their names, the ones nearest to the package where names repeat."""
    found = {}
    near = root.parent if root and root.name == course.package else root
    for path in sorted(files.readers, key=lambda path: (-len(path.parts), str(path))):
        if path.suffix == ".ipynb":
            before = found.get(path.name)
            if before is None or near is None or path.is_relative_to(near):
                found[path.name] = path
    return {f"notebooks/{name}": path for name, path in found.items()}


def _oddities(target, content):
    """Return sentences on a file that is not what its name says."""
    if not content.strip(b"\0 \t\r\n"):
        return [f"{shown(target)} is empty."]
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        return [f"{shown(target)} is not UTF-8: byte {error.start + 1} is {content[error.start]}."]
    if target.endswith(".ipynb"):
        try:
            json.loads(text)
        except (ValueError, RecursionError) as error:
            return [f"{shown(target)} is not JSON, so no answers were read from it: {error}."]
    return []
