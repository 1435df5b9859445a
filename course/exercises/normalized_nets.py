"""Checks of the fully connected network with a normalisation."""

import numpy as np

from coursekit.checks import check

from ._nets import C, D, deep_net, draw_parameters, examples, gradients_of, layers, scores_of

NOTEBOOK = "BatchNormalization"
BLOCKS = (
    "FullyConnectedNet.__init__",
    "FullyConnectedNet.loss:scores",
    "FullyConnectedNet.loss:gradients",
)
HIDDEN = [5, 4]
SHAPES = layers(D, HIDDEN, C, normalized=True)


@check(
    points=3,
    notebook=NOTEBOOK,
    blocks=BLOCKS,
    main=[
        "loss",
        "gradients of W",
        "gradients of b",
        "gradients of gamma and beta",
        "regularisation",
        "test time",
    ],
    hints=[
        "Which parameters does a normalised layer have beside its weights, and which layers are "
        "normalised?",
        "In the loop, layers with normalisation take another sandwich than those without. Each of"
        " them has a dictionary of its own for running averages; the network has made a list of "
        "them.",
        "In the backward pass the sandwich hands back a gradient for scale and shift as well. "
        "They go into the gradients under their names with the layer's number, and the penalty "
        "leaves them alone.",
    ],
)
def FullyConnectedNet_batchnorm(student, run):
    """FullyConnectedNet with batch normalisation, at training and at test time."""
    results = _parameters(student, run, "batchnorm")
    results |= gradients_of(student, run, deep_net(HIDDEN, "batchnorm"), SHAPES)
    X, y = examples(run.rng, (9, D))
    parameters = draw_parameters(run.rng, SHAPES)
    with run.case("test time", N=9):
        net = deep_net(HIDDEN, "batchnorm")(student, reg=0.0)
        net.params.update(parameters)
        net.loss(X, y)
        net.loss(X + 1, y)
        results["test time: scores"] = net.loss(X)
        results["test time: scores of one example alone"] = net.loss(X[:1])
        for number, bn_param in enumerate(net.bn_params, 1):
            results[f"test time: running_mean {number}"] = bn_param.get("running_mean")
            results[f"test time: running_var {number}"] = bn_param.get("running_var")
    return results


@check(
    points=1,
    notebook=NOTEBOOK,
    blocks=BLOCKS,
    main=[
        "loss",
        "scores",
        "gradients of W",
        "gradients of b",
        "gradients of gamma and beta",
        "regularisation",
    ],
    hints=[
        "Get the network with batch normalisation right first, then look at what differs.",
        "Only the sandwich is a different one, in both passes; parameters have the same names and "
        "shapes.",
        "Compare your conditions with the values that the argument may have. Is there a branch "
        "for each, in both loops?",
    ],
)
def FullyConnectedNet_layernorm(student, run):
    """FullyConnectedNet with layer normalisation, which is the same at test time."""
    results = _parameters(student, run, "layernorm")
    build = deep_net(HIDDEN, "layernorm")
    results |= gradients_of(student, run, build, SHAPES)
    return results | scores_of(student, run, build, SHAPES)


def _parameters(student, run, normalization):
    """Return the parameters of a new net, but for the weights, which are drawn at random."""
    results = {}
    with run.case("initial parameters"):
        net = deep_net(HIDDEN, normalization)(student, reg=0.0)
        results["parameters: names"] = np.array(sorted(net.params))
        for name in SHAPES:
            if name in net.params and not name.startswith("W"):
                results[f"parameters: {name}"] = net.params[name]
    return results
