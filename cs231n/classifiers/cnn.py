"""A convolutional network of three layers.

It holds its weights in `params` and has one method, `loss`, as the fully connected networks do.
"""

import numpy as np

from .. import fast_layers, layer_utils, layers
from .._internal.arguments import expect_image_size, expect_number, expect_shapes, expect_whole
from .._internal.saved import Savable
from .._internal.years import names_of
from ..layer_utils import (
    affine_relu_backward,
    affine_relu_forward,
    conv_relu_pool_backward,
    conv_relu_pool_forward,
)
from ..layers import affine_backward, affine_forward, softmax_loss

# isort: split
# Notebooks of every year call layers after no more than `from cs231n.classifiers.cnn import *`,
# so this module passes on all of them, and not only those that it calls itself.
from ..fast_layers import *  # noqa: F403
from ..layer_utils import *  # noqa: F403
from ..layers import *  # noqa: F403

__all__ = [
    "ThreeLayerConvNet",
    *names_of(fast_layers),
    *names_of(layer_utils),
    *names_of(layers),
]


class ThreeLayerConvNet(Savable):
    """A network of three layers: conv - relu - 2x2 max pool - affine - relu - affine - softmax.

    The convolution has stride 1 and a padding of (filter_size - 1) // 2 pixels, which keeps height
    and width for a filter of odd size. The pooling has stride 2 and halves both, rounding down.

    Inputs:
    - input_dim: (C, H, W) of one image, default=(3, 32, 32)
    - num_filters: int, default=32, the filters of the convolution, F
    - filter_size: int, default=7, the height and width of a filter, in pixels
    - hidden_dim: int, default=100, the units of the hidden affine layer
    - num_classes: int, default=10, the scores given to one image
    - weight_scale: float, default=1e-3, the standard deviation of the weights at the start
    - reg: float, default=0.0, the strength of the L2 regularisation, 0.5 * reg * sum of squares, on
      the W only
    - dtype: numpy dtype, default=np.float32, in which everything is stored and computed. Numerical
      gradient checks need np.float64

    Attributes:
    - params: dictionary of W1 of shape (F, C, filter_size, filter_size), b1 (F,); W2 of shape
      (F * H' * W', hidden_dim), where H' and W' are what pooling leaves, b2 (hidden_dim,); W3 of
      shape (hidden_dim, num_classes), b3 (num_classes,)

    Raises ValueError if the filter does not fit into the padded image, or pooling leaves nothing.
    """

    def __init__(
        self,
        input_dim=(3, 32, 32),
        num_filters=32,
        filter_size=7,
        hidden_dim=100,
        num_classes=10,
        weight_scale=1e-3,
        reg=0.0,
        dtype=np.float32,
    ):
        name = "ThreeLayerConvNet"
        num_filters = expect_whole(name, "num_filters", num_filters, at_least=1)
        filter_size = expect_whole(name, "filter_size", filter_size, at_least=1)
        hidden_dim = expect_whole(name, "hidden_dim", hidden_dim, at_least=1)
        num_classes = expect_whole(name, "num_classes", num_classes, at_least=1)
        weight_scale = expect_number(name, "weight_scale", weight_scale)
        self.params = {}
        # A Python number: a numpy float64 would turn float32 into float64.
        self.reg = expect_number(name, "reg", reg)
        self.dtype = dtype
        self.conv_param = {"stride": 1, "pad": (filter_size - 1) // 2}
        self.pool_param = {"pool_height": 2, "pool_width": 2, "stride": 2}
        C, H, W = expect_image_size(name, input_dim)
        shrinkage = filter_size - 1 - 2 * self.conv_param["pad"]  # 1 for a filter of even size
        H_pool, W_pool = (H - shrinkage) // 2, (W - shrinkage) // 2
        if min(H_pool, W_pool) < 1:
            raise ValueError(
                f"ThreeLayerConvNet: input_dim is {input_dim}, expected images large enough for a "
                f"filter of {filter_size} by {filter_size} and 2x2 pooling"
            )
        # TODO: fill self.params. Weights are drawn from a normal distribution around 0 with
        # standard deviation weight_scale, first W1, then W2, then W3. Biases start at 0. After
        # pooling, a channel is H_pool by W_pool pixels large.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        shapes = {
            "1": (num_filters, C, filter_size, filter_size),
            "2": (num_filters * H_pool * W_pool, hidden_dim),
            "3": (hidden_dim, num_classes),
        }
        for layer, shape in shapes.items():
            self.params["W" + layer] = weight_scale * np.random.randn(*shape)
        self.params["b1"] = np.zeros(num_filters)
        self.params["b2"] = np.zeros(hidden_dim)
        self.params["b3"] = np.zeros(num_classes)
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        self.params = {name: values.astype(dtype) for name, values in self.params.items()}

    def loss(self, X, y=None):
        """Compute the scores of X, or the loss against y with its gradients.

        Inputs:
        - X: images, ndarray of shape (N, C, H, W), where N may be 1 and H need not be W
        - y: None, or the right class of each image, ndarray of shape (N,)

        Returns the scores, of shape (N, num_classes), if y is None; else the loss, and a dictionary
        of gradients with the keys and shapes of params.
        """
        expect_shapes("ThreeLayerConvNet.loss", X=(X, "N C H W"))
        X = X.astype(self.dtype, copy=False)
        # TODO (scores): compute the scores. cs231n/layer_utils.py has most of what you need;
        # self.conv_param and self.pool_param go with it.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        params = self.params
        maps, maps_cache = conv_relu_pool_forward(
            X, params["W1"], params["b1"], self.conv_param, self.pool_param
        )
        hidden, hidden_cache = affine_relu_forward(maps, params["W2"], params["b2"])
        scores, scores_cache = affine_forward(hidden, params["W3"], params["b3"])
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        if y is None:
            return scores

        loss, grads = 0.0, {}
        # TODO (gradients): compute the loss with its regularisation, and the gradient for each
        # parameter. Only the weights W are regularised. The factor 0.5 makes the gradient of the L2
        # term reg * W.
        # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        loss, dscores = softmax_loss(scores, y)
        dhidden, grads["W3"], grads["b3"] = affine_backward(dscores, scores_cache)
        dmaps, grads["W2"], grads["b2"] = affine_relu_backward(dhidden, hidden_cache)
        _, grads["W1"], grads["b1"] = conv_relu_pool_backward(dmaps, maps_cache, need_dx=False)
        for name in ("W1", "W2", "W3"):
            w = params[name]
            loss += 0.5 * self.reg * np.sum(w * w)
            grads[name] += self.reg * w
        # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
        return loss, grads
