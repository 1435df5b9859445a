"""Small examples of the fully connected networks, and what their mistakes may hang on."""

from functools import partial

import numpy as np

from coursekit.checks import ladder, rung, toggles

from ._nets import (
    MANY_HIDDEN,
    deep_net,
    gradients_with,
    initial,
    net_draws,
    scores_with,
    signs,
    two_layer_net,
    without_labels,
)

# Scores that are all alike, so that each of two classes has a probability of a half.
ALIKE = {"X": [[1]], "y": [0], "W1": [[1]], "b1": [0], "W2": [[1, -1]], "b2": [0, 2]}
DEEP = {
    "X": [[1]], "y": [0], "W1": [[2]], "b1": [1], "W2": [[1]], "b2": [-1], "W3": [[1, -1]],
    "b3": [0, 4],
}  # fmt: skip


def _scores(settings):
    return {name: value for name, value in settings.items() if name != "y"}


@ladder(
    "TwoLayerNet_init",
    rung("a small net", input_dim=2, hidden_dim=3, num_classes=4),
    rung("as many inputs as hidden units", input_dim=3, hidden_dim=3, num_classes=2),
    rung("as many hidden units as classes", input_dim=2, hidden_dim=3, num_classes=3),
)
def two_layer_init(student, run, input_dim, hidden_dim, num_classes):
    build = partial(_two_layer, student, input_dim, hidden_dim, num_classes)
    return initial(run, build, ("W1", "b1", "W2", "b2"))


@ladder(
    "TwoLayerNet_init",
    rung("the signs of weights", input_dim=2, hidden_dim=MANY_HIDDEN, num_classes=2),
)
def two_layer_signs(student, run, input_dim, hidden_dim, num_classes):
    build = partial(_two_layer, student, input_dim, hidden_dim, num_classes)
    return signs(build, ("W1", "W2"))


def _two_layer(student, input_dim, hidden_dim, num_classes, weight_scale):
    return student.TwoLayerNet(input_dim, hidden_dim, num_classes, weight_scale=weight_scale)


two_layer_scores = ladder(
    "TwoLayerNet_scores",
    rung("one number, one hidden unit", X=[[1]], W1=[[2]], b1=[0], W2=[[3, -1]], b2=[0, 0]),
    rung("biases", X=[[1]], W1=[[2]], b1=[3], W2=[[3, -1]], b2=[1, 5]),
    rung("a hidden unit that is off", X=[[-1]], W1=[[2]], b1=[1], W2=[[3, -1]], b2=[1, 5]),
    rung("two hidden units", X=[[1]], W1=[[2, -3]], b1=[0, 1], W2=[[1, 2], [3, 4]], b2=[1, -1]),
    rung("two examples", X=[[1], [2]], W1=[[2]], b1=[-1], W2=[[3, -1]], b2=[1, 5]),
    rung("examples of two axes", X=[[[1], [2]]], W1=[[2], [1]], b1=[-1], W2=[[3, -1]],
         b2=[1, 5]),
    rung("a penalty, which scores have no part in", X=[[1]], reg=2, W1=[[2]], b1=[3],
         W2=[[3, -1]], b2=[1, 5]),
)(scores_with(two_layer_net))  # fmt: skip

two_layer_gradients = ladder(
    "TwoLayerNet_gradients",
    rung("one example with equal scores", reg=0, **ALIKE),
    rung("another label", reg=0, **ALIKE | {"y": [1]}),
    rung("a hidden unit that is off", reg=0, **ALIKE | {"X": [[-1]]}),
    rung("two examples", reg=0, **ALIKE | {"X": [[1], [3]], "y": [0, 1]}),
    rung("a penalty", reg=2, **ALIKE),
    rung("a penalty and biases", reg=2, **ALIKE | {"b1": [1], "b2": [3, 4]}),
    rung("a penalty and large weights", reg=1, **ALIKE | {"W1": [[3]], "W2": [[4, -2]]}),
    rung("a penalty and two examples", reg=2, **ALIKE | {"X": [[1], [3]], "y": [0, 1]}),
    rung("an example of two numbers", reg=0, **ALIKE | {"X": [[1, 2]], "W1": [[1], [1]]}),
)(gradients_with(two_layer_net))


@ladder(
    "FullyConnectedNet_init",
    rung("one hidden layer", hidden_dims=[3], input_dim=2, num_classes=4),
    rung("two hidden layers", hidden_dims=[3, 5], input_dim=2, num_classes=4),
    rung("no hidden layer", hidden_dims=[], input_dim=2, num_classes=4),
    rung("layers of one length", hidden_dims=[3, 3], input_dim=3, num_classes=3),
)
def deep_init(student, run, hidden_dims, input_dim, num_classes):
    build = partial(_deep, student, hidden_dims, input_dim, num_classes)
    layers = range(1, len(hidden_dims) + 2)
    return initial(run, build, [f"{kind}{number}" for number in layers for kind in "Wb"])


@ladder(
    "FullyConnectedNet_init",
    rung("the signs of weights", hidden_dims=[MANY_HIDDEN, MANY_HIDDEN], input_dim=2,
         num_classes=2),
)  # fmt: skip
def deep_signs(student, run, hidden_dims, input_dim, num_classes):
    build = partial(_deep, student, hidden_dims, input_dim, num_classes)
    return signs(build, ("W1", "W2", "W3"))


def _deep(student, hidden_dims, input_dim, num_classes, weight_scale):
    hidden = [int(units) for units in hidden_dims]
    return student.FullyConnectedNet(
        hidden, input_dim, num_classes, weight_scale=weight_scale, dtype=np.float64
    )


deep_scores = ladder(
    "FullyConnectedNet_scores",
    rung("no hidden layer", X=[[2]], W1=[[3, -1]], b1=[1, 5]),
    rung("no hidden layer, and scores below 0", X=[[-2]], W1=[[3, -1]], b1=[1, 5]),
    rung("one hidden layer", X=[[1]], W1=[[2]], b1=[3], W2=[[3, -1]], b2=[1, 5]),
    rung("a hidden unit that is off", X=[[-1]], W1=[[2]], b1=[1], W2=[[3, -1]], b2=[1, 5]),
    rung("two hidden layers", **_scores(DEEP)),
    rung("two hidden layers, the second one off", **_scores(DEEP) | {"b2": [-5]}),
    rung("two hidden layers of two units and one", X=[[1]], W1=[[2, -3]], b1=[0, 5],
         W2=[[1], [2]], b2=[1], W3=[[1, 3]], b3=[1, -1]),
    rung("two examples", X=[[1], [2]], W1=[[2]], b1=[-1], W2=[[3, -1]], b2=[1, 5]),
    rung("an example of two axes", X=[[[1], [2]]], W1=[[2], [1]], b1=[-1], W2=[[3, -1]],
         b2=[1, 5]),
    rung("a penalty, which scores have no part in", X=[[1]], reg=2, W1=[[2]], b1=[3],
         W2=[[3, -1]], b2=[1, 5]),
)(scores_with(deep_net))  # fmt: skip

deep_gradients = ladder(
    "FullyConnectedNet_gradients",
    rung("no hidden layer", X=[[1]], y=[0], reg=0, W1=[[3, 1]], b1=[0, 2]),
    rung("one hidden layer", reg=0, **ALIKE),
    rung("two hidden layers", reg=0, **DEEP),
    rung("two hidden layers, the second one off", reg=0, **DEEP | {"b2": [-5]}),
    rung("two hidden layers of different weights", reg=0, **DEEP | {"W2": [[3]], "b2": [-7]}),
    rung("two examples", reg=0, **ALIKE | {"X": [[1], [3]], "y": [0, 1]}),
    rung("a penalty without a hidden layer", X=[[1]], y=[0], reg=2, W1=[[3, 1]], b1=[0, 2]),
    rung("a penalty and one hidden layer", reg=2, **ALIKE),
    rung("a penalty and two hidden layers", reg=2, **DEEP),
    rung("a penalty of 1", reg=1, **DEEP | {"W1": [[-2]], "b1": [5]}),
    rung("a penalty and two examples", reg=2, **ALIKE | {"X": [[1], [3]], "y": [0, 1]}),
    rung("two hidden layers of two units and one", reg=0, X=[[1]], y=[1], W1=[[2, -3]],
         b1=[0, 5], W2=[[1], [2]], b2=[-7], W3=[[1, 3]], b3=[2, 0]),
)(gradients_with(deep_net))  # fmt: skip


SCORES = {
    "all biases are 0": {"b": 0},
    "there is a single example": {"N": 1},
    "an example has one axis": {"axes": ()},
    "reg is 0": {"reg": 0},
    "all hidden units are above 0": {"on": True},
    "all scores are above 0": {"high": True},
}
GRADIENTS = {
    "reg is 0": {"reg": 0},
    "reg is 1": {"reg": 1},
    "there is a single example": {"N": 1},
    "all biases are 0": {"b": 0},
    "all hidden units are above 0": {"on": True},
}
DEPTHS = {
    "there is one hidden layer": [{"widths": [4, 6, 3]}, {"widths": [6, 5, 3]}],
    "there is no hidden layer": [{"widths": [4, 3]}, {"widths": [6, 3]}],
    "all hidden layers have the same number of units": [
        {"widths": [4, 5, 5, 3]},
        {"widths": [6, 4, 4, 3]},
    ],
}
TWO_PLAIN = [
    {"N": 5, "widths": [4, 6, 3], "reg": 0.7, "axes": (2, 2)},
    {"N": 7, "widths": [6, 5, 3], "reg": 0.4, "axes": (2, 3)},
]
DEEP_PLAIN = [
    {"N": 5, "widths": [4, 6, 5, 3], "reg": 0.7, "axes": (2, 2)},
    {"N": 7, "widths": [6, 5, 7, 3], "reg": 0.4, "axes": (2, 3)},
]

two_layer_scores_toggles = toggles(
    "TwoLayerNet_scores", two_layer_scores, plain=TWO_PLAIN, properties=SCORES
)(without_labels)
two_layer_gradients_toggles = toggles(
    "TwoLayerNet_gradients", two_layer_gradients, plain=TWO_PLAIN, properties=GRADIENTS
)(net_draws)
deep_scores_toggles = toggles(
    "FullyConnectedNet_scores", deep_scores, plain=DEEP_PLAIN, properties=SCORES | DEPTHS
)(without_labels)
deep_gradients_toggles = toggles(
    "FullyConnectedNet_gradients", deep_gradients, plain=DEEP_PLAIN, properties=GRADIENTS | DEPTHS
)(net_draws)
