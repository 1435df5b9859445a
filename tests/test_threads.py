"""How many threads BLAS and the fast layers have, in training and outside of it."""

import contextlib

import numpy as np
import pytest

from cs231n._internal.fast import threads
from cs231n.classifiers.fc_net import FullyConnectedNet
from cs231n.solver import Solver, StopTraining


@pytest.fixture
def blas(monkeypatch):
    """Stand in for BLAS, with four threads, whatever this machine has; return its state."""
    state = {"threads": 4}
    monkeypatch.setattr(threads, "_get_blas_threads", lambda: state["threads"])
    monkeypatch.setattr(threads, "_set_blas_threads", lambda n: state.update(threads=n))
    return state


def train(callback):
    data = {f"X_{name}": np.random.randn(40, 6) for name in ("train", "val")}
    data |= {f"y_{name}": np.random.randint(3, size=40) for name in ("train", "val")}
    model = FullyConnectedNet([5], input_dim=6, num_classes=3)
    Solver(model, data, num_epochs=1, verbose=False, callbacks=[callback]).train()


def test_training_leaves_the_threads_to_the_fast_layers(blas):
    seen = []
    train(lambda solver: seen.append((blas["threads"], threads.thread_count())))
    assert set(seen) == {(1, 4)}
    assert (blas["threads"], threads.thread_count()) == (4, 4)


@pytest.mark.parametrize("error", [StopTraining("enough"), KeyboardInterrupt(), ValueError("no")])
def test_blas_has_its_threads_back_however_training_ends(blas, error):
    def end(solver):
        raise error

    with contextlib.suppress(KeyboardInterrupt, ValueError):
        train(end)
    assert (blas["threads"], threads.thread_count()) == (4, 4)


def test_a_limit_set_before_training_holds_in_it(blas):
    blas["threads"] = 2
    seen = []
    train(lambda solver: seen.append(threads.thread_count()))
    assert set(seen) == {2}
    assert blas["threads"] == 2


def test_training_within_training_keeps_to_the_first_ones_threads(blas):
    seen = []
    train(lambda solver: train(lambda inner: seen.append(threads.thread_count())))
    assert set(seen) == {4}
    assert blas["threads"] == 4


def test_threads_share_out_while_blas_is_spared(blas):
    with threads.spared_blas():
        shares = threads.share_out(lambda blocks: blocks, 8, threads.CACHE)
    assert len(shares) == 4
    assert blas["threads"] == 4


def test_where_blas_cannot_be_asked_nothing_is_set(monkeypatch):
    monkeypatch.setattr(threads, "_get_blas_threads", None)
    monkeypatch.setattr(threads, "_set_blas_threads", None)
    train(lambda solver: None)
    assert threads.thread_count() == 1
