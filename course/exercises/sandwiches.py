"""Checks of the sandwiches that students write: affine, a normalisation, relu."""

import numpy as np

from coursekit.checks import check

from ._inputs import float32, spread

NOTEBOOK = "BatchNormalization"
N, D, M = 6, 4, 3


@check(
    points=1,
    notebook=NOTEBOOK,
    hints=[
        "Three calls, in the order of the name.",
        "What one layer hands on is what the next one takes. The dictionary of settings goes to "
        "the middle one as it is.",
        "Keep all three caches together, in an order that you will find again.",
    ],
)
def affine_bn_relu_forward(student, run):
    """Affine, batch normalisation and relu, at training and at test time."""
    x, w, b, gamma, beta, _ = _draws(run.rng)
    bn_param = {"mode": "train", "momentum": 0.3}
    results = {}
    with run.case("training", N=N, D=D, M=M):
        out, _ = student.affine_bn_relu_forward(x, w, b, gamma, beta, bn_param)
        results["out: training"] = out
        results["running statistics: mean"] = bn_param.get("running_mean")
        results["running statistics: variance"] = bn_param.get("running_var")
    with run.case("test time", N=N, D=D, M=M):
        bn_param["mode"] = "test"
        out, _ = student.affine_bn_relu_forward(x, w, b, gamma, beta, bn_param)
        results["out: test time"] = out
    return results


@check(
    points=1,
    notebook=NOTEBOOK,
    hints=[
        "Three calls, in the reverse of the order of the name.",
        "Each call gets the gradient that the one before handed back, and the cache of its own "
        "layer.",
        "The middle one hands back three gradients and the affine one three. Which of these six "
        "is passed on, and which five are returned?",
    ],
)
def affine_bn_relu_backward(student, run):
    """The five gradients of affine, batch normalisation and relu."""
    return _backward(student, run, "affine_bn_relu", {"mode": "train"})


@check(
    points=1,
    notebook=NOTEBOOK,
    hints=[
        "Three calls, in the order of the name.",
        "What one layer hands on is what the next one takes. The dictionary of settings goes to "
        "the middle one as it is.",
        "Replace the normalisation; nothing else changes.",
    ],
)
def affine_ln_relu_forward(student, run):
    """Affine, layer normalisation and relu, with the settings handed on."""
    x, w, b, gamma, beta, _ = _draws(run.rng)
    results = {}
    for case, ln_param in {"defaults": {}, "eps of 0.5": {"eps": 0.5}}.items():
        with run.case(case, N=N, D=D, M=M):
            out, _ = student.affine_ln_relu_forward(x, w, b, gamma, beta, ln_param)
            results[f"out: {case}"] = out
    return results


@check(
    points=1,
    notebook=NOTEBOOK,
    hints=[
        "Three calls, in the reverse of the order of the name.",
        "Each call gets the gradient that the one before handed back, and the cache of its own "
        "layer.",
        "The middle one hands back three gradients and the affine one three. Which of these six "
        "is passed on, and which five are returned?",
    ],
)
def affine_ln_relu_backward(student, run):
    """The five gradients of affine, layer normalisation and relu."""
    return _backward(student, run, "affine_ln_relu", {})


def _backward(student, run, name, norm_param):
    x, w, b, gamma, beta, dout = _draws(run.rng)
    forward, backward = f"{name}_forward", f"{name}_backward"
    gradients = ("dx", "dw", "db", "dgamma", "dbeta")
    results = {}

    def again(*inputs):
        return getattr(student, forward)(*inputs, dict(norm_param))

    with run.case("defaults", N=N, D=D, M=M):
        out, cache = getattr(student, forward)(x, w, b, gamma, beta, dict(norm_param))
        run.starts_from(out)
        for time in ("first call", "second call"):
            dx, dw, db, dgamma, dbeta = getattr(student, backward)(dout, cache)
            arrays = zip(gradients, (dx, dw, db, dgamma, dbeta), strict=True)
            results |= {f"{gradient}: {time}": array for gradient, array in arrays}
            inputs = zip(gradients, (x, w, b, gamma, beta), strict=True)
            named = {f"{gradient}: {time}": array for gradient, array in inputs}
            run.probe(again, dout, named)
    with run.case("float32"):
        inputs = float32(x, w, b, gamma, beta)
        _, cache = getattr(student, forward)(*inputs, dict(norm_param))
        arrays = zip(gradients, getattr(student, backward)(*float32(dout), cache), strict=True)
        run.keeps_float32(backward, **dict(arrays))
    return results


def _draws(rng):
    """Draw x of shape (N, 2, 2), w, b, gamma, beta and dout.

    gamma is positive and beta small beside it: so relu has numbers of both signs in each row to
    work on, whatever the seed.
    """
    x = spread(rng, N, (0.5, 1, 2, 4)).reshape(N, 2, 2)
    w, dout = rng.standard_normal((D, M)), rng.standard_normal((N, M))
    b, gamma, beta = rng.standard_normal((3, M))
    gamma, beta = 1 + np.abs(gamma), beta / 8
    return x, w, b, gamma, beta, dout
