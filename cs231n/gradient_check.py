"""Gradients from differences: slow and approximate, but independent of any backward pass.

A derivative is measured as a central difference, (f(x + h) - f(x - h)) / (2 h). Its error shrinks
with the square of h, until the rounding of f takes over.

Every function here changes x in place, one number at a time, and restores that number, even if f
raises. So f need not look at its argument: `lambda _: layer(x, gamma)` is fine for checking gamma.

x has to hold floating point numbers, and should be float64. In float32 a step of 1e-5 from 1.0 is
rounded so much that the gradient is off by more than 1e-3 of its size.
"""

import contextlib
import random
import warnings

import numpy as np

__all__ = [
    "eval_numerical_gradient",
    "eval_numerical_gradient_array",
    "eval_numerical_gradient_blobs",
    "eval_numerical_gradient_net",
    "grad_check_sparse",
    "rel_error",
]


def rel_error(x, y):
    """Return the largest |x - y| / max(1e-8, |x| + |y|) over all numbers of two arrays.

    In float64, a correct gradient of a single layer gives less than 1e-6 as a rule, a wrong one
    more than 1e-2. For a whole network, whose ReLUs have kinks, a correct one may give 1e-2 too.

    Raises ValueError if x and y are arrays of different shapes.
    """
    if np.shape(x) != np.shape(y) and np.ndim(x) and np.ndim(y):
        raise ValueError(
            f"rel_error: x has shape {np.shape(x)} and y {np.shape(y)}, expected the same"
        )
    # Whole numbers of few bits would wrap around.
    x, y = (np.asarray(a, dtype=float) if np.asarray(a).dtype.kind in "iub" else a for a in (x, y))
    return np.max(np.abs(x - y) / np.maximum(1e-8, np.abs(x) + np.abs(y)))


def eval_numerical_gradient(f, x, verbose=True, h=1e-5):
    """Measure the gradient of a function that returns one number.

    Inputs:
    - f: function of x that returns a number
    - x: ndarray of any shape, where the gradient is taken
    - verbose: whether to print each index with its derivative
    - h: the step

    Returns the gradient, in the shape of x.

    Raises TypeError or ValueError unless x is an array of floating point numbers, and ValueError if
    f returns more than one number.
    """
    _expect_floats("eval_numerical_gradient", x)
    gradient = np.zeros(x.shape)
    with _left_as_it_is("eval_numerical_gradient", x):
        for index in np.ndindex(x.shape):
            gradient[index] = _slope("eval_numerical_gradient", f, x, index, h)
            if verbose:
                print(index, gradient[index])
    return gradient


def eval_numerical_gradient_array(f, x, df, h=1e-5):
    """Measure the gradient of sum(f(x) * df), which is what a backward pass makes of df.

    Inputs:
    - f: function of x that returns an array or a number
    - x: ndarray of any shape, where the gradient is taken
    - df: upstream gradient, in the shape of what f returns, or one number for all of it
    - h: the step

    Returns the gradient, in the shape of x.

    Raises TypeError or ValueError unless x is an array of floating point numbers, and ValueError if
    df does not fit.
    """
    _expect_floats("eval_numerical_gradient_array", x)
    gradient = np.zeros(x.shape)
    with _left_as_it_is("eval_numerical_gradient_array", x):
        for index in np.ndindex(x.shape):
            above, below = _on_both_sides(f, x, index, h)
            if np.shape(df) not in ((), above.shape):
                raise ValueError(
                    f"eval_numerical_gradient_array: df has shape {np.shape(df)}, "
                    f"expected {above.shape} as f returns"
                )
            gradient[index] = np.sum((above - below) * df) / (2 * h)
    return gradient


def eval_numerical_gradient_blobs(f, inputs, output, h=1e-5):
    """Measure the gradients of a function that writes its result to a blob.

    A blob is an object with two arrays of one shape: `vals`, and `diffs` for the gradient.

    Inputs:
    - f: called as f(*inputs, output), writes to output.vals
    - inputs: blobs in whose vals the gradients are taken
    - output: blob with the upstream gradient in its diffs; vals stays as f wrote it last
    - h: the step

    Returns a list of gradients, one for each of inputs, in its shape.
    """

    def run(_):
        f(*inputs, output)
        return output.vals

    return [eval_numerical_gradient_array(run, blob.vals, output.diffs, h) for blob in inputs]


def eval_numerical_gradient_net(net, inputs, output, h=1e-5):
    """Do what eval_numerical_gradient_blobs does, for a net that is run by net.forward()."""
    return eval_numerical_gradient_blobs(lambda *blobs: net.forward(), inputs, output, h)


def grad_check_sparse(f, x, analytic_grad, num_checks=10, h=1e-5):
    """Compare a gradient with differences at a few random indices, and print each comparison.

    Indices are drawn from the global stream of Python's `random`.

    Inputs:
    - f: function of x that returns a number
    - x: ndarray of any shape, where the gradient is taken
    - analytic_grad: the gradient to be checked, in the shape of x
    - num_checks: how many indices
    - h: the step

    Returns the largest relative error, 0 where both are 0.

    Raises TypeError or ValueError unless x is an array of floating point numbers, and ValueError if
    analytic_grad is of another shape or f returns more than one number.
    """
    _expect_floats("grad_check_sparse", x)
    if np.shape(analytic_grad) != x.shape:
        raise ValueError(
            f"grad_check_sparse: analytic_grad has shape {np.shape(analytic_grad)}, "
            f"expected {x.shape} as x has"
        )
    largest = 0.0
    with _left_as_it_is("grad_check_sparse", x):
        for _ in range(num_checks):
            index = tuple(random.randrange(size) for size in x.shape)
            numerical = _slope("grad_check_sparse", f, x, index, h)
            analytic = float(analytic_grad[index])
            error = float(rel_error(numerical, analytic))
            print(f"numerical: {numerical:f} analytic: {analytic:f}, relative error: {error:e}")
            largest = np.maximum(largest, error)  # which, unlike max, keeps a nan
    return float(largest)


@contextlib.contextmanager
def _left_as_it_is(function, x):
    """Raise ValueError if x is another in the end: then the differences were taken elsewhere."""
    before = x.copy()
    yield
    if not np.array_equal(x, before, equal_nan=True):
        x[...] = before
        raise ValueError(
            f"{function}: f writes into x, expected a function that leaves x as it is. The "
            "gradient would be wrong; x is what it was"
        )


def _slope(function, f, x, index, h):
    """Measure the derivative of a number with respect to x[index]."""
    above, below = _on_both_sides(f, x, index, h)
    if above.size != 1:
        raise ValueError(
            f"{function}: f returns an array of shape {above.shape}, expected a number"
        )
    return (above.item() - below.item()) / (2 * h)


def _on_both_sides(f, x, index, h):
    """Return copies of f(x) with x[index] raised by h, and with it lowered by h."""
    kept = x[index]
    try:
        x[index] = kept + h
        above = np.array(f(x))
        x[index] = kept - h
        below = np.array(f(x))
    finally:
        x[index] = kept
    return above, below


def _expect_floats(function, x):
    if not isinstance(x, np.ndarray):
        raise TypeError(f"{function}: x is a {type(x).__name__}, expected a numpy array")
    if not np.issubdtype(x.dtype, np.floating):
        raise ValueError(
            f"{function}: x has dtype {x.dtype}, expected float64, because a step is lost in "
            "whole numbers"
        )
    if np.finfo(x.dtype).eps > 1e-10:
        warnings.warn(
            f"{function}: x has dtype {x.dtype}, expected float64; "
            "the gradient is off by more than 1e-3 of its size",
            UserWarning,
            stacklevel=3,
        )
