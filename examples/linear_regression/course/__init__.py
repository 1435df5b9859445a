"""The course on linear regression: what its notebook imports.

from course import check
check.predict()
"""

from pathlib import Path

from coursekit.student import open_course

__all__ = ["check"]

check = open_course(Path(__file__).parent.parent).checks
