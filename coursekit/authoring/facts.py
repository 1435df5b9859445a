"""What READMEs say of a course, held against the course itself, and what checks give points for.

A README is written by hand, and read by people who take its numbers for true. So a release is not
made while one of them says something else than the course.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from ..checks.outcome import VALUE
from ..checks.verdict import shares

if TYPE_CHECKING:
    from ..checks import Check
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


def points_table(course: Course) -> str:
    """Return what earns which share of each check's points, as tables of Markdown by notebook."""
    lines = []
    for notebook in course.checks.notebooks():
        lines += [
            f"## {notebook}: {course.checks.points(notebook)} points",
            "",
            "| check | points | main groups | all else |",
            "| --- | --- | --- | --- |",
            *(_points_row(check) for check in course.checks.of_notebook(notebook)),
            "",
        ]
    return "\n".join(lines)


def _points_row(check: Check) -> str:
    values = check.recorded().of_kind(VALUE)
    worth = shares(dict.fromkeys(entry.group for entry in values), check.main)
    main = [group for group in worth if group in check.main or not check.main]
    rest = [group for group in worth if group not in main]
    kinds = (_with_shares({group: worth[group] for group in kind}) for kind in (main, rest))
    return f"| `{check.name}` | {check.points} | {' | '.join(kinds)} |"


def _with_shares(worth: Mapping[str, float]) -> str:
    """Name groups with their shares in per cent, those that have the same share together."""
    alike: dict[str, list[str]] = {}
    for group, share in worth.items():
        alike.setdefault(f"{100 * share:.0f} %", []).append(group)
    said = [
        f"{', '.join(groups)}: {share}{' each' if len(groups) > 1 else ''}"
        for share, groups in alike.items()
    ]
    return "; ".join(said)


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
