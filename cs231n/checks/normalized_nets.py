"""Checks of the fully connected network with a normalisation."""

import numpy as np

from .nets import C, D, deep_net, draw_parameters, examples, gradients_of, layers, scores_of
from .registry import check

NOTEBOOK = "BatchNormalization"
BLOCKS = (
    "FullyConnectedNet.__init__",
    "FullyConnectedNet.loss:scores",
    "FullyConnectedNet.loss:gradients",
)
HIDDEN = [5, 4]
SHAPES = layers(D, HIDDEN, C, normalized=True)


@check(points=3, notebook=NOTEBOOK, blocks=BLOCKS)
def FullyConnectedNet_batchnorm(course, rng):
    """FullyConnectedNet with batch normalisation, at training and at test time."""
    results = _parameters(course, "batchnorm")
    results |= gradients_of(course, rng, deep_net(HIDDEN, "batchnorm"), SHAPES)
    X, y = examples(rng, (9, D))
    parameters = draw_parameters(rng, SHAPES)
    with course.case("test time", N=9):
        net = deep_net(HIDDEN, "batchnorm")(course, reg=0.0)
        net.params.update(parameters)
        net.loss(X, y)
        net.loss(X + 1, y)
        results["test time: scores"] = net.loss(X)
        results["test time: scores of one example alone"] = net.loss(X[:1])
        for number, bn_param in enumerate(net.bn_params, 1):
            results[f"test time: running_mean {number}"] = bn_param.get("running_mean")
            results[f"test time: running_var {number}"] = bn_param.get("running_var")
    return results


@check(points=1, notebook=NOTEBOOK, blocks=BLOCKS)
def FullyConnectedNet_layernorm(course, rng):
    """FullyConnectedNet with layer normalisation, which is the same at test time."""
    results = _parameters(course, "layernorm")
    build = deep_net(HIDDEN, "layernorm")
    results |= gradients_of(course, rng, build, SHAPES)
    return results | scores_of(course, rng, build, SHAPES)


def _parameters(course, normalization):
    """Return the parameters of a new net, but for the weights, which are drawn at random."""
    results = {}
    with course.case("initial parameters"):
        net = deep_net(HIDDEN, normalization)(course, reg=0.0)
        results["parameters: names"] = np.array(sorted(net.params))
        for name in SHAPES:
            if name in net.params and not name.startswith("W"):
                results[f"parameters: {name}"] = net.params[name]
    return results
