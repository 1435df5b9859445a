"""Sections of the notebooks: each can be run after the set-up alone, as after a restart."""

import builtins
import dis
import importlib

import nbformat
import pytest
from this_course import COURSE

SETUP = "## Set-up"
NAMES = list(COURSE.notebooks)


def sections(cells):
    """Return the code of each section, by its heading: a list with a source for each cell."""
    found, heading = {}, ""
    for cell in cells:
        if cell.cell_type == "markdown" and cell.source.startswith("## "):
            heading = cell.source.splitlines()[0]
            assert heading not in found, f"two sections are called {heading!r}"
            found[heading] = []
        elif cell.cell_type == "code":
            lines = cell.source.splitlines()
            found.setdefault(heading, []).append(
                "\n".join(line for line in lines if not line.startswith("%"))
            )
    return found


def missing(sources, known):
    """Return the names that the code needs, and neither has nor is given, and those it binds."""
    bound, needed, later = set(), set(), set()
    for source in sources:
        waiting = [compile(source, "a cell", "exec")]
        outermost = waiting[0]
        while waiting:
            code = waiting.pop()
            waiting += [part for part in code.co_consts if hasattr(part, "co_code")]
            for step in dis.get_instructions(code):
                if "IMPORT_STAR" in step.opname + step.argrepr:
                    line = source.splitlines()[step.positions.lineno - 1]
                    module = line.split()[1]  # from MODULE import *
                    bound |= set(importlib.import_module(module).__all__)
                elif step.opname.startswith("STORE_NAME"):
                    bound.add(step.argval)
                elif step.opname.startswith(("LOAD_NAME", "LOAD_GLOBAL")):
                    # What a function needs is there when it is called, which may be later.
                    where = needed if code is outermost and step.argval not in bound else later
                    where.add(step.argval)
    needed |= later - bound
    return needed - known - set(dir(builtins)), bound


@pytest.fixture(params=NAMES)
def found(request):
    path = COURSE.folder / "notebooks" / f"{request.param}.ipynb"
    return sections(nbformat.read(path, as_version=4).cells)


def test_each_section_stands_alone(found):
    unmet, known = missing(found[SETUP], set())
    assert not unmet
    lacking = {heading: missing(sources, known)[0] for heading, sources in found.items()}
    assert {heading: names for heading, names in lacking.items() if names} == {}


@pytest.mark.parametrize(
    ("sources", "expected"),
    [
        (["x = 1\nprint(x)"], set()),
        (["print(x)\nx = 1"], {"x"}),
        (["print(x)"], {"x"}),
        (["def f():\n    return x"], {"x"}),
        (["def f():\n    return x", "x = 1\nf()"], set()),
        (["[n for n in range(3) if n > m]"], {"m"}),
        (["from course.lab import *", "compare(pace)"], set()),
        (["import numpy as np\nnp.zeros(3)"], set()),
        (["given + 1"], set()),
    ],
)
def test_what_is_missing_is_found(sources, expected):
    assert missing(sources, {"given"})[0] == expected


def test_sections_are_told_apart_by_their_headings():
    cells = [
        nbformat.v4.new_markdown_cell("## One\n\nWords."),
        nbformat.v4.new_code_cell("%autoreload 2\nx = 1"),
        nbformat.v4.new_markdown_cell("More words."),
        nbformat.v4.new_code_cell("x"),
        nbformat.v4.new_markdown_cell("## Two"),
    ]
    assert sections(cells) == {"## One": ["x = 1", "x"], "## Two": []}
