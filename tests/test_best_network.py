"""The best network is saved as it is at test time, and nothing else is taken for one."""

from types import SimpleNamespace

import numpy as np
import pytest

from course import best_network
from course.best_network import load_best, save_best
from cs231n.classifiers.fc_net import FullyConnectedNet
from cs231n.solver import Solver


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(best_network, "FOLDER", tmp_path)
    return tmp_path


def trained(normalization, keep=1):
    rng = np.random.default_rng(1)
    data = {f"X_{kind}": rng.standard_normal((40, 3, 2)) for kind in ("train", "val")}
    data |= {f"y_{kind}": rng.integers(4, size=40) for kind in ("train", "val")}
    np.random.seed(1)
    model = FullyConnectedNet(
        [7, 5], input_dim=6, num_classes=4, normalization=normalization, dropout_keep_ratio=keep
    )
    solver = Solver(model, data, num_epochs=3, batch_size=10, verbose=False)
    solver.train()
    return solver, data["X_val"]


@pytest.mark.parametrize("normalization", [None, "batchnorm", "layernorm"])
@pytest.mark.parametrize("keep", [1, 0.5])
def test_what_is_saved_comes_back_with_the_same_scores(normalization, keep, folder, capsys):
    solver, X = trained(normalization, keep)
    save_best(solver)
    assert capsys.readouterr().out.startswith("saved: notebooks/best_net.npz, ")
    assert [path.name for path in folder.iterdir()] == ["best_net.npz"]
    assert np.array_equal(load_best().loss(X), solver.model.loss(X))


def test_statistics_are_part_of_it():
    solver, X = trained("batchnorm")
    save_best(solver)
    for bn_param in solver.model.bn_params:
        bn_param["running_mean"] = bn_param["running_mean"] + 1
    assert not np.allclose(load_best().loss(X), solver.model.loss(X))


def test_nothing_trained_is_told_what_to_do():
    with pytest.raises(AssertionError, match=r"^best is None, expected your trained Solver"):
        save_best(None)
    solver, _ = trained(None)
    solver.model = SimpleNamespace()
    with pytest.raises(AssertionError, match=r"SimpleNamespace, expected a FullyConnectedNet$"):
        save_best(solver)


def test_a_file_that_is_none_is_refused(folder):
    with pytest.raises(FileNotFoundError, match=r"best_net\.npz is not there"):
        load_best()
    np.savez(folder / "best_net.npz", normalization=np.array(""))
    with pytest.raises(ValueError, match="has no W1"):
        load_best()
    np.savez(folder / "best_net.npz", **{"params/W1": np.ones((2, 3)), "params/b1": np.ones(4)})
    with pytest.raises(ValueError, match=r"b1 is \(3,\), expected \(4,\)"):
        load_best()
