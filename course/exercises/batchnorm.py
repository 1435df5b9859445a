"""Checks of batch normalisation.

eps and the variance path show where variances are far from 1, so features spread from a thousandth
to twenty. The running statistics start from something, so that old and new cannot change places
unnoticed.
"""

from functools import partial

import numpy as np

from coursekit.checks import check

from ._inputs import entries, entry, float32, fortran, gaps, spread

WIDE = (0.1, 0.5, 1, 4, 20)
NARROW = (0.001, 0.003, 0.01, 0.03, 0.1)  # 0.003 squared is about the default eps
NOTEBOOK = "BatchNormalization"


@check(
    points=5,
    notebook=NOTEBOOK,
    blocks=["batchnorm_forward:train"],
    main={"out": 4, "running_mean": 1, "running_var": 1},
    hints=[
        "What is the shape of the mean: one number for each example, or one for each feature?",
        "Take the worked example of the notebook, four numbers in one feature, and print what you "
        "have after each line: mean, variance, standard deviation, normalised values.",
        "The variance is the mean of squared distances, over N. The small number is added to it "
        "before the root is taken. Scale and shift come last, and the running averages are mixed "
        "from their old value and the minibatch's.",
    ],
)
def batchnorm_forward_train(student, run):
    """Normalisation by the minibatch, and the running statistics over several steps."""
    results = {}
    for case, x, gamma, beta, _, settings in draws(run.rng):
        with run.case(case, N=len(x), D=len(gamma)):
            out, _ = student.batchnorm_forward(x, gamma, beta, {"mode": "train"} | settings)
            results[entry("out", case)] = out
    results |= _first_step(student, run)
    results |= _three_steps(student, run)
    with run.case("float32"):
        bn_param = {"mode": "train"}
        out, _ = student.batchnorm_forward(*float32(x, gamma, beta), bn_param)
        run.keeps_float32(
            "batchnorm_forward",
            out=out,
            running_mean=bn_param.get("running_mean"),
            running_var=bn_param.get("running_var"),
        )
    return results


@check(
    points=3,
    notebook=NOTEBOOK,
    blocks=["batchnorm_forward:test"],
    main=["out"],
    hints=[
        "Which numbers stand in for the mean and the variance of the minibatch?",
        "It is the forward pass of training with other statistics, and nothing is updated. One "
        "example alone must work.",
        "Take away the running mean, divide by the root of the running variance and the same "
        "small number as in training, then scale and shift.",
    ],
)
def batchnorm_forward_test(student, run):
    """Normalisation by the running statistics, which a call at test time leaves as they are."""
    results = {}
    for case, x, gamma, beta, _, settings in draws(run.rng):
        statistics = _statistics(run.rng, x)
        with run.case(case, N=len(x), D=len(gamma)):
            bn_param = {"mode": "test"} | settings | statistics
            out, _ = student.batchnorm_forward(x, gamma, beta, bn_param)
            results[entry("out", case)] = out
            results[f"running_mean: {case}"] = bn_param.get("running_mean")
            results[f"running_var: {case}"] = bn_param.get("running_var")
    with run.case("float32"):
        statistics = {name: array.astype(np.float32) for name, array in statistics.items()}
        bn_param = {"mode": "test"} | statistics
        out, _ = student.batchnorm_forward(*float32(x, gamma, beta), bn_param)
        run.keeps_float32("batchnorm_forward at test time", out=out)
    return results | _train_test_train(student, run)


@check(
    points=5,
    notebook=NOTEBOOK,
    main={"dx": 3, "dgamma": 1, "dbeta": 1},
    hints=[
        "Write the forward pass as operations so simple that each has one line of derivative: the"
        " notebook has the graph.",
        "Go through it from the end. Where a value went two ways, its gradients from both are "
        "added; where one number served all examples, the gradients of all examples are summed.",
        "Test it step by step with four examples and one feature, where the notebook gives the "
        "gradient of every box. The distances from the mean are in two paths, and x is in two as "
        "well.",
    ],
)
def batchnorm_backward(student, run):
    """The gradients by way of the computation graph."""
    return _backward(student, run, "batchnorm_backward")


@check(
    points=3,
    notebook=NOTEBOOK,
    main={"dx": 4, "dgamma": 1, "dbeta": 1},
    hints=[
        "On paper first: put the lines of the graph into one another, and look for sums that are "
        "zero.",
        "What is left is the incoming gradient less two things: its mean, and the normalised "
        "values times the mean of its product with them.",
        "Both means are at hand already, since the gradients of shift and scale are sums over the "
        "same. All of it is multiplied by the scale over the standard deviation, feature by "
        "feature.",
    ],
)
def batchnorm_backward_alt(student, run):
    """The gradients in closed form, by work of its own."""
    with run.disabled("batchnorm_backward"):
        return _backward(student, run, "batchnorm_backward_alt")


def draws(rng):
    """Yield (case, x, gamma, beta, dout, settings): settings are those keys that a case sets."""
    cases = {
        "features of different spread": (7, WIDE, {}),
        "variances as small as eps": (6, NARROW, {}),
        "eps of 0.5": (4, WIDE, {"eps": 0.5}),
        "as many examples as features": (5, WIDE, {}),
        "one example": (1, WIDE, {}),
        "one feature": (5, WIDE[3:4], {}),
        "a feature that is constant": (6, (0, 0.5, 1, 4, 9), {}),
    }
    for case, (N, deviations, settings) in cases.items():
        x = spread(rng, N, deviations)
        gamma, beta = rng.standard_normal((2, len(deviations)))
        dout = rng.standard_normal(x.shape)
        yield case, x, gamma, beta, dout, settings
    yield "x is not contiguous", gaps(x), gaps(gamma), beta, fortran(dout), {}


def backward_passes(run, forward, backward):
    """Run `backward` on its own, then twice in turn with another, as layers of a net do.

    `forward(x, gamma, beta, settings)` returns out and cache, `backward(dout, cache)` the three
    gradients.
    """
    results = {}
    for case, x, gamma, beta, dout, settings in draws(run.rng):
        with run.case(case, N=len(x), D=len(gamma)):
            out, cache = forward(x, gamma, beta, settings)
            run.starts_from(out)
            results |= _named(case, backward(dout, cache))
            moved = partial(forward, settings=settings)
            run.probe(moved, dout, entries(case, dx=x, dgamma=gamma, dbeta=beta))
    first, second = _layer(run.rng), _layer(run.rng)
    with run.case("two layers in turn", N=5, D=4):
        _, first_cache = forward(*first[:3], {})
        _, second_cache = forward(*second[:3], {})
        backward(second[3], second_cache)
        results |= _named("two layers in turn", backward(first[3], first_cache))
        results |= _named("called a second time", backward(first[3], first_cache))
        for case in ("two layers in turn", "called a second time"):
            x, gamma, beta, dout = first
            moved = partial(forward, settings={})
            run.probe(moved, dout, entries(case, dx=x, dgamma=gamma, dbeta=beta))
    return results


def _backward(student, run, name):
    backward = getattr(student, name)

    def forward(x, gamma, beta, settings):
        return student.batchnorm_forward(x, gamma, beta, {"mode": "train"} | settings)

    results = backward_passes(run, forward, backward)
    x, gamma, beta, dout = float32(*_layer(run.rng))
    with run.case("float32"):
        _, cache = forward(x, gamma, beta, {})
        dx, dgamma, dbeta = backward(dout, cache)
        run.keeps_float32(name, dx=dx, dgamma=dgamma, dbeta=dbeta)
    return results


def _layer(rng):
    """Draw x, gamma, beta and dout of an unremarkable layer."""
    x, dout = rng.standard_normal((2, 5, 4))
    gamma, beta = rng.standard_normal((2, 4))
    return 2 * x + 1, gamma, beta, dout


def _named(case, gradients):
    dx, dgamma, dbeta = gradients
    return entries(case, dx=dx, dgamma=dgamma, dbeta=dbeta)


def _first_step(student, run):
    """Return the running statistics after one step from nothing, with every setting left open."""
    x, gamma, beta, _ = _layer(run.rng)
    bn_param = {"mode": "train"}
    with run.case("after the first step", N=5, D=4):
        student.batchnorm_forward(x, gamma, beta, bn_param)
        return _running(bn_param, "after the first step")
    return {}


def _three_steps(student, run):
    """Return the running statistics after three steps with a momentum of 0.3."""
    minibatches = [spread(run.rng, 6, WIDE) for _ in range(3)]
    gamma, beta = run.rng.standard_normal((2, 5))
    bn_param = {"mode": "train", "momentum": 0.3} | _statistics(run.rng, minibatches[0])
    with run.case("after three steps", N=6, D=5):
        for x in minibatches:
            student.batchnorm_forward(x, gamma, beta, bn_param)
        return _running(bn_param, "after three steps")
    return {}


def _train_test_train(student, run):
    """Return what a step of training, a call at test time and another step leave behind."""
    first, unseen, last = (spread(run.rng, 6, WIDE) for _ in range(3))
    gamma, beta = run.rng.standard_normal((2, 5))
    bn_param = {"mode": "train"}
    with run.case("after training", N=6, D=5):
        student.batchnorm_forward(first, gamma, beta, bn_param)
        bn_param["mode"] = "test"
        out, _ = student.batchnorm_forward(unseen, gamma, beta, bn_param)
        bn_param["mode"] = "train"
        student.batchnorm_forward(last, gamma, beta, bn_param)
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
    odd = (0, 1e-6)[: D - 1]
    running_var[: len(odd)] = odd
    return {"running_mean": rng.standard_normal(D), "running_var": running_var}


def _running(bn_param, case):
    return {
        f"running_mean: {case}": bn_param.get("running_mean"),
        f"running_var: {case}": bn_param.get("running_var"),
    }
