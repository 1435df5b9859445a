"""What the notebooks' texts speak of, and whether readers can see it."""

import re

import nbformat
import pytest
from this_course import COURSE

from course.figures import style

FOLDER = COURSE.folder / "notebooks"
DRAWS = re.compile(r"\bshow\(|\bLivePlot\(")
LINE_COLORS = [
    "BLACK",
    "GREY",
    "ORANGE_LINE",
    "SKY_LINE",
    "GREY_LINE",
    "GREEN",
    "BLUE",
    "VERMILION",
]


def without_a_figure(cells):
    """Return texts on what to look for with no figure in their section that a handout keeps."""
    drawn, lacking, waiting = False, [], []
    for cell in cells:
        if cell.cell_type == "markdown":
            if cell.source.startswith("## "):
                lacking += waiting
                drawn, waiting = False, []
            if "What to look for" in cell.source and not drawn:
                waiting.append(cell.source)  # it may stand right above its figure, too
        elif "reference-answer" not in cell.metadata.get("tags", []) and DRAWS.search(cell.source):
            drawn, waiting = True, []
    return lacking + waiting


def contrast_to_white(color):
    """Return the contrast ratio of WCAG 2.1 between a colour, as in #0072B2, and white."""
    shares = [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


@pytest.mark.parametrize("name", COURSE.notebooks)
def test_figures_that_the_text_speaks_of_are_in_the_handout(name):
    assert without_a_figure(nbformat.read(FOLDER / f"{name}.ipynb", as_version=4).cells) == []


@pytest.mark.parametrize(("tags", "lacking"), [([], 0), (["reference-answer"], 1)])
def test_a_figure_of_the_reference_does_not_count(tags, lacking):
    figure = nbformat.v4.new_code_cell("show(draw())", metadata={"tags": tags})
    text = nbformat.v4.new_markdown_cell("What to look for: a line.")
    assert len(without_a_figure([figure, text])) == lacking


@pytest.mark.parametrize("name", COURSE.notebooks)
def test_tables_have_a_name_for_every_column(name):
    lines = (FOLDER / "text" / f"{name}.md").read_text(encoding="utf-8").splitlines()
    rules = [at for at, line in enumerate(lines) if re.fullmatch(r"\|(\s*:?-+:?\s*\|)+", line)]
    empty = [lines[at - 1] for at in rules if re.search(r"\|\s*\|", lines[at - 1])]
    assert empty == []


@pytest.mark.parametrize("name", LINE_COLORS)
def test_lines_stand_out_from_white(name):
    assert contrast_to_white(getattr(style, name)) >= 3


def test_contrast_is_known_where_it_is_known():
    assert contrast_to_white("#000000") == pytest.approx(21)
    assert contrast_to_white("#E69F00") == pytest.approx(2.25, abs=0.01)
