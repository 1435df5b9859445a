"""Pictures that the notebooks filter: one drawn here, one that matplotlib ships."""

import numpy as np
from matplotlib.cbook import get_sample_data
from matplotlib.image import imread

__all__ = ["drawn_picture", "photograph"]

_POINTS = 4  # a pixel is the mean of so many points each way, so that slanted edges are smooth


def drawn_picture(size=200):
    """Draw a house by the sea: level, upright, slanted and round edges, and plain areas.

    Returns an ndarray of shape (size, size, 3), dtype uint8, the same on every machine.
    """
    at = (np.arange(_POINTS * size) + 0.5) / (_POINTS * size)
    y, x = np.meshgrid(at, at, indexing="ij")  # from 0, top and left, to 1, bottom and right
    picture = np.empty((*x.shape, 3))
    picture[:] = (150, 200, 235)  # the sky
    picture[y > 0.62] = (40, 105, 160)  # the sea
    for wave in (0.66, 0.70, 0.74):
        picture[abs(y - wave) < 0.006] = (225, 235, 240)
    picture[y > 0.78] = (105, 150, 70)  # the meadow
    picture[(x - 0.80) ** 2 + (y - 0.19) ** 2 < 0.1**2] = (250, 205, 60)  # the sun
    _draw_house(picture, x, y)
    post = ((x - 0.62) % 0.06 < 0.022) & (y > 0.72) & (y < 0.92)
    rail = abs(y - 0.79) < 0.012
    picture[(x > 0.62) & (post | rail)] = (245, 245, 240)  # the fence
    pixels = picture.reshape(size, _POINTS, size, _POINTS, 3).mean(axis=(1, 3))
    return np.round(pixels).astype(np.uint8)


def photograph(size=200):
    """Read the portrait of Grace Hopper that matplotlib ships, cut to a square and scaled.

    The portrait was made for the United States Navy, and is in the public domain.

    Returns an ndarray of shape (size, size, 3), dtype uint8.
    """
    with get_sample_data("grace_hopper.jpg") as file:
        whole = imread(file, format="jpg")
    side = min(whole.shape[:2])
    pixels = _scaled(whole[:side, :side].astype(float), size)
    return np.round(pixels).astype(np.uint8)


def _draw_house(picture, x, y):
    picture[(abs(x - 0.36) < 0.22) & (abs(y - 0.64) < 0.20)] = (235, 225, 205)  # the wall
    picture[(y > 0.22) & (y < 0.46) & (abs(x - 0.36) < 1.15 * (y - 0.22))] = (175, 60, 45)
    picture[(abs(x - 0.27) < 0.055) & (y > 0.60) & (y < 0.84)] = (70, 50, 40)  # the door
    window = (abs(x - 0.45) < 0.075) & (abs(y - 0.60) < 0.075)
    picture[window] = (60, 90, 120)
    cross = (abs(x - 0.45) < 0.008) | (abs(y - 0.60) < 0.008)
    picture[window & cross] = (245, 245, 245)


def _scaled(picture, size):
    """Scale a square down by averaging blocks, as even as blocks of whole pixels can be."""
    bounds = np.linspace(0, len(picture), size + 1).round().astype(int)[1:-1]
    rows = np.stack([block.mean(axis=0) for block in np.split(picture, bounds, axis=0)])
    return np.stack([block.mean(axis=1) for block in np.split(rows, bounds, axis=1)], axis=1)
