"""Grades in the columns that learning platforms ask for when a table is uploaded to them.

Canvas       a gradebook: Student, ID, SIS Login ID, Section, and a column called as the assignment
Moodle       a grading worksheet: Identifier, Full name, Email address, Grade, Maximum Grade
Gradescope   Name, SID, Email and Total Score, as its own export has them

Each is written for the submissions that came from there. Whose they are is what the platform's own
names and lists said.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ...course import Course
from ...files import write_table
from ..by_hand import ByHand
from ..grades import Listed
from .scores import Score
from .text import as_table, in_a_cell

FOLDER = "uploads"

_Entry = tuple[Score, Listed, float, float]


def write(
    course: Course,
    folder: Path,
    scores: Sequence[Score],
    listed: Mapping[str, Listed],
    by_hand: Mapping[str, ByHand],
) -> list[Path]:
    """Write a file for each platform that submissions came from, and return their paths.

    Rows are those of submissions that count. A group that handed in once has a row for each of its
    members, where the platform names them.
    """
    paths = []
    for platform, (heads, row) in _FORMS.items():
        entries = [
            (score, listed[score.id], *_sums(score, by_hand.get(score.id)))
            for score in scores
            if score.id in listed and listed[score.id].platform == platform
        ]
        if not entries:
            continue
        rows = [row(entry, *person) for entry in entries for person in _people(entry[1])]
        titles = [head.format(title=course.title) for head in heads]
        path = folder / FOLDER / f"{platform.lower()}.csv"
        path.parent.mkdir(exist_ok=True)
        write_table(path, as_table([titles, *(map(_cell, cells) for cells in rows)]))
        paths.append(path)
    return paths


def _sums(score: Score, given: ByHand | None) -> tuple[float, float]:
    """Return points and the most there are, by checks and by people."""
    if given is None:
        return score.earned, score.possible
    possible = sum(given.possible(name) for name in given.names)
    return round(score.earned + given.in_all, 2), round(score.possible + possible, 2)


def _people(listed: Listed) -> list[tuple[str, str, str]]:
    """Return (name, number, address) of each person that a submission is of."""
    if listed.people:
        return [tuple((*person.split("\t"), "", "")[:3]) for person in listed.people]  # type: ignore[misc]
    return [(listed.student, listed.owner, "")]


def _cell(value: object) -> object:
    return in_a_cell(value) if isinstance(value, str) else value


def _canvas(entry: _Entry, who: str, number: str, email: str) -> Sequence[object]:
    return [who, number if number.isdecimal() else "", email, "", f"{entry[2]:g}"]


def _moodle(entry: _Entry, who: str, number: str, email: str) -> Sequence[object]:
    return [f"Participant {number}", who, email, f"{entry[2]:g}", f"{entry[3]:g}"]


def _gradescope(entry: _Entry, who: str, number: str, email: str) -> Sequence[object]:
    return [who, number, email, f"{entry[2]:g}", f"{entry[3]:g}"]


_FORMS: dict[str, tuple[tuple[str, ...], Callable[..., Sequence[object]]]] = {
    "Canvas": (("Student", "ID", "SIS Login ID", "Section", "{title}"), _canvas),
    "Moodle": (
        ("Identifier", "Full name", "Email address", "Grade", "Maximum Grade"),
        _moodle,
    ),
    "Gradescope": (("Name", "SID", "Email", "Total Score", "Max Points"), _gradescope),
}
