"""A student's workspace: the package with blank blocks, the course, and one small notebook."""

import json
import os
import shutil
import subprocess
import sys

from this_course import COURSE

from coursekit.blocks import blank, blocks_in, read_source, replace_blocks, write_source

ROOT = COURSE.folder

# Right, wrong and worse answers to the first block.
ANSWERS = {
    "right": "    out = x.reshape(len(x), -1) @ w + b\n",
    "wrong": "    out = x.reshape(len(x), -1) @ w - b\n",
    "endless": "    while True:\n        pass\n",
    "deadly": "    import os\n    os._exit(3)\n",
    "loud": "    print(7)\n    out = x.reshape(len(x), -1) @ w + b\n",
    "unreadable": "    out = (\n",
}


def make_workspace(folder, *, blank_blocks=True):
    """Write a workspace into an empty or missing folder and return it."""
    unwanted = shutil.ignore_patterns("__pycache__", "mistakes")
    for name in (COURSE.package, "course"):
        shutil.copytree(ROOT / name, folder / name, ignore=unwanted)
    if blank_blocks:
        for path in (folder / COURSE.package).rglob("*.py"):
            if blocks_in(source := read_source(path)):
                write_source(path, blank(source))
    (folder / "notebooks").mkdir()
    write_notebook(folder / "notebooks" / "Small.ipynb", small_cells())
    return folder


def fill(folder, answer, block="affine_forward", file="layers.py"):
    """Put an answer, one of ANSWERS or code, into a block of a workspace."""
    path = folder / COURSE.package / file
    code = ANSWERS.get(answer, answer)
    write_source(path, replace_blocks(read_source(path), {block: code}))


def run_command(folder, command, *arguments, timeout=60):
    """Run `python -m coursekit COMMAND ...` in a workspace, as a student does from its folder."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    return subprocess.run(
        [sys.executable, "-m", "coursekit", command, *map(str, arguments)],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=timeout,
        check=False,
    )


def small_cells():
    """Return the cells of a notebook as a handout has it."""
    return [
        cell("markdown", "# Small", "text-0001"),
        cell("code", "from course import check", "code-0001"),
        cell("code", "check.affine_forward()", "check-affine_forward", "check"),
        cell("markdown", "**Question 1.** Why?", "question-1", "inline-question"),
    ]


def cell(kind, source, name="", *tags, count=None, outputs=()):
    made = {"cell_type": kind, "id": name, "metadata": {"tags": list(tags)} if tags else {}}
    if kind == "code":
        made |= {"execution_count": count, "outputs": list(outputs)}
    return made | {"source": source.splitlines(keepends=True)}


def write_notebook(path, cells):
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook, indent=1) + "\n", encoding="utf-8")
