"""What a wrong answer looks like: a sentence for the student, where there is one to say.

Two layers. Known mistakes are looked up first, by their signatures (signatures.py). The patterns
below need no list. Each is a function of a Mismatch that returns a sentence or None, and the first
sentence counts; to add a pattern, write it and put it into PATTERNS. A sentence says what can be
seen and where to look, and never the fix.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .comparison import SMALLEST_SCALE, agrees, is_numeric, scale, wrong_entries
from .outcome import VALUE, Entry, Outcome


@dataclass(frozen=True)
class Mismatch:
    """An entry that is wrong, the reference's, and the two outcomes that they come from."""

    entry: Entry
    expected_entry: Entry
    outcome: Outcome
    expected_outcome: Outcome

    @property
    def name(self) -> str:
        return written(self.entry)

    @property
    def got(self) -> NDArray[Any]:
        return self.entry.array

    @property
    def expected(self) -> NDArray[Any]:
        return self.expected_entry.array

    @property
    def sizes(self) -> dict[str, int]:
        """The lengths that letters stand for in the case that the entry belongs to."""
        named = (
            sizes for case, sizes in self.outcome.sizes.items() if case and case in self.entry.name
        )
        return next(named, {})


def written(entry: Entry) -> str:
    """Write an entry's name as it stands in a sentence."""
    return f"{entry.group} ({entry.case})" if entry.case else entry.group


def diagnose(mismatch: Mismatch) -> tuple[str, str]:
    """Return the name and the sentence of the first pattern that fits, or two empty strings."""
    if not is_numeric(mismatch.got) or not is_numeric(mismatch.expected):
        return "", ""
    if mismatch.expected.dtype.kind == "b":
        return "", ""
    same_shape = mismatch.got.shape == mismatch.expected.shape
    with np.errstate(all="ignore"):
        for pattern in PATTERNS if same_shape else SHAPE_PATTERNS:
            sentence = pattern(mismatch)
            if sentence:
                return pattern.__name__, sentence
    return "", ""


# Patterns for arrays of the right shape


def not_finite(mismatch: Mismatch) -> str | None:
    broken = ~np.isfinite(mismatch.got)
    if not broken.any():
        return None
    return (
        f"{mismatch.name} is not finite: look for a division by zero, the logarithm or the root of "
        "something that can be zero or negative, or exp of something large."
    )


def all_zero(mismatch: Mismatch) -> str | None:
    if mismatch.got.any() or not mismatch.expected.any() or not mismatch.got.ndim:
        return None
    return f"{mismatch.name} is zero everywhere, as if nothing had been written into it."


def not_zero(mismatch: Mismatch) -> str | None:
    if np.abs(mismatch.expected).max(initial=0) > SMALLEST_SCALE:
        return None
    return f"{mismatch.name} is zero but for rounding in this case, and yours is not."


def opposite_sign(mismatch: Mismatch) -> str | None:
    if not agrees(-mismatch.got, mismatch.expected):
        return None
    return f"{mismatch.name} has the right size and the opposite sign everywhere."


def constant_factor(mismatch: Mismatch) -> str | None:
    got, expected = mismatch.got, mismatch.expected
    if not got.ndim or got.size < 2:
        return None
    largest = np.unravel_index(np.argmax(np.abs(expected)), expected.shape)
    factor = float(np.real(got[largest] / expected[largest]))
    if not np.isfinite(factor) or factor == 0 or not agrees(got / factor, expected):
        return None
    return f"{mismatch.name} is {_times(factor, mismatch.sizes)} the expected everywhere."


def constant_offset(mismatch: Mismatch) -> str | None:
    if not mismatch.got.ndim or mismatch.got.size < 2:
        return None
    offsets = mismatch.got - mismatch.expected
    offset = float(np.real(offsets.flat[0]))
    if np.abs(offsets - offset).max() > 1e-8 * scale(mismatch.expected):
        return None
    return f"{mismatch.name} is off by the same amount everywhere, {offset:+.4g}."


def transposed(mismatch: Mismatch) -> str | None:
    got, expected = mismatch.got, mismatch.expected
    if got.ndim < 2:
        return None
    for a in range(got.ndim):
        for b in range(a + 1, got.ndim):
            swapped = np.swapaxes(got, a, b)
            if swapped.shape == expected.shape and agrees(swapped, expected):
                return f"{mismatch.name} holds the right values with axes {a} and {b} swapped."
    return None


def reordered(mismatch: Mismatch) -> str | None:
    got, expected = np.sort(mismatch.got, axis=None), np.sort(mismatch.expected, axis=None)
    if got.size < 4 or not agrees(got, expected):
        return None
    return (
        f"{mismatch.name} holds the right values in the wrong places: look at each reshape and "
        "transpose, and at the order of the axes before it."
    )


def equal_to_another(mismatch: Mismatch) -> str | None:
    for other in mismatch.expected_outcome.of_kind(VALUE):
        if (
            other.name == mismatch.entry.name
            or not is_numeric(other.array)
            or other.array.ndim == 0
        ):
            continue
        if other.array.shape == mismatch.got.shape and agrees(mismatch.got, other.array):
            return f"{mismatch.name} holds what belongs into {written(other)}."
    return None


def some_slices_right(mismatch: Mismatch) -> str | None:
    """Right everywhere but in some rows, columns or other slices along one axis."""
    wrong = wrong_entries(mismatch.got, mismatch.expected)
    for axis in range(wrong.ndim):
        others = tuple(other for other in range(wrong.ndim) if other != axis)
        touched = np.asarray(wrong.any(axis=others))
        few = touched.size > 2 and 0 < 2 * touched.sum() <= touched.size
        if few and np.asarray(wrong.all(axis=others))[touched].all():
            places = ", ".join(map(str, np.flatnonzero(touched)))
            return (
                f"{mismatch.name} is right but for index {places} along axis {axis}, "
                f"of {touched.size} there."
            )
    return None


def factor_along_axis(mismatch: Mismatch) -> str | None:
    """A factor for each slice along one axis: the values are right but for how they are scaled."""
    got, expected = mismatch.got, mismatch.expected
    if got.ndim < 2 or min(got.shape) < 2:
        return None
    for axis in range(got.ndim):
        others = tuple(other for other in range(got.ndim) if other != axis)
        weight = (expected * expected).sum(axis=others, keepdims=True)
        factors = (got * expected).sum(axis=others, keepdims=True) / weight
        if np.isfinite(factors).all() and agrees(factors * expected, got):
            return (
                f"{mismatch.name} differs from the expected by a factor of its own for each index "
                f"along axis {axis}, and by nothing else."
            )
    return None


# Patterns for arrays of another shape


def extra_axes(mismatch: Mismatch) -> str | None:
    got, expected = mismatch.got, mismatch.expected
    if not got.size or got.squeeze().shape != expected.squeeze().shape:
        return None
    if not agrees(got.reshape(expected.shape), expected):
        return None
    return (
        f"{mismatch.name} has the right values in the shape {got.shape} instead of "
        f"{expected.shape}. Broadcasting hides that until something else is added to it."
    )


def transposed_shape(mismatch: Mismatch) -> str | None:
    got, expected = mismatch.got, mismatch.expected
    if got.ndim != expected.ndim or sorted(got.shape) != sorted(expected.shape):
        return None
    return transposed(mismatch)


def empty(mismatch: Mismatch) -> str | None:
    if mismatch.got.size or not mismatch.expected.size:
        return None
    return (
        f"{mismatch.name} is empty, of shape {mismatch.got.shape}: some slice holds nothing at "
        "all. What do its two ends come to in this case?"
    )


PATTERNS = (
    not_finite,
    all_zero,
    not_zero,
    opposite_sign,
    constant_factor,
    constant_offset,
    transposed,
    equal_to_another,
    reordered,
    some_slices_right,
    factor_along_axis,
)
SHAPE_PATTERNS = (empty, extra_axes, transposed_shape)


def _times(factor: float, sizes: dict[str, int]) -> str:
    """Write a factor, and what it may come from: '4 times', and N is 4."""
    written = f"{factor:.4g} times"
    names = list(sizes)  # in the order of the check, which begins with N
    candidates = {name: sizes[name] for name in names}
    candidates |= {f"{a} * {b}": sizes[a] * sizes[b] for a, b in itertools.combinations(names, 2)}
    candidates |= {f"{a} - 1": sizes[a] - 1 for a in names}
    for text, value in candidates.items():
        if value > 1 and np.isclose(abs(factor), value, rtol=1e-7):
            return f"{written} ({text} is {value})"
        if value > 1 and np.isclose(abs(factor) * value, 1, rtol=1e-7):
            return f"{written} (1 / {value}, and {text} is {value})"
    for text in names:
        if sizes[text] > 1 and np.isclose(abs(factor), sizes[text] / (sizes[text] - 1), rtol=1e-7):
            return f"{written} ({text} / ({text} - 1), and {text} is {sizes[text]})"
    return written
