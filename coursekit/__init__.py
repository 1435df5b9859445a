"""Instructors' tools: what cuts a handout from this repository, and grades what comes back.

Nothing in here goes into a handout, and the package `cs231n` never imports it.

`coursekit.grade_submission(path, seed=...)` grades one submission.
"""


def __getattr__(name):
    if name == "grade_submission":  # imported when it is asked for: other tools can do without
        from .grading.unit import grade_submission

        return grade_submission
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
