"""Small examples of the rectified linear unit, and what its mistakes may hang on."""

import numpy as np

from coursekit.checks import ladder, rung, toggles

from ..exercises._inputs import gaps
from ._inputs import apart, image


@ladder(
    "relu_forward",
    rung("a positive number", x=[3]),
    rung("a negative number", x=[-2]),
    rung("zero", x=[0]),
    rung("a large number", x=[100]),
    rung("numbers of both signs", x=[-1, 2, -3, 4]),
    rung("two axes", x=[[-1, 2, 5], [3, -4, -6]]),
    rung("four axes", x=image([-1, 2], [3, -4])),
)
def forward(student, run, x):
    out, _ = student.relu_forward(x)
    return {"out": out}


@ladder(
    "relu_forward",
    rung("numbers that are apart in memory", x=[[-1, 2], [3, -4]]),
)
def forward_apart(student, run, x):
    return forward(student, run, gaps(x))


@ladder(
    "relu_backward",
    rung("a positive number", x=[3], dout=[5]),
    rung("a negative number", x=[-2], dout=[5]),
    rung("a negative gradient", x=[3], dout=[-5]),
    rung("both negative", x=[-2], dout=[-5]),
    rung("a large number", x=[100], dout=[5]),
    rung("numbers of both signs", x=[-1, 2, -3, 4], dout=[5, 6, -7, -8]),
    rung("two axes", x=[[-1, 2, 5], [3, -4, -6]], dout=[[1, 2, 3], [4, 5, 6]]),
    rung("four axes", x=image([-1, 2], [3, -4]), dout=image([5, -6], [-7, 8])),
)
def backward(student, run, x, dout):
    return {"dx": student.relu_backward(dout, x)}


@ladder(
    "relu_backward",
    rung("numbers that are apart in memory", x=[[-1, 2], [3, -4]], dout=[[5, -6], [-7, 8]]),
)
def backward_apart(student, run, x, dout):
    return backward(student, run, gaps(x), gaps(dout))


PLAIN = [{"shape": (3, 4, 2)}, {"shape": (2, 5, 3, 2)}]
PROPERTIES = {
    "x has two axes": {"shape": (4, 5)},
    "no number in x is negative": {"sign": 1},
    "no number in x is larger than 1": {"size": 0.3},
}


@toggles("relu_forward", forward, plain=PLAIN, properties=PROPERTIES)
def forward_draws(rng, shape, sign=0, size=1.0):
    x = size * apart(rng, *shape)
    return {"x": np.abs(x) if sign else x}


@toggles(
    "relu_backward",
    backward,
    plain=PLAIN,
    properties=PROPERTIES | {"no number in dout is negative": {"dsign": 1}},
)
def backward_draws(rng, shape, sign=0, size=1.0, dsign=0):
    dout = apart(rng, *shape)
    return forward_draws(rng, shape, sign, size) | {"dout": np.abs(dout) if dsign else dout}
