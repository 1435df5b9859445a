"""Whether an answer still belongs to the source as it is on disk.

What a check's answer depends on are the functions that it calls, those that they call, and so on.
Which these are is read off the names in the sources, and nothing is run. A name too many does no
harm: an answer is then called older than its source a little more often than need be.

Where a notebook cannot load a file again after a change, for a syntax error in it, the functions of
before go on answering. A verdict that does not say so sends its reader looking in the wrong place.
"""

from __future__ import annotations

import ast
import contextlib
import hashlib
import inspect
import json
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, TypeGuard

if TYPE_CHECKING:
    from ..course import Course
    from .check import Check
    from .under_test import UnderTest

from ..blocks import MEND_MARKERS, Block, read_source, sound_blocks_in

# The name under which the check's own expected values stand.
EXPECTED = "what the check expects"


@dataclass(frozen=True)
class Unit:
    """A function, a method, or what stands outside of both in a class or a module.

    name: as in "layers.some_forward", "classifiers.nets.SomeNet.loss".
    uses: the names that occur in it.
    """

    name: str
    module: str
    owner: str
    text: str
    uses: frozenset[str]

    @property
    def last_name(self) -> str:
        return self.name.rpartition(".")[2]


def digests_of(check: Check) -> dict[str, str]:
    """Return what a check depends on: the names of units, each with a digest of its text.

    Comments and blank lines do not count, and neither does a file that cannot be parsed.
    """
    digests = {unit.name: _digest(unit.text) for unit in needed(check, units_of(check.course))}
    expected = check.course.recorded / f"{check.name}.npz"
    if expected.exists():
        digests[EXPECTED] = _digest(expected.read_bytes())
    return digests


def fingerprint(digests: Mapping[str, str]) -> str:
    """Return one digest for all that `digests_of` returns."""
    return _digest(json.dumps(digests, sort_keys=True))


def changes(course: Course, before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    """Name what differs between two results of `digests_of`, for a person to read."""
    names = [name for name in now if before.get(name) != now[name]]
    names += [name for name in before if name not in now]
    return list(dict.fromkeys(_for_people(course, name) for name in names))


def needed(check: Check, units: Sequence[Unit]) -> list[Unit]:
    """Return the units that the check's names lead to."""
    known = names_used(check, units)
    reached = {unit.name for unit in units if _is_meant(unit, known)}
    modules = {unit.module for unit in units if unit.name in reached}
    return [unit for unit in units if unit.name in reached | modules]


def reached_from(names: Iterable[str], units: Sequence[Unit]) -> set[str]:
    """Return the functions and methods that some names lead to, as blocks call them."""
    known, rest = set(names), list(units)
    while found := [unit for unit in rest if _is_meant(unit, known)]:
        rest = [unit for unit in rest if unit not in found]
        known = known.union(*(unit.uses for unit in found))
    return {unit.name.removeprefix(f"{unit.module}.") for unit in units if _is_meant(unit, known)}


def checks_below(check: Check) -> list[Check]:
    """Return the checks that are there for what a check calls of other blocks, in their order."""
    units = units_of(check.course)
    reached = {unit.name.rpartition(".")[2] for unit in needed(check, units)}
    reached |= {unit.owner for unit in needed(check, units) if unit.owner}
    found = []
    for other in check.course.checks:
        if other.name == check.name:
            break
        names = {re.split(r"[.:]", block)[0] for block in other.blocks}
        if names & reached and not set(other.blocks) & set(check.blocks):
            found.append(other)
    return found


def blocks_under_test(under_test: UnderTest) -> list[Block]:
    """Return the blocks in the files of a package, as far as these can be read."""
    found: list[Block] = []
    for module in under_test.modules:
        path = under_test.folder / f"{module.replace('.', '/')}.py"
        with contextlib.suppress(OSError, UnicodeDecodeError):
            found += _blocks_in(read_source(path), module)
    return found


@lru_cache(64)
def _blocks_in(source: str, module: str) -> tuple[Block, ...]:
    return tuple(sound_blocks_in(source, module)[0])


def blocks_run_by(under_test: UnderTest, call: Callable[[], object]) -> set[str]:
    """Return the names of the blocks of which a line is run during a call."""
    spans: dict[str, list[Block]] = {}
    for block in blocks_under_test(under_test):
        path = under_test.folder / f"{block.path.replace('.', '/')}.py"
        spans.setdefault(str(path), []).append(block)
    names = {path: str(Path(path).resolve()) for path in _files_of(under_test)}
    lines: set[tuple[str, int]] = set()

    def note(frame: FrameType, event: str, argument: object) -> Any:
        lines.add((frame.f_code.co_filename, frame.f_lineno))
        return note

    def enter(frame: FrameType, event: str, argument: object) -> Any:
        return note if names.get(frame.f_code.co_filename) in spans else None

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        call()
    finally:
        sys.settrace(before)
    ran = [(spans[names[path]], line) for path, line in lines]
    return {b.name for blocks, line in ran for b in blocks if b.start < line < b.end}


def _files_of(under_test: UnderTest) -> list[str]:
    """Return the files of a package's modules, as their code objects name them."""
    return [module.__file__ for module in under_test.imported_modules() if module.__file__]


def damage_in(course: Course) -> list[str]:
    """Return sentences on marker lines that are damaged, in the files of a course's package."""
    found = []
    for module in course.modules:
        source = read_module(course, module)
        if source is not None:
            found += sound_blocks_in(source, file_of(course, module))[1]
    return [f"{said}. {MEND_MARKERS} What is in it counts all the same." for said in found]


def names_used(check: Check, units: Sequence[Unit]) -> set[str]:
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


def _is_meant(unit: Unit, known: set[str]) -> bool:
    if unit.name == unit.module:
        return False
    if not unit.owner:
        return unit.last_name in known
    special = unit.last_name.startswith("__") and unit.last_name.endswith("__")
    return unit.owner in known and (special or unit.last_name in known)


def _names_in_check(
    function: Callable[..., Any], seen: set[Callable[..., Any]] | None = None
) -> set[str]:
    """Return the names in a check, and in the functions of the exercises that it uses."""
    seen = set() if seen is None else seen
    seen.add(function)
    exercises = function.__module__.rpartition(".")[0]
    names = _names_in_code(function.__code__)
    for name in list(names):
        helper = function.__globals__.get(name)
        if isinstance(helper, FunctionType) and helper.__module__.startswith(exercises):
            names |= set() if helper in seen else _names_in_check(helper, seen)
    return names


def _names_in_code(code: CodeType) -> set[str]:
    names = set(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            names |= _names_in_code(constant)
    return names


def units_of(course: Course) -> list[Unit]:
    """Return the units of all modules that checks look into, as they are on disk."""
    units: list[Unit] = []
    for module in course.modules:
        source = read_module(course, module)
        if source is not None and not syntax_error(source):
            units += _units_in(source, module)
    return units


@lru_cache(64)
def _units_in(source: str, module: str) -> tuple[Unit, ...]:
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


def _outside(node: ast.Module | ast.ClassDef) -> list[ast.stmt]:
    """Return the statements of a module or a class that define no function and no class."""
    return [part for part in node.body if not _is_function(part) and type(part) is not ast.ClassDef]


def _is_function(node: ast.AST) -> TypeGuard[ast.FunctionDef | ast.AsyncFunctionDef]:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)


def _unit(name: str, module: str, owner: str, nodes: Sequence[ast.stmt], lines: list[str]) -> Unit:
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
def syntax_error(source: str) -> SyntaxError | None:
    try:
        ast.parse(source)
    except SyntaxError as error:
        return error
    except ValueError as error:  # a zero byte
        return SyntaxError(str(error))
    return None


def unreadable_files(course: Course) -> list[str]:
    """Say of each file with blocks that Python cannot read where that is, in a sentence or two."""
    found = []
    for module in course.modules:
        error = syntax_error(read_module(course, module) or "")
        if error:
            line = f", line {error.lineno}" if error.lineno else ""
            found.append(
                f"{file_of(course, module)}{line}: {error.msg}. Until that line is mended, nothing "
                "in the file works."
            )
    return found


def read_module(course: Course, module: str) -> str | None:
    """Return the source of a module, or None where there is none to read."""
    try:
        return (course.folder / file_of(course, module)).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def _for_people(course: Course, name: str) -> str:
    """Turn "layers.some_forward" into "some_forward", and "layers" into its file."""
    if name in course.modules:
        return f"{file_of(course, name)} outside its functions"
    if name == EXPECTED:
        return name
    module = max((m for m in course.modules if name.startswith(f"{m}.")), key=len, default="")
    return name.removeprefix(f"{module}.")


def file_of(course: Course, module: str) -> str:
    """Return the path of a module, relative to the course's folder."""
    return f"{course.package}/{module.replace('.', '/')}.py"


def _digest(content: bytes | str) -> str:
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass")
    return hashlib.sha256(data).hexdigest()[:16]


def reload_whole_files() -> None:
    """Have a notebook's autoreload load files as a whole.

    IPython 9 replaces single functions by copies that have lost their place in the file, so that an
    exception shows lines of the file that have nothing to do with it
    (https://github.com/ipython/ipython/issues/14900). Its older way, whole files, knows the lines.
    """
    ipython = sys.modules.get("IPython")
    shell: Any = ipython.get_ipython() if ipython is not None else None
    with contextlib.suppress(
        AttributeError, KeyError
    ):  # no notebook, no autoreload, or an older one
        reloader = shell.magics_manager.registry["AutoreloadMagics"]._reloader
        reloader.deduper_reloader.enabled = False


def out_of_date(check: Check) -> list[str]:
    """Return sentences on files that a check depends on and that have changed since loading."""
    course = check.course
    units = units_of(course)
    names, reached = names_used(check, units), needed(check, units)
    notes = []
    for module in course.modules:
        loaded = sys.modules.get(f"{course.package}.{module}")
        path = file_of(course, module)
        source = read_module(course, module)
        if loaded is None or source is None:
            continue
        if error := syntax_error(source):
            if not _defines(loaded, names):
                continue
            notes.append(
                f"{path} has changed since it was loaded, and Python cannot read it any more: "
                f"{error.msg} (line {error.lineno}). The answer is that of the code before."
            )
        elif any(_differs(unit, loaded, source) for unit in reached if unit.module == module):
            notes.append(
                f"{path} has changed since it was loaded, and the answer is that of the code "
                "before. Run the cell once more; if this stays, restart the kernel."
            )
    return notes


def _defines(loaded: ModuleType, names: Iterable[str]) -> bool:
    """Whether a module has a function or a class of its own by one of these names."""
    found = (vars(loaded).get(name) for name in names)
    return any(getattr(value, "__module__", None) == loaded.__name__ for value in found)


def _differs(unit: Unit, loaded: ModuleType, source: str) -> bool:
    """Whether a function was loaded from its file when the file was another."""
    holder = getattr(loaded, unit.owner, None) if unit.owner else loaded
    function = vars(holder).get(unit.last_name) if holder is not None else None
    code = getattr(inspect.unwrap(function), "__code__", None) if callable(function) else None
    if code is None or Path(code.co_filename) != Path(loaded.__file__ or ""):
        return False  # no function of Python's, or one of another file
    name = f"{unit.owner}.{unit.last_name}".lstrip(".")
    # IPython may have loaded a function as it reads when its comments and line breaks are lost.
    on_disk = [
        found[name]
        for found in (_codes_in(source), _codes_in(ast.unparse(ast.parse(source))))
        if name in found
    ]
    return bool(on_disk) and not any(map(partial(_same_code, code), on_disk))


@lru_cache(64)
def _codes_in(source: str) -> dict[str, CodeType]:
    """Compile a source; return the code of its functions and methods by their qualified names."""
    found = {}

    def walk(code: CodeType) -> None:
        for constant in code.co_consts:
            if isinstance(constant, CodeType) and "<" not in constant.co_qualname:
                found[constant.co_qualname] = constant
                walk(constant)

    walk(compile(source, "<the file>", "exec", dont_inherit=True))
    return found


def _same_code(one: CodeType, other: CodeType) -> bool:
    """Compare what code does, and not the lines that it stands in."""
    for what in ("co_code", "co_names", "co_varnames", "co_freevars", "co_argcount"):
        if getattr(one, what) != getattr(other, what):
            return False
    pairs = list(zip(one.co_consts, other.co_consts, strict=False))
    if pairs and all(isinstance(first, str) for first in pairs[0]):
        del pairs[0]  # the docstring, whose indentation may have been lost
    return len(one.co_consts) == len(other.co_consts) and all(_same(*pair) for pair in pairs)


def _same(one: object, other: object) -> bool:
    if isinstance(one, CodeType) and isinstance(other, CodeType):
        return _same_code(one, other)
    if isinstance(one, frozenset):  # whose order, and so whose repr, may differ
        return one == other
    return type(one) is type(other) and repr(one) == repr(other)  # repr tells -0.0 from 0.0
