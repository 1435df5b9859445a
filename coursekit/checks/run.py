"""One run of a check: the functions that it is handed, and what it observes of them.

Each call gets copies of the arrays that the check passes, and the copies are compared afterwards.
So a function that writes into its inputs is noticed, and the check goes on with clean inputs: the
mistake costs once, and not in every value that follows from it.
"""

import contextlib
import functools
import inspect
import linecache
import re
import traceback
from pathlib import Path

import numpy as np

from .outcome import (
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


class Functions:
    """What a check is handed as `student`: functions and classes of the package, by their names.

    `student.predict(X, w)` calls the function of that name, whatever module it is in.
    """

    def __init__(self, run):
        self.__run = run

    def __getattr__(self, name):
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
    """

    def __init__(self, under_test, name, rng):
        self.rng = rng
        self.outcome = Outcome(name)
        self.under_test = under_test
        self._writable = []
        self._returned = None  # the function that returned last

    @contextlib.contextmanager
    def case(self, name="", **sizes):
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

    def note(self, error, case=""):
        """Add an exception to the outcome."""
        folder = self.under_test.folder
        if is_unfilled(error):
            self.outcome.unfilled.append(unfilled_of(error, folder))
        else:
            self.outcome.crashes.append(crash_of(error, folder, case, self._returned))

    def keeps_float32(self, function, *, remark=False, **arrays):
        """State as a side effect, or as a remark, what `function` made of float32 inputs."""
        for name, array in arrays.items():
            self.outcome.add(
                f"float32: {name} of {function}",
                REMARK if remark else SIDE_EFFECT,
                _type_of(array),
                wanted="float32",
            )

    def remark_unless(self, ok, name, got, wanted):
        """State something that costs nothing: `got` is what to say of it if it is not `ok`."""
        self.outcome.add(name, REMARK, wanted if ok else got, wanted)

    def starts_from(self, out):
        """Remark on the forward pass that a backward pass starts from, the first of the check."""
        name = "out of the forward pass that this starts from"
        if name not in self.outcome.entries:
            self.outcome.add(name, REMARK, out)

    def may_write(self, *arrays):
        """Let functions write into these arrays from here on: worth a remark, and no more."""
        self._writable += arrays

    def compare_input(self, name, before, after):
        """State as a side effect whether an input is, bit for bit, what it was before a call."""
        allowed = any(before is array for array in self._writable)
        name = f"inputs: {name}"
        changed = not _same_bits(before, after)
        if changed or name not in self.outcome.entries:
            kind = REMARK if allowed else SIDE_EFFECT
            self.outcome.add(name, kind, "overwritten" if changed else "unchanged", "unchanged")

    def replaced(self, **functions):
        """Put functions in the place of the package's own, as UnderTest.replaced does."""
        return self.under_test.replaced(**functions)

    def disabled(self, *names, modules=()):
        """Disable functions of the package, as UnderTest.disabled does."""
        return self.under_test.disabled(*names, modules=modules)

    def watched_class(self, cls):
        @functools.wraps(cls, updated=())  # with the signature of the class
        def construct(*args, **kwargs):
            return _Watched(self, cls(*args, **kwargs), cls.__name__)

        return construct

    def guarded(self, function, name):
        """Wrap `function` so that it works on copies, and report it if it changes them."""

        @functools.wraps(function)
        def call(*args, **kwargs):
            handed = [_copied(value) for value in args]
            handed_by_name = {key: _copied(value) for key, value in kwargs.items()}
            self._returned = None
            result = function(*handed, **handed_by_name)
            self._returned = name
            names = _argument_names(function, len(args))
            pairs = list(zip([*names, *kwargs], [*args, *kwargs.values()],
                             [*handed, *handed_by_name.values()], strict=True))  # fmt: skip
            for argument, before, after in pairs:
                if isinstance(before, np.ndarray):
                    self.compare_input(f"{argument} of {name}", before, after)
            return result

        return call


class _Watched:
    """An object of one of the package's classes, whose methods are guarded like functions."""

    def __init__(self, run, target, name):
        vars(self).update(_run=run, _target=target, _name=name)

    def __getattr__(self, attribute):
        value = getattr(self._target, attribute)
        if inspect.ismethod(value):
            return self._run.guarded(value, f"{self._name}.{attribute}")
        return value

    def __setattr__(self, attribute, value):
        setattr(self._target, attribute, value)


def _copied(value):
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


def _same_bits(before, after):
    return (
        before.shape == after.shape
        and before.dtype == after.dtype
        and before.tobytes() == after.tobytes()
    )


def _type_of(value):
    """Name the type of an array's numbers, or say that there are none."""
    array = as_array(value)
    return str(array.dtype) if array.dtype.kind != "U" else f"no numbers ({array})"


def _argument_names(function, count):
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


def is_unfilled(error):
    """Whether the exception comes from a stub, and not from a mistake."""
    return issubclass(type(error), NotImplementedError)


def unfilled_of(error, folder):
    """Say which block is not filled in, and where it stands."""
    message = message_of(error)
    stub = _STUB.search(message)
    frames = own_frames(error, folder)
    place = {"path": frames[-1].path, "line": frames[-1].line} if frames else {}
    return Unfilled(message=message, block=stub["block"] if stub else "", **place)


def crash_of(error, folder, case="", returned=None):
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


def own_frames(error, folder):
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


def _shortened(frames):
    """Leave out the middle of a long list; a frame without a path says how much that is."""
    left_out = len(frames) - 2 * _SHOWN
    if left_out < 2:
        return frames
    gap = Frame("", 0, "", f"... {left_out} more calls ...")
    return [*frames[:_SHOWN], gap, *frames[-_SHOWN:]]


def _own_path(filename, folder):
    """Return a path like package/layers.py, or None for a file that students do not write in."""
    try:
        inside = Path(filename).resolve().relative_to(folder)
    except (OSError, ValueError):
        return None
    if any(part.startswith("_") and part != "__init__.py" for part in inside.parts):
        return None
    return (Path(folder.name) / inside).as_posix()


def _source_line(filename, line):
    linecache.checkcache(filename)
    return linecache.getline(filename, line).strip()
