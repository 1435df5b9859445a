"""Which distributions students have, and what else lies in the Python that grades.

Staff install more than students do: a library that computes gradients by itself would do a block's
work. What a check can import is what the students' own requirements bring, and no more.
"""

import re
from functools import cache
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from ..course import Course

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NO_MODULES = (".dist-info", ".egg-info", "__pycache__")
# Python starts with these, and pip is everywhere.
_EVERYWHERE = ("coursekit", "pip", "setuptools", "wheel")


def not_for_students(course: Course) -> tuple[tuple[str, ...], tuple[Path, ...]]:
    """Return the modules that students do not have, and the files and folders these lie in.

    The requirements are those in the course's folder, and what its description says that its
    package needs. Nothing is hidden where a course has no such file: its package may need anything.
    """
    path = course.folder / "requirements.txt"
    if not path.is_file():
        return (), ()
    lines = path.read_text(encoding="utf-8").splitlines()
    needed = [match[0] for line in lines if (match := _NAME.match(line))]
    needed += course.settings.get("handout", {}).get("requires", ())
    return _beside(frozenset(map(_normal, (*needed, *_EVERYWHERE))))


@cache
def _beside(needed):
    installed = {}
    for distribution in metadata.distributions():
        if name := distribution.metadata["Name"]:
            installed.setdefault(_normal(name), distribution)
    theirs = _with_all_they_bring(needed, installed)
    kept = {place for name in theirs for place in _places(installed.get(name))}
    hidden = {
        place
        for name, distribution in installed.items()
        if name not in theirs
        for place in _places(distribution)
    }
    places = sorted(place for place in hidden - kept if place.exists())
    modules = {re.split(r"[.]", place.name)[0] for place in places}
    return tuple(sorted(modules)), tuple(places)


def _with_all_they_bring(needed, installed):
    """Return the names of distributions and of all that they require, their extras included."""
    found, waiting = set(), [(name, "") for name in needed]
    while waiting:
        name, extra = waiting.pop()
        if (name, extra) in found:
            continue
        found.add((name, extra))
        for line in (installed[name].requires if name in installed else None) or ():
            try:
                requirement = Requirement(line)
            except InvalidRequirement:
                continue
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                extras = ("", *requirement.extras)
                waiting += [(_normal(requirement.name), extra) for extra in extras]
    return {name for name, _ in found}


def _places(distribution):
    """Return the modules that a distribution has put beside those of others."""
    if distribution is None:
        return set()
    names = set()
    for file in distribution.files or ():
        top = file.parts[0]
        is_module = len(file.parts) > 1 or Path(top).suffix in (".py", ".so", ".pyd")
        if (
            is_module
            and top != ".."
            and not top.endswith((".dist-info", ".egg-info", "__pycache__"))
        ):
            names.add(top)
    return {Path(str(distribution.locate_file(name))) for name in names}


def _normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()
