"""The engine of a notebook course: checks that explain, handouts that are proved, safe grading.

It names no course. It is told one by its folder, and finds the package that students complete by
the name in `course/course.toml`.

`coursekit.grade_submission(path, seed=...)` grades one submission.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  # who has an older one should be told so
    raise ImportError(
        "coursekit needs Python 3.11 or later, and this is {}.{}".format(*sys.version_info)
    )

__all__ = ["__version__", "grade_submission"]


def __getattr__(name):
    if name == "__version__":
        from .version import version

        return version()
    if name == "grade_submission":  # imported when it is asked for: other tools can do without
        from .grading.unit import grade_submission

        return grade_submission
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
