"""A package of a few lines that checks can be tried on, right or wrong, and its course."""

import contextlib
import textwrap

from coursekit.checks import imported
from coursekit.course import Course

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


def small_course(folder, **fields):
    """Return the course of the small package in a folder, where nothing of it need be yet."""
    described = {
        "name": "small-course",
        "title": "a small course",
        "package": "small",
        "modules": ("layers", "layer_utils", "fast_layers", "optim"),
        "notebooks": ("A notebook",),
        "points": 4,
    }
    return Course(folder, **(described | fields))


@contextlib.contextmanager
def small_package(folder, **sources):
    """Import a package whose modules are `layers` as above and those given by their source."""
    course = small_course(folder)
    course.package_folder.mkdir(exist_ok=True)
    (course.package_folder / "__init__.py").write_text("")
    for name, source in ({"layers": LAYERS} | sources).items():
        (course.package_folder / f"{name}.py").write_text(textwrap.dedent(source))
    with imported(course, course.package_folder) as under_test:
        yield under_test
