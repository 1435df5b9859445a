"""Checks of dropout.

Which units are dropped is up to the code under test, so that arrays cannot be compared. The factor
of the units that are kept can: it is the same for all of them, forwards and backwards.
"""

from functools import partial

import numpy as np

from coursekit.checks import check

from ._inputs import away_from_zero, entry, float32, form, gaps

NOTEBOOK = "Dropout"


@check(
    points=3,
    notebook=NOTEBOOK,
    blocks=["dropout_forward:train"],
    main=["factor of what is kept"],
    hints=[
        "How many draws are needed, and what is the probability that one of them is kept?",
        "A number drawn uniformly between 0 and 1 is below p with probability p. What is kept has "
        "to make up for what is dropped.",
        "Draw an array of the shape of x from the generator above the block. The mask is zero "
        "where a unit is dropped and one over p where it is kept; put it into the cache, and "
        "multiply.",
    ],
)
def dropout_forward_train(student, run):
    """What happens to the units that are kept, and how many are."""
    results = {}
    for case, x, _, p in _draws(run.rng):
        with run.case(case):
            out, _ = student.dropout_forward(x, {"mode": "train", "p": p})
            results |= _factors("factor of what is kept", case, out, x, x)
    x = away_from_zero(run.rng, 120, 150)
    for p in (0.2, 0.5, 0.9):
        with run.case(f"p = {p}"):
            out, _ = student.dropout_forward(x, {"mode": "train", "p": p})
            results |= _shares_kept(out, x.shape, p)
    x, seed = away_from_zero(run.rng, 6, 50), int(run.rng.integers(1000))
    with run.case("p = 1"):
        out, _ = student.dropout_forward(x, {"mode": "train", "p": 1})
        results |= _factors("factor of what is kept", "p = 1", out, x, x)
    with run.case("seed"):
        dropout_param = {"mode": "train", "p": 0.5, "seed": seed}
        first, second = (student.dropout_forward(x, dropout_param)[0] for _ in range(2))
        results["seed: the same seed drops the same units"] = np.array_equal(first, second)
    with run.case("no seed"):
        first, second = (student.dropout_forward(x, {"mode": "train", "p": 0.5})[0] for _ in "ab")
        # 300 units of 0.5 fall alike twice in a row once in 2 ** 300 times.
        results["seed: without one, each call drops others"] = not np.array_equal(first, second)
    with run.case("float32"):
        out, _ = student.dropout_forward(*float32(x), {"mode": "train", "p": 0.5})
        run.keeps_float32("dropout_forward", out=out)
    return results


@check(
    points=1,
    notebook=NOTEBOOK,
    blocks=["dropout_forward:test"],
    main=["out"],
    hints=[
        "What does the average of many masks amount to?",
        "With inverted dropout all the scaling has happened in training.",
        "Nothing is drawn, dropped or scaled. The caller should get an array of its own.",
    ],
)
def dropout_forward_test(student, run):
    """At test time the input goes through as it is."""
    results = {}
    for case, x, _, p in _draws(run.rng):
        with run.case(case):
            results[entry("out", case)], _ = student.dropout_forward(x, {"mode": "test", "p": p})
    with run.case("float32"):
        out, _ = student.dropout_forward(*float32(x), {"mode": "test", "p": p})
        run.keeps_float32("dropout_forward at test time", out=out)
    return results


@check(
    points=2,
    notebook=NOTEBOOK,
    blocks=["dropout_backward:train"],
    main={"factor where units were kept": 2, "dx where units were dropped": 1},
    hints=[
        "Which units had an influence on the output?",
        "Each output is an input times a number that does not depend on it. That number is at "
        "hand.",
        "It is the mask of the forward pass, with its scaling, and not a new one. Leave the "
        "incoming gradient as it was.",
    ],
)
def dropout_backward_train(student, run):
    """The gradient reaches the units that were kept, and no others."""
    results = {}
    for case, x, dout, p in _draws(run.rng):
        with run.case(case):
            forward = partial(student.dropout_forward, dropout_param=_param(p, seed=11))
            out, cache = student.dropout_forward(x, _param(p, seed=11))
            other = student.dropout_forward(x, _param(p, seed=12))[1]
            dx = student.dropout_backward(dout, cache)
            results |= _gradients(case, dx, dout, out)
            student.dropout_backward(dout, other)
            again = student.dropout_backward(dout, cache)
            results |= _gradients(f"{case}, a second time", again, dout, out)
            for name, gradient in ((case, dx), (f"{case}, a second time", again)):
                factor = f"factor where units were kept: {name}"
                run.probe(forward, dout, {factor: x}, stated={factor: gradient})
    with run.case("float32"):
        x, dout = float32(x, dout)
        _, cache = student.dropout_forward(x, {"mode": "train", "p": 0.5})
        dx = student.dropout_backward(dout, cache)
        run.keeps_float32("dropout_backward", dx=dx)
    return results


def _param(p, seed):
    return {"mode": "train", "p": p, "seed": seed}


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
    yield "x is not contiguous", gaps(x), gaps(dout), 0.5


def _factors(name, case, after, before, out):
    """Return the least and the greatest factor from `before` to `after` where units were kept.

    Those are the units that are not 0 in `out`. The shape is an entry too, and factors are left out
    if it is wrong.
    """
    results = {f"{name}: shape, {case}": form(after)}
    if form(after) == form(before) == form(out):
        kept = np.asarray(out) != 0
        factors = np.asarray(after)[kept] / before[kept]
        results[f"{name}: {case}"] = np.array([factors.min(initial=1e9), factors.max(initial=0)])
    return results


def _gradients(case, dx, dout, out):
    """Return the factors from dout to dx where units were kept, and what is left elsewhere.

    Of a forward pass that drops nothing, nothing is left elsewhere to be right.
    """
    results = _factors("factor where units were kept", case, dx, dout, out)
    if form(dx) == form(dout) == form(out):
        dropped = np.asarray(dx)[np.asarray(out) == 0]
        if dropped.size:
            results[f"dx where units were dropped: {case}"] = np.abs(dropped).max()
    return results


def _shares_kept(out, shape, p):
    """Say whether units are kept with probability p, each on its own.

    The shares are normally distributed, near enough; seven standard deviations leave one false
    alarm in 4e11 for each of the 273 shares, so one in 1e9 seeds.
    """

    def near(shares, count):
        return bool(np.all(np.abs(shares - p) < 7 * np.sqrt(p * (1 - p) / count)))

    if form(out) != str(shape):
        return {f"share of units kept: p = {p}": form(out)}
    rows, columns = shape
    kept = out != 0
    results = {f"share of units kept: p = {p}": near(kept.mean(), kept.size)}
    if p == 0.5:  # near 0 or 1 seven deviations of a single row would allow for anything
        results["units dropped one by one: rows"] = near(kept.mean(axis=1), columns)
        results["units dropped one by one: columns"] = near(kept.mean(axis=0), rows)
    return results
