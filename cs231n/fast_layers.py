"""Convolution and max pooling without a Python loop over positions.

Same arguments and results as the naive layers. The cache of a fast forward pass goes into the fast
backward pass. Nothing has to be compiled.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from ._arguments import convolution_steps, expect_shapes, pooling_steps

__all__ = [
    "conv_backward_fast",
    "conv_backward_im2col",
    "conv_backward_strides",
    "conv_forward_fast",
    "conv_forward_im2col",
    "conv_forward_strides",
    "max_pool_backward_fast",
    "max_pool_backward_im2col",
    "max_pool_backward_reshape",
    "max_pool_forward_fast",
    "max_pool_forward_im2col",
    "max_pool_forward_reshape",
]


def conv_forward_fast(x, w, b, conv_param):
    """Do what conv_forward_naive does, as one matrix product.

    Each column of the matrix is a window of the padded image (im2col), each row of the other
    matrix a filter. Arguments, result and errors as for conv_forward_naive; the cache differs.
    """
    expect_shapes("conv_forward_fast", x=(x, "N C H W"), w=(w, "F C HH WW"), b=(b, "F"))
    stride, pad = convolution_steps("conv_forward_fast", conv_param, x, w)
    N, C, H, W = x.shape
    F, C, HH, WW = w.shape
    x_padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    windows = sliding_window_view(x_padded, (HH, WW), axis=(2, 3))[:, :, ::stride, ::stride]
    H_out, W_out = windows.shape[2:4]
    # The one copy of the windows: (C, HH, WW, N, H', W')
    cols = windows.transpose(1, 4, 5, 0, 2, 3).reshape(C * HH * WW, N * H_out * W_out)
    out = w.reshape(F, C * HH * WW) @ cols + b[:, None]  # (F, N * H' * W')
    out = out.reshape(F, N, H_out, W_out).transpose(1, 0, 2, 3)
    return out, (x.shape, w, conv_param, cols)


def conv_backward_fast(dout, cache):
    """Do what conv_backward_naive does, with the cache of conv_forward_fast."""
    (N, C, H, W), w, conv_param, cols = cache
    stride, pad = conv_param["stride"], conv_param["pad"]
    F, C, HH, WW = w.shape
    H_out = 1 + (H + 2 * pad - HH) // stride
    W_out = 1 + (W + 2 * pad - WW) // stride
    expect_shapes("conv_backward_fast", dout=(dout, f"{N} {F} {H_out} {W_out}"))
    dscores = dout.transpose(1, 0, 2, 3).reshape(F, N * H_out * W_out)
    db = dout.sum(axis=(0, 2, 3))
    dw = (dscores @ cols.T).reshape(w.shape)
    dcols = w.reshape(F, C * HH * WW).T @ dscores
    dcols = dcols.reshape(C, HH, WW, N, H_out, W_out)
    # Looping over the pixels of a filter is cheap, there are few; each step adds a whole image.
    dx_padded = np.zeros((C, N, H + 2 * pad, W + 2 * pad), dtype=dcols.dtype)
    for i, j in np.ndindex(HH, WW):
        rows = slice(i, i + stride * H_out, stride)
        columns = slice(j, j + stride * W_out, stride)
        dx_padded[:, :, rows, columns] += dcols[:, i, j]
    dx = dx_padded[:, :, pad : pad + H, pad : pad + W].transpose(1, 0, 2, 3)
    return dx, dw, db


def max_pool_forward_fast(x, pool_param):
    """Do what max_pool_forward_naive does, for all windows at once.

    Arguments, result and errors as for max_pool_forward_naive; the cache differs.
    """
    expect_shapes("max_pool_forward_fast", x=(x, "N C H W"))
    pool_height, pool_width, stride = pooling_steps("max_pool_forward_fast", pool_param, x)
    windows = sliding_window_view(x, (pool_height, pool_width), axis=(2, 3))
    windows = windows[:, :, ::stride, ::stride]  # (N, C, H', W', pool_height, pool_width)
    windows = windows.reshape(*windows.shape[:4], pool_height * pool_width)
    winner = windows.argmax(axis=4)  # (N, C, H', W'): the first, where several tie
    out = np.take_along_axis(windows, winner[..., None], axis=4)[..., 0]
    return out, (x.shape, winner, pool_param)


def max_pool_backward_fast(dout, cache):
    """Do what max_pool_backward_naive does, with the cache of max_pool_forward_fast."""
    x_shape, winner, pool_param = cache
    expect_shapes("max_pool_backward_fast", dout=(dout, " ".join(map(str, winner.shape))))
    pool_height, pool_width, stride = (
        pool_param[name] for name in ("pool_height", "pool_width", "stride")
    )
    _, _, H_out, W_out = dout.shape
    dx = np.zeros(x_shape, dtype=dout.dtype)
    for place, (i, j) in enumerate(np.ndindex(pool_height, pool_width)):
        rows = slice(i, i + stride * H_out, stride)
        columns = slice(j, j + stride * W_out, stride)
        dx[:, :, rows, columns] += dout * (winner == place)
    return dx


# Names under which copies of earlier years offer the same functions.
conv_forward_im2col = conv_forward_strides = conv_forward_fast
conv_backward_im2col = conv_backward_strides = conv_backward_fast
max_pool_forward_im2col = max_pool_forward_reshape = max_pool_forward_fast
max_pool_backward_im2col = max_pool_backward_reshape = max_pool_backward_fast
