"""Checks of naive max pooling.

No two pixels are equal, so that every window has one winner: what happens to ties is up to the code
under test.
"""

from dataclasses import dataclass
from functools import partial

from coursekit.checks import check

from ._inputs import all_different, float32, fortran, gaps, window_entry

NOTEBOOK = "ConvolutionalNetworks"
FAST = ("fast_layers", "_internal.fast")


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
    "gaps between windows": Case((2, 3, 4, 8), (1, 2), 3, (2, 3)),
    "one window as large as the image": Case((4, 2, 3, 5), (3, 5), 1, (1, 1)),
    "overlapping windows: stride 1": Case((2, 3, 4, 5), (2, 3), 1, (3, 3)),
    "overlapping windows: stride 2": Case((3, 2, 7, 6), (3, 4), 2, (3, 2)),
    # The stride does not tile the image, and the last partial window is left out.
    "partial window: stride 2": Case((2, 3, 5, 7), (2, 2), 2, (2, 3)),
    "partial window: stride 3": Case((3, 2, 8, 7), (3, 2), 3, (2, 2)),
    "one image": Case((1, 2, 4, 6), (2, 3), 1, (3, 4)),
    "one channel": Case((2, 1, 4, 6), (2, 2), 2, (2, 3)),
}


@check(
    points=2,
    notebook=NOTEBOOK,
    main={"out": 3, "overlapping windows": 1},
    hints=[
        "By hand first: one channel of 4 by 4, windows of 2 by 2, stride 2. And then with "
        "negative numbers only.",
        "The windows are those of a convolution without padding. Their height and width may "
        "differ, and the stride is another number than both.",
        "Loop over the positions of the output. Each image and channel has its own largest "
        "number, so only height and width of the window are looked through.",
    ],
)
def max_pool_forward_naive(student, run):
    """The largest value of each window, which may well be negative."""
    results = {}
    with run.disabled(modules=FAST):
        for name, case, x, _ in _draws(run.rng):
            with run.case(name, **case.sizes):
                out, _ = student.max_pool_forward_naive(x, case.param)
                results[window_entry("out", name)] = out
        with run.case("all values negative", **case.sizes):
            below_zero = x - x.max() - 1
            results["out: all values negative"], _ = student.max_pool_forward_naive(
                below_zero, case.param
            )
        with run.case("float32"):
            out, _ = student.max_pool_forward_naive(*float32(x), case.param)
            run.keeps_float32("max_pool_forward_naive", out=out)
    return results


@check(
    points=3,
    notebook=NOTEBOOK,
    main={"dx": 3, "overlapping windows": 1},
    hints=[
        "Which number of a window moves the output when it changes a little?",
        "Go over the same windows as in the forward pass, and find the place of the largest "
        "number in each, for every image and channel by itself.",
        "The gradient is added there, since windows that overlap may have the same winner. Mind "
        "that the place within a window is not the place in the image.",
    ],
)
def max_pool_backward_naive(student, run):
    """The gradient goes to the winner of each window, and a winner of several gets them all."""
    results = {}
    with run.disabled(modules=FAST):
        for name, case, x, dout in _draws(run.rng):
            forward = partial(student.max_pool_forward_naive, pool_param=case.param)
            with run.case(name, **case.sizes):
                cache = run.cache_of(forward, (x,), documented=(x, case.param))
                results[window_entry("dx", name)] = student.max_pool_backward_naive(dout, cache)
                run.probe(forward, dout, {window_entry("dx", name): x})
        with run.case("called a second time", **case.sizes):
            cache = run.cache_of(forward, (x,), documented=(x, case.param))
            student.max_pool_backward_naive(dout, cache)
            results["dx: called a second time"] = student.max_pool_backward_naive(dout, cache)
            run.probe(forward, dout, {"dx: called a second time": x})
        with run.case("float32"):
            x, dout = float32(x, dout)
            dx = student.max_pool_backward_naive(dout, (x, case.param))
            run.keeps_float32("max_pool_backward_naive", dx=dx)
    return results


def _draws(rng):
    """Yield (name, case, x, dout)."""
    for name, case in CASES.items():
        x, dout = all_different(rng, *case.x), rng.standard_normal((*case.x[:2], *case.out))
        yield name, case, x, dout
    case = CASES["high windows"]
    x, dout = all_different(rng, *case.x), rng.standard_normal((*case.x[:2], *case.out))
    yield "x is not contiguous", case, gaps(x), fortran(dout)
