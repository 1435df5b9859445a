"""What became of the ideas of this course: layers and rules of later years, as optional exercises.

Nothing else in the package needs them, and they give no points. Each has a check of its own, as any
block has.
"""

import numpy as np

from ._internal.arguments import (
    expect_keep_probability,
    expect_settings,
    expect_shapes,
    pooling_steps,
)
from ._internal.update_rules import start_at_zero, with_defaults

# All layers, and not only those that are called below: a block may be written with any of them.
from .fast_layers import conv_backward_fast, conv_forward_fast
from .layer_utils import conv_relu_backward, conv_relu_forward
from .layers import relu_backward, relu_forward
from .optim import adam

__all__ = [
    "adamw",
    "avg_pool_backward",
    "avg_pool_forward",
    "drop_path_backward",
    "drop_path_forward",
    "residual_backward",
    "residual_forward",
    "rmsnorm_backward",
    "rmsnorm_forward",
]


def adamw(w, dw, config=None):
    """Step as adam does, and let each weight decay towards zero beside it.

        next_w = adam's next_w - learning_rate * weight_decay * w

    The decay does not pass through adam's running means, so it is the same for all weights.

    Inputs:
    - w, dw: weights and their gradient, without any penalty in it; ndarrays of one shape
    - config: dictionary with what adam takes, and
      - weight_decay: float, default=1e-2

    Returns next_w, of that shape, and config with the new m, v and t of adam.

    Raises ValueError if the shapes differ, or a setting is no number.

    Source: Loshchilov and Hutter 2019, "Decoupled Weight Decay Regularization", algorithm 2.
    """
    config = with_defaults("adamw", w, dw, config)
    start_at_zero("adamw", config, w)
    # TODO: compute next_w and the new config, with a call of adam.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    decay = config["learning_rate"] * config["weight_decay"] * w
    stepped, config = adam(w, dw, config)
    next_w = stepped - decay
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return next_w, config


def rmsnorm_forward(x, gamma, rms_param):
    """Divide each example by its root mean square, and scale each feature.

        out = gamma * x / sqrt(mean of x ** 2 + eps)

    No mean is taken off and no shift is added. Training and test time are the same.

    Inputs:
    - x: ndarray of shape (N, D)
    - gamma: scale of each feature, ndarray of shape (D,)
    - rms_param: dictionary with eps: float, default=1e-5; other keys are ignored

    Returns out of shape (N, D), and a cache for the backward pass.

    Raises ValueError if the shapes do not fit one another.

    Source: Zhang and Sennrich 2019, "Root Mean Square Layer Normalization", equation 4.
    """
    expect_shapes("rmsnorm_forward", x=(x, "N D"), gamma=(gamma, "D"))
    expect_settings("rmsnorm_forward", "rms_param", rms_param)
    eps = float(rms_param.get("eps", 1e-5))
    # TODO: compute out, and keep in cache what the backward pass needs.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    rms = np.sqrt((x**2).mean(axis=1, keepdims=True) + eps)  # (N, 1)
    x_hat = x / rms  # (N, D)
    out = gamma * x_hat
    cache = (x_hat, rms, gamma)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return out, cache


def rmsnorm_backward(dout, cache):
    """Pass a gradient back through rmsnorm_forward.

    Inputs:
    - dout: upstream gradient, ndarray of shape (N, D)
    - cache: from rmsnorm_forward

    Returns dx of shape (N, D) and dgamma of shape (D,).

    Raises ValueError if dout does not have two axes.
    """
    expect_shapes("rmsnorm_backward", dout=(dout, "N D"))
    # TODO: compute dx and dgamma.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    x_hat, rms, gamma = cache
    dgamma = (dout * x_hat).sum(axis=0)  # (D,)
    dx_hat = dout * gamma  # (N, D)
    through_rms = (dx_hat * x_hat).mean(axis=1, keepdims=True)  # (N, 1)
    dx = (dx_hat - x_hat * through_rms) / rms
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dgamma


def drop_path_forward(x, branch, keep, p):
    """Add a branch to its input, for those examples that keep it.

    An example that keeps the branch gets x + branch / p, and any other gets x alone. At test time
    all get x + branch.

    Inputs:
    - x, branch: the input and what a branch of layers has made of it, ndarrays of one shape
      (N, ...)
    - keep: which examples keep the branch, ndarray of shape (N,) and dtype bool, drawn with
      probability p each; or None at test time
    - p: float in (0, 1], the probability of being kept

    Returns out of the shape of x, and a cache for the backward pass.

    Raises ValueError if the shapes differ, or p is not in (0, 1].

    Source: Huang et al. 2016, "Deep Networks with Stochastic Depth", equation 2; drawn here for
    each example, and scaled while training, as dropout is in this course.
    """
    name = "drop_path_forward"
    expect_shapes(name, x=(x, "N ..."), branch=(branch, " ".join(map(str, np.shape(x)))))
    if keep is not None:
        expect_shapes(name, x=(x, "N ..."), keep=(keep, "N"))
    p = expect_keep_probability(name, p)
    # TODO: compute out, and keep in cache what the backward pass needs.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    factors = np.ones(len(x)) if keep is None else keep / p  # (N,)
    factors = factors.astype(x.dtype).reshape(-1, *[1] * (x.ndim - 1))  # (N, 1, ...)
    out = x + factors * branch
    cache = factors
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return out, cache


def drop_path_backward(dout, cache):
    """Pass a gradient back through drop_path_forward.

    Inputs:
    - dout: upstream gradient, ndarray of shape (N, ...)
    - cache: from drop_path_forward

    Returns dx and dbranch, both of the shape of dout.
    """
    # TODO: compute dx and dbranch.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    factors = cache
    dx = dout.copy()
    dbranch = factors * dout
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dbranch


def avg_pool_forward(x, pool_param):
    """Take the mean of each window of an image.

    Inputs:
    - x: images, ndarray of shape (N, C, H, W)
    - pool_param: dictionary with
      - pool_height, pool_width: int, the window's size
      - stride: int, the distance between neighbouring windows

    Returns out of shape (N, C, H', W') with H' = 1 + (H - pool_height) // stride and W' alike, and
    a cache for the backward pass. A window that does not fit is left out.

    Raises ValueError if x does not have four axes, or a window is larger than the image.

    Source: Lin, Chen and Yan 2014, "Network In Network", section 3.2, for windows as large as the
    image.
    """
    expect_shapes("avg_pool_forward", x=(x, "N C H W"))
    height, width, stride = pooling_steps("avg_pool_forward", pool_param, x)
    N, C, H, W = x.shape
    # TODO: compute out, and keep in cache what the backward pass needs.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    rows, columns = 1 + (H - height) // stride, 1 + (W - width) // stride
    out = np.zeros((N, C, rows, columns), dtype=x.dtype)
    for i in range(rows):
        for j in range(columns):
            top, left = i * stride, j * stride
            out[:, :, i, j] = x[:, :, top : top + height, left : left + width].mean(axis=(2, 3))
    cache = (x.shape, pool_param)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return out, cache


def avg_pool_backward(dout, cache):
    """Pass a gradient back through avg_pool_forward.

    Inputs:
    - dout: upstream gradient, ndarray of shape (N, C, H', W')
    - cache: from avg_pool_forward

    Returns dx of shape (N, C, H, W).

    Raises ValueError if dout does not have four axes.
    """
    expect_shapes("avg_pool_backward", dout=(dout, "N C H W"))
    # TODO: compute dx.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    shape, pool_param = cache
    height, width = pool_param["pool_height"], pool_param["pool_width"]
    stride = pool_param["stride"]
    dx = np.zeros(shape, dtype=dout.dtype)
    for i in range(dout.shape[2]):
        for j in range(dout.shape[3]):
            top, left = i * stride, j * stride
            share = dout[:, :, i, j, None, None] / (height * width)  # (N, C, 1, 1)
            dx[:, :, top : top + height, left : left + width] += share
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx


def residual_forward(x, w1, b1, w2, b2):
    """Add to x what two convolutions make of it, and let a relu follow.

        out = relu(x + conv(relu(conv(x, w1, b1)), w2, b2))

    The padding keeps height and width, and each convolution has as many filters as x has channels,
    so that the sum is possible.

    Inputs:
    - x: images, ndarray of shape (N, C, H, W)
    - w1, w2: filters, ndarrays of shape (C, C, K, K) with an odd K
    - b1, b2: biases, ndarrays of shape (C,)

    Returns out of shape (N, C, H, W), and a cache for the backward pass.

    Raises ValueError if the shapes do not fit one another, or K is even.

    Source: He et al. 2016, "Deep Residual Learning for Image Recognition", equation 1, without
    batch normalisation.
    """
    expect_shapes("residual_forward", x=(x, "N C H W"))
    C, K = x.shape[1], np.shape(w1)[-1] if np.ndim(w1) == 4 else 3
    for name, (w, b) in {"1": (w1, b1), "2": (w2, b2)}.items():
        named = {f"w{name}": (w, f"{C} {C} {K} {K}"), f"b{name}": (b, f"{C}")}
        expect_shapes("residual_forward", x=(x, "N C H W"), **named)
    if K % 2 == 0:
        raise ValueError(f"residual_forward: K is {K}, expected an odd number")
    conv_param = {"stride": 1, "pad": (K - 1) // 2}
    # TODO: compute out and cache with calls of other layers.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    hidden, first_cache = conv_relu_forward(x, w1, b1, conv_param)
    branch, second_cache = conv_forward_fast(hidden, w2, b2, conv_param)
    out, relu_cache = relu_forward(x + branch)
    cache = (first_cache, second_cache, relu_cache)
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return out, cache


def residual_backward(dout, cache):
    """Pass a gradient back through residual_forward.

    Inputs:
    - dout: upstream gradient, ndarray of shape (N, C, H, W)
    - cache: from residual_forward

    Returns dx, dw1, db1, dw2 and db2, in the shapes of x, w1, b1, w2 and b2.

    Raises ValueError if dout does not have four axes.
    """
    expect_shapes("residual_backward", dout=(dout, "N C H W"))
    # TODO: compute the five gradients with calls of other layers.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    first_cache, second_cache, relu_cache = cache
    dsum = relu_backward(dout, relu_cache)
    dhidden, dw2, db2 = conv_backward_fast(dsum, second_cache)
    dbranch, dw1, db1 = conv_relu_backward(dhidden, first_cache)
    dx = dsum + dbranch
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return dx, dw1, db1, dw2, db2
