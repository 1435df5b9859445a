"""Whether an array is the expected one, and if not, how it differs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

# How far two values may be apart, as a share of the largest expected value of their array.
#
# float64 carries 16 digits. Another order of the same sums costs the last one or two of them, and a
# roundabout way to a variance, as the mean of squares less the square of the mean, up to four more
# where a feature's deviation is a thousandth of its mean: 1e-10 at worst. The smallest mistake that
# checks look for, an eps of 1e-5 in the wrong place beside a variance of about 1, moves values by
# 1e-6. (Measured: right answers written in other ways are off by 1e-14, mistakes by 1e-6 or more.)
TOLERANCE = 1e-8

# An array that is zero but for rounding has no scale of its own, so that none is taken smaller.
SMALLEST_SCALE = 1e-4


def difference(got: NDArray[Any], expected: NDArray[Any]) -> str | None:
    """Say how `got` differs from `expected`, or return None where it does not.

    Shapes are compared exactly: (1, D) is not (D,). Numbers may be off by TOLERANCE, other things
    may not. The type of number does not matter as long as the values fit.
    """
    if not is_numeric(expected):
        return _difference_in_words(got, expected)
    if not is_numeric(got):
        what = got.item() if got.ndim == 0 else "text"
        return f"{what}, expected {_numbers_of(expected)}"
    if got.shape != expected.shape:
        return f"shape {got.shape}, expected {expected.shape}"
    if expected.dtype.kind in "bi" and expected.ndim == 0 and got != expected:
        return f"{got.item()}, expected {expected.item()}"
    wrong = wrong_entries(got, expected)
    if not wrong.any():
        return None
    broken = ~np.isfinite(got)
    if broken.any():
        return f"{_share(broken)} not finite (nan or inf)"
    off = np.abs(got - expected)
    finest = np.finfo(got.dtype).eps if got.dtype.kind in "fc" else 0
    if finest > np.finfo(np.float64).eps and off.max() < 100 * finest * scale(expected):
        return f"values rounded to {got.dtype}, expected the precision of {expected.dtype}"
    if not expected.ndim:
        return f"{got.item():.10g}, expected {expected.item():.10g}"
    return (
        f"{_share(wrong)} off, by up to {off.max():.2g} "
        f"where expected values reach {np.abs(expected).max():.2g}"
    )


def wrong_entries(got: NDArray[Any], expected: NDArray[Any]) -> NDArray[np.bool_]:
    """Return a mask of the entries that are not the expected ones, for arrays of one shape."""
    if expected.dtype.kind in "bi":
        return np.asarray(got != expected)
    with np.errstate(all="ignore"):
        close = np.abs(got - expected) <= TOLERANCE * scale(expected)
    return ~(close | (got == expected))  # infinities are equal, and not close


def agrees(got: NDArray[Any], expected: NDArray[Any]) -> bool:
    """Whether `got` passes for `expected`."""
    return difference(got, expected) is None


def scale(array: NDArray[Any]) -> float:
    """Return the largest absolute value of an array, which its errors are measured by."""
    finite = np.abs(array[np.isfinite(array)])
    return max(float(finite.max(initial=0.0)), SMALLEST_SCALE)


def is_numeric(array: NDArray[Any]) -> bool:
    """Whether an array holds numbers, rather than words."""
    return array.dtype.kind in "biufc"


def _difference_in_words(got: NDArray[Any], expected: NDArray[Any]) -> str | None:
    words = not is_numeric(got)
    if words and got.shape == expected.shape and np.array_equal(got, expected):
        return None
    if not words or not expected.ndim or not got.ndim:
        return f"{_written(got)}, expected {_written(expected)}"
    missing = sorted(set(expected.tolist()) - set(got.tolist()))
    surplus = sorted(set(got.tolist()) - set(expected.tolist()))
    parts = [f"without {', '.join(missing)}"] if missing else []
    parts += [f"with {', '.join(surplus)} too much"] if surplus else []
    return ", ".join(parts) or f"{_written(got)}, expected {_written(expected)}"


def _written(array: NDArray[Any]) -> str:
    return str(array.item()) if not array.ndim else f"[{', '.join(map(str, array.tolist()))}]"


def _numbers_of(expected: NDArray[Any]) -> str:
    return f"an array of shape {expected.shape}" if expected.ndim else "a number"


def _share(mask: NDArray[np.bool_]) -> str:
    return f"{int(mask.sum())} of {mask.size} entries" if mask.ndim else "the value is"
