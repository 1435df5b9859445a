"""Operators: small changes to right code, each of a kind that people make by mistake.

`mutants_of(code)` plants each of them in each place of a block where it fits. The code may be the
reference or anybody's right answer. An operator knows Python and numpy, and no course: what a
place is called in words, a course says (phrases.py).

An operator is a generator over one node of the syntax tree. It yields `(code instead, details)`,
where details are what a sentence about it can be made of: `part`, the code it is about, and
`other`, what stands there now.
"""

from __future__ import annotations

import ast
import builtins
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeGuard


@dataclass(frozen=True)
class Mutant:
    """Code with one mistake in it.

    operator: what was done. code: the whole block. line: the line of the block that was changed.
    target: what the changed statement assigns, as code. part, other: what the operator says.
    """

    operator: str
    code: str
    line: int
    target: str = ""
    part: str = ""
    other: str = ""


def mutants_of(code: str, outputs: Sequence[str] = ()) -> Iterator[Mutant]:
    """Yield the mutants of a block, the same ones in the same order each time.

    Parameters
    ----------
    code : str
        Right code, written from the left margin.
    outputs : sequence of str, optional
        Names that hold the block's results, which are changed at the end too.

    Raises SyntaxError for code that is not Python.
    """
    tree = ast.parse(code)
    scope = _Scope(tree)
    seen = {ast.unparse(tree)}
    for mutant in itertools.chain(_inside(tree, scope), at_the_end(code, outputs)):
        if mutant.code not in seen:
            seen.add(mutant.code)
            yield mutant


def at_the_end(code: str, outputs: Sequence[str]) -> Iterator[Mutant]:
    """Yield mutants in which a result is changed after all has been computed."""
    base = code.rstrip("\n") + "\n"
    line = base.count("\n") + 1
    for output in outputs:
        for operator, statement in _ENDINGS.items():
            changed = base + statement.format(output) + "\n"
            yield Mutant(operator, changed, line, output, output)
    for first, second in itertools.combinations(outputs, 2):
        swapped = f"{base}{first}, {second} = {second}, {first}\n"
        yield Mutant("results_swapped", swapped, line, first, first, second)


# What can be done to a result, by the name of the operator.
_ENDINGS = {
    "squeezed": "{0} = np.squeeze({0})",
    "one_axis_more": "{0} = np.asarray({0})[None]",
    "column": "{0} = np.asarray({0})[..., None]",
    "flat": "{0} = np.ravel({0})",
    "transposed_at_end": "{0} = np.transpose({0})",
    "none": "{0} = None",
    "float32": "{0} = {0}.astype(np.float32)",
    "negated_at_end": "{0} = -{0}",
    "twice_at_end": "{0} = 2 * {0}",
    "half_at_end": "{0} = 0.5 * {0}",
    "times_length": "{0} = {0} * len({0})",
    "over_length": "{0} = {0} / len({0})",
    "summed": "{0} = {0}.sum()",
    "averaged": "{0} = {0}.mean()",
    "zero": "{0} = np.zeros_like({0})",
    "ones": "{0} = np.ones_like({0})",
    "absolute": "{0} = np.abs({0})",
    "rectified": "{0} = np.maximum({0}, 0)",
    "reversed": "{0} = {0}[::-1]",
}


# The tree


@dataclass(frozen=True)
class _Place:
    """A node, where it hangs in the tree, and the statement that it is a part of."""

    node: ast.AST
    parent: ast.AST
    name: str
    index: int | None
    statement: ast.stmt

    def put(self, node: ast.AST) -> None:
        if self.index is None:
            setattr(self.parent, self.name, node)
        else:
            getattr(self.parent, self.name)[self.index] = node


def _places(parent: ast.AST, statement: ast.stmt | None = None) -> Iterator[_Place]:
    """Yield all places below a node, outer ones first."""
    for name, value in ast.iter_fields(parent):
        items = enumerate(value) if isinstance(value, list) else [(None, value)]
        for index, node in items:
            if not isinstance(node, ast.AST) or isinstance(node, ast.expr_context):
                continue
            own: Any = node if isinstance(node, ast.stmt) else statement
            yield _Place(node, parent, name, index, own)
            yield from _places(node, own)


def _inside(tree: ast.Module, scope: _Scope) -> Iterator[Mutant]:
    places = list(_places(tree))
    for operator, function in _OPERATORS.items():
        for place in places:
            for instead, details in function(place.node, scope):
                code = _with(tree, place, instead)
                if code is not None:
                    line = getattr(place.node, "lineno", place.statement.lineno)
                    yield Mutant(operator, code, line, _target(place), **details)


def _with(tree: ast.Module, place: _Place, instead: str) -> str | None:
    """Return the code with something else in a place, or None if that is no Python."""
    try:
        parsed: Any = ast.parse(instead)
        node = parsed.body[0] if isinstance(place.node, ast.stmt) else parsed.body[0].value
        node = node.slice if isinstance(place.node, ast.Slice) else node
        place.put(node)
        return ast.unparse(tree) + "\n"
    except (SyntaxError, AttributeError, IndexError):
        return None
    finally:
        place.put(place.node)


def _target(place: _Place) -> str:
    """Return what the statement of a place assigns, as code; of a loop or a condition, nothing.

    Where several things are assigned at once, it is the one that the place belongs to.
    """
    statement = place.statement
    if isinstance(statement, ast.AugAssign):
        return ast.unparse(statement.target)
    if not isinstance(statement, ast.Assign):
        return ""
    target, value = statement.targets[0], statement.value
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        pairs = zip(target.elts, value.elts, strict=False)
        own = [one for one, part in pairs if any(n is place.node for n in ast.walk(part))]
        return ast.unparse(own[0]) if own else ""
    return ast.unparse(target)


@dataclass
class _Scope:
    """What the names of a block are: lengths, arrays and other things."""

    tree: ast.AST
    names: list[str] = field(default_factory=list)
    lengths: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    # By the id of an argument of a method: whose method it is.
    owners: dict[int, str] = field(default_factory=dict)
    # By the id of a name: all names in its statement.
    beside: dict[int, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        called = {id(n.func) for n in ast.walk(self.tree) if isinstance(n, ast.Call)}
        functions: set[str] = set()
        modules = {"np"}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Name):
                if id(node) in called or hasattr(builtins, node.id):
                    functions.add(node.id)
                elif node.id not in self.names:
                    self.names.append(node.id)
            if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
                key = node.slice.value
                if isinstance(key, str) and key not in self.keys:
                    self.keys.append(key)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                self.owners |= {id(part): _code(node.func.value) for part in node.args}
            if isinstance(node, ast.Assign | ast.AugAssign | ast.Expr | ast.Return) and node.value:
                inside = [n for n in ast.walk(node.value) if isinstance(n, ast.Name)]
                names = {n.id for n in inside}
                self.beside |= {id(n): names for n in inside}
        lengths = _lengths_in(self.tree)
        known = [name for name in self.names if name not in functions | modules]
        self.lengths = [name for name in known if name in lengths]
        self.others = [name for name in known if name not in lengths]


def _lengths_in(tree: ast.AST) -> set[str]:
    """Name what is a whole number: parts of a shape, bounds of slices and loops, sizes."""
    found: set[str] = set()
    for node in ast.walk(tree):
        counted: Iterable[ast.AST | None] = []
        if isinstance(node, ast.Call) and _called(node) in _TAKE_LENGTHS:
            counted = [*node.args, *(k.value for k in node.keywords if k.arg == "shape")]
        elif isinstance(node, ast.Slice):
            counted = [node.lower, node.upper, node.step]
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.FloorDiv | ast.Mod):
            counted = [node]
        elif isinstance(node, ast.Assign) and _is_shape(node.value):
            counted = node.targets
        elif _counts(node):
            counted = [node.target]
        for part in filter(None, counted):
            found |= {n.id for n in _plain(part) if isinstance(n, ast.Name)}
    return found - {"np"}


def _counts(node: ast.AST) -> TypeGuard[ast.For]:
    """Whether a node is a loop over whole numbers."""
    over = node.iter if isinstance(node, ast.For) else None
    return isinstance(over, ast.Call) and _called(over) in ("range", "ndindex")


_TAKE_LENGTHS = ("reshape", "range", "ndindex", "zeros", "ones", "empty", "full", "randn", "rand")


def _plain(node: ast.AST) -> Iterator[ast.AST]:
    """Yield the nodes below one, but not inside calls and subscripts."""
    yield node
    if not isinstance(node, ast.Call | ast.Subscript | ast.Attribute):
        for child in ast.iter_child_nodes(node):
            yield from _plain(child)


def _is_shape(node: ast.AST) -> bool:
    if isinstance(node, ast.Call):
        return _called(node) == "len"
    if isinstance(node, ast.Subscript):
        return _is_shape(node.value)
    return isinstance(node, ast.Attribute) and node.attr == "shape"


def _called(node: Any) -> str:
    """Return the last part of what is called: "sum" for x.sum(...) and for np.sum(...)."""
    if isinstance(node.func, ast.Attribute):
        return node.func.attr
    return node.func.id if isinstance(node.func, ast.Name) else ""


def _is_np(node: ast.Call) -> bool:
    """Whether np.something is called, and not a method of an array."""
    base = node.func.value if isinstance(node.func, ast.Attribute) else None
    return isinstance(base, ast.Name) and base.id == "np"


def _code(node: ast.AST) -> str:
    return ast.unparse(node)


def _inner(node: ast.AST) -> str:
    """Return code that can stand inside a larger expression."""
    simple = (ast.Name, ast.Constant, ast.Call, ast.Subscript, ast.Attribute)
    return _code(node) if isinstance(node, simple) else f"({_code(node)})"


# The operators, the ones that say most about a mistake first

# The code instead, and details.
_Changes = Iterator[tuple[str, dict[str, str]]]
_Operator = Callable[[ast.AST, _Scope], _Changes]
# What is reduced, over which axis, and other keywords.
_Reduction = tuple[ast.expr, ast.expr | None, dict[str, ast.expr]]
_Axis = int | tuple[int, ...]

_OPERATORS: dict[str, _Operator] = {}


def _operator(function: _Operator) -> _Operator:
    _OPERATORS[function.__name__.strip("_")] = function
    return function


_REDUCTIONS = ("sum", "mean", "var", "std", "max", "min", "argmax", "argmin", "prod")


def _reduction(node: ast.AST) -> _Reduction | None:
    """Return what x.sum(axis=0) or np.sum(x, 0) reduces, over which axis, and other keywords."""
    if not isinstance(node, ast.Call) or _called(node) not in _REDUCTIONS:
        return None
    arguments = list(node.args)
    if not isinstance(node.func, ast.Attribute):
        return None
    what = arguments.pop(0) if _is_np(node) and arguments else node.func.value
    axis = arguments[0] if arguments else None
    rest: dict[str, ast.expr] = {}
    for keyword in node.keywords:
        if keyword.arg == "axis":
            axis = keyword.value
        elif keyword.arg:
            rest[keyword.arg] = keyword.value
    return what, axis, rest


def _reduced(function: str, what: ast.AST, axis: object, rest: Mapping[str, object]) -> str:
    """Write a reduction."""
    settings = ([] if axis is None else [f"axis={axis}"]) + [f"{k}={v}" for k, v in rest.items()]
    return f"np.{function}({', '.join([_code(what), *settings])})"


def _literal(node: ast.AST) -> Any:
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        return None


def _with_axis(node: ast.AST, scope: _Scope) -> Iterator[tuple[ast.expr, _Axis, dict[str, str]]]:
    """Yield what a reduction with an axis consists of, with the axis as a value."""
    del scope
    found = _reduction(node)
    if found:
        what, axis, rest = found
        value = None if axis is None else _literal(axis)
        if isinstance(value, int | tuple):
            yield what, value, {name: _code(v) for name, v in rest.items()}


@_operator
def _one_more_eps(node: ast.AST, scope: _Scope) -> _Changes:
    """sqrt(a + e) gets e twice: eps that is in a variance already."""
    if _is_root(node) and _is_sum(node.args[0]):
        inner = node.args[0]
        yield (
            f"np.sqrt({_code(inner)} + {_inner(inner.right)})",
            {"part": _code(inner.right)},
        )


@_operator
def _after_root(node: ast.AST, scope: _Scope) -> _Changes:
    """sqrt(a + e) becomes sqrt(a) + e."""
    if _is_root(node) and _is_sum(node.args[0]):
        inner = node.args[0]
        yield (
            f"np.sqrt({_code(inner.left)}) + {_inner(inner.right)}",
            {"part": _code(inner.right)},
        )


@_operator
def _before_root(node: ast.AST, scope: _Scope) -> _Changes:
    """sqrt(a) + e becomes sqrt(a + e)."""
    if _is_sum(node) and _is_root(node.left):
        yield (
            f"np.sqrt({_code(node.left.args[0])} + {_inner(node.right)})",
            {"part": _code(node.right)},
        )


@_operator
def _no_root(node: ast.AST, scope: _Scope) -> _Changes:
    if _is_root(node):
        yield _inner(node.args[0]), {"part": _code(node.args[0])}


@_operator
def _root_twice(node: ast.AST, scope: _Scope) -> _Changes:
    if _is_root(node):
        yield f"np.sqrt({_code(node)})", {"part": _code(node.args[0])}


def _is_root(node: ast.AST) -> TypeGuard[ast.Call]:
    return isinstance(node, ast.Call) and _called(node) == "sqrt" and len(node.args) == 1


def _is_sum(node: ast.AST) -> TypeGuard[ast.BinOp]:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add)


@_operator
def _other_axis(node: ast.AST, scope: _Scope) -> _Changes:
    for what, axis, rest in _with_axis(node, scope):
        for other in _other_axes(axis):
            yield _reduced(_called(node), what, other, rest), {"other": str(other)}


def _other_axes(axis: _Axis) -> Sequence[_Axis]:
    if isinstance(axis, int):
        return [other for other in (0, 1, 2, (0, 1), (0, 2)) if other != axis]
    fewer = [tuple(a for a in axis if a != one) for one in axis] + [(one,) for one in axis]
    more = [(0, 1), (1, 2, 3), (0, 2), (1, 2), (2, 3), (0, 2, 3)]
    return [other for other in dict.fromkeys(fewer + more) if other and other != tuple(axis)]


@_operator
def _all_axes(node: ast.AST, scope: _Scope) -> _Changes:
    for what, _, rest in _with_axis(node, scope):
        yield _reduced(_called(node), what, None, rest), {}


@_operator
def _axis_kept(node: ast.AST, scope: _Scope) -> _Changes:
    for what, axis, rest in _with_axis(node, scope):
        if "keepdims" not in rest and not _called(node).startswith("arg"):
            yield _reduced(_called(node), what, axis, rest | {"keepdims": True}), {}


@_operator
def _axis_lost(node: ast.AST, scope: _Scope) -> _Changes:
    for what, axis, rest in _with_axis(node, scope):
        if rest.pop("keepdims", "False") == "True":
            yield _reduced(_called(node), what, axis, rest), {}


@_operator
def _sum_for_mean(node: ast.AST, scope: _Scope) -> _Changes:
    found = _reduction(node)
    if found and _called(node) == "mean":
        yield _swapped_reduction(found, "sum"), {}


@_operator
def _mean_for_sum(node: ast.AST, scope: _Scope) -> _Changes:
    found = _reduction(node)
    if found and _called(node) == "sum":
        yield _swapped_reduction(found, "mean"), {}


@_operator
def _deviation_for_variance(node: ast.AST, scope: _Scope) -> _Changes:
    found = _reduction(node)
    if found and _called(node) == "var":
        yield _swapped_reduction(found, "std"), {}


@_operator
def _variance_for_deviation(node: ast.AST, scope: _Scope) -> _Changes:
    found = _reduction(node)
    if found and _called(node) == "std":
        yield _swapped_reduction(found, "var"), {}


@_operator
def _unbiased(node: ast.AST, scope: _Scope) -> _Changes:
    """A variance over N - 1, or a mean of squares."""
    found = _reduction(node)
    if not found:
        return
    what, axis, rest = found
    if _called(node) in ("var", "std"):
        yield _swapped_reduction((what, axis, rest | {"ddof": ast.Constant(1)}), _called(node)), {}
    elif _called(node) == "mean" and axis is not None and _is_square(what):
        value = _literal(axis)
        axes = value if isinstance(value, tuple) else (value,)
        count = " * ".join(f"{_inner(what)}.shape[{a}]" for a in axes)
        yield f"{_swapped_reduction(found, 'sum')} / ({count} - 1)", {}


def _is_square(node: ast.AST) -> bool:
    if not isinstance(node, ast.BinOp):
        return False
    if isinstance(node.op, ast.Pow):
        return _literal(node.right) == 2
    return isinstance(node.op, ast.Mult) and _code(node.left) == _code(node.right)


@_operator
def _other_extreme(node: ast.AST, scope: _Scope) -> _Changes:
    found = _reduction(node)
    others = {"max": ("min", "mean", "sum"), "argmax": ("argmin",)}
    if found:
        for other in others.get(_called(node), ()):
            yield _swapped_reduction(found, other), {"other": other}


@_operator
def _never_below_zero(node: ast.AST, scope: _Scope) -> _Changes:
    """A maximum that starts from 0."""
    if _reduction(node) and _called(node) == "max":
        yield f"np.maximum({_code(node)}, 0)", {}


def _swapped_reduction(found: _Reduction, function: str) -> str:
    what, axis, rest = found
    written = {name: _code(value) for name, value in rest.items()}
    return _reduced(function, what, None if axis is None else _code(axis), written)


@_operator
def _no_term(node: ast.AST, scope: _Scope) -> _Changes:
    """a + b loses b or a; a - b loses b."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        yield _inner(node.left), {"part": _code(node.right)}
        if isinstance(node.op, ast.Add):
            yield _inner(node.right), {"part": _code(node.left)}
        else:
            yield f"-{_inner(node.right)}", {"part": _code(node.left)}


@_operator
def _no_factor(node: ast.AST, scope: _Scope) -> _Changes:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield _inner(node.left), {"part": _code(node.right)}
        yield _inner(node.right), {"part": _code(node.left)}
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Mult | ast.Div):
        yield "pass", {"part": _code(node.value)}


@_operator
def _not_divided(node: ast.AST, scope: _Scope) -> _Changes:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv):
        yield _inner(node.left), {"part": _code(node.right)}


@_operator
def _factor_twice(node: ast.AST, scope: _Scope) -> _Changes:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        sign = "*" if isinstance(node.op, ast.Mult) else "/"
        if not isinstance(node.right, ast.Constant):
            yield f"{_code(node)} {sign} {_inner(node.right)}", {"part": _code(node.right)}
        if isinstance(node.op, ast.Mult) and not isinstance(node.left, ast.Constant):
            yield f"{_code(node)} * {_inner(node.left)}", {"part": _code(node.left)}


@_operator
def _multiplied(node: ast.AST, scope: _Scope) -> _Changes:
    """a / b becomes a * b."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div):
        yield f"{_inner(node.left)} * {_inner(node.right)}", {"part": _code(node.right)}


@_operator
def _divided(node: ast.AST, scope: _Scope) -> _Changes:
    """a * b becomes a / b or b / a."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        yield f"{_inner(node.left)} / {_inner(node.right)}", {"part": _code(node.right)}
        yield f"{_inner(node.right)} / {_inner(node.left)}", {"part": _code(node.left)}


@_operator
def _other_sign(node: ast.AST, scope: _Scope) -> _Changes:
    """a + b becomes a - b, and the other way round."""
    signs = {ast.Add: "-", ast.Sub: "+"}
    if isinstance(node, ast.BinOp) and type(node.op) in signs:
        sign = signs[type(node.op)]
        yield f"{_inner(node.left)} {sign} {_inner(node.right)}", {"part": _code(node.right)}
    if isinstance(node, ast.AugAssign) and type(node.op) in signs:
        sign = signs[type(node.op)]
        yield f"{_code(node.target)} {sign}= {_code(node.value)}", {"part": _code(node.value)}
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield _inner(node.operand), {"part": _code(node.operand)}


@_operator
def _negated(node: ast.AST, scope: _Scope) -> _Changes:
    if _is_plain_assignment(node):
        yield f"{_code(node.targets[0])} = -{_inner(node.value)}", {}


@_operator
def _twice(node: ast.AST, scope: _Scope) -> _Changes:
    if _is_plain_assignment(node):
        yield f"{_code(node.targets[0])} = 2 * {_inner(node.value)}", {}


@_operator
def _half(node: ast.AST, scope: _Scope) -> _Changes:
    if _is_plain_assignment(node):
        yield f"{_code(node.targets[0])} = 0.5 * {_inner(node.value)}", {}


@_operator
def _added_twice(node: ast.AST, scope: _Scope) -> _Changes:
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
        yield f"{_code(node.target)} {_sign(node)}= 2 * {_inner(node.value)}", {}


@_operator
def _added_half(node: ast.AST, scope: _Scope) -> _Changes:
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
        yield f"{_code(node.target)} {_sign(node)}= 0.5 * {_inner(node.value)}", {}


def _sign(node: ast.AugAssign) -> str:
    return "+" if isinstance(node.op, ast.Add) else "-"


def _is_plain_assignment(node: ast.AST) -> TypeGuard[ast.Assign]:
    """Whether a statement assigns what is computed, to one name or key."""
    return (
        isinstance(node, ast.Assign)
        and not isinstance(node.targets[0], ast.Tuple)
        and isinstance(node.value, ast.BinOp | ast.Call | ast.UnaryOp | ast.Attribute)
    )


@_operator
def _other_power(node: ast.AST, scope: _Scope) -> _Changes:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        value = _literal(node.right)
        if isinstance(value, int | float):
            for other in (1, 2, 3, -1, 0.5):
                if other != value:
                    yield f"{_inner(node.left)} ** {other}", {"part": _code(node.left)}
        else:
            yield _inner(node.left), {"part": _code(node.left)}
    elif _is_fraction(node) and _is_array(node.right, scope):
        yield f"{_inner(node.left)} / {node.right.id} ** 3", {"part": node.right.id}


def _is_fraction(node: ast.AST) -> TypeGuard[ast.BinOp]:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div)


def _is_array(node: ast.AST, scope: _Scope) -> TypeGuard[ast.Name]:
    """Whether a name is read that is no length."""
    return isinstance(node, ast.Name) and node.id in scope.others and _is_read(node)


def _is_read(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


@_operator
def _other_number(node: ast.AST, scope: _Scope) -> _Changes:
    """A number in an expression becomes a neighbour of it."""
    if isinstance(node, ast.Constant) and type(node.value) in (int, float):
        value: Any = node.value
        for other in {0: (1,), 1: (0, 2), 2: (1, 3), 0.5: (1, 2)}.get(value, ()):
            yield str(other), {"part": _code(node), "other": str(other)}


@_operator
def _other_length(node: ast.AST, scope: _Scope) -> _Changes:
    if isinstance(node, ast.Name) and node.id in scope.lengths and _is_read(node):
        for other in scope.lengths:
            if other != node.id:
                yield other, {"part": node.id, "other": other}
    if isinstance(node, ast.Call) and _called(node) == "len" and len(node.args) == 1:
        yield f"{_inner(node.args[0])}.shape[1]", {"part": _code(node)}
    if _is_shape(node) and isinstance(node, ast.Subscript):
        value = _literal(node.slice)
        if isinstance(value, int):
            for axis in (0, 1, 2, 3):
                if axis != value:
                    yield f"{_code(node.value)}[{axis}]", {"part": _code(node)}


@_operator
def _one_off(node: ast.AST, scope: _Scope) -> _Changes:
    """A length, less one or more by one."""
    if isinstance(node, ast.Name) and node.id in scope.lengths and _is_read(node):
        yield f"({node.id} - 1)", {"part": node.id}
        yield f"({node.id} + 1)", {"part": node.id}
    if isinstance(node, ast.Call) and _called(node) == "len":
        yield f"({_code(node)} - 1)", {"part": _code(node)}


@_operator
def _overwritten(node: ast.AST, scope: _Scope) -> _Changes:
    """`+=` becomes `=`."""
    if isinstance(node, ast.AugAssign) and isinstance(node.op, ast.Add | ast.Sub):
        sign = "-" if isinstance(node.op, ast.Sub) else ""
        yield f"{_code(node.target)} = {sign}{_inner(node.value)}", {}
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
        yield f"{_code(node.targets[0])} += {_inner(node.value)}", {}


@_operator
def _in_place(node: ast.AST, scope: _Scope) -> _Changes:
    """`y = x - m` becomes `x -= m`, with y another name of x."""
    signs = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return
    value = node.value
    if isinstance(value, ast.BinOp) and type(value.op) in signs:
        for old, new in ((value.left, value.right), (value.right, value.left)):
            if isinstance(old, ast.Name) and old.id in scope.others:
                sign = signs[type(value.op)]
                change = f"{old.id} {sign}= {_inner(new)}; {node.targets[0].id} = {old.id}"
                yield f"if True: {change}", {"part": old.id}
            if not isinstance(value.op, ast.Add | ast.Mult):
                break


@_operator
def _other_comparison(node: ast.AST, scope: _Scope) -> _Changes:
    others = {ast.Gt: ("<", ">="), ast.GtE: ("<", ">"), ast.Lt: (">=", "<="), ast.LtE: (">", "<"),
              ast.Eq: ("!=", ">=")}  # fmt: skip
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for sign in others.get(type(node.ops[0]), ()):
            yield f"{_inner(node.left)} {sign} {_inner(node.comparators[0])}", {}


@_operator
def _not_transposed(node: ast.AST, scope: _Scope) -> _Changes:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield _inner(node.value), {"part": _code(node.value)}


@_operator
def _transposed(node: ast.AST, scope: _Scope) -> _Changes:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield f"({_code(node)}).T", {}
        yield f"{_inner(node.right)}.T @ {_inner(node.left)}.T", {}


@_operator
def _sides_swapped(node: ast.AST, scope: _Scope) -> _Changes:
    """a - b becomes b - a, and a / b becomes b / a."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div):
        sign = "-" if isinstance(node.op, ast.Sub) else "/"
        yield f"{_inner(node.right)} {sign} {_inner(node.left)}", {"part": _code(node)}


@_operator
def _targets_swapped(node: ast.AST, scope: _Scope) -> _Changes:
    """Two of the results of a call, or of what is taken apart, change places."""
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
        names = [_code(element) for element in node.targets[0].elts]
        for one, two in itertools.combinations(range(len(names)), 2):
            swapped = list(names)
            swapped[one], swapped[two] = names[two], names[one]
            details = {"part": names[one], "other": names[two]}
            yield f"{', '.join(swapped)} = {_code(node.value)}", details


@_operator
def _arguments_swapped(node: ast.AST, scope: _Scope) -> _Changes:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) > 1:
        if hasattr(builtins, node.func.id):
            return
        arguments = [_code(argument) for argument in node.args]
        keywords = [f"{k.arg}={_code(k.value)}" for k in node.keywords if k.arg]
        for one in range(len(arguments) - 1):
            swapped = list(arguments)
            swapped[one : one + 2] = arguments[one + 1], arguments[one]
            details = {"part": arguments[one], "other": arguments[one + 1]}
            yield f"{node.func.id}({', '.join(swapped + keywords)})", details


@_operator
def _laid_out_otherwise(node: ast.AST, scope: _Scope) -> _Changes:
    """Reshaping with the last axis first, to lengths in another order, or to no axes at all."""
    if not isinstance(node, ast.Call) or _called(node) not in ("reshape", "ravel"):
        return
    if not isinstance(node.func, ast.Attribute):
        return
    arguments = [_code(argument) for argument in node.args]
    yield f"{_code(node.func)}({', '.join([*arguments, 'order=' + repr('F')])})", {}
    if len(arguments) == 2 and not _is_np(node):
        what = _inner(node.func.value)
        yield f"{what}.reshape({arguments[1]}, {arguments[0]}).T", {}
        yield f"{what}.T.reshape({arguments[0]}, {arguments[1]})", {}


@_operator
def _reshaped_without_transposing(node: ast.AST, scope: _Scope) -> _Changes:
    """x.transpose(...).reshape(...) becomes x.reshape(...), and the way back likewise."""
    if isinstance(node, ast.Call) and _called(node) == "reshape" and not _is_np(node):
        outer: Any = node.func
        inner = outer.value
        if isinstance(inner, ast.Call) and _called(inner) == "transpose" and not _is_np(inner):
            function: Any = inner.func
            arguments = ", ".join(map(_code, node.args))
            yield f"{_inner(function.value)}.reshape({arguments})", {}


@_operator
def _not_reshaped(node: ast.AST, scope: _Scope) -> _Changes:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        if _called(node) not in ("reshape", "transpose", "swapaxes"):
            return
        what = node.args[0] if _is_np(node) and node.args else node.func.value
        yield _inner(what), {"part": _code(what)}


@_operator
def _axes_in_other_order(node: ast.AST, scope: _Scope) -> _Changes:
    """Two axes of transpose, or two lengths of reshape, change places."""
    if isinstance(node, ast.Call) and _called(node) in ("transpose", "reshape"):
        arguments = [_code(argument) for argument in node.args]
        for one, two in itertools.combinations(range(len(arguments)), 2):
            swapped = list(arguments)
            swapped[one], swapped[two] = arguments[two], arguments[one]
            yield f"{_code(node.func)}({', '.join(swapped)})", {}


@_operator
def _slice_moved(node: ast.AST, scope: _Scope) -> _Changes:
    """A slice loses its beginning or its end."""
    if isinstance(node, ast.Slice) and node.step is None:
        lower = _code(node.lower) if node.lower else ""
        upper = _code(node.upper) if node.upper else ""
        for begin, end in ((lower, ""), ("", upper), (lower, f"-({lower})" if lower else "")):
            if (begin, end) != (lower, upper):
                yield f"x[{begin}:{end}]", {"part": _code(node)}


@_operator
def _other_key(node: ast.AST, scope: _Scope) -> _Changes:
    if isinstance(node, ast.Constant) and node.value in scope.keys:
        for other in scope.keys:
            if other != node.value:
                yield repr(other), {"part": node.value, "other": other}


@_operator
def _other_array(node: ast.AST, scope: _Scope) -> _Changes:
    """Another variable of the same kind; a list is not put into itself, which nothing can print.

    It is not one that the statement has in it: to say that it is used there would be no news to
    somebody who wrote the rest in another way.
    """
    if _is_array(node, scope):
        for other in scope.others:
            if other not in (scope.owners.get(id(node)), *scope.beside.get(id(node), (node.id,))):
                yield other, {"part": node.id, "other": other}


@_operator
def _not_passed_on(node: ast.AST, scope: _Scope) -> _Changes:
    """An argument is left out, or an empty dictionary is passed."""
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
        return
    if hasattr(builtins, node.func.id) or not node.args:
        return
    arguments = [_code(argument) for argument in node.args]
    keywords = [f"{k.arg}={_code(k.value)}" for k in node.keywords if k.arg]
    details = {"part": arguments[-1], "other": node.func.id}
    for last in ("{}", "{'mode': 'train'}", f"dict({arguments[-1]}, mode='train')",
                 f"dict({arguments[-1]}, mode='test')"):  # fmt: skip
        yield f"{node.func.id}({', '.join([*arguments[:-1], last, *keywords])})", details


@_operator
def _call_skipped(node: ast.AST, scope: _Scope) -> _Changes:
    """f(x, ...) becomes x, and a, b = f(x, ...) makes a of x."""
    if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
        call, target = node.value, node.targets[0]
        if not isinstance(call.func, ast.Name) or hasattr(builtins, call.func.id):
            return
        if call.args and isinstance(target, ast.Tuple):
            first = _code(target.elts[0])
            changed = f"if True: {_code(node)}; {first} = {_code(call.args[0])}"
            yield changed, {"part": call.func.id}
        elif call.args:
            yield f"{_code(target)} = {_code(call.args[0])}", {"part": call.func.id}


@_operator
def _left_out(node: ast.AST, scope: _Scope) -> _Changes:
    """A statement that changes something that is there already."""
    if isinstance(node, ast.AugAssign | ast.Expr | ast.Assign | ast.If | ast.For):
        yield "pass", {"part": _code(node.targets[0]) if isinstance(node, ast.Assign) else ""}


@_operator
def _other_loop(node: ast.AST, scope: _Scope) -> _Changes:
    """A loop begins late, ends early, or runs the other way."""
    if isinstance(node, ast.For) and isinstance(node.iter, ast.Call):
        body = "\n".join("    " + line for s in node.body for line in _code(s).splitlines())
        target, over = _code(node.target), _code(node.iter)
        for other in (f"list({over})[1:]", f"list({over})[:-1]", f"list({over})[::-1]"):
            yield f"for {target} in {other}:\n{body}", {}
    if isinstance(node, ast.For) and isinstance(node.iter, ast.Tuple) and len(node.iter.elts) > 1:
        body = "\n".join("    " + line for s in node.body for line in _code(s).splitlines())
        items = [_code(element) for element in node.iter.elts]
        for left_out in range(len(items)):
            kept = [item for number, item in enumerate(items) if number != left_out]
            details = {"part": items[left_out]}
            yield f"for {_code(node.target)} in ({', '.join(kept)},):\n{body}", details


@_operator
def _always(node: ast.AST, scope: _Scope) -> _Changes:
    """A condition that always holds, or never."""
    if isinstance(node, ast.If | ast.IfExp) and not isinstance(node.test, ast.Constant):
        for truth in ("True", "False"):
            changed: Any = ast.parse(_code(node)).body[0]
            inner = changed if isinstance(node, ast.If) else changed.value
            inner.test = ast.parse(truth, mode="eval").body
            yield _code(changed), {"part": _code(node.test), "other": truth}
