"""Small examples of the three-layer convolutional network, and what its mistakes may hang on."""

from functools import partial

import numpy as np

from coursekit.checks import ladder, rung, toggles

from ._inputs import image
from ._nets import (
    convolutional_net,
    draw_params,
    gradients_with,
    initial,
    scores_with,
    signs,
)

# A filter of one pixel, so that pooling has the image itself to work on.
ONE = {
    "X": image([1, 4], [3, 2]), "y": [0], "W1": image([1]), "b1": [0], "W2": [[1]], "b2": [-3],
    "W3": [[1, -1]], "b3": [0, 2],
}  # fmt: skip
WIDE = ONE | {"X": image([1, 4, 0, 3], [3, 2, 5, 1]), "W2": [[1], [2]], "b2": [-13]}
FILTER_OF_3 = ONE | {"W1": image([0, 1, 0], [2, 0, -1], [0, 3, 1]), "b1": [1], "b2": [-18]}


def _without_labels(inputs):
    return {name: value for name, value in inputs.items() if name != "y"}


@ladder(
    "ThreeLayerConvNet_init",
    rung("images of 4 by 6", image=(2, 4, 6), num_filters=3, filter_size=3, hidden_dim=2,
         num_classes=4),
    rung("images of 6 by 4 and filters of 1", image=(1, 6, 4), num_filters=6, filter_size=1,
         hidden_dim=6, num_classes=3),
    rung("a filter of 5", image=(1, 4, 4), num_filters=2, filter_size=5, hidden_dim=3,
         num_classes=3),
)  # fmt: skip
def init(student, run, **lengths):
    build = partial(_build, student, **lengths)
    return initial(run, build, ("W1", "b1", "W2", "b2", "W3", "b3"))


@ladder(
    "ThreeLayerConvNet_init",
    rung("the signs of weights", image=(2, 2, 2), num_filters=5, filter_size=3, hidden_dim=20,
         num_classes=2),
)  # fmt: skip
def init_signs(student, run, **lengths):
    return signs(partial(_build, student, **lengths), ("W1", "W2", "W3"))


def _build(student, weight_scale, image, **lengths):
    return student.ThreeLayerConvNet(
        input_dim=tuple(int(length) for length in image),
        weight_scale=weight_scale,
        dtype=np.float64,
        **lengths,
    )


scores = ladder(
    "ThreeLayerConvNet_scores",
    rung("a filter of one pixel", **_without_labels(ONE)),
    rung("a hidden unit that is off", **_without_labels(ONE) | {"b2": [-9]}),
    rung("scores below 0", **_without_labels(ONE) | {"b3": [-5, -9]}),
    rung("maps that are off", **_without_labels(ONE) | {"W1": image([-1]), "b2": [1]}),
    rung("biases", **_without_labels(ONE) | {"b1": [2], "b3": [1, 5]}),
    rung("an image of 2 by 4", **_without_labels(WIDE)),
    rung("a filter of 3 by 3", **_without_labels(FILTER_OF_3)),
)(scores_with(convolutional_net))

gradients = ladder(
    "ThreeLayerConvNet_gradients",
    rung("a filter of one pixel", reg=0, **ONE),
    rung("another label", reg=0, **ONE | {"y": [1]}),
    rung("a hidden unit that is off", reg=0, **ONE | {"b2": [-9]}),
    rung("an image of 2 by 4", reg=0, **WIDE),
    rung("a penalty", reg=2, **ONE),
    rung("a penalty and biases", reg=2, **ONE | {"b1": [1], "b2": [-4], "b3": [3, 4]}),
    rung("a penalty and large weights", reg=1, **ONE | {"W1": image([3]), "W3": [[4, -2]]}),
    rung("a filter of 3 by 3", reg=0, **FILTER_OF_3),
)(gradients_with(convolutional_net))


def _draws(rng, N, image, filters, size, hidden, reg, b=1, labels=True):
    (channels, height, width), C = image, 3
    shapes = {
        "W1": (filters, channels, size, size), "b1": (filters,),
        "W2": (filters * (height // 2) * (width // 2), hidden), "b2": (hidden,),
        "W3": (hidden, C), "b3": (C,),
    }  # fmt: skip
    drawn = {"X": rng.standard_normal((N, *image)), "reg": reg} | draw_params(rng, shapes, b)
    if labels:
        drawn["y"] = rng.permutation(np.arange(N) % C).astype(float)
    return drawn


PLAIN = [
    {"N": 5, "image": (2, 6, 8), "filters": 3, "size": 5, "hidden": 4, "reg": 0.7},
    {"N": 4, "image": (3, 8, 6), "filters": 2, "size": 7, "hidden": 6, "reg": 0.4},
]
PROPERTIES = {
    "reg is 0": {"reg": 0},
    "the filters are 3 by 3": {"size": 3},
    "the filters are a single pixel": {"size": 1},
    "there is a single filter": {"filters": 1},
    "there is a single image": {"N": 1},
    "images are square": [{"image": (2, 8, 8)}, {"image": (3, 6, 6)}],
    "all biases are 0": {"b": 0},
}
scores_toggles = toggles("ThreeLayerConvNet_scores", scores, plain=PLAIN, properties=PROPERTIES)(
    partial(_draws, labels=False)
)
gradients_toggles = toggles(
    "ThreeLayerConvNet_gradients", gradients, plain=PLAIN, properties=PROPERTIES
)(_draws)
