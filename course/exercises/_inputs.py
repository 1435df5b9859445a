"""Inputs that checks draw: unremarkable ones, and the awkward ones that tell mistakes apart."""

import numpy as np


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
