"""Checks of the fully connected networks, without normalisation and without dropout."""

from functools import partial

import numpy as np

from .inputs import float32
from .nets import C, D, deep_net, examples, gradients_of, initial_parameters, layers, scores_of
from .registry import check

NOTEBOOK = "FullyConnectedNets"


@check(points=1, notebook=NOTEBOOK, blocks=["TwoLayerNet.__init__"])
def TwoLayerNet_init(course, rng):
    """The parameters of TwoLayerNet: names, shapes, and how the weights are drawn."""
    with course.case("initial parameters"):
        build = partial(course.TwoLayerNet, 60, 50, 40, weight_scale=0.5)
        return initial_parameters(course, build, layers(60, [50], 40), weight_scale=0.5)
    return {}


@check(points=1, notebook=NOTEBOOK, blocks=["TwoLayerNet.loss:scores"])
def TwoLayerNet_scores(course, rng):
    """The scores of TwoLayerNet, for examples of one axis and of two."""
    return scores_of(course, rng, _two_layer_net, layers(D, [5], C))


@check(points=3, notebook=NOTEBOOK, blocks=["TwoLayerNet.loss:gradients"])
def TwoLayerNet_gradients(course, rng):
    """The loss of TwoLayerNet and its gradients, with regularisation and without."""
    return gradients_of(course, rng, _two_layer_net, layers(D, [5], C))


@check(points=2, notebook=NOTEBOOK, blocks=["FullyConnectedNet.__init__"])
def FullyConnectedNet_init(course, rng):
    """The parameters of FullyConnectedNet, for different depths."""
    results = {}
    for case, hidden in {"two hidden layers": [50, 30], "no hidden layer": []}.items():
        with course.case(case):
            build = partial(
                course.FullyConnectedNet, hidden, 40, 20, weight_scale=0.5, dtype=np.float64
            )
            results |= initial_parameters(course, build, layers(40, hidden, 20), 0.5, case)
    return results


@check(points=2, notebook=NOTEBOOK, blocks=["FullyConnectedNet.loss:scores"])
def FullyConnectedNet_scores(course, rng):
    """The scores of FullyConnectedNet, for different depths."""
    results = {}
    for hidden, case in (([5, 4, 7], ""), ([], ", no hidden layer")):
        results |= scores_of(course, rng, deep_net(hidden), layers(D, hidden, C), case)
    return results


@check(
    points=5,
    notebook=NOTEBOOK,
    blocks=["FullyConnectedNet.loss:gradients"],
    weights={"gradients of W": 2},
)
def FullyConnectedNet_gradients(course, rng):
    """The loss of FullyConnectedNet and its gradients, with regularisation and without."""
    results = {}
    for hidden, case in (([5, 4, 7], ""), ([], ", no hidden layer")):
        results |= gradients_of(course, rng, deep_net(hidden), layers(D, hidden, C), case)
    X, y = examples(rng, (9, D))
    with course.case("float32"):
        net = course.FullyConnectedNet([5, 4], input_dim=D, num_classes=C, reg=0.5)
        _, grads = net.loss(*float32(X), y)
        course.keeps_float32("FullyConnectedNet.loss", **grads)
    return results


def _two_layer_net(course, reg):
    return course.TwoLayerNet(input_dim=D, hidden_dim=5, num_classes=C, reg=reg)
