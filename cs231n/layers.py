"""The layers of a neural network, as pairs of functions over numpy arrays.

Each layer is `*_forward(inputs) -> out, cache` and `*_backward(dout, cache) -> gradients`. The
cache is what backward needs to know of the forward pass. `dout` is the gradient of the loss with
respect to `out`, and the gradients that come back have the shapes of the inputs.

No layer writes to an array that it was given, and float32 stays float32.

Any axis may have the length 1, also that of the examples, and results keep such an axis. Arrays may
lie in memory in any order, with gaps between their numbers.
"""

import numpy as np

from ._internal.arguments import (
    convolution_steps,
    expect_floats,
    expect_groups,
    expect_keep_probability,
    expect_labels,
    expect_mode,
    expect_settings,
    expect_shapes,
    expect_training_cache,
    pooling_steps,
)

__all__ = [
    "affine_backward",
    "affine_forward",
    "batchnorm_backward",
    "batchnorm_backward_alt",
    "batchnorm_forward",
    "conv_backward_naive",
    "conv_forward_naive",
    "dropout_backward",
    "dropout_forward",
    "layernorm_backward",
    "layernorm_forward",
    "max_pool_backward_naive",
    "max_pool_forward_naive",
    "relu_backward",
    "relu_forward",
    "softmax_loss",
    "spatial_batchnorm_backward",
    "spatial_batchnorm_forward",
    "spatial_groupnorm_backward",
    "spatial_groupnorm_forward",
    "svm_loss",
]


def affine_forward(x, w, b):
    """Map each example linearly: out = x w + b, with the axes of an example flattened to D.

    Inputs:
    - x: examples, ndarray of shape (N, d_1, ..., d_k), where D = d_1 * ... * d_k. There may be one
      example, and examples of one number each
    - w: weights, ndarray of shape (D, M)
    - b: biases, ndarray of shape (M,)

    Returns out of shape (N, M), and cache (x, w, b), in which x has the shape that it came in.

    Raises ValueError if the shapes do not fit one another.
    """
    N, D = len(x), int(np.prod(np.shape(x)[1:]))
    expect_shapes("affine_forward", x=(x, "N ..."), w=(w, f"{D} M"), b=(b, "M"))
    # TODO: compute out from x, w and b. Flatten each example into a row first, without changing
    # the shape of x itself.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    rows = x.reshape(N, D)
    out = rows @ w + b  # (N, M)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return out, (x, w, b)


def affine_backward(dout, cache):
    """Pass a gradient back through affine_forward.

    Inputs:
    - dout: upstream gradient, ndarray of shape (N, M)
    - cache: (x, w, b) from affine_forward

    Returns dx, dw and db, in the shapes of x, w and b.

    Raises ValueError if dout does not have the shape of the output.
    """
    x, w, b = cache
    expect_shapes("affine_backward", x=(x, "N ..."), w=(w, "D M"), dout=(dout, "N M"))
    N, D = len(x), len(w)
    # TODO: compute dx, dw and db.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    rows = x.reshape(N, D)
    dx = (dout @ w.T).reshape(x.shape)
    dw = rows.T @ dout  # (D, M)
    db = dout.sum(axis=0)  # (M,)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dw, db


def relu_forward(x):
    """Set everything below zero to zero: out = max(0, x).

    Inputs:
    - x: ndarray of any number of axes

    Returns out of the same shape, and x as cache.
    """
    # TODO: compute out, and leave x as it is.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    out = np.maximum(x, 0)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return out, x


def relu_backward(dout, cache):
    """Pass a gradient back through relu_forward: where x was above zero, and nowhere below.

    At zero itself there is no derivative, and any share of the gradient from none to all will do.

    Inputs:
    - dout: upstream gradient, of any number of axes
    - cache: x from relu_forward, of the same shape

    Returns dx, of that shape.

    Raises ValueError if the two shapes differ.
    """
    x = cache
    expect_shapes("relu_backward", dout=(dout, " ".join(map(str, np.shape(x)))))
    # TODO: compute dx, and leave dout as it is.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    dx = dout * (x > 0)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx


def batchnorm_forward(x, gamma, beta, bn_param):
    """Normalise each feature over the minibatch, then scale it by gamma and shift it by beta.

    In mode 'train' a feature's mean and biased variance (ddof=0) are those of the minibatch, and
    running averages of the two are kept; in mode 'test' the running averages stand in for them:

        x_hat = (x - mean) / sqrt(var + eps),    out = gamma x_hat + beta,
        running = momentum running + (1 - momentum) batch

    Inputs:
    - x: ndarray of shape (N, D). With a single example, or in a feature that is the same in all of
      them, the variance is 0 and out is beta
    - gamma, beta: scale and shift of each feature, ndarrays of shape (D,)
    - bn_param: dictionary with
      - mode: 'train' or 'test'
      - eps: float, default=1e-5, added to the variance
      - momentum: float, default=0.9, the share of a running average that is kept at each step
      - running_mean, running_var: ndarrays of shape (D,), default zeros; written back

    Returns out of shape (N, D), and a cache for the backward pass: None in mode 'test'.

    Raises ValueError for another mode, or if the shapes do not fit one another.

    Source: Ioffe and Szegedy 2015, "Batch Normalization", algorithm 1, with running averages in
    place of the population statistics of algorithm 2.
    """
    mode = expect_mode("batchnorm_forward", "bn_param", bn_param)
    expect_shapes("batchnorm_forward", x=(x, "N D"), gamma=(gamma, "D"), beta=(beta, "D"))
    N, D = x.shape
    # A numpy scalar here would turn float32 into float64.
    eps = float(bn_param.get("eps", 1e-5))
    momentum = float(bn_param.get("momentum", 0.9))
    running_mean = bn_param.get("running_mean", np.zeros(D, dtype=x.dtype))
    running_var = bn_param.get("running_var", np.zeros(D, dtype=x.dtype))
    expect_shapes(
        "batchnorm_forward",
        x=(x, "N D"),
        running_mean=(running_mean, "D"),
        running_var=(running_var, "D"),
    )

    cache = None
    if mode == "train":
        # TODO (train): normalise with the statistics of this minibatch and compute out. Update
        # running_mean and running_var. Put what backward will need into cache.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        ones = np.ones(N, dtype=x.dtype)  # a product with ones is a sum, and a more exact one
        mean = ones @ x / N  # (D,)
        centered = x - mean  # (N, D)
        var = ones @ centered**2 / N  # (D,), biased
        std = np.sqrt(var + eps)
        x_hat = centered / std  # (N, D)
        out = gamma * x_hat + beta
        running_mean = momentum * running_mean + (1 - momentum) * mean
        running_var = momentum * running_var + (1 - momentum) * var
        cache = (x_hat, std, gamma)
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    else:
        # TODO (test): normalise with running_mean and running_var, which stay as they are.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        x_hat = (x - running_mean) / np.sqrt(running_var + eps)
        out = gamma * x_hat + beta
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****

    bn_param["running_mean"] = running_mean
    bn_param["running_var"] = running_var
    return out, cache


def batchnorm_backward(dout, cache):
    """Pass a gradient back through batchnorm_forward in mode 'train', one operation at a time.

    The minibatch's mean and variance depend on x too, so the gradient reaches x by three paths:
    directly, through the variance, and through the mean.

    Inputs:
    - dout: upstream gradient, ndarray of shape (N, D)
    - cache: from batchnorm_forward

    Returns dx of shape (N, D), dgamma and dbeta of shape (D,).

    Raises ValueError if dout is not two-dimensional, or cache comes from mode 'test'.
    """
    expect_training_cache("batchnorm_backward", cache)
    expect_shapes("batchnorm_backward", dout=(dout, "N D"))
    # TODO: walk the computation graph backwards. One line for each operation of the forward pass,
    # and the sum of the paths where a value was used more than once.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    x_hat, std, gamma = cache
    N = len(dout)
    ones = np.ones(N, dtype=dout.dtype)  # a product with ones is a sum over examples
    centered = x_hat * std
    # out = gamma * x_hat + beta
    dbeta = ones @ dout  # (D,)
    dgamma = ones @ (dout * x_hat)  # (D,)
    dx_hat = dout * gamma  # (N, D)
    # x_hat = centered / std
    dcentered = dx_hat / std
    dstd = -(ones @ (dx_hat * centered)) / std**2  # (D,)
    # std = sqrt(var + eps)
    dvar = 0.5 * dstd / std
    # var = mean of centered ** 2
    dcentered = dcentered + centered * (2 * dvar / N)
    # centered = x - mean, and mean = sum of x over N
    dmean = -(ones @ dcentered)
    dx = dcentered + dmean / N
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dgamma, dbeta


def batchnorm_backward_alt(dout, cache):
    """Do what batchnorm_backward does, with dx in closed form.

    On paper the three paths collapse into one expression, with sums over the minibatch that
    dgamma and dbeta hold already.

    Takes and returns what batchnorm_backward does, and the same cache.

    Source: Ioffe and Szegedy 2015, the gradients in section 3, simplified.
    """
    expect_training_cache("batchnorm_backward_alt", cache)
    expect_shapes("batchnorm_backward_alt", dout=(dout, "N D"))
    # TODO: compute dgamma and dbeta, and dx from them in a single statement.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    x_hat, std, gamma = cache
    N = len(dout)
    ones = np.ones(N, dtype=dout.dtype)  # a product with ones is a sum over examples
    dbeta = ones @ dout  # (D,)
    dgamma = ones @ (dout * x_hat)  # (D,)
    dx = gamma / std * (dout - dbeta / N - x_hat * (dgamma / N))  # (N, D)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dgamma, dbeta


def layernorm_forward(x, gamma, beta, ln_param):
    """Normalise each example over its features, then scale and shift each feature.

    No statistic crosses from one example to another, so training and test time are the same.

    Inputs:
    - x: ndarray of shape (N, D). With a single feature, or in an example whose features are all the
      same, the variance is 0 and out is beta
    - gamma, beta: scale and shift of each feature, ndarrays of shape (D,)
    - ln_param: dictionary with eps: float, default=1e-5; other keys, a mode perhaps, are ignored

    Returns out of shape (N, D), and a cache for the backward pass.

    Raises ValueError if the shapes do not fit one another.

    Source: Ba, Kiros and Hinton 2016, "Layer Normalization", equations 3 and 4; biased variance.
    """
    expect_shapes("layernorm_forward", x=(x, "N D"), gamma=(gamma, "D"), beta=(beta, "D"))
    expect_settings("layernorm_forward", "ln_param", ln_param)
    N, D = x.shape
    eps = float(ln_param.get("eps", 1e-5))
    # TODO: compute out. Batch normalisation in mode 'train' is nearly there: what has to change is
    # the axis, and how the statistics line up with x.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    ones = np.ones((D, 1), dtype=x.dtype)  # a product with ones is a sum over features
    mean = x @ ones / D  # (N, 1)
    centered = x - mean  # (N, D)
    var = centered**2 @ ones / D  # (N, 1), biased
    std = np.sqrt(var + eps)
    x_hat = centered / std  # (N, D)
    out = gamma * x_hat + beta
    cache = (x_hat, std, gamma)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return out, cache


def layernorm_backward(dout, cache):
    """Pass a gradient back through layernorm_forward.

    Inputs:
    - dout: upstream gradient, ndarray of shape (N, D)
    - cache: from layernorm_forward

    Returns dx of shape (N, D), dgamma and dbeta of shape (D,).

    Raises ValueError if dout is not two-dimensional.
    """
    expect_shapes("layernorm_backward", dout=(dout, "N D"))
    # TODO: compute dx, dgamma and dbeta. Which sums run over examples now, and which over features?
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    x_hat, std, gamma = cache
    N, D = dout.shape
    dscale = dout * x_hat  # (N, D)
    ones = np.ones(N, dtype=dout.dtype)  # a product with ones is a sum over examples
    dbeta = ones @ dout  # (D,)
    dgamma = ones @ dscale  # (D,)
    # The sum of dout * gamma over features is a product with gamma.
    through_mean = (dout @ gamma / D)[:, None]  # (N, 1)
    through_var = (dscale @ gamma / D)[:, None]  # (N, 1)
    dx_hat = dout * gamma  # (N, D)
    dx = (dx_hat - through_mean - x_hat * through_var) / std
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dgamma, dbeta


def dropout_forward(x, dropout_param):
    """Drop units at random while training, and scale up the rest (inverted dropout).

    In mode 'train' each unit is kept with probability p and divided by p, so that its mean stays
    what it was; otherwise it is 0. In mode 'test' the input goes through unchanged.

    Inputs:
    - x: ndarray of floats, of any number of axes
    - dropout_param: dictionary with
      - p: float in (0, 1], the probability to keep a unit
      - mode: 'train' or 'test'
      - seed: optional; the same seed draws the same mask, and numpy's global stream is not touched

    Returns out of the shape of x, and cache (dropout_param, mask): the mask is None in mode 'test'.

    Raises ValueError for another mode or p, and TypeError for whole numbers in x, which scaling
    would cut off.

    Source: Srivastava et al. 2014, "Dropout", section 10, with the scaling at training time.
    """
    mode = expect_mode("dropout_forward", "dropout_param", dropout_param)
    expect_floats("dropout_forward", "x", x)
    p = expect_keep_probability("dropout_forward", dropout_param.get("p"))
    seed = dropout_param.get("seed")
    random = np.random if seed is None else np.random.RandomState(seed)

    mask = None
    if mode == "train":
        # TODO (train): draw the mask, with the scaling in it, and compute out. Take the random
        # numbers from random.rand(...), which knows about the seed.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        kept = random.rand(*x.shape) < p
        mask = kept.astype(x.dtype) / p
        out = x * mask
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    else:
        # TODO (test): compute out.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        out = x.copy()
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****

    # A mask that was drawn in float64 would turn a float32 network into a float64 one.
    return out.astype(x.dtype, copy=False), (dropout_param, mask)


def dropout_backward(dout, cache):
    """Pass a gradient back through dropout_forward.

    Inputs:
    - dout: upstream gradient, of any shape
    - cache: (dropout_param, mask) from dropout_forward

    Returns dx of the shape of dout.

    Raises ValueError for a mode that is neither 'train' nor 'test'.
    """
    dropout_param, mask = cache
    mode = expect_mode("dropout_backward", "dropout_param", dropout_param)
    if mode == "test":
        return dout.copy()
    # TODO (train): compute dx.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    dx = dout * mask
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx


def conv_forward_naive(x, w, b, conv_param):
    """Slide each filter over each image, and sum the products at each position.

    The image is padded with zeros by `pad` on all four sides. A filter has

        H' = 1 + (H + 2 * pad - HH) // stride    positions down, and
        W' = 1 + (W + 2 * pad - WW) // stride    positions across.

    Where the stride does not tile the padded image, the last partial window is left out. A stride
    larger than the filter leaves gaps between windows, and a filter may be as large as the image.

    Inputs:
    - x: images, ndarray of shape (N, C, H, W)
    - w: filters, ndarray of shape (F, C, HH, WW), not always square
    - b: a bias for each filter, ndarray of shape (F,)
    - conv_param: dictionary with stride and pad, in pixels; pad may be 0

    Returns out of shape (N, F, H', W'), and cache (x, w, b, conv_param).

    Raises ValueError if the shapes do not fit one another, or a filter is larger than the padded
    image.
    """
    expect_shapes("conv_forward_naive", x=(x, "N C H W"), w=(w, "F C HH WW"), b=(b, "F"))
    stride, pad = convolution_steps("conv_forward_naive", conv_param, x, w)
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    # TODO: compute out. Loops are welcome, and np.pad can do the padding.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    x_padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    out = np.empty((N, F, H_out, W_out), dtype=np.result_type(x, w, b))
    size = C * HH * WW
    filters = w.reshape(F, size)
    for i, j in np.ndindex(H_out, W_out):
        top, left = i * stride, j * stride
        window = x_padded[:, :, top : top + HH, left : left + WW]  # (N, C, HH, WW)
        out[:, :, i, j] = window.reshape(N, size) @ filters.T + b  # (N, F)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return out, (x, w, b, conv_param)


def conv_backward_naive(dout, cache):
    """Pass a gradient back through conv_forward_naive.

    Inputs:
    - dout: upstream gradient, ndarray of shape (N, F, H', W')
    - cache: (x, w, b, conv_param) from conv_forward_naive

    Returns dx, dw and db, in the shapes of x, w and b. Pixels that are in no window get 0.

    Raises ValueError if dout does not have the shape of the output.
    """
    x, w, b, conv_param = cache
    expect_shapes(
        "conv_backward_naive", x=(x, "N C H W"), w=(w, "F C HH WW"), dout=(dout, "N F H' W'")
    )
    stride, pad = convolution_steps("conv_backward_naive", conv_param, x, w)
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    # TODO: compute dx, dw and db. Each position of the forward pass sends its share of dout back to
    # the window it looked at, and windows may overlap.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    x_padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dx_padded = np.zeros_like(x_padded, dtype=dout.dtype)
    size = C * HH * WW
    filters = w.reshape(F, size)
    dfilters = np.zeros((F, size), dtype=dout.dtype)
    db = dout.sum(axis=(0, 2, 3))  # (F,)
    for i, j in np.ndindex(dout.shape[2:]):
        top, left = i * stride, j * stride
        window = np.s_[:, :, top : top + HH, left : left + WW]
        dstop = dout[:, :, i, j]  # (N, F)
        dfilters += dstop.T @ x_padded[window].reshape(N, size)
        dx_padded[window] += (dstop @ filters).reshape(N, C, HH, WW)
    dw = dfilters.reshape(w.shape)
    dx = dx_padded[:, :, pad : pad + H, pad : pad + W]
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dw, db


def max_pool_forward_naive(x, pool_param):
    """Keep the largest value of each window, in each channel by itself.

    A window has H' = 1 + (H - pool_height) // stride positions down and
    W' = 1 + (W - pool_width) // stride across. Where the stride does not tile the image, the last
    partial window is left out. There is no padding. Windows overlap where the stride is smaller
    than they are, and leave gaps where it is larger.

    Inputs:
    - x: images, ndarray of shape (N, C, H, W)
    - pool_param: dictionary with pool_height, pool_width and stride, in pixels

    Returns out of shape (N, C, H', W'), and cache (x, pool_param).

    Raises ValueError if x does not have four axes, or the window is larger than the image.
    """
    expect_shapes("max_pool_forward_naive", x=(x, "N C H W"))
    pool_height, pool_width, stride = pooling_steps("max_pool_forward_naive", pool_param, x)
    N, C, H, W = x.shape
    # TODO: compute out.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    H_out = 1 + (H - pool_height) // stride
    W_out = 1 + (W - pool_width) // stride
    out = np.empty((N, C, H_out, W_out), dtype=x.dtype)
    for i, j in np.ndindex(H_out, W_out):
        top, left = i * stride, j * stride
        window = x[:, :, top : top + pool_height, left : left + pool_width]
        out[:, :, i, j] = window.max(axis=(2, 3))  # (N, C)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return out, (x, pool_param)


def max_pool_backward_naive(dout, cache):
    """Pass a gradient back through max_pool_forward_naive, to the winner of each window.

    Of values that tie for the maximum, any one of them may get the gradient, or each of them; here
    it is the first in the window. A pixel that wins in several windows gets the gradients of all.

    Inputs:
    - dout: upstream gradient, ndarray of shape (N, C, H', W')
    - cache: (x, pool_param) from max_pool_forward_naive

    Returns dx of shape (N, C, H, W).

    Raises ValueError if dout does not have the shape of the output.
    """
    x, pool_param = cache
    expect_shapes("max_pool_backward_naive", x=(x, "N C H W"), dout=(dout, "N C H' W'"))
    pool_height, pool_width, stride = pooling_steps("max_pool_backward_naive", pool_param, x)
    N, C, H, W = x.shape
    # TODO: compute dx. A pixel may win in several windows.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    dx = np.zeros_like(x, dtype=dout.dtype)
    n, c = np.ogrid[:N, :C]  # (N, 1) and (1, C): every image with every channel
    for i, j in np.ndindex(dout.shape[2:]):
        top, left = i * stride, j * stride
        window = x[:, :, top : top + pool_height, left : left + pool_width]
        winner = window.reshape(N, C, pool_height * pool_width).argmax(axis=2)  # (N, C)
        row, column = np.unravel_index(winner, (pool_height, pool_width))
        dx[n, c, top + row, left + column] += dout[:, :, i, j]
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx


def spatial_batchnorm_forward(x, gamma, beta, bn_param):
    """Normalise each channel over the minibatch and over all positions.

    To batchnorm_forward a pixel is an example and a channel a feature.

    Inputs:
    - x: images, ndarray of shape (N, C, H, W), where N or C may be 1
    - gamma, beta: scale and shift of each channel, ndarrays of shape (C,)
    - bn_param: as for batchnorm_forward, with running_mean and running_var of shape (C,)

    Returns out of shape (N, C, H, W), and a cache for the backward pass.

    Raises ValueError if the shapes do not fit one another.

    Source: Ioffe and Szegedy 2015, "Batch Normalization", section 3.2.
    """
    expect_shapes(
        "spatial_batchnorm_forward", x=(x, "N C H W"), gamma=(gamma, "C"), beta=(beta, "C")
    )
    N, C, H, W = x.shape
    # TODO: compute out and cache with a single call of batchnorm_forward.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    pixels = x.transpose(0, 2, 3, 1).reshape(-1, C)  # (N * H * W, C)
    out, cache = batchnorm_forward(pixels, gamma, beta, bn_param)
    out = out.reshape(N, H, W, C).transpose(0, 3, 1, 2)  # (N, C, H, W)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return out, cache


def spatial_batchnorm_backward(dout, cache):
    """Pass a gradient back through spatial_batchnorm_forward.

    Inputs:
    - dout: upstream gradient, ndarray of shape (N, C, H, W)
    - cache: from spatial_batchnorm_forward

    Returns dx of shape (N, C, H, W), dgamma and dbeta of shape (C,).

    Raises ValueError if dout does not have four axes, or cache comes from mode 'test'.
    """
    expect_training_cache("spatial_batchnorm_backward", cache)
    expect_shapes("spatial_batchnorm_backward", dout=(dout, "N C H W"))
    N, C, H, W = dout.shape
    # TODO: compute dx, dgamma and dbeta with a single call of a batchnorm backward pass of yours.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    dpixels = dout.transpose(0, 2, 3, 1).reshape(-1, C)  # (N * H * W, C)
    dx, dgamma, dbeta = batchnorm_backward_alt(dpixels, cache)
    dx = dx.reshape(N, H, W, C).transpose(0, 3, 1, 2)  # (N, C, H, W)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dgamma, dbeta


def spatial_groupnorm_forward(x, gamma, beta, G, gn_param):
    """Normalise each group of neighbouring channels over its channels and all positions.

    The C channels are split into G groups of C / G channels next to one another. Every image and
    every group has a mean and a variance of its own, so training and test time are the same.
    G = 1 normalises like layernorm does, G = C each channel of each image alone.

    Inputs:
    - x: images, ndarray of shape (N, C, H, W), where N or C may be 1
    - gamma, beta: scale and shift of each channel, ndarrays of shape (C,) or (1, C, 1, 1)
    - G: int, the number of groups, a divisor of C
    - gn_param: dictionary with eps: float, default=1e-5; other keys, a mode perhaps, are ignored

    Returns out of shape (N, C, H, W), and a cache for the backward pass.

    Raises ValueError if G does not divide C, or the shapes do not fit one another.

    Source: Wu and He 2018, "Group Normalization", equations 1 and 7; biased variance.
    """
    expect_shapes("spatial_groupnorm_forward", x=(x, "N C H W"))
    N, C, H, W = x.shape
    for name, array in (("gamma", gamma), ("beta", beta)):
        per_channel = f"{C}" if np.ndim(array) < 2 else f"1 {C} 1 1"
        expect_shapes("spatial_groupnorm_forward", x=(x, "N C H W"), **{name: (array, per_channel)})
    G = expect_groups("spatial_groupnorm_forward", C, G)
    expect_settings("spatial_groupnorm_forward", "gn_param", gn_param)
    eps = float(gn_param.get("eps", 1e-5))
    # TODO: compute out, for gamma and beta of either shape.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    groups = x.reshape(N, G, C // G * H * W)
    mean = groups.mean(axis=2, keepdims=True)  # (N, G, 1)
    centered = groups - mean  # (N, G, C / G * H * W)
    var = (centered**2).mean(axis=2, keepdims=True)  # (N, G, 1), biased
    std = np.sqrt(var + eps)
    x_hat = (centered / std).reshape(x.shape)
    out = gamma.reshape(1, C, 1, 1) * x_hat + beta.reshape(1, C, 1, 1)
    cache = (x_hat, std, gamma, beta)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return out, cache


def spatial_groupnorm_backward(dout, cache):
    """Pass a gradient back through spatial_groupnorm_forward.

    Inputs:
    - dout: upstream gradient, ndarray of shape (N, C, H, W)
    - cache: from spatial_groupnorm_forward

    Returns dx of shape (N, C, H, W), and dgamma and dbeta in the shapes of gamma and beta.

    Raises ValueError if dout does not have four axes.
    """
    expect_shapes("spatial_groupnorm_backward", dout=(dout, "N C H W"))
    N, C, H, W = dout.shape
    # TODO: compute dx, dgamma and dbeta.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    x_hat, std, gamma, beta = cache
    # Sums over positions, from which come those over images and those over groups.
    dshifts = dout.sum(axis=(2, 3))  # (N, C)
    dscales = (dout * x_hat).sum(axis=(2, 3))  # (N, C)
    dbeta = dshifts.sum(axis=0).reshape(beta.shape)
    dgamma = dscales.sum(axis=0).reshape(gamma.shape)
    G = std.shape[1]
    size = C // G * H * W
    members = gamma.reshape(1, G, C // G)
    through_mean = (members * dshifts.reshape(N, G, C // G)).sum(axis=2, keepdims=True) / size
    through_var = (members * dscales.reshape(N, G, C // G)).sum(axis=2, keepdims=True) / size
    dx_hat = (dout * gamma.reshape(1, C, 1, 1)).reshape(N, G, size)
    x_hat = x_hat.reshape(N, G, size)
    dx = ((dx_hat - through_mean - x_hat * through_var) / std).reshape(dout.shape)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dgamma, dbeta


def svm_loss(x, y):
    """Penalise every class whose score comes within a margin of 1 of the right one's.

    The loss of an example is the sum over the wrong classes j of max(0, x_j - x_y + 1).

    Inputs:
    - x: scores, ndarray of shape (N, C)
    - y: the right class of each example, whole numbers in [0, C), ndarray of shape (N,)

    Returns the mean loss over the examples, and dx of shape (N, C).

    Raises ValueError for labels that are not classes.

    Source: Weston and Watkins 1999, "Support Vector Machines for Multi-Class Pattern Recognition".
    """
    expect_shapes("svm_loss", x=(x, "N C"))
    N, C = x.shape
    expect_labels("svm_loss", y, N, C)
    rows = np.arange(N)
    margins = np.maximum(0, x - x[rows, y][:, None] + 1)  # (N, C)
    margins[rows, y] = 0
    loss = margins.sum() / N
    dx = (margins > 0).astype(x.dtype)
    dx[rows, y] = -dx.sum(axis=1)
    return loss, dx / N


def softmax_loss(x, y):
    """Take the scores as unnormalised log probabilities, and the cross-entropy as the loss.

    The loss of an example is -log(exp(x_y) / sum_j exp(x_j)).

    Inputs:
    - x: scores (logits), ndarray of shape (N, C)
    - y: the right class of each example, whole numbers in [0, C), ndarray of shape (N,)

    Returns the mean loss over the examples, and dx of shape (N, C). Both are finite for scores of
    any size: the largest score of a row is subtracted first, which changes no probability.

    Raises ValueError for labels that are not classes.
    """
    expect_shapes("softmax_loss", x=(x, "N C"))
    N, C = x.shape
    expect_labels("softmax_loss", y, N, C)
    rows = np.arange(N)
    shifted = x - x.max(axis=1, keepdims=True)  # (N, C), none above 0
    log_probs = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -log_probs[rows, y].sum() / N
    dx = np.exp(log_probs)
    dx[rows, y] -= 1
    return loss, dx / N
