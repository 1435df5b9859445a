"""Everything that the package offers, used once, for `test_package_alone`.

It is a program for a folder that holds the package and `small_cifar10.py`, and prints a line for
each thing that it has done.
"""

import builtins
import functools
import importlib
import inspect
import os
import pkgutil
import sys
from pathlib import Path

HERE = Path(__file__).parent
imported = set()  # what modules of the package import by absolute names


def watch_imports():
    original = builtins.__import__

    def watching(name, globals=None, locals=None, fromlist=(), level=0):
        if level == 0 and globals and globals.get("__name__", "").startswith("cs231n"):
            imported.add(name.partition(".")[0])
        return original(name, globals, locals, fromlist, level)

    builtins.__import__ = watching


watch_imports()

import numpy as np  # noqa: E402, from here on the package is watched
import small_cifar10  # noqa: E402

import cs231n  # noqa: E402
from cs231n import data_utils, fast_layers, layer_utils, layers, vis_utils  # noqa: E402
from cs231n.classifiers.cnn import ThreeLayerConvNet  # noqa: E402
from cs231n.classifiers.fc_net import TwoLayerNet  # noqa: E402
from cs231n.solver import Solver  # noqa: E402


def import_every_module():
    names = [module.name for module in pkgutil.walk_packages(cs231n.__path__, "cs231n.")]
    for name in names:
        importlib.import_module(name)
    print(f"imported {len(names)} modules")


def run_every_layer(module):
    for name in module.__all__:
        function = getattr(module, name)
        if "_forward" in name:
            backward = getattr(module, name.replace("_forward", "_backward"))
            on_images = name.startswith(("conv", "max", "spatial"))
            arguments = arguments_of(function, on_images)
            out, cache = function(**arguments)
            expect_gradients(name, arguments, backward(np.ones_like(out), cache))
        elif name.endswith("_loss"):
            x, y = np.random.randn(3, 4), np.array([0, 3, 1])
            _, dx = function(x, y)
            expect_gradients(name, {"x": x}, dx)
        else:
            assert "_backward" in name, f"nothing here runs {name}"
    print(f"ran the layers of {module.__name__}")


def arguments_of(function, on_images):
    """Make small arguments for a forward pass, with four features or channels everywhere."""
    arguments = {
        "x": np.random.randn(2, 4, 6, 6) if on_images else np.random.randn(2, 4),
        "w": np.random.randn(4, 4, 3, 3) if on_images else np.random.randn(4, 4),
        "b": np.random.randn(4),
        "gamma": np.random.randn(4),
        "beta": np.random.randn(4),
        "G": 2,
        "bn_param": {"mode": "train"},
        "ln_param": {},
        "gn_param": {},
        "dropout_param": {"mode": "train", "p": 0.5},
        "conv_param": {"stride": 1, "pad": 1},
        "pool_param": {"pool_height": 2, "pool_width": 2, "stride": 2},
    }
    return {name: arguments[name] for name in inspect.signature(function).parameters}


def expect_gradients(name, arguments, gradients):
    gradients = gradients if isinstance(gradients, tuple) else (gradients,)
    arrays = [array for array in arguments.values() if isinstance(array, np.ndarray)]
    assert [g.shape for g in gradients] == [array.shape for array in arrays], name
    assert all(np.isfinite(g).all() for g in gradients), name


def load_data():
    files = small_cifar10.small_files(count=20)
    small_cifar10.write(HERE / "data" / "cifar-10-batches-py", files)
    release = small_cifar10.as_release(files, archive=b"", url="")
    data_utils.find_damage = functools.partial(data_utils.find_damage, release=release)
    os.environ["CS231N_DATA"] = str(HERE / "data")
    data = data_utils.get_CIFAR10_data(num_training=60, num_validation=20, num_test=10)
    assert data["X_train"].shape == (60, 3, 32, 32)
    assert data["X_test"].shape == (10, 3, 32, 32)
    return data


def train(model, data):
    name = HERE / "checkpoints" / type(model).__name__
    settings = {"batch_size": 30, "num_epochs": 1, "verbose": False, "checkpoint_name": name}
    solver = Solver(model, data, update_rule="adam", **settings)
    solver.train()
    assert len(solver.loss_history) == 2
    assert np.isfinite(solver.loss_history).all()
    resumed = Solver.resume(f"{name}_epoch_0.npz", model, data)
    resumed.train()
    assert resumed.loss_history == solver.loss_history
    print(f"trained {type(model).__name__}")


def expect_to_be_alone():
    for name, module in sys.modules.items():
        if name.partition(".")[0] == "cs231n":
            assert Path(module.__file__).is_relative_to(HERE), f"{name} is {module.__file__}"
    print("imports", *sorted(imported - sys.stdlib_module_names))


def main():
    np.random.seed(231)
    import_every_module()
    for module in (layers, layer_utils, fast_layers):
        run_every_layer(module)
    data = load_data()
    train(TwoLayerNet(hidden_dim=5), data)
    train(ThreeLayerConvNet(num_filters=2, filter_size=3, hidden_dim=5), data)
    vis_utils.visualize_grid(data["X_train"][:4].transpose(0, 2, 3, 1))
    expect_to_be_alone()


if __name__ == "__main__":
    main()
