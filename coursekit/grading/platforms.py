"""How learning platforms name what they export: whose a file is, and whether it came late.

A platform puts a prefix of its own before the name that a student gave a file, so what counts is
what stands first: whatever a student calls a file, it stays theirs.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from .archive import shown
from .results import GradesError

GRADESCOPE_METADATA = "submission_metadata.yml"


@dataclass(frozen=True)
class Named:
    """What the name of an exported file or folder says.

    platform: "Canvas", "Moodle" or "". student: the name to show. owner: the platform's number of
    the student, or "" where only the name tells. file: the name that the student gave, or "" for a
    folder of files. order: which of a student's files came later. late: whether the platform says
    so. is_text: whether it was typed into the platform, and holds no file. odd: a sentence, or "".
    """

    platform: str = ""
    student: str = ""
    owner: str = ""
    file: str = ""
    order: int = 0
    late: bool = False
    is_text: bool = False
    odd: str = ""


# name[_LATE]_userid_attachmentid_filename, and name[_LATE]_userid_text.html for what was typed.
_CANVAS = re.compile(
    r"(?P<student>[^_]+?)(?P<late>_LATE)?_(?P<id>\d+)_"
    r"(?:(?P<text>(?:text|link)\.html?)|(?P<order>\d+)_(?P<file>.+))",
    re.DOTALL,
)
# [LATE_]anon_id_attachmentid_filename, where grading is anonymous.
_CANVAS_ANONYMOUS = re.compile(
    r"(?P<late>LATE_)?(?P<student>anon_(?P<id>[A-Za-z0-9]+))_"
    r"(?:(?P<text>(?:text|link)\.html?)|(?P<order>\d+)_(?P<file>.+))",
    re.DOTALL,
)
# A folder NAME_id_assignsubmission_file[_], or files NAME_id_assignsubmission_file_filename. A
# group's name, where there are groups, stands before the student's.
_MOODLE = re.compile(
    r"(?P<student>.+?)_(?P<id>\d+)_assignsubmission_(?P<kind>[a-z]+)(?:_(?P<file>.*))?", re.DOTALL
)
_OWN = re.compile(r"(?:submission[-_ ])?(?P<student>.+?)(?: ?\((?P<order>\d+)\))?", re.DOTALL)
_TYPED = re.compile(r"_\d+_assignsubmission_", re.DOTALL)


def read_name(name: str, is_folder: bool) -> Named:
    """Return what a name says, where a platform has given it, and a Named without one otherwise."""
    for pattern in (_CANVAS_ANONYMOUS, _CANVAS):
        if match := pattern.fullmatch(name):
            found = match.groupdict()
            return Named("Canvas", found["student"], found["id"], found["file"] or "",
                         int((found["order"] or "0")[:18]), bool(found["late"]),
                         found["text"] is not None)  # fmt: skip
    if match := _MOODLE.fullmatch(name):
        file = "" if is_folder else match["file"] or ""
        odd = ""
        if _TYPED.search(f"_{match['file'] or ''}"):
            odd = f"The name {shown(name)} holds the numbers of two students; the first one counts."
        is_text = match["kind"] != "file"
        return Named("Moodle", match["student"], match["id"], file, is_text=is_text, odd=odd)
    return Named()


def read_own_name(stem: str) -> tuple[str, int]:
    """Return the student and the number of the copy in a name that no platform has given."""
    match = _OWN.fullmatch(stem)
    if not match:
        return stem, 0
    return match["student"], int((match["order"] or "0")[:18])


def gradescope_metadata(folder: Path) -> dict[str, dict]:
    """Return {folder's name: students, people, owner, time} from the list that Gradescope exports.

    Raises GradesError for a list that cannot be read.
    """
    path = folder / GRADESCOPE_METADATA
    if not path.is_file():
        return {}
    import yaml

    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8-sig")) or {}
        return {f"{name}": _gradescope_entry(entry) for name, entry in entries.items()}
    except (yaml.YAMLError, OSError, ValueError, AttributeError, TypeError) as error:
        words = " ".join(f"{error}".split())[:200]
        raise GradesError(f"{path} is not as Gradescope writes it: {words}") from None


_PERSON = (":name", ":sid", ":email")


def _gradescope_entry(entry):
    people = entry.get(":submitters") or []
    time = entry.get(":created_at")
    return {
        "students": [str(person.get(":name", "")) for person in people],
        "people": [
            "\t".join(" ".join(f"{person.get(key) or ''}".split()) for key in _PERSON)
            for person in people
        ],
        "owner": " ".join(str(p.get(":sid") or p.get(":email") or "") for p in people).strip(),
        "time": time.timestamp() if isinstance(time, datetime) else None,
    }
