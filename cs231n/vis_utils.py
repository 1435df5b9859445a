"""Many images as one, for a look at filters and examples."""

import math

import numpy as np

from ._internal.arguments import expect_shapes

__all__ = ["vis_grid", "vis_nn", "visualize_grid"]


def visualize_grid(Xs, ubound=255.0, padding=1):
    """Lay images out in a square grid, each stretched to the full range of brightness.

    Inputs:
    - Xs: images, ndarray of shape (N, H, W, C)
    - ubound: the brightest number of the result
    - padding: pixels between images

    Returns an array of shape (H', W', C) with numbers from 0 to ubound, where H' is
    A * H + (A - 1) * padding, W' likewise, and A is the square root of N, rounded up. Gaps, places
    without an image, and images of a single colour are 0.
    """
    expect_shapes("visualize_grid", Xs=(Xs, "N H W C"))
    stretched = [ubound * _stretch(image) for image in Xs]
    grid = _tile(_in_rows(stretched), Xs.shape[1:], gap=padding, background=0.0)
    height, width, _ = grid.shape
    return grid[: height - padding, : width - padding]


def vis_grid(Xs):
    """Lay images out in a square grid, stretched together to [0, 1].

    Inputs:
    - Xs: images, ndarray of shape (N, H, W, C)

    Returns an array of shape (A * (H + 1), A * (W + 1), C), where A is the square root of N,
    rounded up. Each image has a gap of one pixel on its right and below it, as dark as the darkest
    pixel.
    """
    expect_shapes("vis_grid", Xs=(Xs, "N H W C"))
    return _stretch(_tile(_in_rows(Xs), Xs.shape[1:], gap=1, background=Xs.min()))


def vis_nn(rows):
    """Lay rows of images out as they are nested, stretched together to [0, 1].

    Inputs:
    - rows: list of R lists, each of K images of shape (H, W, C), such as an example followed by its
      nearest neighbours

    Returns an array of shape (R * (H + 1), K * (W + 1), C). Each image has a gap of one pixel on
    its right and below it, as dark as the darkest pixel.

    Raises ValueError if rows differ in length, or images in shape.
    """
    rows = [[np.asarray(image) for image in row] for row in rows]
    shape = rows[0][0].shape
    for r, row in enumerate(rows):
        for k, image in enumerate(row):
            expect_shapes("vis_nn", **{f"rows[{r}][{k}]": (image, " ".join(map(str, shape)))})
        if len(row) != len(rows[0]):
            raise ValueError(
                f"vis_nn: row {r} has {len(row)} images, expected {len(rows[0])} as row 0 has"
            )
    darkest = min(image.min() for row in rows for image in row)
    return _stretch(_tile(rows, shape, gap=1, background=darkest))


def _in_rows(images):
    """Split a sequence of images into the rows of a grid that is as high as it is wide."""
    columns = math.isqrt(max(len(images) - 1, 0)) + 1  # the square root, rounded up
    return [images[start : start + columns] for start in range(0, columns**2, columns)]


def _tile(rows, shape, gap, background):
    """Paste rows of images of one shape (H, W, C), each with a gap on its right and below it."""
    H, W, C = shape
    columns = max(len(row) for row in rows)
    canvas = np.full((len(rows) * (H + gap), columns * (W + gap), C), background, dtype=float)
    for r, row in enumerate(rows):
        for c, image in enumerate(row):
            top, left = r * (H + gap), c * (W + gap)
            canvas[top : top + H, left : left + W] = image
    return canvas


def _stretch(image):
    """Map the lowest number of an image to 0 and the highest to 1; a single colour becomes 0."""
    low, high = np.min(image), np.max(image)
    image = np.asarray(image, dtype=float) - low
    return image / (float(high) - low) if high > low else image
