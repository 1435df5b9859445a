"""Building notebooks from text: one tiny notebook for each way that it can go wrong."""

import argparse
import re
from pathlib import Path

import nbformat
import pytest
from this_course import COURSE

from coursekit.authoring import notebooks
from coursekit.authoring.notebooks import NotebookError

TEXT = """# A title

Some prose.

```python
answer = 6 * 7
print(answer)
```

## A section

```python tags=["nbval-check-output"]
answer
```

<!-- #region tags=["inline-question"] -->
Why?
<!-- #endregion -->

<!-- #region tags=["reference-answer"] -->
Because.
<!-- #endregion -->
"""
ANSWER = """<!-- #region tags=["reference-answer"] -->
Because.
<!-- #endregion -->
"""
LAST_CELL = """```python tags=["nbval-check-output"]
answer
```"""


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "text").mkdir()
    return tmp_path


def put(folder, text, name="Tiny"):
    (folder / "text" / f"{name}.md").write_text(text, encoding="utf-8")


def with_last_cell(code):
    assert LAST_CELL in TEXT
    return TEXT.replace(LAST_CELL, f"```python\n{code}\n```")


def built(folder, name="Tiny"):
    return nbformat.read(folder / f"{name}.ipynb", as_version=4)


def expect_failure(folder, text, match):
    """Build over an older notebook; it has to fail, and the older one to stay."""
    put(folder, text)
    older = folder / "Tiny.ipynb"
    older.write_text("older", encoding="utf-8")
    with pytest.raises(NotebookError, match=match):
        notebooks.build("Tiny", folder)
    assert older.read_text(encoding="utf-8") == "older"
    assert sorted(path.name for path in folder.iterdir()) == ["Tiny.ipynb", "text"]


def test_a_notebook_is_built_and_run(folder):
    put(folder, TEXT)
    assert notebooks.build("Tiny", folder).startswith("Tiny: 6 cells, run in ")
    notebook = built(folder)
    kinds = [cell.cell_type for cell in notebook.cells]
    assert kinds == ["markdown", "code", "markdown", "code", "markdown", "markdown"]
    first, last = (cell for cell in notebook.cells if cell.cell_type == "code")
    assert (first.execution_count, last.execution_count) == (1, 2)
    assert first.outputs[0].text == "42\n"
    assert last.outputs[0].data["text/plain"] == "42"
    assert notebook.metadata == notebooks.METADATA
    assert all(set(cell.metadata) <= {"tags"} for cell in notebook.cells)
    notebooks.expect_agreement("Tiny", folder)


def test_the_same_text_makes_the_same_file(folder):
    put(folder, TEXT)
    notebooks.build("Tiny", folder)
    first = (folder / "Tiny.ipynb").read_bytes()
    notebooks.build("Tiny", folder)
    assert (folder / "Tiny.ipynb").read_bytes() == first


def test_ids_say_what_a_cell_is_and_stay_when_others_change(folder):
    more = ['```python tags=["check"]\ncheck.adam()\n```', "```python\n1\n```", "```python\n1\n```"]
    text = "\n\n".join([TEXT, *more])
    put(folder, text)
    ids = [cell.id for cell in notebooks.read_text("Tiny", folder).cells]
    assert ids[4:7] == ["question-1", "answer-1", "check-adam"]
    assert ids[8] == f"{ids[7]}-2"
    put(folder, text.replace("Some prose", "Other prose"))
    others = [cell.id for cell in notebooks.read_text("Tiny", folder).cells]
    assert [one != other for one, other in zip(ids, others, strict=True)] == [True] + 8 * [False]


def test_a_notebook_runs_at_full_pace_and_without_bars(folder, monkeypatch):
    monkeypatch.setenv("COURSE_PACE", "quick")
    monkeypatch.delenv("CI", raising=False)
    put(folder, with_last_cell('import os\nprint(os.environ["COURSE_PACE"], os.environ["CI"])'))
    notebooks.build("Tiny", folder)
    assert built(folder).cells[3].outputs[0].text == "full 1\n"


def test_a_notebook_runs_in_its_folder(folder):
    put(folder, with_last_cell('from pathlib import Path\nPath("text/Tiny.md").exists()'))
    notebooks.build("Tiny", folder)
    assert built(folder).cells[3].outputs[0].data["text/plain"] == "True"


def test_a_failing_cell_is_named(folder):
    expect_failure(
        folder,
        with_last_cell("answer / 0"),
        r"^Tiny, cell 4, below 'A section': ZeroDivisionError: division by zero\n(.|\n)*answer / 0",
    )


def test_a_kernel_that_dies_is_named(folder):
    expect_failure(
        folder, with_last_cell("import os\nos._exit(3)"), r"^Tiny, cell 4, .*: the kernel died$"
    )


def test_a_warning_is_a_failure(folder):
    expect_failure(
        folder,
        with_last_cell('import warnings\nwarnings.warn("too old")'),
        r"^Tiny, cell 4, .*: writes to stderr:\n(.|\n)*too old",
    )


@pytest.mark.parametrize("place", ["the course", "home"])
def test_an_output_may_not_name_a_folder_of_this_machine(folder, place):
    named = folder.parent if place == "the course" else Path.home() / "somewhere"
    expect_failure(
        folder,
        with_last_cell(f"print({str(named)!r})"),
        r"^Tiny, cell 4, .*: the output names a folder of this machine$",
    )


def test_a_notebook_may_not_be_huge(folder):
    expect_failure(
        folder,
        with_last_cell('"x" * 2_100_000'),
        r"^Tiny: has \d+ bytes, expected at most 2000000$",
    )


def test_an_error_that_is_there_to_be_seen_is_no_failure(folder):
    put(
        folder,
        TEXT.replace(LAST_CELL, '```python tags=["raises-exception"]\nint("no number")\n```'),
    )
    notebooks.build("Tiny", folder)
    assert built(folder).cells[3].outputs[0].ename == "ValueError"


def test_a_tag_that_means_nothing_is_an_error(folder):
    expect_failure(
        folder,
        TEXT.replace("nbval-check-output", "nbval-chek-output"),
        r"^Tiny, cell 4: the tag is 'nbval-chek-output', expected check or ",
    )


def run(folder, *given):
    parser = argparse.ArgumentParser()
    notebooks.add_arguments(parser)
    return notebooks.run(parser.parse_args([*given, "--folder", str(folder)]), COURSE)


def test_a_name_that_is_not_there_is_an_error(folder, capsys):
    put(folder, TEXT)
    assert run(folder, "Tyni") == 1
    assert capsys.readouterr().err == "no notebook is named 'Tyni', expected Tiny\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Some prose", "Other prose", "cell 1, below 'A title': the source is not that of the te"),
        ("6 * 7", "6 * 8", "cell 2, below 'A title': the source is not that of the text; build i"),
        (' tags=["nbval-check-output"]', "", "cell 4, below 'A section': the metadata is not tha"),
        ("## A section\n", "", "cell 3, below 'A title': the cell type is not that of the text"),
        (ANSWER, "", "the notebook has 6 cells and its text 5"),
    ],
)
def test_a_difference_is_found(folder, capsys, old, new, message):
    put(folder, TEXT)
    notebooks.write(notebooks.read_text("Tiny", folder), folder / "Tiny.ipynb")
    assert run(folder, "--check") is None
    assert capsys.readouterr().out == "Tiny: text and notebook agree\n"

    put(folder, TEXT.replace(old, new))
    before = (folder / "Tiny.ipynb").read_bytes()
    assert run(folder, "--check") == 1
    assert re.match(f"Tiny(, |: ){message}", capsys.readouterr().err)
    assert (folder / "Tiny.ipynb").read_bytes() == before


def test_metadata_that_an_editor_has_left_are_found(folder):
    put(folder, TEXT)
    notebook = notebooks.read_text("Tiny", folder)
    notebook.metadata["widgets"] = {}
    notebooks.write(notebook, folder / "Tiny.ipynb")
    with pytest.raises(NotebookError, match=r"^Tiny: the metadata are "):
        notebooks.expect_agreement("Tiny", folder)


def test_prose_may_change_without_a_run(folder):
    put(folder, TEXT)
    notebooks.build("Tiny", folder)
    put(folder, TEXT.replace("Some prose", "Other prose"))
    assert notebooks.build("Tiny", folder, execute=False) == (
        f"Tiny: 6 cells, not run again, {(folder / 'Tiny.ipynb').stat().st_size / 1000:.0f} kB"
    )
    assert "Other prose" in built(folder).cells[0].source
    assert built(folder).cells[1].outputs[0].text == "42\n"


def test_code_may_not_change_without_a_run(folder):
    put(folder, TEXT)
    notebooks.build("Tiny", folder)
    put(folder, TEXT.replace("6 * 7", "7 * 7"))
    with pytest.raises(NotebookError, match=r"^Tiny: the code has changed, so it has to be run$"):
        notebooks.build("Tiny", folder, execute=False)
    assert built(folder).cells[1].outputs[0].text == "42\n"


def test_a_notebook_that_was_never_built_says_so(folder):
    put(folder, TEXT)
    with pytest.raises(NotebookError, match=r"^Tiny: is not built yet; build it with: coursekit "):
        notebooks.expect_agreement("Tiny", folder)
