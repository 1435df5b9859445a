"""Convolution and max pooling as fast as numpy can do them, with nothing to compile.

Same arguments and results as the naive layers; the cache of a fast forward pass goes into the fast
backward pass. The modules in `_internal/fast` hold the ways to compute a layer, and each says what
its trick is:

- `columns`: im2col, block by block; for any convolution
- `runs`: windows that need no copying; for wide filters with stride 1
- `winograd`: fewer multiplications; for filters of up to 5 x 5 with stride 1
- `max_pool`: first across, then down
- `threads`: how work is shared out among threads, and how to limit them

Results can be views with another order of axes in memory: channels last, which is how most of the
ways compute. What numpy makes of them keeps that order, and `reshape` makes a copy where it must.
"""

import numpy as np

from ._internal.arguments import convolution_steps, expect_shapes, pooling_steps
from ._internal.fast import columns, max_pool, runs, winograd
from ._internal.fast.layout import output_size

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
    """Do what conv_forward_naive does, in a fraction of the time.

    Arguments, result and errors as for conv_forward_naive. The cache differs: it holds x and w
    themselves, as they are, and nothing else of any size.
    """
    expect_shapes("conv_forward_fast", x=(x, "N C H W"), w=(w, "F C HH WW"), b=(b, "F"))
    stride, pad = convolution_steps("conv_forward_fast", conv_param, x, w)
    dtype = np.result_type(x, w, b)
    forward = _way_of_convolution(w.shape, stride, pad, dtype).forward
    out = forward(x, w.astype(dtype, copy=False), b.astype(dtype, copy=False), stride, pad)
    return out, (x, w, stride, pad)


def conv_backward_fast(dout, cache, need_dx=True):
    """Do what conv_backward_naive does, with the cache of conv_forward_fast.

    Inputs:
    - dout, cache: as for conv_backward_naive
    - need_dx: bool, default=True. The first layer of a network has no use for the gradient of its
      input, which takes a third to a half of the time. With False, dx is None.

    Returns and raises what conv_backward_naive does.
    """
    x, w, stride, pad = cache
    N, F = len(x), len(w)
    H_out, W_out = output_size(x, w, stride, pad)
    expect_shapes("conv_backward_fast", dout=(dout, f"{N} {F} {H_out} {W_out}"))
    dtype = np.result_type(dout, x, w)
    backward = _way_of_convolution(w.shape, stride, pad, dtype).backward
    return backward(dout, x, w.astype(dtype, copy=False), stride, pad, need_dx)


def _way_of_convolution(filters, stride, pad, dtype):
    """Return the module that is fastest, as measured by `python -m benchmarks`."""
    F, C, HH, WW = filters
    if stride > 1 or HH == WW == 1 or pad >= min(HH, WW):
        return columns
    # Going to the points and back grows with C + F, what it saves with C * F.
    many_channels = min(C, F) >= 16
    # Half precision has too few digits for it, and whole numbers cannot be divided.
    if many_channels and min(HH, WW) >= 2 and max(HH, WW) <= 5 and dtype.char in "fd":
        return winograd
    return runs


def max_pool_forward_fast(x, pool_param):
    """Do what max_pool_forward_naive does, in a fraction of the time.

    Arguments, result and errors as for max_pool_forward_naive. The cache differs: it holds which
    pixel won, in two bytes or so for each window.
    """
    expect_shapes("max_pool_forward_fast", x=(x, "N C H W"))
    window = pooling_steps("max_pool_forward_fast", pool_param, x)  # height, width and stride
    out, winners = max_pool.forward(x, *window)
    return out, (x.shape, window, winners)


def max_pool_backward_fast(dout, cache):
    """Do what max_pool_backward_naive does, with the cache of max_pool_forward_fast."""
    x_shape, window, winners = cache
    expect_shapes("max_pool_backward_fast", dout=(dout, " ".join(map(str, winners[1].shape))))
    return max_pool.backward(dout, winners, x_shape, *window)


# Names under which copies of earlier years offer the same functions.
conv_forward_im2col = conv_forward_strides = conv_forward_fast
conv_backward_im2col = conv_backward_strides = conv_backward_fast
max_pool_forward_im2col = max_pool_forward_reshape = max_pool_forward_fast
max_pool_backward_im2col = max_pool_backward_reshape = max_pool_backward_fast
