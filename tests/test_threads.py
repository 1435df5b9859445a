"""How many threads BLAS and the fast layers have, in training and outside of it."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from cs231n._internal.fast import threads
from cs231n.classifiers.fc_net import FullyConnectedNet
from cs231n.solver import Solver, StopTraining

PATIENCE = 60  # seconds to wait for another thread of a test; reached only where it hangs


class Blas:
    """Stands in for a library, and for its controller in threadpoolctl, with four threads."""

    internal_api = "openblas"
    threading_layer = "pthreads"

    def __init__(self):
        self.num_threads = 4

    def set_num_threads(self, count):
        self.num_threads = count


class BlasOfOneMaster(Blas):
    """Obeys the thread of Python that sets a limit first, as in threadpoolctl 3.8."""

    master = None

    def set_num_threads(self, count):
        self.master = self.master or threading.current_thread()
        if self.master is threading.current_thread():
            super().set_num_threads(count)

    def clear_controlling_thread(self, force=False):
        if force or self.master is threading.current_thread():
            self.master = None


class BlasOnOpenMP(threading.local, Blas):
    """Has a limit of its own for each thread of Python."""

    threading_layer = "openmp"


@pytest.fixture
def blas(monkeypatch):
    """Stand in for BLAS, whatever this machine has."""
    return install(monkeypatch, Blas())


def install(monkeypatch, *controllers):
    libraries = [threads._Library(controller) for controller in controllers]
    monkeypatch.setattr(threads, "_libraries", libraries)
    return controllers[0] if controllers else None


def train(callback):
    data = {f"X_{name}": np.random.randn(40, 6) for name in ("train", "val")}
    data |= {f"y_{name}": np.random.randint(3, size=40) for name in ("train", "val")}
    model = FullyConnectedNet([5], input_dim=6, num_classes=3)
    Solver(model, data, num_epochs=1, verbose=False, callbacks=[callback]).train()


def test_training_leaves_the_threads_to_the_fast_layers(blas):
    seen = []
    train(lambda solver: seen.append((blas.num_threads, threads.thread_count())))
    assert set(seen) == {(1, 4)}
    assert (blas.num_threads, threads.thread_count()) == (4, 4)


@pytest.mark.parametrize("error", [StopTraining("enough"), KeyboardInterrupt(), ValueError("no")])
def test_blas_has_its_threads_back_however_training_ends(blas, error):
    def end(solver):
        raise error

    with contextlib.suppress(KeyboardInterrupt, ValueError):
        train(end)
    assert (blas.num_threads, threads.thread_count()) == (4, 4)


def test_a_limit_set_before_training_holds_in_it(blas):
    blas.num_threads = 2
    seen = []
    train(lambda solver: seen.append(threads.thread_count()))
    assert set(seen) == {2}
    assert blas.num_threads == 2


def test_training_within_training_keeps_to_the_first_ones_threads(blas):
    seen = []
    train(lambda solver: train(lambda inner: seen.append(threads.thread_count())))
    assert set(seen) == {4}
    assert blas.num_threads == 4


def test_threads_share_out_while_blas_is_spared(blas):
    with threads.spared_blas():
        shares = threads.share_out(lambda blocks: blocks, 8, threads.CACHE)
        assert blas.num_threads == 1
    assert len(shares) == 4
    assert blas.num_threads == 4


def test_every_library_is_limited_and_has_its_own_threads_back(monkeypatch):
    numpys, scipys = Blas(), Blas()
    scipys.num_threads = 3
    install(monkeypatch, numpys, scipys)
    assert threads.thread_count() == 3
    with threads.spared_blas():
        assert (numpys.num_threads, scipys.num_threads) == (1, 1)
    assert (numpys.num_threads, scipys.num_threads) == (4, 3)


def test_where_blas_cannot_be_asked_nothing_is_set(monkeypatch):
    install(monkeypatch)
    train(lambda solver: None)
    assert threads.thread_count() == 1


def leave_in_the_order_of_coming(seen):
    """Limit BLAS from two threads of Python; who came second is the last to leave.

    Calls `seen` with what is going on and the number of the thread that tells.
    """
    second_is_in, first_is_out = threading.Event(), threading.Event()

    def first():
        with threads.spared_blas():
            other = pool.submit(second)
            assert second_is_in.wait(PATIENCE)
            seen("both in", 1)
        seen("first out", 1)
        first_is_out.set()
        other.result(PATIENCE)
        seen("both out", 1)

    def second():
        with threads.spared_blas():
            seen("both in", 2)
            second_is_in.set()
            assert first_is_out.wait(PATIENCE)
            seen("first out", 2)
        seen("both out", 2)

    with ThreadPoolExecutor(2) as pool:
        pool.submit(first).result(PATIENCE)


@pytest.mark.parametrize("kind", [Blas, BlasOfOneMaster])
def test_the_last_of_several_threads_gives_blas_its_threads_back(monkeypatch, kind):
    blas = install(monkeypatch, kind())
    seen = {}
    leave_in_the_order_of_coming(
        lambda moment, number: seen.setdefault(moment, set()).add(
            (blas.num_threads, threads.thread_count())
        )
    )
    assert seen == {"both in": {(1, 4)}, "first out": {(1, 4)}, "both out": {(4, 4)}}
    assert blas.num_threads == 4


def test_blas_obeys_others_while_it_is_spared_and_afterwards(monkeypatch):
    blas = install(monkeypatch, BlasOfOneMaster())
    with ThreadPoolExecutor(1) as pool, threads.spared_blas():
        pool.submit(blas.set_num_threads, 2).result(PATIENCE)
        assert blas.num_threads == 2
    assert blas.num_threads == 4
    assert blas.master is None


def test_on_openmp_each_thread_has_its_own_limit(monkeypatch):
    blas = install(monkeypatch, BlasOnOpenMP())
    seen = {}
    leave_in_the_order_of_coming(
        lambda moment, number: seen.update({(moment, number): blas.num_threads})
    )
    assert seen == {
        ("both in", 1): 1,
        ("both in", 2): 1,
        ("first out", 1): 4,
        ("first out", 2): 1,
        ("both out", 1): 4,
        ("both out", 2): 4,
    }


def test_on_openmp_all_that_share_the_work_are_limited(monkeypatch):
    blas = install(monkeypatch, BlasOnOpenMP())
    shares = threads.share_out(lambda _: blas.num_threads, 8, threads.CACHE)
    assert shares == [1, 1, 1, 1]
    assert blas.num_threads == 4


def test_two_trainings_at_once_leave_blas_its_threads(blas):
    """The first one to start is the first one to end, and the other trains on without it."""
    both_train, first_is_over = threading.Barrier(2), threading.Event()

    def run(callback):
        data = {f"X_{name}": np.ones((4, 6)) for name in ("train", "val")}
        data |= {f"y_{name}": np.zeros(4, dtype=int) for name in ("train", "val")}
        model = FullyConnectedNet([5], input_dim=6, num_classes=3)
        Solver(model, data, num_epochs=1, batch_size=4, verbose=False, callbacks=[callback]).train()
        return blas.num_threads

    def wait_for_the_other(_):
        both_train.wait(PATIENCE)

    def outlast_the_other(_):
        both_train.wait(PATIENCE)
        assert first_is_over.wait(PATIENCE)
        assert (blas.num_threads, threads.thread_count()) == (1, 4)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(run, wait_for_the_other)
        second = pool.submit(run, outlast_the_other)
        assert first.result(PATIENCE) == 1
        first_is_over.set()
        assert second.result(PATIENCE) == 4


@pytest.mark.skipif(not threads._libraries, reason="threadpoolctl does not know this BLAS")
def test_the_real_blas_has_its_threads_back():
    library = threads._libraries[0]
    before = library.thread_count()
    library._set_thread_count(2)
    try:
        if library.thread_count() != 2:
            pytest.skip("this BLAS has one thread and no more")
        seen = []
        leave_in_the_order_of_coming(
            lambda moment, number: seen.append((moment, library._controller.num_threads))
        )
        if library._controller.threading_layer != "openmp":
            assert set(seen) == {("both in", 1), ("first out", 1), ("both out", 2)}
        assert library._controller.num_threads == 2
    finally:
        library._set_thread_count(before)
