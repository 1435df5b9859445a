"""Whether an array is the expected one, and if not, how it differs."""

from dataclasses import dataclass

import numpy as np

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

# The largest expected value times this is what rounding alone leaves of a zero.
_ROUNDING = 1e-12


@dataclass(frozen=True)
class Difference:
    """How an array differs from the expected one.

    way: the kind of difference, so that cases that differ alike can be told in one row.
    words: what there is to read, with one expected number beside the one that came out.
    """

    way: str
    words: str

    def __str__(self):
        return self.words


def difference(got, expected):
    """Return the Difference of `got` from `expected`, or None where there is none.

    Shapes are compared exactly: (1, D) is not (D,). Numbers may be off by TOLERANCE, other things
    may not. The type of number does not matter as long as the values fit.
    """
    if not is_numeric(expected):
        return _difference_in_words(got, expected)
    if not is_numeric(got):
        what = written(got.item()) if got.ndim == 0 else "text"
        return Difference("type", f"expected {_form(expected)}, yours is {what}")
    if got.shape != expected.shape:
        return Difference("shape", _difference_of_shapes(got, expected))
    wrong = wrong_entries(got, expected)
    return _difference_of_numbers(got, expected, wrong) if wrong.any() else None


def wrong_entries(got, expected):
    """Return a mask of the entries that are not the expected ones, for arrays of one shape."""
    if expected.dtype.kind in "biu":
        return np.asarray(got != expected)
    with np.errstate(all="ignore"):
        close = np.abs(numbers(got) - numbers(expected)) <= TOLERANCE * scale(expected)
    return np.asarray(~(close | (got == expected)))  # infinities are equal, and not close


def agrees(got, expected):
    """Whether `got` passes for `expected`."""
    return difference(got, expected) is None


def scale(array):
    """Return the largest absolute value of an array, which its errors are measured by."""
    values = np.abs(numbers(array))
    return max(float(values.max(initial=0.0, where=np.isfinite(values))), SMALLEST_SCALE)


def is_numeric(array):
    """Whether an array holds numbers, rather than words."""
    return array.dtype.kind in "biufc"


def numbers(array):
    """Return the values in a type that can be subtracted, which bool and unsigned ones cannot."""
    with np.errstate(all="ignore"):
        return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


def written(thing, most=60):
    """Write a thing in few characters."""
    text = str(thing)
    return text if len(text) <= most else f"{text[:most]} ..."


def _difference_of_shapes(got, expected):
    if not got.ndim:
        return f"expected {_form(expected)}, yours is a single number"
    if not expected.ndim:
        return f"expected a single number, yours has shape {written(got.shape)}"
    none = ", which holds no numbers" if expected.size and not got.size else ""
    return f"expected shape {expected.shape}, yours has shape {written(got.shape)}{none}"


def _difference_of_numbers(got, expected, wrong):
    broken = ~np.isfinite(got) & wrong
    if broken.any():
        names = [name for name, test in _NOT_FINITE.items() if test(got[broken]).any()]
        place = np.unravel_index(np.argmax(broken), broken.shape)
        words = _beside(got, expected, place) + _share(broken, " or ".join(names))
        return Difference("not finite", words)
    with np.errstate(all="ignore"):
        off = np.where(wrong, np.abs(numbers(got) - numbers(expected)), -1)
        rounded = _is_coarser(got, expected) and (
            off.max() < 100 * np.finfo(got.dtype).eps * scale(expected)
        )
    words = _beside(got, expected, np.unravel_index(np.argmax(off), off.shape))
    if rounded:
        kind = f"expected {expected.dtype} numbers, yours are {got.dtype}"
        return Difference("precision", f"{kind} and off by {off.max():.1g} at most; {words}")
    return Difference("numbers", words + _share(wrong, "wrong"))


def _is_coarser(got, expected):
    """Whether an array has fewer digits than expected, as float32 has beside float64."""
    kinds = got.dtype.kind + expected.dtype.kind
    return set(kinds) <= set("fc") and np.finfo(got.dtype).eps > np.finfo(expected.dtype).eps


_NOT_FINITE = {"nan": np.isnan, "inf": np.isinf}


def _share(mask, what):
    """Say how many entries of an array are `what`: ' (3 of 4 numbers are wrong)'."""
    if mask.size < 2:
        return ""
    count = np.count_nonzero(mask)
    if count == mask.size:
        return f" (all {count} numbers are {what})"
    return f" ({count} of {mask.size} numbers {'is' if count == 1 else 'are'} {what})"


def _beside(got, expected, place):
    """Write the expected number at a place, and the one that came out."""
    at = f"at [{', '.join(map(str, place))}]: " if got.ndim else ""
    wanted, came = expected[place], got[place]
    if expected.dtype.kind in "fc" and np.abs(wanted) < _ROUNDING * scale(expected):
        wanted = 0.0
    # As few digits as tell the two apart, and no fewer than four.
    for digits in (4, 6, 8, 10, 12, 17):
        pair = _with_digits(wanted, digits), _with_digits(came, digits)
        if pair[0] != pair[1]:
            break
    return f"{at}expected {pair[0]}, yours {pair[1]}"


def _with_digits(number, digits):
    if isinstance(number, np.bool_ | np.integer):
        return str(number)
    if isinstance(number, np.complexfloating):
        return f"{complex(number):.{digits}g}"
    return f"{float(number) + 0.0:.{digits}g}"  # there is no -0


def _difference_in_words(got, expected):
    # Numpy before 2.3 cannot compare numbers with words.
    if is_numeric(got) == is_numeric(expected) and np.array_equal(got, expected):
        return None
    if is_numeric(got) or not expected.ndim or not got.ndim:
        return Difference("words", f"expected {_listed(expected)}, yours is {_listed(got)}")
    there, wanted = set(got.ravel().tolist()), set(expected.ravel().tolist())
    parts = [f"missing: {_joined(wanted - there)}"] if wanted - there else []
    parts += [f"not expected: {_joined(there - wanted)}"] if there - wanted else []
    words = "; ".join(parts) or f"expected {_listed(expected)}, yours is {_listed(got)}"
    return Difference("words", words)


def _joined(names):
    return written(", ".join(sorted(names)), 200)


def _listed(array):
    if not array.ndim:
        return written(array.item())
    return written(f"[{', '.join(map(str, array.ravel().tolist()))}]")


def _form(expected):
    return f"an array of shape {expected.shape}" if expected.ndim else "a number"
