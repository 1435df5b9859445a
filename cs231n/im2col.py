"""Lay the windows of images out as the columns of a matrix, and fold such columns back.

A convolution over the images is then a product with that matrix. Rows are ordered by channel, then
down and across the window; columns by position of the window, then by image.
"""

import numpy as np

from ._internal.arguments import expect_shapes, expect_whole

__all__ = ["col2im_indices", "get_im2col_indices", "im2col_indices"]


def get_im2col_indices(x_shape, field_height, field_width, padding=1, stride=1):
    """Say where in a padded image each entry of the matrix comes from.

    Inputs:
    - x_shape: (N, C, H, W) of the images before padding
    - field_height, field_width: size of a window, in pixels
    - padding: zeros added on each side, in pixels
    - stride: distance from one window to the next, in pixels

    Returns (k, i, j): channels, an int array of shape (C * field_height * field_width, 1), then
    rows and columns, int arrays of shape (C * field_height * field_width, H' * W').

    Raises ValueError if the window is larger than the padded image.
    """
    _, C, H, W = x_shape
    stride = expect_whole("get_im2col_indices", "stride", stride, at_least=1)
    H_out = 1 + (H + 2 * padding - field_height) // stride
    W_out = 1 + (W + 2 * padding - field_width) // stride
    if min(H_out, W_out) < 1:
        raise ValueError(
            f"get_im2col_indices: a window of {field_height} by {field_width}, expected one no "
            f"larger than the padded image of {H + 2 * padding} by {W + 2 * padding}"
        )
    k, row, column = np.indices((C, field_height, field_width)).reshape(3, -1, 1)
    top, left = stride * np.indices((H_out, W_out)).reshape(2, 1, -1)
    return k, row + top, column + left


def im2col_indices(x, field_height, field_width, padding=1, stride=1):
    """Lay out the windows of x, an ndarray of shape (N, C, H, W), as columns.

    Arguments as for get_im2col_indices. Returns an ndarray of shape
    (C * field_height * field_width, H' * W' * N).
    """
    expect_shapes("im2col_indices", x=(x, "N C H W"))
    k, i, j = get_im2col_indices(x.shape, field_height, field_width, padding, stride)
    padded = np.pad(x, ((0, 0), (0, 0), (padding, padding), (padding, padding)))
    cols = padded[:, k, i, j]  # (N, C * field_height * field_width, H' * W')
    return cols.transpose(1, 2, 0).reshape(cols.shape[1], -1)


def col2im_indices(cols, x_shape, field_height=3, field_width=3, padding=1, stride=1):
    """Add each entry of `cols` to the pixel that im2col_indices took it from.

    Pixels in several windows gather several entries, so this is the transpose of im2col_indices
    and not its inverse. Arguments as for im2col_indices. Returns an ndarray of shape x_shape.
    """
    N, C, H, W = x_shape
    k, i, j = get_im2col_indices(x_shape, field_height, field_width, padding, stride)
    entries = cols.reshape(*i.shape, N).transpose(2, 0, 1)  # (N, C * ..., H' * W')
    padded = np.zeros((N, C, H + 2 * padding, W + 2 * padding), dtype=cols.dtype)
    np.add.at(padded, (slice(None), k, i, j), entries)
    return padded[:, :, padding : padding + H, padding : padding + W]
