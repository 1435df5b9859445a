"""Inputs of examples: images written row by row, and what draws for toggles share."""

import numpy as np


def image(*rows):
    """Return an image of one channel, of shape (1, 1, H, W)."""
    return np.array([[rows]], np.float64)


def channels(*images):
    """Return an image of several channels, each written as an image of one."""
    return np.concatenate(images, axis=1)


def batch(*images):
    """Return several images as one array."""
    return np.concatenate(images, axis=0)


def per_channel(*numbers):
    """Return a number for each channel, of shape (1, C, 1, 1)."""
    return np.array(numbers, np.float64).reshape(1, -1, 1, 1)


def apart(rng, *shape):
    """Draw numbers of both signs from 0.5 to 3 away from 0, no two of them alike."""
    return rng.choice([-1, 1], size=shape) * rng.uniform(0.5, 3, size=shape)
