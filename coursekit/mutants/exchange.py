"""Try other code in a block of a package that is imported already.

Copying and importing a package takes a third of a second, and most mistakes change one function. So
that function alone is compiled, with other code in its block, and its `__code__` is exchanged for a
while: a hundredth of that time. Code that cannot be exchanged so, as in a function inside another
or one that refers to its class, is tried in a copy of the package.
"""

from __future__ import annotations

import ast
import contextlib
import ctypes
import importlib
import re
import shutil
import signal
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, TypeGuard, cast

from ..blocks import blocks_in, blocks_of, read_source, replace_blocks, write_source
from ..checks import imported

if TYPE_CHECKING:
    from ..blocks import Block
    from ..checks import UnderTest
    from ..course import Course

    _Function = ast.FunctionDef | ast.AsyncFunctionDef
    _Owner = ast.ClassDef | _Function


_IN_A_BROWSER = 20


class TookTooLong(KeyboardInterrupt):
    """Code under test was stopped. Checks let interrupts through, and take all else for a crash."""


@contextlib.contextmanager
def altered(course: Course, changes: Mapping[str, Callable[[str], str]]) -> Iterator[UnderTest]:
    """Import a copy of a course's package in which some files are other ones.

    `changes` maps paths inside the package, such as "layers.py", to functions from the source of a
    file to the source in its place. Yields the UnderTest of the copy.
    """
    with tempfile.TemporaryDirectory() as parent:
        folder = Path(parent) / course.package
        shutil.copytree(course.package_folder, folder, ignore=_no_code)
        for path, change in changes.items():
            write_source(folder / path, change(read_source(folder / path)))
        with imported(course, folder) as under_test:
            yield under_test


class Exchange:
    """The blocks of an imported package, whose code can be exchanged.

    Parameters
    ----------
    course : Course
        A course whose package holds the reference, or any right code.
    under_test : UnderTest
        The imported copy that checks run on.
    """

    def __init__(self, course: Course, under_test: UnderTest) -> None:
        self.course = course
        self.under_test = under_test
        self._homes: dict[str, _Home] = {}
        folder = course.package_folder
        for path in dict.fromkeys(block.path for block in blocks_of(folder)):
            source = read_source(folder / path)
            tree = ast.parse(source)
            blocks = blocks_in(source, path)
            for block in blocks:
                self._homes[block.name] = _Home(block, source, tree, blocks)

    def block(self, name: str) -> Block:
        """Return the Block of that name, with the code that the package has in it."""
        return self._homes[name].block

    def code_of(self, name: str) -> str:
        """Return the code in a block, written from the left margin."""
        return textwrap.dedent(self._homes[name].block.code)

    def outputs(self, name: str) -> tuple[str, ...]:
        """Return the names that a block assigns and that are used after the blocks, in order."""
        return self._homes[name].outputs

    def public(self, name: str) -> tuple[str, ...]:
        """Return the names that stand around a block, which everybody knows who fills it in."""
        return self._homes[name].public

    @contextlib.contextmanager
    def made(self, changes: Mapping[str, str]) -> Iterator[UnderTest]:
        """Yield an UnderTest with other code in some blocks.

        `changes` maps blocks to code, written from the left margin.
        """
        by_function: dict[tuple[str, int], dict[_Home, str]] = {}
        for name, code in changes.items():
            by_function.setdefault(self._homes[name].key, {})[self._homes[name]] = code
        exchanged = [_exchanged(homes, self.under_test) for homes in by_function.values()]
        found = [each for each in exchanged if each is not None]
        if len(found) < len(exchanged):
            sources = {path: self._with_code(path, changes) for path in self._paths(changes)}
            with altered(self.course, sources) as copy:
                yield copy
            return
        kept = [(function, function.__code__) for function, _ in found]
        for function, other in found:
            function.__code__ = other
        try:
            yield self.under_test
        finally:
            for function, own in kept:
                function.__code__ = own

    def _paths(self, changes: Iterable[str]) -> dict[str, None]:
        return dict.fromkeys(self._homes[name].block.path for name in changes)

    def _with_code(self, path: str, changes: Mapping[str, str]) -> Callable[[str], str]:
        """Return a function from a file's source to the source with other code in its blocks."""
        wanted = {
            name: self._homes[name].indented(code)
            for name, code in changes.items()
            if self._homes[name].block.path == path
        }
        return lambda source: replace_blocks(source, wanted, path)


def _exchanged(
    homes: Mapping[_Home, str], under_test: UnderTest
) -> tuple[FunctionType, CodeType] | None:
    """Return a function and the code for it, None if the code cannot be exchanged.

    `homes` maps the blocks of one function, as _Homes, to what is to stand in them.
    """
    (home, *_) = homes
    function = home.function_in(under_test)
    if function is None or home.is_inside_a_function:
        return None
    code = home.compiled(homes, function.__code__.co_filename)
    if code is None or code.co_freevars != function.__code__.co_freevars:
        return None
    # What these refer to is there inside of a class alone.
    if {"super", "__class__"} & set(code.co_names):
        return None
    return function, code


class _Home:
    """A block, and the function that it stands in."""

    def __init__(
        self, block: Block, source: str, tree: ast.Module, blocks: Iterable[Block]
    ) -> None:
        self.block = block
        self._others = [other for other in blocks if other != block]
        self._source = source
        self._count = len(source.splitlines())
        self._owners = _owners_of(tree, block.start)
        self._node = cast("_Function", self._owners[-1])

    @property
    def outputs(self) -> tuple[str, ...]:
        """The names that are assigned in the block and used after it, outside of other blocks."""
        inside = {n.id for n in self._names(stored=True) if self._holds(n)}
        after = [
            n.id
            for n in self._names(stored=False)
            if n.lineno > self.block.end
            and not any(other.start < n.lineno < other.end for other in self._others)
        ]
        return tuple(name for name in dict.fromkeys(after) if name in inside)

    @property
    def public(self) -> tuple[str, ...]:
        """The function's arguments and all that has a name outside of the block."""
        arguments = self._node.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        names = [n.id for n in (*self._names(True), *self._names(False)) if not self._holds(n)]
        return tuple(dict.fromkeys([*(a.arg for a in named), *names, *self._called()]))

    def _names(self, stored: bool) -> list[ast.Name]:
        """Return the names in the function that are assigned, or used, in the order of lines."""
        kind = ast.Store if stored else ast.Load
        found = [n for n in ast.walk(self._node) if isinstance(n, ast.Name)]
        found = [n for n in found if isinstance(n.ctx, kind)]
        return sorted(found, key=lambda n: (n.lineno, n.col_offset))

    def _holds(self, node: ast.Name) -> bool:
        return self.block.start < node.lineno < self.block.end

    def _called(self) -> list[str]:
        """Return the functions that are called by their names."""
        calls = [n for n in ast.walk(self._node) if isinstance(n, ast.Call)]
        return [call.func.id for call in calls if isinstance(call.func, ast.Name)]

    @property
    def key(self) -> tuple[str, int]:
        """What the blocks of one function have in common."""
        return self.block.path, self._node.lineno

    @property
    def is_inside_a_function(self) -> bool:
        return any(isinstance(owner, ast.FunctionDef) for owner in self._owners[:-1])

    def indented(self, code: str) -> str:
        return textwrap.indent(code.rstrip("\n") + "\n", self.block.indentation)

    def compiled(self, homes: Mapping[_Home, str], filename: str) -> CodeType | None:
        """Compile the function alone with other code in its blocks; None if that is no Python."""
        lines = self._source.splitlines(keepends=True)
        for home, code in sorted(homes.items(), key=lambda pair: -pair[0].block.start):
            lines[home.block.start : home.block.end - 1] = [home.indented(code)]
        first = self._node.lineno - 1
        last = len(lines) - (self._count - _end_of(self._node))
        # Blank lines before it keep the numbers of the lines up to the first block.
        source = "\n" * first + textwrap.dedent("".join(lines[first:last]))
        try:
            module = compile(source, filename, "exec", dont_inherit=True)
        except (SyntaxError, ValueError):
            return None
        codes = [code for code in module.co_consts if isinstance(code, CodeType)]
        return next((code for code in codes if code.co_name == self._node.name), None)

    def function_in(self, under_test: UnderTest) -> FunctionType | None:
        """Return the function object that the block belongs to, or None for one out of reach."""
        dotted = self.block.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        owner: Any = importlib.import_module(f"{under_test.name}.{dotted}")
        for node in self._owners:
            if not isinstance(owner, type) and isinstance(owner, FunctionType):
                return None
            owner = vars(owner).get(node.name)
        while not self._made(owner) and hasattr(owner, "__wrapped__"):
            owner = owner.__wrapped__
        return owner if self._made(owner) else None

    def _made(self, function: object) -> TypeGuard[FunctionType]:
        """Whether a function was made from the definition, and is not a decorator around it."""
        if not isinstance(function, FunctionType):
            return False
        code = function.__code__
        path = code.co_filename.replace("\\", "/")
        return code.co_name == self._node.name and path.endswith(self.block.path)


@contextlib.contextmanager
def at_most(seconds: float) -> Iterator[None]:
    """Stop code that runs on, by raising TookTooLong in it.

    Seconds of computing where the system counts those, so that it does not hang on how busy the
    machine is; elsewhere, and outside of the main thread, seconds of the clock.
    """
    in_main = threading.current_thread() is threading.main_thread()
    if in_main and hasattr(signal, "setitimer"):
        before = signal.signal(signal.SIGVTALRM, _stop)
        signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, before)
        return
    if sys.platform == "emscripten":  # a browser has neither, and takes so much longer
        with _traced(_IN_A_BROWSER * seconds):
            yield
        return
    thread = threading.get_ident()
    timer = threading.Timer(seconds, _raise_in, [thread])
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


@contextlib.contextmanager
def _traced(seconds: float) -> Iterator[None]:
    """Stop a block after some seconds by looking at the clock at each line of Python.

    Lines of libraries are not looked at: what does not end is in the code that is tried.
    """
    end, before = time.monotonic() + seconds, sys.gettrace()

    def at_a_line(frame: Any, event: str, _: object) -> Any:
        if time.monotonic() > end:
            raise TookTooLong
        return at_a_line

    def at_a_call(frame: Any, event: str, _: object) -> Any:
        return None if _LIBRARY.search(frame.f_code.co_filename) else at_a_line

    sys.settrace(at_a_call)
    try:
        yield
    finally:
        sys.settrace(before)


# Where Python and what is installed with it lie.
_LIBRARY = re.compile(r"site-packages|[/\\]lib[/\\]python[\d.]+[/\\]|^<frozen|\.zip[/\\]")


def _stop(*_: object) -> None:
    raise TookTooLong


def _raise_in(thread: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(
        ctypes.c_ulong(thread), ctypes.py_object(TookTooLong)
    )


def _owners_of(tree: ast.Module, line: int) -> list[_Owner]:
    """Return the classes and functions around a line, outermost first."""
    owners: list[_Owner] = []
    scope: Sequence[ast.stmt] = tree.body
    while True:
        inside = [
            node
            for node in scope
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.lineno <= line <= _end_of(node)
        ]
        if not inside:
            return owners
        owners.append(inside[0])
        scope = inside[0].body


def _end_of(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _no_code(folder: str, names: list[str]) -> set[str]:
    """Ignore what no check looks at. What is compiled already need not be compiled again."""
    inside = Path(folder)
    kept = {n for n in names if n.endswith((".py", ".pyc")) or (inside / n).is_dir()}
    return set(names) - kept
