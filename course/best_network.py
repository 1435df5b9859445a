"""The best network that a reader has trained, in a file that is handed in with the notebooks.

The file holds arrays and no pickles: parameters and running statistics, for one without the other
is another network, and which normalisation it has.
"""

from pathlib import Path

import numpy as np

from cs231n._internal.state_dict import load_state_dict, shape_differences, state_dict
from cs231n.classifiers.fc_net import FullyConnectedNet
from cs231n.data_utils import data_source, get_CIFAR10_data

from .lab import expect_trained

__all__ = ["BEST_NET", "load_best", "measure_best", "save_best"]

FOLDER = Path(__file__).parents[1] / "notebooks"
BEST_NET = "best_net.npz"


def save_best(solver):
    """Save the network of a trained Solver as notebooks/best_net.npz, and see if it can be loaded.

    Raises AssertionError, which says what to do, for anything but a trained Solver of a
    FullyConnectedNet.
    """
    expect_trained("best", solver)
    model = solver.model
    assert isinstance(model, FullyConnectedNet), (
        f"best.model is of type {type(model).__name__}, expected a FullyConnectedNet"
    )
    state = state_dict(model)
    arrays = {f"params/{name}": values for name, values in state["params"].items()}
    for layer, statistics in enumerate(state["statistics"], start=1):
        arrays |= {f"statistics/{layer}/{name}": values for name, values in statistics.items()}
    path = FOLDER / BEST_NET
    aside = path.with_name(f"unfinished-{BEST_NET}")
    np.savez_compressed(aside, normalization=np.array(model.normalization or ""), **arrays)
    aside.replace(path)
    load_best()
    print(f"saved: notebooks/{BEST_NET}, {path.stat().st_size / 1e6:.1f} MB")


def load_best(path=None):
    """Return the saved network, a FullyConnectedNet as it is at test time.

    path: of its file, by default notebooks/best_net.npz.

    Raises FileNotFoundError if none has been saved, and ValueError for a file of another kind.
    """
    path = FOLDER / BEST_NET if path is None else path
    try:
        with np.load(path, allow_pickle=False) as found:
            arrays = dict(found)
    except FileNotFoundError:
        raise FileNotFoundError(
            f"notebooks/{BEST_NET} is not there, expected what save_best(best) writes"
        ) from None
    normalization = str(arrays.pop("normalization", "")) or None
    params = {name[7:]: values for name, values in arrays.items() if name.startswith("params/")}
    weights = [name for name in params if name.startswith("W") and params[name].ndim == 2]
    sizes = [params[f"W{layer}"].shape for layer in range(1, len(weights) + 1) if weights]
    if not sizes:
        raise ValueError(f"notebooks/{BEST_NET} has no W1, expected a FullyConnectedNet's")
    model = FullyConnectedNet(
        [out for _, out in sizes[:-1]],
        input_dim=sizes[0][0],
        num_classes=sizes[-1][1],
        normalization=normalization,
        dtype=params["W1"].dtype,
    )
    statistics = [{} for _ in sizes[:-1]] if normalization else []
    for name, values in arrays.items():
        if name.startswith("statistics/"):
            _, layer, which = name.split("/")
            statistics[int(layer) - 1][which] = values
    state = {"params": params, "statistics": statistics}
    if differences := shape_differences(model, state):
        raise ValueError(f"notebooks/{BEST_NET}: {'; '.join(differences)}")
    load_state_dict(model, state)
    return model


# What is worth nothing, and what is worth all of the points: right answers on the test images.
LEAST, MOST = 0.40, 0.55


def measure_best(path):
    """Measure a network that was handed in on CIFAR-10's test images, for grading.

    path: of the file that `save_best` has written. Returns {"share": of the points, or None where
    nothing could be measured, "words": what was measured}. No pickle is loaded. The test images are
    public, so whoever wanted to could have trained with them; the words say so.
    """
    try:
        model = load_best(path)
    except Exception as error:  # whatever a file holds, it is worth a sentence
        words = f"The file cannot be used: {type(error).__name__}: {error}"
        return {"share": 0.0, "words": words[:300]}
    if data_source() != "CIFAR-10":
        return {"share": None, "words": "It was not measured: CIFAR-10 is not there."}
    data = get_CIFAR10_data(num_training=49000, num_validation=1000, num_test=10000)
    right = sum(
        int(np.sum(model.loss(X).argmax(axis=1) == y))
        for X, y in zip(
            np.array_split(data["X_test"], 20), np.array_split(data["y_test"], 20), strict=True
        )
    )
    count = len(data["y_test"])
    accuracy = right / count
    words = (
        f"{100 * accuracy:.1f} % of the {count:,} test images are right: nothing is earned at "
        f"{100 * LEAST:.0f} %, all at {100 * MOST:.0f} %. These images are public."
    )
    return {"share": float(np.clip((accuracy - LEAST) / (MOST - LEAST), 0, 1)), "words": words}
