"""What students run: checks and bug hunts in notebooks, and commands, from check to update."""

from pathlib import Path

from ..course import Course


def open_course(folder: Path | str) -> Course:
    """Return the Course in a folder. Its `checks` are what notebooks call `check`.

    From then on a notebook's autoreload loads files as a whole, see `reload_whole_files`.

    Raises CourseError if there is none, or if its description makes no sense.
    """
    from ..checks import freshness  # not above: the doctor comes up without numpy too

    freshness.reload_whole_files()
    return Course.read(folder)
