"""What the intermediates of the normalisations' backward passes come to.

Each is a gradient with respect to one value of the forward pass, and does not depend on how that is
written. A value that is used twice has two gradients on the way and their sum: all three count.
"""

import numpy as np


def _backward(x, gamma, dout, axis, of_parameters=0):
    """Return all intermediates where statistics run over `axis`, except of what lies elsewhere.

    gamma has the shape of x, or broadcasts to it; gradients of parameters sum over `of_parameters`.
    """
    count = np.prod([x.shape[one] for one in np.atleast_1d(axis)])

    def summed(array):
        return array.sum(axis=axis, keepdims=True)

    centered = x - summed(x) / count
    var = summed(centered**2) / count
    std = np.sqrt(var + 1e-5)
    x_hat = centered / std
    dx_hat = dout * gamma
    dinv_std = summed(dx_hat * centered)
    dstd = -dinv_std / std**2
    dvar = dstd / (2 * std)
    dsquares = np.broadcast_to(dvar / count, x.shape)
    direct, by_var = dx_hat / std, 2 * centered * dsquares
    dcentered = direct + by_var
    dmean = -summed(dcentered)
    by_mean = np.broadcast_to(dmean / count, x.shape)
    return {
        "x_hat": x_hat,
        "centered": centered,
        "var": var,
        "std": std,
        "inv_std": 1 / std,
        "dbeta": dout.sum(axis=of_parameters),
        "dgamma": (dout * x_hat).sum(axis=of_parameters),
        "dx_hat": dx_hat,
        "dinv_std": dinv_std,
        "dstd": dstd,
        "dvar": dvar,
        "dsquares": [dsquares, dvar / count],
        "dcentered": [dcentered, direct, by_var],
        "dmean": dmean,
        "dx_from_mean": [by_mean, dmean / count],
        "dx": dcentered + by_mean,
    }


def _means(found, axis):
    """Return the two means of the closed form."""
    dx_hat, x_hat = found["dx_hat"], found["x_hat"]
    return {
        "through_mean": dx_hat.mean(axis=axis),
        "through_var": (dx_hat * x_hat).mean(axis=axis),
    }


def batchnorm(x, gamma, beta, dout):
    return _backward(x, gamma, dout, axis=0)


def layernorm(x, gamma, beta, dout):
    found = _backward(x, gamma, dout, axis=1)
    return found | _means(found, axis=1)


def groupnorm(x, gamma, beta, G, dout):
    N, C, H, W = x.shape
    shape = (N, G, C // G, H, W)
    scale = np.broadcast_to(gamma, x.shape).reshape(shape)
    axis = (2, 3, 4)
    found = _backward(x.reshape(shape), scale, dout.reshape(shape), axis, of_parameters=(0, 3, 4))
    return found | _means(found, axis)


STEPS = {
    "batchnorm_backward": (batchnorm,),
    "layernorm_backward": (layernorm,),
    "spatial_groupnorm_backward": (groupnorm,),
}
