"""What a model has learnt: its parameters, and the running statistics of its batchnorm layers.

Both belong together. The best parameters with the statistics of later ones are another network.
"""

import numpy as np

__all__ = ["differences", "is_finite", "put_back", "take"]


def take(model):
    """Copy what the model has learnt.

    Returns a dictionary with `params`, and with `statistics`: for each entry of the model's
    bn_params, if it has them, the arrays of that entry.
    """
    return {
        "params": {name: values.copy(order="K") for name, values in model.params.items()},
        "statistics": [
            {name: values.copy(order="K") for name, values in bn_param.items() if _is_array(values)}
            for bn_param in _bn_params(model)
        ],
    }


def put_back(model, snapshot):
    """Make the model what it was when the snapshot was taken."""
    model.params = {name: values.copy(order="K") for name, values in snapshot["params"].items()}
    for bn_param, statistics in zip(_bn_params(model), snapshot["statistics"], strict=True):
        for name in [name for name, values in bn_param.items() if _is_array(values)]:
            del bn_param[name]  # a snapshot of a new model has no statistics yet
        bn_param.update({name: values.copy(order="K") for name, values in statistics.items()})


def is_finite(model):
    """Tell whether all parameters of the model are finite."""
    return all(np.isfinite(values).all() for values in model.params.values())


def differences(model, snapshot):
    """List, in words, where the shapes of a model differ from those of a snapshot."""
    found = {name: np.shape(values) for name, values in model.params.items()}
    expected = {name: np.shape(values) for name, values in snapshot["params"].items()}
    listed = [
        f"{name} is {found.get(name, 'missing')}, expected {expected.get(name, 'no such name')}"
        for name in sorted(found.keys() | expected.keys())
        if found.get(name) != expected.get(name)
    ]
    layers, expected_layers = len(_bn_params(model)), len(snapshot["statistics"])
    if layers != expected_layers:
        listed.append(f"bn_params has {layers} entries, expected {expected_layers}")
    return listed


def _bn_params(model):
    """List the dictionaries in which the model's normalisations keep their statistics."""
    bn_params = getattr(model, "bn_params", [])
    return list(bn_params.values() if isinstance(bn_params, dict) else bn_params)


def _is_array(values):
    return isinstance(values, np.ndarray)
