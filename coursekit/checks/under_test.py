"""The code under test: one imported copy of a course's package, and where its functions are.

A copy is known by the name that it is imported under: the package's own in a notebook, or a name
that is given to a folder elsewhere, with which several copies can be tried in one process.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import itertools
import re
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from ..course import Course

_numbers = itertools.count(1)
# How many names a package may lack that others of its modules import.
_MOST_STAND_INS = 200


class NotThere(NotImplementedError):
    """The package has no function or class of that name."""

    def __init__(self, name: str, *, is_asked_for: bool = False) -> None:
        super().__init__(f"the package has no function or class named {name}")
        self.name = name
        # By a check itself, and not by a function of the package.
        self.is_asked_for = is_asked_for


class WrongPackage(ImportError):
    """Python has imported the package from another folder than the one that is asked about."""


class _StandIn:
    """Stands where a function or class should be that a module imports, until it is used."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __call__(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise NotThere(self.__name__)


class FunctionDisabled(RuntimeError):
    """A function was called that a check has disabled."""


class UnderTest:
    """A copy of a course's package.

    Parameters
    ----------
    course : Course
    name : str, optional
        The name that the copy is imported under, by default the package's own. Then the package has
        to come from the course's folder.
    tolerant : bool, default=False
        Whether what one module lacks takes down only what uses it, and not all modules that import
        it. Not for a notebook, where modules stay while their files change.
    """

    def __init__(self, course: Course, name: str | None = None, *, tolerant: bool = False) -> None:
        self.tolerant = tolerant
        self.course = course
        self.modules = course.modules
        self.name = course.package if name is None else name
        self._expected = course.package_folder if name is None else None

    @property
    def folder(self) -> Path:
        """The folder that the package was imported from.

        Raises WrongPackage if that is not the course's own.
        """
        package = importlib.import_module(self.name)
        folder = Path(next(iter(package.__path__))).resolve()
        if self._expected is not None and folder != self._expected.resolve():
            raise WrongPackage(
                f"Python has imported {self.name} from {folder}, expected it from "
                f"{self._expected}: start the notebook in the folder of its course, and see that "
                f"no other {self.name} is installed or lies on PYTHONPATH"
            )
        return folder

    def find(self, name: str) -> Any:
        """Return the package's function or class called `name`, as its module has it now.

        Each name is found in the module that defines it, since modules come in that order.
        Raises NotThere if no module has it, and what a module raised on import if that may be why.
        """
        failure = None
        for module_name in self.modules:
            try:
                module = self._import(module_name)
            except Exception as error:
                if _is_absent(error, f"{self.name}.{module_name}") or _misses(error, name):
                    continue
                failure = failure or error
                continue
            found = getattr(module, name, None)
            if found is not None and not isinstance(found, _StandIn):
                return found
        if failure is not None:
            raise failure
        raise NotThere(name, is_asked_for=True)

    def absent(self, error: BaseException) -> str:
        """Return the function of the course that an exception is about because there is none.

        A star import brings no name that is not there, so that its absence shows where it is used.
        """
        if isinstance(error, NotThere):
            return error.name
        name = getattr(error, "name", None) if isinstance(error, NameError) else None
        if not isinstance(name, str) or name not in self.course.checks.functions:
            return ""
        with contextlib.suppress(Exception):
            self.find(name)
            return ""
        return name

    def _import(self, module_name: str) -> ModuleType:
        """Import a module of the package, and raise what it raises.

        Where that is tolerant, a name that a module of the package does not have is put there for
        others to import, and raises an exception where it is called.
        """
        for _ in range(_MOST_STAND_INS if self.tolerant else 0):
            try:
                return importlib.import_module(f"{self.name}.{module_name}")
            except (ImportError, AttributeError) as error:
                if not self._stand_in(error, module_name):
                    raise
        return importlib.import_module(f"{self.name}.{module_name}")

    def _stand_in(self, error: ImportError | AttributeError, module_name: str) -> bool:
        """Put something in the place of what a module lacks, and say whether that was possible."""
        inside = f"{self.name}."
        owner, lacking = _lacking(error)
        if isinstance(error, ModuleNotFoundError):
            # A module that checks look into, and that another one imports.
            wanted = owner.removeprefix(inside)
            if wanted == module_name or wanted not in self.modules or not owner.startswith(inside):
                return False
            self._stand_in_for_module(wanted)
            return True
        if not lacking or not f"{owner}.".startswith(inside) or owner not in sys.modules:
            return False
        if owner == self.name:
            if lacking not in self.modules:
                return False
            self._stand_in_for_module(lacking)
            return True
        if hasattr(sys.modules[owner], lacking):
            return False  # modules that import each other
        setattr(sys.modules[owner], lacking, _StandIn(lacking))
        return True

    def _stand_in_for_module(self, module_name: str) -> None:
        """Put an empty module in the place of one that is not there."""
        module = ModuleType(f"{self.name}.{module_name}")
        sys.modules[module.__name__] = module
        parent, _, last = module.__name__.rpartition(".")
        setattr(sys.modules[parent], last, module)

    def imported_modules(self) -> list[ModuleType]:
        """Return the package's modules, without those that cannot be imported.

        All that checks look into are imported first: one that came later would not see what is
        replaced now.
        """
        for module_name in self.modules:
            with contextlib.suppress(Exception):
                self._import(module_name)
        prefix = self.name + "."
        return [
            module
            for name, module in sorted(sys.modules.items())
            if name.startswith(prefix) and hasattr(module, "__file__")
        ]

    @contextlib.contextmanager
    def replaced(self, **functions: Any) -> Iterator[None]:
        """Put functions in the place of the package's own, in all modules and by any name."""
        modules = self.imported_modules()
        instead = {
            id(vars(module)[name]): function
            for module in modules
            for name, function in functions.items()
            if name in vars(module)
        }
        changed = [
            (module, name, value)
            for module in modules
            for name, value in vars(module).items()
            if id(value) in instead
        ]
        for module, name, value in changed:
            setattr(module, name, instead[id(value)])
        try:
            yield
        finally:
            for module, name, original in changed:
                setattr(module, name, original)

    @contextlib.contextmanager
    def disabled(self, *names: str, modules: Iterable[str] = ()) -> Iterator[None]:
        """Disable functions, those of some names and all of some modules and folders.

        So a function cannot have another do its work. Modules are named as in "fast_layers".
        """
        whole = [f"{self.name}.{module}" for module in modules]
        found = _functions_of(self.imported_modules(), names, whole)
        # What is no plain function, a student's own object perhaps, can only be replaced.
        with disabled(found), self.replaced(**{name: refusal(name) for name in names}):
            yield


@contextlib.contextmanager
def imported(course: Course, folder: Path | str) -> Iterator[UnderTest]:
    """Import a folder as the course's package, under a name of its own, and forget it at the end.

    Imports inside the package have to be relative, so that a copy finds its own modules. Yields an
    UnderTest. Raises what the package's `__init__` raises.
    """
    folder = Path(folder)
    name = f"{course.package}_copy_{next(_numbers)}"
    spec = importlib.util.spec_from_file_location(
        name, folder / "__init__.py", submodule_search_locations=[str(folder)]
    )
    assert spec is not None  # for a file in Python there are both
    assert spec.loader is not None
    sys.modules[name] = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(sys.modules[name])
        yield UnderTest(course, name, tolerant=True)
    finally:
        for module in [m for m in sys.modules if m == name or m.startswith(name + ".")]:
            del sys.modules[module]


@contextlib.contextmanager
def disabled(functions: Mapping[str, Any]) -> Iterator[None]:
    """Have functions refuse to work, by whatever name or through whatever object they are called.

    Parameters
    ----------
    functions : dict
        {name to tell: function}. What is no plain function is left as it is.
    """
    kept = []
    try:
        for name, function in functions.items():
            if isinstance(function, FunctionType) and not function.__closure__:
                kept.append((function, function.__code__, function.__kwdefaults__))
                # The code is changed and not the name: there may be more names than can be found.
                function.__code__ = _refuse.__code__
                function.__kwdefaults__ = {"_refusal": refusal(name)}
        yield
    finally:
        for function, code, defaults in reversed(kept):
            function.__code__, function.__kwdefaults__ = code, defaults


def refusal(name: str) -> Callable[..., NoReturn]:
    """Return a function that raises FunctionDisabled, on behalf of the one that calls it."""

    def refuse(*args: Any, **kwargs: Any) -> NoReturn:
        frame: Any = sys._getframe(1)
        if frame.f_code is _refuse.__code__:
            frame = frame.f_back
        raise FunctionDisabled(
            f"{frame.f_code.co_name} calls {name}, which this check has disabled: "
            "here the work is its own"
        )

    return refuse


def _refuse(*args: Any, _refusal: Callable[[], NoReturn], **kwargs: Any) -> Any:
    return _refusal()


def _functions_of(
    package: Iterable[ModuleType], names: Collection[str], whole: Collection[str]
) -> dict[str, Any]:
    """Return {what to call it: function} of all that have one of the names, or are in a module.

    package: the modules to look through. whole: the names of modules and folders among them.
    """
    found: dict[str, Any] = {}
    for module in package:
        own, short = vars(module), module.__name__.rpartition(".")[2]
        found |= {name: own[name] for name in names if name in own}
        if any(f"{module.__name__}.".startswith(f"{name}.") for name in whole):
            functions = [value for value in own.values() if isinstance(value, FunctionType)]
            found |= {
                f"{short}.{function.__name__}": function
                for function in functions
                if function.__module__ == module.__name__
            }
    return found


def _is_absent(error: Exception, module_name: str) -> bool:
    """Whether the module itself is not there, and not something that it imports."""
    return isinstance(error, ModuleNotFoundError) and f"{module_name}.".startswith(f"{error.name}.")


def _lacking(error: ImportError | AttributeError) -> tuple[str, str]:
    """Return the module that an exception is about, and the name that is not in it, or ""."""
    if isinstance(error, ImportError):
        found = re.match(r"cannot import name '(\w+)'", str(error))
        return error.name or "", found[1] if found else ""
    found = re.match(r"module '([\w.]+)' has no attribute '(\w+)'", str(error))
    return (found[1], found[2]) if found else ("", "")


def _misses(error: Exception, name: str) -> bool:
    """Whether a module cannot be imported because what is looked for is not in another one."""
    return isinstance(error, ImportError) and f"cannot import name {name!r}" in str(error)
