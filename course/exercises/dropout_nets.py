"""The check of the fully connected network with dropout.

What dropout drops is up to the code under test, so a stand-in without chance takes its place.
"""

import numpy as np

from coursekit.checks import check

from ._nets import C, D, deep_net, draw_parameters, examples, layers, named_gradients

BLOCKS = ("FullyConnectedNet.loss:scores", "FullyConnectedNet.loss:gradients")
HIDDEN = [5, 4, 7]


@check(
    points=4,
    notebook="Dropout",
    blocks=BLOCKS,
    hints=[
        "After which layers does dropout stand? Read the line of braces at the top of the class's "
        "docstring once more.",
        "One dictionary of settings serves all dropout layers, and each of them has a cache of "
        "its own.",
        "In the backward pass each dropout layer comes before the sandwich that it followed, with "
        "its own cache: take them from the end of their list.",
    ],
)
def FullyConnectedNet_dropout(student, run):
    """Where FullyConnectedNet drops units, and that it drops none at test time."""
    return {
        **_training(student, run, None, "without normalization"),
        **_training(student, run, "batchnorm", "with batchnorm"),
        **_test_time(student, run),
    }


class StandIn:
    """Takes the place of dropout, without chance: it moves units along and takes a number off.

    What it is given, and in which order, then shows in the loss and in every gradient. It is not
    dropout, and at test time it does nothing.
    """

    def __init__(self):
        self.shapes, self.keep = [], []

    def forward(self, x, dropout_param):
        if dropout_param.get("mode") == "test":
            return x, ("test", 0)
        self.shapes.append(np.shape(x))
        self.keep.append(dropout_param.get("p", -1))
        moved = len(self.shapes)
        return np.roll(x, moved, axis=-1) - 0.3 * moved, ("train", moved)

    def backward(self, dout, cache):
        mode, moved = cache
        return dout if mode == "test" else np.roll(dout, -moved, axis=-1)


def _training(student, run, normalization, case):
    """Return loss and gradients with the stand-in, and what the stand-in was called with."""
    shapes = layers(D, HIDDEN, C, normalized=bool(normalization))
    X, y = examples(run.rng, (9, D))
    parameters = draw_parameters(run.rng, shapes)
    stand_in = StandIn()
    dropout = {"dropout_forward": stand_in.forward, "dropout_backward": stand_in.backward}
    with run.case(case, N=9), run.replaced(**dropout):
        # Not 0.5, for which 2 * reg is 1 and a factor of 2 that is forgotten does not show.
        net = deep_net(HIDDEN, normalization, keep=0.7)(student, reg=0.7)
        net.params.update(parameters)
        loss, grads = net.loss(X, y)
        return {
            f"where it drops: shapes, {case}": " ".join(map(str, stand_in.shapes)),
            f"where it drops: p, {case}": np.array(stand_in.keep),
            f"loss: {case}": loss,
            **named_gradients(grads, shapes, case),
        }
    return {}


def _test_time(student, run):
    """Return what the real dropout does at test time, and in training before and after."""
    X, y = examples(run.rng, (9, D))
    parameters = draw_parameters(run.rng, layers(D, HIDDEN, C))
    with run.case("test time", N=9):
        net = deep_net(HIDDEN, keep=0.3, seed=5)(student, reg=0.0)
        net.params.update(parameters)
        before, _ = net.loss(X, y)
        scores, once_more = net.loss(X), net.loss(X)
        after, _ = net.loss(X, y)
        return {
            "test time: scores": scores,
            "test time: scores once more": once_more,
            "test time: the seed gives the same loss before and after": bool(before == after),
        }
    return {}
