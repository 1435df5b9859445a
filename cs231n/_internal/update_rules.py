"""What each update rule can be told, what it remembers, and how both come into its config."""

import difflib

import numpy as np

from .arguments import expect_number, expect_settings, expect_shapes, expect_whole

__all__ = ["expect_known_settings", "start_at_zero", "with_defaults"]

DEFAULTS = {
    "sgd": {"learning_rate": 1e-2},
    "sgd_momentum": {"learning_rate": 1e-2, "momentum": 0.9},
    "rmsprop": {"learning_rate": 1e-2, "decay_rate": 0.99, "epsilon": 1e-8},
    "adam": {"learning_rate": 1e-3, "beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "t": 0},
}
DEFAULTS["adamw"] = {**DEFAULTS["adam"], "weight_decay": 1e-2}
MEMORY = {
    "sgd": (),
    "sgd_momentum": ("velocity",),
    "rmsprop": ("cache",),
    "adam": ("m", "v"),
    "adamw": ("m", "v"),
}
# What other libraries and papers call these settings.
OTHER_NAMES = {
    "lr": "learning_rate",
    "alpha": "learning_rate",
    "eta": "learning_rate",
    "step_size": "learning_rate",
    "mu": "momentum",
    "rho": "decay_rate",
    "decay": "decay_rate",
    "gamma": "decay_rate",
    "eps": "epsilon",
}


def with_defaults(rule, w, dw, config):
    """Check the shapes, and fill in the settings that config does not have.

    Settings become Python numbers: a numpy float64 among them, as np.logspace and searches over
    learning rates give, would turn float32 weights into float64 ones.

    Raises TypeError for anything but arrays and a dictionary, and ValueError if the shapes differ
    or a setting is no number.
    """
    expect_shapes(rule, w=(w, "..."), dw=(dw, " ".join(map(str, np.shape(w)))))
    if w.ndim == 0:
        raise ValueError(f"{rule}: w has shape (), expected at least one axis, as np.ones(1) has")
    if config is None:
        config = {}
    expect_settings(rule, "config", config)
    for name, default in DEFAULTS[rule].items():
        value = config.get(name, default)
        if isinstance(default, int):
            config[name] = expect_whole(rule, name, value, at_least=0)
        else:
            config[name] = expect_number(rule, name, value)
    return config


def start_at_zero(rule, config, w):
    """Give a rule its memory, of the shape of w, at the first step.

    Raises TypeError or ValueError for a memory that is no array of floats of that shape.
    """
    for name in MEMORY[rule]:
        # setdefault would make an array of zeros at every step, only to throw it away.
        if name not in config:
            config[name] = np.zeros_like(w, dtype=None if w.dtype.kind == "f" else float)
            continue
        remembered = config[name]
        if not isinstance(remembered, np.ndarray) or remembered.dtype.kind != "f":
            kind = getattr(remembered, "dtype", type(remembered).__name__)
            raise TypeError(
                f"{rule}: config[{name!r}] is of type {kind}, expected an array of floats"
            )
        if remembered.shape != w.shape:
            raise ValueError(
                f"{rule}: config[{name!r}] has shape {remembered.shape}, "
                f"expected {w.shape}, that of w"
            )


def expect_known_settings(rule, config):
    """Raise ValueError for a setting that a rule of the course does not have, and name one it has.

    A rule of a reader's own may have any settings.
    """
    if rule not in DEFAULTS:
        return
    known = (*DEFAULTS[rule], *MEMORY[rule])
    for name in config:
        if name not in known:
            raise ValueError(
                f"Solver: optim_config has {name!r}, which {rule} does not know; "
                f"expected {_meant(name, known) or ', '.join(DEFAULTS[rule])}"
            )


def _meant(name, known):
    """Return the setting that a name is probably meant to be, or None."""
    other = OTHER_NAMES.get(str(name).lower())
    if other in known:
        return other
    close = difflib.get_close_matches(str(name).lower(), known, n=1)
    return close[0] if close else None
