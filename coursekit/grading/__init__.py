"""Grading: a submission's checks run in a sandbox, and are judged outside of it.

    from coursekit.grading import Grades, find, grade_submission

`grade_submission` grades one submission, `find` names those of a class, and `Grades` is a folder of
grades, as the command `coursekit grade` leaves it. What they return is typed: `SubmissionResult`
with its `CheckResult`s, `Reason`s and `Answer`s.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .grades import Gathered, Grades
    from .results import (
        Answer,
        CheckResult,
        GradesError,
        Reason,
        ReasonCode,
        Status,
        SubmissionResult,
    )
    from .sandbox import Limits, SandboxError
    from .submissions import Submission, find
    from .unit import grade_submission

# Where what this package offers is: it is imported when it is asked for, since what runs in a
# sandbox is part of the package, and has no use for the rest.
_PLACES = {
    "Answer": "results",
    "CheckResult": "results",
    "Gathered": "grades",
    "Grades": "grades",
    "GradesError": "results",
    "Limits": "sandbox",
    "Reason": "results",
    "ReasonCode": "results",
    "SandboxError": "sandbox",
    "Status": "results",
    "Submission": "submissions",
    "SubmissionResult": "results",
    "find": "submissions",
    "grade_submission": "unit",
}

__all__ = list(_PLACES)


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
