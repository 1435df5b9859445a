"""What a Solver asks of its arguments, and the sentences a caller reads when it is not met."""

import numbers

from . import optim
from ._arguments import expect_shapes, expect_whole


def expect_known(function, given, known):
    """Raise ValueError if a name in `given` is not in `known`."""
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise ValueError(
            f"{function}: got an unknown argument {', '.join(unknown)}, "
            f"expected only {', '.join(sorted(known))}"
        )


def examples(data, X_name, y_name):
    """Return the two arrays of the data, or raise ValueError unless they belong together."""
    for name in (X_name, y_name):
        if name not in data:
            raise ValueError(
                f"Solver: data has no {name}, expected X_train, y_train, X_val and y_val"
            )
    X, y = data[X_name], data[y_name]
    expect_shapes("Solver", **{X_name: (X, "N ..."), y_name: (y, "N")})
    if len(X) == 0:
        raise ValueError(f"Solver: {X_name} has shape {X.shape}, expected at least one example")
    return X, y


def find_rule(update_rule):
    """Return the function for the name of a rule, which may be one that a reader has added."""
    if callable(update_rule):
        return update_rule
    rules = {
        name: rule
        for name, rule in vars(optim).items()
        if getattr(rule, "__module__", None) == optim.__name__ and not name.startswith("_")
    }
    if update_rule not in rules:
        raise ValueError(
            f"Solver: update_rule is {update_rule!r}, expected a function or one of "
            f"{', '.join(sorted(rules))}"
        )
    return rules[update_rule]


def sample_size(name, value):
    """Return the number of examples to measure on, where None stands for all of them."""
    return None if value is None else expect_whole("Solver", name, value, at_least=1)


def seconds(time_limit):
    """Return the time limit, or raise ValueError unless it is None or a span of time."""
    if time_limit is None or (isinstance(time_limit, numbers.Real) and time_limit >= 0):
        return time_limit
    raise ValueError(f"Solver: time_limit is {time_limit!r}, expected seconds, 0 or more, or None")
