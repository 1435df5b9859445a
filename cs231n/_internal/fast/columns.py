"""Convolution by im2col: each window becomes a column, and one matrix product does the rest.

This serves any filter, stride and padding. It differs from a plain im2col in one thing: columns
are made for a block of images that fits the cache, used, and thrown away. Backward makes them
again, which takes less time than reading them from main memory, and only x and w have to be kept.
"""

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .layout import output_size
from .threads import share_out


def forward(x, w, b, stride, pad):
    """Return out of shape (N, F, H', W'). w and b have the dtype to compute in."""
    N, F = len(x), len(w)
    H_out, W_out = output_size(x, w, stride, pad)
    filters = w.reshape(F, -1)  # (F, K), where K = C * HH * WW
    out = np.empty((N, F, H_out * W_out), dtype=w.dtype)

    def work(blocks):
        columns = _Columns(x[blocks[0]], w, stride, pad)
        for block in blocks:
            np.matmul(filters, columns.gather(x[block]), out=out[block])
            out[block] += b[:, None]

    share_out(work, N, _bytes_each(x, w, stride, pad))
    return out.reshape(N, F, H_out, W_out)


def backward(dout, x, w, stride, pad, need_dx):
    """Return dx, or None where it is not needed, dw and db."""
    N, F, H_out, W_out = dout.shape
    filters = w.reshape(F, -1)  # (F, K)
    dx = np.empty(x.shape, dtype=w.dtype) if need_dx else None

    def work(blocks):
        columns = _Columns(x[blocks[0]], w, stride, pad)
        dfilters = np.zeros_like(filters)
        for block in blocks:
            dstops = dout[block].reshape(-1, F, H_out * W_out)
            dfilters += (dstops @ columns.gather(x[block]).transpose(0, 2, 1)).sum(axis=0)
            if need_dx:
                columns.scatter(filters.T, dstops, out=dx[block])
        return dfilters

    shares = share_out(work, N, _bytes_each(x, w, stride, pad))
    dw = sum(shares, np.zeros_like(filters)).reshape(w.shape)
    return dx, dw, dout.sum(axis=(0, 2, 3), dtype=w.dtype)


def _bytes_each(x, w, stride, pad):
    """Return the memory that the columns of one image take up."""
    H_out, W_out = output_size(x, w, stride, pad)
    return w[0].size * H_out * W_out * w.itemsize


class _Columns:
    """Turns images into columns and back, always in the same buffers, which stay in the cache."""

    def __init__(self, images, w, stride, pad):
        n, C, H, W = images.shape
        _, _, HH, WW = w.shape
        H_out, W_out = output_size(images, w, stride, pad)
        self.stride, self.pad = stride, pad
        # A filter of one pixel sees the image as it is: its columns are there already.
        self.as_it_is = HH == WW == stride == 1 and pad == 0
        if not self.as_it_is:
            self.padded = np.zeros((n, C, H + 2 * pad, W + 2 * pad), dtype=w.dtype)
            self.columns = np.empty((n, C, HH, WW, H_out, W_out), dtype=w.dtype)

    def gather(self, images):
        """Return the windows of n images as columns: (n, C * HH * WW, H' * W')."""
        n, C, H, W = images.shape
        if self.as_it_is:
            return images.reshape(n, C, H * W)
        stride, pad = self.stride, self.pad
        padded, columns = self.padded[:n], self.columns[:n]
        padded[:, :, pad : pad + H, pad : pad + W] = images
        _, _, HH, WW, H_out, W_out = columns.shape
        windows = sliding_window_view(padded, (HH, WW), axis=(2, 3))[:, :, ::stride, ::stride]
        columns[...] = windows.transpose(0, 1, 4, 5, 2, 3)
        return columns.reshape(n, C * HH * WW, H_out * W_out)

    def scatter(self, filters, dstops, out):
        """Compute the gradient of each column, and add it to the pixels that were in its window."""
        n, C, H, W = out.shape
        if self.as_it_is:
            np.matmul(filters, dstops, out=out.reshape(n, C, H * W))
            return
        stride, pad = self.stride, self.pad
        dcolumns = self.columns[:n]  # what was gathered there is no longer needed
        _, _, HH, WW, H_out, W_out = dcolumns.shape
        np.matmul(filters, dstops, out=dcolumns.reshape(n, C * HH * WW, H_out * W_out))
        dpadded = np.zeros_like(self.padded[:n])
        # One step for each pixel of a filter, of which there are few, adds to all images.
        for i, j in np.ndindex(HH, WW):
            rows = slice(i, i + stride * H_out, stride)
            columns = slice(j, j + stride * W_out, stride)
            dpadded[:, :, rows, columns] += dcolumns[:, :, i, j]
        out[...] = dpadded[:, :, pad : pad + H, pad : pad + W]
