"""Small examples of batch and group normalisation of images, and what mistakes may hang on."""

import numpy as np

from coursekit.checks import ladder, rung, step, steps, toggles

from ._inputs import batch, channels, image, per_channel
from .batchnorm import EPS, running, three_gradients

# Of variances 1 and 16, so that both roots are whole numbers with an eps of 48.
TWO_CHANNELS = channels(image([0, 2]), image([10, 2]))


@ladder(
    "spatial_batchnorm_forward",
    rung("one image of two pixels", x=image([0, 2]), gamma=[2], beta=[0], eps=3),
    rung("a shift", x=image([0, 2]), gamma=[2], beta=[5], eps=3),
    rung("pixels one above the other", x=image([1], [7]), gamma=[5], beta=[1], eps=16),
    rung("two images", x=batch(image([0]), image([2])), gamma=[4], beta=[1], eps=3),
    rung("two channels", x=TWO_CHANNELS, gamma=[14, 8], beta=[1, -1], eps=48),
    rung("two channels of high images", x=TWO_CHANNELS.swapaxes(2, 3), gamma=[14, 8],
         beta=[1, -1], eps=48),
    rung("two images of two channels", x=TWO_CHANNELS.transpose(3, 1, 2, 0), gamma=[14, 8],
         beta=[1, -1], eps=48),
    rung("two images of two channels and two pixels",
         x=batch(TWO_CHANNELS, channels(image([5, 1]), image([3, 3]))), gamma=[1, 2],
         beta=[0, 1]),
    rung("an image of two rows and two columns", x=image([0, 2], [4, 6]), gamma=[3], beta=[1],
         eps=4),
    rung("running averages and a momentum of a half", x=image([0, 2]), gamma=[2], beta=[0], eps=3,
         momentum=0.5, running_mean=[5], running_var=[9]),
    rung("test time", mode="test", x=image([0, 6]), gamma=[2], beta=[1], eps=3, running_mean=[2],
         running_var=[1]),
    rung("a channel that is constant", x=image([5, 5]), gamma=[2], beta=[3]),
)  # fmt: skip
def batch_forward(student, run, x, gamma, beta, calls=1, **settings):
    bn_param = {"mode": "train"} | settings
    for _ in range(calls):
        out, _ = student.spatial_batchnorm_forward(x, gamma, beta, bn_param)
    return {"out": out} | running(bn_param)


@ladder(
    "spatial_batchnorm_forward",
    rung("a second call with the same dictionary", x=image([0, 2]), gamma=[2], beta=[0], eps=3,
         momentum=0.5),
)  # fmt: skip
def batch_forward_twice(student, run, **inputs):
    return batch_forward(student, run, **inputs, calls=2)


@ladder(
    "spatial_batchnorm_backward",
    rung("one image of two pixels", x=image([0, 2]), gamma=[2], beta=0, dout=image([8, 0]),
         eps=3),
    rung("pixels one above the other", x=image([1], [7]), gamma=[5], beta=0,
         dout=image([0], [10]), eps=16),
    rung("two images", x=batch(image([0]), image([2])), gamma=[4], beta=0,
         dout=batch(image([8]), image([0])), eps=3),
    rung("three pixels", x=image([0, 3, 6]), gamma=[3], beta=0, dout=image([9, 0, 3]), eps=3),
    rung("two channels", x=TWO_CHANNELS, gamma=[14, 8], beta=0,
         dout=channels(image([8, 0]), image([1, 3])), eps=48),
    rung("two channels of high images", x=TWO_CHANNELS.swapaxes(2, 3), gamma=[14, 8], beta=0,
         dout=channels(image([8], [0]), image([1], [3])), eps=48),
    rung("two images of two channels", x=TWO_CHANNELS.transpose(3, 1, 2, 0), gamma=[14, 8],
         beta=0, dout=batch(per_channel(8, 1), per_channel(0, 3)), eps=48),
    rung("an image of two rows and two columns", x=image([0, 2], [4, 6]), gamma=[3], beta=0,
         dout=image([1, 5], [0, 2]), eps=4),
    rung("the usual eps", x=image([0, 2, 7]), gamma=[1], beta=0, dout=image([8, 0, 1])),
)  # fmt: skip
def batch_backward(student, run, x, gamma, beta, dout, calls=1, **settings):
    bn_param = {"mode": "train"} | settings
    out, cache = student.spatial_batchnorm_forward(x, gamma, beta + 0 * gamma, bn_param)
    run.starts_from(out)
    for _ in range(calls):
        gradients = student.spatial_batchnorm_backward(dout, cache)
    return three_gradients(gradients)


@ladder(
    "spatial_batchnorm_backward",
    rung("the same call a second time", x=image([0, 2]), gamma=[2], beta=0, dout=image([8, 0]),
         eps=3),
)  # fmt: skip
def batch_backward_twice(student, run, **inputs):
    return batch_backward(student, run, **inputs, calls=2)


@ladder(
    "spatial_groupnorm_forward",
    rung("one image of two pixels", x=image([0, 2]), gamma=per_channel(2), beta=per_channel(0),
         G=1, eps=3),
    rung("a shift", x=image([0], [2]), gamma=per_channel(4), beta=per_channel(5), G=1, eps=3),
    rung("two channels in one group", x=per_channel(1, 7), gamma=per_channel(5, 10),
         beta=per_channel(0, 1), G=1, eps=16),
    rung("a group for each of two channels", x=TWO_CHANNELS, gamma=per_channel(14, 8),
         beta=per_channel(1, -1), G=2, eps=48),
    rung("high images", x=TWO_CHANNELS.swapaxes(2, 3), gamma=per_channel(14, 8),
         beta=per_channel(1, -1), G=2, eps=48),
    rung("two groups of two channels", x=per_channel(0, 2, 10, 8), gamma=per_channel(2, 4, 6, 8),
         beta=per_channel(0, 1, 2, 3), G=2, eps=3),
    rung("two images", x=batch(per_channel(0, 2), per_channel(10, 2)), gamma=per_channel(14, 28),
         beta=per_channel(1, -1), G=1, eps=48),
    rung("gamma and beta of one axis", x=TWO_CHANNELS, gamma=[14, 8], beta=[1, -1], G=2, eps=48),
    rung("one group of channels with two pixels", x=channels(image([0, 2]), image([6, 4])),
         gamma=per_channel(3, 6), beta=per_channel(0, 1), G=1, eps=4),
    rung("a group that is constant", x=image([5, 5]), gamma=per_channel(2), beta=per_channel(3),
         G=1),
)  # fmt: skip
def group_forward(student, run, x, gamma, beta, G, **gn_param):
    out, _ = student.spatial_groupnorm_forward(x, gamma, beta, G, dict(gn_param))
    return {"out": out}


@ladder(
    "spatial_groupnorm_backward",
    rung("one image of two pixels", x=image([0, 2]), gamma=per_channel(2), beta=0,
         dout=image([8, 0]), G=1, eps=3),
    rung("pixels one above the other", x=image([1], [7]), gamma=per_channel(5), beta=0,
         dout=image([0], [10]), G=1, eps=16),
    rung("two channels in one group", x=per_channel(0, 2), gamma=per_channel(4, 2), beta=0,
         dout=per_channel(8, 4), G=1, eps=3),
    rung("a group for each of two channels", x=TWO_CHANNELS, gamma=per_channel(14, 8), beta=0,
         dout=channels(image([8, 0]), image([1, 3])), G=2, eps=48),
    rung("high images", x=TWO_CHANNELS.swapaxes(2, 3), gamma=per_channel(14, 8), beta=0,
         dout=channels(image([8], [0]), image([1], [3])), G=2, eps=48),
    rung("two groups of two channels", x=per_channel(0, 2, 10, 8), gamma=per_channel(2, 4, 6, 8),
         beta=0, dout=per_channel(8, 0, 1, 3), G=2, eps=3),
    rung("two images", x=batch(per_channel(0, 2), per_channel(10, 2)), gamma=per_channel(14, 28),
         beta=0, dout=batch(per_channel(8, 1), per_channel(0, 3)), G=1, eps=48),
    rung("gamma and beta of one axis", x=TWO_CHANNELS, gamma=[14, 8], beta=0,
         dout=channels(image([8, 0]), image([1, 3])), G=2, eps=48),
    rung("one group of channels with two pixels", x=channels(image([0, 2]), image([6, 4])),
         gamma=per_channel(3, 6), beta=0, dout=channels(image([8, 0]), image([1, 3])), G=1, eps=4),
)  # fmt: skip
def group_backward(student, run, x, gamma, beta, dout, G, calls=1, **gn_param):
    beta = beta + 0 * gamma
    out, cache = student.spatial_groupnorm_forward(x, gamma, beta, G, dict(gn_param))
    run.starts_from(out)
    for _ in range(calls):
        gradients = student.spatial_groupnorm_backward(dout, cache)
    return three_gradients(gradients)


@ladder(
    "spatial_groupnorm_backward",
    rung("the same call a second time", x=per_channel(0, 2), gamma=per_channel(4, 2), beta=0,
         dout=per_channel(8, 4), G=1, eps=3),
)  # fmt: skip
def group_backward_twice(student, run, **inputs):
    return group_backward(student, run, **inputs, calls=2)


NORM = EPS | {"gamma is 1": {"gamma": 1}}
BETA = {"beta is 0": {"beta": 0}}
BATCH = NORM | {
    "there is a single image": [{"shape": (1, 3, 4, 5)}, {"shape": (1, 4, 5, 2)}],
    "there is a single channel": [{"shape": (2, 1, 4, 5)}, {"shape": (3, 1, 5, 2)}],
    "images are square": [{"shape": (2, 3, 4, 4)}, {"shape": (3, 4, 5, 5)}],
    "an image is a single pixel": [{"shape": (7, 3, 1, 1)}, {"shape": (6, 4, 1, 1)}],
}
INCLUDES = {"an image is a single pixel": ["images are square"]}
BATCH_PLAIN = [{"shape": (2, 3, 4, 5), "eps": 0.3}, {"shape": (3, 4, 5, 2), "eps": 0.7}]


def _train_and_test(student, run, x, gamma, beta, **settings):
    bn_param = {"mode": "train"} | settings
    out, _ = student.spatial_batchnorm_forward(x, gamma, beta, bn_param)
    student.spatial_batchnorm_forward(2 * x, gamma, beta, bn_param)
    bn_param["mode"] = "test"
    test, _ = student.spatial_batchnorm_forward(x, gamma, beta, bn_param)
    return {"out": out, "out at test time": test} | running(bn_param)


@toggles(
    "spatial_batchnorm_forward",
    _train_and_test,
    plain=[each | {"momentum": 0.3 + n / 3} for n, each in enumerate(BATCH_PLAIN)],
    properties=BATCH
    | BETA
    | {
        "momentum is 0.9, as it is by default": {"momentum": 0.9},
        "the running averages start at 0": {"start": 0},
    },
    includes=INCLUDES,
)
def batch_forward_draws(rng, shape, eps, momentum, gamma=None, beta=None, start=1):
    C = shape[1]
    return {
        **_inputs(rng, shape, (C,), eps, gamma, beta),
        "momentum": momentum,
        "running_mean": start * rng.standard_normal(C),
        "running_var": start * rng.uniform(0.5, 4, C),
    }


@toggles("spatial_batchnorm_backward", batch_backward_twice, plain=BATCH_PLAIN, properties=BATCH)
def batch_backward_draws(rng, shape, eps, gamma=None):
    drawn = _inputs(rng, shape, (shape[1],), eps, gamma)
    return drawn | {"dout": rng.standard_normal(shape)}


GROUP = NORM | {
    "there is a single image": [{"shape": (1, 6, 4, 5)}, {"shape": (1, 6, 3, 2)}],
    "images are square": [{"shape": (2, 6, 4, 4)}, {"shape": (4, 6, 3, 3)}],
    "there is a single group": {"G": 1},
    "there are as many groups as channels": {"G": 6},
    "gamma and beta have one axis": {"axes": 1},
}
GROUP_PLAIN = [
    {"shape": (2, 6, 4, 5), "G": 2, "eps": 0.3},
    {"shape": (4, 6, 3, 2), "G": 3, "eps": 0.7},
]


@toggles("spatial_groupnorm_forward", group_forward, plain=GROUP_PLAIN, properties=GROUP | BETA)
def group_forward_draws(rng, shape, G, eps, gamma=None, beta=None, axes=4):
    C = shape[1]
    return _inputs(rng, shape, (1, C, 1, 1) if axes == 4 else (C,), eps, gamma, beta) | {"G": G}


@toggles("spatial_groupnorm_backward", group_backward_twice, plain=GROUP_PLAIN, properties=GROUP)
def group_backward_draws(rng, shape, G, eps, gamma=None, axes=4):
    drawn = group_forward_draws(rng, shape, G, eps, gamma, axes=axes)
    return drawn | {"dout": rng.standard_normal(shape)}


def _inputs(rng, shape, per, eps, gamma=None, beta=None):
    """Draw images whose channels differ, gamma and beta; those two may be given as a number."""
    C = shape[1]
    means, spreads = 3 * rng.standard_normal((C, 1, 1)), rng.uniform(0.5, 3, (C, 1, 1))
    drawn = rng.uniform(1.5, 3, per), rng.standard_normal(per)
    return {
        "x": means + spreads * rng.standard_normal(shape),
        "gamma": drawn[0] if gamma is None else np.full(per, float(gamma)),
        "beta": drawn[1] if beta is None else np.full(per, float(beta)),
        "eps": eps,
    }


@steps(
    "spatial_groupnorm_backward",
    step("x_hat", "xhat", "x_norm", "x_normalized", "x_normed", "normalized", "normed", "xn",
         of="the normalised values"),
    step("centered", "xmu", "x_mu", "x_centered", "centred", "xc", "x_minus_mean", "deviations",
         of="the distance from the mean"),
    step("var", "variance", "sample_var", "sigma2", "sigma_sq", of="the variance"),
    step("std", "sqrtvar", "sqrt_var", "stddev", "sigma", "stdev", of="the root of var + eps"),
    step("inv_std", "ivar", "istd", "std_inv", "inv_sqrt_var", "invvar", "inv_var", "rstd",
         of="one over the root of var + eps"),
    step("dbeta", "db", of="the gradient of the shift"),
    step("dgamma", "dg", of="the gradient of the scale"),
    step("dx_hat", "dxhat", "dx_norm", "dx_normalized", "dx_normed", "dnormalized", "dxn",
         of="the gradient of the normalised values"),
    step("dinv_std", "divar", "distd", "dstd_inv", "dinv_var", "dinvvar", "drstd", "dinv_sqrt_var",
         of="the gradient of one over the root"),
    step("dstd", "dsqrtvar", "dsqrt_var", "dstddev", "dsigma",
         of="the gradient of the root of var + eps"),
    step("dvar", "dvariance", "dsample_var", "dsigma2", "dsigma_sq",
         of="the gradient of the variance"),
    step("dsquares", "dsq", "dsquared", "dxmu_sq", "dcentered_sq", "dsquare",
         of="the gradient of the squared distances"),
    step("dcentered", "dxmu", "dx_mu", "dx_centered", "dcentred", "dxc", "dxmu1", "dxmu2",
         "dcentered1", "dcentered2", of="the gradient of the distance from the mean"),
    step("dmean", "dmu", "dsample_mean", of="the gradient of the mean"),
    step("dx_from_mean", "dx2", "dx_mean", of="what reaches x by way of the mean"),
    step("through_mean", "mean_dx_hat", "mean_dxhat", "mean_of_dx_hat",
         of="the mean of the gradient of the normalised values"),
    step("through_var", "mean_dx_hat_x_hat", "mean_dxhat_xhat",
         of="the mean of its product with the normalised values"),
    step("dx", of="the gradient of x"),
    x=[[[[1, 4, 0]], [[3, 1, 2]], [[2, 8, -2]], [[6, 3, 1]]],
       [[[0, 2, 5]], [[7, -1, 1]], [[4, 4, 9]], [[-3, 2, 0]]]],
    gamma=[[[[2]], [[-1]], [[3]], [[1]]]],
    beta=[[[[1]], [[0]], [[-1]], [[2]]]],
    G=2,
    dout=[[[[1, 2, -1]], [[0, -3, 2]], [[4, 1, 1]], [[-2, 5, 3]]],
          [[[2, 0, 1]], [[-1, 1, 4]], [[3, -2, 2]], [[1, 6, -4]]]],
)  # fmt: skip
def steps_back(student, x, gamma, beta, G, dout):
    out, cache = student.spatial_groupnorm_forward(x, gamma, beta, G, {})
    return {"the output of spatial_groupnorm_forward": out}, (dout, cache)
