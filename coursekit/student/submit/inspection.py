"""What to tell a student about a notebook before it is handed in."""

import re
from itertools import pairwise

from ...checks import freshness
from ...notebooks import (
    METADATA,
    NotebookError,
    answers_in,
    check_of,
    content_name,
    hunted_in,
    read,
    tags_of,
)


def warnings_on(course, name, results):
    """Return sentences on what a notebook lacks.

    Parameters
    ----------
    course : Course
    name : str
        The notebook's path, relative to the course's folder.
    results : dict
        What the checks came to just now, {name: (record, text)}.
    """
    path = course.folder / name
    try:
        notebook = read(path)
    except NotebookError as error:
        return [str(error)]
    cells = notebook["cells"]
    return [
        *_on_running(cells),
        *_on_errors(cells),
        *_on_checks(course, cells, path.stem),
        *_on_age(cells, results),
        *_on_answers(notebook),
        *_on_hunts(cells),
    ]


def _on_running(cells):
    """Compare the order in which cells were run with the order in which they stand."""
    counts = [
        (place, cell.get("execution_count"))
        for place, cell in enumerate(cells, 1)
        if cell["cell_type"] == "code" and cell["source"].strip()
    ]
    missing = [place for place, count in counts if not isinstance(count, int)]
    if missing and len(missing) == len(counts):
        yield "it was not run. In JupyterLab: Run, Restart Kernel and Run All Cells; then save it."
        return
    if missing:
        yield f"{_cells(missing)} not run. Run all cells from the top, and save it."
    ran = [(place, count) for place, count in counts if isinstance(count, int)]
    for (before, first), (after, second) in pairwise(ran):
        if second <= first:
            yield (
                f"cell {after} was run before cell {before} above it, so the results may not be "
                "those of the notebook as it stands. Restart the kernel and run all cells."
            )
            return


def _on_errors(cells):
    for place, cell in enumerate(cells, 1):
        if "raises-exception" in tags_of(cell) or check_of(cell):
            continue  # what checks come to stands in the table
        for output in cell.get("outputs", []):
            if output.get("output_type") == "error":
                yield f"cell {place} ended in an error, {output.get('ename', '')}."


def _on_checks(course, cells, notebook):
    present = {check_of(cell) for cell in cells}
    missing = [c.name for c in course.checks.of_notebook(notebook) if c.name not in present]
    if missing:
        calls = ", ".join(f"check.{name}()" for name in missing)
        yield f"there is no cell any more with {calls}. The code is graded all the same."


def _on_age(cells, results):
    """Compare what the notebook shows of each check with the code as it is now."""
    old = []
    for cell in cells:
        name = check_of(cell)
        shown = shown_by(cell) if name in results else None
        if shown is None:
            continue
        fingerprint, first_line = shown
        record, text = results[name]
        if fingerprint:
            changed = fingerprint != freshness.fingerprint(record.sources)
        else:  # an editor has dropped it
            changed = first_line != text.splitlines()[0]
        if changed:
            old.append(name)
    if old:
        few = ", ".join(old[:3]) + (f" and {len(old) - 3} more" if len(old) > 3 else "")
        yield f"it is older than the code: what it shows of {few} was run before the last change."


def shown_by(cell):
    """Return the fingerprint and the first line of the verdict that a cell shows, or None."""
    for output in cell.get("outputs", []):
        if not isinstance(output, dict):
            continue
        data, metadata = output.get("data"), output.get("metadata")
        if output.get("output_type") != "display_data" or not isinstance(data, dict):
            continue
        ours = metadata.get(METADATA) if isinstance(metadata, dict) else None
        text = data.get("text/plain", "")
        lines = (text if isinstance(text, str) else "".join(map(str, text))).splitlines()
        return (ours.get("sources") if isinstance(ours, dict) else None), (lines or [""])[0]
    return None


def _on_answers(notebook):
    for answer in answers_in(notebook):
        if not answer.answer:
            yield f"{answer.question.replace('-', ' ')} has no answer: {_start(answer.prompt)}"


def _on_hunts(cells):
    for cell in cells:
        untouched = str(cell.get("id", "")).startswith(content_name(cell))
        for function in hunted_in(cell) if untouched else ():
            yield f"your own check of {function}, for the bug hunt, is as it was handed out."


def _start(prompt, most=50):
    words = " ".join(re.sub(r"Question \d+\.|\*", "", prompt).split())
    return words if len(words) <= most else words[:most].rpartition(" ")[0] + " ..."


def _cells(places, most=5):
    few = ", ".join(map(str, places[:most])) + (" and more" if len(places) > most else "")
    return f"cells {few} were" if len(places) > 1 else f"cell {few} was"
