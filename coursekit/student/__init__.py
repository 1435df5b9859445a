"""What students run: checks in notebooks, and the commands check, doctor, submit and update."""

from ..course import Course


def open_course(folder):
    """Return the Course in a folder. Its `checks` are what notebooks call `check`.

    Raises CourseError if there is none, or if its description makes no sense.
    """
    return Course.read(folder)
