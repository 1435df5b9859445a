"""Checks of the fully connected networks, without normalisation and without dropout."""

from functools import partial

import numpy as np

from coursekit.checks import check

from ._inputs import float32
from ._nets import C, D, deep_net, examples, gradients_of, initial_parameters, layers, scores_of

NOTEBOOK = "FullyConnectedNets"


@check(
    points=1,
    notebook=NOTEBOOK,
    blocks=["TwoLayerNet.__init__"],
    hints=[
        "Count the parameters by hand for a net with 4 inputs, 3 hidden units and 2 classes. How "
        "many have two axes, how many one?",
        "Weights have the number of what comes in as their first length, and of what goes out as "
        "their second. Biases have a number for each of what goes out.",
        "Weights are drawn from a standard normal distribution and made smaller by the scale that "
        "is handed in. Biases begin at zero, with a single axis.",
    ],
)
def TwoLayerNet_init(student, run):
    """The parameters of TwoLayerNet: names, shapes, and how the weights are drawn."""
    with run.case("initial parameters"):
        build = partial(student.TwoLayerNet, 60, 50, 40, weight_scale=0.5)
        return initial_parameters(run, build, layers(60, [50], 40), weight_scale=0.5)
    return {}


@check(
    points=1,
    notebook=NOTEBOOK,
    blocks=["TwoLayerNet.loss:scores"],
    main=["scores"],
    hints=[
        "Which layers lie between images and scores? There is a finished function for the first "
        "two together.",
        "Every forward function hands back two things. You will need the caches for the backward "
        "pass.",
        "The first call takes the images with the first weights and biases; the second takes what"
        " came out, with the second ones. Nothing follows: scores may be negative, and do not sum"
        " to anything.",
    ],
)
def TwoLayerNet_scores(student, run):
    """The scores of TwoLayerNet, for examples of one axis and of two."""
    return scores_of(student, run, _two_layer_net, layers(D, [5], C))


@check(
    points=3,
    notebook=NOTEBOOK,
    blocks=["TwoLayerNet.loss:gradients"],
    hints=[
        "Set the regularisation to zero first, and get the rest right. Then add it.",
        "The loss function hands back the gradient of the scores. From there the way goes through"
        " the layers in reverse, each with its own cache.",
        "The penalty is half the strength times the sum of all squared weights, over both weight "
        "matrices and no bias. Its derivative is the strength times the weights, which is added "
        "to the gradients that came through the layers.",
    ],
)
def TwoLayerNet_gradients(student, run):
    """The loss of TwoLayerNet and its gradients, with regularisation and without."""
    return gradients_of(student, run, _two_layer_net, layers(D, [5], C))


@check(
    points=2,
    notebook=NOTEBOOK,
    blocks=["FullyConnectedNet.__init__"],
    main=["shapes", "biases", "weights"],
    hints=[
        "Write down the list of all lengths for two hidden layers of 3 and 2: what comes in, the "
        "hidden ones, the classes. How many weight matrices lie between them?",
        "Each pair of neighbours in that list makes one layer. Layers are counted from 1, and "
        "their number is part of the parameter's name.",
        "A loop over the pairs does it. Where a normalisation is asked for, each layer but the "
        "last has a scale that begins at one and a shift that begins at zero, with a number for "
        "each unit.",
    ],
)
def FullyConnectedNet_init(student, run):
    """The parameters of FullyConnectedNet, for different depths."""
    results = {}
    for case, hidden in {"two hidden layers": [50, 30], "no hidden layer": []}.items():
        with run.case(case):
            build = partial(
                student.FullyConnectedNet, hidden, 40, 20, weight_scale=0.5, dtype=np.float64
            )
            found = initial_parameters(run, build, layers(40, hidden, 20), 0.5, case)
            results |= rare(found) if not hidden else found
    return results


@check(
    points=2,
    notebook=NOTEBOOK,
    blocks=["FullyConnectedNet.loss:scores"],
    main=["scores"],
    hints=[
        "What is done to every layer but the last, and what to the last one?",
        "In each turn of the loop the output of the turn before comes in. Put every cache into a "
        "list: they are wanted again, from the end.",
        "All layers but the last are affine, a normalisation if there is one, relu, and dropout "
        "if there is any; finished sandwiches do most of it. The last one is affine alone.",
    ],
)
def FullyConnectedNet_scores(student, run):
    """The scores of FullyConnectedNet, for different depths."""
    results = {}
    for hidden, case in (([5, 4, 7], ""), ([], ", no hidden layer")):
        found = scores_of(student, run, deep_net(hidden), layers(D, hidden, C), case)
        results |= rare(found) if not hidden else found
    return results


@check(
    points=5,
    notebook=NOTEBOOK,
    blocks=["FullyConnectedNet.loss:gradients"],
    main={"loss": 1, "gradients of W": 2, "gradients of b": 1, "regularisation": 1},
    hints=[
        "Set the regularisation to zero first, and get the rest right with two layers. Then go on"
        " to more.",
        "The loop of the scores runs backwards. The layer that came last in the forward pass "
        "comes first now, and each takes its cache from the end of the list.",
        "The last layer is affine alone, all others are the sandwiches of the forward pass. Every "
        "weight matrix, the last one too, has its share in the penalty and in its own gradient; "
        "nothing else has.",
    ],
)
def FullyConnectedNet_gradients(student, run):
    """The loss of FullyConnectedNet and its gradients, with regularisation and without."""
    results = {}
    for hidden, case in (([5, 4, 7], ""), ([], ", no hidden layer")):
        found = gradients_of(student, run, deep_net(hidden), layers(D, hidden, C), case)
        results |= rare(found) if not hidden else found
    X, y = examples(run.rng, (9, D))
    with run.case("float32"):
        net = student.FullyConnectedNet([5, 4], input_dim=D, num_classes=C, reg=0.5)
        _, grads = net.loss(*float32(X), y)
        run.keeps_float32("FullyConnectedNet.loss", **grads)
    return results


def rare(results):
    """Name entries of a net without hidden layers, which are a group of their own."""
    return {f"no hidden layer: {name.replace(', no hidden layer', '').replace(': ', ' ')}": array
            for name, array in results.items()}  # fmt: skip


def _two_layer_net(student, reg):
    return student.TwoLayerNet(input_dim=D, hidden_dim=5, num_classes=C, reg=reg)
