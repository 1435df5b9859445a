"""What the notebooks measure with: pace, time, and your numbers under the expected ones."""

import os
import time
import timeit

import numpy as np

from cs231n._internal.progress import progress
from cs231n.gradient_check import eval_numerical_gradient, rel_error
from cs231n.solver import Solver

__all__ = [
    "QUICK",
    "Yardstick",
    "compare",
    "expect_trained",
    "gradient_errors",
    "net_errors",
    "pace",
    "progress",
    "times_as_fast",
]

_PACES = ("full", "quick", "browser")


def _chosen_pace():
    """Return the pace that the environment asks for.

    COURSE_PACE names it. Where that is not set, CS231N_QUICK=1 makes it quick.

    Raises ValueError for a pace that does not exist.
    """
    named = os.environ.get("COURSE_PACE", "")
    if not named:
        return "full" if os.environ.get("CS231N_QUICK", "") in ("", "0") else "quick"
    if named not in _PACES:
        raise ValueError(f"COURSE_PACE is {named!r}, expected {' or '.join(_PACES)}")
    return named


# Quick experiments are for a first look, and for a test at every change. Those for a browser are
# for Python inside one, which has one slow core.
PACE = _chosen_pace()
QUICK = PACE != "full"


def pace(full, *, quick, browser=None):
    """Return the size of an experiment at the pace that COURSE_PACE asks for.

    Inputs:
    - full: the size at which the notebooks are committed
    - quick: a small one
    - browser: the one for a browser; `quick` unless given
    """
    sizes = {"full": full, "quick": quick, "browser": quick if browser is None else browser}
    return sizes[PACE]


class Yardstick:
    """Time a small piece of work, to say beforehand how long many of its kind will take.

        with Yardstick("one training") as yardstick:
            solver.train()
        yardstick.announce(40)

    name: what is timed, as in "one training".
    """

    def __init__(self, name):
        self.name = name
        self.seconds = None

    def __enter__(self):
        self._start = time.perf_counter()
        return self

    def __exit__(self, *_):
        self.seconds = time.perf_counter() - self._start
        print(f"{self.name}: {_duration(self.seconds)}")

    def announce(self, times):
        """Print about how long `times` as much work takes."""
        print(f"{times:g} times {self.name}: about {_duration(times * self.seconds)}")


def times_as_fast(fast, slow, *, repeat=9, number=5):
    """Return how many times as fast one function is as another, both called without arguments.

    They take turns, and the best time of each counts: whatever else a machine does, it makes a
    program slower and never faster.

    repeat: how many turns. number: calls in a turn.
    """
    turns = [
        [timeit.timeit(function, number=number) for function in (fast, slow)] for _ in range(repeat)
    ]
    best_fast, best_slow = map(min, zip(*turns, strict=True))
    return best_slow / max(best_fast, 1e-9)  # a coarse clock may show no time at all


def compare(name, yours, expected, *, places=4):
    """Print what to expect, and under it what came out.

    Inputs:
    - name: what the numbers are
    - yours, expected: numbers, or ndarrays of the same shape with one or two axes
    - places: decimals that are printed, and that have to agree

    Raises AssertionError if the shapes differ, or a number by more than one in the last place.
    """
    yours, expected = np.asarray(yours, dtype=float), np.asarray(expected, dtype=float)
    print(name)
    for label, values in (("expected", expected), ("yours", yours)):
        for row in np.atleast_2d(values):
            print(f"  {label:8}  {_row(row, places)}")
            label = ""
    assert yours.shape == expected.shape, (
        f"{name}: the shape is {yours.shape}, expected {expected.shape}"
    )
    # Expected values are rounded themselves, so half of the last place would be too strict.
    differs = ~np.isclose(yours, expected, rtol=0, atol=10.0**-places)
    if differs.any():
        first = tuple(map(int, np.argwhere(differs)[0]))
        where = f"{name}[{', '.join(map(str, first))}]" if first else name
        raise AssertionError(
            f"{where} is {yours[first]:.{places}f}, expected {expected[first]:.{places}f}"
        )


def gradient_errors(*, at_most, **pairs):
    """Print how far gradients are from numerical ones.

    Inputs:
    - at_most: the largest relative error that may be
    - pairs: under each gradient's name a pair of ndarrays, yours and the numerical one

    Raises AssertionError if an error is larger than that.
    """
    width = max(map(len, pairs))
    errors = {name: rel_error(*pair) for name, pair in pairs.items()}
    for name, error in errors.items():
        print(f"{name:{width}}  relative error {error:.1e}, at most {at_most:.0e}")
    wrong = [name for name, error in errors.items() if not error <= at_most]
    assert not wrong, f"{' and '.join(wrong)}: too far from the numerical gradient"


def net_errors(model, X, y, *, at_most):
    """Print how far each gradient of a network is from the numerical one of its loss.

    Inputs:
    - model: object with `params` and `loss(X, y)`
    - X, y: a few examples and their classes
    - at_most: the largest relative error that may be

    Raises AssertionError if an error is larger than that.
    """
    _, grads = model.loss(X, y)
    pairs = {}
    for name in sorted(model.params):
        numerical = eval_numerical_gradient(
            lambda _: model.loss(X, y)[0], model.params[name], verbose=False
        )
        assert name in grads, f"{name}: there is no gradient, expected one for each parameter"
        pairs[name] = (grads[name], numerical)
    gradient_errors(at_most=at_most, **pairs)


def expect_trained(name, solver):
    """Raise AssertionError, with what to do, unless `solver` is a Solver that has trained."""
    found = type(solver).__name__
    assert isinstance(solver, Solver), (
        f"{name} is {'None' if solver is None else f'of type {found}'}, expected your trained "
        f"Solver: fill in the cell that says `{name} = None`, and run it"
    )
    assert solver.train_acc_history, (
        f"{name} has not trained yet, expected a call of {name}.train() before this cell"
    )


def _row(values, places):
    """Format numbers in columns, with no minus sign before a zero."""
    rounded = np.round(values, places) + 0.0
    return "  ".join(f"{value:{places + 5}.{places}f}" for value in rounded)


def _duration(seconds):
    if seconds < 10:
        return f"{seconds:.2g} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min"
