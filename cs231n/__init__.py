"""Neural networks from scratch in numpy: the package that a reader of the notebooks completes."""

import importlib.util
import sys

if sys.version_info < (3, 11):  # noqa: UP036  # who has an older one should be told so
    raise ImportError(
        "cs231n needs Python 3.11 or later, and this is {}.{}: {}".format(
            *sys.version_info[:2], sys.executable
        )
    )

for _needed in ("numpy", "tqdm"):
    if importlib.util.find_spec(_needed) is None:
        raise ModuleNotFoundError(
            f"{sys.executable} has no {_needed}. Run this with the Python that the set-up made, "
            ".venv/bin/python (on Windows .venv\\Scripts\\python), or set it up first: make lab",
            name=_needed,
        )
del importlib, sys, _needed
