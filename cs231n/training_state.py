"""All that a training has come to: what a checkpoint holds, and how a solver goes on from it."""

import os

import numpy as np

from . import optim, snapshot
from .checkpoint import CheckpointError

__all__ = ["capture", "restore", "settings_for_resuming"]

SETTINGS = (  # those arguments of a Solver that a checkpoint keeps
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


def capture(solver):
    """Collect what a solver, its model and numpy's global stream have come to."""
    rule = solver.update_rule
    rule_name = getattr(rule, "__name__", repr(rule))
    return {
        "settings": {name: getattr(solver, name) for name in SETTINGS},
        "checkpoint_name": os.path.basename(solver.checkpoint_name),
        "rule": {"name": rule_name, "is_known": getattr(optim, rule_name, None) is rule},
        "X_train": list(solver.X_train.shape),
        "progress": {name: getattr(solver, name) for name in PROGRESS},
        "histories": {name: np.array(getattr(solver, name)) for name in HISTORIES},
        "model": snapshot.take(solver.model),
        "best": solver.best,
        "random": np.random.get_state(legacy=False),
    }


def settings_for_resuming(path, state, update_rule):
    """List the arguments of the Solver that goes on from the checkpoint at `path`.

    Raises CheckpointError unless update_rule is given exactly where the checkpoint does not know
    the rule.
    """
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
        "checkpoint_name": os.path.join(os.path.dirname(path), state["checkpoint_name"]),
    }


def restore(solver, path, state):
    """Make a new solver, its model and numpy's global stream what they were.

    Raises CheckpointError, before anything is changed, if the model or the data do not fit.
    """
    _expect_fit(solver, path, state)
    snapshot.put_back(solver.model, state["model"])
    solver.best = state["best"]
    for name, value in state["progress"].items():
        setattr(solver, name, value)
    for name, values in state["histories"].items():
        setattr(solver, name, values.tolist())
    np.random.set_state(state["random"])


def _expect_fit(solver, path, state):
    misfits = snapshot.differences(solver.model, state["model"])
    if misfits:
        raise CheckpointError(f"{path} is of another model: {'; '.join(misfits)}")
    found, expected = solver.X_train.shape, tuple(state["X_train"])
    if found != expected:
        raise CheckpointError(
            f"{path} is of other data: X_train has shape {found}, expected {expected}"
        )
