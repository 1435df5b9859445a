"""Checks of batch and group normalisation of images.

Channels differ in mean and in spread, so that no channel can stand in for another.
"""

from functools import partial

import numpy as np

from coursekit.checks import check

from ._inputs import entries, entry, float32, fortran, gaps

NOTEBOOK = "ConvolutionalNetworks"
DEVIATIONS = (0.01, 0.3, 1, 2, 5, 20)


@check(
    points=3,
    notebook=NOTEBOOK,
    main={"out": 4, "running_mean": 1, "running_var": 1},
    hints=[
        "How many numbers share a mean, for N images of C channels with height H and width W?",
        "Each pixel of each image counts as an example, and each channel as a feature. With that,"
        " the layer you have does all the work.",
        "Bring the channels to the end, merge the other three axes into one, call, and undo both "
        "steps in reverse order.",
    ],
)
def spatial_batchnorm_forward(student, run):
    """Normalisation of each channel over examples and positions, at training and test time."""
    results = {}
    for case, x, gamma, beta, _, settings in _batch_draws(run.rng):
        bn_param = {"mode": "train", "momentum": 0.3} | settings | _statistics(run.rng, x.shape[1])
        with run.case(case, **_sizes(x)):
            for step in ("first", "second"):
                out, _ = student.spatial_batchnorm_forward(x, gamma, beta, bn_param)
                results[entry("out", f"{case}, {step} step")] = out
            results[f"running_mean: {case}"] = bn_param.get("running_mean")
            results[f"running_var: {case}"] = bn_param.get("running_var")
    bn_param = {"mode": "test"} | _statistics(run.rng, x.shape[1])
    with run.case("test time", **_sizes(x)):
        out, _ = student.spatial_batchnorm_forward(x, gamma, beta, bn_param)
        results["test time: out"] = out
        results["test time: running_mean"] = bn_param.get("running_mean")
    with run.case("float32"):
        out, _ = student.spatial_batchnorm_forward(*float32(x, gamma, beta), {"mode": "train"})
        run.keeps_float32("spatial_batchnorm_forward", out=out)
    return results


@check(
    points=2,
    notebook=NOTEBOOK,
    main={"dx": 2, "dgamma": 1, "dbeta": 1},
    hints=[
        "The same two steps around the backward pass that you have.",
        "Bring the incoming gradient into the form that the output had inside: channels last, a "
        "row for each pixel.",
        "Only the first of the three gradients has to be brought back into the shape of images; "
        "undo the steps in reverse order.",
    ],
)
def spatial_batchnorm_backward(student, run):
    """The gradients of spatial batch normalisation."""
    results = {}
    for case, x, gamma, beta, dout, settings in _batch_draws(run.rng):
        with run.case(case, **_sizes(x)):
            bn_param = {"mode": "train"} | settings
            out, cache = student.spatial_batchnorm_forward(x, gamma, beta, bn_param)
            run.starts_from(out)
            for name in (case, f"{case}, a second time"):
                results |= _named(name, student.spatial_batchnorm_backward(dout, cache))
                forward = partial(_in_training, student, settings)
                run.probe(forward, dout, entries(name, dx=x, dgamma=gamma, dbeta=beta))
    with run.case("float32"):
        x, gamma, beta, dout = float32(x, gamma, beta, dout)
        _, cache = student.spatial_batchnorm_forward(x, gamma, beta, {"mode": "train"})
        dx, dgamma, dbeta = student.spatial_batchnorm_backward(dout, cache)
        run.keeps_float32("spatial_batchnorm_backward", dx=dx, dgamma=dgamma, dbeta=dbeta)
    return results


@check(
    points=4,
    notebook=NOTEBOOK,
    main=["out"],
    hints=[
        "How many numbers share a mean: those of one image, and of which channels?",
        "Channels that are neighbours belong to a group. With an axis for the groups, all that "
        "shares a mean can be laid out along one axis.",
        "Normalise along that axis as in layer normalisation, bring the result back into the "
        "shape of images, and then scale and shift by channel. Both shapes of scale and shift are"
        " in use.",
    ],
)
def spatial_groupnorm_forward(student, run):
    """Normalisation of groups of neighbouring channels, from one group to one for each channel."""
    results = {}
    for case, x, gamma, beta, _, G, gn_param in _group_draws(run.rng):
        with run.case(case, **_sizes(x), G=G):
            results[case], _ = student.spatial_groupnorm_forward(x, gamma, beta, G, gn_param)
    with run.case("float32"):
        out, _ = student.spatial_groupnorm_forward(*float32(x, gamma, beta), G, {})
        run.keeps_float32("spatial_groupnorm_forward", out=out)
    return {entry("out", case): out for case, out in results.items()}


@check(
    points=3,
    notebook=NOTEBOOK,
    main={"dx": 3, "dgamma": 1, "dbeta": 1},
    hints=[
        "Which sums run over images and positions, and which over the numbers of a group?",
        "Scale and shift belong to channels, so their gradients sum over images, height and "
        "width, and then take on their shape. What goes through a mean sums over a group.",
        "Multiply the scale in first, by channel. Then lay the groups out as in the forward pass, "
        "and it is the closed form of layer normalisation with the size of a group.",
    ],
)
def spatial_groupnorm_backward(student, run):
    """The gradients of group normalisation, in the shapes of x, gamma and beta."""
    results = {}
    for case, x, gamma, beta, dout, G, gn_param in _group_draws(run.rng):
        with run.case(case, **_sizes(x), G=G):
            forward = partial(student.spatial_groupnorm_forward, G=G, gn_param=gn_param)
            out, cache = student.spatial_groupnorm_forward(x, gamma, beta, G, gn_param)
            run.starts_from(out)
            results |= _named(case, student.spatial_groupnorm_backward(dout, cache))
            run.probe(forward, dout, entries(case, dx=x, dgamma=gamma, dbeta=beta))
    with run.case("called a second time", **_sizes(x), G=G):
        _, cache = student.spatial_groupnorm_forward(x, gamma, beta, G, gn_param)
        student.spatial_groupnorm_backward(dout, cache)
        case = "called a second time"
        results |= _named(case, student.spatial_groupnorm_backward(dout, cache))
        run.probe(forward, dout, entries(case, dx=x, dgamma=gamma, dbeta=beta))
    with run.case("float32"):
        _, cache = student.spatial_groupnorm_forward(*float32(x, gamma, beta), G, {})
        dx, dgamma, dbeta = student.spatial_groupnorm_backward(*float32(dout), cache)
        run.keeps_float32("spatial_groupnorm_backward", dx=dx, dgamma=dgamma, dbeta=dbeta)
    return results


def _batch_draws(rng):
    """Yield (case, x, gamma, beta, dout, settings)."""
    cases = {
        "channels of different spread": ((2, 6, 4, 5), {}),
        "eps of 0.5": ((3, 4, 2, 5), {"eps": 0.5}),
        "one image": ((1, 3, 4, 2), {}),
        "one channel": ((2, 1, 4, 3), {}),
    }
    for case, (shape, settings) in cases.items():
        C = shape[1]
        x, dout = _images(rng, shape), rng.standard_normal(shape)
        gamma, beta = rng.standard_normal((2, C))
        yield case, x, gamma, beta, dout, settings
    shape = (2, 3, 4, 5)
    x, dout = _images(rng, shape), rng.standard_normal(shape)
    gamma, beta = rng.standard_normal((2, 3))
    yield "x is not contiguous", gaps(fortran(x)), gamma, gaps(beta), fortran(dout), {}


def _group_draws(rng):
    """Yield (case, x, gamma, beta, dout, G, gn_param)."""
    cases = {
        "G = 2": ((4, 6, 5, 7), 2, {}),
        "G = 3": ((2, 6, 4, 5), 3, {}),
        "G = 1": ((2, 4, 3, 5), 1, {}),
        "G = C": ((2, 3, 4, 5), 3, {}),
        "eps of 0.5": ((2, 4, 3, 5), 2, {"eps": 0.5}),
        "variances as small as eps": ((2, 4, 3, 5), 2, {}),
        "one image": ((1, 4, 3, 2), 2, {}),
        "one channel": ((2, 1, 3, 4), 1, {}),
        "a mode in gn_param": ((2, 4, 3, 5), 2, {"mode": "train"}),
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
    yield "x is not contiguous", gaps(fortran(x)), gamma, beta, fortran(dout), G, {}


def _images(rng, shape):
    """Draw images whose channels have means and deviations of their own."""
    C = shape[1]
    means = 3 * rng.standard_normal((C, 1, 1))
    return means + rng.standard_normal(shape) * np.reshape(DEVIATIONS[:C], (C, 1, 1))


def _statistics(rng, C):
    return {"running_mean": rng.standard_normal(C), "running_var": rng.uniform(0.5, 4, C)}


def _sizes(x):
    return dict(zip("NCHW", x.shape, strict=True))


def _in_training(student, settings, x, gamma, beta):
    return student.spatial_batchnorm_forward(x, gamma, beta, {"mode": "train"} | settings)


def _named(case, gradients):
    dx, dgamma, dbeta = gradients
    return entries(case, dx=dx, dgamma=dgamma, dbeta=dbeta)
