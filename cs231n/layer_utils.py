"""Layers that follow one another so often that they are worth a name of their own.

Each sandwich is a forward and a backward pass made of the layers' own. Its cache is one tuple that
holds the caches of its parts, in the order in which they ran.

Backward passes that end in a convolution take need_dx=False where nobody needs the gradient of the
images, as in the first layer of a network. That saves a third to a half of the convolution's time,
and dx is None.
"""

# All layers, and not only those that are called below: a block may be written with any of them.
from .fast_layers import (
    conv_backward_fast,
    conv_forward_fast,
    max_pool_backward_fast,
    max_pool_forward_fast,
)
from .layers import (  # noqa: F401
    affine_backward,
    affine_forward,
    batchnorm_backward,
    batchnorm_backward_alt,
    batchnorm_forward,
    conv_backward_naive,
    conv_forward_naive,
    dropout_backward,
    dropout_forward,
    layernorm_backward,
    layernorm_forward,
    max_pool_backward_naive,
    max_pool_forward_naive,
    relu_backward,
    relu_forward,
    softmax_loss,
    spatial_batchnorm_backward,
    spatial_batchnorm_forward,
    spatial_groupnorm_backward,
    spatial_groupnorm_forward,
    svm_loss,
)

__all__ = [
    "affine_bn_relu_backward",
    "affine_bn_relu_forward",
    "affine_ln_relu_backward",
    "affine_ln_relu_forward",
    "affine_relu_backward",
    "affine_relu_forward",
    "conv_bn_relu_backward",
    "conv_bn_relu_forward",
    "conv_relu_backward",
    "conv_relu_forward",
    "conv_relu_pool_backward",
    "conv_relu_pool_forward",
]


def affine_relu_forward(x, w, b):
    """Run affine - relu. Arguments as for affine_forward. Returns out of shape (N, M), cache."""
    scores, affine_cache = affine_forward(x, w, b)
    out, relu_cache = relu_forward(scores)
    return out, (affine_cache, relu_cache)


def affine_relu_backward(dout, cache):
    """Pass dout of shape (N, M) back through affine_relu_forward. Returns dx, dw, db."""
    affine_cache, relu_cache = cache
    dscores = relu_backward(dout, relu_cache)
    return affine_backward(dscores, affine_cache)


def affine_bn_relu_forward(x, w, b, gamma, beta, bn_param):
    """Run affine - batchnorm - relu.

    Arguments as for affine_forward, with w of shape (D, M), and for batchnorm_forward, with gamma
    and beta of shape (M,). Returns out of shape (N, M), and the caches of the three as one tuple.
    """
    # TODO: compute out and cache with three calls.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    scores, affine_cache = affine_forward(x, w, b)
    normalized, norm_cache = batchnorm_forward(scores, gamma, beta, bn_param)
    out, relu_cache = relu_forward(normalized)
    cache = (affine_cache, norm_cache, relu_cache)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return out, cache


def affine_bn_relu_backward(dout, cache):
    """Pass dout of shape (N, M) back through affine_bn_relu_forward.

    Returns dx, dw, db, dgamma and dbeta, in the shapes of x, w, b, gamma and beta.
    """
    # TODO: compute the five gradients with three calls.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    affine_cache, norm_cache, relu_cache = cache
    dnormalized = relu_backward(dout, relu_cache)
    dscores, dgamma, dbeta = batchnorm_backward_alt(dnormalized, norm_cache)
    dx, dw, db = affine_backward(dscores, affine_cache)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dw, db, dgamma, dbeta


def affine_ln_relu_forward(x, w, b, gamma, beta, ln_param):
    """Run affine - layernorm - relu.

    Arguments as for affine_forward, with w of shape (D, M), and for layernorm_forward, with gamma
    and beta of shape (M,). Returns out of shape (N, M), and the caches of the three as one tuple.
    """
    # TODO: compute out and cache with three calls.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    scores, affine_cache = affine_forward(x, w, b)
    normalized, norm_cache = layernorm_forward(scores, gamma, beta, ln_param)
    out, relu_cache = relu_forward(normalized)
    cache = (affine_cache, norm_cache, relu_cache)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return out, cache


def affine_ln_relu_backward(dout, cache):
    """Pass dout of shape (N, M) back through affine_ln_relu_forward.

    Returns dx, dw, db, dgamma and dbeta, in the shapes of x, w, b, gamma and beta.
    """
    # TODO: compute the five gradients with three calls.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    affine_cache, norm_cache, relu_cache = cache
    dnormalized = relu_backward(dout, relu_cache)
    dscores, dgamma, dbeta = layernorm_backward(dnormalized, norm_cache)
    dx, dw, db = affine_backward(dscores, affine_cache)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dw, db, dgamma, dbeta


def conv_relu_forward(x, w, b, conv_param):
    """Run conv - relu. Arguments as for conv_forward_fast. Returns out (N, F, H', W'), cache."""
    scores, conv_cache = conv_forward_fast(x, w, b, conv_param)
    out, relu_cache = relu_forward(scores)
    return out, (conv_cache, relu_cache)


def conv_relu_backward(dout, cache, need_dx=True):
    """Pass dout of shape (N, F, H', W') back through conv_relu_forward. Returns dx, dw, db."""
    conv_cache, relu_cache = cache
    dscores = relu_backward(dout, relu_cache)
    return conv_backward_fast(dscores, conv_cache, need_dx)


def conv_bn_relu_forward(x, w, b, gamma, beta, conv_param, bn_param):
    """Run conv - spatial batchnorm - relu.

    Arguments as for conv_forward_fast, with F filters, and for spatial_batchnorm_forward, with
    gamma and beta of shape (F,). Returns out of shape (N, F, H', W'), and the three caches.
    """
    scores, conv_cache = conv_forward_fast(x, w, b, conv_param)
    normalized, norm_cache = spatial_batchnorm_forward(scores, gamma, beta, bn_param)
    out, relu_cache = relu_forward(normalized)
    return out, (conv_cache, norm_cache, relu_cache)


def conv_bn_relu_backward(dout, cache, need_dx=True):
    """Pass dout back through conv_bn_relu_forward. Returns dx, dw, db, dgamma and dbeta."""
    conv_cache, norm_cache, relu_cache = cache
    dnormalized = relu_backward(dout, relu_cache)
    dscores, dgamma, dbeta = spatial_batchnorm_backward(dnormalized, norm_cache)
    dx, dw, db = conv_backward_fast(dscores, conv_cache, need_dx)
    return dx, dw, db, dgamma, dbeta


def conv_relu_pool_forward(x, w, b, conv_param, pool_param):
    """Run conv - relu - max pool.

    Arguments as for conv_forward_fast and max_pool_forward_fast. Returns out of shape
    (N, F, H'', W''), where H'' and W'' are what pooling leaves of H' and W', and the three caches.
    """
    scores, conv_cache = conv_forward_fast(x, w, b, conv_param)
    active, relu_cache = relu_forward(scores)
    out, pool_cache = max_pool_forward_fast(active, pool_param)
    return out, (conv_cache, relu_cache, pool_cache)


def conv_relu_pool_backward(dout, cache, need_dx=True):
    """Pass dout of shape (N, F, H'', W'') back through conv_relu_pool_forward: dx, dw, db."""
    conv_cache, relu_cache, pool_cache = cache
    dactive = max_pool_backward_fast(dout, pool_cache)
    dscores = relu_backward(dactive, relu_cache)
    return conv_backward_fast(dscores, conv_cache, need_dx)
