"""What READMEs say of a course, held against the course itself.

A README is written by hand, and read by people who take its numbers for true. So a release is not
made while one of them says something else than the course.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..course import Course

# README texts that a student or an instructor reads, relative to the course's folder.
TEXTS = ("README.md", "handout/README.md", "notebooks/README.md")

# A row that names a notebook, in code or as a link, and then its points.
_ROW = re.compile(
    r"^\|\s*(?:`(?P<name>\w+)`|\[(?P<link>\w+)\]\([^)]*\.ipynb\))\s*\|\s*(?P<points>\d+)\s*\|",
    re.MULTILINE,
)

# A number that is said of the course, wherever lines break.
_NUMBERS = {
    "known mistakes": re.compile(r"(?P<said>\d+)\s+known\s+mistakes\b"),
    "checks": re.compile(r"(?P<said>\d+)\s+checks\b"),
    "points in all": re.compile(r"(?:points\s+out\s+of|[Tt]ogether\s+they\s+give)\s+(?P<said>\d+)"),
}


def wrong_in(course: Course) -> list[str]:
    """Return sentences on what the READMEs say that is not so."""
    found = []
    for name in TEXTS:
        path = course.folder / name
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            found += [f"{name}: {sentence}" for sentence in _wrong_in(text, course)]
    return found


def _wrong_in(text: str, course: Course) -> Iterator[str]:
    rows = {row["name"] or row["link"]: int(row["points"]) for row in _ROW.finditer(text)}
    if rows:
        expected = {name: course.checks.points(name) for name in course.notebooks}
        for name in sorted(rows.keys() | expected.keys()):
            if rows.get(name) != expected.get(name):
                said, so = rows.get(name, "not listed"), expected.get(name, "no notebook of it")
                yield f"the points of {name} are {said}, expected {so}"
    counts = {
        "known mistakes": len(course.mistakes),
        "checks": len(course.checks),
        "points in all": course.points,
    }
    for what, so in counts.items():
        for match in _NUMBERS[what].finditer(text):
            if int(match["said"]) != so:
                yield f"it says {match['said']} {what}, expected {so}"
