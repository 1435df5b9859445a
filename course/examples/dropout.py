"""Small examples of dropout, and what its mistakes may hang on.

Which units are dropped is up to the code under test. So all numbers of an example are the same, it
is run several times, and only what can become of a unit is compared: that hangs on no chance.
"""

import numpy as np

from coursekit.checks import ladder, rung, toggles

from ._inputs import apart, image

# Twelve units at p = 0.5 are all kept, or all dropped, in ten calls: once in 2 ** 120 times.
CALLS = 10


@ladder(
    "dropout_forward_train",
    rung("a keep probability of a half", x=[[2, 2, 2, 2], [2, 2, 2, 2]], p=0.5),
    rung("a keep probability of a quarter", x=[[3, 3, 3, 3], [3, 3, 3, 3]], p=0.25),
    rung("negative numbers", x=[[-2, -2, -2], [-2, -2, -2]], p=0.5),
    rung("a keep probability of 1", x=[[3, 3]], p=1),
    rung("one axis", x=[3, 3, 3, 3, 3, 3], p=0.5),
    rung("four axes", x=image([3, 3, 3], [3, 3, 3]), p=0.5),
)
def forward(student, run, x, p):
    outs = [student.dropout_forward(x, {"mode": "train", "p": p})[0] for _ in range(CALLS)]
    return {
        "shape of out": str(np.shape(outs[0])),
        "what numbers become in ten calls": different(np.concatenate([*map(np.ravel, outs)])),
    }


@ladder("dropout_forward_train", rung("a seed", x=[2, 3, 4, 5, 6, 7, 8, 9], p=0.5, seed=5))
def forward_seeded(student, run, x, **dropout_param):
    dropout_param = {"mode": "train"} | dropout_param
    first, second = (student.dropout_forward(x, dropout_param)[0] for _ in range(2))
    return {"a first call, minus a second one": np.subtract(first, second)}


@ladder("dropout_forward_train", rung("many calls", x=[[2, 3, 4], [5, 6, 7]], p=0.5))
def forward_many(student, run, x, p):
    """Tell what is the same in 100 calls: for units on their own that is once in 2 ** 100 times."""
    param = {"mode": "train", "p": p}
    kept = np.array([student.dropout_forward(x, dict(param))[0] for _ in range(100)]) != 0
    return {
        "100 calls drop the same units": bool((kept == kept[0]).all()),
        "the units of a row fall together in 100 calls": bool((kept == kept[:, :, :1]).all()),
        "the units of a column fall together in 100 calls": bool((kept == kept[:, :1]).all()),
    }


@ladder(
    "dropout_forward_test",
    rung("a keep probability of a half", x=[[2, 3], [4, 5]], p=0.5),
    rung("a keep probability of a quarter", x=[[2, 3], [4, 5]], p=0.25),
    rung("negative numbers and zero", x=[[-2, 0, 4]], p=0.5),
    rung("one axis", x=[2, -3, 4], p=0.5),
    rung("four axes", x=image([2, -3], [4, 5]), p=0.5),
)
def forward_test(student, run, x, p):
    out, _ = student.dropout_forward(x, {"mode": "test", "p": p})
    return {"out": out}


@ladder(
    "dropout_backward_train",
    rung("a keep probability of a half", x=[[2, 2, 2], [2, 2, 2]], dout=[[3, 3, 3], [3, 3, 3]],
         p=0.5),
    rung("a keep probability of a quarter", x=[[2, 2, 2], [2, 2, 2]],
         dout=[[3, 3, 3], [3, 3, 3]], p=0.25),
    rung("negative gradients", x=[[2, 2, 2], [2, 2, 2]], dout=[[-3, -3, -3], [-3, -3, -3]],
         p=0.5),
    rung("one axis", x=[2, 2, 2, 2, 2, 2], dout=[3, 3, 3, 3, 3, 3], p=0.5),
    rung("four axes", x=image([2, 2, 2], [2, 2, 2]), dout=image([3, 3, 3], [3, 3, 3]), p=0.5),
)  # fmt: skip
def backward(student, run, x, dout, p, calls=1):
    """Tell what becomes of the gradients: where units were kept, and where they were dropped."""
    where_kept, where_dropped = [], []
    for _ in range(CALLS):
        out, cache = student.dropout_forward(x, {"mode": "train", "p": p})
        student.dropout_forward(x, {"mode": "train", "p": p})
        for _ in range(calls):
            dx = np.asarray(student.dropout_backward(dout, cache))
        kept = np.asarray(out) != 0
        where_kept.append(dx[kept])
        where_dropped.append(dx[~kept])
    return {
        "shape of dx": str(dx.shape),
        "dx where units were kept": different(np.concatenate(where_kept)),
        "dx where units were dropped": different(np.concatenate(where_dropped)),
    }


@ladder(
    "dropout_backward_train",
    rung("the same call a second time", x=[[2, 2, 2], [2, 2, 2]], dout=[[3, 3, 3], [3, 3, 3]],
         p=0.5),
)  # fmt: skip
def backward_twice(student, run, x, dout, p):
    return backward(student, run, x, dout, p, calls=2)


def different(numbers):
    """Return the numbers that occur, from the smallest on; a rounding error makes none of them."""
    return np.unique(np.round(np.asarray(numbers, np.float64), 9)) + 0.0


PLAIN = [{"shape": (4, 3), "p": 0.3}, {"shape": (3, 2, 2), "p": 0.7}]
PROPERTIES = {"p is a half": {"p": 0.5}, "x has two axes": {"shape": (3, 4)}}


@toggles(
    "dropout_forward_train",
    forward,
    plain=PLAIN,
    properties=PROPERTIES | {"p is 1": {"p": 1}},
)
def forward_draws(rng, shape, p):
    return {"x": apart(rng, 1) + 0 * apart(rng, *shape), "p": p}


@toggles(
    "dropout_forward_test",
    forward_test,
    plain=PLAIN,
    properties=PROPERTIES | {"p is 1": {"p": 1}, "no number in x is negative": {"positive": True}},
)
def forward_test_draws(rng, shape, p, positive=False):
    x = apart(rng, *shape)
    return {"x": np.abs(x) if positive else x, "p": p}


@toggles(
    "dropout_backward_train",
    backward,
    plain=PLAIN,
    properties=PROPERTIES | {"dout is positive": {"dsign": 1}},
)
def backward_draws(rng, shape, p, dsign=0):
    dout = apart(rng, 1) + 0 * apart(rng, *shape)
    return forward_draws(rng, shape, p) | {"dout": np.abs(dout) if dsign else dout}
