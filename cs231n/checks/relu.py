"""Checks of the rectified linear unit. Inputs keep away from 0, where any gradient is as good."""

from .inputs import away_from_zero, float32, gaps
from .registry import check

SHAPES = {"two axes": (4, 5), "four axes": (2, 3, 4, 5), "one axis": (7,)}


@check(points=1, notebook="FullyConnectedNets")
def relu_forward(course, rng):
    """What relu lets through, for arrays of any number of axes."""
    results = {}
    for case, x, _ in _draws(rng):
        with course.case(case):
            results[f"out: {case}"], _ = course.relu_forward(x)
    with course.case("float32"):
        out, _ = course.relu_forward(*float32(x))
        course.keeps_float32("relu_forward", out=out)
    return results


@check(points=1, notebook="FullyConnectedNets")
def relu_backward(course, rng):
    """The gradient that relu lets through, with dout left as it was."""
    results = {}
    for case, x, dout in _draws(rng):
        with course.case(case):
            results[f"dx: {case}"] = course.relu_backward(dout, x)
    with course.case("float32"):
        dx = course.relu_backward(*float32(dout, x))
        course.keeps_float32("relu_backward", dx=dx)
    return results


def _draws(rng):
    """Yield (case, x, dout)."""
    for case, shape in SHAPES.items():
        x, dout = away_from_zero(rng, *shape), rng.standard_normal(shape)
        yield case, x, dout
    yield "numbers apart in memory", gaps(x), gaps(dout)
