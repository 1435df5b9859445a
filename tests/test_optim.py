"""Update rules, step by step, against the formulas of the papers in plain Python numbers."""

import itertools
import math
import re

import numpy as np
import pytest

from cs231n import optim


def plain_sgd(w, dw, state, learning_rate=1e-2):
    return w - learning_rate * dw, None


def plain_sgd_momentum(w, dw, velocity, learning_rate=1e-2, momentum=0.9):
    velocity = momentum * (velocity or 0.0) - learning_rate * dw
    return w + velocity, velocity


def plain_rmsprop(w, dw, cache, learning_rate=1e-2, decay_rate=0.99, epsilon=1e-8):
    cache = decay_rate * (cache or 0.0) + (1 - decay_rate) * dw * dw
    return w - learning_rate * dw / (math.sqrt(cache) + epsilon), cache


def plain_adam(w, dw, state, learning_rate=1e-3, beta1=0.9, beta2=0.999, epsilon=1e-8):
    m, v, t = state or (0.0, 0.0, 0)
    m, v, t = beta1 * m + (1 - beta1) * dw, beta2 * v + (1 - beta2) * dw * dw, t + 1
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - learning_rate * m_hat / (math.sqrt(v_hat) + epsilon), (m, v, t)


RULES = {
    "sgd": (plain_sgd, {"learning_rate": 0.3}),
    "sgd_momentum": (plain_sgd_momentum, {"learning_rate": 0.3, "momentum": 0.5}),
    "rmsprop": (plain_rmsprop, {"learning_rate": 0.3, "decay_rate": 0.7, "epsilon": 0.1}),
    "adam": (plain_adam, {"learning_rate": 0.3, "beta1": 0.5, "beta2": 0.8, "epsilon": 0.1}),
}


def walk(rule, config, steps=6):
    """Take steps along gradients that do not depend on w, and return each w."""
    rng = np.random.default_rng(231)
    w, path = rng.standard_normal((3, 2)), []
    for dw in rng.standard_normal((steps, 3, 2)):
        kept = w.copy(), dw.copy()
        next_w, config = rule(w, dw, config)
        assert np.array_equal(w, kept[0]), "w was overwritten"
        assert np.array_equal(dw, kept[1]), "dw was overwritten"
        w = next_w
        path.append(w)
    return np.array(path)


def plain_walk(rule, settings, steps=6):
    rng = np.random.default_rng(231)
    w = rng.standard_normal((3, 2))
    state, path = {}, []
    for dw in rng.standard_normal((steps, 3, 2)):
        w = w.copy()
        for place in np.ndindex(w.shape):
            w[place], state[place] = rule(w[place], dw[place], state.get(place), **settings)
        path.append(w)
    return np.array(path)


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("given", ["defaults", "settings"])
def test_steps(name, given):
    plain, settings = RULES[name]
    settings = settings if given == "settings" else {}
    got = walk(getattr(optim, name), dict(settings) if settings else None)
    np.testing.assert_allclose(got, plain_walk(plain, settings), rtol=1e-12)


@pytest.mark.parametrize("name", RULES)
def test_comparison_can_fail(name):
    plain, settings = RULES[name]
    other = settings | {"learning_rate": settings["learning_rate"] * (1 + 1e-9)}
    got = walk(getattr(optim, name), dict(settings))
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(got, plain_walk(plain, other), rtol=1e-12)


@pytest.mark.parametrize("name", RULES)
def test_float32_stays_float32(name):
    config = {"learning_rate": np.float64(0.1)}  # as np.logspace gives
    w = np.ones((2, 3), dtype=np.float32)
    for _ in range(3):
        w, config = getattr(optim, name)(w, 0.5 * w, config)
    assert w.dtype == np.float32
    assert {v.dtype for v in config.values() if isinstance(v, np.ndarray)} <= {w.dtype}


@pytest.mark.parametrize("name", RULES)
def test_another_shape_of_dw_is_named(name):
    with pytest.raises(ValueError, match=r"dw has shape \(3, 1\), expected \(3, 2\)"):
        getattr(optim, name)(np.ones((3, 2)), np.ones((3, 1)))


@pytest.mark.parametrize(
    ("name", "w", "config", "message"),
    [
        ("sgd", np.ones(2), {"learning_rate": None}, "sgd: learning_rate is None, expected a fin"),
        ("adam", np.ones(2), {"beta1": "0.9"}, "adam: beta1 is '0.9', expected a finite number"),
        ("adam", np.ones(2), {"t": 1.5}, "adam: t is 1.5, expected a whole number"),
        ("rmsprop", np.ones(2), {"epsilon": np.inf}, "rmsprop: epsilon is inf, expected a finite"),
        ("sgd", np.ones(2), 0.1, "sgd: config is 0.1, expected a dictionary"),
        ("sgd", np.array(1.0), None, "sgd: w has shape (), expected at least one axis"),
        ("sgd_momentum", np.ones(2), {"velocity": np.zeros(2, int)}, "is of type int64, expected"),
        ("sgd_momentum", np.ones(2), {"velocity": 0.0}, "config['velocity'] is of type float, exp"),
        ("adam", np.ones(2), {"v": np.zeros(3)}, "config['v'] has shape (3,), expected (2,), that"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(name, w, config, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        getattr(optim, name)(w, np.ones_like(w), config)


@pytest.mark.parametrize("name", RULES)
def test_whole_numbers_get_a_memory_of_floats(name):
    w, _ = getattr(optim, name)(np.array([3, 4]), np.array([1, -1]), {"learning_rate": 0.5})
    assert w.dtype == np.float64
    assert np.array_equal(np.sign(w - [3, 4]), [-1, 1])


@pytest.mark.parametrize("name", RULES)
def test_rules_write_in_place_only_to_what_they_remember(name):
    rng = np.random.default_rng(231)
    w, dw, config = rng.standard_normal((3, 2)), rng.standard_normal((3, 2)), None
    for _ in range(3):
        kept = w.copy(), dw.copy()
        next_w, config = getattr(optim, name)(w, dw, config)
        assert np.array_equal(w, kept[0])
        assert np.array_equal(dw, kept[1])
        state = [value for value in config.values() if isinstance(value, np.ndarray)]
        held = [w, dw, next_w, *state]
        for one, other in itertools.combinations(held, 2):
            assert not np.shares_memory(one, other)
        w = next_w


def test_adam_against_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    settings = {"learning_rate": 0.3, "beta1": 0.5, "beta2": 0.8, "epsilon": 0.1}
    rng = np.random.default_rng(231)
    w = torch.tensor(rng.standard_normal((3, 2)), requires_grad=True)
    rule = torch.optim.Adam([w], lr=0.3, betas=(0.5, 0.8), eps=0.1)
    path = []
    for dw in rng.standard_normal((6, 3, 2)):
        w.grad = torch.tensor(dw)
        rule.step()
        path.append(w.detach().numpy().copy())
    np.testing.assert_allclose(walk(optim.adam, settings), path, rtol=1e-10)
