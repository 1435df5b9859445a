"""Numerical gradients: right on functions whose gradient is known, and safe for their arguments."""

import random
import re

import numpy as np
import pytest

from cs231n.gradient_check import (
    eval_numerical_gradient,
    eval_numerical_gradient_array,
    eval_numerical_gradient_blobs,
    eval_numerical_gradient_net,
    grad_check_sparse,
    rel_error,
)


@pytest.fixture
def rng():
    return np.random.default_rng(231)


def test_the_gradient_of_a_number(rng):
    x = rng.standard_normal((3, 4))
    found = eval_numerical_gradient(lambda x: np.sum(np.sin(x) * x), x, verbose=False)
    expected = np.sin(x) + x * np.cos(x)
    assert found.shape == x.shape
    # the third derivative is below 3 + |x|, so the error is below h^2, and rounding adds 1e-10
    assert np.abs(found - expected).max() < 1e-9
    assert np.abs(found - 1.01 * expected).max() > 1e-3


def test_the_gradient_of_an_array_is_weighted_by_df(rng):
    x, w, df = rng.standard_normal((2, 3)), rng.standard_normal((3, 4)), rng.standard_normal((2, 4))
    found = eval_numerical_gradient_array(lambda x: x @ w, x, df)
    assert np.abs(found - df @ w.T).max() < 1e-9
    assert np.abs(found - np.ones((2, 4)) @ w.T).max() > 0.1
    for_a_number = eval_numerical_gradient_array(lambda x: np.sum(x**2), x, 3.0)
    assert np.abs(for_a_number - 6 * x).max() < 1e-8
    for_all = eval_numerical_gradient_array(lambda x: x**2, x, 3.0)
    assert np.abs(for_all - 6 * x).max() < 1e-8


def test_a_function_may_return_its_argument_or_a_python_number(rng):
    x, df = rng.standard_normal((2, 3)), rng.standard_normal((2, 3))
    assert np.abs(eval_numerical_gradient_array(lambda x: x, x, df) - df).max() < 1e-9
    found = eval_numerical_gradient(lambda x: float(x[0, 0]), x, verbose=False)
    assert np.abs(found - [[1, 0, 0], [0, 0, 0]]).max() < 1e-9


def test_a_function_may_ignore_its_argument(rng):
    x, gamma, df = (rng.standard_normal(shape) for shape in [(4, 3), 3, (4, 3)])
    found = eval_numerical_gradient_array(lambda _: x * gamma, gamma, df)
    assert np.abs(found - np.sum(x * df, axis=0)).max() < 1e-9


def test_arrays_of_any_layout_and_shape(rng):
    whole = rng.standard_normal((6, 8))
    for x in (whole.T, whole[::2, ::3], np.asfortranarray(whole), whole[:0], whole[0]):
        before = whole.copy()
        found = eval_numerical_gradient(lambda x: np.sum(x**3), x, verbose=False)
        assert found.shape == x.shape
        assert np.allclose(found, 3 * x**2, atol=1e-8)
        assert np.array_equal(whole, before)
    scalar = np.array(2.0)
    assert eval_numerical_gradient(lambda x: x**2, scalar, verbose=False) == pytest.approx(4)
    assert grad_check_sparse(lambda x: x**2, scalar, np.array(4.0), num_checks=1) < 1e-9


def test_each_derivative_is_printed_if_asked(capsys):
    x = np.array([[1.0, 2.0]])
    gradient = eval_numerical_gradient(lambda x: np.sum(x), x)
    assert capsys.readouterr().out == f"(0, 0) {gradient[0, 0]}\n(0, 1) {gradient[0, 1]}\n"
    eval_numerical_gradient(lambda x: np.sum(x), x, verbose=False)
    assert capsys.readouterr().out == ""


class Fails:
    """A function that raises at its fourth call, which is in the midst of the second number."""

    calls = 0

    def __call__(self, x):
        self.calls += 1
        if self.calls == 4:
            raise ZeroDivisionError
        return np.sum(x)


@pytest.mark.parametrize(
    "check",
    [
        lambda f, x: eval_numerical_gradient(f, x, verbose=False),
        lambda f, x: eval_numerical_gradient_array(f, x, 1.0),
        lambda f, x: grad_check_sparse(f, x, np.ones_like(x)),
    ],
)
def test_x_is_restored_bit_for_bit_even_if_f_fails(rng, check):
    x = rng.standard_normal(5)
    before = x.copy()
    check(lambda x: np.sum(x**2), x)
    assert np.array_equal(x, before)
    with pytest.raises(ZeroDivisionError):
        check(Fails(), x)
    assert np.array_equal(x, before)


CHECKS = {
    "eval_numerical_gradient": lambda x: eval_numerical_gradient(np.sum, x, verbose=False),
    "eval_numerical_gradient_array": lambda x: eval_numerical_gradient_array(np.sum, x, 1.0),
    "grad_check_sparse": lambda x: grad_check_sparse(np.sum, x, np.ones(np.shape(x))),
}


@pytest.mark.parametrize("name", CHECKS)
def test_whole_numbers_are_refused(name):
    with pytest.raises(ValueError, match=f"{name}: x has dtype int64, expected float64"):
        CHECKS[name](np.array([1, 2, 3], dtype=np.int64))
    with pytest.raises(TypeError, match=f"{name}: x is a list, expected a numpy array"):
        CHECKS[name]([1.0, 2.0])


@pytest.mark.parametrize("name", CHECKS)
def test_single_precision_gets_a_warning(name):
    with pytest.warns(
        UserWarning, match=f"{name}: x has dtype float32, expected float64"
    ) as caught:
        CHECKS[name](np.ones(3, np.float32))
    assert caught[0].filename == __file__


def test_what_the_warning_says_of_single_precision_is_true():
    x = np.ones(1, np.float32)
    with pytest.warns(UserWarning, match="off by more than 1e-3 of its size"):
        found = eval_numerical_gradient(lambda x: np.sum(x**2), x, verbose=False)
    assert 1e-3 < abs(found[0] - 2) / 2 < 2e-3


def test_a_df_that_does_not_fit_is_named():
    x = np.ones((4, 3))
    for df in (np.ones((4, 1)), np.ones(3), np.ones((3, 4))):
        message = f"df has shape {df.shape}, expected (4, 3) as f returns"
        with pytest.raises(ValueError, match=re.escape(message)):
            eval_numerical_gradient_array(lambda x: x, x, df)


def test_a_function_of_many_numbers_needs_a_df():
    x = np.ones(3)
    for check in (
        lambda: eval_numerical_gradient(lambda x: x, x),
        lambda: grad_check_sparse(lambda x: x, x, x),
    ):
        with pytest.raises(ValueError, match=r"f returns an array of shape \(3,\), expected a num"):
            check()


class Blob:
    def __init__(self, vals, diffs=None):
        self.vals = vals
        self.diffs = np.zeros_like(vals) if diffs is None else diffs


def test_blobs(rng):
    x, w = Blob(rng.standard_normal((2, 3))), Blob(rng.standard_normal((3, 4)))
    out = Blob(np.zeros((2, 4)), rng.standard_normal((2, 4)))
    before = x.vals.copy(), w.vals.copy()

    def multiply(x, w, out):
        out.vals[:] = x.vals @ w.vals

    class Net:
        def forward(self):
            multiply(x, w, out)

    for dx, dw in (
        eval_numerical_gradient_blobs(multiply, (x, w), out),
        eval_numerical_gradient_net(Net(), [x, w], out),
    ):
        assert np.abs(dx - out.diffs @ w.vals.T).max() < 1e-9
        assert np.abs(dw - x.vals.T @ out.diffs).max() < 1e-9
    assert np.array_equal(x.vals, before[0])
    assert np.array_equal(w.vals, before[1])


def test_the_sparse_check_prints_and_returns_the_largest_error(rng, capsys):
    x = 1 + rng.random((5, 6))  # near 0 the relative error of a small gradient would be large
    right = 3 * x**2
    assert grad_check_sparse(lambda x: np.sum(x**3), x, right, num_checks=7) < 1e-7
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 7
    pattern = r"numerical: -?\d+\.\d{6} analytic: -?\d+\.\d{6}, relative error: \d\.\d{6}e-\d\d"
    assert all(re.fullmatch(pattern, line) for line in lines)

    wrong = 1.1 * right
    found = grad_check_sparse(lambda x: np.sum(x**3), x, wrong, num_checks=7)
    assert found == pytest.approx(0.1 / 2.1, rel=1e-5)
    errors = [float(line.split()[-1]) for line in capsys.readouterr().out.splitlines()]
    assert found == pytest.approx(max(errors), rel=1e-6)


def test_the_sparse_check_of_dead_units_is_zero():
    x = np.ones(4)
    assert grad_check_sparse(lambda x: 0.0, x, np.zeros(4)) == 0.0
    assert grad_check_sparse(lambda x: 0.0, x, np.full(4, 1e-3)) == 1.0
    assert grad_check_sparse(lambda x: 0.0, x, np.zeros(4), num_checks=0) == 0.0


def test_the_sparse_check_does_not_hide_a_nan():
    assert np.isnan(grad_check_sparse(lambda x: 0.0, np.ones(4), np.full(4, np.nan)))


def test_the_sparse_check_draws_from_the_stream_of_python(rng):
    """numpy's stream, which decides weights and minibatches in the notebooks, stays untouched."""
    x = rng.standard_normal((5, 6))
    random.seed(1)
    places = [(random.randrange(5), random.randrange(6)) for _ in range(3)]
    gradient = np.zeros((5, 6))
    for place in places:
        gradient[place] = 1
    np.random.seed(0)
    state = np.random.get_state()[1].copy()
    random.seed(1)
    assert grad_check_sparse(np.sum, x, gradient, num_checks=3) < 1e-9
    assert np.array_equal(np.random.get_state()[1], state)


def test_an_analytic_gradient_of_another_shape_is_named():
    message = r"analytic_grad has shape \(1, 3\), expected \(3,\) as x has"
    with pytest.raises(ValueError, match=message):
        grad_check_sparse(np.sum, np.ones(3), np.ones((1, 3)))


def test_rel_error():
    assert rel_error(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == 0
    assert rel_error(np.array([1.0, 0.0]), np.array([3.0, 0.0])) == 0.5
    assert rel_error(np.array([1e-9]), np.array([-1e-9])) == pytest.approx(0.2)  # the floor, 1e-8
    assert rel_error(np.array([1.0, 3.0]), 1.0) == 0.5
    with pytest.raises(ValueError, match=r"x has shape \(3,\) and y \(1, 3\), expected the same"):
        rel_error(np.ones(3), np.ones((1, 3)))


def test_rel_error_does_not_wrap_around():
    few, many = np.array([3], np.uint8), np.array([250], np.uint8)
    assert rel_error(few, many) == rel_error(3.0, 250.0)
    assert rel_error(np.array([True]), np.array([False])) == 1


def doubled_in_place(x):
    x *= 2
    return x.sum()


@pytest.mark.parametrize(
    "measure",
    [
        lambda x: eval_numerical_gradient(doubled_in_place, x, verbose=False),
        lambda x: eval_numerical_gradient_array(doubled_in_place, x, 1.0),
        lambda x: grad_check_sparse(doubled_in_place, x, np.ones_like(x), num_checks=2),
    ],
)
def test_a_function_that_writes_into_x_is_refused(measure):
    x = np.arange(6.0).reshape(2, 3)
    with pytest.raises(ValueError, match="f writes into x, expected a function that leaves x"):
        measure(x)
    assert np.array_equal(x, np.arange(6.0).reshape(2, 3))
