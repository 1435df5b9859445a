"""What a class as a whole shows: points, checks, mistakes, times."""

import statistics
from collections import Counter, defaultdict
from dataclasses import dataclass

from .scores import kind_of, words


@dataclass(frozen=True)
class OneCheck:
    """How a check went: how many submissions ended it in each way, and the seconds it took."""

    name: str
    notebook: str
    points: float
    kinds: Counter
    average: float
    median_seconds: float
    longest_seconds: float
    longest: str  # the submission that took longest


@dataclass(frozen=True)
class Mistake:
    """What several submissions have in common. `known` says whether its name is of a known one."""

    check: str
    name: str
    known: bool
    students: tuple


def by_check(course, scores):
    """Return a OneCheck for each check that ran at all."""
    found = []
    for place, one in enumerate(course.checks):
        entries = [(score, score.entries[place]) for score in scores]
        ran = [(entry["seconds"], score.id) for score, entry in entries if entry["seconds"]]
        seconds = [second for second, _ in ran]
        found.append(
            OneCheck(
                one.name,
                one.notebook,
                one.points,
                Counter(kind_of(entry) for _, entry in entries),
                statistics.fmean(entry["earned"] for _, entry in entries),
                statistics.median(seconds) if seconds else 0,
                *(max(ran) if ran else (0, "")),
            )
        )
    return found


def mistakes(scores):
    """Return the Mistakes, those that most students made first.

    A mistake that is known goes by its name, and any other by what the verdict's first line says.
    One that was made in a block shows in the checks of all that use the block, and counts once.
    """
    students = defaultdict(list)
    for score in scores:
        seen = set()
        for entry in score.entries:
            if entry["kind"] not in ("wrong", "crashed"):
                continue
            name = entry["mistake"] or _headline(entry)
            if entry["mistake"] and entry["mistake"] in seen:
                continue
            seen.add(entry["mistake"])
            students[entry["check"], name, bool(entry["mistake"])].append(score.student)
    found = [Mistake(*key, tuple(names)) for key, names in students.items()]
    return sorted(found, key=lambda one: (-len(one.students), one.check, one.name))


def bins(scores, width=10):
    """Return triples (from, to, how many): the points of a class in steps of `width`.

    The last bin holds those with all points too.
    """
    most = max((score.possible for score in scores), default=0)
    edges = list(range(0, int(most), width)) or [0]
    counts = Counter(min(int(score.earned // width), len(edges) - 1) for score in scores)
    ends = [*edges[1:], most]
    return [(start, end, counts[place]) for place, (start, end) in
            enumerate(zip(edges, ends, strict=True))]  # fmt: skip


def middle(scores):
    """Return mean and median of the points."""
    earned = [score.earned for score in scores]
    return statistics.fmean(earned), statistics.median(earned)


def _headline(entry):
    """Return what a first line says after kind and check."""
    kind = words(entry["kind"])
    said = entry["first_line"].removeprefix(f"{kind}: {entry['check']}").lstrip(": ")
    return f"{kind}: {said}" if said else kind
