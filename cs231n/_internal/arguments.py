"""What layers, networks and the Solver ask of their arguments, and what they say if it is not met.

Every message names the function, the value received and the value expected.
"""

import functools
import math
import numbers
from collections.abc import Iterable, Mapping

import numpy as np


def expect_shapes(function, **arguments):
    """Raise unless every array fits its pattern, with the same letter meaning the same size.

    `expect_shapes("affine_forward", w=(w, "D M"), b=(b, "M"))` asks that w has two axes and that b
    is as long as w is wide. A number in a pattern is a size that is known beforehand, and `...`
    stands for any further axes.

    Raises TypeError for anything but an array, and ValueError for a shape that does not fit.
    """
    sizes = {}
    for name, (array, pattern) in arguments.items():
        if not isinstance(array, np.ndarray):
            raise TypeError(
                f"{function}: {name} is a {type(array).__name__}, expected a numpy array"
            )
        shape = array.shape
        axes, is_open = _axes(pattern)
        if is_open:
            shape = shape[: len(axes)]
        fits = len(shape) == len(axes)
        if fits:
            for size, axis in zip(shape, axes):  # noqa: B905 - of one length, and strict takes time
                if size != (axis if axis.__class__ is int else sizes.setdefault(axis, size)):
                    fits = False
                    break
        if not fits:
            raise ValueError(_misfit(function, name, arguments))


@functools.lru_cache
def _axes(pattern):
    """Return the axes of a pattern, sizes as int, and whether any others may follow.

    Small nets ask for shapes so often that splitting the pattern each time would show.
    """
    axes = pattern.split()
    is_open = "..." in axes
    if is_open:
        axes = axes[: axes.index("...")]
    return tuple(int(axis) if axis.isdigit() else axis for axis in axes), is_open


def _misfit(function, name, arguments):
    """Say what shape was expected of `name`, given those of the arguments before it."""
    others, sizes = [], {}
    for other, (array, pattern) in arguments.items():
        if other == name:
            break
        others.append(f"{other} of shape {array.shape}")
        sizes.update(zip(_axes(pattern)[0], array.shape, strict=False))
    array, pattern = arguments[name]
    expected = _describe(pattern.split(), sizes)
    if others:
        expected += f" to go with {' and '.join(others)}"
    return f"{function}: {name} has shape {array.shape}, expected {expected}"


def expect_settings(function, name, settings, *required):
    """Raise unless `settings` is a dictionary that has all `required` entries.

    Raises TypeError for anything but a dictionary, and ValueError for a missing entry.
    """
    if not isinstance(settings, Mapping):
        raise TypeError(
            f"{function}: {name} is {_briefly(settings)}, expected a dictionary of settings"
        )
    for entry in required:
        if entry not in settings:
            there = ", ".join(map(repr, settings)) or "nothing"
            raise ValueError(
                f"{function}: {name} has no {entry!r}, only {there}; "
                f"expected {' and '.join(map(repr, required))} in it"
            )


def expect_mode(function, name, settings, modes=("train", "test")):
    """Return settings["mode"], or raise if they are no settings or it is none of `modes`.

    `name` is what the caller calls these settings.
    """
    expect_settings(function, name, settings)
    mode = settings.get("mode")
    if mode not in modes:
        raise ValueError(f"{function}: mode is {mode!r}, expected {' or '.join(map(repr, modes))}")
    return mode


def expect_whole(function, name, value, at_least):
    """Return `value` as an int, or raise ValueError unless it is whole and not too small."""
    whole = isinstance(value, numbers.Integral) or (
        isinstance(value, numbers.Real) and float(value).is_integer()
    )
    if not whole or value < at_least:
        raise ValueError(
            f"{function}: {name} is {value!r}, expected a whole number of {at_least} or more"
        )
    return int(value)


def expect_number(function, name, value, *, above=None):
    """Return `value` as a float, or raise ValueError unless it is a finite number, above `above`.

    A numpy scalar is a number too; an array of one is none.
    """
    if value.__class__ is float and above is None and math.isfinite(value):
        return value  # at every step of every parameter
    is_number = isinstance(value, numbers.Real) and not isinstance(value, bool)
    if not is_number or not math.isfinite(value) or (above is not None and value <= above):
        expected = "a finite number" if above is None else f"a finite number above {above:g}"
        raise ValueError(f"{function}: {name} is {_briefly(value)}, expected {expected}")
    return float(value)


def expect_list_of_sizes(function, name, sizes):
    """Return `sizes` as a list of ints. Raises TypeError for one number, ValueError for others."""
    if isinstance(sizes, str | bytes) or not isinstance(sizes, Iterable):
        raise TypeError(
            f"{function}: {name} is {sizes!r}, expected a list of whole numbers, such as [100, 50]"
        )
    return [expect_whole(function, name, size, at_least=1) for size in sizes]


def expect_image_size(function, input_dim):
    """Return (C, H, W) as ints, or raise TypeError or ValueError for anything else."""
    if not isinstance(input_dim, Iterable) or len(sizes := list(input_dim)) != 3:
        raise TypeError(f"{function}: input_dim is {_briefly(input_dim)}, expected (C, H, W)")
    return [expect_whole(function, "input_dim", size, at_least=1) for size in sizes]


def expect_floats(function, name, array):
    """Raise TypeError unless an array is one of floats: in whole numbers, results are cut off."""
    expect_shapes(function, **{name: (array, "...")})
    if not np.issubdtype(array.dtype, np.floating):
        raise TypeError(
            f"{function}: {name} has dtype {array.dtype}, expected floats: "
            f"{name}.astype(float) has them"
        )


def expect_keep_probability(function, p, name="p"):
    """Return `p` as a float, or raise ValueError unless it lies in (0, 1]."""
    if not isinstance(p, numbers.Real) or not 0 < p <= 1:
        raise ValueError(
            f"{function}: {name} is {p!r}, expected the probability to keep a unit, in (0, 1]"
        )
    return float(p)


def expect_groups(function, channels, groups):
    """Return `groups` as an int, or raise ValueError unless it divides the number of channels."""
    groups = expect_whole(function, "G", groups, at_least=1)
    if channels % groups:
        raise ValueError(f"{function}: G is {groups}, expected a divisor of C = {channels}")
    return groups


def expect_labels(function, y, count, classes):
    """Raise ValueError unless y holds `count` whole numbers in [0, classes)."""
    expect_shapes(function, y=(y, str(count)))
    if not np.issubdtype(y.dtype, np.integer):
        raise ValueError(f"{function}: y has dtype {y.dtype}, expected whole numbers")
    if y.size and not (y.min() >= 0 and y.max() < classes):
        raise ValueError(
            f"{function}: y holds labels from {y.min()} to {y.max()}, "
            f"expected 0 to {classes - 1} for {classes} classes"
        )


def expect_training_cache(function, cache):
    """Raise ValueError for None, which a normalisation returns as its cache at test time."""
    if cache is None:
        raise ValueError(
            f"{function}: cache is None, expected the cache of a forward pass in mode 'train'"
        )


def convolution_steps(function, conv_param, image, filters):
    """Return (stride, pad) of a convolution, or raise ValueError if the filter does not fit."""
    expect_settings(function, "conv_param", conv_param, "stride", "pad")
    stride = expect_whole(function, "stride", conv_param["stride"], at_least=1)
    pad = expect_whole(function, "pad", conv_param["pad"], at_least=0)
    _expect_fit(function, "filter", filters.shape[2:], image.shape[2:], pad)
    return stride, pad


def pooling_steps(function, pool_param, image):
    """Return (pool_height, pool_width, stride), or raise ValueError if the window does not fit."""
    names = ("pool_height", "pool_width", "stride")
    expect_settings(function, "pool_param", pool_param, *names)
    height, width, stride = (expect_whole(function, n, pool_param[n], at_least=1) for n in names)
    _expect_fit(function, "window", (height, width), image.shape[2:], pad=0)
    return height, width, stride


def expect_known_names(function, given, known):
    """Raise ValueError if a name in `given` is not in `known`."""
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(
            f"{function}: got an unknown argument {', '.join(unknown)}, "
            f"expected only {', '.join(sorted(known))}"
        )


def expect_examples(data, X_name, y_name):
    """Return these two arrays of the data, or raise ValueError unless they belong together."""
    for name in (X_name, y_name):
        if name not in data:
            raise ValueError(
                f"Solver: data has no {name}, expected X_train, y_train, X_val and y_val"
            )
    X, y = data[X_name], data[y_name]
    expect_shapes("Solver", **{X_name: (X, "N ..."), y_name: (y, "N")})
    if len(X) == 0:
        raise ValueError(f"Solver: {X_name} has shape {X.shape}, expected at least one example")
    return X, y


def expect_sample_size(name, value):
    """Return how many examples to measure on; None, which stands for all of them, is returned."""
    return None if value is None else expect_whole("Solver", name, value, at_least=1)


def expect_time_limit(value):
    """Return the time limit, or raise ValueError unless it is None or a number of seconds."""
    if value is None or (isinstance(value, numbers.Real) and value >= 0):
        return value
    raise ValueError(f"Solver: time_limit is {value!r}, expected seconds, 0 or more, or None")


def _expect_fit(function, what, window, image, pad):
    height, width = (size + 2 * pad for size in image)
    if window[0] > height or window[1] > width:
        padded = "padded image" if pad else "image"
        raise ValueError(
            f"{function}: a {what} of {window[0]} by {window[1]}, expected one no larger than "
            f"the {padded} of {height} by {width}"
        )


def _briefly(value):
    """Write a value on one short line: arrays by type and shape."""
    if isinstance(value, np.ndarray):
        return f"an array of shape {value.shape}"
    written = repr(value)
    return written if len(written) <= 60 else f"a {type(value).__name__}"


def _describe(pattern, sizes):
    """Write a pattern as a shape, followed by its sizes where they are known."""
    written = _as_tuple(pattern)
    known = _as_tuple([str(sizes.get(axis, axis)) for axis in pattern])
    return written if known == written else f"{written} = {known}"


def _as_tuple(axes):
    return f"({', '.join(axes)}{',' if len(axes) == 1 else ''})"
