"""The layers that modules offer, read off their `__all__`, so that none of them goes unnoticed."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Layer:
    """A forward and a backward pass that belong together.

    `affine_forward` and `affine_backward` make "affine". `conv_forward_fast` has the ending "fast",
    and `batchnorm_backward_alt`, which takes its cache from batchnorm_forward, the ending "alt".
    """

    kind: str
    ending: str
    forward: Callable
    backward: Callable

    def __str__(self):
        return " ".join(filter(None, (self.kind, self.ending)))


def layers_in(*modules):
    """List the layers of some modules, each once, by whatever names it is offered.

    Raises ValueError for a forward pass without a backward one or the other way round, and for a
    name that is neither of the two nor that of a loss.
    """
    found = {}
    for module in modules:
        for layer in _pairs(module):
            found.setdefault((layer.forward, layer.backward), layer)
    return list(found.values())


def losses(module):
    """Return the losses that a module offers, {name: function}."""
    return {name: getattr(module, name) for name in module.__all__ if name.endswith("_loss")}


def _pairs(module):
    """Yield a Layer for each backward pass; raise ValueError if other names are left."""
    left = set(module.__all__) - losses(module).keys()
    for name in module.__all__:
        kind, is_backward, ending = name.partition("_backward")
        if not is_backward:
            continue
        forward = f"{kind}_forward{ending}"
        if forward not in module.__all__:
            forward = f"{kind}_forward"
        if forward not in module.__all__:
            raise ValueError(f"{name} has no {forward}")
        left -= {name, forward}
        passes = getattr(module, forward), getattr(module, name)
        yield Layer(kind, ending.removeprefix("_"), *passes)
    if left:
        raise ValueError(f"{', '.join(sorted(left))}: expected pairs of passes, and losses")
