"""Submissions for the tests of grading: the reference, with something else in some places."""

import json
import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

from this_course import COURSE

from coursekit.blocks import blank, blocks_of, read_source, replace_blocks, write_source
from coursekit.grading import SubmissionResult

SEED = 20
ROOT = COURSE.folder
REFERENCE = COURSE.package_folder
# The files that are graded, as paths in the package.
EDITABLE = sorted({block.path for block in blocks_of(REFERENCE)})


def make_submission(folder, *, blocks=(), above=(), below=(), files=()):
    """Write a submission into `folder`: the reference's editable files, with changes.

    blocks: {name of a block: code that stands before the reference's}. above, below: {path in the
    package: code at the start or at the end of the file}. files: {path in the submission: text}.
    """
    found = {block.name: block for block in blocks_of(REFERENCE)}
    for path in EDITABLE:
        target = folder / "cs231n" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        source = read_source(REFERENCE / path)
        for name, code in dict(blocks).items():
            block = found[name]
            if block.path == path:
                before = textwrap.indent(textwrap.dedent(code).strip(), block.indentation)
                source = replace_blocks(source, {name: f"{before}\n{block.code}"})
        source = textwrap.dedent(dict(above).get(path, "")) + source
        source += textwrap.dedent(dict(below).get(path, ""))
        write_source(target, source)
    for path, text in dict(files).items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
    return folder


def grade_in_process(submission, folder, **job):
    """Grade a submission in a process of its own, as a class is graded. Returns the result."""
    path = folder / "job.json"
    result = folder / "result.json"
    job = {"course": str(ROOT), "submission": str(submission), "seed": SEED} | job
    path.write_text(json.dumps(job | {"result": str(result)}))
    environment = {"PATH": os.environ["PATH"], "A_SECRET": "do not tell", "PYTHONPATH": str(ROOT)}
    run = subprocess.run(
        [sys.executable, "-m", "coursekit.grading.unit", str(path)],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert run.returncode == 0, run.stderr
    return SubmissionResult.read(result)


def emptied(folder, names=None):
    """Empty blocks of a submission: those that are named, or all. Returns the folder."""
    blocks = blocks_of(REFERENCE)
    for path in EDITABLE:
        own = [b.name for b in blocks if b.path == path and (names is None or b.name in names)]
        file = folder / "cs231n" / path
        write_source(file, blank(read_source(file), only=own))
    return folder


def kinds(result):
    return {found.check: found.kind for found in result.checks}


def texts(result):
    return {found.check: found.text for found in result.checks}


def processes_with(mark):
    """Return the processes whose command line has `mark` as an argument."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (folder / "cmdline").read_bytes().split(b"\0"):
                found.append(folder.name)
        except OSError:
            continue
    return found


def descendants(pid):
    """Return the processes that a process has started, and those that they have, and so on."""
    children = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
        except OSError:
            continue
        children.setdefault(parent, []).append(folder.name)
    found = [str(pid)]
    for one in found:
        found += children.get(one, [])
    return found[1:]


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to pass"
        time.sleep(0.05)


def living(pids):
    return [pid for pid in pids if Path("/proc", pid).exists()]
