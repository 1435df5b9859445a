"""This course: its exercises, the figures of its notebooks, and what they measure with.

from course import check
check.affine_forward()
"""

from pathlib import Path

from coursekit.student import open_course

__all__ = ["check"]

check = open_course(Path(__file__).parent.parent).checks
