"""Imported by every Python that starts beside a student's code: hides what students do not have.

Of a library that is hidden an empty folder is left, which would pass for a package.
"""

import os
import sys


class Absent:
    """Finds no module of some names, in the place of all other finders."""

    def __init__(self, names):
        self._names = frozenset(names)

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self._names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


sys.meta_path.insert(0, Absent(os.environ.get("COURSEKIT_ABSENT", "").split()))
