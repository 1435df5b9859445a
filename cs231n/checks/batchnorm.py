"""Checks of batch normalisation.

eps and the variance path show where variances are far from 1, so features spread from a thousandth
to twenty. The running statistics start from something, so that old and new cannot change places
unnoticed.
"""

import numpy as np

from .inputs import float32, fortran, gaps, spread
from .registry import check

WIDE = (0.1, 0.5, 1, 4, 20)
NARROW = (0.001, 0.003, 0.01, 0.03, 0.1)  # 0.003 squared is about the default eps
NOTEBOOK = "BatchNormalization"


@check(points=5, notebook=NOTEBOOK, blocks=["batchnorm_forward:train"], weights={"out": 2})
def batchnorm_forward_train(course, rng):
    """Normalisation by the minibatch, and the running statistics over several steps."""
    results = {}
    for case, x, gamma, beta, _, settings in draws(rng):
        with course.case(case, N=len(x), D=len(gamma)):
            out, _ = course.batchnorm_forward(x, gamma, beta, {"mode": "train"} | settings)
            results[f"out: {case}"] = out
    results |= _first_step(course, rng)
    results |= _three_steps(course, rng)
    with course.case("float32"):
        bn_param = {"mode": "train"}
        out, _ = course.batchnorm_forward(*float32(x, gamma, beta), bn_param)
        course.keeps_float32(
            "batchnorm_forward",
            out=out,
            running_mean=bn_param.get("running_mean"),
            running_var=bn_param.get("running_var"),
        )
    return results


@check(points=3, notebook=NOTEBOOK, blocks=["batchnorm_forward:test"], weights={"out": 3})
def batchnorm_forward_test(course, rng):
    """Normalisation by the running statistics, which a call at test time leaves as they are."""
    results = {}
    for case, x, gamma, beta, _, settings in draws(rng):
        statistics = _statistics(rng, x)
        with course.case(case, N=len(x), D=len(gamma)):
            bn_param = {"mode": "test"} | settings | statistics
            out, _ = course.batchnorm_forward(x, gamma, beta, bn_param)
            results[f"out: {case}"] = out
            results[f"running_mean: {case}"] = bn_param.get("running_mean")
            results[f"running_var: {case}"] = bn_param.get("running_var")
    with course.case("float32"):
        statistics = {name: array.astype(np.float32) for name, array in statistics.items()}
        bn_param = {"mode": "test"} | statistics
        out, _ = course.batchnorm_forward(*float32(x, gamma, beta), bn_param)
        course.keeps_float32("batchnorm_forward at test time", out=out)
    return results | _train_test_train(course, rng)


@check(points=5, notebook=NOTEBOOK, weights={"dx": 3})
def batchnorm_backward(course, rng):
    """The gradients by way of the computation graph."""
    return _backward(course, rng, "batchnorm_backward")


@check(points=3, notebook=NOTEBOOK, weights={"dx": 4})
def batchnorm_backward_alt(course, rng):
    """The gradients in closed form, by work of its own."""
    with course.without("batchnorm_backward"):
        return _backward(course, rng, "batchnorm_backward_alt")


def draws(rng):
    """Yield (case, x, gamma, beta, dout, settings): settings are those keys that a case sets."""
    cases = {
        "features of different spread": (7, WIDE, {}),
        "variances as small as eps": (6, NARROW, {}),
        "eps of 0.5": (4, WIDE, {"eps": 0.5}),
        "as many examples as features": (5, WIDE, {}),
        "one example": (1, WIDE, {}),
        "a feature that is constant": (6, (0, 0.5, 1, 4, 9), {}),
    }
    for case, (N, deviations, settings) in cases.items():
        x = spread(rng, N, deviations)
        gamma, beta = rng.standard_normal((2, len(deviations)))
        dout = rng.standard_normal(x.shape)
        yield case, x, gamma, beta, dout, settings
    yield "numbers apart in memory", gaps(x), gaps(gamma), beta, fortran(dout), {}


def backward_passes(course, rng, forward, backward):
    """Run `backward` on its own, then twice in turn with another, as layers of a net do.

    `forward(x, gamma, beta, settings)` returns out and cache, `backward(dout, cache)` the three
    gradients.
    """
    results = {}
    for case, x, gamma, beta, dout, settings in draws(rng):
        with course.case(case, N=len(x), D=len(gamma)):
            out, cache = forward(x, gamma, beta, settings)
            course.premise(out)
            results |= _named(case, backward(dout, cache))
    first, second = _layer(rng), _layer(rng)
    with course.case("two layers in turn", N=5, D=4):
        _, first_cache = forward(*first[:3], {})
        _, second_cache = forward(*second[:3], {})
        backward(second[3], second_cache)
        results |= _named("two layers in turn", backward(first[3], first_cache))
        results |= _named("called a second time", backward(first[3], first_cache))
    return results


def _backward(course, rng, name):
    backward = getattr(course, name)

    def forward(x, gamma, beta, settings):
        return course.batchnorm_forward(x, gamma, beta, {"mode": "train"} | settings)

    results = backward_passes(course, rng, forward, backward)
    x, gamma, beta, dout = float32(*_layer(rng))
    with course.case("float32"):
        _, cache = forward(x, gamma, beta, {})
        dx, dgamma, dbeta = backward(dout, cache)
        course.keeps_float32(name, dx=dx, dgamma=dgamma, dbeta=dbeta)
    return results


def _layer(rng):
    """Draw x, gamma, beta and dout of an unremarkable layer."""
    x, dout = rng.standard_normal((2, 5, 4))
    gamma, beta = rng.standard_normal((2, 4))
    return 2 * x + 1, gamma, beta, dout


def _named(case, gradients):
    dx, dgamma, dbeta = gradients
    return {f"dx: {case}": dx, f"dgamma: {case}": dgamma, f"dbeta: {case}": dbeta}


def _first_step(course, rng):
    """Return the running statistics after one step from nothing, with every setting left open."""
    x, gamma, beta, _ = _layer(rng)
    bn_param = {"mode": "train"}
    with course.case("after the first step", N=5, D=4):
        course.batchnorm_forward(x, gamma, beta, bn_param)
        return _running(bn_param, "after the first step")
    return {}


def _three_steps(course, rng):
    """Return the running statistics after three steps with a momentum of 0.3."""
    minibatches = [spread(rng, 6, WIDE) for _ in range(3)]
    gamma, beta = rng.standard_normal((2, 5))
    bn_param = {"mode": "train", "momentum": 0.3} | _statistics(rng, minibatches[0])
    with course.case("after three steps", N=6, D=5):
        for x in minibatches:
            course.batchnorm_forward(x, gamma, beta, bn_param)
        return _running(bn_param, "after three steps")
    return {}


def _train_test_train(course, rng):
    """Return what a step of training, a call at test time and another step leave behind."""
    first, unseen, last = (spread(rng, 6, WIDE) for _ in range(3))
    gamma, beta = rng.standard_normal((2, 5))
    bn_param = {"mode": "train"}
    with course.case("after training", N=6, D=5):
        course.batchnorm_forward(first, gamma, beta, bn_param)
        bn_param["mode"] = "test"
        out, _ = course.batchnorm_forward(unseen, gamma, beta, bn_param)
        bn_param["mode"] = "train"
        course.batchnorm_forward(last, gamma, beta, bn_param)
        return {
            "after training: out": out,
            "after training: running_mean": bn_param.get("running_mean"),
            "after training: running_var": bn_param.get("running_var"),
        }
    return {}


def _statistics(rng, x):
    """Draw running statistics for the features of x: one variance is 0, one as small as eps."""
    D = x.shape[1]
    running_var = rng.uniform(0.5, 4, D)
    running_var[:2] = 0, 1e-6
    return {"running_mean": rng.standard_normal(D), "running_var": running_var}


def _running(bn_param, case):
    return {
        f"running_mean: {case}": bn_param.get("running_mean"),
        f"running_var: {case}": bn_param.get("running_var"),
    }
