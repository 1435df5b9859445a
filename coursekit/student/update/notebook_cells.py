"""A student's answers and cells in the text of a newer notebook."""

import hashlib
from dataclasses import dataclass, field

from ...notebooks import (
    QUESTION,
    answer_cells,
    content_name,
    is_of_handout,
    name_of,
    tags_of,
    written_in,
)


@dataclass
class MergedNotebook:
    """A notebook as it is to be, and what to say about it.

    answers: how many have found their question. changed: how many cells of the handout are kept as
    the student left them. extra: how many of the student's own there are. notes: sentences.
    """

    notebook: dict
    answers: int = 0
    changed: int = 0
    extra: int = 0
    notes: list = field(default_factory=list)


def merge_notebooks(old, new):
    """Put what a student wrote into a newer notebook.

    Inputs:
    - old: the student's notebook, as `notebooks.parse` gives it
    - new: the handout's

    Answers go below their questions, by the questions' text or else their number. A cell of the
    handout that the student has changed stays as it is if the handout has not changed it. Cells of
    the student's own stand behind the cell that they stood behind. Outputs stay with cells that are
    the same.
    """
    merged = MergedNotebook(dict(new))
    names = _names(old["cells"])
    slots = [_Slot(name, dict(cell)) for name, cell in
             zip(_names(new["cells"]), new["cells"], strict=True)]  # fmt: skip
    by_name = {slot.name: slot for slot in slots}
    start = _Slot("", None)
    behind = start
    answering = _place_answers(old["cells"], slots, merged)
    for place, cell in enumerate(old["cells"]):
        slot = by_name.get(names[place])
        if place in answering:
            behind = answering[place]
        elif slot is not None and not (slot.is_written and cell["source"] != slot.cell["source"]):
            behind = slot
            _keep(cell, slot, merged)
        elif cell["source"].strip() and not _is_as_handed_out(cell):
            behind.extra.append(cell)
            merged.extra += 1
    cells = [cell for slot in [start, *slots] for cell in slot.cells()]
    merged.notebook["cells"] = _with_ids(cells, new)
    return merged


@dataclass
class _Slot:
    """A cell of the new notebook, and the student's cells behind it.

    is_written: whether the cell already says what the student has written.
    """

    name: str
    cell: dict | None
    is_written: bool = False
    extra: list = field(default_factory=list)

    def cells(self):
        return [*([self.cell] if self.cell else []), *self.extra]


def _names(cells):
    """Return the name of each cell; questions and answers that have lost theirs are counted."""
    names, questions = [], 0
    for cell in cells:
        if QUESTION in tags_of(cell):
            questions += 1
            names.append(cell["id"] if is_of_handout(cell) else f"question-{questions}")
        else:
            names.append(name_of(cell))
    return names


def _place_answers(cells, slots, merged):
    """Move answers below their questions.

    Returns the slot that each cell of a question and its answer now belongs to, by its place.
    """
    new_cells = [slot.cell for slot in slots]
    targets = _targets(cells, slots)
    belongs = {}
    for place, cell in enumerate(cells):
        if QUESTION not in tags_of(cell):
            continue
        below = answer_cells(cells, place)
        answers = [below_it for below_it in below if written_in(below_it)]
        target, prompt = targets.get(place), cell["source"].strip()
        if target is None:
            if answers:
                merged.notes.append(f"not asked any more, and your answer stays: {prompt[:60]}")
            continue
        asked = slots[target].cell["source"].strip()
        if prompt != asked and prompt.startswith(asked):  # the answer was written into the question
            rest = prompt[len(asked) :].strip()
            answers.insert(0, {"cell_type": "markdown", "metadata": {}, "source": rest})
        elif prompt != asked and answers:
            merged.notes.append(
                f"{slots[target].name.replace('-', ' ')} reads otherwise now; see whether your "
                "answer still fits."
            )
        last = slots[target + len(answer_cells(new_cells, target))]
        belongs |= dict.fromkeys(range(place, place + 1 + len(below)), last)
        if answers:
            _answer(slots[target], last, answers)
            merged.answers += 1
    return belongs


def _targets(cells, slots):
    """Return the place of each question in the new notebook, by its place in the old one.

    Questions are told by their text, or by the beginning of it, and then by their number.
    """
    asked = {slot.cell["source"].strip(): place for place, slot in enumerate(slots)
             if QUESTION in tags_of(slot.cell)}  # fmt: skip
    questions = {place: cell["source"].strip() for place, cell in enumerate(cells)
                 if QUESTION in tags_of(cell)}  # fmt: skip
    names, by_name = _names(cells), {slots[place].name: place for place in asked.values()}
    targets = {}
    for find in (
        lambda place: asked.get(questions[place]),
        lambda place: next((asked[p] for p in asked if questions[place].startswith(p)), None),
        lambda place: by_name.get(names[place]),
    ):
        for place in questions:
            target = find(place)
            if place not in targets and target is not None and target not in targets.values():
                targets[place] = target
    return targets


def _answer(question, last, answers):
    """Write answers into the blank answer cell below a question, or else right behind it."""
    if last is question:
        question.extra += answers
        return
    last.cell, last.is_written = last.cell | {"source": answers[0]["source"]}, True
    if "attachments" in answers[0]:  # pictures
        last.cell["attachments"] = answers[0]["attachments"]
    last.extra += answers[1:]


def _keep(cell, slot, merged):
    """Keep what a student has made of a cell of the handout, where that still stands."""
    same = cell["source"] == slot.cell["source"]
    if not same and _is_as_handed_out(cell):
        return  # the handout has another cell of that name by now
    if not same and slot.name.startswith("check-"):
        return  # what runs a check is the handout's
    if not same:
        slot.cell, slot.is_written = _with_what_is_written(slot.cell, cell), True
        merged.changed += 1
    if slot.cell["cell_type"] == cell["cell_type"] == "code":
        kept = {key: cell[key] for key in ("outputs", "execution_count") if key in cell}
        slot.cell = slot.cell | kept


def _with_what_is_written(handed_out, cell):
    """Return a cell of the handout with what a student has written, and as the kind it is now."""
    of_kind = ("outputs", "execution_count", "attachments")
    kept = {key: value for key, value in handed_out.items() if key not in of_kind}
    if handed_out["cell_type"] == cell["cell_type"]:
        return handed_out | {"source": cell["source"]}
    written = {key: cell[key] for key in ("cell_type", "source", *of_kind) if key in cell}
    blank = {"outputs": [], "execution_count": None} if cell["cell_type"] == "code" else {}
    return kept | blank | written


def _is_as_handed_out(cell):
    """Whether a cell is one of an earlier handout that the student has not touched."""
    if not is_of_handout(cell):
        return False
    if cell["id"].startswith(("check-", "question-", "answer-")):
        return not written_in(cell) if cell["id"].startswith("answer-") else True
    return cell["id"].startswith(content_name(cell))


def _with_ids(cells, new):
    """Give each cell an id of its own, if notebooks of that format have ids."""
    if (new.get("nbformat", 4), new.get("nbformat_minor", 0)) < (4, 5):
        return [{key: cell[key] for key in cell if key != "id"} for cell in cells]
    handed_out = {cell.get("id") for cell in new["cells"]}
    used, result = set(), []
    for number, cell in enumerate(cells):
        name = cell.get("id")
        if not name or name in used or (is_of_handout(cell) and name not in handed_out):
            digest = hashlib.sha256(f"{number} {cell['source']}".encode("utf-8", "replace"))
            name = f"own-{digest.hexdigest()[:12]}"
        used.add(name)
        result.append(cell | {"id": name})
    return result
