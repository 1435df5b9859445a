"""What a check's answer depends on: the functions that it calls, those that they call, and so on.

Which these are is read off the names in the sources, and nothing is run. A name too many does no
harm: an answer is then called older than its source a little more often than it need be.
"""

import ast
import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from types import CodeType, FunctionType

from . import recorded
from .course import MODULES, Course

# The name under which the check's own expected values stand.
EXPECTED = "what the check expects"


@dataclass(frozen=True)
class Unit:
    """A function, a method, or what stands outside of both in a class or a module.

    name: as in "layers.affine_forward", "classifiers.fc_net.TwoLayerNet.loss".
    uses: the names that occur in it.
    """

    name: str
    module: str
    owner: str
    text: str
    uses: frozenset

    @property
    def last_name(self):
        return self.name.rpartition(".")[2]


def digests_of(check, folder=None):
    """Return what a check depends on: the names of units, each with a digest of its text.

    Comments and blank lines do not count, and neither does a file that cannot be parsed.
    """
    folder = Course().folder if folder is None else folder
    digests = {unit.name: _digest(unit.text) for unit in needed(check, units_of(folder))}
    expected = recorded.FOLDER / f"{check.name}.npz"
    if expected.exists():
        digests[EXPECTED] = _digest(expected.read_bytes())
    return digests


def fingerprint(digests):
    """Return one digest for all that `digests_of` returns."""
    return _digest(json.dumps(digests, sort_keys=True))


def changes(before, now):
    """Name what differs between two results of `digests_of`, for a person to read."""
    names = [name for name in now if before.get(name) != now[name]]
    names += [name for name in before if name not in now]
    return list(dict.fromkeys(_for_people(name) for name in names))


def needed(check, units):
    """Return the units that the check's names lead to."""
    known = names_used(check, units)
    reached = {unit.name for unit in units if _is_meant(unit, known)}
    modules = {unit.module for unit in units if unit.name in reached}
    return [unit for unit in units if unit.name in reached | modules]


def names_used(check, units):
    """Return the names that occur in a check, in the functions of those names, and so on."""
    known = _names_in_check(check.function)
    known |= {block.partition(":")[0].rpartition(".")[2] for block in check.blocks}
    known |= {block.partition(".")[0] for block in check.blocks if "." in block}
    # A backward pass is given what the forward pass kept, by whatever name the check calls it.
    known |= {name.replace("_backward", "_forward") for name in known}
    rest = list(units)
    while found := [unit for unit in rest if _is_meant(unit, known)]:
        rest = [unit for unit in rest if unit not in found]
        known = known.union(*(unit.uses for unit in found))
    return known


def _is_meant(unit, known):
    if unit.name == unit.module:
        return False
    if not unit.owner:
        return unit.last_name in known
    special = unit.last_name.startswith("__") and unit.last_name.endswith("__")
    return unit.owner in known and (special or unit.last_name in known)


def _names_in_check(function, seen=None):
    """Return the names in a check and in the functions of its module, and others', that it uses."""
    seen = set() if seen is None else seen
    seen.add(function)
    names = _names_in_code(function.__code__)
    for name in list(names):
        helper = function.__globals__.get(name)
        own = isinstance(helper, FunctionType) and helper.__module__.startswith(__package__)
        if own and helper not in seen:
            names |= _names_in_check(helper, seen)
    return names


def _names_in_code(code):
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _names_in_code(constant)
    return names


def units_of(folder):
    units = []
    for module in MODULES:
        source = read_module(folder, module)
        if source is not None and not syntax_error(source):
            units += _units_in(source, module)
    return units


@lru_cache(64)
def _units_in(source, module):
    lines = source.split("\n")  # as Python counts them: splitlines knows other ends of lines too
    tree = ast.parse(source)
    units = [_unit(module, module, "", _outside(tree), lines)]
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            units.append(_unit(f"{module}.{node.name}", module, "", _outside(node), lines))
            units += [
                _unit(f"{module}.{node.name}.{method.name}", module, node.name, [method], lines)
                for method in node.body
                if _is_function(method)
            ]
        elif _is_function(node):
            units.append(_unit(f"{module}.{node.name}", module, "", [node], lines))
    return tuple(units)


def _outside(node):
    """Return the statements of a module or a class that define no function and no class."""
    return [part for part in node.body if not _is_function(part) and type(part) is not ast.ClassDef]


def _is_function(node):
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _unit(name, module, owner, nodes, lines):
    text, uses = [], set()
    for node in nodes:
        first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", ()))])
        own = [line.rstrip() for line in lines[first - 1 : node.end_lineno]]
        text += [line for line in own if line and not line.lstrip().startswith("#")]
        for part in ast.walk(node):
            if isinstance(part, ast.Name):
                uses.add(part.id)
            elif isinstance(part, ast.Attribute):
                uses.add(part.attr)
    return Unit(name, module, owner, "\n".join(text), frozenset(uses))


@lru_cache(64)
def syntax_error(source):
    try:
        ast.parse(source)
    except SyntaxError as error:
        return error
    except ValueError as error:  # a zero byte
        return SyntaxError(str(error))
    return None


def read_module(folder, module):
    """Return the source of a module, or None where there is none to read."""
    try:
        return (folder / f"{module.replace('.', '/')}.py").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _for_people(name):
    """Turn "layers.affine_forward" into "affine_forward", and "layers" into "layers.py"."""
    if name in MODULES:
        return f"{file_of(name)} outside its functions"
    if name == EXPECTED:
        return name
    module = max((m for m in MODULES if name.startswith(f"{m}.")), key=len, default="")
    return name.removeprefix(f"{module}.")


def file_of(module):
    return f"cs231n/{module.replace('.', '/')}.py"


def _digest(content):
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:16]
