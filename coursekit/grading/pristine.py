"""The pristine course that students' files are laid over, made once and shared by all units.

It holds the package as it is handed out, the exercises, and as much of the engine as runs checks:
no mistakes, no recorded values, and no notebooks. Nothing here imports numpy or a check: a sandbox
is started as soon as its package lies there, and gets ready while the grader imports the rest.
"""

import ast
import contextlib
import hashlib
import json
import os
import py_compile
import shutil
import sys
import tempfile
from functools import cached_property
from importlib.metadata import version
from pathlib import Path

from ..blocks import blank, blocks_in, read_source, write_source

ENGINE = Path(__file__).resolve().parents[1]
# What runs checks, of the engine and of the folder `course/`.
_ENGINE_PARTS = ("__init__.py", "blocks.py", "course.py", "files.py", "notebooks.py", "version.py",
                 "checks")  # fmt: skip
_COURSE_PARTS = ("course.toml", "exercises")
# What outcomes and verdicts depend on in the engine, beside what runs checks. What only tells
# results, grading/reports, is not among it.
_GRADING_PARTS = ("grading", "mutants")
_WITHOUT = "grading/reports"


class Pristine:
    """A course as it is handed out: stubs in its blocks, and none of the recorded values.

    Parameters
    ----------
    course : Course
    work : Path
        The folder that things are kept in.
    handout : Path, optional
        A handout to take the package from, by default the course itself.
    """

    def __init__(self, course, work, handout=None):
        self._course = course
        self._source = (Path(handout) if handout else course.folder) / course.package
        self.key = self._key()
        self._work = Path(work).resolve() / f"pristine-{self.key[:16]}"
        self._work.mkdir(parents=True, exist_ok=True)

    @cached_property
    def folder(self):
        """The folder of the course: the package and `course/` lie in it."""
        return self.made("course", self._make)

    @property
    def package(self):
        """The folder of the package."""
        return self.folder / self._course.package

    @cached_property
    def engine(self):
        """The folder that the part of the engine which runs checks lies in."""
        return self.made("engine", self._make_engine)

    @property
    def editable(self):
        """The files that students write in, as paths in the package."""
        return self._about["editable"]

    @property
    def preload(self):
        """The modules that checks need, and that neither are the student's nor import one."""
        return self._about["preload"]

    @cached_property
    def _about(self):
        return json.loads((self.folder / "about.json").read_text())

    def lay_over(self, submission, folder):
        """Make a course out of the pristine one and a student's files, in an empty folder.

        `submission` is the folder of the student's package. Returns {path in the package: SHA-256}
        of the student's files that are in it.
        """
        hashes = {}
        shutil.copytree(self.folder, folder, copy_function=_link, dirs_exist_ok=True)
        package = folder / self._course.package
        for path in self.editable:
            source = submission / path
            if source.is_file() and not source.is_symlink():
                content = source.read_bytes()
                (package / path).unlink()
                (package / path).write_bytes(content)
                (package / path).chmod(0o644)
                hashes[path] = hashlib.sha256(content).hexdigest()
        return hashes

    def made(self, name, make):
        """Return a folder, which `make` fills if it is not there yet. Several units may try."""
        folder = self._work / name
        if not folder.exists():
            aside = Path(tempfile.mkdtemp(dir=self._work))
            try:
                make(aside)
                aside.chmod(0o755)
                with contextlib.suppress(OSError):  # another unit was faster
                    aside.rename(folder)
            finally:
                shutil.rmtree(aside, ignore_errors=True)
        return folder

    def _key(self):
        digest = hashlib.sha256(f"{sys.version} {version('numpy')}".encode())
        course = self._course
        engine = [ENGINE / part for part in (*_ENGINE_PARTS, *_GRADING_PARTS)]
        texts = course.folder / "notebooks" / "text"
        for place in (self._source, course.package_folder, course.room, texts, *engine):
            paths = sorted(place.rglob("*")) if place.is_dir() else [place]
            for path in paths:
                counts = path.suffix in (".py", ".md", ".toml") and path.is_file()
                if counts and not path.is_relative_to(ENGINE / _WITHOUT):
                    name = path.relative_to(place).as_posix()
                    digest.update(name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()

    def _make(self, folder):
        package = folder / self._course.package
        ignored = shutil.ignore_patterns("*.npz", "__pycache__", ".*")
        shutil.copytree(self._source, package, ignore=ignored)
        for part in _COURSE_PARTS:
            _copy(self._course.room / part, folder / "course" / part)
        paths = {path.relative_to(package).as_posix() for path in package.rglob("*.py")}
        editable = sorted(path for path in paths if blocks_in(read_source(package / path), path))
        for path in editable:
            write_source(package / path, blank(read_source(package / path)))
        for module in self._course.settings.get("grading", {}).get("closed", ()):
            path = package / f"{module.replace('.', '/')}.py"
            write_source(path, _closed(read_source(path)))
        finished = [package / path for path in sorted(paths - set(editable))]
        for path in (*finished, *(folder / "course").rglob("*.py")):
            _compile(path, Path("/course") / path.relative_to(folder))
        modules = _independent(self._course, package, editable)
        about = {"editable": editable, "preload": modules}
        (folder / "about.json").write_text(json.dumps(about))
        open_to_all(folder)

    def _make_engine(self, folder):
        for part in _ENGINE_PARTS:
            _copy(ENGINE / part, folder / "coursekit" / part)
        for path in folder.rglob("*.py"):
            _compile(path, Path("/engine") / path.relative_to(folder))
        open_to_all(folder)


def _closed(source):
    """Return a module whose functions can be imported, and refuse to be called."""
    tree = ast.parse(source)
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            said = f"{node.name} compares answers and is none: a block cannot call it in grading."
            node.body = ast.parse(f"raise RuntimeError({said!r})").body
    return ast.unparse(tree) + "\n"


def _copy(source, target):
    """Copy a file or a folder of sources."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    else:
        shutil.copyfile(source, target)


def open_to_all(folder):
    """Let every user read what is in a folder."""
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


def _compile(path, name):
    """Compile a file to bytecode that is used as it is, whatever the dates of files."""
    py_compile.compile(
        path,
        dfile=str(name),
        doraise=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def _link(source, target):
    """Copy a file in next to no time, by a second name for it where that can be had."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _independent(course, package, editable):
    """Return the modules that checks need and that import none of the editable ones, by any way."""
    files = {p.relative_to(package).as_posix() for p in package.rglob("*.py")}
    imports = {path: _imported(package, path) & files for path in files}
    dependent = set(editable)
    while grown := {path for path in files - dependent if imports[path] & dependent}:
        dependent |= grown
    needed = {f"{module.replace('.', '/')}.py" for module in course.modules} & files
    while grown := set().union(*(imports[path] for path in needed)) - needed:
        needed |= grown
    names = [path.removesuffix(".py").removesuffix("/__init__") for path in needed - dependent]
    return sorted(f"{course.package}.{n.replace('/', '.')}" for n in names if n != "__init__")


def _imported(package, path):
    """Return the files of the package that a file of it may import."""
    found = set()
    for node in ast.walk(ast.parse(read_source(package / path))):
        if isinstance(node, ast.ImportFrom) and node.level:
            folder = Path(path).parents[node.level - 1]
            module = folder / Path(*(node.module or "").split("."))
            for place in (module, *(module / alias.name for alias in node.names)):
                found |= {f"{place}.py", f"{place}/__init__.py"}
    return {Path(file).as_posix() for file in found}
