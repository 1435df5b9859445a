"""Small examples of the sandwiches that students write, and what their mistakes may hang on."""

import numpy as np

from coursekit.checks import ladder, rung, toggles

from .batchnorm import EPS, running

PLUS_MINUS = {"x": [[-1], [1]], "w": [[1]], "b": [0]}
ROW = {"x": [[1]], "w": [[-1, 3]], "b": [0, 0]}


def _forward(name):
    def forward(student, run, x, w, b, gamma, beta, **settings):
        out, _ = getattr(student, f"{name}_forward")(x, w, b, gamma, beta, settings)
        return {"out": out} | running(settings)

    return forward


def _backward(name, calls=1):
    def backward(student, run, x, w, b, gamma, beta, dout, **settings):
        arrays = (x, w, b, gamma, beta)
        out, cache = getattr(student, f"{name}_forward")(*arrays, settings)
        run.starts_from(out)
        for _ in range(calls):
            dx, dw, db, dgamma, dbeta = getattr(student, f"{name}_backward")(dout, cache)
        return {"dx": dx, "dw": dw, "db": db, "dgamma": dgamma, "dbeta": dbeta}

    return backward


bn_forward = ladder(
    "affine_bn_relu_forward",
    rung("two examples", mode="train", **PLUS_MINUS, gamma=[4], beta=[0], eps=3),
    rung("a shift", mode="train", **PLUS_MINUS, gamma=[4], beta=[5], eps=3),
    rung("a weight", mode="train", x=[[1], [2]], w=[[-6]], b=[1], gamma=[5], beta=[1], eps=16),
    rung("two units", mode="train", x=[[1], [3]], w=[[1, -1]], b=[5, 6], gamma=[2, 4], beta=[3, 1],
         eps=3),
    rung("running averages and a momentum of a half", mode="train", **PLUS_MINUS, gamma=[4],
         beta=[1], eps=3, momentum=0.5, running_mean=[4], running_var=[9]),
    rung("test time", mode="test", x=[[3]], w=[[2]], b=[1], gamma=[4], beta=[1], eps=3,
         running_mean=[5], running_var=[1]),
    rung("examples of two axes", mode="train", x=[[[1], [2]], [[0], [5]]], w=[[1], [2]], b=[0],
         gamma=[2], beta=[1]),
)(_forward("affine_bn_relu"))  # fmt: skip

BACKWARD = [
    rung("two examples", mode="train", **PLUS_MINUS, gamma=[4], beta=[3], dout=[[8], [0]], eps=3),
    rung("a unit that is off for one example", mode="train", **PLUS_MINUS, gamma=[4], beta=[0],
         dout=[[8], [4]], eps=3),
    rung("a weight", mode="train", x=[[1], [2]], w=[[-6]], b=[1], gamma=[5], beta=[4],
         dout=[[0], [10]], eps=16),
    rung("examples of two axes", mode="train", x=[[[1], [2]]] * 2, w=[[1], [2]], b=[0],
         gamma=[2], beta=[1], dout=[[3], [1]]),
]  # fmt: skip
UNEQUAL = [
    rung("three examples", mode="train", x=[[0], [3], [6]], w=[[1]], b=[2], gamma=[3], beta=[5],
         dout=[[9], [0], [3]], eps=3),
]  # fmt: skip
TWICE = rung("the same call a second time", mode="train", x=[[0], [3], [6]], w=[[1]], b=[2],
             gamma=[3], beta=[5], dout=[[9], [0], [3]], eps=3)  # fmt: skip
bn_backward = ladder("affine_bn_relu_backward", *BACKWARD, *UNEQUAL)(_backward("affine_bn_relu"))
bn_backward_twice = ladder("affine_bn_relu_backward", TWICE)(_backward("affine_bn_relu", calls=2))

ln_forward = ladder(
    "affine_ln_relu_forward",
    rung("two units", **ROW, gamma=[2, 4], beta=[3, 1], eps=12),
    rung("a unit that is off", **ROW, gamma=[4, 2], beta=[0, 0], eps=12),
    rung("biases", x=[[1]], w=[[-1, 3]], b=[5, 1], gamma=[4, 2], beta=[3, 1], eps=12),
    rung("two examples", x=[[1], [2]], w=[[-1, 3]], b=[5, 1], gamma=[4, 2], beta=[3, 1]),
    rung("an example of two axes", x=[[[1], [2]]], w=[[1, 2], [3, -1]], b=[0, 1], gamma=[2, 1],
         beta=[1, 3]),
)(_forward("affine_ln_relu"))  # fmt: skip

LN_BACKWARD = [
    rung("two units", **ROW, gamma=[4, 2], beta=[5, 1], dout=[[8, 0]], eps=12),
    rung("a unit that is off", **ROW, gamma=[4, 2], beta=[0, 1], dout=[[8, 4]], eps=12),
    rung("biases", x=[[2]], w=[[-1, 3]], b=[5, 1], gamma=[4, 2], beta=[5, 6], dout=[[1, 3]],
         eps=12),
    rung("two examples", x=[[1], [3]], w=[[-1, 3]], b=[0, 1], gamma=[4, 2], beta=[7, 6],
         dout=[[1, 3], [0, 2]]),
    rung("an example of two axes", x=[[[1], [2]]], w=[[1, 2], [3, -1]], b=[0, 1], gamma=[2, 1],
         beta=[5, 3], dout=[[1, 3]]),
]  # fmt: skip
LN_TWICE = rung("the same call a second time", **ROW, gamma=[4, 2], beta=[5, 1], dout=[[8, 0]],
                eps=12)  # fmt: skip
ln_backward = ladder("affine_ln_relu_backward", *LN_BACKWARD)(_backward("affine_ln_relu"))
ln_backward_twice = ladder("affine_ln_relu_backward", LN_TWICE)(
    _backward("affine_ln_relu", calls=2)
)


PROPERTIES = EPS | {
    "gamma is 1": {"gamma": 1},
    "beta is 0": {"beta": 0},
    "b is 0": {"b": 0},
    "nothing is below 0 before relu": {"beta": 50},
    "an example has one axis": {"axes": (4,)},
}
PLAIN = [
    {"N": 6, "axes": (2, 2), "M": 3, "eps": 0.3},
    {"N": 5, "axes": (3, 1, 2), "M": 4, "eps": 0.7},
]
TRAIN = [each | {"mode": "train"} for each in PLAIN]


def _draws(rng, N, axes, M, eps, gamma=None, beta=None, b=1, **settings):
    """Draw inputs of which relu lets about half through; gamma and beta may be given as a number.

    beta of 50 lets all of them through.
    """
    D = int(np.prod(axes))
    drawn = rng.uniform(1.5, 3, M), rng.standard_normal(M) / 2
    return {
        "x": 2 * rng.standard_normal((N, *axes)),
        "w": rng.standard_normal((D, M)),
        "b": b * rng.standard_normal(M),
        "gamma": drawn[0] if gamma is None else 0 * drawn[0] + gamma,
        "beta": drawn[1] if beta is None else drawn[1] * min(beta, 1) + beta,
        "eps": eps,
    } | settings


def _with_dout(rng, N, M, **parameters):
    return _draws(rng, N=N, M=M, **parameters) | {"dout": rng.standard_normal((N, M))}


def _train_and_test(student, run, x, w, b, gamma, beta, **settings):
    bn_param = {"mode": "train"} | settings
    out, _ = student.affine_bn_relu_forward(x, w, b, gamma, beta, bn_param)
    bn_param["mode"] = "test"
    test, _ = student.affine_bn_relu_forward(x, w, b, gamma, beta, bn_param)
    return {"out": out, "out at test time": test} | running(bn_param)


bn_forward_toggles = toggles(
    "affine_bn_relu_forward",
    _train_and_test,
    plain=[each | {"momentum": 0.3 + number / 3} for number, each in enumerate(PLAIN)],
    properties=PROPERTIES | {"momentum is 0.9, as it is by default": {"momentum": 0.9}},
)(_draws)
bn_backward_toggles = toggles(
    "affine_bn_relu_backward", bn_backward_twice, plain=TRAIN, properties=PROPERTIES
)(_with_dout)
ln_forward_toggles = toggles(
    "affine_ln_relu_forward", ln_forward, plain=PLAIN, properties=PROPERTIES
)(_draws)
ln_backward_toggles = toggles(
    "affine_ln_relu_backward", ln_backward_twice, plain=PLAIN, properties=PROPERTIES
)(_with_dout)
