"""The engine of a notebook course: checks that explain, handouts that are proved, safe grading.

It names no course. It is told one by its folder, and finds the package that students complete by
the name in `course/course.toml`.

`coursekit.grade_submission(path, seed=...)` grades one submission.
"""

import sys
from typing import TYPE_CHECKING, Any

if sys.version_info < (3, 11):  # noqa: UP036  # who has an older one should be told so
    raise ImportError(
        "coursekit needs Python 3.11 or later, and this is {}.{}".format(*sys.version_info)
    )

if TYPE_CHECKING:
    from .grading.unit import grade_submission

    __version__: str

__all__ = ["__version__", "grade_submission"]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from .version import version

        return version()
    if name == "grade_submission":  # imported when it is asked for: other tools can do without
        from .grading.unit import grade_submission

        return grade_submission
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
