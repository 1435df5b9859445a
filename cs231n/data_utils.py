"""CIFAR-10 as arrays, or a drawn stand-in of the same form where CIFAR-10 is missing.

`python -m cs231n.data_utils` has three commands: `download` fetches CIFAR-10, `stand-in` draws the
stand-in, `status` says which of the two is there and whether it is complete.
"""

import argparse
import os
import sys
from pathlib import Path

import numpy as np

from ._internal.cifar10 import download, standin
from ._internal.cifar10.batches import (
    IMAGE_SHAPE,
    OFFICIAL,
    TEST_BATCH,
    TRAINING_BATCHES,
    DataError,
    batches_folder,
    download_command,
    find_damage,
    read_batch,
)

__all__ = [
    "DataError",
    "data_source",
    "get_CIFAR10_data",
    "load_CIFAR10",
    "load_CIFAR_batch",
]


def load_CIFAR_batch(filename, dtype=np.float32):
    """Load one batch of CIFAR-10.

    Inputs:
    - filename: path of a batch, such as `datasets/cifar-10-batches-py/data_batch_1`
    - dtype: of the pixels, which run from 0 to 255

    Returns pixels of shape (10000, 32, 32, 3), and labels of shape (10000,), dtype int64.

    Raises DataError if the file is missing or is not a batch.
    """
    pixels, labels = read_batch(filename)
    return _channels_last([pixels], dtype), labels


def load_CIFAR10(ROOT, dtype=np.float32):
    """Load all of CIFAR-10.

    Inputs:
    - ROOT: path of the folder `cifar-10-batches-py`
    - dtype: of the pixels, which run from 0 to 255

    Returns Xtr (50000, 32, 32, 3), ytr (50000,), Xte (10000, 32, 32, 3) and yte (10000,).

    Raises DataError if a batch is missing or damaged.
    """
    blocks, labels = _read(ROOT, TRAINING_BATCHES)
    Xte, yte = load_CIFAR_batch(Path(ROOT) / TEST_BATCH, dtype)
    return _channels_last(blocks, dtype), labels, Xte, yte


def get_CIFAR10_data(
    num_training=49000, num_validation=1000, num_test=1000, subtract_mean=True, dtype=np.float32
):
    """Load CIFAR-10 in the form that the networks train on, and print which data these are.

    The first images are for training, the next ones for validation. Where CIFAR-10 is missing, a
    stand-in takes its place; it has fewer images, so that sets may be smaller than asked for.

    Inputs:
    - num_training, num_validation: whole numbers, together at most 50000
    - num_test: whole number, at most 10000
    - subtract_mean: whether to subtract the mean image of the training set from all three sets
    - dtype: of the images, float32 or float64; or any other if the mean stays in

    Returns a dictionary of X_train (num_training, 3, 32, 32), y_train (num_training,), and the same
    for val and test. Labels are int64.

    Raises ValueError for more images than there are, and DataError if the data are damaged.
    """
    _expect_counts(num_training, num_validation, num_test)
    if subtract_mean and not np.issubdtype(dtype, np.floating):
        raise ValueError(f"dtype is {np.dtype(dtype)}, expected a float to subtract the mean in")
    source, folder = _find_or_draw()
    test_blocks, y_test = _read(folder, [TEST_BATCH], num_test)
    blocks, labels = _read(folder, TRAINING_BATCHES, num_training + num_validation)
    if len(labels) < num_training + num_validation:  # the stand-in
        num_validation = min(num_validation, len(labels) // 2)
        num_training = len(labels) - num_validation
    print(_announcement(source, num_training, num_validation, len(y_test)))

    training_blocks, validation_blocks = _split(blocks, num_training)
    del blocks  # so that each can be freed as soon as it is converted
    mean = _mean_image(training_blocks, dtype) if subtract_mean else None
    X_val = _channels_first(validation_blocks, mean, dtype)
    return {
        "X_train": _channels_first(training_blocks, mean, dtype),
        "y_train": labels[:num_training],
        "X_val": X_val,
        "y_val": labels[num_training:],
        "X_test": _channels_first(test_blocks, mean, dtype),
        "y_test": y_test,
    }


def data_source():
    """Return which data get_CIFAR10_data loads: "CIFAR-10", or "stand-in" where that is missing.

    Raises DataError if a part of CIFAR-10 is missing, or if CS231N_DATA names no folder.
    """
    folder = batches_folder()
    if os.environ.get("CS231N_DATA") and not folder.parent.is_dir():
        raise DataError(
            f"CS231N_DATA is {os.environ['CS231N_DATA']!r}, expected a folder that exists."
        )
    if not folder.exists():
        return "stand-in"
    if damage := find_damage(folder):
        raise DataError(
            f"{damage}, in {folder}. "
            f"To repair it, in the kit's folder: {download_command(folder)}\n"
            "If you remove that folder, the notebooks run on a stand-in."
        )
    return "CIFAR-10"


def _find_or_draw():
    source = data_source()
    if source == "CIFAR-10":
        return source, batches_folder()
    return source, standin.find_or_draw(standin.standin_folder())


def _announcement(source, num_training, num_validation, num_test):
    """Say which data these are: CIFAR-10 in one line, the stand-in so that nobody misses it.

    No path, so that it is the same on every machine.
    """
    counts = f"{num_training} training, {num_validation} validation and {num_test} test images"
    if source == "CIFAR-10":
        return f"Data: CIFAR-10, {counts}."
    lines = [
        "NOT CIFAR-10: these are drawings that stand in for it.",
        "Networks reach other accuracies on them than the text says.",
        "A browser cannot fetch CIFAR-10: for that, install the kit."
        if sys.platform == "emscripten"
        else f"To fetch CIFAR-10, in the kit's folder: {download_command(batches_folder())}",
    ]
    rule = "!" * (max(map(len, lines)) + 4)
    notice = "\n".join([rule, *(f"! {line}" for line in lines), rule])
    return f"{notice}\nData: a stand-in for CIFAR-10, {counts}."


def _expect_counts(num_training, num_validation, num_test):
    counts = {"num_training": num_training, "num_validation": num_validation, "num_test": num_test}
    for name, count in counts.items():
        least = 1 if name == "num_training" else 0
        if count < least:
            raise ValueError(f"{name} is {count}, expected at least {least}")
    if num_training + num_validation > 50000:
        raise ValueError(
            f"num_training and num_validation are {num_training} and {num_validation}, "
            f"together {num_training + num_validation}, expected at most 50000"
        )
    if num_test > 10000:
        raise ValueError(f"num_test is {num_test}, expected at most 10000")


def _read(folder, names, count=None):
    """Read batches until there are `count` images, or all: blocks of pixels, and their labels."""
    blocks, labels, missing = [], [], count
    for name in names:
        if missing == 0:
            break
        pixels, y = read_batch(Path(folder) / name)
        blocks.append(pixels[:missing])
        labels.append(y[:missing])
        if missing is not None:
            missing -= len(blocks[-1])
    return blocks, np.concatenate([np.empty(0, np.int64), *labels])


def _split(blocks, count):
    """Split a list of blocks in two, the first `count` images and the rest, without copying."""
    first, rest = [], []
    for block in blocks:
        cut = min(count, len(block))
        count -= cut
        if cut > 0:  # an empty view would keep its whole block in memory
            first.append(block[:cut])
        if cut < len(block):
            rest.append(block[cut:])
    return first, rest


def _mean_image(blocks, dtype):
    """Return the mean of all rows, from their sum in whole numbers, which is exact."""
    total = sum(block.sum(axis=0, dtype=np.int64) for block in blocks)
    mean = total / sum(map(len, blocks))
    return mean.astype(np.result_type(dtype, np.float32))


def _channels_first(blocks, mean, dtype):
    """Empty a list of blocks into one array of shape (N, 3, 32, 32), less the mean.

    Each block of bytes is freed as soon as it is converted, so that the bytes and the floats of all
    images are never in memory together. What was read last is freed first, because only memory at
    the end of what a program has is returned to the system.
    """
    end = sum(map(len, blocks))
    images = np.empty((end, np.prod(IMAGE_SHAPE)), dtype)
    while blocks:
        block = blocks.pop()
        rows = images[end - len(block) : end]
        if mean is None:
            rows[...] = block
        else:
            np.subtract(block, mean, out=rows, casting="same_kind")
        end -= len(block)
    return images.reshape(-1, *IMAGE_SHAPE)


def _channels_last(blocks, dtype):
    """Empty a list of blocks into one array of shape (N, 32, 32, 3)."""
    channels, height, width = IMAGE_SHAPE
    end = sum(map(len, blocks))
    images = np.empty((end, height, width, channels), dtype)
    while blocks:
        block = blocks.pop().reshape(-1, *IMAGE_SHAPE)
        for channel in range(channels):  # one at a time: twice as quick as one transposed copy
            images[end - len(block) : end, :, :, channel] = block[:, channel]
        end -= len(block)
    return images


def main(arguments=None):
    """Run one of the commands, and return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return options.run(options) or 0
    except DataError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command continues from here.", file=sys.stderr)
        return 130


def _parser():
    parser = argparse.ArgumentParser(prog="python -m cs231n.data_utils", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")
    fetching = commands.add_parser("download", help="fetch CIFAR-10, check it, put it into place")
    fetching.add_argument("--to", metavar="DIR", help="the folder to keep it in, if not datasets/")
    fetching.add_argument("--url", default=OFFICIAL.url, help="another address of the archive")
    fetching.add_argument("--from", dest="archive", metavar="FILE", help="an archive that you have")
    fetching.set_defaults(run=_download)
    drawing = commands.add_parser("stand-in", help="draw the stand-in, unless it is there")
    drawing.add_argument(
        "--small", action="store_true", help="a tenth of it, for Python in a browser"
    )
    drawing.set_defaults(run=_draw)
    status = commands.add_parser("status", help="say which data are there, and if any are missing")
    status.set_defaults(run=_status)
    return parser


def _download(options):
    download.fetch(batches_folder(options.to), url=options.url, archive=options.archive)


def _draw(options):
    sizes = standin.SMALL_SIZES if options.small else None
    print(f"The stand-in is in {standin.find_or_draw(standin.standin_folder(), sizes)}.")


def _status(options):
    """Say what is there; the exit status is 1 if the notebooks cannot run on it."""
    folder = batches_folder()
    if not folder.exists():
        print(f"CIFAR-10: not in {folder}. To fetch it: {download_command(folder)}")
    elif damage := find_damage(folder, thorough=True):
        print(f"CIFAR-10: {damage}, in {folder}. To repair it: {download_command(folder)}")
        return 1
    else:
        print(f"CIFAR-10: in {folder}, and every file has its MD5.")
    drawn = standin.find(standin.standin_folder())
    print(f"Stand-in: {f'in {drawn}' if drawn else 'not drawn yet'}.")
    print(f"The notebooks run on {data_source()}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
