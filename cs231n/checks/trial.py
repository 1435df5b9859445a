"""What a check is handed as `course`: the functions under test, with an eye on how they behave.

Each call gets copies of the arrays that the check passes, and the copies are compared afterwards.
So a function that writes into its inputs is noticed, and the check goes on with clean inputs: the
mistake costs once, and not in every value that follows from it.
"""

import contextlib
import functools
import inspect

import numpy as np

from .outcome import CONDUCT, REMARK, Outcome
from .taken import functions_of, refusal, taken_away
from .traces import crash_of, is_unfilled, unfilled_of


class Trial:
    """One run of one check on one copy of the package.

    Functions and classes of the package are attributes: `course.relu_forward(x)`. The methods below
    are for checks. `outcome` gathers what there is to tell beside the values that a check returns.
    """

    def __init__(self, course, name):
        self.outcome = Outcome(name)
        self._course = course
        self._writable = []
        self._returned = None  # the function that returned last

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        found = self._course.find(name)
        if isinstance(found, type):
            return self._constructor(found)
        return self._guarded(found, name)

    @contextlib.contextmanager
    def case(self, name="", **sizes):
        """Run one case of a check. An exception ends the case and not the check.

        `sizes` are the lengths that letters stand for, for messages: `case("pad 0", N=2, C=3)`.
        """
        self.outcome.sizes[name] = sizes
        try:
            yield
        except (Exception, SystemExit) as error:
            self.note(error, name)

    def note(self, error, case=""):
        """Add an exception to the outcome."""
        folder = self._course.folder
        if is_unfilled(error):
            self.outcome.unfilled.append(unfilled_of(error, folder))
        else:
            self.outcome.crashes.append(crash_of(error, folder, case, self._returned))

    def keeps_float32(self, function, *, remark=False, **arrays):
        """State as conduct, or as a remark, that `function` made float32 of float32 inputs."""
        for name, array in arrays.items():
            self.outcome.add(
                f"float32: {name} of {function}",
                REMARK if remark else CONDUCT,
                str(np.asarray(array).dtype),
                wanted="float32",
            )

    def remark_unless(self, ok, name, got, wanted):
        """State something that costs nothing: `got` is what to say of it if it is not `ok`."""
        self.outcome.add(name, REMARK, wanted if ok else got, wanted)

    def premise(self, out):
        """Remark on the forward pass that a backward pass starts from, the first of the check."""
        name = "out of the forward pass that this starts from"
        if name not in self.outcome.entries:
            self.outcome.add(name, REMARK, out)

    def may_write(self, *arrays):
        """Let functions write into these arrays from here on: worth a remark, and no more."""
        self._writable += arrays

    def compare_input(self, name, before, after):
        """State as conduct whether an input is, bit for bit, what it was before a call."""
        allowed = any(before is array for array in self._writable)
        name = f"inputs: {name}"
        changed = not _same_bits(before, after)
        if changed or name not in self.outcome.entries:
            kind = REMARK if allowed else CONDUCT
            self.outcome.add(name, kind, "overwritten" if changed else "unchanged", "unchanged")

    @contextlib.contextmanager
    def replaced(self, **functions):
        """Put functions in the place of the package's own, in all modules and by any name."""
        modules = self._course.modules()
        instead = {
            id(vars(module)[name]): function
            for module in modules
            for name, function in functions.items()
            if name in vars(module)
        }
        changed = [
            (module, name, value)
            for module in modules
            for name, value in vars(module).items()
            if id(value) in instead
        ]
        for module, name, value in changed:
            setattr(module, name, instead[id(value)])
        try:
            yield
        finally:
            for module, name, original in changed:
                setattr(module, name, original)

    @contextlib.contextmanager
    def without(self, *names, modules=()):
        """Take functions away, those of some names and all of some modules.

        So a function cannot have another do its work.
        """
        found = functions_of(self._course.modules(), names, modules)
        # What is no plain function, a student's own object perhaps, can only be replaced.
        with taken_away(found), self.replaced(**{name: refusal(name) for name in names}):
            yield

    def _constructor(self, cls):
        @functools.wraps(cls, updated=())  # with the signature of the class
        def construct(*args, **kwargs):
            return _Watched(self, cls(*args, **kwargs), cls.__name__)

        return construct

    def _guarded(self, function, name):
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

    def __init__(self, trial, target, name):
        vars(self).update(_trial=trial, _target=target, _name=name)

    def __getattr__(self, attribute):
        value = getattr(self._target, attribute)
        if inspect.ismethod(value):
            return self._trial._guarded(value, f"{self._name}.{attribute}")
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


def _argument_names(function, count):
    """Name the first `count` arguments as the function does, or by their places."""
    try:
        names = list(inspect.signature(function).parameters)
    except (TypeError, ValueError):
        names = []
    return (names + [f"argument {place}" for place in range(len(names) + 1, count + 1)])[:count]
