"""What is weak about a check that finds too little, told by functions that it should not pass.

Each is right code with something done to what it returns. Where a check passes it, there is a
sentence on what the check does not look at.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Tried:
    """What a student's check did: whether it passed, in words, and what it raised."""

    passed: bool
    words: str
    error: Exception | None = None

    @classmethod
    def returned(cls, value: object) -> Tried:
        """What comes of a check that returned a value."""
        if isinstance(value, bool | np.bool_) and not value:
            return cls(False, "your check returned False")
        return cls(True, "your check passed it")

    @classmethod
    def raised(cls, error: Exception) -> Tried:
        """What comes of a check that raised an exception."""
        said = (f"{error}".strip().splitlines() or [""])[0]
        said = f": {said if len(said) <= 80 else f'{said[:77]}...'}" if said else ""
        if isinstance(error, AssertionError):
            return cls(False, f"an assertion failed{said}", error)
        return cls(False, f"{type(error).__name__}{said}", error)

    @classmethod
    def late(cls, seconds: float) -> Tried:
        """What comes of a check that did not come to its end in time."""
        return cls(False, f"your check was not through after {seconds:g} s")


class _Called(Exception):
    """A function was called that only says so."""


def _raising(function: Any) -> Any:
    def called(*args: object, **kwargs: object) -> object:
        raise _Called("it was called")

    return called


def _with_results(change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function that alters another one's results, arrays and numbers among them."""

    def altered(function: Any) -> Any:
        if isinstance(function, type):
            return function

        @functools.wraps(function)
        def changed(*args: Any, **kwargs: Any) -> Any:
            result = function(*args, **kwargs)
            if isinstance(result, tuple):
                return tuple(map(change, result))
            return change(result)

        return changed

    return altered


def _only_floats(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Any], Any]:
    def on(value: Any) -> Any:
        if isinstance(value, np.ndarray | np.floating) and np.asarray(value).dtype.kind == "f":
            return change(np.asarray(value))
        return value

    return on


def _noise(array: np.ndarray) -> np.ndarray:
    return np.random.default_rng(array.size).standard_normal(array.shape).astype(array.dtype)


# Pairs (what is done to right code, what a check that passes it does not see).
WEAKNESSES: tuple[tuple[Callable[[Any], Any], str], ...] = (
    (
        _raising,
        "Your check passes even a function that does nothing but raise an exception. Does it call "
        "the function that it is given?",
    ),
    (
        _with_results(_only_floats(_noise)),
        "Your check passes a function that returns random numbers in the right shape. Which of the "
        "values does it look at, and does it assert anything of them?",
    ),
    (
        _with_results(_only_floats(np.zeros_like)),
        "Your check passes a function that returns zeros in the right shape. What else is right "
        "where all is zero?",
    ),
    (
        _with_results(_only_floats(lambda array: 1.2 * array)),
        "Your check passes a function whose results are a fifth too large. How wide are its "
        "tolerances, and what does it compare with?",
    ),
    (
        _with_results(_only_floats(lambda array: array[::-1] if array.ndim else array)),
        "Your check passes a function whose results come in reverse order. Sums, means and spreads "
        "stay the same then: what does not?",
    ),
)
