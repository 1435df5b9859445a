"""How checks reach the code under test.

A Course stands for one copy of the package: `cs231n`, or another folder of the same form that was
imported under a name of its own.
"""

import contextlib
import importlib
import sys
from pathlib import Path

# Where functions are looked for. Each name is found in the module that defines it, since layers
# come before the modules that import from them.
MODULES = (
    "layers",
    "layer_utils",
    "fast_layers",
    "optim",
    "classifiers.fc_net",
    "classifiers.cnn",
    "solver",
)


class NotThere(NotImplementedError):
    """The package has no function or class of that name."""


class Course:
    """A copy of the package, by the name that it is imported under."""

    def __init__(self, package=None):
        self.package = __package__.rpartition(".")[0] if package is None else package

    @property
    def folder(self):
        """The folder that the package was imported from."""
        return Path(importlib.import_module(self.package).__path__[0]).resolve()

    def find(self, name):
        """Return the package's function or class called `name`, as its module has it now.

        Raises NotThere if no module has it, and what a module raised on import if that may be why.
        """
        failure = None
        for module_name in MODULES:
            try:
                module = importlib.import_module(f"{self.package}.{module_name}")
            except Exception as error:
                if _is_absent(error, f"{self.package}.{module_name}") or _misses(error, name):
                    continue
                failure = failure or error
                continue
            if hasattr(module, name):
                return getattr(module, name)
        if failure is not None:
            raise failure
        raise NotThere(f"the package {self.package} has no function or class named {name}")

    def modules(self):
        """Return the package's modules, without those of the checks and those that do not import.

        All of MODULES are imported first: one that came later would not see what is replaced now.
        """
        for module_name in MODULES:
            with contextlib.suppress(Exception):
                importlib.import_module(f"{self.package}.{module_name}")
        prefix = self.package + "."
        return [
            module
            for name, module in sorted(sys.modules.items())
            if name.startswith(prefix) and not name.startswith(prefix + "checks")
        ]


def _is_absent(error, module_name):
    """Whether the module itself is not there, and not something that it imports."""
    return isinstance(error, ModuleNotFoundError) and f"{module_name}.".startswith(f"{error.name}.")


def _misses(error, name):
    """Whether a module cannot be imported because what is looked for is not in another one."""
    return isinstance(error, ImportError) and f"cannot import name {name!r}" in str(error)
