"""What the notebooks measure by: the pace of an experiment, its time, and expected beside yours."""

import os
import time
import timeit

import numpy as np

from .gradient_check import rel_error

__all__ = ["QUICK", "Yardstick", "beside", "gradient_errors", "pace", "times_as_fast"]

# CS231N_QUICK=1 makes every experiment small: a first look, and a test at every change.
QUICK = os.environ.get("CS231N_QUICK", "") not in ("", "0")


def pace(full, *, quick):
    """Return the size of an experiment: `full`, or `quick` where CS231N_QUICK is set."""
    return quick if QUICK else full


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


def beside(name, yours, expected, *, places=4):
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
    assert np.allclose(yours, expected, rtol=0, atol=10.0**-places), (
        f"{name}: differs from what is expected"
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
