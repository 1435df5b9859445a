"""Checks of the optional exercises, which give no points.

Residual branches are checked with the reader's own convolution and relu under them.
"""

from functools import partial

import numpy as np

from coursekit.checks import check

from ._inputs import (
    away_from_zero,
    copied,
    entries,
    entry,
    float32,
    fortran,
    gaps,
    window_entry,
)

RATIO = 0.3  # of steps in adamw: large, so that the decay shows beside them


@check(
    points=0,
    notebook="FullyConnectedNets",
    hints=[
        "There are two pulls on each weight. Which of them knows of the gradient?",
        "adam makes the step that the gradient asks for, from a gradient without a penalty in it. "
        "Beside it each weight loses a small share of itself.",
        "The share is the learning rate times the decay, and it is a share of the weight as it was "
        "handed in, before adam's step.",
    ],
)
def adamw(student, run):
    """Steps of adam, with weights that decay beside it."""
    settings = {"learning_rate": RATIO, "beta1": 0.6, "beta2": 0.7, "epsilon": 1e-20}
    moving = {
        "m": run.rng.standard_normal((4, 3)),
        "v": run.rng.uniform(0.1, 2, (4, 3)),
        "t": 4,
    }
    w = 3 * run.rng.standard_normal((4, 3))
    gradients = run.rng.standard_normal((3, 4, 3)) * [0.01, 1, 3]
    results = {}
    run.may_write(w)

    def steps(case, w, config):
        with run.case(case):
            for step, dw in enumerate(gradients, 1):
                run.may_write(w)
                w, config = student.adamw(w, dw, config)
                results[f"next_w: {case}, step {step}"] = copied(w)
            for key in ("m", "v", "t"):
                results[f"{key}: {case}"] = copied(config[key])

    steps("from nothing", w.copy(), {**settings, "weight_decay": 0.5})
    steps("from a given state", w.copy(), {**settings, **moving, "weight_decay": 0.2})
    steps("no decay", w.copy(), {**settings, "weight_decay": 0})
    with run.case("all settings left open"):
        results["defaults: first step"] = student.adamw(1e3 * w, 1e7 * gradients[0])[0]
    return results


@check(
    points=0,
    notebook="BatchNormalization",
    main=["out"],
    hints=[
        "What is left of layer normalisation when nothing is subtracted and nothing is added?",
        "Square, take the mean over the features of an example, add eps, take the root: that is by "
        "what the example is divided.",
        "The scale belongs to the features, as before. Keep the axis that you take the mean over, "
        "so that it lines up with the rows.",
    ],
)
def rmsnorm_forward(student, run):
    """Examples divided by their root mean square."""
    results = {}
    for case, x, gamma, _, rms_param in _for_rmsnorm(run.rng):
        with run.case(case, N=len(x), D=len(gamma)):
            results[entry("out", case)], _ = student.rmsnorm_forward(x, gamma, rms_param)
    with run.case("float32"):
        out, _ = student.rmsnorm_forward(*float32(x, gamma), {})
        run.keeps_float32("rmsnorm_forward", out=out)
    return results


@check(
    points=0,
    notebook="BatchNormalization",
    main={"dx": 2, "dgamma": 1},
    hints=[
        "Take the closed form of layer normalisation, and ask of each of its three terms where it "
        "comes from. Which of them has nothing to come from here?",
        "There is no mean that x reaches the output through. The root mean square is still there, "
        "and each x moves it.",
        "Scale first. Then take off each example's x_hat times the mean of what is left of x_hat "
        "in the gradient, and divide by the root mean square.",
    ],
)
def rmsnorm_backward(student, run):
    """The gradients of division by a root mean square."""
    results = {}
    for case, x, gamma, dout, rms_param in _for_rmsnorm(run.rng):
        with run.case(case, N=len(x), D=len(gamma)):
            forward = partial(student.rmsnorm_forward, rms_param=rms_param)
            out, cache = forward(x, gamma)
            run.starts_from(out)
            dx, dgamma = student.rmsnorm_backward(dout, cache)
            results |= entries(case, dx=dx, dgamma=dgamma)
            run.probe(forward, dout, entries(case, dx=x, dgamma=gamma))
    with run.case("float32"):
        _, cache = student.rmsnorm_forward(*float32(x, gamma), {})
        dx, dgamma = student.rmsnorm_backward(*float32(dout), cache)
        run.keeps_float32("rmsnorm_backward", dx=dx, dgamma=dgamma)
    return results


def _for_rmsnorm(rng):
    """Yield (case, x, gamma, dout, rms_param)."""
    cases = {
        "examples of different size": ((0.1, 0.5, 1, 4, 20), 7, {}),
        "mean squares as small as eps": ((0.001, 0.003, 0.01, 0.03), 6, {}),
        "eps of 0.5": ((0.1, 0.5, 1, 4), 3, {"eps": 0.5}),
        "as many examples as features": ((0.1, 0.5, 1, 4, 20), 5, {}),
        "one example": ((1,), 6, {}),
        "one feature": ((0.5, 1, 9), 1, {}),
    }
    for case, (sizes, D, rms_param) in cases.items():
        column = np.array(sizes)[:, None]
        x = column * (rng.standard_normal((len(sizes), D)) + rng.uniform(0.5, 1, (len(sizes), 1)))
        yield case, x, rng.standard_normal(D), rng.standard_normal(x.shape), rms_param
    x, dout = 2 + rng.standard_normal((2, 4, 6))
    gamma = rng.standard_normal(6)
    yield "x is not contiguous", gaps(x), gaps(gamma), fortran(dout), {}


@check(
    points=0,
    notebook="Dropout",
    main=["out"],
    hints=[
        "There are two answers, one for examples that keep the branch and one for those that do "
        "not. Write both down for a single example.",
        "On average over the draws, what is added has to be the branch itself: as in dropout, what "
        "is kept is made larger for that.",
        "keep has one entry for each example, and x may have two axes or four. Give keep axes of "
        "length 1 until it lines up.",
    ],
)
def drop_path_forward(student, run):
    """Branches that are added for some examples, and for all at test time."""
    results = {}
    for case, x, branch, _, keep, p in _for_drop_path(run.rng):
        with run.case(case, N=len(x)):
            results[entry("out", case)], _ = student.drop_path_forward(x, branch, keep, p)
    with run.case("float32"):
        out, _ = student.drop_path_forward(*float32(x, branch), keep, p)
        run.keeps_float32("drop_path_forward", out=out)
    return results


@check(
    points=0,
    notebook="Dropout",
    main=["dx", "dbranch"],
    hints=[
        "A sum hands its gradient on to both of its terms.",
        "What the branch was multiplied by in the forward pass, its gradient is multiplied by too.",
    ],
)
def drop_path_backward(student, run):
    """Gradients of branches that are added for some examples."""
    results = {}
    for case, x, branch, dout, keep, p in _for_drop_path(run.rng):
        forward = partial(student.drop_path_forward, keep=keep, p=p)
        with run.case(case, N=len(x)):
            out, cache = forward(x, branch)
            run.starts_from(out)
            dx, dbranch = student.drop_path_backward(dout, cache)
            results |= entries(case, dx=dx, dbranch=dbranch)
            run.probe(forward, dout, entries(case, dx=x, dbranch=branch))
    with run.case("float32"):
        _, cache = student.drop_path_forward(*float32(x, branch), keep, p)
        dx, dbranch = student.drop_path_backward(*float32(dout), cache)
        run.keeps_float32("drop_path_backward", dx=dx, dbranch=dbranch)
    return results


def _for_drop_path(rng):
    """Yield (case, x, branch, dout, keep, p)."""
    cases = {
        "two axes": ((6, 4), (1, 0, 1, 1, 0, 0), 0.5),
        "images": ((5, 2, 3, 4), (0, 1, 1, 0, 1), 0.8),
        "as many examples as features": ((4, 4), (1, 0, 0, 1), 0.25),
        "none keeps it": ((3, 5), (0, 0, 0), 0.4),
        "test time": ((3, 5), None, 0.4),
        "one example": ((1, 5), (1,), 0.4),
    }
    for case, (shape, kept, p) in cases.items():
        x, branch, dout = rng.standard_normal((3, *shape))
        keep = None if kept is None else np.array(kept, dtype=bool)
        yield case, x, branch, dout, keep, p


@check(
    points=0,
    notebook="ConvolutionalNetworks",
    main={"out": 3, "overlapping windows": 1},
    hints=[
        "It is max pooling with another word for max.",
        "The windows are the same as there: those that do not fit are left out. Each image and "
        "each channel is averaged by itself.",
    ],
)
def avg_pool_forward(student, run):
    """Means of windows, that overlap or not."""
    results = {}
    for name, x, _, pool_param in _for_pooling(run.rng):
        with run.case(name, **dict(zip("NCHW", x.shape, strict=True)), **pool_param):
            results[window_entry("out", name)], _ = student.avg_pool_forward(x, pool_param)
    with run.case("float32"):
        out, _ = student.avg_pool_forward(*float32(x), pool_param)
        run.keeps_float32("avg_pool_forward", out=out)
    return results


@check(
    points=0,
    notebook="ConvolutionalNetworks",
    main={"dx": 3, "overlapping windows": 1},
    hints=[
        "In max pooling one pixel of the window gets all of the gradient. Which pixels moved the "
        "mean, and by how much?",
        "Each pixel gets the same share. Windows that overlap hand theirs to the same pixels, so "
        "shares are added up.",
    ],
)
def avg_pool_backward(student, run):
    """The gradient of a mean goes to all of its window, in equal shares."""
    results = {}
    for name, x, dout, pool_param in _for_pooling(run.rng):
        forward = partial(student.avg_pool_forward, pool_param=pool_param)
        with run.case(name, **dict(zip("NCHW", x.shape, strict=True)), **pool_param):
            _, cache = forward(x)
            results[window_entry("dx", name)] = student.avg_pool_backward(dout, cache)
            run.probe(forward, dout, {window_entry("dx", name): x})
    with run.case("float32"):
        _, cache = student.avg_pool_forward(*float32(x), pool_param)
        run.keeps_float32("avg_pool_backward", dx=student.avg_pool_backward(*float32(dout), cache))
    return results


def _for_pooling(rng):
    """Yield (case, x, dout, pool_param)."""
    cases = {
        "square windows side by side": ((2, 3, 4, 6), (2, 2), 2),
        "high windows": ((3, 2, 5, 7), (3, 1), 2),
        "gaps between windows": ((2, 3, 4, 8), (1, 2), 3),
        "one window as large as the image": ((4, 2, 3, 5), (3, 5), 1),
        "overlapping windows: stride 1": ((2, 3, 4, 5), (2, 3), 1),
        "overlapping windows: stride 2": ((3, 2, 7, 6), (3, 4), 2),
        "partial window: stride 2": ((2, 3, 5, 7), (2, 2), 2),
        "one image": ((1, 2, 4, 6), (2, 3), 1),
    }
    for name, (shape, (height, width), stride) in cases.items():
        out = [1 + (n - size) // stride for n, size in zip(shape[2:], (height, width), strict=True)]
        x, dout = 1 + rng.standard_normal(shape), rng.standard_normal((*shape[:2], *out))
        yield name, x, dout, {"pool_height": height, "pool_width": width, "stride": stride}
    x, dout = 1 + rng.standard_normal((2, 2, 3, 4, 6))[:, :, :, :, :4]
    dout = dout[:, :, ::2, ::2]
    param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    yield "x is not contiguous", gaps(x), fortran(dout), param


@check(
    points=0,
    notebook="ConvolutionalNetworks",
    hints=[
        "Draw it: x goes into a branch, and past it. Where do the two meet?",
        "The branch is two convolutions with a relu between them. The other relu comes after the "
        "sum.",
        "One of the sandwiches does the first half of the branch. Keep the caches of all that you "
        "call.",
    ],
)
def residual_forward(student, run):
    """x and what a branch makes of it, added up, with relu behind."""
    results = {}
    for case, inputs, _ in _for_residuals(run.rng):
        with run.case(case, **dict(zip("NCHW", inputs[0].shape, strict=True))):
            results[entry("out", case)], _ = student.residual_forward(*inputs)
    with run.case("float32"):
        out, _ = student.residual_forward(*float32(*inputs))
        run.keeps_float32("residual_forward", out=out)
    return results


@check(
    points=0,
    notebook="ConvolutionalNetworks",
    main={"dx": 2, "dw1": 1, "db1": 1, "dw2": 1, "db2": 1},
    hints=[
        "Go back in the reverse order: the relu behind the sum comes first.",
        "The gradient of the sum goes two ways: along the branch, and straight to x.",
        "What comes out at the beginning of the branch is added to what went past it.",
    ],
)
def residual_backward(student, run):
    """Gradients that go through a branch, and past it."""
    names = ("dx", "dw1", "db1", "dw2", "db2")
    results = {}
    for case, inputs, dout in _for_residuals(run.rng):
        with run.case(case, **dict(zip("NCHW", inputs[0].shape, strict=True))):
            out, cache = student.residual_forward(*inputs)
            run.starts_from(out)
            gradients = student.residual_backward(dout, cache)
            results |= entries(case, **dict(zip(names, gradients, strict=True)))
            probed = entries(case, **dict(zip(names, inputs, strict=True)))
            run.probe(student.residual_forward, dout, probed)
    with run.case("float32"):
        _, cache = student.residual_forward(*float32(*inputs))
        gradients = student.residual_backward(*float32(dout), cache)
        run.keeps_float32("residual_backward", **dict(zip(names, gradients, strict=True)))
    return results


def _for_residuals(rng):
    """Yield (case, (x, w1, b1, w2, b2), dout)."""
    cases = {
        "filters of 3 by 3": ((2, 3, 4, 5), 3),
        "filters of 5 by 5": ((2, 2, 6, 5), 5),
        "filters of 1 by 1": ((3, 4, 2, 3), 1),
        "one image": ((1, 2, 4, 5), 3),
    }
    for case, ((N, C, H, W), K) in cases.items():
        x, dout = away_from_zero(rng, N, C, H, W), rng.standard_normal((N, C, H, W))
        w1, w2 = rng.standard_normal((2, C, C, K, K)) / K
        b1, b2 = rng.standard_normal((2, C))
        yield case, (x, w1, b1, w2, b2), dout
