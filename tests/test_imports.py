"""Who may import whom."""

import ast
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parent.parent
# What requirements.txt installs: by name, with matplotlib (PIL), and with jupyterlab.
STUDENTS_HAVE = {"numpy", "scipy", "matplotlib", "tqdm", "PIL", "IPython", "certifi"}
STUDENTS_HAVE |= {"jupyter_client", "threadpoolctl"}


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


def test_the_package_imports_itself_by_relative_names_and_of_others_what_students_have():
    for name, tree in modules("cs231n").items():
        for level, module, _ in imports(tree):
            top = module.partition(".")[0]
            allowed = level > 0 or top in sys.stdlib_module_names | STUDENTS_HAVE
            assert allowed, f"{name} imports {module}"


def resolved(name, is_package, level, module, names, known):
    """Return which known modules an import statement loads."""
    base = name.split(".")
    base = base[: len(base) - level + is_package] if level else []
    target = ".".join([*base, *filter(None, [module])])
    inner = [f"{target}.{part}" for part in names if f"{target}.{part}" in known]
    return inner or ([target] if target in known else [])


@pytest.mark.parametrize("package", ["cs231n", "coursekit"])
def test_no_circles(package):
    known = modules(package)
    graph = {}
    for name, tree in known.items():
        is_package = any(other.startswith(f"{name}.") for other in known)
        graph[name] = {
            target
            for level, module, names in imports(tree, at_import_time=True)
            for target in resolved(name, is_package, level, module, names, known)
        } - {name}
    TopologicalSorter(graph).prepare()  # raises CycleError


def test_circles_are_noticed():
    known = {"a.b": "", "a.c": ""}
    assert resolved("a.b", False, 1, "", ["c"], known) == ["a.c"]
    assert resolved("a.b", False, 1, "c", ["f"], known) == ["a.c"]
    with pytest.raises(ValueError, match="cycle"):
        TopologicalSorter({"a.b": {"a.c"}, "a.c": {"a.b"}}).prepare()


NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_import_the_package_and_little_else(path):
    allowed = {"cs231n", "numpy", "matplotlib", "IPython"} | sys.stdlib_module_names
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type != "code":
            continue
        lines = [line for line in cell.source.splitlines() if not line.lstrip().startswith("%")]
        for _, module, _ in imports(ast.parse("\n".join(lines))):
            assert module.partition(".")[0] in allowed, f"{path.name} imports {module}"
