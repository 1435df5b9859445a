"""What is behind a thing and in front of it: places, clutter, light and the camera's noise."""

from dataclasses import dataclass

import numpy as np

from .canvas import CENTRES, SIZE

__all__ = ["clutter", "occlude", "photograph", "place"]


@dataclass(frozen=True)
class Surface:
    """Colours, and a texture: so many cells down and across the image, and how strong it is."""

    colours: tuple
    down: int
    across: int
    strength: float


@dataclass(frozen=True)
class Place:
    """What is above and below a horizon, and between which heights that may be."""

    above: Surface
    below: Surface
    horizon: tuple


BLUE_SKY = ((0.45, 0.65, 0.9), (0.6, 0.75, 0.9), (0.7, 0.75, 0.8))
LEAVES = ((0.2, 0.35, 0.12), (0.3, 0.4, 0.2), (0.35, 0.3, 0.2), (0.15, 0.22, 0.12))
GRASS = ((0.35, 0.55, 0.2), (0.45, 0.5, 0.25), (0.6, 0.55, 0.35))
WALLS = ((0.8, 0.75, 0.65), (0.6, 0.5, 0.45), (0.5, 0.55, 0.6), (0.7, 0.35, 0.3), (0.3, 0.3, 0.35))
FLOORS = ((0.55, 0.4, 0.3), (0.7, 0.65, 0.6), (0.4, 0.4, 0.45), (0.75, 0.6, 0.5))
ASPHALT = ((0.45, 0.45, 0.45), (0.6, 0.58, 0.55), (0.3, 0.3, 0.32))
WATER = ((0.2, 0.4, 0.55), (0.3, 0.5, 0.55), (0.25, 0.35, 0.4), (0.4, 0.5, 0.6))
PAPER = ((0.95, 0.95, 0.95), (0.85, 0.87, 0.9), (0.9, 0.88, 0.8))

SKY_ABOVE = Surface(BLUE_SKY, 4, 3, 0.1)
FOREST = Surface(LEAVES, 14, 14, 0.2)
MEADOW = Surface(GRASS, 6, 28, 0.2)
WAVES = Surface(WATER, 20, 5, 0.2)
STREET = Surface(ASPHALT, 30, 30, 0.12)
HOUSES = Surface(WALLS, 6, 6, 0.25)
WALLPAPER = Surface(WALLS, 1, 14, 0.15)
BOARDS = Surface(FLOORS, 12, 1, 0.15)
SHEET = Surface(PAPER, 2, 2, 0.03)

PLACES = {
    "sky": Place(SKY_ABOVE, SKY_ABOVE, (0.6, 1.6)),
    "sea": Place(SKY_ABOVE, WAVES, (-0.4, 0.4)),
    "field": Place(SKY_ABOVE, MEADOW, (-0.9, 0.3)),
    "forest": Place(FOREST, MEADOW, (0.0, 1.0)),
    "pond": Place(FOREST, WAVES, (-1.0, 0.2)),
    "road": Place(HOUSES, STREET, (-0.4, 0.4)),
    "room": Place(WALLPAPER, BOARDS, (-0.3, 0.7)),
    "paper": Place(SHEET, SHEET, (0.0, 1.5)),
}
ANYTHING = tuple(
    (r, g, b) for r in (0.15, 0.5, 0.85) for g in (0.15, 0.5, 0.85) for b in (0.2, 0.7)
)


def place(dice, kind):
    """Draw an empty place: images of shape (n, SIZE, SIZE, 3), and the colour of its ground."""
    kind = PLACES[kind]
    hills = dice.between(0, 0.15) * dice.noise(1, 4)
    depth = CENTRES[:, None] - dice.between(*kind.horizon) + hills
    share = np.minimum(np.maximum(depth * dice.between(3, 16) + 0.5, 0), 1)[..., None]
    ground = dice.colour(*kind.below.colours)
    below = _textured(dice, ground, kind.below)
    above = _textured(dice, dice.colour(*kind.above.colours), kind.above)
    return above + share * (below - above), ground


def _textured(dice, colour, surface):
    relief = dice.noise(surface.down, surface.across) + 0.4 * dice.noise(3, 3)
    return colour + (surface.strength * dice.between(0.6, 1.4) * relief)[..., None]


def clutter(canvas, dice):
    """Put things of no class into the background: trees, posts, boulders, houses."""
    for _ in range(2):
        colour = dice.colour(*ANYTHING)
        far = 0.4 * colour + 0.6 * canvas.images[:, 16:17, 16:17]
        x, y, size = dice.between(-1, 1), dice.between(-0.6, 0.6), dice.between(0.1, 0.4)
        width, height = dice.between(0.5, 1.6) * size, dice.between(0.5, 1.6) * size
        form = dice.whole(5, 1, 1)  # of which two are nothing
        canvas.ellipse(x, y, width, height, far, shown=form == 0)
        canvas.box(x - width, y - height, x + width, y + height, far, shown=form == 1)
        canvas.limb(x, y, x + height - 0.4, y + 1.2, 0.3 * width, far, shown=form == 2)


def occlude(canvas, dice):
    """Put something in front of some, off the middle: a stem, a rail, a boulder."""
    colour = dice.colour(*ANYTHING)
    here = dice.chance(0.3)
    form = dice.whole(3, 1, 1)
    x, y = dice.between(0.2, 1) * dice.sign(), dice.between(0.2, 1) * dice.sign()
    thin = dice.between(0.03, 0.1)
    lean = dice.between(-0.4, 0.4)
    canvas.limb(x - lean, -1.2, x + lean, 1.2, thin, colour, shown=here * (form == 0))
    canvas.limb(-1.2, y - lean, 1.2, y + lean, thin, colour, shown=here * (form == 1))
    size = dice.between(0.15, 0.35)
    canvas.ellipse(x, y, size * dice.between(0.7, 1.4), size, colour, shown=here * (form == 2))


def photograph(images, dice):
    """Light the images, blur some, add the camera's noise, and return them as bytes."""
    light = dice.between(-0.2, 0.2) * CENTRES + dice.between(-0.2, 0.2) * CENTRES[:, None]
    light = light + dice.between(0.75, 1.15)
    images = images * light[..., None] + dice.between(-0.08, 0.08, 1, 1, 3)
    images = _blurred(images, dice.between(-0.15, 0.25))
    images += dice.between(0.02, 0.07)[..., None] * dice.grain()
    return (np.minimum(np.maximum(images, 0), 1) * 255 + 0.5).astype(np.uint8)


def _blurred(images, share):
    """Mix each pixel with its four neighbours, as much as `share` is above zero."""
    share = np.maximum(share, 0)[..., None]
    for axis in (1, 2):
        before = np.concatenate([images.take([0], axis), images.take(range(SIZE - 1), axis)], axis)
        after = np.concatenate([images.take(range(1, SIZE), axis), images.take([-1], axis)], axis)
        images = images + share * (before + after - 2 * images)
    return images
