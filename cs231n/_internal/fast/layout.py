"""How images are stored in memory, and how to copy them from one order of axes to another."""

import numpy as np

LINE = 64  # bytes that a cache fetches at once


def output_size(x, w, stride, pad):
    """Return (H', W'), the number of stops of a filter down and across an image."""
    return tuple(
        1 + (size + 2 * pad - window) // stride
        for size, window in zip(x.shape[2:], w.shape[2:], strict=True)
    )


def has_channels_last(images):
    """Return whether channels lie side by side in memory, in an array of shape (N, C, H, W)."""
    return abs(images.strides[1]) <= abs(images.strides[3])


def copy_channels_last(images, out):
    """Copy images of shape (n, C, H, W) into out, a view of shape (n, H, W, C).

    With channels last, everything that belongs to a pixel lies side by side.
    """
    n, C, H, W = images.shape
    if not has_channels_last(images):
        # A transposing copy picks one value from each of C planes. Planes of 32 x 32 pixels are a
        # power of two apart, so all these values compete for the same few places in the cache. In
        # planes that are one cache line further apart they do not, and two copies take half the
        # time of one.
        apart = np.empty((n, C, H * W + LINE // images.itemsize), dtype=images.dtype)
        apart = apart[:, :, : H * W].reshape(n, C, H, W)
        apart[...] = images
        images = apart
    out[...] = images.transpose(0, 2, 3, 1)


def sum_of_pixels(images):
    """Return the sum over all but the last axis, of shape (C,).

    A product with ones does it in a quarter of the time that images.sum(axis=(0, 1, 2)) takes.
    """
    pixels = images.reshape(-1, images.shape[-1])
    return np.ones(len(pixels), dtype=images.dtype) @ pixels
