"""What is imported is declared, with a reason, and the core of the engine needs numpy alone."""

import ast
import itertools
import re
import subprocess
import sys
import tomllib

import pytest
from this_course import COURSE

ROOT = COURSE.folder
FOLDERS = ("benchmarks", "course", "coursekit", "cs231n", "tests")
LISTS = ("requirements.txt", "requirements-staff.txt")
# What a module comes in, where that is called otherwise.
DISTRIBUTIONS = {"PIL": "pillow", "yaml": "pyyaml"}
# What works without, and says so where it would be used.
OPTIONAL = {"torch", "xdist"}
# Packages of the engine that extras are for.
WITH_EXTRAS = ("coursekit.authoring", "coursekit.grading", "coursekit.nbval")

_NAME = re.compile(r"[A-Za-z0-9._-]+")
_SKIPS = re.compile(r'importorskip\("(\w+)')
_REASON = re.compile(r"\s+# \S")


def imported_in(source):
    """Return the top-level modules that a source imports, whenever it does."""
    found = set(_SKIPS.findall(source))
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def foreign(folder):
    """Return what the sources of a folder import of other projects, {module: a file of it}."""
    own = {*FOLDERS, *(path.stem for path in (ROOT / "tests").glob("*.py"))}
    found = {}
    for path in sorted((ROOT / folder).rglob("*.py")):
        for module in imported_in(path.read_text(encoding="utf-8")):
            if module not in own | sys.stdlib_module_names:
                found[module] = path.relative_to(ROOT).as_posix()
    return found


def name_of(requirement):
    return _NAME.match(requirement)[0].lower().replace("_", "-")


def requirements():
    """Return the lines that name a package in the lists of requirements."""
    lines = [line for name in LISTS for line in (ROOT / name).read_text("utf-8").splitlines()]
    return [line for line in lines if line and not line.startswith(("#", "-r"))]


def project():
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def of_the_engine():
    """Return what the engine requires, by itself and with its extras."""
    extras = project()["optional-dependencies"].values()
    return [*project()["dependencies"], *itertools.chain.from_iterable(extras)]


def declared():
    listed = [line for line in requirements() if not line.startswith("-e")]
    return set(map(name_of, [*of_the_engine(), *listed]))


@pytest.mark.parametrize("folder", FOLDERS)
def test_what_is_imported_is_declared(folder):
    found = foreign(folder)
    assert "numpy" in found
    known = declared() | OPTIONAL
    missing = {
        m: path for m, path in found.items() if name_of(DISTRIBUTIONS.get(m, m)) not in known
    }
    assert not missing


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("import os.path, numpy as np", {"os", "numpy"}),
        ("def f():\n    from scipy.signal import convolve2d", {"scipy"}),
        ("from . import files\nfrom ..checks import check", set()),
        ('pytest.importorskip("torch", reason="no")', {"torch"}),
    ],
)
def test_imports_are_found_wherever_they_stand(source, expected):
    assert imported_in(source) == expected


def test_what_the_engine_imports_is_declared_by_the_engine_itself():
    """A wheel is installed without the lists of requirements of this repository."""
    found = {name_of(DISTRIBUTIONS.get(module, module)) for module in foreign("coursekit")}
    assert found - OPTIONAL <= set(map(name_of, of_the_engine()))


def test_every_requirement_has_its_reason():
    lines = requirements()
    assert len(lines) > 10
    assert [line for line in lines if not _REASON.search(line)] == []


def test_every_dependency_and_every_extra_of_the_engine_has_its_reason():
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8").splitlines()
    explained = {line.split('"')[1] for line in lines if re.match(r'    ".*",\s+# \S', line)}
    assert set(of_the_engine()) <= explained
    for extra in project()["optional-dependencies"]:
        assert lines[lines.index(f"{extra} = [") - 1].startswith("# ")


def core():
    """Return the modules of the engine that come without extras."""
    paths = sorted((ROOT / "coursekit").rglob("*.py"))
    names = [".".join(path.relative_to(ROOT).with_suffix("").parts) for path in paths]
    names = [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]
    return [name for name in names if not name.startswith(WITH_EXTRAS)]


def test_the_core_is_imported_with_numpy_alone(tmp_path):
    names = core()
    assert {"coursekit.cli", "coursekit.checks.check", "coursekit.student.update"} <= set(names)
    code = """
import importlib, sys
class OnlyNumpy:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] not in sys.stdlib_module_names | {"coursekit", "numpy"}:
            raise ModuleNotFoundError(f"{name} is imported", name=name)
sys.meta_path.insert(0, OnlyNumpy())
for name in sys.argv[1:]:
    importlib.import_module(name)
assert {"tqdm", "IPython", "pytest"}.isdisjoint(sys.modules)
"""
    command = [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r})\n{code}"]
    done = subprocess.run([*command, *names], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
