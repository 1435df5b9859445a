"""Convolution with stride 1 in which the windows need no copying.

With channels last, a row of an image is one run of memory, pixel by pixel. So a window of a filter
that is one pixel high is a run as well: the WW pixels from where it starts. And every WW-th window,
counted along the row, begins where the one before it ends, so these windows are in memory as the
rows of a matrix, ready to be multiplied with the filters:

    pixels       0 1 2 3 4 5 6 7 8        for WW = 3
    first product    012   345   678      the windows that start at 0, 3, 6
    second product     123   456   789    the windows that start at 1, 4, 7
    third product        234   567   89.  the windows that start at 2, 5, 8

For filters that are higher, each pixel is widened to all the HH pixels that a filter sees in its
column of the image. That copies an image HH times, where im2col copies it HH * WW times.

One row follows the other, with `pad` zeros between them that serve as the padding of both, and the
windows that reach from one row into the next are computed for nothing: WW - 1 of every W + pad.
"""

import itertools

import numpy as np

from .layout import copy_channels_last, output_size, sum_of_pixels
from .threads import share_out

FEW_CHANNELS = 8  # with fewer, what lies side by side at a pixel is too short to copy at once


def forward(x, w, b, stride, pad):
    """Return out of shape (N, F, H', W'), with channels last in memory.

    w and b have the dtype to compute in, and pad is less than the height and width of a filter.
    """
    N, (F, C, HH, WW) = len(x), w.shape
    H_out, W_out = output_size(x, w, 1, pad)
    filters = np.ascontiguousarray(w.transpose(3, 2, 1, 0)).reshape(WW * HH * C, F)
    out = np.empty((N, H_out, W_out, F), dtype=w.dtype)

    def work(blocks):
        strips = _Strips(x[blocks[0]], w, pad)
        widened, scores = strips.new(HH * C), strips.at_stops(strips.new(F))
        for block in blocks:
            n = len(x[block])
            strips.widen(x[block], widened[:n])
            for k in range(WW):
                windows = strips.windows(widened[:n], k)
                np.matmul(windows, filters, out=strips.every(scores[:n], k))
            np.add(strips.images(scores[:n])[:, :, :W_out], b, out=out[block])

    share_out(work, N, _bytes_each(x, w, pad))
    return out.transpose(0, 3, 1, 2)


def backward(dout, x, w, stride, pad, need_dx):
    """Return dx, or None where it is not needed, dw and db."""
    N, F, H_out, W_out = dout.shape
    _, C, HH, WW = w.shape
    # A pixel of a widened row was in the WW windows that end with it, so its gradient is the
    # product of a window over dout, WW stops wide, and the filters from right to left.
    mirrored = np.ascontiguousarray(w[:, :, :, ::-1].transpose(3, 0, 2, 1))
    mirrored = mirrored.reshape(WW * F, HH * C)
    dx = _zero_images(x.shape, w.dtype) if need_dx else None

    def work(blocks):
        strips = _Strips(x[blocks[0]], w, pad)
        widened, dwidened = strips.new(HH * C), strips.at_stops(strips.new(HH * C))
        dscores = strips.new(F)
        dfilters = np.zeros((WW * HH * C, F), dtype=w.dtype)
        db = np.zeros(F, dtype=w.dtype)
        for block in blocks:
            n = len(x[block])
            strips.widen(x[block], widened[:n])
            dstops = strips.at_stops(dscores[:n])
            copy_channels_last(dout[block], out=strips.images(dstops)[:, :, :W_out])
            db += sum_of_pixels(dscores[:n])
            for k in range(WW):
                windows = strips.windows(widened[:n], k).transpose(0, 2, 1)
                dfilters += (windows @ strips.every(dstops, k)).sum(axis=0)
            if need_dx:
                for k in range(WW):
                    windows = strips.windows(dscores[:n], k)
                    np.matmul(windows, mirrored, out=strips.every(dwidened[:n], k))
                strips.narrow(dwidened[:n], out=dx[block])
        return dfilters, db

    shares = share_out(work, N, _bytes_each(x, w, pad))
    dfilters = sum((share[0] for share in shares), np.zeros((WW * HH * C, F), dtype=w.dtype))
    db = sum((share[1] for share in shares), np.zeros(F, dtype=w.dtype))
    return dx, dfilters.reshape(WW, HH, C, F).transpose(3, 2, 1, 0), db


def _bytes_each(x, w, pad):
    """Return the memory that the strips of one image take up."""
    F, C, HH, _ = w.shape
    H_out, _ = output_size(x, w, 1, pad)
    return (HH * C + F) * H_out * (x.shape[3] + pad) * w.itemsize


def _zero_images(shape, dtype):
    """Return zeros of shape (N, C, H, W), in the order of axes that `narrow` adds to fastest."""
    N, C, H, W = shape
    if C < FEW_CHANNELS:
        return np.zeros(shape, dtype=dtype)
    return np.zeros((N, H, W, C), dtype=dtype).transpose(0, 3, 1, 2)


class _Strips:
    """Says where pixels, windows and rows are in strips.

    Strips are an array of shape (n, pixels, width), a strip for each image. A strip has the rows
    of its image one after the other, `pad` zeros in front of each, and zeros at an end.
    """

    def __init__(self, images, w, pad):
        self.count, self.C, self.H, W = images.shape
        _, _, self.HH, self.WW = w.shape
        self.pad, self.dtype = pad, w.dtype
        self.H_out, _ = output_size(images, w, 1, pad)
        self.row = pad + W
        self.Q = -(-self.H_out * self.row // self.WW)  # windows in a product

    def new(self, width):
        return np.zeros((self.count, self.WW * self.Q + self.WW - 1, width), dtype=self.dtype)

    def windows(self, strips, k):
        """Return every WW-th window from the k-th on: (n, Q, WW * width), and no copy."""
        return strips[:, k : k + self.WW * self.Q].reshape(len(strips), self.Q, -1)

    def at_stops(self, strips):
        """Return the part of strips with a pixel for each window: all but the WW - 1 first."""
        return strips[:, self.WW - 1 :]

    def every(self, stops, k):
        """Return every WW-th pixel from the k-th on: (n, Q, width)."""
        return stops[:, k :: self.WW]

    def images(self, stops):
        """Return strips as images with channels last: (n, H', pad + W, width)."""
        rows = stops[:, : self.H_out * self.row]
        return rows.reshape(len(stops), self.H_out, self.row, -1)

    def widen(self, images, strips):
        """Fill strips with all the pixels that a filter sees in a column of the image."""
        if self.C < FEW_CHANNELS:
            pixels = images.transpose(0, 2, 3, 1)
        else:
            pixels = np.empty((len(images), self.H, self.row - self.pad, self.C), dtype=self.dtype)
            copy_channels_last(images, out=pixels)
        seen = self._seen(strips)
        for i, c in self._steps():
            stops, rows = self._meeting(i)
            seen[:, stops, :, i, c] = pixels[:, rows, :, c]

    def narrow(self, dstops, out):
        """Add the gradient of widened strips to the pixels that they were widened from."""
        pixels = out.transpose(0, 2, 3, 1)
        seen = self._seen(dstops)
        for i, c in self._steps():
            stops, rows = self._meeting(i)
            pixels[:, rows, :, c] += seen[:, stops, :, i, c]

    def _seen(self, strips):
        """Return widened strips as (n, H', W, HH, C)."""
        seen = self.images(strips)[:, :, self.pad :]
        return seen.reshape(*seen.shape[:3], self.HH, self.C)

    def _steps(self):
        """Yield rows of a filter with all channels, or with one where there are so few of them
        that it is better to go along the rows of an image."""
        channels = range(self.C) if self.C < FEW_CHANNELS else [slice(None)]
        return itertools.product(range(self.HH), channels)

    def _meeting(self, i):
        """Return at which stops a filter's row i meets the image, and the rows that it meets."""
        first = max(0, self.pad - i)
        last = max(first, min(self.H_out, self.H + self.pad - i))
        return slice(first, last), slice(first + i - self.pad, last + i - self.pad)
