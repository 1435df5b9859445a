"""Checks of batch and group normalisation of images.

Channels differ in mean and in spread, so that no channel can stand in for another.
"""

import numpy as np

from .inputs import float32, fortran, gaps
from .registry import check

NOTEBOOK = "ConvolutionalNetworks"
DEVIATIONS = (0.01, 0.3, 1, 2, 5, 20)


@check(points=3, notebook=NOTEBOOK, weights={"out": 3})
def spatial_batchnorm_forward(course, rng):
    """Normalisation of each channel over examples and positions, at training and test time."""
    results = {}
    for case, x, gamma, beta, _, settings in _batch_draws(rng):
        bn_param = {"mode": "train", "momentum": 0.3} | settings | _statistics(rng, x.shape[1])
        with course.case(case, **_sizes(x)):
            for step in ("first", "second"):
                out, _ = course.spatial_batchnorm_forward(x, gamma, beta, bn_param)
                results[f"out: {case}, {step} step"] = out
            results[f"running_mean: {case}"] = bn_param.get("running_mean")
            results[f"running_var: {case}"] = bn_param.get("running_var")
    bn_param = {"mode": "test"} | _statistics(rng, x.shape[1])
    with course.case("test time", **_sizes(x)):
        out, _ = course.spatial_batchnorm_forward(x, gamma, beta, bn_param)
        results["test time: out"] = out
        results["test time: running_mean"] = bn_param.get("running_mean")
    with course.case("float32"):
        out, _ = course.spatial_batchnorm_forward(*float32(x, gamma, beta), {"mode": "train"})
        course.keeps_float32("spatial_batchnorm_forward", out=out)
    return results


@check(points=2, notebook=NOTEBOOK, weights={"dx": 2})
def spatial_batchnorm_backward(course, rng):
    """The gradients of spatial batch normalisation."""
    results = {}
    for case, x, gamma, beta, dout, settings in _batch_draws(rng):
        with course.case(case, **_sizes(x)):
            bn_param = {"mode": "train"} | settings
            out, cache = course.spatial_batchnorm_forward(x, gamma, beta, bn_param)
            course.premise(out)
            results |= _named(case, course.spatial_batchnorm_backward(dout, cache))
            again = course.spatial_batchnorm_backward(dout, cache)
            results |= _named(f"{case}, a second time", again)
    with course.case("float32"):
        x, gamma, beta, dout = float32(x, gamma, beta, dout)
        _, cache = course.spatial_batchnorm_forward(x, gamma, beta, {"mode": "train"})
        dx, dgamma, dbeta = course.spatial_batchnorm_backward(dout, cache)
        course.keeps_float32("spatial_batchnorm_backward", dx=dx, dgamma=dgamma, dbeta=dbeta)
    return results


@check(points=4, notebook=NOTEBOOK, weights={"out": 3})
def spatial_groupnorm_forward(course, rng):
    """Normalisation of groups of neighbouring channels, from one group to one for each channel."""
    results = {}
    for case, x, gamma, beta, _, G, gn_param in _group_draws(rng):
        with course.case(case, **_sizes(x), G=G):
            results[case], _ = course.spatial_groupnorm_forward(x, gamma, beta, G, gn_param)
    with course.case("float32"):
        out, _ = course.spatial_groupnorm_forward(*float32(x, gamma, beta), G, {})
        course.keeps_float32("spatial_groupnorm_forward", out=out)
    return {_entry("out", case): out for case, out in results.items()}


@check(points=3, notebook=NOTEBOOK, weights={"dx": 3})
def spatial_groupnorm_backward(course, rng):
    """The gradients of group normalisation, in the shapes of x, gamma and beta."""
    results = {}
    for case, x, gamma, beta, dout, G, gn_param in _group_draws(rng):
        with course.case(case, **_sizes(x), G=G):
            out, cache = course.spatial_groupnorm_forward(x, gamma, beta, G, gn_param)
            course.premise(out)
            results |= _named(case, course.spatial_groupnorm_backward(dout, cache))
    with course.case("called a second time", **_sizes(x), G=G):
        _, cache = course.spatial_groupnorm_forward(x, gamma, beta, G, gn_param)
        course.spatial_groupnorm_backward(dout, cache)
        again = course.spatial_groupnorm_backward(dout, cache)
        results |= _named("called a second time", again)
    with course.case("float32"):
        _, cache = course.spatial_groupnorm_forward(*float32(x, gamma, beta), G, {})
        dx, dgamma, dbeta = course.spatial_groupnorm_backward(*float32(dout), cache)
        course.keeps_float32("spatial_groupnorm_backward", dx=dx, dgamma=dgamma, dbeta=dbeta)
    return results


def _batch_draws(rng):
    """Yield (case, x, gamma, beta, dout, settings)."""
    cases = {
        "channels of different spread": ((2, 6, 4, 5), {}),
        "eps of 0.5": ((3, 4, 2, 5), {"eps": 0.5}),
        "one image": ((1, 3, 4, 2), {}),
    }
    for case, (shape, settings) in cases.items():
        C = shape[1]
        x, dout = _images(rng, shape), rng.standard_normal(shape)
        gamma, beta = rng.standard_normal((2, C))
        yield case, x, gamma, beta, dout, settings
    x, dout = _images(rng, shape), rng.standard_normal(shape)
    yield "numbers apart in memory", gaps(fortran(x)), gamma, gaps(beta), fortran(dout), {}


def _group_draws(rng):
    """Yield (case, x, gamma, beta, dout, G, gn_param)."""
    cases = {
        "G = 2": ((4, 6, 5, 7), 2, {}),
        "G = 3": ((2, 6, 4, 5), 3, {}),
        "G = 1": ((2, 4, 3, 5), 1, {}),
        "G = C": ((2, 3, 4, 5), 3, {"mode": "train"}),
        "eps of 0.5": ((2, 4, 3, 5), 2, {"eps": 0.5}),
        "variances as small as eps": ((2, 4, 3, 5), 2, {}),
        "one image": ((1, 4, 3, 2), 2, {}),
        "gamma and beta of shape (C,)": ((3, 4, 2, 5), 2, {}),
    }
    for case, (shape, G, gn_param) in cases.items():
        C = shape[1]
        x, dout = _images(rng, shape), rng.standard_normal(shape)
        if case == "variances as small as eps":
            x = 0.003 * rng.standard_normal(shape)
        gamma, beta = rng.standard_normal((2, 1, C, 1, 1))
        if case == "gamma and beta of shape (C,)":
            gamma, beta = gamma.reshape(C), beta.reshape(C)
        yield case, x, gamma, beta, dout, G, gn_param
    gamma, beta = rng.standard_normal((2, 1, C, 1, 1))
    x, dout = _images(rng, shape), rng.standard_normal(shape)
    yield "numbers apart in memory", gaps(fortran(x)), gamma, beta, fortran(dout), G, {}


def _images(rng, shape):
    """Draw images whose channels have means and deviations of their own."""
    C = shape[1]
    means = 3 * rng.standard_normal((C, 1, 1))
    return means + rng.standard_normal(shape) * np.reshape(DEVIATIONS[:C], (C, 1, 1))


def _statistics(rng, C):
    return {"running_mean": rng.standard_normal(C), "running_var": rng.uniform(0.5, 4, C)}


def _sizes(x):
    return dict(zip("NCHW", x.shape, strict=True))


def _named(case, gradients):
    dx, dgamma, dbeta = gradients
    return {
        _entry("dx", case): dx,
        _entry("dgamma", case): dgamma,
        _entry("dbeta", case): dbeta,
    }


def _entry(array, case):
    """Name an entry: the second of the two shapes that gamma may have is a group of its own."""
    return f"{case}: {array}" if case.startswith("gamma") else f"{array}: {case}"
