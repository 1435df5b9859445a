"""The lines for Colab in the handout's README, run in a folder made like Colab's.

Colab's own Python is not to be had here: `google.colab` is a stand-in that mounts nothing, pip
installs the handout's wheel into a folder of its own without asking anybody, and the photographs
are there already, as they are from the second time on.
"""

import os
import re
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from this_course import COURSE

from coursekit.authoring import handout

README = COURSE.folder / "handout" / "README.md"
DATA = Path(os.environ.get("CS231N_DATA", "/nowhere")) / "cifar-10-batches-py"


def lines_for_colab():
    text = README.read_text(encoding="utf-8")
    return re.search(r"\*\*On Colab\*\*.*?```python\n(.*?)```", text, re.DOTALL)[1]


@pytest.mark.skipif(not DATA.is_dir(), reason="CIFAR-10 is not here")
def test_the_lines_for_colab_lead_to_a_notebook_that_runs(tmp_path, monkeypatch):
    drive = tmp_path / "content" / "drive"
    kit = handout.cut(COURSE, drive / "MyDrive" / "my kit")
    (kit / "datasets" / "cifar-10-batches-py").symlink_to(DATA)
    (tmp_path / "colab" / "google" / "colab").mkdir(parents=True)
    (tmp_path / "colab" / "google" / "__init__.py").write_text("")
    (tmp_path / "colab" / "google" / "colab" / "__init__.py").write_text(
        "class drive:\n    def mount(place):\n        print('Mounted at', place)\n"
    )
    (tmp_path / "installed").mkdir()  # a folder that is there when Python starts, as Colab's is
    for name, value in {
        "PYTHONPATH": f"{tmp_path / 'installed'}:{tmp_path / 'colab'}",
        "PIP_TARGET": f"{tmp_path / 'installed'}",
        "PIP_NO_INDEX": "1",
        "PIP_NO_DEPS": "1",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "COURSE_PACE": "quick",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("CS231N_DATA")
    lines = lines_for_colab().replace("/content/drive", str(drive)).replace("THIS FOLDER", kit.name)
    notebook = nbformat.read(kit / "notebooks" / f"{COURSE.notebooks[0]}.ipynb", as_version=4)
    first = next(i for i, c in enumerate(notebook.cells) if c.source.startswith("check."))
    notebook.cells = [nbformat.v4.new_code_cell(lines), *notebook.cells[: first + 1]]
    notebook.cells.append(nbformat.v4.new_code_cell("import coursekit; print(coursekit.__file__)"))
    client = NotebookClient(notebook, allow_errors=True, timeout=300, kernel_name="python3")
    client.execute(cwd=str(tmp_path))
    said = ["".join(out.get("text", "") for out in cell.get("outputs", ())) for cell in
            notebook.cells if cell.cell_type == "code"]  # fmt: skip
    errors = [out.evalue for cell in notebook.cells if cell.cell_type == "code"
              for out in cell.outputs if out.output_type == "error"]  # fmt: skip
    assert "Mounted at" in said[0]
    assert "every file has its MD5" in said[0]
    assert any("Data: CIFAR-10" in text for text in said)
    assert str(tmp_path / "installed") in said[-1]
    assert errors
    # What follows from a blank block is a name that it was to bind.
    unlike = [
        error
        for error in errors
        if not re.search("not filled in|not attempted|is not defined", error)
    ]
    assert unlike == []
