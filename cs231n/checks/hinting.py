"""What a failed check says of hints, and what `check.NAME(hint=2)` adds to its verdict."""

from .hints import HINTS
from .verdict import CRASHED, NOT_ATTEMPTED, WRONG


def hints_for(verdict, level=0):
    """Return what stands below a verdict: the hints up to `level`, and how to get the next one.

    A verdict that is passed has no need of hints, and one on other inputs no use for them. A block
    that is not attempted yet gets those that are asked for, and is not pointed to them.
    Raises ValueError for a level that is not a whole number of 0 or more.
    """
    if not isinstance(level, int) or level < 0:
        raise ValueError(f"hint is {level!r}, expected a whole number of 0 or more")
    if verdict.kind not in (WRONG, CRASHED, NOT_ATTEMPTED):
        return ("No hint is needed here.",) if level and verdict.passed else ()
    hints = HINTS.get(verdict.check, ())
    told = [f"Hint {number}: {hint}" for number, hint in enumerate(hints[:level], start=1)]
    return (*told, *_what_follows(verdict, level, len(hints)))


def _what_follows(verdict, level, there):
    if level > there:
        count = {0: "are no hints", 1: "is one hint"}.get(there, f"are {there} hints")
        return [f"There {count} for {verdict.check}, and no hint {level}."]
    if level == there:
        return ["That was the last hint."] if there else []
    if verdict.kind == NOT_ATTEMPTED and not level:
        return []
    return [f"check.{verdict.check}(hint={level + 1}) tells more."]
