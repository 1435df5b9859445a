"""A red check says which block below is wrong, and blames none that it does not run."""

import pytest
from exchanged import BLOCKS, sources_with
from this_course import COURSE, check

from coursekit.checks import UnderTest, freshness
from coursekit.mutants.runs import altered

RELU = {"relu_backward": "dx = 2 * dout * (x > 0)"}
NORM = {"batchnorm_backward_alt": "dx, dgamma, dbeta = dout, dout.sum(axis=0), dout.sum(axis=0)"}
NET = {"FullyConnectedNet.loss:gradients": "loss, dout = softmax_loss(scores, y)\nloss *= 2"}
SCORES = {"TwoLayerNet.loss:scores": "scores = 1 / 0"}
TEST_TIME = {"batchnorm_forward:test": "out = x"}


def verdict_on(name, blocks):
    changes = {path: lambda _, made=made: made for path, made in sources_with(blocks).items()}
    with altered(COURSE, changes) as package:
        return check[name].verdict(package)


@pytest.mark.parametrize(
    ("name", "blocks", "leans_on"),
    [
        ("FullyConnectedNet_gradients", RELU, ("relu_backward",)),
        ("FullyConnectedNet_gradients", RELU | NORM, ("relu_backward",)),
        ("FullyConnectedNet_gradients", NET | NORM, ()),
        ("FullyConnectedNet_batchnorm", NORM, ("batchnorm_backward_alt",)),
        ("affine_bn_relu_backward", NORM, ("batchnorm_backward_alt",)),
        ("affine_bn_relu_forward", TEST_TIME, ("batchnorm_forward:test",)),
        ("TwoLayerNet_gradients", SCORES, ("TwoLayerNet.loss:scores",)),
    ],
)
def test_what_a_red_check_leans_on_is_what_it_runs(name, blocks, leans_on):
    verdict = verdict_on(name, blocks)
    assert verdict.kind in ("wrong", "crashed"), f"\n{verdict}"
    assert verdict.leans_on == leans_on
    assert (f"First: {leans_on[0]}" in str(verdict)) if leans_on else ("First:" not in str(verdict))


def test_a_check_that_is_passed_leans_on_nothing():
    assert verdict_on("relu_forward", RELU).leans_on == ()


def test_the_blocks_that_a_check_runs_are_known_line_by_line():
    package = UnderTest(COURSE)

    def ran(name):
        asked = check[name]
        return freshness.blocks_run_by(package, lambda: asked.run(package, asked.rng()))

    assert ran("relu_forward") == {"relu_forward"}
    assert ran("dropout_forward_test") == {"dropout_forward:test"}
    assert ran("affine_bn_relu_backward") == {
        "affine_forward", "affine_backward", "relu_forward", "relu_backward",
        "batchnorm_forward:train", "batchnorm_backward_alt",
        "affine_bn_relu_forward", "affine_bn_relu_backward",
    }  # fmt: skip
    for asked in check:
        assert set(asked.blocks) <= ran(asked.name) <= set(BLOCKS)
