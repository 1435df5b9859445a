"""A package of a few lines that checks can be tried on, right or wrong."""

import contextlib
import textwrap

from coursekit.packages import imported

LAYERS = """
import numpy as np


def double(x, scale=2):
    return scale * x


def half_forward(x, param):
    out = x / 2
    return out, (x, param)


def half_backward(dout, cache):
    return dout / 2


class Net:
    def __init__(self, size):
        self.params = {"W1": np.ones(size)}

    def loss(self, X):
        return X * self.params["W1"]
"""


@contextlib.contextmanager
def small_package(folder, **sources):
    """Import a package whose modules are `layers` as above and those given by their source."""
    root = folder / "cs231n"
    root.mkdir(exist_ok=True)
    (root / "__init__.py").write_text("")
    for name, source in ({"layers": LAYERS} | sources).items():
        (root / f"{name}.py").write_text(textwrap.dedent(source))
    with imported(root) as course:
        yield course
