"""Checks of naive max pooling.

No two pixels are equal, so that every window has one winner: what happens to ties is up to the code
under test.
"""

from dataclasses import dataclass

from .inputs import all_different, float32, fortran, gaps
from .registry import check

NOTEBOOK = "ConvolutionalNetworks"
FAST = ("fast_layers", "max_pool")


@dataclass(frozen=True)
class Case:
    """The lengths of one case: x, the window, its stride, and the output's height and width."""

    x: tuple[int, int, int, int]
    window: tuple[int, int]
    stride: int
    out: tuple[int, int]

    @property
    def param(self):
        height, width = self.window
        return {"pool_height": height, "pool_width": width, "stride": self.stride}

    @property
    def sizes(self):
        return dict(zip("NCHW", self.x, strict=True)) | self.param


CASES = {
    "square windows side by side": Case((2, 3, 4, 6), (2, 2), 2, (2, 3)),
    "high windows": Case((3, 2, 5, 7), (3, 1), 2, (2, 4)),
    "gaps between windows": Case((2, 1, 4, 8), (1, 2), 3, (2, 3)),
    "one window as large as the image": Case((4, 2, 3, 5), (3, 5), 1, (1, 1)),
    "overlapping windows: stride 1": Case((2, 3, 4, 5), (2, 3), 1, (3, 3)),
    "overlapping windows: stride 2": Case((1, 2, 7, 6), (3, 4), 2, (3, 2)),
    # The stride does not tile the image, and the last partial window is left out.
    "partial window: stride 2": Case((2, 3, 5, 7), (2, 2), 2, (2, 3)),
    "partial window: stride 3": Case((3, 1, 8, 7), (3, 2), 3, (2, 2)),
}


@check(points=2, notebook=NOTEBOOK)
def max_pool_forward_naive(course, rng):
    """The largest value of each window, which may well be negative."""
    results = {}
    with course.without(modules=FAST):
        for name, case, x, _ in _draws(rng):
            with course.case(name, **case.sizes):
                results[_entry("out", name)], _ = course.max_pool_forward_naive(x, case.param)
        with course.case("all values negative", **case.sizes):
            below_zero = x - x.max() - 1
            results["out: all values negative"], _ = course.max_pool_forward_naive(
                below_zero, case.param
            )
        with course.case("float32"):
            out, _ = course.max_pool_forward_naive(*float32(x), case.param)
            course.keeps_float32("max_pool_forward_naive", out=out, remark=True)
    return results


@check(points=3, notebook=NOTEBOOK)
def max_pool_backward_naive(course, rng):
    """The gradient goes to the winner of each window, and a winner of several gets them all."""
    results = {}
    with course.without(modules=FAST):
        for name, case, x, dout in _draws(rng):
            with course.case(name, **case.sizes):
                results[_entry("dx", name)] = course.max_pool_backward_naive(dout, (x, case.param))
        with course.case("called a second time", **case.sizes):
            course.max_pool_backward_naive(dout, (x, case.param))
            dx = course.max_pool_backward_naive(dout, (x, case.param))
            results["dx: called a second time"] = dx
        with course.case("float32"):
            x, dout = float32(x, dout)
            dx = course.max_pool_backward_naive(dout, (x, case.param))
            course.keeps_float32("max_pool_backward_naive", dx=dx, remark=True)
    return results


def _draws(rng):
    """Yield (name, case, x, dout)."""
    for name, case in CASES.items():
        x, dout = all_different(rng, *case.x), rng.standard_normal((*case.x[:2], *case.out))
        yield name, case, x, dout
    case = CASES["high windows"]
    x, dout = all_different(rng, *case.x), rng.standard_normal((*case.x[:2], *case.out))
    yield "numbers apart in memory", case, gaps(x), fortran(dout)


def _entry(array, name):
    """Name an entry: some kinds of windows form a group of their own."""
    if name.startswith(("overlapping windows", "partial window")):
        return f"{name}, {array}"
    return f"{array}: {name}"
