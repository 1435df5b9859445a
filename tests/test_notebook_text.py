"""What the notebooks say: figures that a handout has, asserts that speak, folds, plain English."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from this_course import COURSE

from coursekit.authoring import notebooks
from coursekit.authoring.handout import student_notebook

FOLDER = COURSE.folder / "notebooks"
PAGES = [
    "README.md",
    "handout/README.md",
    *(f"notebooks/text/{name}.md" for name in COURSE.notebooks),
]
FIGURES = sorted((COURSE.folder / "course" / "figures").glob("*.py"))

# What a reader stumbles over, with what to write.
WORDS = {
    r"(?<!standard )\bdeviations?\b": "standard deviation",
    r"\bby heart\b": "memorise",
    r"\bnumbers to learn\b": "parameters",
    r"\bAt last\b": "Finally",
    r"\bon the way (up|back)\b|\b(the )?way (up|back)\b": "forward pass, backward pass",
    r"\bheaps?\b": "histogram",
    r"\bUsual (is|are)\b": "... are usual",
    r"\bcome off worst\b|\bexamples of above\b|\bmend it\b": "other words",
    r"\bHe's weights\b": "He initialisation",
}


@pytest.fixture(params=COURSE.notebooks)
def name(request):
    return request.param


@pytest.fixture
def written(name):
    return notebooks.read_text(name, FOLDER).cells


@pytest.fixture
def handed_out(name):
    return student_notebook(notebooks.read_text(name, FOLDER)).cells


def shows(cell):
    return bool(re.search(r"\bshow\(|LivePlot\(", cell.source))


def unseen_figures(cells):
    """Return the sentences "What to look for" that have no figure.

    It stands before the sentence, in the same section and after the last such sentence, or in the
    very next cell of code.
    """
    found, drawn = [], False
    for place, cell in enumerate(cells):
        if cell.cell_type == "code":
            drawn = drawn or shows(cell)
        elif cell.source.startswith("## "):
            drawn = False
        if cell.cell_type == "markdown" and (said := re.search("What to look for.*", cell.source)):
            following = (each for each in cells[place:] if each.cell_type == "code")
            if not drawn and not shows(next(following, cell)):
                found.append(said.group())
            drawn = False
    return found


def speechless(source):
    """Return the asserts of a cell that have no message."""
    lines = [line for line in source.splitlines() if not line.startswith(("%", "!"))]
    steps = ast.walk(ast.parse("\n".join(lines)))
    return [ast.unparse(step) for step in steps if isinstance(step, ast.Assert) and not step.msg]


def empty_headers(text):
    """Return the header lines of tables that have a cell with nothing in it."""
    pairs = zip(text.splitlines(), text.splitlines()[1:], strict=False)
    return [
        line
        for line, below in pairs
        if re.fullmatch(r"\|( *:?-+:? *\|)+", below.strip())
        and any(not cell.strip() for cell in line.strip().strip("|").split("|"))
    ]


def stumbles(text):
    text = " ".join(text.split())  # a line may end within a term
    return [word.group() for pattern in WORDS for word in re.finditer(pattern, text)]


def test_figures_that_the_text_speaks_of_are_in_the_handout(handed_out):
    assert unseen_figures(handed_out) == []


def test_asserts_say_what_was_expected(written):
    # A check that hunts bugs has no reader to tell anything.
    found = [
        speechless(cell.source)
        for cell in written
        if cell.cell_type == "code" and "def my_check(" not in cell.source
    ]
    assert [each for each in found if each] == []


def test_a_question_is_followed_by_its_answer_and_by_criteria(written):
    for place, cell in enumerate(written):
        if "inline-question" in cell.metadata.get("tags", []):
            answer, criteria = written[place + 1 : place + 3]
            assert "reference-answer" in answer.metadata.get("tags", [])
            assert "what a good answer contains</summary>" in criteria.source, cell.source[:60]


def test_a_handout_has_criteria_and_no_answer(handed_out):
    said = "\n".join(cell.source for cell in handed_out)
    questions = [c for c in handed_out if "inline-question" in c.metadata.get("tags", [])]
    assert said.count("what a good answer contains</summary>") == len(questions) > 0
    assert "**Answer.**" not in said


def test_each_task_has_its_difficulty_and_minutes(written):
    for cell in written:
        for task in re.findall(
            r"\*\*Your turn:\*\*(.*?)(?=\*\*Your turn|\Z)", cell.source, re.DOTALL
        ):
            assert re.search(r"\*Difficulty [1-5] of 5, [^*]*minutes?\b[^*]*\*", task), task[:80]


def test_folds_are_closed(written):
    for cell in written:
        opened = re.findall(r"</?details>", cell.source)
        assert opened == ["<details>", "</details>"] * (len(opened) // 2)
        assert cell.source.count("<summary>") == cell.source.count("</summary>") == len(opened) // 2


@pytest.mark.parametrize("page", PAGES)
def test_tables_have_headers(page):
    assert empty_headers((COURSE.folder / page).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("page", PAGES)
def test_words_are_plain(page):
    assert stumbles((COURSE.folder / page).read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_words_of_figures_are_plain(path):
    steps = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    strings = [s.value for s in steps if isinstance(s, ast.Constant) and isinstance(s.value, str)]
    assert stumbles("\n".join(strings)) == []


def fixed_labels(source):
    """Return the descriptions of figures that are the same whatever is drawn."""
    calls = [step for step in ast.walk(ast.parse(source)) if isinstance(step, ast.Call)]
    labels = [call.args[0] for call in calls if getattr(call.func, "attr", "") == "set_label"]
    return [ast.unparse(label) for label in labels if isinstance(label, ast.Constant)]


@pytest.mark.parametrize("path", FIGURES, ids=lambda path: path.stem)
def test_alternative_texts_are_built_from_what_is_drawn(path):
    assert fixed_labels(path.read_text(encoding="utf-8")) == []


def test_the_test_images_are_no_pass_mark(written):
    for cell in written:
        if cell.cell_type == "code" and "X_test" in cell.source:
            assert not re.search(r"\bassert\b|\bclaim\(", cell.source)


# That the tests above can fail


def code(source):
    return nbformat.v4.new_code_cell(source)


def prose(source):
    return nbformat.v4.new_markdown_cell(source)


def test_a_figure_that_is_missing_is_missed():
    look, show, head = prose("What to look for: it rises."), code("show(x)"), prose("## Next")
    other = code("x = 1")
    assert unseen_figures([head, show, look]) == []
    assert unseen_figures([head, show, head, look]) == ["What to look for: it rises."]
    assert len(unseen_figures([head, show, look, look])) == 1
    assert unseen_figures([head, look, show]) == []
    assert len(unseen_figures([head, look, other, show])) == 1


def test_asserts_without_a_message_are_found():
    assert speechless("%autoreload 2\nassert x > 1\nassert y, 'y is 0'") == ["assert x > 1"]


def test_empty_headers_are_found():
    assert empty_headers("| | a |\n| --- | :-- |\n| b | |") == ["| | a |"]
    assert empty_headers("| c | a |\n| --- | ---: |\n| | |") == []


def test_odd_words_are_found():
    assert stumbles("The deviation of a heap") == ["deviation", "heap"]
    assert stumbles("The standard\ndeviation of a histogram") == []


def test_a_fixed_description_is_found():
    assert fixed_labels("f.set_label('always')\nf.set_label(f'{x} up')") == ["'always'"]


def test_pages_are_there():
    assert all(Path(COURSE.folder / page).is_file() for page in PAGES)
