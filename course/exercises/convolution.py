"""Checks of the naive convolution.

No two lengths of a case are equal unless they must be, so that no two axes can be mixed up. The
fast layers are disabled, since they would do the work.
"""

from dataclasses import dataclass
from functools import partial

from coursekit.checks import check

from ._inputs import entries, entry, float32, fortran, gaps, handed_on

NOTEBOOK = "ConvolutionalNetworks"
FAST = ("fast_layers", "_internal.fast")


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
    "stride 2, pad 1": Case((3, 2, 7, 11), (4, 2, 3, 5), (4, 5), 2, 1),
    "stride 4 with gaps between windows, pad 2": Case((2, 4, 3, 6), (5, 4, 3, 2), (2, 3), 4, 2),
    "no padding: stride 2": Case((3, 2, 7, 11), (4, 2, 3, 5), (3, 4), 2, 0),
    "no padding: a filter as large as the image": Case((2, 3, 3, 4), (5, 3, 3, 4), (1, 1), 1, 0),
    # The stride does not tile the image, and what is left over has no window.
    "partial window: stride 2": Case((2, 3, 8, 7), (4, 3, 3, 4), (4, 3), 2, 1),
    "partial window: stride 3": Case((2, 2, 6, 9), (3, 2, 3, 4), (2, 3), 3, 1),
    "one image": Case((1, 2, 4, 5), (3, 2, 3, 2), (4, 6), 1, 1),
    "one channel": Case((2, 1, 4, 5), (3, 1, 3, 2), (4, 6), 1, 1),
    "one filter": Case((2, 3, 4, 5), (1, 3, 3, 2), (4, 6), 1, 1),
}


@check(
    points=5,
    notebook=NOTEBOOK,
    main=["out"],
    hints=[
        "By hand first: one image of 4 by 4, one filter of 3 by 3, stride 1, no padding. How many"
        " windows are there, and which pixels has each?",
        "Zeros are put around height and width alone. The number of windows along an axis is one "
        "more than the whole strides that fit beside the first one.",
        "Loop over the positions of the output. A window begins at the position times the stride,"
        " takes in all channels, is multiplied with the filter number by number and summed; then "
        "the bias of the filter is added.",
    ],
)
def conv_forward_naive(student, run):
    """Convolution with different strides and paddings, windows that overlap and that do not."""
    results = {}
    with run.disabled(modules=FAST):
        for name, case, x, w, b, _ in _draws(run.rng):
            with run.case(name, **case.sizes):
                out, cache = student.conv_forward_naive(x, w, b, _param(case))
                results[entry("out", name)] = out
                results[f"cache: x as it came in, {name}"] = handed_on(cache, 0, x)
        with run.case("float32"):
            out, _ = student.conv_forward_naive(*float32(x, w, b), _param(case))
            run.keeps_float32("conv_forward_naive", out=out)
    return results


@check(
    points=6,
    notebook=NOTEBOOK,
    main={"dx": 2, "dw": 2, "db": 1},
    hints=[
        "Go over the same windows as in the forward pass, with the same padding and the same "
        "stride.",
        "At each position one number came out for each image and filter. Its gradient goes to the"
        " window, times the filter, and to the filter, times the window; both are added to what "
        "is there.",
        "Add into a gradient of the padded image and cut the padding off at the end, counting "
        "from the padding to the image's own length, so that no padding works too. Each bias gets"
        " the sum over images and positions.",
    ],
)
def conv_backward_naive(student, run):
    """The three gradients of the convolution, with the padding cut off again."""
    results = {}
    with run.disabled(modules=FAST):
        for name, case, x, w, b, dout in _draws(run.rng):
            forward = partial(student.conv_forward_naive, conv_param=_param(case))
            with run.case(name, **case.sizes):
                cache = run.cache_of(forward, (x, w, b), documented=(x, w, b, _param(case)))
                results |= _named(name, student.conv_backward_naive(dout, cache))
                run.probe(forward, dout, entries(name, dx=x, dw=w, db=b))
        name = "called a second time"
        with run.case(name, **case.sizes):
            cache = run.cache_of(forward, (x, w, b), documented=(x, w, b, _param(case)))
            student.conv_backward_naive(dout, cache)
            results |= _named(name, student.conv_backward_naive(dout, cache))
            run.probe(forward, dout, entries(name, dx=x, dw=w, db=b))
        with run.case("float32"):
            x, w, b, dout = float32(x, w, b, dout)
            dx, dw, db = student.conv_backward_naive(dout, (x, w, b, _param(case)))
            run.keeps_float32("conv_backward_naive", dx=dx, dw=dw, db=db)
    return results


def _draws(rng):
    """Yield (name, case, x, w, b, dout)."""
    for name, case in CASES.items():
        x, w = rng.standard_normal(case.x), rng.standard_normal(case.w)
        b = rng.standard_normal(case.w[0])
        dout = rng.standard_normal((case.x[0], case.w[0], *case.out))
        yield name, case, x, w, b, dout
    case = CASES["stride 1, pad 1"]
    x, w = rng.standard_normal(case.x), rng.standard_normal(case.w)
    b, dout = rng.standard_normal(case.w[0]), rng.standard_normal((2, 4, *case.out))
    yield "x is not contiguous", case, gaps(x), fortran(w), gaps(b), fortran(dout)


def _param(case):
    return {"stride": case.stride, "pad": case.pad}


def _named(name, gradients):
    dx, dw, db = gradients
    return entries(name, dx=dx, dw=dw, db=db)
