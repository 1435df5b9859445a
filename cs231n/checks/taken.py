"""Functions that a check takes away, so that nothing can have them do its work."""

import contextlib
import sys
from types import FunctionType


class TakenAway(RuntimeError):
    """A function was called that a check has taken away."""


def functions_of(package, names, modules):
    """Return {what to call it: function} of all that have one of the names, or are in a module.

    package: the modules to look through. modules: the last parts of some of their names.
    """
    found = {}
    for module in package:
        own, short = vars(module), module.__name__.rpartition(".")[2]
        found |= {name: own[name] for name in names if name in own}
        if short in modules:
            functions = [value for value in own.values() if isinstance(value, FunctionType)]
            found |= {
                f"{short}.{function.__name__}": function
                for function in functions
                if function.__module__ == module.__name__
            }
    return found


@contextlib.contextmanager
def taken_away(functions):
    """Have functions refuse to work, by whatever name or through whatever object they are called.

    functions: {name to tell: function}. What is no plain function is left as it is.
    """
    kept = []
    try:
        for name, function in functions.items():
            if isinstance(function, FunctionType) and not function.__closure__:
                kept.append((function, function.__code__, function.__kwdefaults__))
                # The code is changed and not the name: there may be more names than can be found.
                function.__code__ = _refuse.__code__
                function.__kwdefaults__ = {"_refusal": refusal(name)}
        yield
    finally:
        for function, code, defaults in reversed(kept):
            function.__code__, function.__kwdefaults__ = code, defaults


def refusal(name):
    """Return a function that raises TakenAway, on behalf of the one that calls it."""

    def refuse(*args, **kwargs):
        frame = sys._getframe(1)
        if frame.f_code is _refuse.__code__:
            frame = frame.f_back
        raise TakenAway(
            f"{frame.f_code.co_name} calls {name}, which this check has taken away: "
            "here the work is its own"
        )

    return refuse


def _refuse(*args, _refusal, **kwargs):
    return _refusal()
