"""Convolution with stride 1 in a fraction of the multiplications, after Winograd.

The product of two polynomials is known from its values at a few points, and at each point it takes
one multiplication. Sliding a filter along a row is the transpose of such a product, and takes no
more: four neighbouring outputs of a filter with three weights depend on six inputs, and take six
multiplications instead of twelve,

    out = A ((G filter) * (B image))        A: (4, 6)   G: (6, 3)   B: (6, 6)

where G and B give values at the points 0, 1, -1, 2, -2 and infinity, and A goes back. In two
dimensions each matrix works on the rows and on the columns of a tile of 6 x 6 inputs, and 36
multiplications make 16 outputs that would take 144. Sums over channels can be taken between B and
A, so that each of the 36 points has a matrix product: (tiles, C) with (C, F). Filters of 5 x 5 make
four outputs of a tile, for 36 multiplications instead of 100.

The matrices cost digits. Results are good to 1e-5 of the largest one in float32, where a plain sum
is good to 1e-6, and to 1e-13 in float64.

Source: Lavin and Gray 2016, "Fast Algorithms for Convolutional Neural Networks", section 4.
"""

import functools
from typing import NamedTuple

import numpy as np

from .layout import copy_channels_last, output_size, sum_of_pixels
from .threads import share_out

POINTS = np.array([0.0, 1.0, -1.0, 2.0, -2.0])  # and infinity
TILE = len(POINTS) + 1  # rows, and columns, of the inputs of a tile


def forward(x, w, b, stride, pad):
    """Return out of shape (N, F, H', W'), with channels last in memory.

    w and b have the dtype to compute in, float32 or float64; filters have 2 to 5 rows and columns.
    """
    tiles = _Tiles(x, w, pad)
    filters = tiles.filters_to_points(w)  # (36, C, F)
    out = np.empty(tiles.outputs_shape(len(x)), dtype=w.dtype)

    def work(blocks):
        padded = np.zeros(tiles.inputs_shape(len(x[blocks[0]])), dtype=w.dtype)
        for block in blocks:
            points = tiles.images_to_points(x[block], padded) @ filters  # (36, n * tiles, F)
            np.add(tiles.points_to_scores(points), b, out=tiles.by_tile(out[block]))

    share_out(work, len(x), tiles.bytes_each)
    return out[:, : tiles.H_out, : tiles.W_out].transpose(0, 3, 1, 2)


def backward(dout, x, w, stride, pad, need_dx):
    """Return dx, or None where it is not needed, dw and db."""
    N, C, H, W = x.shape
    tiles = _Tiles(x, w, pad)
    filters = np.ascontiguousarray(tiles.filters_to_points(w).transpose(0, 2, 1))  # (36, F, C)
    dx = np.empty((N, H, W, C), dtype=w.dtype).transpose(0, 3, 1, 2) if need_dx else None

    def work(blocks):
        n = len(x[blocks[0]])
        padded = np.zeros(tiles.inputs_shape(n), dtype=w.dtype)
        dscores = np.zeros(tiles.outputs_shape(n), dtype=w.dtype)
        dfilters, db = np.zeros_like(filters), np.zeros(len(w), dtype=w.dtype)
        for block in blocks:
            n = len(x[block])
            copy_channels_last(dout[block], out=dscores[:n, : tiles.H_out, : tiles.W_out])
            dpoints = tiles.scores_to_points(dscores[:n])
            dfilters += dpoints.transpose(0, 2, 1) @ tiles.images_to_points(x[block], padded)
            db += sum_of_pixels(dscores[:n])
            if need_dx:
                dx[block] = tiles.points_to_images(dpoints @ filters)
        return dfilters, db

    shares = share_out(work, N, tiles.bytes_each)
    dfilters = sum((share[0] for share in shares), np.zeros_like(filters))
    db = sum((share[1] for share in shares), np.zeros(len(w), dtype=w.dtype))
    return dx, tiles.points_to_filters(dfilters), db


class _Matrices(NamedTuple):
    """The matrices for one dimension of a filter."""

    A: np.ndarray  # (outputs, 6)
    G: np.ndarray  # (6, weights)
    B: np.ndarray  # (6, 6)


@functools.cache
def _matrices(weights, dtype):
    """Return A, G and B for a filter with so many weights, 2 to 5.

    In B, row k has the coefficients of the product of all (x - point) but the k-th, and the last
    row those of the product of all. Divided by the value of that product at its own point, it is a
    polynomial which is 1 there and 0 at all other points (Lagrange); G does the dividing.
    """
    outputs = TILE + 1 - weights
    A, G, B = np.zeros((outputs, TILE)), np.zeros((TILE, weights)), np.zeros((TILE, TILE))
    for k, point in enumerate(POINTS):
        others = np.delete(POINTS, k)
        A[:, k] = point ** np.arange(outputs)
        G[k] = point ** np.arange(weights) / np.prod(point - others)
        B[k, :-1] = np.poly(others)[::-1]
    A[-1, -1] = G[-1, -1] = 1  # at infinity only the highest power counts
    B[-1] = np.poly(POINTS)[::-1]
    return _Matrices(A.astype(dtype), G.astype(dtype), B.astype(dtype))


def _transform(rows, planes, columns):
    """Return rows @ X @ columns.T for every matrix X that the first two axes of planes hold.

    planes has shape (p, q, L), rows (P, p) and columns (Q, q). Returns shape (P, Q, L).
    """
    p, _, L = planes.shape
    planes = columns @ planes  # (p, Q, L)
    return (rows @ planes.reshape(p, -1)).reshape(len(rows), len(columns), L)


class _Tiles:
    """Cuts images into tiles, and takes tiles to the points and back.

    Forward takes images and filters to the points, and scores from there. What backward does to
    their gradients is the transpose of each: the matrices transposed, and sums where it copied.
    """

    def __init__(self, x, w, pad):
        _, self.C, self.H, self.W = x.shape
        self.F, _, HH, WW = w.shape
        self.pad, self.dtype = pad, w.dtype
        self.H_out, self.W_out = output_size(x, w, 1, pad)
        self.rows, self.columns = _matrices(HH, w.dtype), _matrices(WW, w.dtype)
        self.high, self.wide = TILE + 1 - HH, TILE + 1 - WW  # the outputs of a tile
        self.down, self.across = -(-self.H_out // self.high), -(-self.W_out // self.wide)
        numbers = TILE * TILE * self.down * self.across * (self.C + self.F)
        self.bytes_each = numbers * w.itemsize

    def inputs_shape(self, n):
        """Return the shape of n padded images with channels last, large enough for all tiles."""
        return n, self.high * (self.down - 1) + TILE, self.wide * (self.across - 1) + TILE, self.C

    def outputs_shape(self, n):
        """Return the shape of n outputs with channels last. Tiles can cover more than (H', W')."""
        return n, self.high * self.down, self.wide * self.across, self.F

    def by_tile(self, outputs):
        """Return outputs as (high, wide, n, down, across, F): where in a tile comes first."""
        n = len(outputs)
        shape = (n, self.down, self.high, self.across, self.wide, self.F)
        return outputs.reshape(shape).transpose(2, 4, 0, 1, 3, 5)

    def inputs_of_tiles(self, padded):
        """Yield for each of the 36 inputs of a tile where it stands in all tiles.

        Tiles overlap, so an input can stand in several of them.
        """
        for i, j in np.ndindex(TILE, TILE):
            rows = slice(i, i + self.high * (self.down - 1) + 1, self.high)
            columns = slice(j, j + self.wide * (self.across - 1) + 1, self.wide)
            yield (i, j), padded[:, rows, columns]  # (n, down, across, C)

    def images_to_points(self, images, padded):
        """Return the values of all tiles of n images at the points: (36, n * tiles, C)."""
        n = len(images)
        rows, columns = slice(self.pad, self.pad + self.H), slice(self.pad, self.pad + self.W)
        copy_channels_last(images, out=padded[:n, rows, columns])
        tiles = np.empty((TILE, TILE, n, self.down, self.across, self.C), dtype=self.dtype)
        for place, inputs in self.inputs_of_tiles(padded[:n]):
            tiles[place] = inputs
        points = _transform(self.rows.B, tiles.reshape(TILE, TILE, -1), self.columns.B)
        return points.reshape(TILE * TILE, -1, self.C)

    def points_to_images(self, dpoints):
        """Do the transpose of images_to_points. Returns n images of shape (n, C, H, W)."""
        tiles = _transform(self.rows.B.T, dpoints.reshape(TILE, TILE, -1), self.columns.B.T)
        tiles = tiles.reshape(TILE, TILE, -1, self.down, self.across, self.C)
        dpadded = np.zeros(self.inputs_shape(tiles.shape[2]), dtype=self.dtype)
        for place, inputs in self.inputs_of_tiles(dpadded):
            inputs += tiles[place]
        rows, columns = slice(self.pad, self.pad + self.H), slice(self.pad, self.pad + self.W)
        return dpadded[:, rows, columns].transpose(0, 3, 1, 2)

    def filters_to_points(self, w):
        """Return the values of filters at the points: (36, C, F)."""
        weights = w.transpose(2, 3, 1, 0).reshape(*w.shape[2:], self.C * self.F)
        points = _transform(self.rows.G, weights, self.columns.G)
        return points.reshape(TILE * TILE, self.C, self.F)

    def points_to_filters(self, dpoints):
        """Do the transpose of filters_to_points, for dpoints of shape (36, F, C)."""
        dpoints = dpoints.reshape(TILE, TILE, self.F * self.C)
        weights = _transform(self.rows.G.T, dpoints, self.columns.G.T)
        return weights.reshape(*weights.shape[:2], self.F, self.C).transpose(2, 3, 0, 1)

    def points_to_scores(self, points):
        """Return the scores of all tiles, in the order of `by_tile`."""
        scores = _transform(self.rows.A, points.reshape(TILE, TILE, -1), self.columns.A)
        return scores.reshape(self.high, self.wide, -1, self.down, self.across, self.F)

    def scores_to_points(self, dscores):
        """Do the transpose of points_to_scores, from outputs with channels last."""
        dscores = self.by_tile(dscores).reshape(self.high, self.wide, -1)
        points = _transform(self.rows.A.T, dscores, self.columns.A.T)
        return points.reshape(TILE * TILE, -1, self.F)
