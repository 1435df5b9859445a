"""Handing in: what is told, what is packed, and that nothing keeps a student from handing in."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile

import pytest
from small_workspace import (
    ROOT,
    cell,
    fill,
    make_workspace,
    run_command,
    small_cells,
    write_notebook,
)
from this_course import COURSE, check

from coursekit import cli, notebooks
from coursekit.blocks import END, START, blocks_of
from coursekit.checks import Kind, freshness
from coursekit.checks.progress import Record, Table, table_of
from coursekit.course import LISTING, Course, listing
from coursekit.files import write_json
from coursekit.student.submit import packing
from coursekit.student.submit.inspection import warnings_on


@pytest.fixture
def workspace(tmp_path):
    return make_workspace(tmp_path / "a kit of Łovelace")


def display(text, fingerprint=None):
    metadata = {notebooks.METADATA: {"sources": fingerprint}} if fingerprint else {}
    data = {"text/plain": [text + "\n", "  1 of 1 point"], "text/html": ["<p>"]}
    return {"output_type": "display_data", "data": data, "metadata": metadata}


PASSED = "passed: affine_forward"
DIGESTS = {"layers.affine_forward": "ab"}
NOW = {"affine_forward": (Record("affine_forward", Kind.PASSED, "", 1, DIGESTS, ""), PASSED)}


def run_cells(first=1, output=None):
    """Return the small notebook as it is when it was run, with its question answered."""
    cells = small_cells()
    cells[1]["execution_count"] = first
    cells[2]["execution_count"] = 2
    cells[2]["outputs"] = [output or display(PASSED, freshness.fingerprint(DIGESTS))]
    return [*cells, cell("markdown", "Because.", "answer-1", "answer")]


def said_of(tmp_path, cells, name="Small"):
    write_notebook(tmp_path / f"{name}.ipynb", cells)
    return warnings_in(tmp_path / f"{name}.ipynb")


def warnings_in(path):
    """Return what is told of a notebook of this course, wherever it lies."""
    return warnings_on(COURSE, path, NOW)


# What is told of a notebook


def test_a_notebook_that_was_run_from_top_to_bottom_is_all_right(tmp_path):
    assert said_of(tmp_path, run_cells()) == []
    assert said_of(tmp_path, run_cells(output=display(PASSED))) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda cells: [c | {"execution_count": None} for c in cells], "it was not run"),
        (lambda cells: [*cells, cell("code", "x = 1", "x")], "cell 6 was not run"),
        (lambda cells: [*cells, cell("code", "", "x")], None),
        (lambda cells: [*cells, cell("code", "x", "x", count=1)], "cell 6 was run before cell 3"),
        (lambda cells: [*cells, cell("code", "x", "x", count=2)], "cell 6 was run before cell 3"),
        (lambda cells: [*cells, cell("code", "x", "x", count=9)], None),
        (lambda cells: cells[:-1], "question 1 has no answer: Why?"),
        (lambda cells: [*cells[:-1], cell("markdown", "**Your answer:** ", "x")], "no answer"),
        (lambda cells: [*cells[:-1], cell("markdown", notebooks.PLACEHOLDER, "x")], "no answer"),
        (lambda cells: [*cells[:-1], cell("markdown", "Your answer: 4", "x")], None),
        (lambda cells: [*cells[:-1], cell("raw", "As I see it, 4.", "1f0e2d3c")], None),
        (
            lambda cells: [
                *cells,
                cell("code", "1/0", "x", count=3, outputs=[{"output_type": "error", "ename": "Z"}]),
            ],
            "cell 6 ended in an error, Z",
        ),
    ],
)
def test_what_is_told_of_a_notebook(tmp_path, change, says):
    said = said_of(tmp_path, change(run_cells()))
    assert len(said) == (says is not None), said
    assert says is None or says in said[0]


@pytest.mark.parametrize(
    ("output", "old"),
    [
        (display(PASSED, "another"), True),
        (display("wrong: affine_forward: out"), True),
        (display("wrong: affine_forward: out", freshness.fingerprint(DIGESTS)), False),
        ({"output_type": "stream", "text": "x"}, False),
        ({"output_type": "display_data", "data": None, "metadata": 3}, False),
    ],
)
def test_a_notebook_that_is_older_than_the_code_is_told(tmp_path, output, old):
    said = said_of(tmp_path, run_cells(output=output))
    assert bool(said) == old
    assert not old or said[0].startswith(
        "it is older than the code: what it shows of affine_forward"
    )


def test_a_check_whose_cell_is_gone_is_told(tmp_path):
    [said] = said_of(tmp_path, run_cells(), name="Dropout")
    assert "check.dropout_forward_train(), check.dropout_forward_test()" in said


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b"\xff",
        b'{"nbformat": 3, "worksheets": []}',
        b'{"nbformat": 4, "cells": 3}',
        b'{"nbformat": 4, "cells": [{"cell_type": "code"}]}',
        b'{"nbformat": 4, "cells": [{"cell_type": "code", "metadata": {}, "source": 7}]}',
        b"[" * 100_000,
    ],
)
def test_a_file_that_is_no_notebook_is_told(tmp_path, content):
    (tmp_path / "Small.ipynb").write_bytes(content)
    [said] = warnings_in(tmp_path / "Small.ipynb")
    assert said.startswith("it is no notebook")
    [said] = warnings_in(tmp_path / "Missing.ipynb")
    assert said.startswith("it cannot be read")


def test_the_answers_of_a_notebook_without_ids_are_found(tmp_path):
    cells = [
        cell("markdown", "**Question 1.** Why?", "", "inline-question"),
        cell("markdown", "Because."),
        cell("markdown", "## More"),
        cell("markdown", "**Question 2.** How?", "", "inline-question"),
        cell("code", "x = 1"),
        cell("markdown", "too late"),
    ]
    for one in cells:
        del one["id"]
    write_notebook(tmp_path / "Colab.ipynb", cells)
    answers = notebooks.answers_in(notebooks.read(tmp_path / "Colab.ipynb"))
    assert [answer.answer for answer in answers] == ["Because.", ""]
    assert [answer.question for answer in answers] == ["question-1", "question-2"]


# What is packed


def test_the_zip_holds_the_files_of_the_student_and_nothing_else(workspace):
    fill(workspace, "right")
    (workspace / "datasets").mkdir()
    (workspace / "datasets" / "data_batch_1").write_bytes(b"0" * 1000)
    done = run_command(workspace, "submit", "--name", "Ada Łovelace")
    assert done.returncode == 0, done.stderr
    path = workspace / "submission-Ada-Łovelace.zip"
    assert str(path) in done.stdout.splitlines()[-1]
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        manifest = json.loads(archive.read("manifest.json"))
        assert archive.read("cs231n/layers.py") == (workspace / "cs231n" / "layers.py").read_bytes()
    package = ["classifiers/cnn", "classifiers/fc_net", "extra", "layer_utils", "layers", "optim"]
    assert names == [
        "manifest.json",
        *(f"cs231n/{name}.py" for name in package),
        "notebooks/Small.ipynb",
    ]
    wanted = hashlib.sha256((workspace / "notebooks" / "Small.ipynb").read_bytes()).hexdigest()
    assert manifest["files"]["notebooks/Small.ipynb"] == wanted
    blocks = {block.name for block in blocks_of(COURSE.package_folder)}
    assert set(manifest["blocks"]) == blocks
    assert blocks == {block for each in check.with_optional for block in each.blocks}
    assert manifest["blocks"]["affine_forward"]["filled in"]
    assert not manifest["blocks"]["relu_forward"]["filled in"]
    assert manifest["points"] == {"earned": 1, "possible": COURSE.points}
    kinds = {verdict["check"]: verdict["kind"] for verdict in manifest["verdicts"]}
    others = dict.fromkeys(kinds.keys() - {"affine_forward"}, "not_attempted")
    assert kinds == {"affine_forward": "passed"} | others
    assert len(kinds) == len(check)
    assert "notebooks/Dropout.ipynb: it is missing." in manifest["warnings"]
    asked = {block for each in check for block in each.blocks}
    blank = f"{len(asked) - 1} of {len(asked)} blocks are not filled in yet."
    assert f"cs231n: {blank}" in manifest["warnings"]
    assert not list(workspace.rglob("*.part"))


def test_modules_of_the_students_own_are_told(workspace):
    paths = [path.relative_to(workspace).as_posix() for path in workspace.rglob("*.py")]
    (workspace / "cs231n" / "mine.py").write_text("x = 1\n")
    course = Course.read(workspace)
    assert course.own_modules() == []  # without a list nothing can be told
    write_json(workspace / LISTING, listing(workspace, paths, "1.0"))
    assert course.own_modules() == ["cs231n/mine.py"]
    (workspace / LISTING).write_text("[]")
    assert course.own_modules() == []


def test_nothing_keeps_a_student_from_handing_in(workspace):
    fill(workspace, "endless")
    optim = workspace / "cs231n" / "optim.py"
    lines = optim.read_text().splitlines(keepends=True)
    optim.write_text("".join(line for line in lines if line.strip() not in (START, END)))
    (workspace / "cs231n" / "layer_utils.py").write_text("def (\n")
    (workspace / "notebooks" / "Small.ipynb").write_text("")
    done = run_command(workspace, "submit", "--seconds", "0.3")
    assert done.returncode == 0, done.stderr
    assert "timed out" in done.stdout
    told = " ".join(done.stdout.split())  # it is wrapped
    gone = re.search(r"not found: the blocks ([^.]*)\.", told)[1]
    lost = ("optim.py", "layer_utils.py")
    blocks = {block.name for block in blocks_of(COURSE.package_folder) if block.path in lost}
    assert set(gone.split(", ")) == blocks >= {"sgd_momentum", "rmsprop", "adam"}
    assert "it is no notebook" in done.stdout
    with zipfile.ZipFile(workspace / "submission.zip") as archive:
        assert "cs231n/optim.py" in archive.namelist()


def test_checks_that_cannot_be_run_are_no_hindrance(workspace, monkeypatch, capsys):
    """Python is one here that does not come up."""
    python = workspace / "python"
    python.write_text('#!/bin/sh\necho "ImportError: no luck" >&2\nexit 1\n')
    python.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(python))
    out = str(workspace / "mine.zip")
    assert cli.main(["--course", str(workspace), "submit", "--out", out]) == 0
    assert "checks cannot be run (ImportError: no luck)" in capsys.readouterr().out
    assert zipfile.is_zipfile(workspace / "mine.zip")


def test_a_place_that_cannot_be_written_to_is_told_in_a_sentence(workspace):
    (workspace / "file").write_text("")
    done = run_command(workspace, "submit", "--out", "file/mine.zip")
    assert done.returncode == 1
    assert done.stderr.startswith("Nothing was written: ")
    assert "Traceback" not in done.stderr


def test_a_check_for_the_bug_hunt_that_nobody_touched_is_told(workspace):
    given = cell("code", "def my_check(f):\n    pass", "", "hunt-relu_forward", count=1)
    given["id"] = notebooks.content_name(given | {"source": "".join(given["source"])})
    write_notebook(workspace / "notebooks" / "Small.ipynb", [given])
    said = "your own check of relu_forward, for the bug hunt, is as it was handed out."
    assert said in warnings_on(Course.read(workspace), "notebooks/Small.ipynb", {})
    given["source"] = ["def my_check(f):\n", "    assert f(1) == 1"]
    write_notebook(workspace / "notebooks" / "Small.ipynb", [given])
    assert said not in warnings_on(Course.read(workspace), "notebooks/Small.ipynb", {})


def test_the_script_works_from_anywhere_and_in_folders_with_blanks(workspace, tmp_path):
    shutil.copy(ROOT / "collect_submission.sh", workspace)
    bin_folder = workspace / ".venv" / "bin"
    bin_folder.mkdir(parents=True)
    script = '#!/bin/sh\n[ "$1" = -c ] && exit 0\nprintf "%s|" "$PWD" "$@"\n'
    (bin_folder / "python").write_text(script)
    (bin_folder / "python").chmod(0o755)
    done = subprocess.run(
        ["bash", workspace / "collect_submission.sh", "--out", "my file.zip"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout == f"{workspace}|-m|coursekit|submit|--out|my file.zip|"


def test_the_script_says_what_to_do_where_no_python_has_coursekit(workspace, tmp_path):
    shutil.copy(ROOT / "collect_submission.sh", workspace)
    (tmp_path / "bin").mkdir()
    for name in ("python", "python3"):
        (tmp_path / "bin" / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / "bin" / name).chmod(0o755)
    for name in ("dirname", "bash"):
        (tmp_path / "bin" / name).symlink_to(shutil.which(name))
    done = subprocess.run(
        ["bash", workspace / "collect_submission.sh"],
        env={"PATH": str(tmp_path / "bin")},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 1
    assert "`make lab` installs one into .venv" in done.stderr


# Size and form


def notebook_of(size, seed):
    """Return the bytes of a notebook with an output that hardly can be packed any smaller."""
    noise = "".join(hashlib.sha256(b"%d %d" % (seed, i)).hexdigest() for i in range(size // 64))
    output = {"output_type": "stream", "name": "stdout", "text": noise}
    cells = [
        cell("code", "print(noise)", "x", count=1, outputs=[output]),
        cell("code", "check.affine_forward()", "y", count=2, outputs=[display(PASSED)]),
    ]
    return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4}).encode()


def test_the_largest_notebooks_lose_their_outputs_until_all_fit():
    files = {f"notebooks/{n}.ipynb": notebook_of(100_000 * n, n) for n in (1, 3, 2)}
    same, none = packing.fitting(files, room=1_000_000)
    assert (same, none) == (files, [])
    fewer, stripped = packing.fitting(files, room=100_000)
    assert stripped == ["notebooks/3.ipynb", "notebooks/2.ipynb"]
    first, second = notebooks.parse(fewer["notebooks/3.ipynb"])["cells"]
    assert (first["outputs"], first["execution_count"]) == ([], 1)
    assert second["outputs"] == [display(PASSED)]
    assert fewer["notebooks/1.ipynb"] == files["notebooks/1.ipynb"]


def test_what_does_not_fit_at_all_is_told():
    noise = os.urandom(40_000)
    with pytest.raises(packing.TooLarge, match="at most 20 MB for all files"):
        packing.fitting({"big.py": noise, "broken.ipynb": b"no notebook"}, room=10_000)


def test_the_same_files_give_the_same_zip(tmp_path):
    files = {"cs231n/a.py": b"x = 1\n", "notebooks/b.ipynb": notebook_of(1000, 1)}
    described = packing.manifest(files, Table(()), [], [])
    for name in ("one.zip", "two.zip"):
        packing.write(tmp_path / name, files, described)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_a_zip_that_is_cut_off_leaves_the_one_before(tmp_path, monkeypatch):
    (tmp_path / "mine.zip").write_text("the one before")
    monkeypatch.setattr("os.replace", lambda *paths: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        packing.write(tmp_path / "mine.zip", {}, {})
    assert [path.name for path in tmp_path.iterdir()] == ["mine.zip"]
    assert (tmp_path / "mine.zip").read_text() == "the one before"


def test_a_table_without_any_result_is_a_table_of_nothing_run():
    table = table_of(check, {})
    assert {row.kind for row in table.rows} == {Kind.NOT_RUN}
    points = packing.manifest({}, table, [], [])["points"]
    assert points == {"earned": 0, "possible": COURSE.points}


@pytest.mark.parametrize(
    "out",
    ["notebooks/Small.ipynb", "submission", "folder.zip", "link.zip", "text.zip", "/dev/full"],
)
def test_nothing_but_an_older_zip_is_replaced(tmp_path, out):
    folder = make_workspace(tmp_path / "work")
    (folder / "folder.zip").mkdir()
    (folder / "link.zip").symlink_to(folder / "notebooks" / "Small.ipynb")
    (folder / "text.zip").write_text("notes of mine")
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    done = run_command(folder, "submit", "--out", out)
    assert done.returncode == 1
    assert done.stderr.startswith("Nothing was written: ")
    assert "expected" in done.stderr
    after = {path: path.read_bytes() for path in before}
    assert after == before
