"""A result with all checks in it, also those that it never came to, and sums over it."""

import math
import re
from collections import defaultdict
from dataclasses import dataclass

from ...checks import Kind

# How a check that a result does not have is called.
NOT_RUN = Kind.NOT_RUN.value
_ENDED = re.compile(r"The check (?P<check>\w+) is (?P<kind>[\w ]+)\.")
KINDS = ("passed", "partly", "wrong", "crashed", "not_attempted", "other")


@dataclass(frozen=True)
class Score:
    """A result, with an entry for each check. Everything that reports read goes through it."""

    result: dict
    entries: tuple
    notebooks: tuple

    @property
    def id(self):
        return self.result["submission"]

    @property
    def student(self):
        return self.result["student"] or self.result["submission"]

    @property
    def status(self):
        return self.result["status"]

    @property
    def earned(self):
        return self.sum("earned")

    @property
    def possible(self):
        return self.sum("points")

    def sum(self, what, notebook=None):
        """Return a sum over entries, of one notebook or of all."""
        entries = self.entries if notebook is None else self.of_notebook(notebook)
        return round(math.fsum(entry[what] for entry in entries), 2)

    def of_notebook(self, notebook):
        return [entry for entry in self.entries if entry["notebook"] == notebook]

    @property
    def reasons(self):
        """Why a person should look at it, in sentences."""
        if self.status == "superseded":
            return []
        reasons = _shortened(self.result["needs_person"])
        if self.status == "failed":
            reasons.append("Grading did not come to its end.")
        if self.status == "unreadable":
            reasons.append("There was nothing that could be graded.")
        return reasons


def _shortened(reasons):
    """Return sentences with those about checks that ended alike in one."""
    rest, checks = [], defaultdict(list)
    for reason in reasons:
        if match := _ENDED.fullmatch(reason):
            checks[match["kind"]].append(match["check"])
        else:
            rest.append(reason)
    for kind, names in checks.items():
        more = f" and {len(names) - 4} more" if len(names) > 4 else ""
        rest.append(f"{kind.capitalize()}: {', '.join(names[:4])}{more}.")
    return rest


def scored(course, result):
    """Return the Score of a result."""
    there = {entry["check"]: entry for entry in result["checks"]}
    entries = tuple(there.get(one.name) or _missing(one) for one in course.checks)
    return Score(result, entries, tuple(course.checks.notebooks()))


def kind_of(entry):
    """Return one of KINDS: a wrong answer that earns something is partly right."""
    if entry["kind"] == "wrong" and entry["earned"] > 0:
        return "partly"
    return entry["kind"] if entry["kind"] in KINDS else "other"


def words(kind):
    """Return a kind as people read it."""
    return kind.replace("_", " ")


def _missing(one):
    line = f"{Kind.NOT_RUN.words}: {one.name}"
    return {
        "check": one.name,
        "notebook": one.notebook,
        "points": one.points,
        "earned": 0.0,
        "kind": NOT_RUN,
        "first_line": line,
        "text": line,
        "html": "",
        "mistake": "",
        "seconds": 0.0,
    }
