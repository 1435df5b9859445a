"""Small examples of the update rules, and what their mistakes may hang on.

Rules are written with epsilon in different places. It is told apart in examples of its own.
"""

import numpy as np

from coursekit.checks import ladder, rung, toggles

SMALL = 1e-30


def _steps(student, run, name, w, gradients, config, state):
    """Return the weights and the state after one step for each of several gradients."""
    run.may_write(w)
    rule = getattr(student, name)
    for dw in gradients:
        run.may_write(w)
        w, config = rule(w, dw, config)
    return {"next_w": np.array(w)} | {f'config["{n}"]': np.array(config[n]) for n in state}


@ladder(
    "sgd_momentum",
    rung("a first step", w=[5], dw=[3], learning_rate=1, momentum=0.5),
    rung("a learning rate of 2", w=[5], dw=[3], learning_rate=2, momentum=0.5),
    rung("a velocity to go on from", w=[5], dw=[3], learning_rate=1, momentum=0.5, velocity=[4]),
    rung("a momentum of a quarter", w=[5], dw=[3], learning_rate=1, momentum=0.25, velocity=[8]),
    rung("two weights", w=[5, 1], dw=[3, -2], learning_rate=2, momentum=0.5, velocity=[4, -6]),
    rung("two axes", w=[[5, 1], [2, 3]], dw=[[3, -2], [1, 4]], learning_rate=2, momentum=0.5),
    rung("no gradient", w=[5], dw=[0], learning_rate=1, momentum=0.5, velocity=[4]),
    rung("settings left open", w=[0], dw=[1000]),
    rung("momentum left open", w=[0], dw=[0], velocity=[10]),
)
def momentum(student, run, w, dw, **config):
    return _steps(student, run, "sgd_momentum", w, [dw], config, ["velocity"])


@ladder(
    "sgd_momentum",
    rung("two steps", w=[5], first_dw=[2], dw=[3], learning_rate=1, momentum=0.5),
)
def momentum_twice(student, run, w, first_dw, dw, **config):
    return _steps(student, run, "sgd_momentum", w, [first_dw, dw], config, ["velocity"])


@ladder(
    "rmsprop",
    rung("a first step", w=[5], dw=[4], learning_rate=3, decay_rate=0.75, epsilon=SMALL),
    rung("a cache to go on from", w=[5], dw=[4], learning_rate=3, decay_rate=0.5, epsilon=SMALL,
         cache=[2]),
    rung("a negative gradient", w=[5], dw=[-4], learning_rate=3, decay_rate=0.5, epsilon=SMALL,
         cache=[2]),
    rung("a decay rate of a quarter", w=[5], dw=[4], learning_rate=4, decay_rate=0.25,
         epsilon=SMALL, cache=[16]),
    rung("two weights", w=[5, 1], dw=[4, -2], learning_rate=3, decay_rate=0.5, epsilon=SMALL,
         cache=[2, 4]),
    rung("two axes", w=[[5, 1], [2, 3]], dw=[[4, -2], [1, 6]], learning_rate=3, decay_rate=0.75,
         epsilon=SMALL),
    rung("settings left open", w=[0], dw=[1000]),
)  # fmt: skip
def rmsprop(student, run, w, dw, **config):
    return _steps(student, run, "rmsprop", w, [dw], config, ["cache"])


@ladder(
    "rmsprop",
    rung("two steps", w=[5], first_dw=[2], dw=[4], learning_rate=3, decay_rate=0.5, epsilon=SMALL),
)
def rmsprop_twice(student, run, w, first_dw, dw, **config):
    return _steps(student, run, "rmsprop", w, [first_dw, dw], config, ["cache"])


@ladder(
    "rmsprop",
    rung("an epsilon of 1", w=[5], dw=[4], learning_rate=3, decay_rate=0.75, epsilon=1),
)
def rmsprop_epsilon(student, run, w, dw, **config):
    return _steps(student, run, "rmsprop", w, [dw], config, [])


ADAM = {"learning_rate": 2, "beta1": 0.5, "beta2": 0.75, "epsilon": SMALL}


@ladder(
    "adam",
    rung("a first step", w=[5], dw=[4], **ADAM),
    rung("a negative gradient", w=[5], dw=[-4], **ADAM),
    rung("a mean to go on from", w=[5], dw=[4], **ADAM, m=[2], v=[16], t=1),
    rung("other means to go on from", w=[5], dw=[4], **ADAM, m=[-8], v=[4], t=1),
    rung("a later step", w=[5], dw=[4], **ADAM, m=[2], v=[9], t=3),
    rung("other rates", w=[5], dw=[4], learning_rate=2, beta1=0.25, beta2=0.5, epsilon=SMALL,
         m=[2], v=[9], t=1),
    rung("two weights", w=[5, 1], dw=[4, -2], **ADAM, m=[2, 3], v=[16, 1], t=1),
    rung("two axes", w=[[5, 1], [2, 3]], dw=[[4, -2], [1, 6]], **ADAM),
    rung("settings left open", w=[0], dw=[1000]),
)  # fmt: skip
def adam(student, run, w, dw, **config):
    return _steps(student, run, "adam", w, [dw], config, ["m", "v", "t"])


@ladder("adam", rung("two steps", w=[5], first_dw=[2], dw=[4], **ADAM))
def adam_twice(student, run, w, first_dw, dw, **config):
    return _steps(student, run, "adam", w, [first_dw, dw], config, ["m", "v", "t"])


@ladder("adam", rung("two steps with settings left open", w=[0], first_dw=[1000], dw=[3000]))
def adam_open(student, run, w, first_dw, dw):
    return _steps(student, run, "adam", w, [first_dw, dw], None, ["m", "v", "t"])


@ladder("adam", rung("an epsilon of 1", w=[5], dw=[4], **ADAM | {"epsilon": 1}))
def adam_epsilon(student, run, w, dw, **config):
    return _steps(student, run, "adam", w, [dw], config, [])


def _two_steps(name, state):
    """Return a function of two steps, with the rows of the gradient turned round in the second."""

    def steps(student, run, w, dw, **config):
        return _steps(student, run, name, w, [dw, dw[::-1]], config, state)

    return steps


@toggles(
    "sgd_momentum",
    _two_steps("sgd_momentum", ["velocity"]),
    plain=[
        {"shape": (4, 3), "learning_rate": 0.3, "momentum": 0.6},
        {"shape": (2, 3, 2), "learning_rate": 0.7, "momentum": 0.3},
    ],
    properties={
        "the velocity starts at 0": {"start": 0},
        "momentum is 0.9, as it is by default": {"momentum": 0.9},
        "momentum is a half": {"momentum": 0.5},
        "learning_rate is 0.01, as it is by default": {"learning_rate": 0.01},
        "learning_rate is 1": {"learning_rate": 1},
        "no gradient is negative": {"positive": True},
    },
)
def momentum_draws(rng, shape, start=1, positive=False, **config):
    drawn = _weights(rng, shape, positive)
    return drawn | config | {"velocity": start * rng.standard_normal(shape)}


@toggles(
    "rmsprop",
    _two_steps("rmsprop", ["cache"]),
    plain=[
        {"shape": (4, 3), "learning_rate": 0.3, "decay_rate": 0.6},
        {"shape": (2, 3, 2), "learning_rate": 0.7, "decay_rate": 0.3},
    ],
    properties={
        "the cache starts at 0": {"start": 0},
        "decay_rate is 0.99, as it is by default": {"decay_rate": 0.99},
        "decay_rate is a half": {"decay_rate": 0.5},
        "learning_rate is 0.01, as it is by default": {"learning_rate": 0.01},
        "learning_rate is 1": {"learning_rate": 1},
        "no gradient is negative": {"positive": True},
    },
)
def rmsprop_draws(rng, shape, start=1, positive=False, **config):
    cache = start * rng.uniform(0.1, 2, shape)
    return _weights(rng, shape, positive) | config | {"epsilon": SMALL, "cache": cache}


@toggles(
    "adam",
    _two_steps("adam", ["m", "v", "t"]),
    plain=[
        {"shape": (4, 3), "learning_rate": 0.3, "beta1": 0.6, "beta2": 0.7, "t": 4},
        {"shape": (2, 3, 2), "learning_rate": 0.7, "beta1": 0.3, "beta2": 0.8, "t": 2},
    ],
    properties={
        "m starts at 0": {"m": 0},
        "v starts at 0": {"v": 0},
        "it starts with the first step": {"m": 0, "v": 0, "t": 0},
        "beta1 and beta2 are the same": {"beta1": 0.6, "beta2": 0.6},
        "beta1 is 0.9 and beta2 is 0.999, as they are by default": {"beta1": 0.9, "beta2": 0.999},
        "t is so large that nothing is left to correct": {"t": 1000},
        "learning_rate is 0.001, as it is by default": {"learning_rate": 0.001},
        "no gradient is negative": {"positive": True},
    },
    includes={"it starts with the first step": ["m starts at 0", "v starts at 0"]},
)
def adam_draws(rng, shape, m=1, v=1, positive=False, **config):
    memory = {"m": m * rng.standard_normal(shape), "v": v * rng.uniform(0.1, 2, shape)}
    return _weights(rng, shape, positive) | config | {"epsilon": SMALL} | memory


def _weights(rng, shape, positive):
    w, dw = rng.standard_normal((2, *shape))
    return {"w": w, "dw": np.abs(dw) if positive else dw}
