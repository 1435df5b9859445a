"""What a model has learnt: its parameters, and the running statistics of its batchnorm layers.

Both belong together. The best parameters with the statistics of later ones are another network.
"""

import numpy as np

__all__ = ["is_finite", "load_state_dict", "shape_differences", "state_dict"]


def state_dict(model):
    """Copy what the model has learnt.

    Returns a dictionary with `params`, and with `statistics`: for each entry of the model's
    bn_params, if it has them, the arrays of that entry.
    """
    return {
        "params": _copied(model.params),
        "statistics": [_copied(_arrays_of(bn_param)) for bn_param in _bn_params(model)],
    }


def load_state_dict(model, state):
    """Give the model the parameters and running statistics that `state_dict` returned."""
    model.params = _copied(state["params"])
    for bn_param, statistics in zip(_bn_params(model), state["statistics"], strict=True):
        for name in _arrays_of(bn_param):
            del bn_param[name]  # a new model has no statistics yet, and neither has its state
        bn_param.update(_copied(statistics))


def is_finite(model):
    """Tell whether all parameters of the model are finite."""
    return all(np.isfinite(values).all() for values in model.params.values())


def shape_differences(model, state):
    """List, in words, where the shapes of a model differ from those of a state."""
    found = {name: np.shape(values) for name, values in model.params.items()}
    expected = {name: np.shape(values) for name, values in state["params"].items()}
    listed = [
        f"{name} is {found.get(name, 'missing')}, expected {expected.get(name, 'no such name')}"
        for name in sorted(found.keys() | expected.keys())
        if found.get(name) != expected.get(name)
    ]
    layers, expected_layers = len(_bn_params(model)), len(state["statistics"])
    if layers != expected_layers:
        listed.append(f"bn_params has {layers} entries, expected {expected_layers}")
    return listed


def _bn_params(model):
    """List the dictionaries in which the model's normalisations keep their statistics."""
    bn_params = getattr(model, "bn_params", [])
    return list(bn_params.values() if isinstance(bn_params, dict) else bn_params)


def _arrays_of(bn_param):
    return {name: values for name, values in bn_param.items() if isinstance(values, np.ndarray)}


def _copied(arrays):
    """Copy each array with its order in memory, on which the last bits of later sums depend."""
    return {name: values.copy(order="K") for name, values in arrays.items()}
