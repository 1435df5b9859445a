"""Draw many small images at once, with the same bytes on every machine.

Only operations that IEEE 754 defines to the last bit are used: + - * /, square roots, comparisons
and whole numbers. Sines, exponentials, matrix products and sums along an axis may differ in the
last bit from one processor to the next, and a pixel with them. Random numbers are the raw output of
PCG64, the part of numpy.random that stays the same from release to release.

A number that differs from image to image is an array of shape (n, 1, 1), a colour one of shape
(n, 1, 1, 3), so that both broadcast over the pixels.
"""

import numpy as np

__all__ = ["CENTRES", "SIZE", "Canvas", "Dice", "dimmed"]

SIZE = 32  # pixels along each side
CENTRES = (2 * np.arange(SIZE, dtype=np.float32) + 1) / SIZE - 1  # of the pixels, from -1 to 1


class Dice:
    """Random numbers for n images, from whole-number seeds."""

    def __init__(self, n, *seeds):
        self.n = n
        self._bits = np.random.PCG64(np.random.SeedSequence(seeds))

    def whole(self, below, *shape):
        """Draw whole numbers from 0 up to but not including `below`, of shape (n, *shape)."""
        raw = self._raw(*shape) >> np.uint64(40)  # 24 bits
        return (raw * np.uint64(below) >> np.uint64(24)).astype(np.int64)

    def between(self, low, high, *shape):
        """Draw float32 numbers from [low, high), of shape (n, *shape) or (n, 1, 1)."""
        fraction = (self._raw(*(shape or (1, 1))) >> np.uint64(40)).astype(np.float32) / 2.0**24
        return low + (high - low) * fraction

    def sign(self):
        """Draw -1 or 1."""
        return 2 * self.chance(0.5) - 1

    def chance(self, probability):
        """Draw 1 with the given probability, and 0 otherwise."""
        return (self.between(0, 1) < probability).astype(np.float32)

    def colour(self, *palette, spread=0.07):
        """Draw a colour near one of the palette, brighter or darker as a whole, and tinted."""
        base = np.array(palette, np.float32)[self.whole(len(palette), 1, 1)]
        base = base * self.between(0.75, 1.25, 1, 1, 1)
        return np.clip(base + self.between(-spread, spread, 1, 1, 3), 0, 1)

    def noise(self, rows, columns):
        """Draw smooth noise in [-1, 1], from a grid of random heights: (n, SIZE, SIZE)."""
        heights = self.between(-1, 1, rows + 1, columns + 1)
        cell, after = _between_cells(rows)
        heights = heights[:, cell] + after[:, None] * (heights[:, cell + 1] - heights[:, cell])
        cell, after = _between_cells(columns)
        before = heights[:, :, cell]
        return before + after * (heights[:, :, cell + 1] - before)

    def grain(self):
        """Draw independent noise for every channel of every pixel, in (-1, 1)."""
        count = self.n * 3 * SIZE * SIZE
        raw = self._bits.random_raw(count // 2).astype("<u8").view("<u2")
        raw = raw.reshape(2, self.n, SIZE, SIZE, 3).astype(np.float32)
        return (raw[0] - raw[1]) / 2.0**16  # two, so that small ones are more frequent

    def _raw(self, *shape):
        count = self.n
        for size in shape:
            count *= size
        return self._bits.random_raw(count).reshape(self.n, *shape)


class Canvas:
    """n images, and over each a frame of coordinates in which one thing is drawn.

    In its frame a thing reaches from about -1 to 1 to the right and downwards. The pose of a frame
    says where in the image that is, how large, turned, mirrored and bent.
    """

    def __init__(self, images):
        self.images = np.ascontiguousarray(images)  # (n, SIZE, SIZE, 3), from 0 to 1
        self.pose(0, 0, 1, 1)

    def pose(self, x, y, width, height, turn=0, bend=(0, 0)):
        """Lay the frame around (x, y), turned by the angle whose half has the tangent `turn`.

        A negative width mirrors the frame. `bend` shifts each pixel right and down by itself.
        """
        # With t for the tangent: cosine (1 - t^2) / (1 + t^2), sine 2 t / (1 + t^2).
        cosine, sine = (1 - turn * turn) / (1 + turn * turn), 2 * turn / (1 + turn * turn)
        right, down = CENTRES[None, None, :] - x + bend[0], CENTRES[None, :, None] - y + bend[1]
        self.u = np.ascontiguousarray((cosine * right + sine * down) / width)
        self.v = np.ascontiguousarray((cosine * down - sine * right) / height)
        self.pixel = np.float32(2 / SIZE) / _root(np.abs(width * height))  # its side, in the frame

    def ellipse(self, x, y, across, down, colour, shown=1):
        """Paint an ellipse around (x, y) with the two half-axes `across` and `down`."""
        right, below = (self.u - x) / across, (self.v - y) / down
        level = right * right + below * below  # 1 on the outline
        right, below = right / across, below / down
        slope = 2 * np.sqrt(right * right + below * below)  # of the level
        self._paint((1 - level) / (slope + 1e-3), colour, shown)

    def limb(self, x0, y0, x1, y1, radius, colour, end=None, shown=1):
        """Paint a stroke with round ends, `radius` wide at its start and `end` at its end."""
        end = radius if end is None else end
        dx, dy = x1 - x0, y1 - y0
        right, below = self.u - x0, self.v - y0
        share = (right * dx + below * dy) / (dx * dx + dy * dy)
        share = np.minimum(np.maximum(share, 0), 1)
        right, below = right - share * dx, below - share * dy
        distance = np.sqrt(right * right + below * below)
        self._paint(radius + share * (end - radius) - distance, colour, shown)

    def polygon(self, *points, colour, shown=1):
        """Paint a convex polygon, given by its corners (x, y) in order."""
        following = (*points[1:], points[0])
        area = sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in zip(points, following, strict=True))
        inwards = np.where(area > 0, 1, -1).astype(np.float32)
        depth = None
        for (x0, y0), (x1, y1) in zip(points, following, strict=True):
            dx, dy = x1 - x0, y1 - y0
            scale = inwards / _root(dx * dx + dy * dy)
            edge = ((self.v - y0) * dx - (self.u - x0) * dy) * scale
            depth = edge if depth is None else np.minimum(depth, edge)
        self._paint(depth, colour, shown)

    def box(self, left, top, right, bottom, colour, shown=1):
        """Paint a rectangle that is upright in the frame."""
        corners = (left, top), (right, top), (right, bottom), (left, bottom)
        self.polygon(*corners, colour=colour, shown=shown)

    def _paint(self, depth, colour, shown):
        """Blend a colour in where `depth` below the outline, which is itself a pixel wide.

        Any one part of a thing covers few pixels, and only these are worked on.
        """
        touched = np.flatnonzero(depth > -0.5 * self.pixel)
        image = touched // (SIZE * SIZE)
        cover = depth.reshape(-1)[touched] / self._each(self.pixel)[image] + 0.5
        cover = np.minimum(cover, 1) * self._each(shown)[image]
        pixels, colours = self.images.reshape(-1, 3), colour.reshape(-1, 3)
        under = pixels[touched]
        pixels[touched] = under + cover[:, None] * (colours[image] - under)

    def _each(self, number):
        """Return a number as one for each image, shape (n,)."""
        n = len(self.images)
        return np.broadcast_to(np.asarray(number, np.float32), (n, 1, 1)).reshape(n)


def _root(number):
    """Return a square root as float32, also that of a plain number."""
    return np.sqrt(np.asarray(number, np.float32))


def _between_cells(cells):
    """Return for each pixel the cell of a grid it lies in, and how far it is past its start."""
    place = (np.arange(SIZE, dtype=np.float32) + 0.5) * cells / SIZE
    cell = place.astype(np.int64)
    after = (place - cell).astype(np.float32)
    return cell, after * after * (3 - 2 * after)  # level at the ends, so that no grid is seen


def dimmed(colour, share):
    """Return a colour with `share` of its brightness, at most white."""
    return np.minimum(colour * share, 1)
