"""Small examples of naive max pooling, and what its mistakes may hang on. No two pixels tie."""

from coursekit.checks import ladder, rung, toggles

from ..exercises._inputs import all_different
from ..exercises.pooling import FAST
from ._inputs import batch, channels, image


def _window(height, width, stride):
    return {"pool_height": height, "pool_width": width, "stride": stride}


@ladder(
    "max_pool_forward_naive",
    rung("two pixels side by side", x=image([2, 5]), **_window(1, 2, 1)),
    rung("two pixels, one above the other", x=image([5], [2]), **_window(2, 1, 1)),
    rung("a window of 2 by 2", x=image([1, 4], [7, 2]), **_window(2, 2, 2)),
    rung("negative numbers", x=image([-4, -1], [-7, -2]), **_window(2, 2, 2)),
    rung("a stride of 2 across", x=image([1, 4, 7, 2]), **_window(1, 2, 2)),
    rung("a stride of 2 down", x=image([1], [4], [7], [2]), **_window(2, 1, 2)),
    rung("windows that overlap", x=image([1, 4, 2]), **_window(1, 2, 1)),
    rung("windows with gaps between them", x=image([1, 4, 2]), **_window(1, 1, 2)),
    rung("a high window on a wide image", x=image([1, 4, 2], [7, 3, 5]), **_window(2, 1, 1)),
    rung("a wide window on a high image", x=image([1, 4], [7, 3], [2, 5]), **_window(1, 2, 1)),
    rung("two channels", x=channels(image([1, 4]), image([7, 2])), **_window(1, 2, 1)),
    rung("two images", x=batch(image([1, 4]), image([7, 2])), **_window(1, 2, 1)),
    rung("a pixel left over", x=image([1, 4, 2, 3, 9]), **_window(1, 2, 2)),
)
def forward(student, run, x, **pool_param):
    with run.disabled(modules=FAST):
        out, _ = student.max_pool_forward_naive(x, dict(pool_param))
    return {"out": out}


@ladder(
    "max_pool_backward_naive",
    rung("two pixels side by side", x=image([2, 5]), dout=image([3]), **_window(1, 2, 1)),
    rung("two pixels, one above the other", x=image([5], [2]), dout=image([3]),
         **_window(2, 1, 1)),
    rung("a window of 2 by 2", x=image([1, 4], [7, 2]), dout=image([3]), **_window(2, 2, 2)),
    rung("negative numbers", x=image([-4, -1], [-7, -2]), dout=image([-3]), **_window(2, 2, 2)),
    rung("a stride of 2 across", x=image([1, 4, 7, 2]), dout=image([3, 5]), **_window(1, 2, 2)),
    rung("a stride of 2 down", x=image([1], [4], [7], [2]), dout=image([3], [5]),
         **_window(2, 1, 2)),
    rung("a pixel that wins in two windows", x=image([1, 4, 2]), dout=image([3, 5]),
         **_window(1, 2, 1)),
    rung("a high window on a wide image", x=image([1, 4, 2], [7, 3, 5]), dout=image([3, 5, -6]),
         **_window(2, 1, 1)),
    rung("a wide window on a high image", x=image([1, 4], [7, 3], [2, 5]),
         dout=image([3], [5], [-6]), **_window(1, 2, 1)),
    rung("two channels", x=channels(image([1, 4]), image([7, 2])),
         dout=channels(image([3]), image([5])), **_window(1, 2, 1)),
    rung("two images", x=batch(image([1, 4]), image([7, 2])), dout=batch(image([3]), image([5])),
         **_window(1, 2, 1)),
    rung("a pixel left over", x=image([1, 4, 2, 3, 9]), dout=image([3, 5]), **_window(1, 2, 2)),
)  # fmt: skip
def backward(student, run, x, dout, calls=1, **pool_param):
    cache = (x, dict(pool_param))
    with run.disabled(modules=FAST):
        for _ in range(calls):
            dx = student.max_pool_backward_naive(dout, cache)
    return {"dx": dx}


@ladder(
    "max_pool_backward_naive",
    rung("the same call a second time", x=image([1, 4, 2]), dout=image([3, 5]),
         **_window(1, 2, 1)),
)  # fmt: skip
def backward_twice(student, run, **inputs):
    return backward(student, run, **inputs, calls=2)


# Windows overlap, and some pixels are left over at the edge.
PLAIN = [
    {"x": (2, 3, 6, 9), "window": (3, 4), "stride": 2},
    {"x": (3, 2, 9, 8), "window": (5, 4), "stride": 3},
]


def _tiled(parameters):
    """Have the windows reach to the edge."""
    (N, C, _, _), (height, width) = parameters["x"], parameters["window"]
    stride = parameters["stride"]
    return parameters | {"x": (N, C, height + 2 * stride, width + stride)}


def _apart(parameters):
    """Have the windows lie side by side."""
    return parameters | {"stride": max(parameters["window"])}


def _images(N=None, C=None):
    def change(parameters):
        old = parameters["x"]
        return parameters | {"x": (N or old[0], C or old[1], *old[2:])}

    return change


PROPERTIES = {
    "there is a single image": _images(N=1),
    "there is a single channel": _images(C=1),
    "the windows are square": {"window": (3, 3)},
    "images and windows are square": lambda old: (
        old | {"x": (*old["x"][:2], 8, 8), "window": (3, 3)}
    ),
    "the stride is 1": {"stride": 1},
    "windows do not overlap": _apart,
    "no pixels are left over at the edge": _tiled,
    "no number in x is negative": {"positive": True},
}


@toggles("max_pool_forward_naive", forward, plain=PLAIN, properties=PROPERTIES)
def forward_draws(rng, x, window, stride, positive=False):
    drawn = all_different(rng, *x)
    # Most numbers are below 0, so that whole windows are.
    return {"x": drawn - drawn.min() + 1 if positive else drawn - 0.8 * drawn.max()} | _window(
        *window, stride
    )


@toggles("max_pool_backward_naive", backward, plain=PLAIN, properties=PROPERTIES)
def backward_draws(rng, x, window, stride, positive=False):
    (H, W), (height, width) = x[2:], window
    size = (1 + (H - height) // stride, 1 + (W - width) // stride)
    dout = rng.standard_normal((*x[:2], *size))
    return forward_draws(rng, x, window, stride, positive) | {"dout": dout}
