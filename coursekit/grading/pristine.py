"""The pristine package that students' files are laid over, made once and shared by all units.

Nothing here imports numpy or a check: a kernel is started as soon as its package lies there, and
gets ready while the grader imports the rest.
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

from cs231n.blocks import blank, blocks_in, read_source, write_source

from .sandbox import REFERENCE

# What outcomes and verdicts depend on, beside a submission and a seed.
_SOURCES = ("cs231n", "coursekit/grading", "coursekit/mistakes", "notebooks/text")
_WITHOUT = "coursekit/grading/reports"  # which only tell what results are


class Pristine:
    """The package as it is handed out: stubs in its blocks, and none of the recorded values.

    work: the folder that things are kept in. handout: a folder with the package `cs231n`; by
    default it is made from the reference here.
    """

    def __init__(self, work, handout=None):
        self._source = Path(handout) / "cs231n" if handout else REFERENCE
        self.key = self._key()
        self._work = Path(work).resolve() / f"kit-{self.key[:16]}"
        self._work.mkdir(parents=True, exist_ok=True)

    @cached_property
    def package(self):
        """The folder of the package."""
        return self.made("pristine", self._make) / "cs231n"

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
        return json.loads((self.package.parent / "about.json").read_text())

    def lay_over(self, submission, folder):
        """Make a package out of the pristine one and a student's files, in an empty folder.

        Returns {path: SHA-256} of the student's files that are in it.
        """
        hashes = {}
        shutil.copytree(self.package, folder, copy_function=_link, dirs_exist_ok=True)
        for path in self.editable:
            source = submission / path
            if source.is_file() and not source.is_symlink():
                content = source.read_bytes()
                (folder / path).unlink()
                (folder / path).write_bytes(content)
                (folder / path).chmod(0o644)
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
        root = REFERENCE.parent
        for folder in (self._source, *(root / name for name in _SOURCES)):
            for path in sorted(folder.rglob("*.[pm][yd]")):
                if not path.is_relative_to(root / _WITHOUT):
                    name = str(path.relative_to(folder))
                    digest.update(name.encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()

    def _make(self, folder):
        package = folder / "cs231n"
        ignored = shutil.ignore_patterns("*.npz", "__pycache__", ".*")
        shutil.copytree(self._source, package, ignore=ignored)
        paths = {path.relative_to(package).as_posix() for path in package.rglob("*.py")}
        editable = sorted(path for path in paths if blocks_in(read_source(package / path), path))
        for path in editable:
            write_source(package / path, blank(read_source(package / path)))
        for path in sorted(paths - set(editable)):
            _compile(package, path)
        for path in (package, *package.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        about = {"editable": editable, "preload": _independent(package, editable)}
        (folder / "about.json").write_text(json.dumps(about))


def _compile(package, path):
    """Compile a file to bytecode that is used as it is, whatever the dates of files."""
    py_compile.compile(
        package / path,
        dfile=f"/course/cs231n/{path}",
        doraise=True,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


def _link(source, target):
    """Copy a file in next to no time, by a second name for it where that can be had."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def _independent(package, editable):
    """Return the modules that checks need and that import none of the editable ones, by any way."""
    from cs231n.checks.course import MODULES  # which imports numpy, and is needed only here

    files = {p.relative_to(package).as_posix() for p in package.rglob("*.py")}
    imports = {path: _imported(package, path) & files for path in files}
    dependent = set(editable)
    while grown := {path for path in files - dependent if imports[path] & dependent}:
        dependent |= grown
    needed = {f"{module.replace('.', '/')}.py" for module in MODULES} & files
    while grown := set().union(*(imports[path] for path in needed)) - needed:
        needed |= grown
    names = [path.removesuffix(".py").removesuffix("/__init__") for path in needed - dependent]
    names = [name for name in names if name != "__init__"]
    return ["cs231n.checks", *sorted(f"cs231n.{name.replace('/', '.')}" for name in names)]


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
