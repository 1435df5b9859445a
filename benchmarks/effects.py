"""Train the notebooks' networks on CIFAR-10 and on the stand-in, and print both side by side.

    python -m benchmarks.effects                  # both, a few minutes each
    python -m benchmarks.effects --only stand-in

Settings and seed are those of the notebooks. The table shows whether what a notebook says of
CIFAR-10 holds on the stand-in too, which is there for machines without a network.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "2")  # before numpy is imported: more do not help
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from cs231n._internal.progress import progress
from cs231n.classifiers.cnn import ThreeLayerConvNet
from cs231n.classifiers.fc_net import FullyConnectedNet, TwoLayerNet
from cs231n.data_utils import data_source, get_CIFAR10_data
from cs231n.solver import Solver

SOURCES = ("CIFAR-10", "stand-in")


def two_layer_net(data):
    settings = {"optim_config": {"learning_rate": 1e-3}, "lr_decay": 0.95}
    return train(TwoLayerNet(), data, num_epochs=10, batch_size=100, **settings)


def convnet(rate):
    def experiment(data):
        model = ThreeLayerConvNet(weight_scale=1e-3, hidden_dim=500, reg=1e-3)
        return train_adam(model, data, rate, num_epochs=1, batch_size=50)

    return experiment


def deep_net(normalization, hidden_dims=(100,) * 5, weight_scale=2e-2, rate=1e-3, size=50):
    def experiment(data):
        model = FullyConnectedNet(
            list(hidden_dims), weight_scale=weight_scale, normalization=normalization
        )
        return train_adam(model, first(data, 1000), rate, num_epochs=10, batch_size=size)

    return experiment


def dropout(keep):
    def experiment(data):
        model = FullyConnectedNet([500], dropout_keep_ratio=keep)
        return train_adam(model, first(data, 500), 5e-4, num_epochs=25, batch_size=100)

    return experiment


EIGHT_LAYERS = {"hidden_dims": (50,) * 7, "weight_scale": 1e-3}
SLOWLY = {"rate": 10**-3.5}
EXPERIMENTS = (
    ("two-layer net, 10 epochs", two_layer_net),
    ("three-layer convnet, 1 epoch", convnet(3e-4)),
    ("… with a rate of 1e-3", convnet(1e-3)),
    ("six-layer net, 1000 images", deep_net(None)),
    ("… with batchnorm", deep_net("batchnorm")),
    ("eight-layer net, weight scale 1e-3, 1000 images", deep_net(None, **EIGHT_LAYERS)),
    ("… with batchnorm", deep_net("batchnorm", **EIGHT_LAYERS)),
    ("one hidden layer of 500, 500 images, no dropout", dropout(1)),
    ("… keeping 0.25", dropout(0.25)),
    ("six-layer net with batchnorm, batches of 5", deep_net("batchnorm", **SLOWLY, size=5)),
    ("… batches of 10", deep_net("batchnorm", **SLOWLY, size=10)),
    ("… batches of 50", deep_net("batchnorm", **SLOWLY, size=50)),
    ("… batches of 5, no batchnorm", deep_net(None, **SLOWLY, size=5)),
)


def first(data, count):
    """Return data with no more than the first `count` training images."""
    return data | {key: data[key][:count] for key in ("X_train", "y_train")}


def train_adam(model, data, learning_rate, **settings):
    config = {"learning_rate": learning_rate}
    return train(model, data, update_rule="adam", optim_config=config, **settings)


def train(model, data, **settings):
    """Return the highest accuracies, of any epoch, on training and on validation images."""
    solver = Solver(model, data, verbose=False, **settings)
    solver.train()
    return max(solver.train_acc_history), max(solver.val_acc_history)


def load(source):
    """Load CIFAR-10 from where it is kept, or the stand-in, drawn anew, though CIFAR-10 is here."""
    if source == "CIFAR-10":
        if data_source() != source:
            sys.exit("CIFAR-10 is not here. To go on without it: --only stand-in")
        return get_CIFAR10_data()
    kept = os.environ.get("CS231N_DATA")
    with tempfile.TemporaryDirectory() as empty:
        os.environ["CS231N_DATA"] = empty
        data = get_CIFAR10_data()
    if kept is None:
        del os.environ["CS231N_DATA"]
    else:
        os.environ["CS231N_DATA"] = kept
    return data


def measure(source):
    """Return, for each experiment, its two accuracies and the seconds it took."""
    data = load(source)
    measured = []
    for _, experiment in progress(EXPERIMENTS, desc=source, unit="experiment"):
        np.random.seed(231)
        start = time.perf_counter()
        measured.append((*experiment(data), time.perf_counter() - start))
    return measured


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--only", choices=SOURCES, help="measure one of the two")
    only = parser.parse_args().only
    sources = [only] if only else SOURCES
    columns = [measure(source) for source in sources]
    print("\nHighest accuracy of any epoch, training / validation, and seconds:\n")
    print("|  |", " | ".join(sources), "|")
    print("| --- |", " | ".join("---" for _ in sources), "|")
    for (name, _), *outcomes in zip(EXPERIMENTS, *columns, strict=True):
        cells = ["{:.3f} / {:.3f}, {:.0f} s".format(*outcome) for outcome in outcomes]
        print("|", name, "|", " | ".join(cells), "|")


if __name__ == "__main__":
    main()
