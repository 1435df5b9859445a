"""Update rules: how a gradient becomes a step.

Every rule is `rule(w, dw, config=None) -> next_w, config`. It takes the weights, the gradient of
the loss with respect to them, and a dictionary of settings; it returns the next weights, and the
dictionary with its settings filled in and its memory updated, to be passed in at the next step.
Rules leave w and dw as they are. What config remembers belongs to the rule, which may overwrite it.
Where config is left out, or lacks a setting or the memory, a rule starts from its defaults; with a
memory in it, it goes on from there.
"""

import numpy as np

from ._internal.update_rules import start_at_zero, with_defaults
from ._internal.years import renamed

__all__ = ["adam", "rmsprop", "sgd", "sgd_momentum"]


@renamed(x="w", dx="dw")
def sgd(w, dw, config=None):
    """Step against the gradient: next_w = w - learning_rate * dw.

    Inputs:
    - w, dw: weights and their gradient, ndarrays of one shape
    - config: dictionary with learning_rate: float, default=1e-2

    Returns next_w, of that shape, and config.

    Raises ValueError if the shapes differ, or a setting is no number.
    """
    config = with_defaults("sgd", w, dw, config)
    return w - config["learning_rate"] * dw, config


@renamed(x="w", dx="dw")
def sgd_momentum(w, dw, config=None):
    """Step along a velocity that gradients push and friction slows.

        v_t = momentum v_(t-1) - learning_rate dw_t
        w_t = w_(t-1) + v_t

    Inputs:
    - w, dw: weights and their gradient, ndarrays of one shape
    - config: dictionary with
      - learning_rate: float, default=1e-2
      - momentum: float, default=0.9
      - velocity: ndarray of the shape of w, default zeros

    Returns next_w, of that shape, and config with the new velocity.

    Raises ValueError if the shapes differ, or a setting is no number.

    Source: Sutskever et al. 2013, "On the importance of initialization and momentum in deep
    learning", equations 1 and 2.
    """
    config = with_defaults("sgd_momentum", w, dw, config)
    start_at_zero("sgd_momentum", config, w)
    velocity = config["velocity"]
    # TODO: compute the new velocity, and next_w from it.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    velocity *= config["momentum"]  # in place: the velocity is this rule's own
    velocity -= config["learning_rate"] * dw
    next_w = w + velocity
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    config["velocity"] = velocity
    return next_w, config


@renamed(x="w", dx="dw")
def rmsprop(w, dw, config=None):
    """Divide each weight's step by a running mean of how large its gradients have been.

        cache = decay_rate * cache + (1 - decay_rate) * dw ** 2
        next_w = w - learning_rate * dw / (sqrt(cache) + epsilon)

    Inputs:
    - w, dw: weights and their gradient, ndarrays of one shape
    - config: dictionary with
      - learning_rate: float, default=1e-2
      - decay_rate: float, default=0.99
      - epsilon: float, default=1e-8
      - cache: ndarray of the shape of w, default zeros

    Returns next_w, of that shape, and config with the new cache.

    Raises ValueError if the shapes differ, or a setting is no number.

    Source: Tieleman and Hinton 2012, "Neural Networks for Machine Learning", lecture 6.5.
    """
    config = with_defaults("rmsprop", w, dw, config)
    start_at_zero("rmsprop", config, w)
    # TODO: compute next_w, and store the new cache in config["cache"].
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    decay = config["decay_rate"]
    config["cache"] = decay * config["cache"] + (1 - decay) * dw**2
    step = config["learning_rate"] * dw / (np.sqrt(config["cache"]) + config["epsilon"])
    next_w = w - step
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return next_w, config


@renamed(x="w", dx="dw")
def adam(w, dw, config=None):
    """Combine momentum and rmsprop, and correct both for having started at zero.

        t = t + 1
        m = beta1 * m + (1 - beta1) * dw
        v = beta2 * v + (1 - beta2) * dw ** 2
        next_w = w - learning_rate * m_hat / (sqrt(v_hat) + epsilon)

    with m_hat = m / (1 - beta1 ** t) and v_hat = v / (1 - beta2 ** t).

    Inputs:
    - w, dw: weights and their gradient, ndarrays of one shape
    - config: dictionary with
      - learning_rate: float, default=1e-3
      - beta1, beta2: floats, default=0.9 and 0.999
      - epsilon: float, default=1e-8
      - m, v: ndarrays of the shape of w, default zeros
      - t: int, default=0, the number of steps made so far

    Returns next_w, of that shape, and config with the new m, v and t.

    Raises ValueError if the shapes differ, or a setting is no number.

    Source: Kingma and Ba 2015, "Adam", algorithm 1.
    """
    config = with_defaults("adam", w, dw, config)
    start_at_zero("adam", config, w)
    # TODO: compute next_w, and store the new m, v and t in config. Raise t before you use it.
    # *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    beta1, beta2 = config["beta1"], config["beta2"]
    config["t"] += 1
    config["m"] *= beta1  # in place: m and v are this rule's own
    config["m"] += (1 - beta1) * dw
    config["v"] *= beta2
    config["v"] += (1 - beta2) * dw**2
    m_hat = config["m"] / (1 - beta1 ** config["t"])
    v_hat = config["v"] / (1 - beta2 ** config["t"])
    next_w = w - config["learning_rate"] * m_hat / (np.sqrt(v_hat) + config["epsilon"])
    # *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****
    return next_w, config
