"""Who may import whom: three rooms, with one direction between them."""

import ast
import re
import sys
from graphlib import CycleError, TopologicalSorter

import nbformat
import pytest
from this_course import COURSE

from coursekit.blocks import blocks_of

ROOT = COURSE.folder
# What requirements.txt installs: by name, with matplotlib (PIL), and with jupyterlab (the others).
STUDENTS_HAVE = {"numpy", "scipy", "matplotlib", "threadpoolctl", "tqdm", "PIL", "IPython"}
STUDENTS_HAVE |= {"jupyter_client", "certifi"}

# What a room, or a part of one, may import beyond Python's own library; modules below it count with
# it. Inside a room, imports are relative.
ALLOWED = {
    "cs231n": STUDENTS_HAVE,
    "course": STUDENTS_HAVE | {"cs231n", "coursekit.checks", "coursekit.student"},
    "course.mistakes": {"coursekit.mutants"},
    # What the extras of its wheel install: authoring, grading and dask.
    "coursekit": STUDENTS_HAVE
    | {
        "dask",
        "jinja2",
        "jupytext",
        "markupsafe",
        "nbclient",
        "nbformat",
        "nbval",
        "packaging",
        "pytest",
    }
    | {"xdist", "yaml"},
    # A program that is started by its path, where no relative import finds anything.
    "coursekit.grading.inside.runner": {"coursekit"},
    "notebooks": {"course", "cs231n", "numpy", "matplotlib", "IPython"},
}
ROOMS = ("cs231n", "course", "coursekit")


def modules(package):
    """Return the modules of a package: dotted name to parsed source."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): ast.parse(
            path.read_text(encoding="utf-8")
        )
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def imports(tree, at_import_time=False):
    """Yield (level, module, names) of each import statement."""
    nodes = tree.body if at_import_time else ast.walk(tree)
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield 0, alias.name, ()
        elif isinstance(node, ast.ImportFrom):
            yield node.level, node.module or "", tuple(alias.name for alias in node.names)


def forbidden(tree, allowed):
    """Return the modules that a source imports and may not; relative imports are all right."""
    found = []
    for level, module, names in imports(tree):
        # `from coursekit import checks` imports coursekit.checks.
        for target in (module, *(f"{module}.{name}" for name in names)):
            if level or with_parents(target) & (allowed | sys.stdlib_module_names):
                break
        else:
            found.append(module)
    return found


def allowed_in(name):
    """Return what a module may import, given its dotted name: what all that it is part of may."""
    return set().union(*(ALLOWED.get(part, ()) for part in with_parents(name)))


def with_parents(name):
    """Return a dotted name with those of the packages above it."""
    parts = name.split(".")
    return {".".join(parts[:length]) for length in range(1, len(parts) + 1)}


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_imports_what_it_may(room):
    found = modules(room)
    assert len(found) > 10
    wrong = {name: forbidden(tree, allowed_in(name)) for name, tree in found.items()}
    assert not any(wrong.values()), {name: said for name, said in wrong.items() if said}


@pytest.mark.parametrize(
    ("module", "statement", "wrong"),
    [
        ("cs231n.layers", "import numpy as np, os.path", []),
        ("cs231n.layers", "from .optim import adam", []),
        ("cs231n.layers", "from cs231n.optim import adam", ["cs231n.optim"]),
        ("cs231n.layers", "def f():\n    from course import check", ["course"]),
        ("cs231n.layers", "from coursekit import checks", ["coursekit"]),
        ("cs231n.layers", "import nbformat", ["nbformat"]),
        ("course.lab", "from cs231n.layers import *", []),
        ("course.lab", "import coursekit.student.doctor", []),
        ("course.lab", "from coursekit import checks", []),
        ("course.lab", "from coursekit.checks.check import Check", []),
        ("course.lab", "from coursekit.checksums import x", ["coursekit.checksums"]),
        ("course.lab", "from coursekit.mutants import mistake", ["coursekit.mutants"]),
        ("course.lab", "from course.expected import x", ["course.expected"]),
        ("course.mistakes.relu", "from coursekit.mutants import mistake", []),
        ("course.mistakes.relu", "import coursekit.grading", ["coursekit.grading"]),
        ("coursekit.cli", "from . import checks", []),
        ("coursekit.cli", "import coursekit.checks", ["coursekit.checks"]),
        ("coursekit.grading.inside", "import coursekit", ["coursekit"]),
        ("coursekit.grading.inside.runner", "from coursekit.course import Course", []),
        ("coursekit.cli", "from cs231n.layers import relu_forward", ["cs231n.layers"]),
        ("coursekit.cli", "import course", ["course"]),
        ("coursekit.cli", "import torch", ["torch"]),
    ],
)
def test_a_wrong_import_is_noticed(module, statement, wrong):
    assert forbidden(ast.parse(statement), allowed_in(module)) == wrong


def test_only_mistakes_import_what_plants_them():
    """A handout comes without them, and needs nothing of it."""
    importers = {
        name
        for name, tree in modules("course").items()
        for _, module, _ in imports(tree)
        if module.startswith("coursekit.mutants")
    }
    assert importers
    assert all(name.startswith("course.mistakes.") for name in importers)


# Circles


def resolved(name, is_package, level, module, names, known):
    """Return which known modules an import statement loads."""
    base = name.split(".")
    base = base[: len(base) - level + is_package] if level else []
    target = ".".join([*base, *filter(None, [module])])
    inner = [f"{target}.{part}" for part in names if f"{target}.{part}" in known]
    return inner or ([target] if target in known else [])


def imported_by(known):
    """Return the graph of what modules, {name: source}, load when they are imported."""
    graph = {}
    for name, tree in known.items():
        is_package = any(other.startswith(f"{name}.") for other in known)
        graph[name] = {
            target
            for level, module, names in imports(tree, at_import_time=True)
            for target in resolved(name, is_package, level, module, names, known)
        } - {name}
    return graph


@pytest.mark.parametrize("room", ROOMS)
def test_no_circles(room):
    graph = imported_by(modules(room))
    assert any(graph.values())
    TopologicalSorter(graph).prepare()  # raises CycleError


def test_circles_are_noticed():
    known = {"a.b": "", "a.c": ""}
    assert resolved("a.b", False, 1, "", ["c"], known) == ["a.c"]
    assert resolved("a.b", False, 1, "c", ["f"], known) == ["a.c"]
    sources = {"a.b": "from . import c", "a.c": "from .b import f"}
    graph = imported_by({name: ast.parse(source) for name, source in sources.items()})
    assert graph == {"a.b": {"a.c"}, "a.c": {"a.b"}}
    with pytest.raises(CycleError):
        TopologicalSorter(graph).prepare()


# What the engine knows of this course


def functions_and_classes():
    """Return what students fill in here: the functions, and the classes with methods."""
    blocks = [block.name.partition(":")[0] for block in blocks_of(COURSE.package_folder)]
    names = {name.partition(".")[0] for name in blocks}
    assert {"affine_forward", "adam", "TwoLayerNet"} <= names
    return names


def spoken_of(text):
    """Return what a text says of this course: its package, or what students fill in there.

    The package counts wherever it stands, and the others as whole words, in whatever case.
    """
    words = "|".join(map(re.escape, functions_and_classes()))
    return sorted(set(re.findall(rf"(?i){COURSE.package}|\b(?:{words})\b", text)))


def test_the_engine_names_nothing_of_this_course():
    paths = [path for path in sorted((ROOT / "coursekit").rglob("*")) if path.is_file()]
    texts = [path for path in paths if path.suffix != ".pyc"]
    said = {path: spoken_of(path.read_text(encoding="utf-8")) for path in texts}
    assert {path: names for path, names in said.items() if names} == {}
    assert {"run_autograder", "cli.py"} <= {path.name for path in texts}


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("as in `check.relu_forward()`, of CS231n", ["CS231n", "relu_forward"]),
        ('environ["CS231N_QUICK"]', ["CS231N"]),
        ('"TwoLayerNet.loss:scores"', ["TwoLayerNet"]),
        ("madam, a relu_forwarding TwoLayerNets", []),
    ],
)
def test_a_name_of_this_course_is_noticed(text, names):
    assert spoken_of(text) == names


# Notebooks


NOTEBOOKS = [COURSE.notebook(name) for name in COURSE.notebooks]


def code_of(path):
    """Return the code of a notebook, parsed, without what is IPython's and not Python's."""
    cells = nbformat.read(path, as_version=4).cells
    lines = "\n".join(cell.source for cell in cells if cell.cell_type == "code").splitlines()
    return ast.parse("\n".join(line for line in lines if not line.lstrip().startswith("%")))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_import_the_package_the_course_and_little_else(path):
    tree = code_of(path)
    assert forbidden(tree, ALLOWED["notebooks"]) == []
    assert {"course", "numpy"} <= {module for _, module, _ in imports(tree)}


def test_what_a_notebook_may_not_import_is_noticed():
    for statement in ("import coursekit", "from coursekit.checks import check", "import scipy"):
        assert forbidden(ast.parse(statement), ALLOWED["notebooks"])
