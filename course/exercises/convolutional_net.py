"""Checks of the three-layer convolutional network, on images that are not square."""

from functools import partial

import numpy as np

from coursekit.checks import check

from ._inputs import float32
from ._nets import C, draw_parameters, examples, gradients_of, initial_parameters

NOTEBOOK = "ConvolutionalNetworks"
IMAGE, FILTERS, FILTER_SIZE, HIDDEN = (2, 4, 6), 4, 3, 5
OTHER_SIZES = (5, 7)


@check(
    points=1,
    notebook=NOTEBOOK,
    blocks=["ThreeLayerConvNet.__init__"],
    hints=[
        "What shape does an image have after the convolution, what shape after the pooling, and "
        "how many numbers is that?",
        "The convolution keeps height and width, the pooling halves both. Filters have four axes:"
        " their number, channels, height, width.",
        "The second weights take in all numbers that the pooling leaves: filters times half the "
        "height times half the width. Everything else is as in the fully connected net.",
    ],
)
def ThreeLayerConvNet_init(student, run):
    """The parameters of ThreeLayerConvNet, for filters of different sizes."""
    results = {}
    cases = {"filter of 5": ((3, 8, 10), 5), "filter of 3": ((2, 6, 14), 3)}
    for case, (image, filter_size) in cases.items():
        with run.case(case):
            build = partial(
                student.ThreeLayerConvNet,
                input_dim=image,
                num_filters=8,
                filter_size=filter_size,
                hidden_dim=30,
                num_classes=20,
                weight_scale=0.5,
                dtype=np.float64,
            )
            shapes = _layers(image, 8, filter_size, 30, 20)
            results |= initial_parameters(run, build, shapes, 0.5, case)
    return results


@check(
    points=2,
    notebook=NOTEBOOK,
    blocks=["ThreeLayerConvNet.loss:scores"],
    main=["scores"],
    hints=[
        "Three sandwiches, of which the last has a single layer. Which finished functions are "
        "they?",
        "Convolution, relu and pooling are one call, with the settings for both that stand above "
        "the block. Affine and relu are another.",
        "The third is affine alone. No flattening is needed: the affine layer takes examples of "
        "any shape.",
    ],
)
def ThreeLayerConvNet_scores(student, run):
    """The scores of ThreeLayerConvNet."""
    results = {}
    X, _ = examples(run.rng, (7, *IMAGE))
    parameters = draw_parameters(run.rng, _layers(IMAGE, FILTERS, FILTER_SIZE, HIDDEN, C))
    with run.case("scores", N=7):
        net = _build(student, reg=0.5)
        net.params.update(parameters)
        results |= {"scores: images": net.loss(X), "one image: scores": net.loss(X[:1])}
    for size in OTHER_SIZES:  # a padding of 1 fits filters of 3 alone
        parameters = draw_parameters(run.rng, _layers(IMAGE, FILTERS, size, HIDDEN, C))
        with run.case(f"filters of {size}", N=7):
            net = _build(student, reg=0.5, filter_size=size)
            net.params.update(parameters)
            results[f"filters of other sizes: {size}"] = net.loss(X)
    return results


@check(
    points=4,
    notebook=NOTEBOOK,
    blocks=["ThreeLayerConvNet.loss:gradients"],
    hints=[
        "Set the regularisation to zero first, and get the rest right. Then add it.",
        "Three calls in reverse order, each with its cache; each hands on the gradient of its "
        "input and gives those of its parameters.",
        "All three weights have their share in the penalty, filters too, with the factor of a "
        "half; the biases have none.",
    ],
)
def ThreeLayerConvNet_gradients(student, run):
    """The loss of ThreeLayerConvNet and its gradients, with regularisation and without."""
    shapes = _layers(IMAGE, FILTERS, FILTER_SIZE, HIDDEN, C)
    results = gradients_of(student, run, _build, shapes, example=IMAGE)
    X, y = examples(run.rng, (7, *IMAGE))
    with run.case("float32"):
        net = student.ThreeLayerConvNet(input_dim=IMAGE, filter_size=3, num_classes=C, reg=0.5)
        _, grads = net.loss(*float32(X), y)
        run.keeps_float32("ThreeLayerConvNet.loss", **grads)
    return results


def _build(student, reg, filter_size=FILTER_SIZE):
    return student.ThreeLayerConvNet(
        input_dim=IMAGE,
        num_filters=FILTERS,
        filter_size=filter_size,
        hidden_dim=HIDDEN,
        num_classes=C,
        reg=reg,
        dtype=np.float64,
    )


def _layers(image, filters, filter_size, hidden, classes):
    """Return the shapes of the parameters, by name."""
    channels, height, width = image
    return {
        "W1": (filters, channels, filter_size, filter_size),
        "b1": (filters,),
        "W2": (filters * height * width // 4, hidden),  # pooling leaves a quarter of the pixels
        "b2": (hidden,),
        "W3": (hidden, classes),
        "b3": (classes,),
    }
