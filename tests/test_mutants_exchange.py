"""Exchanging code in an imported package gives what a copy of the package gives."""

import dataclasses
import signal
import sys

import numpy as np
import pytest
from this_course import COURSE, check

from coursekit.blocks import blocks_of
from coursekit.checks import SEED
from coursekit.mutants.exchange import TookTooLong, at_most
from coursekit.mutants.hypotheses import right_codes
from coursekit.mutants.runs import altered, reference

BLOCKS = {block.name: block for block in blocks_of(COURSE.package_folder)}


@pytest.fixture(scope="module")
def exchange():
    with reference(COURSE) as made:
        yield made


def without_places(outcome):
    """An outcome as bytes, without the lines that frames quote: those of what lies on disk."""
    crashes = [
        dataclasses.replace(crash, frames=tuple(f.function for f in crash.frames))
        for crash in outcome.crashes
    ]
    crashes = [(c.type, c.message, c.case, c.frames) for c in crashes]
    entries = [(e.name, e.kind, e.array.dtype.str, e.array.tobytes(), e.wanted)
               for e in outcome.entries.values()]  # fmt: skip
    return entries, crashes


@pytest.mark.parametrize("block", BLOCKS)
def test_every_known_mistake_does_the_same_in_a_copy_of_the_package(block, exchange):
    for mistake in (m for m in COURSE.mistakes if m.block == block):
        (code, *_) = mistake.codes(right_codes(COURSE, exchange, block))
        with (
            exchange.made({block: code}) as quick,
            altered(COURSE, {BLOCKS[block].path: mistake.made_in}) as copy,
        ):
            assert quick is exchange.under_test, "the code is exchanged in place"
            for any_check in check.of_block(block):
                one, other = (any_check.run(u, any_check.rng(SEED)) for u in (quick, copy))
                assert without_places(one) == without_places(other), mistake.name


def test_the_code_is_put_back(exchange):
    before = exchange.under_test.find("relu_forward").__code__
    with exchange.made({"relu_forward": "out = x\n"}):
        assert exchange.under_test.find("relu_forward")(np.array([-1.0]))[0] == -1
    assert exchange.under_test.find("relu_forward").__code__ is before


def test_several_blocks_of_one_function_are_exchanged_together(exchange):
    changes = {"dropout_forward:train": "out = x + 1\n", "dropout_forward:test": "out = x + 2\n"}
    with exchange.made(changes) as under_test:
        forward = under_test.find("dropout_forward")
        assert [
            forward(np.zeros(1), {"mode": mode, "p": 0.5})[0][0] for mode in ("train", "test")
        ] == [1, 2]


def test_a_decorated_function_and_a_method_are_found(exchange):
    with exchange.made({"sgd_momentum": "next_w = w + 5\n"}) as under_test:
        assert under_test is exchange.under_test
        assert under_test.find("sgd_momentum")(np.zeros(1), np.zeros(1))[0] == 5
    with exchange.made({"TwoLayerNet.loss:scores": "scores = 7\n"}) as under_test:
        assert under_test is exchange.under_test
        assert under_test.find("TwoLayerNet")().loss(np.zeros((1, 3))) == 7


@pytest.mark.parametrize(
    "code",
    ["out = __class__\n", "out = (lambda: x)() * 1.0\n", "def f():\n    return x\nout = f()\n"],
)
def test_functions_inside_a_block_work(code, exchange):
    with exchange.made({"relu_forward": code}) as under_test:
        if "__class__" in code:
            return
        assert under_test.find("relu_forward")(np.array([-1.0]))[0] == -1


def test_what_cannot_be_exchanged_is_tried_in_a_copy(exchange):
    code = "self.params['W1'] = super().__class__ and np.zeros((input_dim, hidden_dim))\n"
    with exchange.made({"TwoLayerNet.__init__": code}) as under_test:
        assert under_test is not exchange.under_test
        assert list(under_test.find("TwoLayerNet")().params) == ["W1"]


def test_the_names_around_a_block_are_known(exchange):
    assert exchange.outputs("batchnorm_forward:train") == (
        "running_mean", "running_var", "out", "cache"
    )  # fmt: skip
    assert {"x", "gamma", "bn_param", "N", "eps"} <= set(exchange.public("batchnorm_forward:test"))
    assert "centered" not in exchange.public("batchnorm_forward:train")


def run_on():
    while True:
        pass


def test_code_that_runs_on_is_stopped():
    with pytest.raises(TookTooLong), at_most(0.05):
        run_on()
    with at_most(5):
        pass


def test_code_that_runs_on_is_stopped_without_timers_of_the_system(monkeypatch):
    monkeypatch.delattr(signal, "setitimer")
    with pytest.raises(TookTooLong), at_most(0.05):
        run_on()


def test_a_check_does_not_take_it_for_a_crash(exchange):
    with (
        exchange.made({"relu_forward": "while True:\n    pass\n"}) as under_test,
        pytest.raises(TookTooLong),
        at_most(0.05),
    ):
        check.relu_forward.run(under_test, check.relu_forward.rng())


def test_in_a_browser_where_no_thread_starts_loops_end_all_the_same(monkeypatch):
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setattr("threading.Timer", None)
    monkeypatch.setattr("coursekit.mutants.exchange._IN_A_BROWSER", 1)
    before = sys.gettrace()

    def endless():
        while True:
            pass

    with pytest.raises(TookTooLong), at_most(0.05):
        endless()
    with at_most(5):
        assert sum(range(1000)) == 499500
    assert sys.gettrace() is before
