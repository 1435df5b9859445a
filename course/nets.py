"""A network for an experiment, made of the reader's own layers and of nothing else."""

import numpy as np

from cs231n.fast_layers import (
    conv_backward_fast,
    conv_forward_fast,
    max_pool_backward_fast,
    max_pool_forward_fast,
)
from cs231n.layer_utils import (
    conv_bn_relu_backward,
    conv_bn_relu_forward,
    conv_relu_backward,
    conv_relu_forward,
)
from cs231n.layers import (
    affine_backward,
    affine_forward,
    relu_backward,
    relu_forward,
    softmax_loss,
    spatial_groupnorm_backward,
    spatial_groupnorm_forward,
)

__all__ = ["NormedConvNet"]

NORMALIZATIONS = (None, "batchnorm", "groupnorm")


class NormedConvNet:
    """Blocks of conv - [norm] - relu - 2x2 max pool, and one affine layer for the scores.

    Inputs:
    - normalization: None, "batchnorm" or "groupnorm"
    - filters: the filters of 3 by 3 pixels of each block
    - groups: int, the groups of group normalisation, a divisor of each of filters

    Attributes:
    - params: weights in float32, drawn after He et al. 2015 with numpy's global random state

    Raises ValueError for another normalization.
    """

    def __init__(self, normalization=None, filters=(16, 32, 32), groups=4):
        if normalization not in NORMALIZATIONS:
            expected = ", ".join(map(repr, NORMALIZATIONS))
            raise ValueError(f"normalization is {normalization!r}, expected one of {expected}")
        self.normalization, self.depth, self.groups = normalization, len(filters), groups
        self.params = {}
        channels = 3
        for layer, count in enumerate(filters, 1):
            spread = np.sqrt(2 / (9 * channels))
            self.params[f"W{layer}"] = spread * np.random.randn(count, channels, 3, 3)
            self.params[f"b{layer}"] = np.zeros(count)
            if normalization:
                self.params[f"gamma{layer}"] = np.ones(count)
                self.params[f"beta{layer}"] = np.zeros(count)
            channels = count
        features = channels * (32 // 2**self.depth) ** 2
        self.params["W"] = np.random.randn(features, 10) / np.sqrt(features)
        self.params["b"] = np.zeros(10)
        self.params = {name: w.astype(np.float32) for name, w in self.params.items()}
        self.bn_params = [{} for _ in filters]

    def loss(self, X, y=None):
        """Return the scores of X, of shape (N, 10); given y, the loss and its gradients."""
        mode = "test" if y is None else "train"
        caches, out = [], X.astype(np.float32, copy=False)
        for layer in range(1, self.depth + 1):
            self.bn_params[layer - 1]["mode"] = mode
            out, cache = self._block_forward(out, layer)
            out, pool_cache = max_pool_forward_fast(out, POOL)
            caches.append((cache, pool_cache))
        scores, cache = affine_forward(out, self.params["W"], self.params["b"])
        if y is None:
            return scores
        loss, dout = softmax_loss(x=scores, y=y)
        grads = {}
        dout, grads["W"], grads["b"] = affine_backward(dout, cache)
        for layer in range(self.depth, 0, -1):
            cache, pool_cache = caches[layer - 1]
            dout = max_pool_backward_fast(dout, pool_cache)
            dout, found = self._block_backward(dout, cache, need_dx=layer > 1)
            grads |= {f"{name}{layer}": gradient for name, gradient in found.items()}
        return loss, grads

    def _block_forward(self, x, layer):
        names = ("W", "b", "gamma", "beta") if self.normalization else ("W", "b")
        own = [self.params[f"{name}{layer}"] for name in names]
        if self.normalization is None:
            return conv_relu_forward(x, *own, CONV)
        if self.normalization == "batchnorm":
            return conv_bn_relu_forward(x, *own, CONV, self.bn_params[layer - 1])
        w, b, gamma, beta = own
        maps, conv_cache = conv_forward_fast(x, w, b, CONV)
        normed, norm_cache = spatial_groupnorm_forward(maps, gamma, beta, self.groups, {})
        out, relu_cache = relu_forward(normed)
        return out, (conv_cache, norm_cache, relu_cache)

    def _block_backward(self, dout, cache, need_dx):
        if self.normalization is None:
            dx, *own = conv_relu_backward(dout, cache, need_dx)
        elif self.normalization == "batchnorm":
            dx, *own = conv_bn_relu_backward(dout, cache, need_dx)
        else:
            conv_cache, norm_cache, relu_cache = cache
            dnormed = relu_backward(dout, relu_cache)
            dmaps, dgamma, dbeta = spatial_groupnorm_backward(dnormed, norm_cache)
            dx, dw, db = conv_backward_fast(dmaps, conv_cache, need_dx)
            own = [dw, db, dgamma, dbeta]
        return dx, dict(zip(("W", "b", "gamma", "beta"), own, strict=False))


CONV = {"stride": 1, "pad": 1}
POOL = {"pool_height": 2, "pool_width": 2, "stride": 2}
