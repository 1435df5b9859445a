"""One run of a check: the functions that it is handed, and what it observes of them.

Each call gets copies of the arrays that the check passes, and the copies are compared afterwards.
So a function that writes into its inputs is noticed, and the check goes on with clean inputs: the
mistake costs once, and not in every value that follows from it.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import linecache
import re
import traceback
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .outcome import (
    NOTE,
    REMARK,
    SIDE_EFFECT,
    Crash,
    Frame,
    Outcome,
    Unfilled,
    as_array,
    message_of,
    name_of_type,
)
from .under_test import NotThere

# How many directions an input is moved in, and how far. Central differences of numbers near 1 are
# then right to about ten digits.
DIRECTIONS, STEP = 4, 1e-5

if TYPE_CHECKING:
    from .under_test import UnderTest


class Functions:
    """What a check is handed as `student`: functions and classes of the package, by their names.

    `student.predict(X, w)` calls the function of that name, whatever module it is in.
    """

    def __init__(self, run: Run) -> None:
        self.__run = run

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        found = self.__run.under_test.find(name)
        if isinstance(found, type):
            return self.__run.watched_class(found)
        return self.__run.guarded(found, name)


class Run:
    """One run of one check on one copy of the package.

    Attributes
    ----------
    rng : numpy.random.Generator
        What the check draws its inputs from.
    outcome : Outcome
        What there is to tell, beside the values that the check returns.
    under_test : UnderTest
    probing : bool
        Whether forward passes are probed, for backward passes to be judged by them.
    """

    def __init__(
        self, under_test: UnderTest, name: str, rng: np.random.Generator, probing: bool = False
    ) -> None:
        self.rng = rng
        self.probing = probing
        self.outcome = Outcome(name)
        self.under_test = under_test
        self._writable: list[Any] = []
        self._returned: str | None = None  # the function that returned last

    @contextlib.contextmanager
    def case(self, name: str = "", **sizes: int) -> Iterator[None]:
        """Run one case of a check. An exception ends the case and not the check.

        `sizes` are the lengths that letters stand for, for messages: `case("pad 0", N=2, C=3)`.
        """
        self.outcome.sizes[name] = sizes
        try:
            yield
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # sys.exit, and exceptions of a student's own
            self.note(error, name)

    def note(self, error: BaseException, case: str = "") -> None:
        """Add an exception to the outcome."""
        folder = self.under_test.folder
        absent = self.under_test.absent(error)
        if absent:
            said = f"There is no function or class {absent} in the package."
            # What a check asks for itself is its own, unless it is there for another one.
            own = isinstance(error, NotThere) and error.is_asked_for
            known = absent in self.under_test.course.checks.functions
            block = "" if own and not known else absent
            self.outcome.unfilled.append(Unfilled(said, block, missing=True))
        elif is_unfilled(error):
            self.outcome.unfilled.append(unfilled_of(error, folder))
        else:
            self.outcome.crashes.append(crash_of(error, folder, case, self._returned))

    def keeps_float32(self, function: str, **arrays: ArrayLike) -> None:
        """Remark on what `function` made of float32 inputs: another type costs nothing."""
        for name, array in arrays.items():
            self.outcome.add(
                f"float32: {name} of {function}",
                REMARK,
                _type_of(array),
                wanted="float32",
            )

    def remark_unless(self, ok: bool, name: str, got: str, wanted: str) -> None:
        """State something that costs nothing: `got` is what to say of it if it is not `ok`."""
        self.outcome.add(name, REMARK, wanted if ok else got, wanted)

    def _is_own(self, function: str) -> bool:
        """Whether the check is there for a function, or a method: "loss", "Net.loss"."""
        own = {block.partition(":")[0] for block in self.outcome.own}
        return not own or function in own or any(name.endswith(f".{function}") for name in own)

    def starts_from(self, out: Any) -> None:
        """Remark on the forward pass that a backward pass starts from, the first of the check."""
        name = "out of the forward pass that this starts from"
        if name not in self.outcome.entries:
            self.outcome.add(name, REMARK, out)

    def may_write(self, *arrays: Any) -> None:
        """Let functions write into these arrays from here on: worth a remark, and no more."""
        self._writable += arrays

    def compare_input(self, name: str, before: NDArray[Any], after: NDArray[Any]) -> None:
        """State as a side effect whether an input is, bit for bit, what it was before a call."""
        allowed = any(before is array for array in self._writable)
        if not self._is_own(name.rpartition(" of ")[2]):
            return  # that is told where the function itself is checked
        name = f"inputs: {name}"
        changed = not _same_bits(before, after)
        if changed or name not in self.outcome.entries:
            kind = REMARK if allowed else SIDE_EFFECT
            self.outcome.add(name, kind, "overwritten" if changed else "unchanged", "unchanged")

    def cache_of(self, forward: Callable[..., Any], inputs: Iterable[Any], documented: Any) -> Any:
        """Return what the student's own forward pass caches, or what is documented.

        A backward pass is given the cache that goes with it, whatever is in it. Where the forward
        pass is not there or ends in an exception, it gets what the documentation says.
        """
        try:
            _, cache = forward(*inputs)
        except Exception:
            return documented
        return cache

    def probe(
        self,
        forward: Callable[..., Any],
        dout: NDArray[Any],
        inputs: dict[str, NDArray[Any]],
        *,
        stated: Any = (),
        together: bool = False,
    ) -> None:
        """Offer a backward pass to be judged by the student's own forward pass.

        Where a forward pass is wrong, a backward pass may be right all the same: for what comes
        forward. In a second run the forward pass is called on inputs that are moved a little, in a
        few random directions each, and what comes out goes into the outcome. The judge makes
        numerical derivatives of that.

        Parameters
        ----------
        forward : function
            Takes the inputs in their order and returns the output, or a tuple that begins with it.
        dout : ndarray
            The gradient with respect to the output that the backward pass was given.
        inputs : dict
            {entry of a gradient: the input that it belongs to}.
        stated : dict, optional
            {entry: gradient} for entries that are made from a gradient, and are none.
        together : bool, default=False
            Move all inputs at once, which takes fewer calls.
        """
        for name in inputs:
            self.outcome.douts[name] = np.array(dout, dtype=float)
        if not self.probing:
            return
        names, arrays = list(inputs), list(inputs.values())
        steps = {name: directions(name, np.shape(inputs[name])) for name in names}
        # One after the other, or all at once: then they are right together or not at all.
        moves = [names] if together else [[name] for name in names]
        with contextlib.suppress(Exception):  # then the gradients are judged without
            for moving in moves:
                outs = []
                for k in range(DIRECTIONS):
                    for sign in (1, -1):
                        moved = [
                            a + sign * STEP * steps[n][k] if n in moving else np.array(a)
                            for n, a in zip(names, arrays, strict=True)
                        ]
                        answer = forward(*moved)
                        out = answer[0] if isinstance(answer, tuple) else answer
                        outs.append(np.array(out, dtype=float))
                for name in moving:
                    self.outcome.probes[name] = np.stack(outs)
                    self.outcome.together[name] = moving
                    if name in stated:
                        self.outcome.stated[name] = np.array(stated[name], dtype=float)

    def note_numbers(self, name: str, numbers: ArrayLike) -> None:
        """Note numbers that are not judged, and that a mistake may be known by."""
        self.outcome.add(f"numbers: {name}", NOTE, numbers)

    def replaced(self, **functions: Any) -> AbstractContextManager[None]:
        """Put functions in the place of the package's own, as UnderTest.replaced does."""
        return self.under_test.replaced(**functions)

    def disabled(self, *names: str, modules: Iterable[str] = ()) -> AbstractContextManager[None]:
        """Disable functions of the package, as UnderTest.disabled does."""
        return self.under_test.disabled(*names, modules=modules)

    def watched_class(self, cls: type) -> Callable[..., Any]:
        @functools.wraps(cls, updated=())  # with the signature of the class
        def construct(*args: Any, **kwargs: Any) -> Any:
            return _Watched(self, cls(*args, **kwargs), cls.__name__)

        return construct

    def guarded(self, function: Callable[..., Any], name: str) -> Callable[..., Any]:
        """Wrap `function` so that it works on copies, and report it if it changes them."""

        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            handed = [_copied(value) for value in args]
            handed_by_name = {key: _copied(value) for key, value in kwargs.items()}
            # A cache is handed on as it is, whatever is in it: its arrays are looked at apart.
            kept = [[array.copy() for array in _arrays_in(value)] for value in args]
            self._returned = None
            result = function(*handed, **handed_by_name)
            self._returned = name
            names = _argument_names(function, len(args))
            pairs = list(zip([*names, *kwargs], [*args, *kwargs.values()],
                             [*handed, *handed_by_name.values()], strict=True))  # fmt: skip
            for argument, before, after in pairs:
                if isinstance(before, np.ndarray):
                    self.compare_input(f"{argument} of {name}", before, after)
            for place, before, after in zip(names, kept, args, strict=False):
                for array, copy in zip(_arrays_in(after), before, strict=False):
                    self.compare_input(f"{place} of {name}", copy, array)
            return result

        return call


def directions(name: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """Return the directions that the input behind a gradient is moved in, the same everywhere."""
    rng = np.random.default_rng(zlib.crc32(name.encode()))
    return rng.standard_normal((DIRECTIONS, *shape))


class _Watched:
    """An object of one of the package's classes, whose methods are guarded like functions."""

    def __init__(self, run: Run, target: object, name: str) -> None:
        vars(self).update(_run=run, _target=target, _name=name)

    def __getattr__(self, attribute: str) -> Any:
        value = getattr(self._target, attribute)
        if inspect.ismethod(value):
            return self._run.guarded(value, f"{self._name}.{attribute}")
        return value

    def __setattr__(self, attribute: str, value: Any) -> None:
        setattr(self._target, attribute, value)


def _copied(value: Any) -> Any:
    """Copy an array with its layout in memory: steps, gaps and order of axes as they were."""
    if not isinstance(value, np.ndarray):
        return value
    if not value.size or 0 in value.strides:
        return value.copy(order="K")
    reach = [(n - 1) * step for n, step in zip(value.shape, value.strides, strict=True)]
    buffer = bytearray(sum(map(abs, reach)) + value.itemsize)
    start = -sum(distance for distance in reach if distance < 0)
    copy = np.ndarray(value.shape, value.dtype, buffer, start, value.strides)
    copy[...] = value
    return copy


def _arrays_in(cache: Any, depth: int = 3) -> list[NDArray[Any]]:
    """Return the arrays in a tuple or list, and in what lies in it."""
    if not isinstance(cache, tuple | list) or not depth:
        return []
    found: list[NDArray[Any]] = []
    for part in cache:
        if type(part) is np.ndarray:
            found.append(part)
        else:
            found += _arrays_in(part, depth - 1)
    return found


def _same_bits(before: NDArray[Any], after: NDArray[Any]) -> bool:
    return (
        before.shape == after.shape
        and before.dtype == after.dtype
        and before.tobytes() == after.tobytes()
    )


def _type_of(value: Any) -> str:
    """Name the type of an array's numbers, or say that there are none."""
    array = as_array(value)
    return str(array.dtype) if array.dtype.kind != "U" else f"no numbers ({array})"


def _argument_names(function: Callable[..., Any], count: int) -> list[str]:
    """Name the first `count` arguments as the function does, or by their places."""
    try:
        names = list(inspect.signature(function).parameters)
    except Exception:  # what stands in for a function may raise anything
        names = []
    return (names + [f"argument {place}" for place in range(len(names) + 1, count + 1)])[:count]


# Frames that are shown from each end: a recursion without end has a thousand in between.
_SHOWN = 4
# What the stub in a block says.
_STUB = re.compile(r"(?P<block>[\w.]+(?::[\w-]+)?) is not filled in yet")


def is_unfilled(error: BaseException) -> bool:
    """Whether the exception comes from a stub, and not from a mistake."""
    return issubclass(type(error), NotImplementedError)


def unfilled_of(error: BaseException, folder: Path) -> Unfilled:
    """Say which block is not filled in, and where it stands."""
    message = message_of(error)
    stub = _STUB.search(message)
    frames = own_frames(error, folder)
    path, line = (frames[-1].path, frames[-1].line) if frames else ("", 0)
    return Unfilled(message, stub["block"] if stub else "", path, line)


def crash_of(
    error: BaseException, folder: Path, case: str = "", returned: str | None = None
) -> Crash:
    """Describe an exception, with the frames that lie in the student's files.

    Without such frames it was the check that stumbled, over what the function `returned` gave back.
    """
    message = message_of(error)
    if isinstance(error, SystemExit) and error.code is None:
        message = "the code ends Python"
    frames = own_frames(error, folder)
    if not frames and returned:
        unpacked = "unpack" in message
        why = "cannot be used" if unpacked else "was the last thing before this"
        message = f"what {returned} returns {why}: {message}"
    return Crash(name_of_type(error), message, frames, case)


def own_frames(error: BaseException, folder: Path) -> tuple[Frame, ...]:
    """Return the frames in files under `folder` that students write in, outermost first."""
    frames = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        code = frame.f_code
        path = _own_path(code.co_filename, folder)
        if path:
            frames.append(Frame(path, line, code.co_name, _source_line(code.co_filename, line)))
    if isinstance(error, SyntaxError) and isinstance(error.filename, str):
        path = _own_path(error.filename, folder)
        if path:
            line = error.lineno if isinstance(error.lineno, int) else 0
            text = error.text if isinstance(error.text, str) else ""
            frames.append(Frame(path, line, "", text.strip()))
    return tuple(_shortened(frames))


def _shortened(frames: list[Frame]) -> list[Frame]:
    """Leave out the middle of a long list; a frame without a path says how much that is."""
    left_out = len(frames) - 2 * _SHOWN
    if left_out < 2:
        return frames
    gap = Frame("", 0, "", f"... {left_out} more calls ...")
    return [*frames[:_SHOWN], gap, *frames[-_SHOWN:]]


def _own_path(filename: str, folder: Path) -> str | None:
    """Return a path like package/layers.py, or None for a file that students do not write in."""
    try:
        inside = Path(filename).resolve().relative_to(folder)
    except (OSError, ValueError):
        return None
    if any(part.startswith("_") and part != "__init__.py" for part in inside.parts):
        return None
    return (Path(folder.name) / inside).as_posix()


def _source_line(filename: str, line: int) -> str:
    linecache.checkcache(filename)
    return linecache.getline(filename, line).strip()
