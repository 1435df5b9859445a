"""Small examples of the fully connected network with a normalisation, and what mistakes hang on."""

import numpy as np

from coursekit.checks import ladder, rung, toggles

from ..exercises._nets import words_of_its_year
from ._nets import deep_net, gradients_with, net_draws, scores_with
from .batchnorm import running

# Two examples of one unit, which batch normalisation brings to -1 and 1.
BATCH = {
    "X": [[0], [2]], "y": [0, 1], "W1": [[1]], "b1": [0], "gamma1": [2], "beta1": [3],
    "W2": [[1, -1]], "b2": [0, 2],
}  # fmt: skip
# One example of two units, which layer normalisation brings to -1 and 1.
LAYER = {
    "X": [[1]], "y": [0], "W1": [[-1, 3]], "b1": [0, 0], "gamma1": [2, 1], "beta1": [3, 1],
    "W2": [[1, 0], [0, -1]], "b2": [0, 2],
}  # fmt: skip
DEEP = {"W2": [[1]], "b2": [0], "gamma2": [3], "beta2": [4], "W3": [[1, -1]], "b3": [0, 2]}


def _parameters(normalization):
    """Return an example's function: the parameters of a new net, weights by their shapes alone."""

    def parameters(student, run, hidden_dims, input_dim, num_classes):
        cls = student.FullyConnectedNet
        hidden = [int(units) for units in hidden_dims]
        words = words_of_its_year(cls, normalization, 1)
        params = cls(hidden, input_dim, num_classes, weight_scale=0, **words).params
        kinds = ("W", "b", "gamma", "beta")
        names = [f"{kind}{n}" for n in range(1, len(hidden) + 1) for kind in kinds]
        last = len(hidden) + 1
        return {
            "sorted(params)": np.array(sorted(params)),
            **{f'params["{name}"]': params[name] for name in (*names, f"W{last}", f"b{last}")},
        }

    return parameters


def _after_training(normalization):
    """Return an example's function: scores at test time after some losses of training."""

    def scores(student, run, X, y, test_X, steps, **params):
        net = deep_net(student, X, params, 0.0, normalization)
        for _ in range(int(steps)):
            net.loss(X, np.array(y, int))
        found = {"scores": net.loss(test_X)}
        for number, bn_param in enumerate(net.bn_params):
            found |= {f'bn_params[{number}]["{n}"]': a for n, a in running(bn_param).items()}
        return found

    return scores


batch_new = ladder(
    "FullyConnectedNet_batchnorm",
    rung("a new net", hidden_dims=[2, 3], input_dim=2, num_classes=2),
)(_parameters("batchnorm"))
batch_gradients = ladder(
    "FullyConnectedNet_batchnorm",
    rung("one hidden layer", reg=0, **BATCH),
    rung("a unit that is off for one example", reg=0, **BATCH | {"beta1": [1]}),
    rung("two hidden layers", reg=0, **BATCH | DEEP),
    rung("a penalty", reg=2, **BATCH),
    rung("a penalty and biases", reg=2, **BATCH | {"b1": [3], "b2": [1, 4]}),
)(gradients_with(deep_net, "batchnorm"))
batch_test = ladder(
    "FullyConnectedNet_batchnorm",
    rung("test time after a step of training", test_X=[[1]], steps=1, **BATCH),
    rung("test time after a step of training, two hidden layers", test_X=[[1]], steps=1,
         **BATCH | DEEP | {"b1": [1]}),
    rung("test time after two steps of training", test_X=[[1], [4]], steps=2, **BATCH),
)(_after_training("batchnorm"))  # fmt: skip

layer_new = ladder(
    "FullyConnectedNet_layernorm",
    rung("a new net", hidden_dims=[2, 3], input_dim=2, num_classes=2),
)(_parameters("layernorm"))
layer_scores = ladder(
    "FullyConnectedNet_layernorm",
    rung("scores of one example", **{n: a for n, a in LAYER.items() if n != "y"}),
    rung("scores of two examples", **{n: a for n, a in LAYER.items() if n != "y"}
         | {"X": [[1], [-2]], "b1": [1, 0]}),
)(scores_with(deep_net, "layernorm"))  # fmt: skip
layer_gradients = ladder(
    "FullyConnectedNet_layernorm",
    rung("gradients of one example", reg=0, **LAYER),
    rung("gradients of two examples", reg=0, **LAYER | {"X": [[1], [-2]], "y": [0, 1]}),
    rung("two hidden layers", reg=0, **LAYER | DEEP | {"W2": [[2], [1]]}),
    rung("a penalty", reg=2, **LAYER),
    rung("a penalty and biases", reg=2, **LAYER | {"b1": [3, 1], "b2": [1, 4]}),
)(gradients_with(deep_net, "layernorm"))


def _everything(normalization):
    """Return a function of what a check of such nets looks at: training, and test time after it."""
    gradients = gradients_with(deep_net, normalization)

    def everything(student, run, X, y, reg, **params):
        found = gradients(student, run, X, y, reg, **params)
        test = _after_training(normalization)(student, run, X, y, X[:2] + 1, 2, **params)
        return found | {f"{name} at test time": value for name, value in test.items()}

    return everything


PLAIN = [
    {"N": 5, "widths": [4, 6, 5, 3], "reg": 0.7, "axes": (2, 2), "normalized": True},
    {"N": 7, "widths": [6, 5, 7, 3], "reg": 0.4, "axes": (2, 3), "normalized": True},
]
PROPERTIES = {
    "reg is 0": {"reg": 0},
    "there is one hidden layer": [{"widths": [4, 6, 3]}, {"widths": [6, 5, 3]}],
    "all hidden layers have the same number of units": [
        {"widths": [4, 5, 5, 3]},
        {"widths": [6, 4, 4, 3]},
    ],
    "all biases are 0": {"b": 0},
}
batch_toggles = toggles(
    "FullyConnectedNet_batchnorm", _everything("batchnorm"), plain=PLAIN, properties=PROPERTIES
)(net_draws)
layer_toggles = toggles(
    "FullyConnectedNet_layernorm", _everything("layernorm"), plain=PLAIN, properties=PROPERTIES
)(net_draws)
