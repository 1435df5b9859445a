"""What READMEs say of a course, held against the course itself.

A README is written by hand, and read by people who take its numbers for true. So a release is not
made while one of them says something else than the course.
"""

import re

# README texts that a student or an instructor reads, relative to the course's folder.
TEXTS = ("README.md", "handout/README.md", "notebooks/README.md")

# A row that names a notebook, in code or as a link, and then its points.
_ROW = re.compile(
    r"^\|\s*(?:`(?P<name>\w+)`|\[(?P<link>\w+)\]\([^)]*\.ipynb\))\s*\|\s*(?P<points>\d+)\s*\|",
    re.MULTILINE,
)


def wrong_in(course):
    """Return sentences on what the READMEs say that is not so."""
    found = []
    for name in TEXTS:
        path = course.folder / name
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            found += [f"{name}: {sentence}" for sentence in _wrong_in(text, course)]
    return found


def _wrong_in(text, course):
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
        "points out of": course.points,
    }
    for words, so in counts.items():
        for said in _numbers_before(words, text):
            if said != so:
                yield f"it says {said} {words}, expected {so}"


def _numbers_before(words, text):
    """Yield the numbers that stand before some words, wherever lines break."""
    if words == "points out of":
        pattern = r"points\s+out\s+of\s+(\d+)"
    else:
        pattern = r"(\d+)\s+" + r"\s+".join(words.split()) + r"\b"
    for match in re.finditer(pattern, text):
        yield int(match[1])
