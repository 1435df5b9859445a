"""Help with one line after another: named intermediates of a block, compared with recorded values.

A file in `course/examples` says which intermediates a block has, in the order in which a right
answer comes by them, and how people call them:

    @steps(
        "predict",
        step("product", "Xw", of="the weighted sum"),
        step("errors", "residuals", of="what is left to explain"),
        X=[[2, 1], [5, 3]], w=[3, 1], y=[1, 2],
    )
    def predict(student, X, w, y):
        return {"what `project` returns": student.project(X, w)}, (X, w, y)

The function returns what the block starts from, by name, and what a student works with. What the
values are is known to staff alone: a file in `course/spellings` has a dictionary `STEPS`, {check:
functions}, each of which returns {name: value, or values that are as right} for the same inputs.
`coursekit record` records the values. In a notebook

    X, w, y = check.predict.inputs()
    ...
    check.predict(steps={"Xw": Xw, "errors": errors})

says which of them is the first wrong one.
"""

from __future__ import annotations

import copy
import difflib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .comparison import difference
from .outcome import as_array, npz, plain
from .run import Functions, Run
from .under_test import UnderTest

if TYPE_CHECKING:
    from ..course import Course
    from .check import Check

FILE = "steps.npz"
# What wanted values of the start are called in the file, so that they are no steps.
_START = "start: "


class NoSteps(TypeError):
    """A check has no steps to compare, or it was handed something else than {name: array}."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


@dataclass(frozen=True)
class Step:
    """One intermediate: its name, other names of it, and what it is, as words after "which is"."""

    name: str
    names: tuple[str, ...]
    of: str


class Steps:
    """The intermediates of one check's block, and a function that makes what they start from."""

    def __init__(
        self, check: str, function: Callable[..., Any], known: Sequence[Step], inputs: Any
    ) -> None:
        self.check = check
        self.function = function
        self.known = tuple(known)
        self.inputs = inputs

    def named(self, name: str) -> Step | None:
        """Return the step that somebody calls so; capitals and underscores do not matter."""
        key = _key(name)
        found = (s for s in self.known if key in {_key(other) for other in (s.name, *s.names)})
        return next(found, None)

    def started(self, under_test: UnderTest) -> tuple[dict[str, NDArray[Any]], Any]:
        """Return what the code under test makes of the inputs: {name: array}, and what to hand out.

        Raises what that code raises.
        """
        run = Run(under_test, self.check, np.random.default_rng(0))
        start, handed = self.function(Functions(run), **copy.deepcopy(self.inputs))
        return {name: as_array(value) for name, value in start.items()}, handed


def step(name: str, *names: str, of: str) -> Step:
    """Make a Step of its name, other names that people give it, and words for what it is."""
    return Step(name, names, of)


def steps(check: str, *known: Step, **inputs: Any) -> Callable[[Callable[..., Any]], Steps]:
    """Make Steps of a function of the student's functions and of inputs by name.

    Lists among the inputs become arrays of float64. Raises ValueError if two steps share a name.
    """
    keys = [key for one in known for key in {_key(name) for name in (one.name, *one.names)}]
    twice = sorted({key for key in keys if keys.count(key) > 1})
    if twice:
        raise ValueError(f"several steps of {check} are called {', '.join(twice)}, expected one")
    arrays = {k: np.array(v, dtype=float) if isinstance(v, list) else v for k, v in inputs.items()}
    return lambda function: Steps(check, function, known, arrays)


@dataclass(frozen=True)
class Compared:
    """What the comparison of steps has to say, in a notebook and elsewhere.

    rows: (name, whether it is right or None, words). sentences: what to make of it.
    """

    check: str
    rows: tuple[tuple[str, bool | None, str], ...] = ()
    sentences: tuple[str, ...] = ()

    @property
    def first_wrong(self) -> str:
        """The name of the first step that is wrong, or ""."""
        return next((name for name, ok, _ in self.rows if ok is False), "")

    def __str__(self) -> str:
        width = max((len(name) for name, _, _ in self.rows), default=0)
        lines = [f"steps of {self.check}", *(f"  {sentence}" for sentence in self.sentences)]
        lines += [f"  {_WORDS[ok]:<7}  {n:<{width}}  {what}".rstrip() for n, ok, what in self.rows]
        return plain("\n".join(lines))

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{escape(sentence)}</p>" for sentence in self.sentences)
        cell = '<td style="text-align: left; padding: 0.2em 1em 0.2em 0">'
        rows = "".join(
            f"<tr>{cell}{_WORDS[ok]}</td>{cell}{escape(name)}</td>{cell}{escape(what)}</td></tr>"
            for name, ok, what in self.rows
        )
        return plain(f"<p><strong>steps of {escape(self.check)}</strong></p>{said}"
                     f"<table>{rows}</table>", 10**6)  # fmt: skip


_WORDS = {True: "right", False: "wrong", None: "unknown"}


def of_check(check: Check) -> Steps:
    """Return the Steps of a check. Raises NoSteps if it has none."""
    found = check.course.examples_of(check.name, Steps)
    if not found:
        having = [c.name for c in check.course.checks if check.course.examples_of(c.name, Steps)]
        there = f"; there are steps for {', '.join(having)}" if having else ""
        raise NoSteps(f"the check {check.name} has no steps to compare{there}")
    return found[0]


def hint_of(check: Check) -> tuple[str, ...]:
    """Return how to have the steps of a check compared, a sentence; nothing if it has none."""
    found = check.course.examples_of(check.name, Steps)
    if not found:
        return ()
    names = [one.name for one in found[0].known]
    name = next((name for name in names if name.startswith("dx_")), names[0])
    call = f'check.{check.name}(steps={{"{name}": {name}, ...}})'
    return (f"{call} finds the first wrong line, from check.{check.name}.inputs().",)


def compare(check: Check, given: Mapping[str, Any], under_test: UnderTest) -> Compared:
    """Return which of a student's intermediates are right, and which is the first wrong one.

    Raises NoSteps for a check without steps, and for what is not a dictionary of arrays by name.
    """
    wanted = of_check(check)
    if not isinstance(given, Mapping) or not given or not all(isinstance(n, str) for n in given):
        names = ", ".join(one.name for one in wanted.known)
        raise NoSteps(
            f"steps is {given!r:.80}, expected a dictionary of arrays by name, with names such as "
            f"{names}"
        )
    recorded = load(check.course).get(check.name, {})
    places = {one.name: number for number, one in enumerate(wanted.known)}
    known = [(wanted.named(name), name, as_array(value)) for name, value in given.items()]
    known.sort(key=lambda one: places[one[0].name] if one[0] else len(places))
    rows: list[tuple[str, bool | None, str]] = []
    wrong = []
    for one, name, array in known:
        if one is None or one.name not in recorded:
            rows.append((name, None, _unknown(name, wanted)))
            continue
        what = _compared(array, recorded[one.name])
        rows.append((name, not what, what))
        wrong += [(one, name)] if what else []
    sentences = [*_on_start(wanted, recorded, under_test), *_on_steps(rows, wrong, known)]
    return Compared(check.name, tuple(rows), tuple(sentences))


def _on_start(
    wanted: Steps, recorded: Mapping[str, list[NDArray[Any]]], under_test: UnderTest
) -> list[str]:
    try:
        start, _ = wanted.started(under_test)
    except Exception as error:  # a student's own code
        return [f"What the steps start from ends in {type(error).__name__}: look there first."]
    off = [n for n, array in start.items() if _compared(array, recorded.get(_START + n, [array]))]
    if not off:
        return []
    return [f"First: {off[0]} is not what is expected, and all steps start from it."]


def _on_steps(rows: Sequence[Any], wrong: Sequence[Any], known: Sequence[Any]) -> list[str]:
    if wrong:
        one, name = wrong[0]
        call = f"{name}, {one.of}, is" if one.of else f"{name} is"
        before = [n for s, n, _ in known if s is not None][: [n for _, n, _ in known].index(name)]
        if not before:
            return [f"{call} the first that is wrong: look at the line that computes it."]
        are = "is" if len(before) == 1 else "are"
        listed = before[0] if len(before) == 1 else f"{', '.join(before[:-1])} and {before[-1]}"
        return [
            f"{call} the first that is wrong, and {listed} {are} right: look at the line that "
            f"computes {name}."
        ]
    if any(ok is None for _, ok, _ in rows):
        return []
    names = [name for name, _, _ in rows]
    return [f"{names[0]} is right." if len(names) == 1 else "All of these are right."]


def _unknown(name: str, wanted: Steps) -> str:
    names = [other for one in wanted.known for other in (one.name, *one.names)]
    close = difflib.get_close_matches(name, names, n=1)
    if close:
        return f"there is no step of that name. Did you mean {close[0]}?"
    return f"there is no step of that name. Known are {', '.join(s.name for s in wanted.known)}"


def _compared(got: NDArray[Any], right: Sequence[NDArray[Any]]) -> str:
    """Return how an array differs from those that are right, or "".

    Axes of length 1, axes that are kept apart or merged, and the transpose are all the same.
    """
    for wanted in right:
        if any(difference(form, wanted.ravel()) is None for form in _forms(got, wanted)):
            return ""
    wanted = right[0].squeeze()
    if got.size == wanted.size:
        wanted = wanted.reshape(got.shape)
    found = difference(got, wanted)
    return found.words if found else "wrong"


def _forms(got: NDArray[Any], wanted: NDArray[Any]) -> list[NDArray[Any]]:
    if got.size != wanted.size or got.dtype.kind not in "biufc":
        return []
    return [got.ravel(), got.T.ravel()]


def _key(name: str) -> str:
    return name.replace("_", "").lower()


# Recording


def record(check: Check, under_test: UnderTest) -> dict[str, list[NDArray[Any]]]:
    """Return {name: arrays that are right} of a check, {} if it has no steps.

    Raises RuntimeError if what staff know of it lacks a step, or has one too many.
    """
    found = check.course.examples_of(check.name, Steps)
    if not found:
        return {}
    computed: dict[str, Any] = {}
    for function in check.course.lore("STEPS").get(check.name, ()):
        computed |= function(**copy.deepcopy(found[0].inputs))
    names = {one.name for one in found[0].known}
    if computed.keys() != names:
        odd = ", ".join(sorted(computed.keys() ^ names))
        raise RuntimeError(f"the steps of {check.name} and the STEPS of staff differ: {odd}")
    start, _ = found[0].started(under_test)
    right = {name: computed[name] for name in (one.name for one in found[0].known)}
    return {_START + name: [array] for name, array in start.items()} | {
        name: [as_array(v) for v in (value if isinstance(value, list) else [value])]
        for name, value in right.items()
    }


def to_bytes(recorded: Mapping[str, Mapping[str, list[NDArray[Any]]]]) -> bytes:
    """Return {check: {name: arrays}} as the bytes of an .npz file: the same values, same bytes."""
    names: list[list[str]] = []
    arrays = {}
    for check in sorted(recorded):
        for name, values in recorded[check].items():
            for value in values:
                arrays[f"values{len(names):03d}"] = value
                names.append([check, name])
    return npz({"header": np.frombuffer(json.dumps(names).encode(), np.uint8)} | arrays)


def load(course: Course) -> dict[str, dict[str, list[NDArray[Any]]]]:
    """Return {check: {name: arrays that are right}} of a course; {} where nothing was recorded."""
    path = course.recorded / FILE
    if not path.exists():
        return {}
    found: dict[str, dict[str, list[NDArray[Any]]]] = {}
    with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as arrays:
        for number, (check, name) in enumerate(json.loads(arrays["header"].tobytes())):
            kept = found.setdefault(check, {}).setdefault(name, [])
            kept.append(arrays[f"values{number:03d}"])
    return found
