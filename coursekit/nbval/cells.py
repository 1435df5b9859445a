"""What a cell is called, which names it binds and uses, and so which earlier cells it needs.

Names of variables are read off the source, and nothing is run. A cell needs those that gave its
names their values: the last one that bound a name, and all that changed it in place since.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from ..notebooks import Cell, check_of, source_of

_HEADING = re.compile(r"^(#{1,6})\s+(.+?)\s*#*$", re.MULTILINE)
_PLAIN = str.maketrans("[]/", "()-")
_BUILTINS = frozenset(dir(builtins))


@dataclass
class CodeCell:
    """A cell of code.

    name: what reports call it. number: the one that JupyterLab shows when all cells are run.
    place: its place among all cells. check: the check that it runs, or None. text: the prose above.
    """

    name: str
    number: int
    place: int
    source: str
    check: str | None
    text: str = field(default="", repr=False)

    @cached_property
    def names(self) -> Names:
        return names_in(self.source)


@dataclass(frozen=True)
class Names:
    """The names that a cell binds, those it uses from before, and those it changes in place.

    imports: the names among `binds` that it imports. sets_up: whether it imports, or holds a magic
    command: what that does goes by no name.
    """

    binds: frozenset[str] = frozenset()
    imports: frozenset[str] = frozenset()
    uses: frozenset[str] = frozenset()
    changes: frozenset[str] = frozenset()
    sets_up: bool = False


def code_cells(cells: Sequence[Cell]) -> list[CodeCell]:
    """Return the cells of code of a notebook, each with a name of its own.

    A cell that runs a check is called by the check. Any other is called by the heading above it and
    its place below that, so that the names stay when cells are added elsewhere.
    """
    found: list[tuple[str, CodeCell]] = []
    headings: list[tuple[int, str]] = []
    text, below, titles = "", 0, _titles(cells)
    for place, cell in enumerate(cells):
        if cell["cell_type"] == "markdown":
            text = source_of(cell)
            for level, title in _headings_in(text):
                headings = [*(h for h in headings if h[0] < level), (level, title)]
                below = 0
        elif cell["cell_type"] == "code":
            below += 1
            check = check_of({**cell, "source": source_of(cell)})
            name = check or f"{_called(headings, titles)}, cell {below}"
            number = len(found) + 1
            found.append((name, CodeCell(name, number, place, source_of(cell), check, text)))
            text = ""
    counts: Counter[str] = Counter()
    for name, code in found:
        counts[name] += 1
        if counts[name] > 1:
            code.name = f"{name}, again" + (f" {counts[name] - 1}" if counts[name] > 2 else "")
    return [code for _, code in found]


def _headings_in(text: str) -> Iterator[tuple[int, str]]:
    fenced = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    for marks, title in _HEADING.findall(fenced):
        # Colons and brackets mean something to pytest.
        yield len(marks), re.sub(r"[`*]", "", title).translate(_PLAIN).replace("::", ":")


def _titles(cells: Sequence[Cell]) -> Counter[str]:
    """Count how often each heading stands in a notebook."""
    texts = (source_of(cell) for cell in cells if cell["cell_type"] == "markdown")
    return Counter(title for text in texts for _, title in _headings_in(text))


def _called(headings: list[tuple[int, str]], titles: Counter[str]) -> str:
    """Return the last heading, with those above it where several have its words."""
    if not headings:
        return "top"
    named = [headings[-1][1]]
    for _, title in reversed(headings[:-1]):
        if titles[named[0]] == 1:
            break
        named.insert(0, title)
    return ": ".join(named)


def needed(cells: Sequence[CodeCell], index: int) -> list[int]:
    """Return the earlier cells that the cell at `index` needs, in their order."""
    wanted: set[int] = set()
    queue = [index]
    while queue:
        current = queue.pop()
        for other in _direct(cells, current):
            if other not in wanted:
                wanted.add(other)
                queue.append(other)
    return sorted(wanted)


def setting_up(cells: Sequence[CodeCell], index: int) -> list[int]:
    """Return the earlier cells that import or hold a magic command, which any may need."""
    return [i for i in range(index) if cells[i].names.sets_up]


def _direct(cells: Sequence[CodeCell], index: int) -> set[int]:
    found: set[int] = set()
    for name in cells[index].names.uses:
        changed: set[int] = set()
        for i in reversed(range(index)):
            names = cells[i].names
            if name in names.binds:
                # Calling what a module offers, or a check, is no change to it.
                found |= {i} if name in names.imports else {i, *changed}
                break
            if name in names.changes:
                changed.add(i)
        else:  # then it comes from a module that offers all its names, if from anywhere
            found |= {i for i in range(index) if "*" in cells[i].names.binds}
    return found


def names_in(source: str) -> Names:
    """Return what a cell does with names. One that is no Python by itself does nothing with any."""
    plain, has_magic = _without_magics(source)
    try:
        tree = ast.parse(plain)
    except (SyntaxError, ValueError):
        return Names(sets_up=has_magic)
    reader = _Reader()
    for statement in tree.body:
        reader.visit(statement)
    return Names(
        frozenset(reader.binds),
        frozenset(reader.imported),
        frozenset(reader.uses - _BUILTINS),
        frozenset(reader.changes - reader.binds - _BUILTINS),
        has_magic or bool(reader.imported),
    )


def names_left_none(source: str) -> frozenset[str]:
    """Return the names that a cell gives None as it stands, for a reader to put in something."""
    try:
        tree = ast.parse(_without_magics(source)[0])
    except (SyntaxError, ValueError):
        return frozenset()
    return frozenset(
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and node.value.value is None
        for target in node.targets
        if isinstance(target, ast.Name)
    )


def _without_magics(source: str) -> tuple[str, bool]:
    """Return the source without IPython's commands, and whether it has any."""
    if source.lstrip().startswith("%%"):
        first, _, rest = source.lstrip().partition("\n")
        is_python = first.split()[0] in ("%%time", "%%timeit", "%%capture", "%%prun")
        return (rest if is_python else ""), True
    lines, has_magic = [], False
    for line in source.splitlines():
        if re.match(r"\s*[%!]", line):
            indentation = line[: len(line) - len(line.lstrip())]
            lines.append(f"{indentation}pass")
            has_magic = True
        else:
            lines.append(line)
    return "\n".join(lines), has_magic


class _Reader(ast.NodeVisitor):
    """Reads the statements of a cell, in their order."""

    def __init__(self) -> None:
        self.binds: set[str] = set()
        self.uses: set[str] = set()
        self.changes: set[str] = set()
        self.imported: set[str] = set()

    def visit_Name(self, node: ast.Name) -> None:
        if isinstance(node.ctx, ast.Load):
            self._use(node.id)
        elif isinstance(node.ctx, ast.Del):
            self._use(node.id)
            self.changes.add(node.id)
        else:
            self.binds.add(node.id)

    def visit_Assign(self, node: ast.Assign) -> None:
        self.visit(node.value)
        for target in node.targets:
            self._target(target)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        self.visit(node.value)
        if isinstance(node.target, ast.Name):
            self._use(node.target.id)
            self.binds.add(node.target.id)
        self._target(node.target)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)
            self._target(node.target)

    def visit_For(self, node: ast.For) -> None:
        self.visit(node.iter)
        self._target(node.target)
        for statement in (*node.body, *node.orelse):
            self.visit(statement)

    def _target(self, target: ast.expr) -> None:
        """A name that is assigned to is bound; one whose part is, is changed."""
        if isinstance(target, ast.Attribute | ast.Subscript):
            self.visit(target)
            if owner := _owner(target):
                self.changes.add(owner)
        elif isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self._target(part)
        else:
            self.visit(target)

    def visit_Expr(self, node: ast.Expr) -> None:
        """A method that is called for nothing but what it does changes its object."""
        self.visit(node.value)
        call = node.value
        if not (isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute)):
            return
        if owner := _owner(call.func):
            self.changes.add(owner)

    def visit_FunctionDef(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        for outside in (*node.decorator_list, *node.args.defaults, *node.args.kw_defaults):
            if outside is not None:
                self.visit(outside)
        self._inner([*node.body], _parameters(node.args))
        self.binds.add(node.name)

    visit_AsyncFunctionDef = visit_FunctionDef

    def visit_Lambda(self, node: ast.Lambda) -> None:
        for default in (*node.args.defaults, *node.args.kw_defaults):
            if default is not None:
                self.visit(default)
        self._inner([node.body], _parameters(node.args))

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for outside in (*node.decorator_list, *node.bases, *(k.value for k in node.keywords)):
            self.visit(outside)
        self._inner([*node.body], set())
        self.binds.add(node.name)

    def visit_ListComp(self, node: Any) -> None:
        own = {
            name.id
            for generator in node.generators
            for name in ast.walk(generator.target)
            if isinstance(name, ast.Name)
        }
        parts = [getattr(node, part) for part in ("elt", "key", "value") if hasattr(node, part)]
        self.visit(node.generators[0].iter)
        rest = [generator.iter for generator in node.generators[1:]]
        conditions = [condition for generator in node.generators for condition in generator.ifs]
        self._inner([*parts, *rest, *conditions], own)

    visit_SetComp = visit_DictComp = visit_GeneratorExp = visit_ListComp

    def visit_Import(self, node: ast.Import | ast.ImportFrom) -> None:
        for alias in node.names:
            name = (alias.asname or alias.name).partition(".")[0]
            self.binds.add(name)
            self.imported.add(name)

    visit_ImportFrom = visit_Import

    def visit_ExceptHandler(self, node: ast.ExceptHandler) -> None:
        if node.name:
            self.binds.add(node.name)
        self.generic_visit(node)

    def _inner(self, nodes: list[ast.AST], own: set[str]) -> None:
        """Read what has names of its own: the others it uses come from the cell, or from before."""
        inner = _Reader()
        inner.binds |= own
        for node in nodes:
            inner.visit(node)
        for name in inner.uses - inner.binds - own:
            self._use(name)
        self.changes |= inner.changes - inner.binds - own
        self.imported |= inner.imported

    def _use(self, name: str) -> None:
        if name not in self.binds:
            self.uses.add(name)


def _parameters(arguments: ast.arguments) -> set[str]:
    listed = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    listed += [a for a in (arguments.vararg, arguments.kwarg) if a is not None]
    return {argument.arg for argument in listed}


def _owner(node: ast.expr) -> str | None:
    """Return the name at the root of `name.part[0].other`."""
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
