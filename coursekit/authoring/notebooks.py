"""Build the notebooks from their text, and run them.

A notebook is written as notebooks/text/NAME.md and lies, built and run, in notebooks/NAME.ipynb.
Cells are run from top to bottom in a fresh kernel, always at full size. Only when every one of them
has run is the old notebook replaced; where one fails, the message names it and nothing is written.
"""

import argparse
import os
import re
import sys
import time
from collections import Counter
from pathlib import Path

import jupytext
import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from ..files import write_bytes
from ..notebooks import HUNT, check_of, content_name
from ..progress import progress_bar

TAGS = {
    "check": "a check: grading runs these cells and no others",
    "nbval-check-output": "the output is the same on every machine, and nbval compares it",
    "inline-question": "a question to be answered in words",
    "reference-answer": "its answer, which a handout leaves out",
    "raises-exception": "the cell is there to show an error",
}
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
MAX_BYTES = 2_000_000


class NotebookError(Exception):
    """A notebook cannot be built or run, or is not what its text says."""


def add_arguments(parser):
    parser.add_argument("names", nargs="*", metavar="NAME", help="notebooks; all unless named")
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--no-execute",
        action="store_true",
        help="take the outputs from the notebook that is there; only prose may have changed",
    )
    how.add_argument(
        "--check",
        action="store_true",
        help="write nothing, and fail where a notebook is not what its text says",
    )
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)


def run(arguments, course):
    folder = arguments.folder or course.folder / "notebooks"
    try:
        for name in chosen(arguments.names, folder):
            if arguments.check:
                expect_agreement(name, folder)
                print(f"{name}: text and notebook agree")
            else:
                print(build(name, folder, execute=not arguments.no_execute))
    except NotebookError as error:
        print(error, file=sys.stderr)
        return 1
    return None


def names(folder):
    """Return the names of the notebooks that have a text."""
    return sorted(path.stem for path in (folder / "text").glob("*.md"))


def chosen(wanted, folder):
    """Return the names that are wanted, or all of them; NotebookError for one that is not there."""
    known = names(folder)
    for name in wanted:
        if name not in known:
            raise NotebookError(f"no notebook is named {name!r}, expected {' or '.join(known)}")
    return wanted or known


def build(name, folder, *, execute=True):
    """Build a notebook from its text and put it in place of the old one.

    Returns a line that says what was done. Raises NotebookError, with the old notebook untouched,
    if a cell fails or leaves something that must not be in a committed notebook.
    """
    started = time.monotonic()
    notebook = read_text(name, folder)
    if execute:
        run_cells(notebook, name, folder)
    else:
        take_outputs(notebook, name, folder)
    expect_presentable(notebook, name, folder)
    size = write(notebook, folder / f"{name}.ipynb")
    done = f"run in {time.monotonic() - started:.0f} s" if execute else "not run again"
    return f"{name}: {len(notebook.cells)} cells, {done}, {size / 1000:.0f} kB"


def read_text(name, folder):
    """Read the text of a notebook. Returns a notebook without outputs, each cell with a fixed id.

    Raises NotebookError for a tag that means nothing.
    """
    text = (folder / "text" / f"{name}.md").read_text(encoding="utf-8")
    # Stripped, because blank lines at the end would make an empty cell.
    notebook = jupytext.reads(text.strip(), fmt={"extension": ".md", "split_at_heading": True})
    notebook.metadata = nbformat.from_dict(METADATA)
    questions = Counter()
    taken = Counter()
    for place, cell in enumerate(notebook.cells, 1):
        tags = cell.metadata.get("tags", [])
        unknown = [tag for tag in tags if tag not in TAGS and not tag.startswith(HUNT)]
        if unknown:
            known = " or ".join([*TAGS, f"{HUNT}NAME"])
            raise NotebookError(
                f"{name}, cell {place}: the tag is {unknown[0]!r}, expected {known}"
            )
        cell.metadata = nbformat.from_dict({"tags": sorted(tags)} if tags else {})
        cell.id = _id(cell, questions)
        taken[cell.id] += 1
        if taken[cell.id] > 1:
            cell.id += f"-{taken[cell.id]}"
    return notebook


def run_cells(notebook, name, folder):
    """Run all cells in a fresh kernel, in the folder of the notebooks, and keep their outputs."""
    # A bar is not for a stored notebook, and a quick run is not what is committed.
    environment = os.environ | {"COURSE_PACE": "full", "CI": "1"}
    current = 0
    with progress_bar(total=len(notebook.cells), desc=name, unit="cell") as bar:

        def start(cell, cell_index):
            nonlocal current
            bar.update(cell_index - current)
            current = cell_index

        client = NotebookClient(
            notebook,
            timeout=None,
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(folder)}},
            # Below errors it logs that its messages, which stay on this machine, are in plain text.
            extra_arguments=["--IPKernelApp.log_level=ERROR"],
            on_cell_start=start,
        )
        try:
            client.execute(env=environment)
        except CellExecutionError as error:
            raise NotebookError(
                f"{_place(name, notebook, current)}: {error.ename}: {error.evalue}\n"
                f"{_plain(error.traceback)}"
            ) from None
        except DeadKernelError:
            raise NotebookError(f"{_place(name, notebook, current)}: the kernel died") from None
        bar.update(len(notebook.cells) - current)
    notebook.metadata = nbformat.from_dict(METADATA)  # without the version of this Python


def take_outputs(notebook, name, folder):
    """Take the outputs from the built notebook, whose code has to be the same."""
    built = _read_built(name, folder)
    old, new = _code_cells(built), _code_cells(notebook)
    if [cell.source for cell in old] != [cell.source for cell in new]:
        raise NotebookError(f"{name}: the code has changed, so it has to be run")
    for before, cell in zip(old, new, strict=True):
        cell.outputs, cell.execution_count = before.outputs, before.execution_count


def expect_presentable(notebook, name, folder):
    """Raise NotebookError unless the notebook has run, and its outputs are fit for everybody."""
    for count, cell in enumerate(_code_cells(notebook), 1):
        place = _place(name, notebook, notebook.cells.index(cell))
        if cell.execution_count != count:
            raise NotebookError(f"{place}: has not been run")
        raises = "raises-exception" in cell.metadata.get("tags", [])
        for output in cell.outputs:
            if output.output_type == "error" and not raises:
                raise NotebookError(f"{place}: {output.ename}: {output.evalue}")
            if output.get("name") == "stderr":
                raise NotebookError(f"{place}: writes to stderr:\n{output.text}")
            if str(folder.parent) in str(output) or str(Path.home()) + os.sep in str(output):
                raise NotebookError(f"{place}: the output names a folder of this machine")
    size = len(nbformat.writes(notebook))
    if size > MAX_BYTES:
        raise NotebookError(f"{name}: has {size} bytes, expected at most {MAX_BYTES}")


def expect_agreement(name, folder):
    """Raise NotebookError unless the built notebook has the cells of its text."""
    text, built = read_text(name, folder), _read_built(name, folder)
    for place, (cell, other) in enumerate(zip(text.cells, built.cells, strict=False)):
        for what in ("cell_type", "source", "metadata", "id"):
            if cell[what] != other[what]:
                raise NotebookError(
                    f"{_place(name, text, place)}: the {what.replace('_', ' ')} is not that of the "
                    f"text; build it again with: coursekit notebooks {name}"
                )
    if len(text.cells) != len(built.cells):
        raise NotebookError(
            f"{name}: the notebook has {len(built.cells)} cells and its text {len(text.cells)}"
        )
    if built.metadata != text.metadata:
        raise NotebookError(f"{name}: the metadata are {built.metadata}, expected {METADATA}")


def write(notebook, path):
    """Write a notebook aside and move it into place. Returns its size in bytes."""
    nbformat.validate(notebook)
    content = (nbformat.writes(notebook) + "\n").encode("utf-8")
    write_bytes(path, content)
    return len(content)


def _read_built(name, folder):
    path = folder / f"{name}.ipynb"
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise NotebookError(
            f"{name}: is not built yet; build it with: coursekit notebooks {name}"
        ) from None


def _code_cells(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def _id(cell, questions):
    """Return an id that stays when other cells change: what the cell is for, or its content."""
    tags = cell.metadata.get("tags", [])
    if "check" in tags and (asked := check_of(cell)):
        return f"check-{asked}"
    for tag, kind in (("inline-question", "question"), ("reference-answer", "answer")):
        if tag in tags:
            questions[kind] += 1
            return f"{kind}-{questions[kind]}"
    return content_name(cell)


def _place(name, notebook, index):
    """Say where a cell is: 'Dropout, cell 12, below "Backward"'."""
    headings = [
        cell.source.splitlines()[0].lstrip("# ")
        for cell in notebook.cells[: index + 1]
        if cell.cell_type == "markdown" and cell.source.startswith("#")
    ]
    below = f", below {headings[-1]!r}" if headings else ""
    return f"{name}, cell {index + 1}{below}"


def _plain(text):
    """Return text without the colours of a terminal."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
