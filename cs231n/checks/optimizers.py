"""Checks of the update rules: several steps each, from nothing and from a state that is given."""

import numpy as np

from .inputs import float32, gaps
from .registry import check

NOTEBOOK = "FullyConnectedNets"
STEPS = 3


@check(points=2, notebook=NOTEBOOK)
def sgd_momentum(course, rng):
    """Steps along a velocity, from rest and already moving."""
    moving = {"learning_rate": 0.3, "momentum": 0.6, "velocity": rng.standard_normal((4, 3))}
    return _several_steps(course, rng, "sgd_momentum", ["velocity"], moving)


@check(points=2, notebook=NOTEBOOK)
def rmsprop(course, rng):
    """Steps divided by a running mean of squared gradients."""
    moving = {"learning_rate": 0.3, "decay_rate": 0.6, "cache": rng.uniform(0.1, 2, (4, 3))}
    return _several_steps(course, rng, "rmsprop", ["cache"], moving)


@check(points=2, notebook=NOTEBOOK)
def adam(course, rng):
    """Steps of adam with both corrections, at the first step and later."""
    moving = {
        "learning_rate": 0.3,
        "beta1": 0.6,
        "beta2": 0.7,
        "m": rng.standard_normal((4, 3)),
        "v": rng.uniform(0.1, 2, (4, 3)),
        "t": 4,
    }
    return _several_steps(course, rng, "adam", ["m", "v", "t"], moving)


def _several_steps(course, rng, name, state, moving):
    """Return the weights and the state after each of several steps.

    `state` names what the rule keeps in config, and `moving` is a config to go on from. A rule may
    write into w, as the rules of some years do, but not into dw.
    """
    w, other = rng.standard_normal((2, 4, 3))
    gradients = rng.standard_normal((STEPS, 4, 3)) * [0.01, 1, 3]
    rule = getattr(course, name)
    results = {}
    course.may_write(w, other)

    def run(case, w, config, group=None):
        with course.case(case):
            for step, dw in enumerate(gradients, 1):
                course.may_write(w)
                w, config = rule(w, dw, config)
                entry = f"{case}, step {step}"
                results[f"{group or 'next_w'}: {entry}"] = np.array(w)
                if not group:
                    results.update({f"{key}: {entry}": np.array(config[key]) for key in state})

    # Rules are written with epsilon in different places. Here it is too small to matter, and so are
    # the defaults' 1e-8 beside gradients of 1e7; in the group "epsilon" it matters.
    small = {} if name == "sgd_momentum" else {"epsilon": 1e-20}
    run("from nothing", w, {"learning_rate": 0.5} | small)
    run("from a given state", w, moving | small)
    if small:
        run("epsilon of 0.5", w, {"learning_rate": 0.5, "epsilon": 0.5}, group="epsilon")
    with course.case("all settings left open"):
        next_w, config = rule(w, 1e7 * gradients[0])
        results["defaults: first step"] = next_w - w
        results["defaults: learning_rate"] = config["learning_rate"]
    with course.case("two weights in turn"):
        configs = {}
        for _ in range(2):
            for key, weights, dw in (("first", w, gradients[0]), ("second", other, gradients[1])):
                next_w, configs[key] = rule(weights, 1e7 * gaps(dw), configs.get(key))
                results[f"two weights in turn: {key}"] = next_w
    with course.case("float32"):
        w32, dw32 = float32(w, gradients[0])
        course.may_write(w32)
        next_w, config = rule(w32, dw32)
        course.keeps_float32(name, next_w=next_w)
    return results
