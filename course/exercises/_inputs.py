"""Inputs that checks draw: unremarkable ones, and the awkward ones that tell mistakes apart."""

import numpy as np

# Cases that are legal and rare. Each is a group of its own, with a small share of the points.
RARE = (
    "one example",
    "one feature",
    "one image",
    "one channel",
    "one filter",
    "one output",
    "one window",
    "no padding",
    "partial window",
    "no hidden layer",
    "x is not contiguous",
    "a mode in ln_param",
    "a mode in gn_param",
    "gamma and beta of shape (C,)",
)


def float32(*arrays):
    """Return the arrays in float32."""
    return [array.astype(np.float32) for array in arrays]


def away_from_zero(rng, *shape):
    """Draw numbers of both signs, none of them near 0, where relu has its kink."""
    return rng.choice([-1, 1], size=shape) * rng.uniform(0.1, 2, size=shape)


def all_different(rng, *shape):
    """Draw numbers of which no two are equal, so that every maximum has one winner."""
    count = int(np.prod(shape))
    return ((rng.permutation(count) - 0.4 * count) / 7).reshape(shape)


def spread(rng, N, deviations):
    """Draw N examples with a feature for each deviation, and a mean of its own for each feature."""
    D = len(deviations)
    return 3 * rng.standard_normal(D) + rng.standard_normal((N, D)) * deviations


def gaps(array):
    """Return an array of the same values whose numbers do not lie next to one another in memory."""
    twice = np.repeat(array, 2, axis=-1)
    return twice[..., ::2]


def fortran(array):
    """Return an array of the same values that lies in memory with its first axis fastest."""
    return np.asfortranarray(array)


def entry(group, case):
    """Name an entry of a check: a rare case is a group, and any other belongs to its array's."""
    rare = next((name for name in RARE if case.startswith(name)), None)
    if rare is None:
        return f"{group}: {case}"
    rest = case.removeprefix(rare).lstrip(",: ")
    return f"{rare}: {rest}, {group}" if rest else f"{rare}: {group}"


def window_entry(array, name):
    """Name an entry: windows that overlap form a group of their own, as rare cases do."""
    return f"{name}, {array}" if name.startswith("overlapping windows") else entry(array, name)


def entries(case, **arrays):
    """Return arrays by the names of their entries: `entries(case, dx=dx, dw=dw)`."""
    return {entry(group, case): array for group, array in arrays.items()}


def handed_on(cache, place, array):
    """Whether a cache holds an input as it came in, where the cache is the documented tuple."""
    if not isinstance(cache, tuple) or len(cache) <= place:
        return True
    kept = cache[place]
    return not isinstance(kept, np.ndarray) or (
        kept.shape == array.shape and np.array_equal(kept, array)
    )


def form(value):
    """Return the shape of an array of numbers in words, and what anything else is."""
    if isinstance(value, np.ndarray | np.number | int | float) and np.asarray(value).dtype != "O":
        return str(np.shape(value))
    return "None" if value is None else f"{type(value).__name__} object"


def copied(value):
    """Return a copy of an array, which a later step may write into, and anything else as it is."""
    return value.copy() if isinstance(value, np.ndarray) else value
