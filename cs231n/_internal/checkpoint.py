"""Checkpoints: the state of a training in one .npz file, and how a Solver continues from it.

`capture` and `restore` go between a solver and a state, which is a tree of settings, numbers and
arrays; `write` and `read` go between a state and a file, which holds no pickles. The name of an
array in the file is the path that leads to it in the tree, so that
`np.load("net_epoch_3.npz")["model/params/W1"]` needs nothing of this module. The rest of the tree
is JSON text, in the array `metadata`.
"""

import hashlib
import json
import os
from pathlib import Path

import numpy as np

from .. import optim
from .files import replacing
from .state_dict import load_state_dict, shape_differences, state_dict

__all__ = [
    "CheckpointError",
    "capture",
    "make_folder",
    "read",
    "restore",
    "settings_for_resuming",
    "write",
]

FORMAT = "cs231n checkpoint 2"
DIGEST = "digest"  # the name of the array that tells a damaged file
ARRAY = "array at"  # the key with which the tree points to an array of the file
SETTINGS = (  # the arguments of a Solver that a checkpoint keeps
    "optim_config",
    "lr_decay",
    "batch_size",
    "num_epochs",
    "num_train_samples",
    "num_val_samples",
    "print_every",
    "verbose",
)
PROGRESS = (
    "epoch",
    "last_epoch",
    "iteration",
    "num_iterations",
    "iterations_per_epoch",
    "optim_configs",
    "best_val_acc",
)
HISTORIES = ("loss_history", "train_acc_history", "val_acc_history")


class CheckpointError(ValueError):
    """A checkpoint that cannot be written, cannot be read, or does not fit."""


def capture(solver):
    """Collect the state of a solver, its model and numpy's global stream."""
    rule = solver.update_rule
    rule_name = getattr(rule, "__name__", repr(rule))
    return {
        "settings": {name: getattr(solver, name) for name in SETTINGS},
        "checkpoint_name": os.path.basename(solver.checkpoint_name),
        "rule": {"name": rule_name, "is_known": getattr(optim, rule_name, None) is rule},
        "X_train": list(solver.X_train.shape),
        "progress": {name: getattr(solver, name) for name in PROGRESS},
        "histories": {name: np.array(getattr(solver, name)) for name in HISTORIES},
        "model": state_dict(solver.model),
        "best": solver.best,
        "random": np.random.get_state(legacy=False),
    }


def settings_for_resuming(path, state, update_rule):
    """Return the arguments of a Solver that continues from the checkpoint at `path`.

    Raises CheckpointError if the checkpoint knows the rule and another one is given, or if it does
    not and none is, or if the file holds something else than a Solver's state.
    """
    _expect_sense(path, state)
    name, is_known = state["rule"]["name"], state["rule"]["is_known"]
    if is_known and update_rule not in (None, name):
        raise CheckpointError(
            f"update_rule is {update_rule!r}, expected {name!r}, with which {path} was written"
        )
    if not is_known and not callable(update_rule):
        raise CheckpointError(
            f"{path} was written with an update rule of your own, {name}, and holds only its "
            f"name; expected the function, as in Solver.resume(..., update_rule={name})"
        )
    return {
        **state["settings"],
        "update_rule": name if is_known else update_rule,
        # Whatever the file says, the next ones are written beside it.
        "checkpoint_name": os.path.join(
            os.path.dirname(path), os.path.basename(state["checkpoint_name"])
        ),
    }


def restore(solver, path, state):
    """Set a new solver, its model and numpy's global stream to a state that was captured.

    Raises CheckpointError, before anything is changed, if the model or the data do not fit.
    """
    _expect_fit(solver, path, state)
    load_state_dict(solver.model, state["model"])
    solver.best = state["best"]
    for name, value in state["progress"].items():
        setattr(solver, name, value)
    for name, values in state["histories"].items():
        setattr(solver, name, values.tolist())
    np.random.set_state(state["random"])


def _expect_fit(solver, path, state):
    misfits = shape_differences(solver.model, state["model"])
    if misfits:
        raise CheckpointError(f"{path} is of another model: {'; '.join(misfits)}")
    found, expected = solver.X_train.shape, tuple(state["X_train"])
    if found != expected:
        raise CheckpointError(
            f"{path} is of other data: X_train has shape {found}, expected {expected}"
        )


def make_folder(name):
    """Create the folder for the checkpoints called `name`.

    Raises CheckpointError if it cannot be created.
    """
    folder = Path(f"{name}_epoch_0.npz").parent
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CheckpointError(
            f"checkpoint_name is {name!r}, and the folder {folder} cannot be created "
            f"({error.strerror}); expected a place to write to"
        ) from None


def write(path, state):
    """Write `state` to `path`, which at any time holds all of the old content or all of the new.

    Inputs:
    - path: str or Path, ending in .npz
    - state: dictionary of dictionaries, lists, numpy arrays and scalars, numbers, text and None

    Raises CheckpointError for anything else in `state`, and OSError if the disk refuses.
    """
    arrays = {}
    metadata = json.dumps({"format": FORMAT, "state": _pack(state, "", arrays)})
    arrays["metadata"] = np.array(metadata)
    with replacing(path) as fresh, fresh.open("wb") as file:
        np.savez(file, **arrays, **{DIGEST: np.array(_digest(arrays))})


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
        if found == FORMAT and arrays.pop(DIGEST).item() != _digest(arrays):
            raise ValueError("its digest is another")
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


def _expect_sense(path, state):
    """Raise CheckpointError unless a state has what `capture` collects, of the right types."""
    wanted = {
        "settings": dict, "checkpoint_name": str, "rule": dict, "X_train": list, "progress": dict,
        "histories": dict, "model": dict, "best": dict, "random": dict,
    }  # fmt: skip
    inner = {
        "settings": SETTINGS,
        "rule": ("name", "is_known"),
        "progress": PROGRESS,
        "histories": HISTORIES,
        "model": ("params", "statistics"),
        "best": ("params", "statistics"),
    }
    missing = [
        name
        for name, kind in wanted.items()
        if not isinstance(state, dict) or not isinstance(state.get(name), kind)
    ]
    missing = missing or [
        f"{part}/{name}"
        for part, names in inner.items()
        for name in names
        if name not in state[part]
    ]
    learnt = [] if missing else [(p, state[p]["params"]) for p in ("model", "best")]
    missing += [
        f"{part}/params"
        for part, params in learnt
        if not isinstance(params, dict)
        or not all(isinstance(v, np.ndarray) for v in params.values())
    ]
    if missing:
        raise CheckpointError(
            f"{path} is no checkpoint of a Solver: {', '.join(missing)} is missing, or of another "
            "type than a Solver writes"
        )


def _digest(arrays):
    """Return a digest of all arrays: their names, types, shapes and numbers."""
    digest = hashlib.sha256()
    for name, array in sorted(arrays.items()):
        array = np.asarray(array)
        digest.update(f"{name} {array.dtype.str} {array.shape}\n".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


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
