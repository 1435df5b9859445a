"""Whether Python has loaded what is on disk, and whether it knows the lines of it.

Where a notebook cannot load a file again after a change, for a syntax error in it, the functions of
before go on answering. A verdict that does not say so sends its reader looking in the wrong place.
"""

import ast
import contextlib
import inspect
import sys
from functools import lru_cache
from pathlib import Path
from types import CodeType

from .course import MODULES, Course
from .sources import file_of, names_used, needed, read_module, syntax_error, units_of


def reload_whole_files():
    """Have a notebook's autoreload load files as a whole.

    IPython 9 replaces single functions by copies that have lost their place in the file, so that an
    exception shows lines of the file that have nothing to do with it
    (https://github.com/ipython/ipython/issues/14900). Its older way, whole files, knows the lines.
    """
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    with contextlib.suppress(
        AttributeError, KeyError
    ):  # no notebook, no autoreload, or an older one
        reloader = shell.magics_manager.registry["AutoreloadMagics"]._reloader
        reloader.deduper_reloader.enabled = False


def not_loaded(check, course=None):
    """Return sentences on files that a check depends on and that have changed since loading."""
    course = course or Course()
    units = units_of(course.folder)
    names, reached = names_used(check, units), needed(check, units)
    notes = []
    for module in MODULES:
        loaded = sys.modules.get(f"{course.package}.{module}")
        source = read_module(course.folder, module)
        if loaded is None or source is None:
            continue
        if error := syntax_error(source):
            if not _defines(loaded, names):
                continue
            notes.append(
                f"{file_of(module)} has changed since it was loaded, and Python cannot read it any "
                f"more: {error.msg} (line {error.lineno}). The answer is that of the code before."
            )
        elif any(_differs(unit, loaded, source) for unit in reached if unit.module == module):
            notes.append(
                f"{file_of(module)} has changed since it was loaded, and the answer is that of the "
                "code before. Run the cell once more; if this stays, restart the kernel."
            )
    return notes


def _defines(loaded, names):
    """Whether a module has a function or a class of its own by one of these names."""
    found = (vars(loaded).get(name) for name in names)
    return any(getattr(one, "__module__", None) == loaded.__name__ for one in found)


def _differs(unit, loaded, source):
    """Whether a function was loaded from its file when the file was another."""
    holder = getattr(loaded, unit.owner, None) if unit.owner else loaded
    function = vars(holder).get(unit.last_name) if holder is not None else None
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    if code is None or Path(code.co_filename) != Path(loaded.__file__):
        return False  # no function of Python's, or one of another file
    name = f"{unit.owner}.{unit.last_name}".lstrip(".")
    # IPython may have loaded a function as it reads when its comments and line breaks are lost.
    on_disk = [
        found[name]
        for found in (_codes_in(source), _codes_in(ast.unparse(ast.parse(source))))
        if name in found
    ]
    return bool(on_disk) and not any(_same_code(code, one) for one in on_disk)


@lru_cache(64)
def _codes_in(source):
    """Compile a source; return the code of its functions and methods by their qualified names."""
    found = {}

    def walk(code):
        for constant in code.co_consts:
            if isinstance(constant, CodeType) and "<" not in constant.co_qualname:
                found[constant.co_qualname] = constant
                walk(constant)

    walk(compile(source, "<the file>", "exec", dont_inherit=True))
    return found


def _same_code(one, other):
    """Compare what code does, and not the lines that it stands in."""
    for what in ("co_code", "co_names", "co_varnames", "co_freevars", "co_argcount"):
        if getattr(one, what) != getattr(other, what):
            return False
    pairs = list(zip(one.co_consts, other.co_consts, strict=False))
    if pairs and all(isinstance(first, str) for first in pairs[0]):
        del pairs[0]  # the docstring, whose indentation may have been lost
    return len(one.co_consts) == len(other.co_consts) and all(_same(*pair) for pair in pairs)


def _same(one, other):
    if isinstance(one, CodeType) and isinstance(other, CodeType):
        return _same_code(one, other)
    if isinstance(one, frozenset):  # whose order, and so whose repr, may differ
        return one == other
    return type(one) is type(other) and repr(one) == repr(other)  # repr tells -0.0 from 0.0
