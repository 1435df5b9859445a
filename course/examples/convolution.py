"""Small examples of the naive convolution, and what its mistakes may hang on."""

from coursekit.checks import ladder, rung, toggles

from ..exercises.convolution import FAST
from ._inputs import batch, channels, image


@ladder(
    "conv_forward_naive",
    rung("one pixel and a filter of one", x=image([2]), w=image([3]), b=[1], stride=1, pad=0),
    rung("two pixels side by side", x=image([2, 1]), w=image([3, 5]), b=[0], stride=1, pad=0),
    rung("two positions across", x=image([1, 2, 4]), w=image([3, 5]), b=[1], stride=1, pad=0),
    rung("two positions down", x=image([1], [2], [4]), w=image([3], [5]), b=[1], stride=1, pad=0),
    rung("a high filter on a wide image", x=image([1, 2, 4], [3, 0, 5]), w=image([1], [-2]),
         b=[1], stride=1, pad=0),
    rung("a stride of 2 across", x=image([1, 2, 4, 3]), w=image([3, 5]), b=[1], stride=2, pad=0),
    rung("a stride of 2 down", x=image([1], [2], [4]), w=image([3]), b=[1], stride=2, pad=0),
    rung("padding", x=image([2]), w=image([1, 3], [5, 7]), b=[1], stride=1, pad=1),
    rung("two channels", x=channels(image([2]), image([3])),
         w=channels(image([4]), image([-1])), b=[1], stride=1, pad=0),
    rung("two filters", x=image([1, 2]), w=batch(image([3, 5]), image([-1, 4])), b=[1, 2],
         stride=1, pad=0),
    rung("two images", x=batch(image([1, 2]), image([4, 3])), w=image([3, 5]), b=[1], stride=1,
         pad=0),
    rung("padding and a stride of 2", x=image([1, 2], [4, 3]), w=image([1, 3], [5, 7]), b=[1],
         stride=2, pad=1),
    rung("a pixel left over", x=image([1, 2, 4, 3, 6]), w=image([3, 5]), b=[1], stride=2, pad=0),
)  # fmt: skip
def forward(student, run, x, w, b, stride, pad):
    with run.disabled(modules=FAST):
        out, _ = student.conv_forward_naive(x, w, b, {"stride": stride, "pad": pad})
    return {"out": out}


@ladder(
    "conv_backward_naive",
    rung("one pixel and a filter of one", x=image([2]), w=image([3]), b=[1], dout=image([5]),
         stride=1, pad=0),
    rung("two pixels side by side", x=image([2, 1]), w=image([3, 5]), b=[0], dout=image([4]),
         stride=1, pad=0),
    rung("windows that overlap", x=image([1, 2, 4]), w=image([3, 5]), b=[1], dout=image([2, 7]),
         stride=1, pad=0),
    rung("windows that overlap, one above the other", x=image([1], [2], [4]),
         w=image([3], [5]), b=[1], dout=image([2], [7]), stride=1, pad=0),
    rung("a stride of 2 across", x=image([1, 2, 4, 3]), w=image([3, 5]), b=[1],
         dout=image([2, 7]), stride=2, pad=0),
    rung("a stride of 2 down", x=image([1], [2], [4]), w=image([3]), b=[1],
         dout=image([2], [7]), stride=2, pad=0),
    rung("padding", x=image([2]), w=image([1, 3], [5, 7]), b=[1], dout=image([1, 2], [4, 8]),
         stride=1, pad=1),
    rung("two channels", x=channels(image([2]), image([3])),
         w=channels(image([4]), image([-1])), b=[1], dout=image([5]), stride=1, pad=0),
    rung("two filters", x=image([1, 2]), w=batch(image([3, 5]), image([-1, 4])), b=[1, 2],
         dout=channels(image([2]), image([7])), stride=1, pad=0),
    rung("two images", x=batch(image([1, 2]), image([4, 3])), w=image([3, 5]), b=[1],
         dout=batch(image([2]), image([7])), stride=1, pad=0),
    rung("padding and a stride of 2", x=image([1, 2]), w=image([3]), b=[1],
         dout=image([1, 2], [4, 8]), stride=2, pad=1),
    rung("a pixel left over", x=image([1, 2, 4, 3]), w=image([3]), b=[1], dout=image([2, 7]),
         stride=2, pad=0),
)  # fmt: skip
def backward(student, run, x, w, b, dout, stride, pad, calls=1):
    cache = (x, w, b, {"stride": stride, "pad": pad})
    with run.disabled(modules=FAST):
        for _ in range(calls):
            dx, dw, db = student.conv_backward_naive(dout, cache)
    return {"dx": dx, "dw": dw, "db": db}


@ladder(
    "conv_backward_naive",
    rung("the same call a second time", x=image([1, 2, 4]), w=image([3, 5]), b=[1],
         dout=image([2, 7]), stride=1, pad=0),
)  # fmt: skip
def backward_twice(student, run, **inputs):
    return backward(student, run, **inputs, calls=2)


# Windows overlap, and some pixels are left over at the edge.
PLAIN = [
    {"x": (2, 2, 5, 6), "w": (3, 2, 2, 3), "stride": 2, "pad": 1},
    {"x": (3, 4, 8, 7), "w": (2, 4, 4, 3), "stride": 3, "pad": 2},
]


def _with(x=(None,) * 4, w=(None,) * 4):
    """Return a change of some lengths of x and of w."""

    def change(parameters):
        new = {name: tuple(old if length is None else length
                           for old, length in zip(parameters[name], lengths, strict=True))
               for name, lengths in (("x", x), ("w", w))}  # fmt: skip
        return parameters | new

    return change


def _tiled(parameters):
    """Have the windows reach to the edge."""
    (N, C, _, _), (_, _, HH, WW) = parameters["x"], parameters["w"]
    more = 2 * parameters["stride"] - 2 * parameters["pad"]
    return parameters | {"x": (N, C, HH + more + parameters["stride"], WW + more)}


def _apart(parameters):
    """Have the windows lie side by side."""
    return parameters | {"stride": max(parameters["w"][2:])}


def _one_position(parameters):
    """Have each filter be as large as the padded image."""
    (N, C, _, _), (_, _, HH, WW) = parameters["x"], parameters["w"]
    return parameters | {"x": (N, C, HH, WW), "pad": 0}


PROPERTIES = {
    "there is a single image": _with(x=(1, None, None, None)),
    "there is a single channel": _with(x=(None, 1, None, None), w=(None, 1, None, None)),
    "there is a single filter": _with(w=(1, None, None, None)),
    "images and filters are square": _with(x=(None, None, 6, 6), w=(None, None, 3, 3)),
    "the filters are square": _with(w=(None, None, 3, 3)),
    "the stride is 1": {"stride": 1},
    "there is no padding": {"pad": 0},
    "the padding is 1": {"pad": 1},
    "no pixels are left over at the edge": _tiled,
}


@toggles("conv_forward_naive", forward, plain=PLAIN, properties=PROPERTIES | {"b is 0": {"b": 0}})
def forward_draws(rng, x, w, stride, pad, b=1):
    return {
        "x": rng.standard_normal(x),
        "w": rng.standard_normal(w),
        "b": b * rng.standard_normal(w[0]),
        "stride": stride,
        "pad": pad,
    }


@toggles(
    "conv_backward_naive",
    backward,
    plain=PLAIN,
    properties=PROPERTIES
    | {"windows do not overlap": _apart, "there is a single position": _one_position},
)
def backward_draws(rng, x, w, stride, pad):
    N, F, (H, W), (HH, WW) = x[0], w[0], x[2:], w[2:]
    size = (1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride)
    return forward_draws(rng, x, w, stride, pad) | {"dout": rng.standard_normal((N, F, *size))}
