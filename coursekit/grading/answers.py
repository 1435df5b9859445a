"""Answers to inline questions, read from the notebooks of a submission and never run.

Editors lose ids and tags, and students write where it suits them: into the question's own cell, or
into a code cell. What can be read is read, and what cannot is said.
"""

import functools
import json
from dataclasses import dataclass
from pathlib import Path

from ..blocks import START
from ..course import Course
from ..notebooks import (
    QUESTION,
    NotebookError,
    answers_in,
    check_of,
    is_of_handout,
    read,
    tags_of,
    written_in,
)
from .archive import shown
from .results import Answer

_MOST = 20_000  # characters of one answer


@dataclass(frozen=True)
class _Asked:
    """What the course's own notebook asks: its prompts, and the words of all its cells."""

    prompts: tuple[str, ...]
    cells: frozenset[str]


def answers_of(
    submission: Path, course: Course | None = None
) -> tuple[tuple[Answer, ...], list[str]]:
    """Return what the notebooks in a laid-out submission answer, and sentences on what is odd.

    `course` is whose questions they are; without it, questions are known by their tags alone.
    """
    found: list[Answer] = []
    problems: list[str] = []
    for path in sorted((submission / "notebooks").glob("*.ipynb")):
        name = shown(f"notebooks/{path.name}")
        try:
            cells = _cells(json.loads(_text(path)), name, problems)
            asked = _asked(course, path.stem)
            found += _answers(path.stem, name, cells, asked, problems)
        except (ValueError, RecursionError):
            continue  # laying it out has said so already
        except Exception as error:  # whatever it is, it costs no points for code
            words = " ".join(f"{error}".split())[:200]
            problems.append(f"{name}: its answers could not be read: {words}.")
    return tuple(found), problems


def _text(path):
    return path.read_bytes().decode("utf-8", "surrogatepass").removeprefix("\ufeff")


def _cells(notebook, name, problems):
    """Return the cells of a notebook of any format, each with what a cell has to have."""
    if not isinstance(notebook, dict):
        problems.append(f"{name} is no notebook, so no answers were read from it.")
        return []
    cells = notebook.get("cells")
    if not isinstance(cells, list):
        sheets = notebook.get("worksheets")  # where the formats before 4 keep them
        sheets = sheets if isinstance(sheets, list) else []
        kept = [sheet.get("cells") for sheet in sheets if isinstance(sheet, dict)]
        cells = [cell for part in kept if isinstance(part, list) for cell in part]
        if not cells:
            problems.append(f"{name} has no cells, so no answers were read from it.")
            return []
        problems.append(f"{name} was saved in an old format; its answers were read all the same.")
    whole = [_whole(cell) for cell in cells if isinstance(cell, dict)]
    if any(_is_damaged(cell) for cell in cells) and notebook.get("worksheets") is None:
        problems.append(f"{name} has damaged cells; its answers were read as far as they go.")
    return whole


def _is_damaged(cell):
    return not (
        isinstance(cell, dict)
        and isinstance(cell.get("metadata"), dict)
        and isinstance(cell.get("source"), str | list)
    )


def _whole(cell):
    kind = cell.get("cell_type")
    source = cell.get("source", cell.get("input"))
    lines = source if isinstance(source, list) else [source]
    metadata = cell.get("metadata")
    return {
        "cell_type": kind if kind in ("code", "raw") else "markdown",
        "id": f"{cell.get('id', '')}",
        "metadata": metadata if isinstance(metadata, dict) else {},
        "source": "".join(line for line in lines if isinstance(line, str)),
    }


def _asked(course, stem):
    if course is None or stem not in course.notebooks:
        return _Asked((), frozenset())
    return _asked_in(course.notebook(stem))


@functools.lru_cache
def _asked_in(path):
    try:
        notebook = read(path)
    except NotebookError:
        return _Asked((), frozenset())
    prompts = tuple(answer.prompt for answer in answers_in(notebook))
    return _Asked(prompts, frozenset(_words(cell["source"]) for cell in notebook["cells"]))


def _answers(stem, name, cells, asked, problems):
    """Return an Answer for each question: where it belongs, or else wherever it was written."""
    by_tag = {given.question: given for given in answers_in({"cells": cells})}
    found = []
    for number, prompt in enumerate(asked.prompts, 1):
        question = f"question-{number}"
        given = next((g for g in by_tag.values() if _words(g.prompt) == _words(prompt)), None)
        if given and given.answer:
            found.append((question, given.prompt, given.answer))
            continue
        place = _place_of(cells, prompt, question)
        if place is None:
            problems.append(f"{name}: question {number} is not in it, so no answer was read.")
            continue
        answer, where = _written_elsewhere(cells, place, prompt, asked)
        if answer:
            problems.append(f"{name}: the answer to question {number} was read from {where}.")
        found.append((question, prompt, answer))
    if not asked.prompts:
        found = [(given.question, given.prompt, given.answer) for given in by_tag.values()]
    return [
        Answer(stem, question, _presentable(prompt), _presentable(answer))
        for question, prompt, answer in found
    ]


def _place_of(cells, prompt, question):
    """Return where a question is: by its words, or else by its id."""
    words = _words(prompt)
    for is_it in (
        lambda cell: _words(cell["source"]).startswith(words),
        lambda cell: cell["id"] == question,
    ):
        for place, cell in enumerate(cells):
            if is_it(cell):
                return place
    return None


def _written_elsewhere(cells, place, prompt, asked):
    """Return what was written in or below a question's cell, and where: "" if nothing was."""
    own = _beyond(cells[place]["source"], prompt)
    if own:
        return own, "the question's own cell"
    written, where = [], "the cells below it"
    for cell in cells[place + 1 :]:
        if _words(cell["source"]) in asked.cells or _is_of_course(cell):
            break
        if text := written_in(cell):
            written.append(text)
            where = "a code cell" if cell["cell_type"] == "code" else where
    return "\n\n".join(written), where


def _beyond(source, prompt):
    """Return what a question's cell says beyond the question."""
    words = prompt.split()
    left = source.lstrip()
    for word in words:
        if not left.startswith(word):
            return ""
        left = left[len(word) :].lstrip()
    return written_in({"source": left})


def _is_of_course(cell):
    """Whether a cell came with the notebook, though it may have been written in since."""
    if cell["id"].startswith("answer-"):
        return False
    heading = cell["cell_type"] == "markdown" and cell["source"].lstrip().startswith("#")
    ours = is_of_handout(cell) or QUESTION in tags_of(cell) or check_of(cell)
    return bool(heading or ours or START in cell["source"])


def _words(text):
    return " ".join(text.split())


def _presentable(text):
    return text[:_MOST].encode("utf-8", "replace").decode("utf-8")
