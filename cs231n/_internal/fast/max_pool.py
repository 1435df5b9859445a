"""Max pooling in two steps: across each row, then from row to row.

The maximum of a window is the maximum of the maxima of its rows. Windows above one another share
rows, so that 3 x 3 windows take little more than 2 + 2 comparisons each instead of 8. A step is a
running maximum over a few shifted views of the images, and notes in a byte which view had it.
Backward takes the two steps back. Neither the images nor the maxima have to be kept.
"""

import numpy as np

from .layout import copy_channels_last, has_channels_last
from .threads import share_out


def forward(x, pool_height, pool_width, stride):
    """Return out of shape (N, C, H', W') and winners, both with axes ordered in memory as in x."""
    N, C, H, W = x.shape
    H_out, W_out = 1 + (H - pool_height) // stride, 1 + (W - pool_width) // stride
    out = np.empty_like(x, shape=(N, C, H_out, W_out))
    across = np.empty_like(x, shape=(N, C, H, W_out), dtype=np.min_scalar_type(pool_width))
    down = np.empty_like(x, shape=(N, C, H_out, W_out), dtype=np.min_scalar_type(pool_height))

    def work(blocks):
        for block in blocks:
            views = _shifted(x[block], 3, pool_width, stride, W_out)
            rows, across[block] = _maximum(views, across.dtype)  # (n, C, H, W')
            views = _shifted(rows, 2, pool_height, stride, H_out)
            out[block], down[block] = _maximum(views, down.dtype)  # (n, C, H', W')

    share_out(work, N, _bytes_each(x))
    return out, (across, down)


def backward(dout, winners, x_shape, pool_height, pool_width, stride):
    """Return dx of shape (N, C, H, W)."""
    across, down = winners
    N, C, H, W = x_shape
    _, _, H_out, W_out = dout.shape
    dx = np.zeros_like(across, shape=x_shape, dtype=dout.dtype)

    def work(blocks):
        for block in blocks:
            # (n, C, H, W'), zero where a stride leaves rows out
            drows = np.zeros_like(across[block], dtype=dout.dtype)
            dviews = _shifted(drows, 2, pool_height, stride, H_out)
            _pass_back(_ordered_like(down[block], dout[block]), down[block], dviews)
            dviews = _shifted(dx[block], 3, pool_width, stride, W_out)
            _pass_back(drows, across[block], dviews)

    share_out(work, N, _bytes_each(dx))
    return dx


def _bytes_each(images):
    """Return the memory of one image and as much again for what is made of it."""
    return 2 * images[0].size * images.itemsize if len(images) else 0


def _shifted(images, axis, window, stride, stops):
    """Return `window` views of images: what the windows see at their first place, second, ..."""
    before = (slice(None),) * axis
    return [
        images[*before, slice(start, start + stride * (stops - 1) + 1, stride)]
        for start in range(window)
    ]


def _maximum(views, dtype):
    """Return the maximum over views, and which has it: the first, where several tie."""
    best, winner = views[0], np.zeros_like(views[0], dtype=dtype)
    for k, view in enumerate(views[1:], start=1):
        # A later winner has a larger number, so a maximum of numbers does what a masked copy would.
        np.maximum(winner, (view > best) * dtype.type(k), out=winner)
        best = np.maximum(best, view)
    if np.issubdtype(best.dtype, np.inexact) and np.isnan(best).any():
        # No comparison with NaN is true. As numpy's argmax has it, the first one wins.
        winner = np.stack(views).argmax(axis=0).astype(dtype)
    return best, winner


def _pass_back(dbest, winner, dviews):
    """Add the gradient of each maximum to the view that had it."""
    for k, dview in enumerate(dviews):
        dview += dbest * (winner == k)


def _ordered_like(winners, dout):
    """Return dout with axes ordered in memory as in winners, if they have channels last."""
    if not has_channels_last(winners) or has_channels_last(dout):
        return dout
    n, C, H, W = dout.shape
    ordered = np.empty((n, H, W, C), dtype=dout.dtype)
    copy_channels_last(dout, out=ordered)
    return ordered.transpose(0, 3, 1, 2)
