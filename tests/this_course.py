"""The course of this repository, for tests."""

from pathlib import Path

from coursekit.course import Course

COURSE = Course.read(Path(__file__).parent.parent)
check = COURSE.checks
