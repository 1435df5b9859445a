"""Every layer once more: a plain forward pass in autograd's numpy, which autograd differentiates.

Written from the formulas, as slowly and as simply as can be, and without a look at the package.
An Operation pairs such a forward pass with two functions of the package, and `compare` holds the
package to it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import autograd
import autograd.numpy as anp
import numpy as np

# Both sides compute in float64, in another order; sums here are of at most a few thousand terms.
TOLERANCE = 1e-9


@dataclass(frozen=True)
class Operation:
    """One layer of the package with its plain twin.

    plain(*inputs) gives out. forward(*inputs) gives out and cache, backward(dout, cache) one
    gradient for each input, as a tuple.
    """

    plain: Callable
    forward: Callable
    backward: Callable


def compare(operation, inputs, rng):
    """Hold forward and backward against the plain pass and its gradients, exact shapes included.

    Also asserts that no input changes, that backward gives the same a second time, that gradients
    are float64 as the inputs are, and that the out in a caller's hands may be overwritten before
    backward runs.
    """
    kept = [array.copy() for array in inputs]
    out, cache = operation.forward(*inputs)
    expected = operation.plain(*inputs)
    assert_close("out", out, expected)

    dout = rng.standard_normal(expected.shape)
    kept_dout = dout.copy()
    vjp = autograd.make_vjp(lambda arguments: operation.plain(*arguments))(tuple(inputs))[0]
    wanted = vjp(dout)
    if out is not inputs[0] and out.flags.writeable:
        out[...] = np.nan
    for _ in range(2):
        gradients = operation.backward(dout, cache)
        assert len(gradients) == len(inputs)
        for number, (gradient, want) in enumerate(zip(gradients, wanted, strict=True)):
            assert_close(f"gradient {number}", gradient, want)
    for number, (array, before) in enumerate(zip(inputs, kept, strict=True)):
        assert np.array_equal(array, before), f"input {number} was overwritten"
    assert np.array_equal(dout, kept_dout), "dout was overwritten"


def assert_close(name, got, expected, tolerance=TOLERANCE):
    """Assert the same shape, the same dtype, and values that differ by rounding alone."""
    got, expected = np.asarray(got), np.asarray(expected)
    assert got.shape == expected.shape, f"{name}: shape {got.shape}, expected {expected.shape}"
    assert got.dtype == expected.dtype, f"{name}: dtype {got.dtype}, expected {expected.dtype}"
    scale = max(1.0, np.abs(expected).max(initial=0))
    worst = np.abs(got - expected).max(initial=0)
    assert worst <= tolerance * scale, f"{name}: off by {worst}, at a scale of {scale}"


def affine(x, w, b):
    return anp.dot(anp.reshape(x, (x.shape[0], w.shape[0])), w) + b


def relu(x):
    return anp.where(x > 0, x, 0.0)


def normalized(x, axes, eps):
    """Take off the mean over `axes` and divide by the root of the biased variance plus eps."""
    count = np.prod([x.shape[axis] for axis in axes])
    mean = anp.sum(x, axis=axes, keepdims=True) / count
    variance = anp.sum((x - mean) ** 2, axis=axes, keepdims=True) / count
    return (x - mean) / (variance + eps) ** 0.5


def batchnorm(x, gamma, beta, eps=1e-5):
    return normalized(x, (0,), eps) * gamma + beta


def layernorm(x, gamma, beta, eps=1e-5):
    return normalized(x, (1,), eps) * gamma + beta


def spatial_batchnorm(x, gamma, beta, eps=1e-5):
    return normalized(x, (0, 2, 3), eps) * gamma[None, :, None, None] + beta[None, :, None, None]


def spatial_groupnorm(x, gamma, beta, G, eps=1e-5):
    members = x.shape[1] // G
    groups = [
        normalized(x[:, first : first + members], (1, 2, 3), eps)
        for first in range(0, x.shape[1], members)
    ]
    per_channel = (1, x.shape[1], 1, 1)
    x_hat = anp.concatenate(groups, axis=1)
    return x_hat * anp.reshape(gamma, per_channel) + anp.reshape(beta, per_channel)


def dropout(x, p, seed):
    kept = np.random.RandomState(seed).rand(*x.shape) < p
    return anp.where(kept, x / p, 0.0)


def windows(x, height, width, stride):
    """List the windows that lie in the image whole, row by row."""
    rows = range(0, x.shape[2] - height + 1, stride)
    columns = range(0, x.shape[3] - width + 1, stride)
    cut = [[x[:, :, i : i + height, j : j + width] for j in columns] for i in rows]
    return cut, len(rows), len(columns)


def conv(x, w, b, stride, pad):
    frame = ((0, 0), (0, 0), (pad, pad), (pad, pad))
    cut, rows, columns = windows(anp.pad(x, frame, "constant"), w.shape[2], w.shape[3], stride)
    stops = [anp.einsum("nchw,fchw->nf", window, w) + b for row in cut for window in row]
    return anp.reshape(anp.stack(stops, axis=2), (x.shape[0], w.shape[0], rows, columns))


def max_pool(x, height, width, stride):
    cut, rows, columns = windows(x, height, width, stride)
    stops = [
        anp.max(anp.reshape(window, (*x.shape[:2], height * width)), axis=2)
        for row in cut
        for window in row
    ]
    return anp.reshape(anp.stack(stops, axis=2), (*x.shape[:2], rows, columns))


def softmax_loss(x, y):
    shifted = x - anp.max(x, axis=1, keepdims=True)
    right = shifted[np.arange(len(y)), y]
    return anp.mean(anp.log(anp.sum(anp.exp(shifted), axis=1)) - right)


def svm_loss(x, y):
    total = 0.0
    for scores, label in zip(x, y, strict=True):
        for other in range(x.shape[1]):
            if other != label:
                total = total + anp.maximum(0.0, scores[other] - scores[label] + 1)
    return total / len(y)


def net_loss(params, X, y, *, depth, normalization=None, reg=0.0, masks=None):
    """Compute the loss of {affine - [norm] - relu - [dropout]} x (depth - 1) - affine - softmax."""
    out = anp.reshape(X, (X.shape[0], -1))
    for layer in range(1, depth):
        out = affine(out, params[f"W{layer}"], params[f"b{layer}"])
        if normalization:
            norm = {"batchnorm": batchnorm, "layernorm": layernorm}[normalization]
            out = norm(out, params[f"gamma{layer}"], params[f"beta{layer}"])
        out = relu(out)
        if masks is not None:
            out = out * masks[layer - 1]
    scores = affine(out, params[f"W{depth}"], params[f"b{depth}"])
    squares = sum(anp.sum(params[f"W{layer}"] ** 2) for layer in range(1, depth + 1))
    return softmax_loss(scores, y) + 0.5 * reg * squares


def convnet_loss(params, X, y, *, pad, reg=0.0):
    """Compute the loss of conv - relu - 2x2 max pool - affine - relu - affine - softmax."""
    maps = max_pool(relu(conv(X, params["W1"], params["b1"], 1, pad)), 2, 2, 2)
    scores = affine(relu(affine(maps, params["W2"], params["b2"])), params["W3"], params["b3"])
    return softmax_loss(scores, y) + 0.5 * reg * sum(anp.sum(params[f"W{i}"] ** 2) for i in "123")
