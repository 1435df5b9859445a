"""Checkpoints: a tree of settings, numbers and arrays in one .npz file, without pickles.

An array stands in the file under the path that leads to it, so that
`np.load("net_epoch_3.npz")["params/W1"]` needs nothing of this module. The rest of the tree is JSON
text, in the array `metadata`.
"""

import contextlib
import json
import os
from pathlib import Path

import numpy as np

__all__ = ["CheckpointError", "make_folder", "read", "write"]

FORMAT = "cs231n checkpoint 1"
ARRAY = "array at"  # the key with which the tree points to an array of the file


class CheckpointError(ValueError):
    """A checkpoint that cannot be written, cannot be read, or does not fit."""


def make_folder(name):
    """Make the folder that checkpoints called `name` go to.

    Raises CheckpointError if it cannot be made.
    """
    folder = Path(f"{name}_epoch_0.npz").parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError(
            f"checkpoint_name is {name!r}, and the folder {folder} cannot be made "
            f"({error.strerror}); expected a place to write to"
        ) from None


def write(path, state):
    """Write `state` to `path`, which at any time holds all of the old content or all of the new.

    Inputs:
    - path: str or Path, ending in .npz
    - state: dictionary of dictionaries, lists, numpy arrays and scalars, numbers, text and None

    Raises CheckpointError for anything else in `state`, and OSError if the disk refuses.
    """
    path = Path(path)
    arrays = {}
    metadata = json.dumps({"format": FORMAT, "state": _pack(state, "", arrays)})
    aside = path.with_name(path.name + ".part")
    try:
        with aside.open("wb") as file:
            np.savez(file, metadata=np.array(metadata), **arrays)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            aside.unlink()
        raise


def read(path):
    """Read what `write` wrote. Numbers come back bit for bit, tuples as lists.

    Raises FileNotFoundError, and CheckpointError for a file that is damaged or something else.
    """
    path = Path(path)
    try:
        # np.load would leave a damaged file open if it had opened it itself.
        with path.open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        metadata = json.loads(arrays["metadata"].item())
        found = metadata["format"]
        state = _unpack(metadata["state"], arrays)
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged file fails in more ways than could be listed
        reason = str(error) or type(error).__name__
        raise CheckpointError(
            f"{path} is damaged or no checkpoint ({reason}); expected a file that a Solver wrote"
        ) from None
    if found != FORMAT:
        raise CheckpointError(f"{path} is in the format {found!r}, expected {FORMAT!r}")
    return state


def _pack(value, path, arrays):
    """Return `value` in the form that JSON can hold, with its arrays moved to `arrays`."""
    if isinstance(value, np.ndarray | np.generic) and not value.dtype.hasobject:
        if path in arrays:
            raise CheckpointError(f"two arrays of a checkpoint have the same path {path}")
        arrays[path] = value
        return {ARRAY: path, "axes": _axes_in_memory(value)}
    if isinstance(value, dict) and all(isinstance(key, str) and key != ARRAY for key in value):
        return {key: _pack(part, _join(path, key), arrays) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_pack(part, _join(path, i), arrays) for i, part in enumerate(value)]
    if value is None or isinstance(value, bool | int | float | str):
        return value
    raise CheckpointError(
        f"{path} is {value!r}, which a checkpoint cannot hold; "
        "expected numbers, text, arrays, and lists and dictionaries of them"
    )


def _unpack(tree, arrays):
    """Undo _pack."""
    if isinstance(tree, list):
        return [_unpack(part, arrays) for part in tree]
    if not isinstance(tree, dict):
        return tree
    if ARRAY not in tree:
        return {key: _unpack(part, arrays) for key, part in tree.items()}
    array, axes = arrays[tree[ARRAY]], tree["axes"]
    if array.ndim == 0:
        return array[()]  # a numpy scalar
    return array.transpose(axes).copy().transpose(np.argsort(axes))


def _axes_in_memory(array):
    """List the axes from slowest to fastest: the order in which numpy adds follows from it."""
    return sorted(range(array.ndim), key=lambda axis: -abs(array.strides[axis]))


def _join(path, key):
    return f"{path}/{key}" if path else str(key)
