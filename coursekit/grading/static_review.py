"""What in a submission a person should look at, since no machine can rule on it.

Values are judged outside a student's process, and cannot be forged. How a function behaves beside
them, whether it leaves its inputs alone and does its own work, is seen from inside that process, so
that code which wants to could hide it. Such code needs tools that no block needs: modules beside
those that are listed here, or ways of getting at them. A file that uses one which the handout does
not is named.
"""

import ast

from .results import Reason, ReasonCode

# What blocks may import. Anything else is looked at, for nobody can list all tools there are.
_MODULES = frozenset(
    """
    __future__ abc builtins cmath collections contextlib copy dataclasses decimal enum fractions
    functools future heapq itertools math matplotlib numbers numpy operator past pprint random re
    scipy six statistics string textwrap time tqdm typing typing_extensions warnings
    """.split()
)
_NAMES = frozenset(
    """
    __bases__ __builtins__ __class__ __closure__ __code__ __defaults__ __dict__ __getattribute__
    __globals__ __import__ __loader__ __mro__ __setattr__ __spec__ __subclasses__ __wrapped__
    _getframe addaudithook breakpoint compile delattr eval exec f_back f_code f_globals f_locals
    fromfile getattr globals load memmap open save setattr setprofile settrace tb_frame tofile vars
    """.split()
)
_MOST = 10


def review(course, sources, pristine):
    """Return a Reason for each tool to look at, and one for all that are too many.

    Parameters
    ----------
    course : Course
        Its description names the modules that blocks are compared with, and not made of.
    sources : dict
        {path in the package: bytes of the file}.
    pristine : dict
        The same of the handout.
    """
    modules = frozenset(course.settings.get("grading", {}).get("static_review", ()))
    found = []
    for path, source in sources.items():
        tools = _tools(source, modules, course.package)
        handed_out = _tools(pristine.get(path, b""), modules, course.package) if tools else []
        known = {word for word, _ in handed_out}
        lines = {}
        for word, line in tools:
            if word not in known:
                lines.setdefault(word, line)
        name = f"{course.package}/{path}"
        found += [
            (f"{name}, line {line}: uses {word}, which no block needs.", name)
            for word, line in lines.items()
        ]
    if len(found) > _MOST:
        found[_MOST:] = [(f"And {len(found) - _MOST} more of the kind.", "")]
    return [Reason(ReasonCode.TOOL, sentence, about) for sentence, about in found]


def _tools(source, modules, package):
    """Return pairs (word, line) of the tools that a source uses, in the order of their lines.

    The `modules` of the course count in an import and behind a dot: elsewhere, such a word is
    a name like any other. What begins with an underscore is another module's own affair.
    """
    try:
        nodes = list(ast.walk(ast.parse(source)))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []  # what cannot be read does not run either
    found = [(node.lineno, word) for node in nodes for word in _words(node, modules, package)]
    return [(word, line) for line, word in sorted(found)]


def _words(node, modules, package):
    """Yield the tools that a node of the syntax tree names itself."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield from _imported(alias.name.split("."), (), modules, package)
    elif isinstance(node, ast.ImportFrom):
        parts = (node.module or "").split(".")
        if node.level:
            parts = [package, *filter(None, parts)]
        yield from _imported(parts, [alias.name for alias in node.names], modules, package)
    elif isinstance(node, ast.Name) and node.id in _NAMES:
        yield node.id
    elif isinstance(node, ast.Attribute):
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        private = _is_private(node.attr) and owner not in ("self", "cls", package)
        if private or node.attr == "modules" or node.attr in _NAMES | modules:
            yield node.attr


def _imported(parts, names, modules, package):
    top, *rest = parts
    if top == package:
        yield from (part for part in (*rest, *names) if part in modules)
    elif top not in _MODULES:
        yield top
    else:
        yield from filter(_is_private, (*rest, *names))


def _is_private(name):
    return name.startswith("_") and not name.startswith("__") and name != "_"
