"""The course on linear regression: what its notebook imports.

from course import check
check.predict()
"""

from functools import partial
from pathlib import Path

from coursekit.student import open_course
from coursekit.student.hunt import hunt_in

__all__ = ["check", "hunt"]

_course = open_course(Path(__file__).parent.parent)
check = _course.checks
hunt = partial(hunt_in, _course)
