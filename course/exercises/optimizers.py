"""Checks of the update rules: several steps each, from nothing and from a state that is given."""

from coursekit.checks import check

from ._inputs import copied, float32, form, gaps

NOTEBOOK = "FullyConnectedNets"
STEPS = 3


@check(
    points=2,
    notebook=NOTEBOOK,
    hints=[
        "There are two things to compute, one from the other. Which of them is kept from step to "
        "step?",
        "Work through three steps on paper with a momentum of 0.9, a learning rate of 0.1 and a "
        "slope of 1: the notebook has the numbers.",
        "Friction makes the old velocity smaller; the gradient, times the learning rate, pushes "
        "it downhill. The step is the new velocity.",
    ],
)
def sgd_momentum(student, run):
    """Steps along a velocity, from rest and already moving."""
    moving = {"learning_rate": 0.3, "momentum": 0.6, "velocity": run.rng.standard_normal((4, 3))}
    return _several_steps(student, run, "sgd_momentum", ["velocity"], moving)


@check(
    points=2,
    notebook=NOTEBOOK,
    hints=[
        "There are two things to compute, one from the other. Which of them is kept from step to "
        "step?",
        "The cache is a running mean of squares: most of the old one stays, and a little of the "
        "new square comes in. The step is divided by its root.",
        "The cache first, then the step with the new cache. The small number is there for a cache"
        " of zero, and is added after the root is taken. Both gradient and weights stay as they "
        "were handed in.",
    ],
)
def rmsprop(student, run):
    """Steps divided by a running mean of squared gradients."""
    moving = {"learning_rate": 0.3, "decay_rate": 0.6, "cache": run.rng.uniform(0.1, 2, (4, 3))}
    return _several_steps(student, run, "rmsprop", ["cache"], moving)


@check(
    points=2,
    notebook=NOTEBOOK,
    hints=[
        "Six things happen in each step: the counter, two running means, their two corrections, "
        "and the step itself. Write them down in the order of the paper.",
        "Two running means, of gradients and of their squares, each with a rate of its own. Both "
        "begin at zero and are too small at first: after t steps, a share of the rate to the power "
        "of t is still that zero. The correction divides by the rest.",
        "The counter is raised before it is used. The two means are kept as they are; what is "
        "corrected is for this step only. Then one is divided by the root of the other, and the "
        "small number is added to the root.",
    ],
)
def adam(student, run):
    """Steps of adam with both corrections, at the first step and later."""
    moving = {
        "learning_rate": 0.3,
        "beta1": 0.6,
        "beta2": 0.7,
        "m": run.rng.standard_normal((4, 3)),
        "v": run.rng.uniform(0.1, 2, (4, 3)),
        "t": 4,
    }
    return _several_steps(student, run, "adam", ["m", "v", "t"], moving)


def _several_steps(student, run, name, state, moving):
    """Return the weights and the state after each of several steps.

    `state` names what the rule keeps in config, and `moving` is a config to go on from. A rule may
    write into w, as the rules of some years do, but not into dw.
    """
    w, other = run.rng.standard_normal((2, 4, 3))
    gradients = run.rng.standard_normal((STEPS, 4, 3)) * [0.01, 1, 3]
    rule = getattr(student, name)
    results = {}
    run.may_write(w, other)

    def steps(case, w, config, group=None):
        with run.case(case):
            for step, dw in enumerate(gradients, 1):
                run.may_write(w)
                before = form(w)
                w, config = rule(w, dw, config)
                entry = f"{case}, step {step}"
                results[f"{group or 'next_w'}: {entry}"] = copied(w)
                if not group:
                    results.update({f"{key}: {entry}": copied(config[key]) for key in state})
                if form(w) != before:
                    return  # no further step can be made from that

    # Rules are written with epsilon in different places. Here it is too small to matter, and so are
    # the defaults' 1e-8 beside gradients of 1e7; in the group "epsilon" it matters.
    small = {} if name == "sgd_momentum" else {"epsilon": 1e-20}
    steps("from nothing", w, {"learning_rate": 0.5} | small)
    steps("from a given state", w, moving | small)
    if small:
        steps("epsilon of 0.5", w, {"learning_rate": 0.5, "epsilon": 0.5}, group="epsilon")
    with run.case("all settings left open"):
        next_w, config = rule(w, 1e7 * gradients[0])
        is_array = form(next_w) == form(w)
        results["defaults: first step"] = next_w - w if is_array else next_w
        results["defaults: learning_rate"] = config["learning_rate"]
    with run.case("two weights in turn"):
        configs = {}
        for _ in range(2):
            for key, weights, dw in (("first", w, gradients[0]), ("second", other, gradients[1])):
                next_w, configs[key] = rule(weights, 1e7 * gaps(dw), configs.get(key))
                results[f"two weights in turn: {key}"] = next_w
    with run.case("float32"):
        w32, dw32 = float32(w, gradients[0])
        run.may_write(w32)
        next_w, config = rule(w32, dw32)
        run.keeps_float32(name, next_w=next_w)
    return results
