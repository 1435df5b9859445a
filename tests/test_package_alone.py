"""The package works where nothing else of this repository is."""

import ast
import fnmatch
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from test_imports import imports, resolved

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "cs231n"
# What is in the package's folder and belongs to the course around it. Everything else there, also
# what is added one day, is the package that students complete.
AROUND_IT = """
    checks doctor submit update blocks.py notebooks.py workspace.py lab.py pictures.py expected*.py
    plots*.py __pycache__
""".split()
LIBRARIES = {"numpy", "scipy", "matplotlib", "tqdm", "threadpoolctl"}
# JupyterLab brings these. A module may import them where it needs them, and not at its top.
IF_THERE = {"IPython", "certifi"}
# What a student sees in the package: the course's own modules, and one folder of ours.
LISTING = """
    __init__.py _internal classifiers data_utils.py extra.py fast_layers.py gradient_check.py
    im2col.py layer_utils.py layers.py optim.py solver.py vis_utils.py
""".split()


@pytest.fixture
def alone(tmp_path):
    """A folder with a copy of the package in it."""

    def around_it(folder, names):
        patterns = AROUND_IT if Path(folder) == PACKAGE else ["__pycache__"]
        return [name for name in names if any(fnmatch.fnmatch(name, one) for one in patterns)]

    shutil.copytree(PACKAGE, tmp_path / "cs231n", ignore=around_it)
    return tmp_path


def run(folder, *arguments):
    """Run Python in a folder, with nothing of this repository on its path."""
    paths = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    paths = [path for path in paths if path and not (Path(path) / "cs231n").exists()]
    return subprocess.run(
        [sys.executable, "-s", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
        capture_output=True,
        text=True,
    )


def test_it_is_what_the_course_has(alone):
    assert sorted(path.name for path in (alone / "cs231n").iterdir()) == LISTING


def test_all_of_it_works_alone(alone):
    for name in ("tour_of_the_package.py", "small_cifar10.py"):
        shutil.copy(ROOT / "tests" / name, alone)
    outcome = run(alone, "tour_of_the_package.py")
    assert outcome.returncode == 0, outcome.stderr
    lines = outcome.stdout.splitlines()
    assert "Data: CIFAR-10, 60 training, 20 validation and 10 test images." in lines
    assert "trained ThreeLayerConvNet" in lines
    imported = lines[-1].split()
    assert imported[0] == "imports"
    assert set(imported[1:]) <= LIBRARIES | IF_THERE


def test_its_commands_work_alone(alone, monkeypatch):
    monkeypatch.delenv("CS231N_DATA", raising=False)
    outcome = run(alone, "-m", "cs231n.data_utils", "status")
    assert outcome.returncode == 0, outcome.stderr
    assert f"not in {alone / 'datasets' / 'cifar-10-batches-py'}" in outcome.stdout


def strays(folder):
    """List the imports in a folder's package that lead out of it, to anything but libraries."""
    known = {}
    for path in sorted((folder / "cs231n").rglob("*.py")):
        parts = path.relative_to(folder).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        known[".".join(parts[:-1] if is_package else parts)] = (is_package, path)
    found = []
    for name, (is_package, path) in known.items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        at_the_top = list(imports(tree, at_import_time=True))
        for one in imports(tree):
            allowed = LIBRARIES if one in at_the_top else LIBRARIES | IF_THERE
            if not _is_fine(name, is_package, one, known, allowed):
                found.append(f"{name}: {'.' * one[0]}{one[1]} {' '.join(one[2])}".rstrip())
    return found


def _is_fine(name, is_package, one, known, allowed):
    level, module, names = one
    if level == 0:
        return module.partition(".")[0] in sys.stdlib_module_names | allowed
    return bool(resolved(name, is_package, level, module, names, known))


def test_it_imports_itself_by_relative_names_and_a_few_libraries(alone):
    assert strays(alone) == []


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("layers", "import coursekit"),
        ("layers", "from course import check"),
        ("solver", "import requests.sessions"),
        ("solver", "import certifi"),
        ("_internal.years", "import cs231n.layers"),
        ("_internal.years", "from ...coursekit import packages"),
        ("_internal.fast.runs", "from ...checks import check"),
        ("classifiers.cnn", "from ..missing import name"),
    ],
)
def test_a_stray_import_is_noticed(alone, module, line):
    path = alone.joinpath("cs231n", *module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    (found,) = strays(alone)
    assert found.startswith(f"cs231n.{module}: ")


@pytest.mark.parametrize("line", ["import pytest", "from test_imports import imports"])
def test_the_tour_notices_it_too(alone, line):
    for name in ("tour_of_the_package.py", "small_cifar10.py"):
        shutil.copy(ROOT / "tests" / name, alone)
    with (alone / "cs231n" / "im2col.py").open("a") as file:
        file.write(f"\n{line}\n")
    outcome = run(alone, "tour_of_the_package.py")
    last = outcome.stdout.splitlines()[-1:]
    assert outcome.returncode != 0 or not set(last[0].split()[1:]) <= LIBRARIES | IF_THERE
