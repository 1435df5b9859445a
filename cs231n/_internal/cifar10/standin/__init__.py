"""A stand-in for CIFAR-10, drawn from a seed: ten classes of the same names, 32 by 32 pixels, RGB.

For each image a place is drawn with things of no class in it, then one of the sketches of the
image's class in a pose of its own, then light, blur and noise. The same seed gives the same bytes
on every machine; `canvas` says how.
"""

import hashlib
import json

import numpy as np

from ...files import replacing
from ...progress import progress
from ..batches import (
    CLASSES,
    TEST_BATCH,
    TRAINING_BATCHES,
    DataError,
    batches_folder,
    write_batch,
)
from . import animals, scenery, vehicles
from .canvas import Canvas, Dice

__all__ = ["draw", "find", "find_or_draw", "standin_folder"]

EDITION = 1  # raised with every change to what is drawn, so that no older cache is served
SEED = 231
BATCH_SIZES = dict.fromkeys(TRAINING_BATCHES, 4200) | {TEST_BATCH: 1000}
SMALL_SIZES = dict.fromkeys(TRAINING_BATCHES, 400) | {TEST_BATCH: 200}  # for Python in a browser
CONTENTS = "contents.json"

SKETCHES = {
    "airplane": (vehicles.airplane_side, vehicles.airplane_above),
    "automobile": (vehicles.automobile_side, vehicles.automobile_front),
    "bird": (animals.bird_perched, animals.bird_flying),
    "cat": (animals.cat_side, animals.cat_front),
    "deer": (animals.deer_side, animals.deer_front),
    "dog": (animals.dog_side, animals.dog_front),
    "frog": (animals.frog_side, animals.frog_above),
    "horse": (animals.horse_side, animals.horse_head),
    "ship": (vehicles.ship_cargo, vehicles.ship_sail),
    "truck": (vehicles.truck_side, vehicles.truck_front),
}
PLACES = {
    "airplane": ("sky", "sky", "sky", "sky", "sky", "sea", "road", "field", "paper", "forest"),
    "automobile": ("road", "road", "road", "road", "field", "room", "paper", "forest"),
    "bird": ("sky", "sky", "forest", "forest", "field", "field", "pond", "sea", "paper"),
    "cat": ("room", "room", "room", "room", "field", "forest", "road", "paper"),
    "deer": ("field", "field", "field", "forest", "forest", "forest", "pond", "paper"),
    "dog": ("room", "room", "field", "field", "field", "road", "forest", "paper"),
    "frog": ("forest", "forest", "pond", "pond", "room", "field", "road", "paper"),
    "horse": ("field", "field", "field", "field", "forest", "road", "room", "paper"),
    "ship": ("sea", "sea", "sea", "sea", "pond", "sky", "field", "paper"),
    "truck": ("road", "road", "road", "field", "sky", "forest", "room", "paper"),
}
TURNS = {  # the largest tangent of half the angle that a sketch is turned by
    vehicles.airplane_side: 0.2,
    vehicles.airplane_above: 0.5,
    animals.bird_flying: 0.25,
    animals.frog_above: 0.5,
}


def draw(count, seed=SEED, number=0, on_progress=lambda: None):
    """Draw a batch: `count` images, as many of each class, in random order.

    Inputs:
    - count: whole number, a multiple of 20, since there are ten classes of two sketches
    - seed, number: whole numbers; another batch for each pair
    - on_progress: called after each twentieth of the batch

    Returns pixels of shape (count, 3072), dtype uint8, as CIFAR-10 has them, and labels (count,).
    """
    if count % 20:
        raise ValueError(f"count is {count}, expected a multiple of 20")
    images = []
    for label, name in enumerate(CLASSES):
        for side, sketch in enumerate(SKETCHES[name]):
            seeds = (seed, number, label, side)
            images.append(_draw_sketch(sketch, PLACES[name], count // 20, seeds))
            on_progress()
    labels = np.repeat(np.arange(len(CLASSES)), count // len(CLASSES))
    shuffled = Dice(count, seed, number, len(CLASSES)).whole(1 << 24)
    order = np.argsort(shuffled, kind="stable")
    pixels = np.concatenate(images)[order].transpose(0, 3, 1, 2)  # channels first
    return pixels.reshape(count, -1), labels[order]


def _draw_sketch(sketch, kinds, n, seeds):
    """Draw n images of one sketch, in places of the given kinds in turn."""
    grounds = [
        scenery.place(Dice(len(range(k, n, len(kinds))), *seeds, k), kind)
        for k, kind in enumerate(kinds[:n])
    ]
    images, ground = (np.concatenate(parts) for parts in zip(*grounds, strict=True))
    dice = Dice(n, *seeds)
    canvas = Canvas(images)
    scenery.clutter(canvas, dice)
    _pose(canvas, dice, TURNS.get(sketch, 0.12))
    sketch(canvas, dice, ground)
    canvas.pose(0, 0, 1, 1)
    scenery.occlude(canvas, dice)
    return scenery.photograph(canvas.images, dice)


def _pose(canvas, dice, turn):
    size = dice.between(0.7, 0.95)
    width = size * dice.between(0.85, 1.15)
    room = 1.1 - size
    bend = dice.between(0, 0.1) * dice.noise(2, 2), dice.between(0, 0.1) * dice.noise(2, 2)
    x, y = room * dice.between(-0.8, 0.8), room * dice.between(-0.6, 0.6)
    canvas.pose(x, y, width * dice.sign(), size, dice.between(-turn, turn), bend)


def standin_folder():
    """Return the folder that the stand-in is kept in, next to that of CIFAR-10."""
    return batches_folder().parent / "stand-in"


def find(folder):
    """Return `folder` if it holds the complete stand-in of this edition, and None otherwise."""
    try:
        contents = json.loads((folder / CONTENTS).read_text())
        wanted = _contents({name: _sha256(folder / name) for name in BATCH_SIZES})
    except (OSError, ValueError):
        return None
    return folder if contents == wanted else None


def find_or_draw(folder, sizes=None):
    """Return `folder` once it holds the stand-in, drawn now if it is missing or damaged.

    sizes: how many images each batch has, BATCH_SIZES by default

    Raises DataError if it cannot be written.
    """
    if find(folder):
        return folder
    try:
        with replacing(folder) as fresh:
            fresh.mkdir()
            _draw_into(fresh, sizes or BATCH_SIZES)
    except OSError as error:
        raise DataError(
            f"The stand-in cannot be kept in {folder}: {error.strerror or error}. "
            "The environment variable CS231N_DATA names another folder to keep data in."
        ) from error
    return folder


def _draw_into(folder, sizes):
    steps = 2 * len(CLASSES) * len(sizes)
    with progress(total=steps, desc="Drawing the stand-in", unit="sketch") as bar:
        for number, (name, count) in enumerate(sizes.items()):
            write_batch(folder / name, *draw(count, number=number, on_progress=bar.update))
    digests = {name: _sha256(folder / name) for name in BATCH_SIZES}
    (folder / CONTENTS).write_text(json.dumps(_contents(digests), indent=1))


def _contents(digests):
    return {"edition": EDITION, "seed": SEED, "sha256": digests}


def _sha256(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
