"""A model and data so small that a training takes milliseconds, independent of the layers."""

import numpy as np


class SoftmaxModel:
    """A linear classifier with a softmax loss."""

    def __init__(self, features=6, classes=3, scale=0.01, dtype=np.float64):
        self.params = {
            "W": (scale * np.random.randn(features, classes)).astype(dtype),
            "b": np.zeros(classes, dtype),
        }

    def loss(self, X, y=None):
        scores = X @ self.params["W"] + self.params["b"]
        if y is None:
            return scores
        probs = np.exp(scores - scores.max(axis=1, keepdims=True))
        probs /= probs.sum(axis=1, keepdims=True)
        rows = np.arange(len(X))
        loss = -np.mean(np.log(probs[rows, y]))
        probs[rows, y] -= 1
        return loss, {"W": X.T @ probs / len(X), "b": probs.mean(axis=0)}


class CentredModel(SoftmaxModel):
    """A SoftmaxModel behind a running mean, which it keeps in a dictionary of dictionaries."""

    def __init__(self):
        super().__init__()
        self.bn_params = {"input": {"momentum": 0.5}}

    def loss(self, X, y=None):
        bn_param = self.bn_params["input"]
        mean = bn_param.get("running_mean", np.zeros(X.shape[1]))
        if y is None:
            return super().loss(X - mean)
        batch_mean = X.mean(axis=0)
        momentum = bn_param["momentum"]
        bn_param["running_mean"] = momentum * mean + (1 - momentum) * batch_mean
        return super().loss(X - batch_mean, y)


class ScriptedModel:
    """A model whose losses and validation accuracies are read from lists.

    Its one parameter counts the steps made. `right(step)` of the ten validation examples are
    classified correctly after that step, and of the training examples none.
    """

    def __init__(self, right=lambda step: step, loss=lambda step: 1.0):
        self.params = {"w": np.zeros(1)}
        self.right = right
        self.loss_at = loss

    def loss(self, X, y=None):
        step = int(self.params["w"][0])
        if y is not None:
            return self.loss_at(step), {"w": np.ones(1)}
        scores = np.zeros((len(X), 2))
        scores[:, 1] = X[:, 0] < self.right(step)
        return scores


def count_steps(w, dw, config):
    """An update rule for ScriptedModel."""
    return w + dw, config


def separable_data(num_train=60, num_val=40, features=6, classes=3, dtype=np.float64):
    """Draw examples whose class is the largest of their first numbers."""
    rng = np.random.default_rng(0)
    X = rng.standard_normal((num_train + num_val, features)).astype(dtype)
    y = X[:, :classes].argmax(axis=1)
    return {
        "X_train": X[:num_train],
        "y_train": y[:num_train],
        "X_val": X[num_train:],
        "y_val": y[num_train:],
    }


def scripted_data(num_train=4):
    """Make data for ScriptedModel: ten validation examples that know their number."""
    return {
        "X_train": np.full((num_train, 1), 100.0),
        "y_train": np.ones(num_train, dtype=int),
        "X_val": np.arange(10.0).reshape(10, 1),
        "y_val": np.ones(10, dtype=int),
    }
