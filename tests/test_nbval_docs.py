"""docs/nbval.md shows what three runs print, and this is what they print."""

import os
import re
import shutil
import subprocess
import sys

import pytest
from this_course import COURSE

from coursekit.authoring import workspace
from coursekit.blocks import blocks_of, read_source, replace_blocks, write_source
from coursekit.course import Course

PAGE = COURSE.folder / "docs" / "nbval.md"
SMALL = Course.read(COURSE.folder / "examples" / "linear_regression")
RUNS = ("blank", "mistake", "right")


@pytest.fixture(scope="module")
def blank(tmp_path_factory):
    folder = tmp_path_factory.mktemp("docs") / "work"
    workspace.open_workspace(SMALL, folder)
    return folder


def filled(blank, folder, state):
    """Copy the workspace, and put the reference into its blocks, with a mistake or without."""
    shutil.copytree(blank, folder)
    for block in blocks_of(SMALL.package_folder) if state != "blank" else ():
        code = block.code.replace("X @ w + b", "X @ w") if state == "mistake" else block.code
        path = folder / SMALL.package / block.path
        write_source(path, replace_blocks(read_source(path), {block.name: code}))
    return folder


def printed(folder):
    """Return what a run prints, without what differs between machines."""
    # In continuous integration pytest's last lines are longer.
    left_out = ("PYTHONPATH", "COLUMNS", "CI", "BUILD_NUMBER")
    variables = {k: v for k, v in os.environ.items() if k not in left_out}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--nbval-lax", "--nbval-current-env", "notebooks"],
        cwd=folder,
        env=variables | {"COLUMNS": "80"},
        capture_output=True,
        encoding="utf-8",
        timeout=120,
    )
    lines = done.stdout.splitlines()
    lines = [line for line in lines if not re.match(r"(platform|rootdir|plugins|cachedir)\b", line)]
    text = "\n".join(lines).strip()
    return re.sub(r"=+ (\d.*) in [\d.]+s =+", r"=== \1 ===", text)


def shown(state):
    text = PAGE.read_text(encoding="utf-8")
    return re.search(rf"<!-- run: {state} -->\n```\n(.*?)```", text, re.DOTALL)[1].strip()


@pytest.mark.parametrize("state", RUNS)
def test_the_page_shows_what_a_run_prints(blank, tmp_path, state):
    assert printed(filled(blank, tmp_path / "work", state)) == shown(state)
