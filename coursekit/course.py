"""A course, as the engine sees it: what its folder and its `course/course.toml` say.

    folder/
        course/course.toml      what the course is called and consists of
        course/exercises/       the checks, with their points and hints
        course/mistakes/        known mistakes; not in a handout
        course/examples/        small examples that show what goes wrong
        course/spellings/       right answers as others write them; not in a handout
        course/recorded/        what the reference answers
        course/templates/       templates of pages on grades that take the place of the engine's;
                                not in a handout
        notebooks/
        PACKAGE/                the package that students complete

Nothing of it has to be installed. Exercises, mistakes and examples are found: every file in their
folders is one, unless its name begins with an underscore. They are imported under names of their
own, so that several courses can be open in one process, and may import from one another by relative
names: `from ..exercises._inputs import gaps`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from .blocks import START, read_source
from .files import sha256

if TYPE_CHECKING:
    from .checks.check import Checks
    from .mutants.mistake import Mistake

T = TypeVar("T")

DESCRIPTION = "course/course.toml"
# What a handout consists of, so that what a student has changed can be told from it.
LISTING = "course/handout.json"
# What the engine notes down for itself, beside the course. Nothing in it is the student's own.
NOTES = ".coursekit"


class CourseError(Exception):
    """A folder is no course, or its description makes no sense; the message is one sentence."""


@dataclass(frozen=True)
class Course:
    """One course. The paths in it are absolute.

    Attributes
    ----------
    folder : Path
        Where the package, `course/` and `notebooks/` lie.
    name : str
        The name of the handout's folder and zip.
    title : str
        What the course is called in sentences.
    package : str
        The package that students complete.
    modules : tuple of str
        Its modules that checks look into, each before those that import from it.
    notebooks : tuple of str
        The names of the notebooks, in the order of the course.
    points : int
        What all checks give together.
    settings : dict
        The tables of the description, for the tools that they belong to.
    """

    folder: Path
    name: str
    title: str
    package: str
    modules: tuple[str, ...]
    notebooks: tuple[str, ...]
    points: int
    settings: dict[str, dict[str, Any]] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def find(cls, start: Path | str = ".") -> Course:
        """Return the course that a file or folder belongs to: the nearest one above.

        Raises CourseError if there is none, or if its description makes no sense.
        """
        start = Path(start).resolve()
        for folder in (start, *start.parents):
            if (folder / DESCRIPTION).is_file():
                return cls.read(folder)
        raise CourseError(
            f"there is no {DESCRIPTION} in {start} or a folder above it, expected the folder of a "
            "course"
        )

    @classmethod
    def read(cls, folder: Path | str) -> Course:
        """Return the course in a folder.

        Raises CourseError if there is none, or if its description makes no sense.
        """
        folder = Path(folder).resolve()
        path = folder / DESCRIPTION
        try:
            described = tomllib.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise CourseError(f"{path} cannot be read: {error.strerror or error}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise CourseError(f"{path} is no TOML: {error}") from None
        _expect_described(path, described)
        return cls(
            folder=folder,
            name=described["name"],
            title=described["title"],
            package=described["package"],
            modules=tuple(described["modules"]),
            notebooks=tuple(described["notebooks"]),
            points=described["points"],
            settings={key: table for key, table in described.items() if isinstance(table, dict)},
        )

    @property
    def room(self) -> Path:
        """The folder `course/`."""
        return self.folder / "course"

    @property
    def package_folder(self) -> Path:
        return self.folder / self.package

    @property
    def notes(self) -> Path:
        """The folder of what the engine notes down for itself."""
        return self.folder / NOTES

    @property
    def recorded(self) -> Path:
        """The folder of what the reference answers."""
        return self.room / "recorded"

    def notebook(self, name: str) -> Path:
        """Return the path of a notebook."""
        return self.folder / "notebooks" / f"{name}.ipynb"

    @cached_property
    def checks(self) -> Checks:
        """The course's checks, a `coursekit.checks.Checks`. Exercises are imported on first use."""
        from .checks.check import Check, Checks

        found = []
        for module in self._loaded("exercises"):
            found += [c for c in vars(module).values() if isinstance(c, Check) and c.is_of(module)]
        return Checks(self, found)

    @cached_property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The known mistakes, in the order of their exercises; none in a handout."""
        from .mutants.mistake import Mistake

        found = []
        for module in self._loaded("mistakes"):
            found += [m for m in getattr(module, "MISTAKES", ()) if isinstance(m, Mistake)]
        return tuple(found)

    def examples_of(self, check: str, kind: type[T]) -> list[T]:
        """Return what course/examples has for a check, of one kind: Ladder, Toggles or Steps."""
        return [found for found in self._examples.get(check, ()) if isinstance(found, kind)]

    @cached_property
    def _examples(self) -> dict[str, list[object]]:
        from .checks.examples import Ladder
        from .checks.stepwise import Steps
        from .checks.toggling import Toggles

        found: dict[str, list[object]] = {}
        for module in self._loaded("examples"):
            for value in vars(module).values():
                if isinstance(value, Ladder | Toggles | Steps):
                    found.setdefault(value.check, []).append(value)
        return found

    def lore(self, name: str) -> dict[str, Any]:
        """Return what the files of mistakes and of spellings know of blocks, by block.

        Each of them may have a dictionary of that name: `WORDS` for what stands in a block, and
        under "" for what stands in many; `SPELLINGS`, and `VALUES` that are taken for one another.
        `STEPS` are by check: functions that compute its intermediates.
        """
        found: dict[str, Any] = {}
        for module in (*self._loaded("mistakes"), *self._loaded("spellings")):
            for block, known in getattr(module, name, {}).items():
                if isinstance(known, dict):
                    found[block] = {**found.get(block, {}), **known}
                else:
                    found[block] = (*found.get(block, ()), *known)
        return found

    @property
    def examinations(self) -> tuple[Callable[..., Any], ...]:
        """What course/doctor.py has the doctor look at: functions of a course.

        They see the package by its own name.
        """
        path = self.room / "doctor.py"
        if not path.is_file():
            return ()
        if str(self.folder) not in sys.path:
            sys.path.insert(0, str(self.folder))
        spec = importlib.util.spec_from_file_location("coursekit_doctor_of_course", path)
        assert spec is not None  # for a file in Python there are both
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return tuple(module.EXAMINATIONS)

    def _loaded(self, kind: str) -> list[ModuleType]:
        """Import the files of a folder in `course/`, which is a package under a name of its own."""
        folder = self.room / kind
        if not folder.is_dir():
            return []
        digest = hashlib.sha256(str(self.room).encode("utf-8", "surrogateescape")).hexdigest()[:12]
        room = f"coursekit_course_{digest}"
        if room not in sys.modules:
            spec = ModuleSpec(room, loader=None, is_package=True)
            spec.submodule_search_locations = [str(self.room)]
            sys.modules[room] = importlib.util.module_from_spec(spec)
        names = sorted(p.stem for p in folder.glob("*.py") if not p.name.startswith("_"))
        return [importlib.import_module(f"{room}.{kind}.{name}") for name in names]

    def editable_files(self) -> list[str]:
        """Return the paths, relative to the folder, of the package's files with blocks in them.

        A file counts if one marker line of a block is left in it, so that a damaged one counts too.
        """
        found = []
        for path in self._modules():
            try:
                lines = read_source(path).splitlines()
            except (OSError, UnicodeDecodeError):
                continue
            if any(line.strip() == START for line in lines):
                found.append(path.relative_to(self.folder).as_posix())
        return found

    def notebook_files(self) -> list[str]:
        """Return the paths, relative to the folder, of the notebooks that are there."""
        paths = sorted((self.folder / "notebooks").glob("*.ipynb"))
        return [path.relative_to(self.folder).as_posix() for path in paths]

    def handed_out(self) -> dict[str, str]:
        """Return the files of the handout, {path: SHA-256}; {} where there is no list of them."""
        try:
            listed = json.loads((self.folder / LISTING).read_text(encoding="utf-8"))
            return {str(path): str(digest) for path, digest in listed["files"].items()}
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}

    def own_modules(self) -> list[str]:
        """Return the modules of the package that the handout does not have, as paths."""
        known = self.handed_out()
        modules = [path.relative_to(self.folder).as_posix() for path in self._modules()]
        return sorted(path for path in modules if known and path not in known)

    def _modules(self) -> list[Path]:
        """Return the package's files, without the copies in hidden folders of JupyterLab."""
        found = sorted(self.package_folder.rglob("*.py"))
        inside = ((path, path.relative_to(self.package_folder).parts) for path in found)
        return [path for path, parts in inside if not any(part.startswith(".") for part in parts)]


def listing(folder: Path, paths: Iterable[str], version: str) -> dict[str, Any]:
    """Return what LISTING says of a handout: the engine's version, and each file's SHA-256."""
    digests = {path: sha256(folder / path) for path in sorted(paths)}
    return {"format": 2, "engine": version, "files": digests}


def _expect_described(path: Path, described: Mapping[str, Any]) -> None:
    """Raise CourseError unless a description has what every course has."""
    words = {"name": str, "title": str, "package": str, "points": int}
    for key, kind in words.items():
        if not isinstance(described.get(key), kind):
            raise CourseError(f"{path}: {key} is {described.get(key)!r}, expected {_KINDS[kind]}")
    for key in ("modules", "notebooks"):
        names = described.get(key)
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise CourseError(f"{path}: {key} is {names!r}, expected a list of names")
    if not described["package"].isidentifier():
        raise CourseError(f"{path}: package is {described['package']!r}, expected a Python name")


_KINDS = {str: "text", int: "a whole number"}
