"""The reader's layers beside PyTorch's, on the same numbers, where PyTorch is installed.

PyTorch is in no requirement of this course. Where it is not there, the same table says which call
does what.
"""

import importlib
import textwrap

import numpy as np

from cs231n import layers
from cs231n.gradient_check import rel_error

__all__ = ["beside_pytorch"]

N, C, H, W, D, M = 6, 4, 5, 6, 5, 3
_WIDTH = 60  # letters of a remark


def beside_pytorch():
    """Print which call of PyTorch does what a layer of this course does, and how far they differ.

    What differs is a relative error, as `rel_error` has it, in float64. Without PyTorch the calls
    are printed alone. Raises what the reader's own layers raise.
    """
    try:
        torch = importlib.import_module("torch")
    except ImportError:
        torch = None
    width = max(len(ours) for ours, *_ in ROWS)
    for ours, theirs, remark, compare in ROWS:
        error = f"relative error {compare(torch, Numbers()):.0e}" if torch else ""
        print(f"{ours:{width}}  {theirs}")
        for line in (*filter(None, [error]), *textwrap.wrap(remark, _WIDTH)):
            print(f"{'':{width}}    {line}")
    if torch is None:
        print("\nPyTorch is not installed here. Where it is, each row has the relative error too.")


class Numbers:
    """The same numbers at every call: inputs of all layers."""

    def __init__(self):
        rng = np.random.default_rng(231)
        self.rows, self.dout = 2 + rng.standard_normal((2, N, D))
        self.w, self.b = rng.standard_normal((D, M)), rng.standard_normal(M)
        self.gamma, self.beta = rng.standard_normal((2, D))
        self.images = rng.standard_normal((N, C, H, W))
        self.filters, self.biases = rng.standard_normal((M, C, 3, 3)), rng.standard_normal(M)
        self.scale, self.shift = rng.standard_normal((2, C))
        self.y = rng.integers(M, size=N)


def _functional(torch):
    return importlib.import_module("torch.nn.functional")


def _affine(torch, n):
    out, _ = layers.affine_forward(n.rows, n.w, n.b)
    t = torch.from_numpy
    return rel_error(out, _functional(torch).linear(t(n.rows), t(n.w).T, t(n.b)).numpy())


def _softmax(torch, n):
    scores, _ = layers.affine_forward(n.rows, n.w, n.b)
    loss, _ = layers.softmax_loss(scores, n.y)
    t = torch.from_numpy
    return rel_error(loss, _functional(torch).cross_entropy(t(scores), t(n.y)).numpy())


def _batchnorm(torch, n):
    """The output in training, and at test time with the same running statistics."""
    settings = {"mode": "train", "running_mean": np.zeros(D), "running_var": np.ones(D)}
    out, cache = layers.batchnorm_forward(n.rows, n.gamma, n.beta, settings)
    dx, dgamma, dbeta = layers.batchnorm_backward(n.dout, cache)
    t = torch.from_numpy
    x, gamma, beta = (t(array).requires_grad_() for array in (n.rows, n.gamma, n.beta))
    theirs = _functional(torch).batch_norm(x, None, None, gamma, beta, training=True)
    theirs.backward(t(n.dout))
    pairs = [(out, theirs.detach()), (dx, x.grad), (dgamma, gamma.grad), (dbeta, beta.grad)]
    return max(rel_error(own, other.numpy()) for own, other in pairs)


def _running(torch, n):
    settings = {"mode": "train", "running_mean": np.zeros(D), "running_var": np.ones(D)}
    settings["momentum"] = 0.9
    layers.batchnorm_forward(n.rows, n.gamma, n.beta, settings)
    mean, var = torch.zeros(D, dtype=torch.float64), torch.ones(D, dtype=torch.float64)
    x = torch.from_numpy(n.rows)
    _functional(torch).batch_norm(x, mean, var, training=True, momentum=0.1)
    unbiased = 0.9 + (settings["running_var"] - 0.9) * N / (N - 1)
    return max(rel_error(settings["running_mean"], mean.numpy()), rel_error(unbiased, var.numpy()))


def _layernorm(torch, n):
    out, _ = layers.layernorm_forward(n.rows, n.gamma, n.beta, {})
    x, gamma, beta = map(torch.from_numpy, (n.rows, n.gamma, n.beta))
    return rel_error(out, _functional(torch).layer_norm(x, (D,), gamma, beta).numpy())


def _groupnorm(torch, n):
    out, _ = layers.spatial_groupnorm_forward(n.images, n.scale, n.shift, 2, {})
    x, gamma, beta = map(torch.from_numpy, (n.images, n.scale, n.shift))
    return rel_error(out, _functional(torch).group_norm(x, 2, gamma, beta).numpy())


def _dropout(torch, n):
    """What is kept is made larger by the same factor; which numbers are kept is chance."""
    ones = np.ones((100, 100))
    out, _ = layers.dropout_forward(ones, {"mode": "train", "p": 0.8, "seed": 231})
    theirs = _functional(torch).dropout(torch.from_numpy(ones), p=0.2, training=True).numpy()
    return rel_error(out.max(), theirs.max())


def _convolution(torch, n):
    conv_param = {"stride": 1, "pad": 1}
    out, _ = layers.conv_forward_naive(n.images, n.filters, n.biases, conv_param)
    x, w, b = map(torch.from_numpy, (n.images, n.filters, n.biases))
    return rel_error(out, _functional(torch).conv2d(x, w, b, stride=1, padding=1).numpy())


def _pooling(torch, n):
    pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
    out, _ = layers.max_pool_forward_naive(n.images, pool_param)
    x = torch.from_numpy(n.images)
    return rel_error(out, _functional(torch).max_pool2d(x, 2, stride=2).numpy())


# What this course calls it, what PyTorch does, what to know about it, and how to compare them.
ROWS = (
    (
        "affine_forward(x, w, b)",
        "F.linear(x, w.T, b)",
        "its weights have the shape (M, D), and x is flattened before",
        _affine,
    ),
    (
        "softmax_loss(x, y)",
        "F.cross_entropy(x, y)",
        "takes scores, and no probabilities",
        _softmax,
    ),
    (
        "batchnorm_forward, _backward",
        "F.batch_norm(x, mean, var, gamma, beta, training=True)",
        "and loss.backward() finds dx, dgamma and dbeta by itself",
        _batchnorm,
    ),
    (
        'bn_param["momentum"] = 0.9',
        "F.batch_norm(..., momentum=0.1)",
        "the share of the new value, not of the old one; and its running variance is N / (N - 1) "
        "times the minibatch's",
        _running,
    ),
    (
        "layernorm_forward(x, ...)",
        "F.layer_norm(x, (D,), gamma, beta)",
        "takes the shape of what is normalised together",
        _layernorm,
    ),
    (
        "spatial_groupnorm_forward",
        "F.group_norm(x, G, gamma, beta)",
        "gamma and beta have the shape (C,)",
        _groupnorm,
    ),
    (
        'dropout_param["p"] = 0.8',
        "F.dropout(x, p=0.2, training=True)",
        "p is the probability of being dropped there, and of being kept here",
        _dropout,
    ),
    (
        "conv_forward_naive(x, w, b, ...)",
        "F.conv2d(x, w, b, stride=1, padding=1)",
        "a convolution there is one without turning the filter round, as here",
        _convolution,
    ),
    (
        "max_pool_forward_naive(x, ...)",
        "F.max_pool2d(x, 2, stride=2)",
        "stride is the window's size unless given",
        _pooling,
    ),
)
