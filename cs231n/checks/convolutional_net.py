"""Checks of the three-layer convolutional network, on images that are not square."""

from functools import partial

import numpy as np

from .inputs import float32
from .nets import C, draw_parameters, examples, gradients_of, initial_parameters
from .registry import check

NOTEBOOK = "ConvolutionalNetworks"
IMAGE, FILTERS, FILTER_SIZE, HIDDEN = (2, 4, 6), 4, 3, 5


@check(points=1, notebook=NOTEBOOK, blocks=["ThreeLayerConvNet.__init__"])
def ThreeLayerConvNet_init(course, rng):
    """The parameters of ThreeLayerConvNet, for filters of different sizes."""
    results = {}
    cases = {"filter of 5": ((3, 8, 10), 5), "filter of 3": ((2, 6, 14), 3)}
    for case, (image, filter_size) in cases.items():
        with course.case(case):
            build = partial(
                course.ThreeLayerConvNet,
                input_dim=image,
                num_filters=8,
                filter_size=filter_size,
                hidden_dim=30,
                num_classes=20,
                weight_scale=0.5,
                dtype=np.float64,
            )
            shapes = _layers(image, 8, filter_size, 30, 20)
            results |= initial_parameters(course, build, shapes, 0.5, case)
    return results


@check(points=2, notebook=NOTEBOOK, blocks=["ThreeLayerConvNet.loss:scores"])
def ThreeLayerConvNet_scores(course, rng):
    """The scores of ThreeLayerConvNet."""
    X, _ = examples(rng, (7, *IMAGE))
    parameters = draw_parameters(rng, _layers(IMAGE, FILTERS, FILTER_SIZE, HIDDEN, C))
    with course.case("scores", N=7):
        net = _build(course, reg=0.5)
        net.params.update(parameters)
        return {"scores: images": net.loss(X), "scores: one image": net.loss(X[:1])}
    return {}


@check(points=4, notebook=NOTEBOOK, blocks=["ThreeLayerConvNet.loss:gradients"])
def ThreeLayerConvNet_gradients(course, rng):
    """The loss of ThreeLayerConvNet and its gradients, with regularisation and without."""
    shapes = _layers(IMAGE, FILTERS, FILTER_SIZE, HIDDEN, C)
    results = gradients_of(course, rng, _build, shapes, example=IMAGE)
    X, y = examples(rng, (7, *IMAGE))
    with course.case("float32"):
        net = course.ThreeLayerConvNet(input_dim=IMAGE, filter_size=3, num_classes=C, reg=0.5)
        _, grads = net.loss(*float32(X), y)
        course.keeps_float32("ThreeLayerConvNet.loss", **grads)
    return results


def _build(course, reg):
    return course.ThreeLayerConvNet(
        input_dim=IMAGE,
        num_filters=FILTERS,
        filter_size=FILTER_SIZE,
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
