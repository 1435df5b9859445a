"""Notebooks as a handout has them and as they come back: their cells, their checks, their answers.

They are read as the JSON that they are, so that a damaged one can still be told what it lacks.
"""

from __future__ import annotations

import codecs
import functools
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

QUESTION, ANSWER = "inline-question", "answer"
HUNT = "hunt-"  # before a function's name: the cell has a student's check of it
# The key of what the engine writes into the metadata of cells and outputs.
METADATA = "coursekit"
# What an answer cell of a handout says before anybody has written into it.
PLACEHOLDER = "*Write your answer here.*"

# As JSON has them.
Notebook = dict[str, Any]
Cell = dict[str, Any]

# What a handout calls its cells. JupyterLab calls new ones otherwise.
_HANDOUT_ID = re.compile(
    r"(?:text|code)-[0-9a-f]{8}(?:-\d+)?|check-\w+(?:-\d+)?|question-\d+|answer-\d+"
)
_CHECK = re.compile(r"check\.(\w+)\(\)")
_LEAD_IN = re.compile(r"\W*(?:(?:write |type )?your answer(?: here)?|answer)?\W*", re.IGNORECASE)


class NotebookError(ValueError):
    """A file that is no notebook."""


@dataclass(frozen=True)
class Answer:
    """An inline question, and what was written below it: "" if nothing was."""

    question: str
    prompt: str
    answer: str


def read(path: Path | str) -> Notebook:
    """Return the notebook in a file, as `parse` does.

    Raises NotebookError for a file that is not there, or no notebook of format 4.
    """
    try:
        return parse(Path(path).read_bytes())
    except OSError as error:
        raise NotebookError(f"it cannot be read: {error.strerror or error}") from None


def parse(content: bytes) -> Notebook:
    """Return a notebook, given as bytes, as a dictionary whose cells have a source in one piece.

    Raises NotebookError for anything but a notebook of format 4.
    """
    try:
        # Some editors begin a file with a mark of its encoding, some tools cut a letter in two.
        text = content.removeprefix(codecs.BOM_UTF8).decode("utf-8", "surrogatepass")
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotebookError(f"it is no notebook: {error}") from None
    if not isinstance(notebook, dict) or notebook.get("nbformat") != 4:
        raise NotebookError("it is no notebook of format 4, as JupyterLab saves them")
    cells = notebook.get("cells")
    if not isinstance(cells, list) or not all(map(_is_cell, cells)):
        raise NotebookError("it is no notebook: its cells are not what cells are")
    for cell in cells:
        cell["source"] = source_of(cell)
    return notebook


def as_bytes(notebook: Notebook) -> bytes:
    """Return a notebook as the bytes of its file."""
    cells = [cell | {"source": cell["source"].splitlines(keepends=True)} for cell in
             notebook["cells"]]  # fmt: skip
    text = json.dumps(notebook | {"cells": cells}, indent=1, ensure_ascii=False) + "\n"
    # Half a letter has no bytes of its own, but JSON can name it.
    whole = re.sub("[\ud800-\udfff]", lambda half: f"\\u{ord(half[0]):04x}", text)
    return whole.encode("utf-8")


def source_of(cell: Cell) -> str:
    """Return what is written in a cell."""
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def tags_of(cell: Cell) -> set[str]:
    tags = cell["metadata"].get("tags", [])
    return {tag for tag in tags if isinstance(tag, str)} if isinstance(tags, list) else set()


def hunted_in(cell: Cell) -> list[str]:
    """Return the functions that a cell has a check of the student's own for, by its tags."""
    return sorted(tag.removeprefix(HUNT) for tag in tags_of(cell) if tag.startswith(HUNT))


def is_of_handout(cell: Cell) -> bool:
    """Whether a cell came with the handout, as far as its id tells."""
    return bool(_HANDOUT_ID.fullmatch(str(cell.get("id", ""))))


def name_of(cell: Cell) -> str:
    """Return the name that a cell has in a handout; some editors lose it, or give another.

    A check of a student's own goes by what it checks, whatever it was handed out as.
    """
    if hunted := hunted_in(cell):
        return f"{HUNT}{hunted[0]}"
    if is_of_handout(cell):
        return cell["id"]
    if found := check_of(cell):
        return f"check-{found}"
    return content_name(cell)


def content_name(cell: Cell) -> str:
    """Return the name of a cell that is called by its content."""
    kind = "code" if cell["cell_type"] == "code" else "text"
    return f"{kind}-{hashlib.sha256(cell['source'].encode('utf-8', 'replace')).hexdigest()[:8]}"


def check_of(cell: Cell) -> str | None:
    """Return the name of the check that a cell runs, or None."""
    found = _CHECK.fullmatch(cell["source"].strip()) if cell["cell_type"] == "code" else None
    return found[1] if found and found[1] != "progress" else None


def checks_asked_in(path: Path | str) -> list[str]:
    """Return the names of the checks that a notebook's cells run, in their order.

    A file that is not there, or no notebook, asks for none.
    """
    try:
        cells = check_cells(path)
    except NotebookError:
        return []
    return list(dict.fromkeys(filter(None, (check_of(cell) for _, cell in cells))))


def check_cells(path: Path | str) -> list[tuple[int, Cell]]:
    """Return the cells of a notebook that run a check, each with its place among all cells.

    Raises NotebookError, as `read` does.
    """
    try:
        status = Path(path).stat()
    except OSError as error:
        raise NotebookError(f"it cannot be read: {error.strerror or error}") from None
    return _check_cells(Path(path), status.st_mtime_ns, status.st_size)


@functools.lru_cache
def _check_cells(path: Path, changed: int, size: int) -> list[tuple[int, Cell]]:
    """Read them once for as long as the file stays as it is: its pictures make it a long one."""
    cells = enumerate(read(path)["cells"])
    return [(place, cell | {"outputs": []}) for place, cell in cells if check_of(cell)]


def answers_in(notebook: Notebook) -> list[Answer]:
    """Return an Answer for each inline question of a notebook, in their order."""
    cells = notebook["cells"]
    answers: list[Answer] = []
    for place, cell in enumerate(cells):
        if QUESTION in tags_of(cell):
            name = f"question-{len(answers) + 1}"
            written = [written_in(one) for one in answer_cells(cells, place)]
            answers.append(Answer(name, cell["source"].strip(), "\n\n".join(filter(None, written))))
    return answers


def answer_cells(cells: Sequence[Cell], place: int) -> list[Cell]:
    """Return the cells that answer the question in `cells[place]`."""
    found: list[Cell] = []
    named = any(map(is_of_handout, cells))
    for cell in cells[place + 1 :]:
        own = not is_of_handout(cell) if named else not found and not _is_heading(cell)
        marked = ANSWER in tags_of(cell) or str(cell.get("id", "")).startswith("answer-")
        if cell["cell_type"] == "code" or QUESTION in tags_of(cell) or not (marked or own):
            break
        found.append(cell)
    return found


def written_in(cell: Cell) -> str:
    """Return what an answer cell says beyond what the handout put there."""
    text = cell["source"].strip()
    return text if re.search(r"\w", _LEAD_IN.sub("", text, count=1)) else ""


def _is_heading(cell: Cell) -> bool:
    return cell["source"].lstrip().startswith("#")


def _is_cell(cell: Any) -> bool:
    return (
        isinstance(cell, dict)
        and cell.get("cell_type") in ("code", "markdown", "raw")
        and isinstance(cell.get("metadata"), dict)
        and _is_text(cell.get("source"))
        and isinstance(cell.get("outputs", []), list)
        and all(isinstance(output, dict) for output in cell.get("outputs", []))
    )


def _is_text(source: Any) -> bool:
    if isinstance(source, list):
        return all(isinstance(line, str) for line in source)
    return isinstance(source, str)
