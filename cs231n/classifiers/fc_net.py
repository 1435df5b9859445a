"""Fully connected networks: one of two layers, and one of any depth with all that helps it train.

Each network holds its weights in `params` and has one method: `loss(X)` gives the scores of X at
test time, `loss(X, y)` the training loss and its gradients. That is all that the Solver asks for.
"""

import numpy as np

from .. import layer_utils, layers
from .._internal.arguments import (
    expect_keep_probability,
    expect_list_of_sizes,
    expect_number,
    expect_shapes,
    expect_whole,
)
from .._internal.saved import Savable
from .._internal.years import dropout_and_normalization, names_of
from ..layer_utils import (
    affine_bn_relu_backward,
    affine_bn_relu_forward,
    affine_ln_relu_backward,
    affine_ln_relu_forward,
    affine_relu_backward,
    affine_relu_forward,
)
from ..layers import (
    affine_backward,
    affine_forward,
    dropout_backward,
    dropout_forward,
    softmax_loss,
)

# isort: split
# Notebooks of every year call layers after no more than `from cs231n.classifiers.fc_net import *`,
# so this module passes on all of them, and not only those that it calls itself.
from ..layer_utils import *  # noqa: F403
from ..layers import *  # noqa: F403

__all__ = ["FullyConnectedNet", "TwoLayerNet", *names_of(layer_utils), *names_of(layers)]


class TwoLayerNet(Savable):
    """A network of two layers: affine - relu - affine - softmax.

    Inputs:
    - input_dim: int, default=3072, the numbers in one example, D. Examples are flattened
    - hidden_dim: int, default=100, the units of the hidden layer, H
    - num_classes: int, default=10, the scores given to one example, C
    - weight_scale: float, default=1e-3, the standard deviation of the weights at the start
    - reg: float, default=0.0, the strength of the L2 regularisation, 0.5 * reg * sum of squares, on
      W1 and W2 only

    Attributes:
    - params: dictionary of W1 of shape (D, H), b1 (H,), W2 (H, C) and b2 (C,), in float64
    """

    def __init__(
        self,
        input_dim=3 * 32 * 32,
        hidden_dim=100,
        num_classes=10,
        weight_scale=1e-3,
        reg=0.0,
    ):
        name = "TwoLayerNet"
        input_dim = expect_whole(name, "input_dim", input_dim, at_least=1)
        hidden_dim = expect_whole(name, "hidden_dim", hidden_dim, at_least=1)
        num_classes = expect_whole(name, "num_classes", num_classes, at_least=1)
        weight_scale = expect_number(name, "weight_scale", weight_scale)
        # A Python number: a numpy float64 would turn float32 into float64.
        self.reg = expect_number(name, "reg", reg)
        self.params = {}
        # TODO: fill self.params. Weights are drawn from a normal distribution around 0 with
        # standard deviation weight_scale, first W1, then W2. Biases start at 0.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        self.params["W1"] = weight_scale * np.random.randn(input_dim, hidden_dim)
        self.params["b1"] = np.zeros(hidden_dim)
        self.params["W2"] = weight_scale * np.random.randn(hidden_dim, num_classes)
        self.params["b2"] = np.zeros(num_classes)
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****

    def loss(self, X, y=None):
        """Compute the scores of X, or the loss against y with its gradients.

        Inputs:
        - X: examples, ndarray of shape (N, d_1, ..., d_k), where d_1 * ... * d_k = D and N may be 1
        - y: None, or the right class of each example, ndarray of shape (N,)

        Returns the scores, of shape (N, C), if y is None; else the loss, and a dictionary of
        gradients with the keys and shapes of params.
        """
        # TODO (scores): compute the scores.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        hidden, hidden_cache = affine_relu_forward(X, self.params["W1"], self.params["b1"])
        scores, scores_cache = affine_forward(hidden, self.params["W2"], self.params["b2"])
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        if y is None:
            return scores

        grads = {}
        # TODO (gradients): compute the loss with its regularisation, and the gradient for each
        # parameter. The factor 0.5 makes the gradient of the L2 term reg * W.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        loss, dscores = softmax_loss(scores, y)
        dhidden, grads["W2"], grads["b2"] = affine_backward(dscores, scores_cache)
        _, grads["W1"], grads["b1"] = affine_relu_backward(dhidden, hidden_cache)
        for name in ("W1", "W2"):
            w = self.params[name]
            loss += 0.5 * self.reg * np.sum(w * w)
            grads[name] += self.reg * w
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        return loss, grads


class FullyConnectedNet(Savable):
    """A network of L layers: {affine - [norm] - relu - [dropout]} x (L - 1) - affine - softmax.

    Normalisation and dropout are optional. What is in braces is repeated L - 1 times, once for each
    entry of hidden_dims, and not at all if that is empty.

    Inputs:
    - hidden_dims: list of int, the units of each hidden layer. An empty list makes a linear
      classifier
    - input_dim: int, default=3072, the numbers in one example, D. Examples are flattened
    - num_classes: int, default=10, the scores given to one example, C
    - dropout_keep_ratio: float in (0, 1], default=1, the probability to keep a unit; 1 means no
      dropout
    - normalization: None, 'batchnorm' or 'layernorm', default=None
    - reg: float, default=0.0, the strength of the L2 regularisation, 0.5 * reg * sum of squares, on
      the W only
    - weight_scale: float, default=1e-2, the standard deviation of the weights at the start
    - dtype: numpy dtype, default=np.float32, in which everything is stored and computed. Numerical
      gradient checks need np.float64
    - seed: int, optional, makes dropout draw the same mask at every call, as numerical gradient
      checks need
    - dropout, use_batchnorm: the names of earlier years. A value of `dropout` between 0 and 1 is
      the share to keep; given together with `use_batchnorm`, as in the years that had both, it is
      the share to drop

    Attributes:
    - params: dictionary of W1, b1, gamma1, beta1, and so on to WL and bL. The last layer has no
      gamma and beta
    - bn_params: list of dictionaries, what each normalisation is called with, running statistics
      included

    Raises ValueError for a keep ratio outside (0, 1], an unknown normalisation, or keywords of
    different years that contradict each other.
    """

    def __init__(
        self,
        hidden_dims,
        input_dim=3 * 32 * 32,
        num_classes=10,
        dropout_keep_ratio=1,
        normalization=None,
        reg=0.0,
        weight_scale=1e-2,
        dtype=np.float32,
        seed=None,
        **older,
    ):
        name = "FullyConnectedNet"
        keep, normalization = dropout_and_normalization(dropout_keep_ratio, normalization, older)
        keep = expect_keep_probability(name, keep, "dropout_keep_ratio")
        if normalization not in (None, "batchnorm", "layernorm"):
            raise ValueError(
                f"{name}: normalization is {normalization!r}, "
                "expected None, 'batchnorm' or 'layernorm'"
            )
        hidden_dims = expect_list_of_sizes(name, "hidden_dims", hidden_dims)
        input_dim = expect_whole(name, "input_dim", input_dim, at_least=1)
        num_classes = expect_whole(name, "num_classes", num_classes, at_least=1)
        weight_scale = expect_number(name, "weight_scale", weight_scale)

        self.normalization = normalization
        self.use_dropout = keep != 1
        # A Python number: a numpy float64 would turn float32 into float64.
        self.reg = expect_number(name, "reg", reg)
        self.num_layers = 1 + len(hidden_dims)
        self.dtype = dtype
        self.params = {}
        # TODO: fill self.params. Weights are drawn from a normal distribution around 0 with
        # standard deviation weight_scale, layer by layer. Biases and every beta start at 0, every
        # gamma at 1. Without a normalisation there are no gamma and beta.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        sizes = [input_dim, *hidden_dims, num_classes]
        for layer in range(1, self.num_layers + 1):
            fan_in, fan_out = sizes[layer - 1], sizes[layer]
            self.params[f"W{layer}"] = weight_scale * np.random.randn(fan_in, fan_out)
            self.params[f"b{layer}"] = np.zeros(fan_out)
            if normalization and layer < self.num_layers:
                self.params[f"gamma{layer}"] = np.ones(fan_out)
                self.params[f"beta{layer}"] = np.zeros(fan_out)
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****

        # All layers share one dropout_param; each normalisation has running statistics of its own.
        self.dropout_param = {}
        if self.use_dropout:
            self.dropout_param = {"mode": "train", "p": keep}
            if seed is not None:
                self.dropout_param["seed"] = seed
        self.bn_params = []
        if normalization == "batchnorm":
            self.bn_params = [{"mode": "train"} for _ in hidden_dims]
        elif normalization == "layernorm":
            self.bn_params = [{} for _ in hidden_dims]
        self.params = {name: values.astype(dtype) for name, values in self.params.items()}

    def loss(self, X, y=None):
        """Compute the scores of X at test time, or the training loss against y with its gradients.

        Inputs:
        - X: examples, ndarray of shape (N, d_1, ..., d_k), where d_1 * ... * d_k = D and N may be 1
        - y: None, or the right class of each example, ndarray of shape (N,)

        Returns the scores, of shape (N, C), if y is None: then nothing is dropped, and batchnorm
        uses its running statistics. Else returns the loss, and a dictionary of gradients with the
        keys and shapes of params.
        """
        expect_shapes("FullyConnectedNet.loss", X=(X, "N ..."))
        X = X.astype(self.dtype, copy=False)
        mode = "test" if y is None else "train"
        if self.use_dropout:
            self.dropout_param["mode"] = mode
        if self.normalization == "batchnorm":
            for bn_param in self.bn_params:
                bn_param["mode"] = mode

        # TODO (scores): compute the scores, and keep every cache. The first normalisation is called
        # with self.bn_params[0], the second with self.bn_params[1], and so on, and every dropout
        # with self.dropout_param.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        out, caches, dropout_caches = X, [], []
        for layer in range(1, self.num_layers):
            w, b = self.params[f"W{layer}"], self.params[f"b{layer}"]
            if self.normalization:
                gamma, beta = self.params[f"gamma{layer}"], self.params[f"beta{layer}"]
                bn_param = self.bn_params[layer - 1]
            if self.normalization == "batchnorm":
                out, cache = affine_bn_relu_forward(out, w, b, gamma, beta, bn_param)
            elif self.normalization == "layernorm":
                out, cache = affine_ln_relu_forward(out, w, b, gamma, beta, bn_param)
            else:
                out, cache = affine_relu_forward(out, w, b)
            caches.append(cache)
            if self.use_dropout:
                out, dropout_cache = dropout_forward(out, self.dropout_param)
                dropout_caches.append(dropout_cache)
        last = self.num_layers
        scores, cache = affine_forward(out, self.params[f"W{last}"], self.params[f"b{last}"])
        caches.append(cache)
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        if mode == "test":
            return scores

        loss, grads = 0.0, {}
        # TODO (gradients): compute the loss with its regularisation, and the gradient for each
        # parameter. Only the weights W are regularised. The factor 0.5 makes the gradient of the L2
        # term reg * W.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        loss, dout = softmax_loss(scores, y)
        dout, grads[f"W{last}"], grads[f"b{last}"] = affine_backward(dout, caches.pop())
        for layer in range(last - 1, 0, -1):
            if self.use_dropout:
                dout = dropout_backward(dout, dropout_caches.pop())
            if self.normalization == "batchnorm":
                dout, dw, db, dgamma, dbeta = affine_bn_relu_backward(dout, caches.pop())
            elif self.normalization == "layernorm":
                dout, dw, db, dgamma, dbeta = affine_ln_relu_backward(dout, caches.pop())
            else:
                dout, dw, db = affine_relu_backward(dout, caches.pop())
            grads[f"W{layer}"], grads[f"b{layer}"] = dw, db
            if self.normalization:
                grads[f"gamma{layer}"], grads[f"beta{layer}"] = dgamma, dbeta
        for layer in range(1, last + 1):
            w = self.params[f"W{layer}"]
            loss += 0.5 * self.reg * np.sum(w * w)
            grads[f"W{layer}"] += self.reg * w
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        return loss, grads
