"""The plain first version of what the package does fast, to measure against.

Convolution is im2col over the whole batch with one matrix product, which keeps the columns for
backward. Normalisation is the textbook's computation graph, one operation a line, every
intermediate kept, and backward one line for each line of forward. Loading is all of CIFAR-10 in
float64 in a list of batches that are concatenated.
"""

import pickle
from pathlib import Path

import numpy as np

from cs231n.im2col import col2im_indices, im2col_indices


def conv_forward(x, w, b, conv_param):
    """Convolve x (N, C, H, W) with w (F, C, HH, WW). Returns out (N, F, H', W') and cache."""
    stride, pad = conv_param["stride"], conv_param["pad"]
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    H_out, W_out = 1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride
    columns = im2col_indices(x, HH, WW, pad, stride)  # (C * HH * WW, H' * W' * N)
    out = w.reshape(F, -1) @ columns + b[:, None]
    return out.reshape(F, H_out, W_out, N).transpose(3, 0, 1, 2), (x, w, columns, stride, pad)


def conv_backward(dout, cache):
    """Return dx, dw and db."""
    x, w, columns, stride, pad = cache
    F, C, HH, WW = w.shape
    dscores = dout.transpose(1, 2, 3, 0).reshape(F, -1)  # (F, H' * W' * N)
    dw = (dscores @ columns.T).reshape(w.shape)
    dcolumns = w.reshape(F, -1).T @ dscores
    dx = col2im_indices(dcolumns, x.shape, HH, WW, pad, stride)
    return dx, dw, dscores.sum(axis=1)


def max_pool_forward(x, pool_param):
    """Take the maximum of each window by laying windows out as columns."""
    height, width, stride = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    N, C, H, W = x.shape
    H_out, W_out = 1 + (H - height) // stride, 1 + (W - width) // stride
    columns = im2col_indices(x.reshape(N * C, 1, H, W), height, width, 0, stride)
    winners = columns.argmax(axis=0)
    best = columns[winners, np.arange(len(winners))]
    out = best.reshape(H_out, W_out, N, C).transpose(2, 3, 0, 1)
    return out, (x.shape, columns.shape, winners, pool_param)


def max_pool_backward(dout, cache):
    """Return dx."""
    (N, C, H, W), shape, winners, pool_param = cache
    height, width, stride = (pool_param[k] for k in ("pool_height", "pool_width", "stride"))
    dcolumns = np.zeros(shape, dtype=dout.dtype)
    dcolumns[winners, np.arange(len(winners))] = dout.transpose(2, 3, 0, 1).reshape(-1)
    dx = col2im_indices(dcolumns, (N * C, 1, H, W), height, width, 0, stride)
    return dx.reshape(N, C, H, W)


def norm_forward(x, gamma, beta, axis, eps=1e-5):
    """Normalise x over `axis`, one operation of the computation graph a line.

    gamma and beta have as many axes as x.
    """
    mean = np.mean(x, axis=axis, keepdims=True)
    centered = x - mean
    squared = centered**2
    var = np.mean(squared, axis=axis, keepdims=True)
    std = np.sqrt(var + x.dtype.type(eps))
    inverse = 1 / std
    x_hat = centered * inverse
    scaled = gamma * x_hat
    out = scaled + beta
    return out, (x, gamma, axis, mean, var, centered, std, inverse, x_hat)


def norm_backward(dout, cache):
    """Return dx, dgamma and dbeta: norm_forward backwards, line by line."""
    x, gamma, axis, mean, var, centered, std, inverse, x_hat = cache
    count = x.size // std.size
    shared = tuple(a for a in range(x.ndim) if gamma.shape[a] == 1)  # what gamma is the same along
    # out = scaled + beta
    dbeta = np.sum(dout, axis=shared)
    dscaled = dout
    # scaled = gamma * x_hat
    dgamma = np.sum(dscaled * x_hat, axis=shared)
    dx_hat = dscaled * gamma
    # x_hat = centered * inverse
    dinverse = np.sum(dx_hat * centered, axis=axis, keepdims=True)
    dcentered = dx_hat * inverse
    # inverse = 1 / std
    dstd = -dinverse / std**2
    # std = sqrt(var + eps)
    dvar = 0.5 * dstd / std
    # var = mean of squared
    dsquared = np.ones_like(x) * dvar / count
    # squared = centered ** 2
    dcentered = dcentered + 2 * centered * dsquared
    # centered = x - mean
    dx = dcentered
    dmean = -np.sum(dcentered, axis=axis, keepdims=True)
    # mean = mean of x
    dx = dx + np.ones_like(x) * dmean / count
    return dx, dgamma, dbeta


def batchnorm_forward(x, gamma, beta, bn_param):
    """Normalise each column of x (N, D), and keep running averages as the package does."""
    out, cache = norm_forward(x, gamma[None], beta[None], axis=0)
    _, _, _, mean, var, *_ = cache
    momentum = bn_param.get("momentum", 0.9)
    for name, batch in (("running_mean", mean[0]), ("running_var", var[0])):
        running = bn_param.get(name, np.zeros_like(batch))
        bn_param[name] = momentum * running + (1 - momentum) * batch
    return out, cache


def layernorm_forward(x, gamma, beta, ln_param):
    """Normalise each row of x (N, D)."""
    return norm_forward(x, gamma[None], beta[None], axis=1)


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Normalise each channel of x (N, C, H, W)."""
    N, C, H, W = x.shape
    pixels = x.transpose(0, 2, 3, 1).reshape(-1, C)
    out, cache = batchnorm_forward(pixels, gamma, beta, bn_param)
    return out.reshape(N, H, W, C).transpose(0, 3, 1, 2), cache


def spatial_batchnorm_backward(dout, cache):
    """Return dx, dgamma and dbeta."""
    N, C, H, W = dout.shape
    dx, dgamma, dbeta = norm_backward(dout.transpose(0, 2, 3, 1).reshape(-1, C), cache)
    return dx.reshape(N, H, W, C).transpose(0, 3, 1, 2), dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """Normalise each of G groups of channels of each image of x (N, C, H, W)."""
    N, C, H, W = x.shape
    grouped = (N, G, C // G, H, W)
    per_channel = (1, G, C // G, 1, 1)
    out, cache = norm_forward(
        x.reshape(grouped), gamma.reshape(per_channel), beta.reshape(per_channel), axis=(2, 3, 4)
    )
    return out.reshape(x.shape), cache


def spatial_groupnorm_backward(dout, cache):
    """Return dx, dgamma and dbeta."""
    dx, dgamma, dbeta = norm_backward(dout.reshape(cache[0].shape), cache)
    return dx.reshape(dout.shape), dgamma.reshape(-1), dbeta.reshape(-1)


def load_cifar10(folder, num_training=49000, num_validation=1000, num_test=1000):
    """Return what get_CIFAR10_data does, with every image in float64 from the first step on."""

    def load_batch(name):
        with open(Path(folder) / name, "rb") as file:
            batch = pickle.load(file, encoding="latin1")
        images = batch["data"].reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1).astype("float")
        return images, np.array(batch["labels"])

    batches = [load_batch(f"data_batch_{number}") for number in range(1, 6)]
    X_train = np.concatenate([images for images, _ in batches])
    y_train = np.concatenate([labels for _, labels in batches])
    X_test, y_test = load_batch("test_batch")
    chosen = list(range(num_training, num_training + num_validation))
    X_val, y_val = X_train[chosen], y_train[chosen]
    chosen = list(range(num_training))
    X_train, y_train = X_train[chosen], y_train[chosen]
    chosen = list(range(num_test))
    X_test, y_test = X_test[chosen], y_test[chosen]
    mean = np.mean(X_train, axis=0)
    X_train -= mean
    X_val -= mean
    X_test -= mean
    return {
        "X_train": X_train.transpose(0, 3, 1, 2).copy(),
        "y_train": y_train,
        "X_val": X_val.transpose(0, 3, 1, 2).copy(),
        "y_val": y_val,
        "X_test": X_test.transpose(0, 3, 1, 2).copy(),
        "y_test": y_test,
    }
