"""Checks of the sandwiches that students write: affine, a normalisation, relu."""

import numpy as np

from .inputs import float32, spread
from .registry import check

NOTEBOOK = "BatchNormalization"
N, D, M = 6, 4, 3


@check(points=1, notebook=NOTEBOOK)
def affine_bn_relu_forward(course, rng):
    """Affine, batch normalisation and relu, at training and at test time."""
    x, w, b, gamma, beta, _ = _draws(rng)
    bn_param = {"mode": "train", "momentum": 0.3}
    results = {}
    with course.case("training", N=N, D=D, M=M):
        out, _ = course.affine_bn_relu_forward(x, w, b, gamma, beta, bn_param)
        results["out: training"] = out
        results["running statistics: mean"] = bn_param.get("running_mean")
        results["running statistics: variance"] = bn_param.get("running_var")
    with course.case("test time", N=N, D=D, M=M):
        bn_param["mode"] = "test"
        out, _ = course.affine_bn_relu_forward(x, w, b, gamma, beta, bn_param)
        results["out: test time"] = out
    return results


@check(points=1, notebook=NOTEBOOK)
def affine_bn_relu_backward(course, rng):
    """The five gradients of affine, batch normalisation and relu."""
    return _backward(course, rng, "affine_bn_relu", {"mode": "train"})


@check(points=1, notebook=NOTEBOOK)
def affine_ln_relu_forward(course, rng):
    """Affine, layer normalisation and relu, with the settings handed on."""
    x, w, b, gamma, beta, _ = _draws(rng)
    results = {}
    for case, ln_param in {"defaults": {}, "eps of 0.5": {"eps": 0.5}}.items():
        with course.case(case, N=N, D=D, M=M):
            out, _ = course.affine_ln_relu_forward(x, w, b, gamma, beta, ln_param)
            results[f"out: {case}"] = out
    return results


@check(points=1, notebook=NOTEBOOK)
def affine_ln_relu_backward(course, rng):
    """The five gradients of affine, layer normalisation and relu."""
    return _backward(course, rng, "affine_ln_relu", {})


def _backward(course, rng, name, norm_param):
    x, w, b, gamma, beta, dout = _draws(rng)
    forward, backward = f"{name}_forward", f"{name}_backward"
    gradients = ("dx", "dw", "db", "dgamma", "dbeta")
    results = {}
    with course.case("defaults", N=N, D=D, M=M):
        out, cache = getattr(course, forward)(x, w, b, gamma, beta, dict(norm_param))
        course.premise(out)
        for time in ("first call", "second call"):
            dx, dw, db, dgamma, dbeta = getattr(course, backward)(dout, cache)
            arrays = zip(gradients, (dx, dw, db, dgamma, dbeta), strict=True)
            results |= {f"{gradient}: {time}": array for gradient, array in arrays}
    with course.case("float32"):
        inputs = float32(x, w, b, gamma, beta)
        _, cache = getattr(course, forward)(*inputs, dict(norm_param))
        arrays = zip(gradients, getattr(course, backward)(*float32(dout), cache), strict=True)
        course.keeps_float32(backward, **dict(arrays))
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
