"""Small examples of naive max pooling, and what its mistakes may hang on. No two pixels tie."""

from coursekit.checks import ladder, rung, toggles

from ..exercises._inputs import all_different
from ..exercises.pooling import FAST
from ._inputs import batch, channels, image


def windows(height, width, stride):
    """Return pool_param for windows of that size and stride."""
    return {"pool_height": height, "pool_width": width, "stride": stride}


@ladder(
    "max_pool_forward_naive",
    rung("two pixels side by side", x=image([2, 5]), **windows(1, 2, 1)),
    rung("two pixels, one above the other", x=image([5], [2]), **windows(2, 1, 1)),
    rung("a window of 2 by 2", x=image([1, 4], [7, 2]), **windows(2, 2, 2)),
    rung("negative numbers", x=image([-4, -1], [-7, -2]), **windows(2, 2, 2)),
    rung("a stride of 2 across", x=image([7, 4, 1, 2]), **windows(1, 2, 2)),
    rung("a stride of 2 down", x=image([7], [4], [1], [2]), **windows(2, 1, 2)),
    rung("windows that overlap", x=image([1, 4, 2]), **windows(1, 2, 1)),
    rung("windows with gaps between them", x=image([1, 4, 2]), **windows(1, 1, 2)),
    rung("a high window on a wide image", x=image([1, 4, 2], [7, 3, 5]), **windows(2, 1, 1)),
    rung("a wide window on a high image", x=image([1, 4], [7, 3], [2, 5]), **windows(1, 2, 1)),
    rung("two channels", x=channels(image([1, 4]), image([7, 2])), **windows(1, 2, 1)),
    rung("two images", x=batch(image([1, 4]), image([7, 2])), **windows(1, 2, 1)),
    rung(
        "a row and a column left over",
        x=image([1, 4, 2, 3, 9], [6, 5, 8, 7, 0]),
        **windows(1, 2, 2),
    ),
)
def forward(student, run, x, **pool_param):
    with run.disabled(modules=FAST):
        out, _ = student.max_pool_forward_naive(x, dict(pool_param))
    return {"out": out}


@ladder(
    "max_pool_backward_naive",
    rung("two pixels side by side", x=image([2, 5]), dout=image([3]), **windows(1, 2, 1)),
    rung("two pixels, one above the other", x=image([5], [2]), dout=image([3]),
         **windows(2, 1, 1)),
    rung("a window of 2 by 2", x=image([1, 4], [7, 2]), dout=image([3]), **windows(2, 2, 2)),
    rung("negative numbers", x=image([-4, -1], [-7, -2]), dout=image([-3]), **windows(2, 2, 2)),
    rung("a stride of 2 across", x=image([7, 4, 1, 2]), dout=image([3, 5]), **windows(1, 2, 2)),
    rung("a stride of 2 down", x=image([7], [4], [1], [2]), dout=image([3], [5]),
         **windows(2, 1, 2)),
    rung("a pixel that wins in two windows", x=image([1, 4, 2]), dout=image([3, 5]),
         **windows(1, 2, 1)),
    rung("a high window on a wide image", x=image([1, 4, 2], [7, 3, 5]), dout=image([3, 5, -6]),
         **windows(2, 1, 1)),
    rung("a wide window on a high image", x=image([1, 4], [7, 3], [2, 5]),
         dout=image([3], [5], [-6]), **windows(1, 2, 1)),
    rung("two channels", x=channels(image([1, 4]), image([7, 2])),
         dout=channels(image([3]), image([5])), **windows(1, 2, 1)),
    rung("two images", x=batch(image([1, 4]), image([7, 2])), dout=batch(image([3]), image([5])),
         **windows(1, 2, 1)),
    rung("a row and a column left over", x=image([1, 4, 2, 3, 9], [6, 5, 8, 7, 0]),
         dout=image([3, 5]), **windows(1, 2, 2)),
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
         **windows(1, 2, 1)),
)  # fmt: skip
def backward_twice(student, run, **inputs):
    return backward(student, run, **inputs, calls=2)


# In the plain inputs no two lengths that can be mixed up are alike, windows overlap, and pixels are
# left over at the edge, along both axes. Each property changes that one thing and nothing else.
PLAIN = [
    {"N": 2, "C": 3, "image": (9, 10), "window": (4, 5), "stride": 3},
    {"N": 3, "C": 2, "image": (12, 11), "window": (6, 5), "stride": 4},
]
PROPERTIES = {
    "there is a single image": {"N": 1},
    "there is a single channel": {"C": 1},
    "the images are square": [{"image": (9, 9)}, {"image": (12, 12)}],
    "the windows are square": {"window": (5, 5)},
    "images and windows are square": [
        {"image": (9, 9), "window": (5, 5)},
        {"image": (12, 12), "window": (5, 5)},
    ],
    "no pixels are left over at the edge": [{"image": (10, 11)}, {"image": (14, 13)}],
    "the stride is 1": {"stride": 1},
    "windows do not overlap": [
        {"image": (12, 13), "stride": 6},
        {"image": (15, 14), "stride": 7},
    ],
    "no number in x is negative": {"positive": True},
}
INCLUDES = {
    "images and windows are square": ["the images are square", "the windows are square"],
    "the stride is 1": ["no pixels are left over at the edge"],
}


@toggles("max_pool_forward_naive", forward, plain=PLAIN, properties=PROPERTIES, includes=INCLUDES)
def forward_draws(rng, N, C, image, window, stride, positive=False):
    x = all_different(rng, N, C, *image)
    # Most numbers are below 0, so that whole windows are.
    x = x - x.min() + 1 if positive else x - 0.9 * x.max()
    return {"x": x} | windows(*window, stride)


@toggles(
    "max_pool_backward_naive", backward_twice, plain=PLAIN, properties=PROPERTIES, includes=INCLUDES
)
def backward_draws(rng, N, C, image, window, stride, positive=False):
    (H, W), (height, width) = image, window
    size = (1 + (H - height) // stride, 1 + (W - width) // stride)
    inputs = forward_draws(rng, N, C, image, window, stride, positive)
    return inputs | {"dout": rng.standard_normal((N, C, *size))}
