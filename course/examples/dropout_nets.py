"""Small examples of the fully connected network with dropout.

Which units dropout drops is up to the code under test. Here something without chance is in its
place: the first call keeps the first unit of each example, the second call the second one, and so
on, beginning again after the last; what it keeps it doubles.
"""

import numpy as np

from coursekit.checks import ladder, rung, toggles

from ._nets import deep_net, named, net_draws


class Stand:
    """Takes the place of dropout. It counts its calls in training; at test time it does nothing."""

    def __init__(self):
        self.settings = []

    def forward(self, x, dropout_param):
        if dropout_param.get("mode") == "test":
            return x.copy(), ("test", None)
        mask = np.zeros(np.shape(x))
        mask[..., len(self.settings) % mask.shape[-1]] = 2
        self.settings.append(dropout_param.get("p", -1))
        return x * mask, ("train", mask)

    def backward(self, dout, cache):
        mode, mask = cache
        return dout if mode == "test" else dout * mask


ONE = {
    "X": [[1]], "y": [0], "W1": [[1, 3]], "b1": [0, 1], "W2": [[1, -1], [2, 5]], "b2": [0, 4],
}  # fmt: skip
TWO = {
    "X": [[1]], "y": [0], "W1": [[2]], "b1": [-1], "W2": [[1, 2]], "b2": [0, -3],
    "W3": [[2, 4], [1, -1]], "b3": [0, 2],
}  # fmt: skip


@ladder(
    "FullyConnectedNet_dropout",
    rung("one hidden layer", p=0.5, reg=0, **ONE),
    rung("two hidden layers", p=0.5, reg=0, **TWO),
    rung("two hidden layers of two units and one", p=0.5, reg=0, X=[[1]], y=[1], W1=[[2, 3]],
         b1=[0, 5], W2=[[1], [2]], b2=[-1], W3=[[1, 3]], b3=[5, 0]),
    rung("a penalty", p=0.5, reg=2, **ONE),
    rung("a keep probability of a quarter", p=0.25, reg=0, **ONE),
)  # fmt: skip
def in_training(student, run, X, y, p, reg, normalization=None, **params):
    stand = Stand()
    with run.replaced(dropout_forward=stand.forward, dropout_backward=stand.backward):
        net = deep_net(student, X, params, reg, normalization, keep=p)
        loss, grads = net.loss(X, np.array(y, int))
    return {"p in each call of dropout": np.array(stand.settings)} | named(loss, grads)


@ladder(
    "FullyConnectedNet_dropout",
    rung("batch normalisation before dropout", p=0.5, reg=0, X=[[0], [2]], y=[0, 1], W1=[[1]],
         b1=[0], gamma1=[2], beta1=[3], W2=[[1, -1]], b2=[0, 2]),
    rung("batch normalisation and hidden layers of two units and one", p=0.5, reg=0,
         X=[[0], [2]], y=[0, 1], W1=[[1, -1]], b1=[0, 1], gamma1=[2, 3], beta1=[3, 2],
         W2=[[1], [2]], b2=[0], gamma2=[1], beta2=[4], W3=[[1, -1]], b3=[0, 2]),
)  # fmt: skip
def with_batchnorm(student, run, **inputs):
    return in_training(student, run, **inputs, normalization="batchnorm")


@ladder(
    "FullyConnectedNet_dropout",
    rung("scores at test time", p=0.5, X=[[1]], W1=[[1, 3]], b1=[0, 1], W2=[[1, -1], [2, 5]],
         b2=[0, 4]),
    rung("scores at test time, two hidden layers", p=0.5, X=[[1]], W1=[[2]], b1=[-1],
         W2=[[1, 2]], b2=[0, -3], W3=[[2, 4], [1, -1]], b3=[0, 2]),
)  # fmt: skip
def at_test_time(student, run, X, p, **params):
    return {"scores": deep_net(student, X, params, 0.0, keep=p).loss(X)}


def _everything(student, run, X, y, p, reg, **params):
    found = in_training(student, run, X, y, p, reg, **params)
    return found | at_test_time(student, run, X, p, **params)


@toggles(
    "FullyConnectedNet_dropout",
    _everything,
    plain=[
        {"N": 5, "widths": [4, 6, 5, 3], "reg": 0.7, "p": 0.3},
        {"N": 7, "widths": [6, 5, 7, 3], "reg": 0.4, "p": 0.7},
    ],
    properties={
        "there is one hidden layer": [{"widths": [4, 6, 3]}, {"widths": [6, 5, 3]}],
        "all hidden layers have the same number of units": [
            {"widths": [4, 5, 5, 3]},
            {"widths": [6, 4, 4, 3]},
        ],
        "reg is 0": {"reg": 0},
        "p is a half": {"p": 0.5},
    },
)
def draws(rng, p, **parameters):
    return net_draws(rng, **parameters) | {"p": p}
