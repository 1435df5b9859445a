"""Checks of dropout.

Which units are dropped is up to the code under test, so that arrays cannot be compared. The factor
of the units that are kept can: it is the same for all of them, forwards and backwards.
"""

import numpy as np

from .inputs import away_from_zero, float32, gaps
from .registry import check

NOTEBOOK = "Dropout"


@check(points=3, notebook=NOTEBOOK, blocks=["dropout_forward:train"])
def dropout_forward_train(course, rng):
    """What happens to the units that are kept, and how many are."""
    results = {}
    for case, x, _, p in _draws(rng):
        with course.case(case):
            out, _ = course.dropout_forward(x, {"mode": "train", "p": p})
            results |= _factors("factor of what is kept", case, out, x, x)
    x = away_from_zero(rng, 120, 150)
    for p in (0.2, 0.5, 0.9):
        with course.case(f"p = {p}"):
            out, _ = course.dropout_forward(x, {"mode": "train", "p": p})
            results |= _shares_kept(out != 0, p)
    x, seed = away_from_zero(rng, 6, 50), int(rng.integers(1000))
    with course.case("p = 1"):
        out, _ = course.dropout_forward(x, {"mode": "train", "p": 1})
        results |= _factors("factor of what is kept", "p = 1", out, x, x)
    with course.case("seed"):
        dropout_param = {"mode": "train", "p": 0.5, "seed": seed}
        first, second = (course.dropout_forward(x, dropout_param)[0] for _ in range(2))
        results["seed: the same seed drops the same units"] = np.array_equal(first, second)
    with course.case("no seed"):
        first, second = (course.dropout_forward(x, {"mode": "train", "p": 0.5})[0] for _ in "ab")
        # 300 units of 0.5 fall alike twice in a row once in 2 ** 300 times.
        results["seed: without one, each call drops others"] = not np.array_equal(first, second)
    with course.case("float32"):
        out, _ = course.dropout_forward(*float32(x), {"mode": "train", "p": 0.5})
        course.keeps_float32("dropout_forward", out=out, remark=True)
    return results


@check(points=1, notebook=NOTEBOOK, blocks=["dropout_forward:test"])
def dropout_forward_test(course, rng):
    """At test time the input goes through as it is."""
    results = {}
    for case, x, _, p in _draws(rng):
        with course.case(case):
            results[f"out: {case}"], _ = course.dropout_forward(x, {"mode": "test", "p": p})
    with course.case("float32"):
        out, _ = course.dropout_forward(*float32(x), {"mode": "test", "p": p})
        course.keeps_float32("dropout_forward at test time", out=out)
    return results


@check(points=2, notebook=NOTEBOOK, blocks=["dropout_backward:train"])
def dropout_backward_train(course, rng):
    """The gradient reaches the units that were kept, and no others."""
    results = {}
    for case, x, dout, p in _draws(rng):
        with course.case(case):
            out, cache = course.dropout_forward(x, {"mode": "train", "p": p})
            other = course.dropout_forward(x, {"mode": "train", "p": p})[1]
            results |= _gradients(case, course.dropout_backward(dout, cache), dout, out)
            course.dropout_backward(dout, other)
            again = course.dropout_backward(dout, cache)
            results |= _gradients(f"{case}, a second time", again, dout, out)
    with course.case("float32"):
        x, dout = float32(x, dout)
        _, cache = course.dropout_forward(x, {"mode": "train", "p": 0.5})
        dx = course.dropout_backward(dout, cache)
        course.keeps_float32("dropout_backward", dx=dx, remark=True)
    return results


def _draws(rng):
    """Yield (case, x, dout, p): of enough units that some are kept and some dropped.

    Of 60 units at p = 0.3 all are dropped once in 2e9 seeds, and the other cases are safer.
    """
    cases = {
        "p = 0.3, two axes": ((8, 9), 0.3),
        "p = 0.8, two axes": ((20, 7), 0.8),
        "p = 0.6, four axes": ((2, 3, 4, 5), 0.6),
        "p = 0.3, one axis": ((60,), 0.3),
    }
    for case, (shape, p) in cases.items():
        yield case, away_from_zero(rng, *shape), away_from_zero(rng, *shape), p
    x, dout = away_from_zero(rng, 2, 9, 8)
    yield "numbers apart in memory", gaps(x), gaps(dout), 0.5


def _factors(name, case, after, before, out):
    """Return the least and the greatest factor from `before` to `after` where units were kept.

    Those are the units that are not 0 in `out`. The shape is an entry of its own, and factors are
    left out if it is wrong.
    """
    results = {f"shape: {case}": str(np.shape(after))}
    if np.shape(after) == before.shape == np.shape(out):
        kept = np.asarray(out) != 0
        factors = np.asarray(after)[kept] / before[kept]
        results[f"{name}: {case}"] = np.array([factors.min(initial=1e9), factors.max(initial=0)])
    return results


def _gradients(case, dx, dout, out):
    """Return the factors from dout to dx where units were kept, and what is left elsewhere."""
    results = _factors("factor where units were kept", case, dx, dout, out)
    if np.shape(dx) == dout.shape == np.shape(out):
        dropped = np.asarray(dx)[np.asarray(out) == 0]
        results[f"dx where units were dropped: {case}"] = np.abs(dropped).max(initial=0)
    return results


def _shares_kept(kept, p):
    """Say whether units are kept with probability p, each on its own.

    The shares are normally distributed, near enough; seven standard deviations leave one false
    alarm in 4e11 for each of the 273 shares, so one in 1e9 seeds.
    """

    def near(shares, count):
        return bool(np.all(np.abs(shares - p) < 7 * np.sqrt(p * (1 - p) / count)))

    rows, columns = kept.shape
    results = {f"share of units kept: p = {p}": near(kept.mean(), kept.size)}
    if p == 0.5:  # near 0 or 1 seven deviations of a single row would allow for anything
        results["units dropped one by one: rows"] = near(kept.mean(axis=1), columns)
        results["units dropped one by one: columns"] = near(kept.mean(axis=0), rows)
    return results
