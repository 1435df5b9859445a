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
    rung("a row and a column left over", x=image([1, 2, 4, 3], [5, 0, 6, 7]), w=image([3]), b=[1],
         stride=2, pad=0),
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
    rung("a row and a column left over", x=image([1, 2, 4, 3], [5, 0, 6, 7]), w=image([3]), b=[1],
         dout=image([2, 7]), stride=2, pad=0),
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


# In the plain inputs no two lengths that can be mixed up are alike, windows overlap, and pixels are
# left over at the edge, along both axes. Each property changes that one thing and nothing else.
PLAIN = [
    {"N": 2, "C": 3, "image": (8, 9), "F": 4, "filter": (4, 5), "stride": 3, "pad": 2},
    {"N": 3, "C": 2, "image": (10, 12), "F": 5, "filter": (6, 5), "stride": 4, "pad": 3},
]
PROPERTIES = {
    "there is a single image": {"N": 1},
    "there is a single channel": {"C": 1},
    "there is a single filter": {"F": 1},
    "the images are square": [{"image": (8, 8)}, {"image": (10, 10)}],
    "the filters are square": {"filter": (5, 5)},
    "images and filters are square": [
        {"image": (8, 8), "filter": (5, 5)},
        {"image": (10, 10), "filter": (5, 5)},
    ],
    "the filters are a single pixel": [
        {"image": (8, 10), "filter": (1, 1)},
        {"filter": (1, 1)},
    ],
    "no pixels are left over at the edge": [{"image": (9, 10)}, {"image": (12, 11)}],
    "the stride is 1": {"stride": 1},
    "there is no padding": [{"pad": 0}, {"pad": 0, "image": (11, 12)}],
    "the padding is 1": [{"pad": 1, "image": (9, 10)}, {"pad": 1}],
}
INCLUDES = {
    "images and filters are square": ["the images are square", "the filters are square"],
    "the filters are a single pixel": ["the filters are square", "windows do not overlap"],
    "the stride is 1": ["no pixels are left over at the edge"],
    "there is a single position": ["windows do not overlap", "there is no padding"],
}


@toggles(
    "conv_forward_naive",
    forward,
    plain=PLAIN,
    properties=PROPERTIES | {"b is 0": {"b": 0}},
    includes=INCLUDES,
)
def forward_draws(rng, N, C, image, F, filter, stride, pad, b=1):
    return {
        "x": rng.standard_normal((N, C, *image)),
        "w": rng.standard_normal((F, C, *filter)),
        "b": b * rng.standard_normal(F),
        "stride": stride,
        "pad": pad,
    }


@toggles(
    "conv_backward_naive",
    backward_twice,
    plain=PLAIN,
    properties=PROPERTIES
    | {
        "windows do not overlap": [{"stride": 6}, {"stride": 7}],
        "there is a single position": [
            {"image": (4, 5), "pad": 0},
            {"image": (6, 5), "pad": 0},
        ],
    },
    includes=INCLUDES,
)
def backward_draws(rng, N, C, image, F, filter, stride, pad):
    (H, W), (HH, WW) = image, filter
    size = (1 + (H + 2 * pad - HH) // stride, 1 + (W + 2 * pad - WW) // stride)
    inputs = forward_draws(rng, N, C, image, F, filter, stride, pad)
    return inputs | {"dout": rng.standard_normal((N, F, *size))}
