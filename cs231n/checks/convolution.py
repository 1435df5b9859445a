"""Checks of the naive convolution.

No two lengths of a case are equal unless they must be, so that no two axes can be mixed up. The
fast layers are taken away, since they would do the work.
"""

from dataclasses import dataclass

from .inputs import float32, fortran, gaps
from .registry import check

NOTEBOOK = "ConvolutionalNetworks"
FAST = ("fast_layers", "columns", "runs", "winograd")


@dataclass(frozen=True)
class Case:
    """The lengths of one case: x, w, the output's height and width, stride and pad."""

    x: tuple[int, int, int, int]
    w: tuple[int, int, int, int]
    out: tuple[int, int]
    stride: int
    pad: int

    @property
    def sizes(self):
        return dict(zip("NCHW", self.x, strict=True)) | {
            "F": self.w[0], "HH": self.w[2], "WW": self.w[3], "stride": self.stride, "pad": self.pad
        }  # fmt: skip


CASES = {
    "stride 1, pad 1": Case((2, 3, 5, 7), (4, 3, 3, 2), (5, 8), 1, 1),
    "stride 2, no padding": Case((3, 2, 7, 11), (4, 2, 3, 5), (3, 4), 2, 0),
    "stride 3 with gaps between windows, pad 2": Case((2, 3, 4, 6), (5, 3, 2, 1), (3, 4), 3, 2),
    "one image, a filter as large as it": Case((1, 2, 3, 4), (5, 2, 3, 4), (1, 1), 1, 0),
}
# The stride does not tile the image, and the last partial window is left out.
PARTIAL = {
    "stride 2": Case((2, 3, 8, 7), (4, 3, 3, 4), (3, 2), 2, 0),
    "stride 3, pad 1": Case((2, 1, 6, 9), (3, 1, 3, 4), (2, 3), 3, 1),
}


@check(points=5, notebook=NOTEBOOK, weights={"out": 4})
def conv_forward_naive(course, rng):
    """Convolution with different strides and paddings, windows that overlap and that do not."""
    results = {}
    with course.without(modules=FAST):
        for name, case, x, w, b, _ in _draws(rng):
            with course.case(name, **case.sizes):
                results[_entry("out", name)], _ = course.conv_forward_naive(x, w, b, _param(case))
        with course.case("float32"):
            out, _ = course.conv_forward_naive(*float32(x, w, b), _param(case))
            course.keeps_float32("conv_forward_naive", out=out, remark=True)
    return results


@check(points=6, notebook=NOTEBOOK, weights={"dx": 2, "dw": 2})
def conv_backward_naive(course, rng):
    """The three gradients of the convolution, with the padding cut off again."""
    results = {}
    with course.without(modules=FAST):
        for name, case, x, w, b, dout in _draws(rng):
            cache = (x, w, b, _param(case))
            with course.case(name, **case.sizes):
                results |= _named(name, course.conv_backward_naive(dout, cache))
        with course.case("called a second time", **case.sizes):
            course.conv_backward_naive(dout, cache)
            results |= _named("called a second time", course.conv_backward_naive(dout, cache))
        with course.case("float32"):
            x, w, b, dout = float32(x, w, b, dout)
            dx, dw, db = course.conv_backward_naive(dout, (x, w, b, _param(case)))
            course.keeps_float32("conv_backward_naive", dx=dx, dw=dw, db=db, remark=True)
    return results


def _draws(rng):
    """Yield (name, case, x, w, b, dout)."""
    partial = {f"partial window: {name}": case for name, case in PARTIAL.items()}
    for name, case in (CASES | partial).items():
        x, w = rng.standard_normal(case.x), rng.standard_normal(case.w)
        b = rng.standard_normal(case.w[0])
        dout = rng.standard_normal((case.x[0], case.w[0], *case.out))
        yield name, case, x, w, b, dout
    case = CASES["stride 1, pad 1"]
    x, w = rng.standard_normal(case.x), rng.standard_normal(case.w)
    b, dout = rng.standard_normal(case.w[0]), rng.standard_normal((2, 4, *case.out))
    yield "numbers apart in memory", case, gaps(x), fortran(w), gaps(b), fortran(dout)


def _param(case):
    return {"stride": case.stride, "pad": case.pad}


def _entry(array, name):
    """Name an entry: cases with partial windows form a group of their own."""
    if name.startswith("partial window"):
        return f"{name}, {array}"
    return f"{array}: {name}"


def _named(name, gradients):
    dx, dw, db = gradients
    return {_entry("dx", name): dx, _entry("dw", name): dw, _entry("db", name): db}
