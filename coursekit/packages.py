"""Altered copies of the package `cs231n`, each imported under a name of its own.

Imports inside the package are relative, so a copy finds its own modules and not those beside it.
"""

import contextlib
import importlib.util
import itertools
import shutil
import sys
import tempfile
from pathlib import Path

import cs231n
from cs231n.blocks import read_source, write_source
from cs231n.checks import Course

REFERENCE = Path(cs231n.__file__).parent
_numbers = itertools.count(1)


@contextlib.contextmanager
def imported(folder):
    """Import a folder as a package under a name of its own, and forget it at the end.

    Yields its Course. Raises what the package's `__init__` raises.
    """
    folder = Path(folder)
    name = f"cs231n_copy_{next(_numbers)}"
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(sys.modules[name])
        yield Course(name)
    finally:
        for module in [m for m in sys.modules if m == name or m.startswith(name + ".")]:
            del sys.modules[module]


@contextlib.contextmanager
def altered(changes):
    """Import a copy of the reference in which some files are other ones.

    `changes` maps paths inside the package, such as "layers.py", to functions from the source of a
    file to the source in its place. Yields the Course of the copy.
    """
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / REFERENCE.name
        shutil.copytree(REFERENCE, folder, ignore=_not_under_test)
        for path, change in changes.items():
            write_source(folder / path, change(read_source(folder / path)))
        with imported(folder) as course:
            yield course


def _not_under_test(folder, names):
    """Leave away what no check looks at. What is compiled already need not be compiled again."""
    kept = {name for name in names if name.endswith((".py", ".pyc"))}
    return set(names) - kept - {"classifiers", "__pycache__"}
