"""The committed notebooks: what they are built from, what they hold, and what they must not."""

import base64
import io
import re
import statistics
from html.parser import HTMLParser
from itertools import pairwise

import nbformat
import numpy as np
import pytest
from PIL import Image
from this_course import COURSE, check

from coursekit.authoring import notebooks

FOLDER = COURSE.folder / "notebooks"
NAMES = [name for name in notebooks.names(FOLDER) if (FOLDER / f"{name}.ipynb").exists()]


@pytest.fixture(params=NAMES)
def name(request):
    return request.param


@pytest.fixture
def cells(name):
    return nbformat.read(FOLDER / f"{name}.ipynb", as_version=4).cells


def tags(cell):
    return cell.metadata.get("tags", [])


def outputs(cells):
    return [(cell, output) for cell in cells for output in cell.get("outputs", [])]


def pictures(cells):
    return [
        (cell, output) for cell, output in outputs(cells) if "image/png" in output.get("data", {})
    ]


class AlternativeTexts(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.found = []
        self.feed(html)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.found.append(dict(attributes).get("alt"))


def test_there_are_notebooks():
    assert sorted(NAMES) == sorted(COURSE.notebooks)


def test_every_notebook_has_its_text():
    built = {path.stem for path in FOLDER.glob("*.ipynb")}
    assert built <= set(notebooks.names(FOLDER))


def test_text_and_notebook_agree(name):
    notebooks.expect_agreement(name, FOLDER)


def test_it_has_run_and_is_fit_for_everybody(name):
    notebook = nbformat.read(FOLDER / f"{name}.ipynb", as_version=4)
    notebooks.expect_presentable(notebook, name, FOLDER)


def test_it_ran_on_the_real_data_at_full_size(cells):
    printed = "".join(output.get("text", "") for _, output in outputs(cells))
    shown = "".join(output.data.get("text/plain", "") for _, output in pictures(cells))
    assert "CIFAR-10, 49000 training" in printed
    assert "stand-in" not in printed + shown
    assert "quick mode" not in printed + shown


def test_every_figure_has_an_alternative_text(cells):
    assert pictures(cells)
    for _, output in pictures(cells):
        (alt,) = AlternativeTexts(output.data["text/html"]).found
        assert len(alt) > 40
        assert output.data["text/plain"] == alt
        assert output.metadata["image/png"]["alt"] == alt


def test_figures_are_drawn_on_white(cells):
    for _, output in pictures(cells):
        picture = Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))).convert("RGB")
        edge = np.asarray(picture)[[0, -1]]
        assert (edge == 255).all()


def test_no_figure_is_made_of_images_of_the_data_set(cells):
    """An experiment may train on them; what is drawn in the same cell is not made of them."""
    for cell, _ in pictures(cells):
        drawn = " ".join(line for line in cell.source.splitlines() if "draw_" in line)
        drawn = re.sub(r'"[^"]*"', '""', drawn)  # a title may speak of images
        assert not re.search(r"data\[|X_train|X_val|X_test|images", drawn)


def test_nothing_is_shown_but_by_show(cells):
    """Pictures that take another way have no alternative text."""
    for cell in cells:
        if cell.cell_type == "code":
            assert not re.search(r"\bplt\b|imshow|display\(", cell.source)


def test_check_cells_are_the_checks_of_the_notebook(name, cells):
    asked = [cell for cell in cells if "check" in tags(cell)]
    wanted = [each.name for each in check.with_optional if each.notebook == name]
    assert sorted(cell.source for cell in asked) == sorted(f"check.{each}()" for each in wanted)
    for cell in asked:
        assert cell.id == f"check-{cell.source[6:-2]}"
        assert "nbval-check-output" in tags(cell)
        assert cell.outputs[0].data["text/plain"].startswith("passed: ")


def test_no_check_hides_in_another_cell(cells):
    for cell in cells:
        if cell.cell_type == "code" and "check" not in tags(cell):
            calls = set(re.findall(r"\bcheck\.(\w+)\(", cell.source))
            assert calls <= {"of_notebook", "points", "needs"}


def test_each_answer_follows_a_question_or_a_task(cells):
    for cell, following in pairwise(cells):
        if "inline-question" in tags(cell):
            assert "reference-answer" in tags(following)
        elif "reference-answer" in tags(following) and "reference-answer" not in tags(cell):
            assert "**Your turn:**" in cell.source or "None  # your" in cell.source


def test_cells_are_short(cells):
    lengths = [len(cell.source.splitlines()) for cell in cells if cell.cell_type == "code"]
    assert statistics.median(lengths) <= 5


def test_no_outputs_are_left_that_a_bar_or_a_widget_made(cells):
    for _, output in outputs(cells):
        assert "application/vnd.jupyter.widget-view+json" not in output.get("data", {})
        assert "\r" not in output.get("text", "")
        assert "it/s" not in output.get("text", "")
