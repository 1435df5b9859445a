"""A backward pass may be judged by the student's own forward pass, and nothing is given away."""

import numpy as np
import pytest
from exchanged import exchange
from this_course import check

from coursekit.checks import Outcome, judge
from coursekit.checks.outcome import VALUE
from coursekit.checks.run import DIRECTIONS, STEP, directions


@pytest.fixture(scope="module")
def package():
    with exchange() as package:
        yield package


@pytest.fixture
def earned(package):
    """A function that returns what a check earns with other code in some blocks, and its kind."""

    def earned(name, blocks):
        with package.holding(blocks) as under_test:
            verdict = check[name].verdict(under_test)
        return verdict.earned, verdict.kind

    return earned


def own_check(block):
    (asked,) = check.of_block(block)
    return asked


# A forward pass with a mistake, and a backward pass that is right for it and for no other.
RIGHT_FOR_ITS_FORWARD = {
    "dropout that does not scale": {
        "dropout_forward:train": "mask = random.rand(*x.shape) < p\nout = x * mask",
        "dropout_backward:train": "dx = dout * mask",
    },
    "a leaky relu": {
        "relu_forward": "out = np.maximum(x, 0.1 * x)",
        "relu_backward": "dx = dout * np.where(x > 0, 1, 0.1)",
    },
    "half of every product": {
        "affine_forward": "out = 0.5 * x.reshape(N, D) @ w + b",
        "affine_backward": "rows = x.reshape(N, D)\n"
        "dx = (0.5 * dout @ w.T).reshape(x.shape)\n"
        "dw, db = 0.5 * rows.T @ dout, dout.sum(axis=0)",
    },
    "eps of another size": {
        "layernorm_forward": "centered = x - x.mean(axis=1, keepdims=True)\n"
        "std = np.sqrt((centered**2).mean(axis=1, keepdims=True) + 2 * eps)\n"
        "x_hat = centered / std\n"
        "out, cache = gamma * x_hat + beta, (x_hat, std, gamma)",
        # the reference's layernorm_backward takes what is in the cache
    },
    "a variance of another kind": {
        "batchnorm_forward:train": "N = len(x) - 0.5\n"
        "mean = x.mean(axis=0)\n"
        "centered = x - mean\n"
        "var = (centered**2).sum(axis=0) / N\n"
        "std = np.sqrt(var + eps)\n"
        "x_hat = centered / std\n"
        "out = gamma * x_hat + beta\n"
        "running_mean = momentum * running_mean + (1 - momentum) * mean\n"
        "running_var = momentum * running_var + (1 - momentum) * var\n"
        "cache = (x_hat, std, gamma, N)",
        "batchnorm_backward": "x_hat, std, gamma, M = cache\n"
        "dbeta, dgamma = dout.sum(axis=0), (dout * x_hat).sum(axis=0)\n"
        "dx_hat = dout * gamma\n"
        "dcentered = (dx_hat - x_hat * (dx_hat * x_hat).sum(axis=0) / M) / std\n"
        "dx = dcentered - dcentered.mean(axis=0)",
    },
    "pooling that takes the mean": {
        "max_pool_forward_naive": "H_out = 1 + (H - pool_height) // stride\n"
        "W_out = 1 + (W - pool_width) // stride\n"
        "out = np.zeros((N, C, H_out, W_out))\n"
        "for i, j in np.ndindex(H_out, W_out):\n"
        "    window = x[:, :, i * stride:i * stride + pool_height,"
        " j * stride:j * stride + pool_width]\n"
        "    out[:, :, i, j] = window.mean(axis=(2, 3))",
        "max_pool_backward_naive": "dx = np.zeros(x.shape)\n"
        "for i, j in np.ndindex(dout.shape[2:]):\n"
        "    dx[:, :, i * stride:i * stride + pool_height,"
        " j * stride:j * stride + pool_width] += (\n"
        "        dout[:, :, i, j, None, None] / (pool_height * pool_width))",
    },
}


@pytest.mark.parametrize("what", RIGHT_FOR_ITS_FORWARD)
def test_a_backward_pass_that_is_right_for_its_own_forward_pass_is_paid(what, earned):
    blocks = RIGHT_FOR_ITS_FORWARD[what]
    forward = own_check(next(iter(blocks)))
    backwards = {name.replace("_forward", "_backward") for name in blocks}
    backwards = {"batchnorm_backward" if "batchnorm" in name else name for name in backwards}
    (backward,) = {own_check(block).name for block in backwards}
    assert earned(forward.name, blocks)[0] < forward.points
    assert earned(backward, blocks) == (check[backward].points, "passed")


# Both passes do nothing, or next to nothing.
TRIVIAL = {
    "zeros of affine": {
        "affine_forward": "out = np.zeros((N, w.shape[1]))",
        "affine_backward": "dx, dw, db = np.zeros(x.shape), np.zeros(w.shape), np.zeros(b.shape)",
    },
    "a constant for relu": {
        "relu_forward": "out = np.ones(x.shape)",
        "relu_backward": "dx = np.zeros(x.shape)",
    },
    "relu that does nothing": {
        "relu_forward": "out = x.copy()",
        "relu_backward": "dx = dout.copy()",
    },
    "dropout that does nothing": {
        "dropout_forward:train": "out, mask = x.copy(), 1",
        "dropout_backward:train": "dx = dout.copy()",
    },
    "zeros of layer normalisation": {
        "layernorm_forward": "out, cache = 0 * x, (x, gamma, beta)",
        "layernorm_backward": "x, gamma, beta = cache\n"
        "dx, dgamma, dbeta = 0 * x, 0 * gamma, 0 * beta",
    },
    "layer normalisation that does nothing": {
        "layernorm_forward": "out, cache = x.copy(), (x, gamma, beta)",
        "layernorm_backward": "x, gamma, beta = cache\n"
        "dx, dgamma, dbeta = dout.copy(), 0 * gamma, 0 * beta",
    },
    "batch normalisation that does nothing": {
        "batchnorm_forward:train": "out, cache = x.copy(), (x, gamma, beta)",
        "batchnorm_backward": "x, gamma, beta = cache\n"
        "dx, dgamma, dbeta = dout.copy(), 0 * gamma, 0 * beta",
    },
    "zeros of convolution": {
        "conv_forward_naive": "H_out = 1 + (H + 2 * pad - HH) // stride\n"
        "W_out = 1 + (W + 2 * pad - WW) // stride\n"
        "out = np.zeros((N, F, H_out, W_out))",
        "conv_backward_naive": "dx, dw, db = 0 * x, 0 * w, 0 * b",
    },
}


@pytest.mark.parametrize("what", TRIVIAL)
def test_passes_that_do_nothing_earn_nothing(what, earned):
    for block in TRIVIAL[what]:
        assert earned(own_check(block).name, TRIVIAL[what]) == (0, "wrong")


WRONG_BACKWARD = {
    "affine_backward": "dx, dw, db = (dout @ w.T).reshape(x.shape), x.reshape(N, D).T @ dout, b",
    "relu_backward": "dx = 2 * dout * (x > 0)",
    "layernorm_backward": "x_hat, std, gamma = cache\n"
    "dbeta, dgamma = dout.sum(axis=0), (dout * x_hat).sum(axis=0)\n"
    "dx = dout * gamma / std",
    "batchnorm_backward": "x_hat, std, gamma = cache[:3]\n"
    "dbeta, dgamma = dout.sum(axis=0), (dout * x_hat).sum(axis=0)\n"
    "dx = dout * gamma / std",
    "dropout_backward:train": "dx = dout * (1 - mask)",
    "max_pool_backward_naive": "dx = np.ones(x.shape)",
}


@pytest.mark.parametrize("block", WRONG_BACKWARD)
def test_a_wrong_backward_pass_is_not_paid_whatever_its_forward_pass(block, earned):
    asked = own_check(block)
    alone = {block: WRONG_BACKWARD[block]}
    points, kind = earned(asked.name, alone)
    assert kind == "wrong"
    assert points < asked.points
    forwards = [
        made
        for made in RIGHT_FOR_ITS_FORWARD.values()
        if block.replace("_backward", "_forward") in made
    ]
    for made in forwards:
        with_wrong_forward = earned(asked.name, made | alone)
        assert with_wrong_forward[1] == "wrong"
        assert with_wrong_forward[0] <= points


# The judge


def outcomes(stated, forward, shape=(3, 2), dout=None):
    """Make an outcome with probes of a forward pass, and the reference's of another gradient."""
    dout = np.ones(shape) * 0.7 if dout is None else dout
    x = np.linspace(-1, 2, int(np.prod(shape))).reshape(shape)
    expected, got = Outcome("some_check"), Outcome("some_check")
    expected.add("dx: case", VALUE, 3.21 * np.ones(shape))
    expected.douts["dx: case"] = dout
    got.add("dx: case", VALUE, stated(x, dout))
    steps = directions("dx: case", shape)
    moved = [x + sign * STEP * step for step in steps for sign in (1, -1)]
    got.probes["dx: case"] = np.stack([forward(array) for array in moved])
    return got, expected


SQUARE = {"stated": lambda x, dout: 2 * x * dout, "forward": lambda x: x**2}


def test_a_gradient_that_its_forward_pass_bears_out_is_right():
    got, expected = outcomes(**SQUARE)
    assert judge(got, expected).passed
    assert len(got.probes["dx: case"]) == 2 * DIRECTIONS


def test_what_is_sent_survives_its_bytes():
    got, expected = outcomes(**SQUARE)
    read = [Outcome.from_bytes(made.to_bytes()) for made in (got, expected)]
    assert judge(*read).passed


@pytest.mark.parametrize(
    "change",
    [
        {"stated": lambda x, dout: 2 * x * dout + 1e-3},
        {"stated": lambda x, dout: 2.001 * x * dout},
        {"stated": lambda x, dout: 2 * x},
        {"stated": lambda x, dout: (2 * x * dout)[:, :1]},
        {"stated": lambda x, dout: None},
        {"stated": lambda x, dout: np.full(x.shape, np.nan)},
        {"forward": lambda x: x**3},
        {"forward": lambda x: np.full(x.shape, np.nan)},
        {"forward": lambda x: (x**2)[:1]},
        {"stated": lambda x, dout: dout, "forward": lambda x: x},
        {"stated": lambda x, dout: 0 * x, "forward": lambda x: 0 * x},
    ],
)
def test_a_gradient_that_it_does_not_bear_out_is_wrong(change):
    got, expected = outcomes(**SQUARE | change)
    with np.errstate(all="ignore"):
        assert not judge(got, expected).passed


def test_without_probes_or_without_dout_nothing_is_borne_out():
    got, expected = outcomes(**SQUARE)
    got.probes.clear()
    assert judge(got, expected).kind == "wrong"
    got, expected = outcomes(**SQUARE)
    got.douts, expected.douts = (
        expected.douts,
        {},
    )  # what the student's process says of it is naught
    assert judge(got, expected).kind == "wrong"
