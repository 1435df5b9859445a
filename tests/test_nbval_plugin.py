"""Notebooks of a course run with nbval: names, causes, points, and nothing for other notebooks."""

import json
import os
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import pytest
from small_workspace import cell, fill, make_workspace, write_notebook
from this_course import COURSE

from coursekit.nbval.cells import code_cells, names_in, needed


def run(folder, *arguments, environment=None):
    """Run pytest with nbval in a folder, as somebody types it."""
    variables = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "CI")}
    return subprocess.run(
        [sys.executable, "-m", "pytest", *(["--nbval-lax"] * ("--nbval" not in arguments)),
         "--nbval-current-env", *map(str, arguments)],
        cwd=folder,
        env=variables | (environment or {}),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )  # fmt: skip


def outcomes(done):
    """Return {name of the cell: outcome} of a run with -v."""
    found = re.findall(
        r"^\S+(?:\.|::)ipynb::(.+?) (PASSED|FAILED|SKIPPED|ERROR|XFAIL|XPASS)\b",
        done.stdout,
        re.MULTILINE,
    )
    return {name: outcome.lower() for name, outcome in found}


CELLS = [
    cell("markdown", "# Small\n\n## Set-up", "t1"),
    cell("code", "import sys\nsys.path.insert(0, '..')", "c1"),
    cell("code", "import numpy as np\nfrom course import check\nfrom cs231n.layers import *", "c2"),
    cell("markdown", "## Affine layer, forward\n\nWhat to look for: a sum.", "t2"),
    cell("code", "out, _ = affine_forward(np.ones((1, 2)), np.ones((2, 1)), np.ones(1))", "c3"),
    cell("code", "assert out[0, 0] == 3, f'{out[0, 0]}, expected 3'", "c4"),
    cell("code", "check.affine_forward()", "check-affine_forward", "check"),
    cell("markdown", "## Something else", "t3"),
    cell("code", "twice = 2 * 21", "c5"),
    cell("code", "assert twice == 42", "c6"),
    cell("code", "check.relu_forward()", "check-relu_forward", "check"),
]
SET_UP = {"Set-up, cell 1": "passed", "Set-up, cell 2": "passed"}
OTHERS = {"Something else, cell 1": "passed", "Something else, cell 2": "passed"}


@pytest.fixture
def folder(tmp_path):
    made = make_workspace(tmp_path / "work")
    write_notebook(made / "notebooks" / "Small.ipynb", CELLS)
    return made


def test_a_blank_block_is_one_failure(folder):
    done = run(folder, "-v", "notebooks")
    assert outcomes(done) == SET_UP | OTHERS | {
        "Affine layer, forward, cell 1": "skipped",
        "Affine layer, forward, cell 2": "skipped",
        "affine_forward": "failed",
        "relu_forward": "failed",
    }
    assert done.returncode == 1
    assert "Cells that wait for others: affine_forward (2)" in done.stdout
    assert "not attempted: affine_forward" in done.stdout
    assert "0 of 2 points. Next: affine_forward in Small (not attempted)." in done.stdout


def test_all_right(folder):
    fill(folder, "right")
    fill(folder, "    out = np.maximum(x, 0)\n", "relu_forward")
    done = run(folder, "notebooks")
    assert done.returncode == 0
    assert "2 of 2 points. Everything that was run has passed." in done.stdout
    assert "8 passed" in done.stdout


def test_an_optional_block_that_stays_blank_is_a_skip_and_a_wrong_one_a_failure(folder):
    rms = cell("code", "check.rmsnorm_forward()", "check-rmsnorm_forward", "check", count=9)
    write_notebook(folder / "notebooks" / "Small.ipynb", [*CELLS, rms])
    fill(folder, "right")
    fill(folder, "    out = np.maximum(x, 0)\n", "relu_forward")
    done = run(folder, "-v", "-rs", "notebooks")
    assert outcomes(done)["rmsnorm_forward"] == "skipped"
    assert "optional, not filled in" in done.stdout
    assert re.search(r"rmsnorm_forward +not attempted +optional", done.stdout)
    assert "2 of 2 points. Everything that was run has passed." in done.stdout
    assert done.returncode == 0
    fill(folder, "    out, cache = x, x\n", "rmsnorm_forward", "extra.py")
    done = run(folder, "-v", "notebooks")
    assert outcomes(done)["rmsnorm_forward"] == "failed"
    assert "2 of 2 points. Next: rmsnorm_forward in Small (wrong)." in done.stdout
    assert done.returncode == 1


def test_what_a_section_that_waits_was_to_leave_is_waited_for(folder):
    needs = (
        "import pathlib\nif not pathlib.Path('left.npz').exists():\n    raise FileNotFoundError("
    )
    keeps = "out, _ = affine_forward(np.ones((1, 2)), np.ones((2, 1)), np.ones(1))\n"
    cells = [
        *CELLS[:4],
        cell("code", f"{keeps}np.savez('left.npz', out=out)", "k1", count=3),
        cell("markdown", "## What was left", "k2"),
        cell("code", f"{needs}'left.npz is not there, expected what the section '"
             " + repr('Affine layer, forward') + ' leaves')", "k3", count=4),
        cell("code", "open('of-nobody.txt')", "k4", count=5),
        cell("code", "check.affine_forward()", "check-affine_forward", "check", count=6),
    ]  # fmt: skip
    write_notebook(folder / "notebooks" / "Small.ipynb", cells)
    done = run(folder, "-v", "notebooks")
    assert outcomes(done) == SET_UP | {
        "Affine layer, forward, cell 1": "skipped",
        "What was left, cell 1": "skipped",
        "What was left, cell 2": "failed",
        "affine_forward": "failed",
    }
    assert "Cells that wait for others: affine_forward (2)" in done.stdout


def test_a_wrong_block_is_one_failure_with_its_verdict(folder):
    fill(folder, "wrong")
    fill(folder, "    out = np.maximum(x, 0)\n", "relu_forward")
    done = run(folder, "-v", "notebooks")
    assert outcomes(done) == SET_UP | OTHERS | {
        "Affine layer, forward, cell 1": "passed",
        "Affine layer, forward, cell 2": "skipped",
        "affine_forward": "failed",
        "relu_forward": "passed",
    }
    done = run(folder, "notebooks")
    assert re.search(r"^wrong: affine_forward: out", done.stdout, re.MULTILINE)
    assert "\x1b" not in done.stdout
    assert re.search(r"affine_forward +wrong +0 of 1 +It is right as soon", done.stdout)
    assert "1 of 2 points. Next: affine_forward in Small (wrong)." in done.stdout


def test_a_file_python_cannot_read_is_one_failure(folder):
    fill(folder, "unreadable")
    done = run(folder, "-v", "notebooks")
    found = outcomes(done)
    assert [name for name, outcome in found.items() if outcome == "failed"] == ["Set-up, cell 2"]
    assert found["Something else, cell 2"] == "passed"
    line = (folder / "cs231n" / "layers.py").read_text().splitlines().index("    out = (") + 1
    said = f"cs231n/layers.py, line {line}: '(' was never closed. Until that line is mended, "
    assert f"\n{said}nothing in the file works.\n" in done.stdout
    assert f"0 of 2 points. Next: {said}" in done.stdout
    assert done.returncode == 1
    assert "Cells that wait for others: Set-up, cell 2 (2)" in done.stdout


@pytest.mark.parametrize("work", ["while True: pass", "import os; os._exit(3)"])
def test_a_cell_without_end_ends_and_the_rest_goes_on(folder, work):
    fill(folder, "right")
    cells = [*CELLS[:7], cell("code", f"begun = 1\n{work}", "c9"), *CELLS[7:]]
    write_notebook(folder / "notebooks" / "Small.ipynb", cells)
    description = folder / "course" / "course.toml"
    text = re.sub(r"(?ms)^\[nbval\].*?(?=^\[|\Z)", "", description.read_text())
    description.write_text(text + "\n[nbval]\nseconds = 3\n")
    done = run(folder, "-v", "notebooks")
    found = outcomes(done)
    assert found == SET_UP | OTHERS | {
        "Affine layer, forward, cell 1": "passed",
        "Affine layer, forward, cell 2": "passed",
        "affine_forward": "passed",
        "Affine layer, forward, cell 4": "failed",
        "relu_forward": "failed",
    }


def test_a_block_without_end_is_one_failure_and_waited_for_once(folder):
    fill(folder, "right")
    fill(folder, "    while True:\n        out = x\n", "relu_forward")
    later = [
        cell("code", "from cs231n.layer_utils import affine_relu_forward as both", "c9"),
        cell("code", "both(np.ones((1, 2)), np.ones((2, 1)), np.ones(1))", "c10"),
        cell("code", "relu_forward(np.ones(3))", "c11"),
    ]
    cells = [*CELLS[:3], cell("code", "relu_forward(np.ones(2))", "c8"), *CELLS[3:], *later]
    write_notebook(folder / "notebooks" / "Small.ipynb", cells)
    done = run(folder, "-v", "notebooks", "--nbval-cell-timeout", "3")
    found = outcomes(done)
    assert [name for name, outcome in found.items() if outcome == "failed"] == ["relu_forward"]
    waiting = [name for name, outcome in found.items() if outcome == "skipped"]
    # The first is where the loop was found, and the others are not even begun.
    assert waiting == ["Set-up, cell 3", "Something else, cell 5", "Something else, cell 6"]
    assert "timed out: relu_forward: did not finish within 3 seconds" in done.stdout
    line = (folder / "cs231n" / "layers.py").read_text().splitlines().index("        out = x") + 1
    assert re.search(rf"It was in cs231n/layers.py, line ({line - 1}|{line}), then", done.stdout)
    assert re.search(r"relu_forward +timed out +0 of 1", done.stdout)


def test_what_is_left_none_is_one_failure(folder):
    fill(folder, "right")
    cells = [
        *CELLS[:7],
        cell("code", "model = None\n# TODO: train one.", "c8"),
        cell("code", "model.predict(np.ones(2))", "c9"),
        cell("code", "print(model.loss)", "c10"),
    ]
    write_notebook(folder / "notebooks" / "Small.ipynb", cells)
    done = run(folder, "notebooks")
    assert "model is still None: In [6] is where it gets its value" in done.stdout
    assert "Cells that wait for others: Affine layer, forward, cell 5 (1)" in done.stdout
    assert "1 failed" in done.stdout


@pytest.fixture
def solved(tmp_path):
    return make_workspace(tmp_path / "solved", blank_blocks=False)


def test_a_check_that_leans_on_a_wrong_block_keeps_its_points(solved):
    fill(solved, "    out = np.abs(x)\n", "relu_forward")
    # What leans on what follows the order of the course, which is that of its notebooks.
    shutil.copy(COURSE.folder / "notebooks" / "FullyConnectedNets.ipynb", solved / "notebooks")
    last = cell("code", "check.FullyConnectedNet_gradients()", "check-last", "check")
    write_notebook(solved / "notebooks" / "Small.ipynb", [*CELLS, last])
    done = run(solved, "notebooks/Small.ipynb", "--course-report", solved / "report.json")
    told = json.loads((solved / "report.json").read_text())
    leaning = next(c for c in told["checks"] if c["check"] == "FullyConnectedNet_gradients")
    assert (leaning["verdict"], leaning["waits_for"]) == ("waiting", "relu_forward")
    assert leaning["earned"] > 0, done.stdout


def test_checks_that_wait_for_another_notebook_are_no_success(solved):
    """Whoever reads the exit code alone must not take it for one."""
    fill(
        solved,
        '    raise NotImplementedError("relu_forward is not filled in yet")\n',
        "relu_forward",
    )
    cells = [*CELLS[:3], cell("code", "check.TwoLayerNet_scores()", "check-two", "check")]
    write_notebook(solved / "notebooks" / "Small.ipynb", cells)
    done = run(solved, "notebooks")
    assert "1 skipped" in done.stdout
    assert "failed" not in done.stdout
    assert "Next: relu_forward, for which a cell waits." in done.stdout
    assert done.returncode == 1


def test_what_a_selected_cell_needs_is_run_with_it(folder):
    fill(folder, "right")
    done = run(folder, "-v", "notebooks", "-k", "forward and cell and 2")
    assert outcomes(done) == {"Affine layer, forward, cell 2": "passed"}
    write_notebook(
        folder / "notebooks" / "Small.ipynb",
        [*CELLS[:4], cell("code", "1 / 0\nout = 1", "c3"), *CELLS[5:]],
    )
    done = run(folder, "-v", "-rs", "notebooks", "-k", "forward and cell and 2")
    assert outcomes(done) == {"Affine layer, forward, cell 2": "skipped"}
    assert "waiting for Affine layer, forward, cell 1" in done.stdout


def test_the_last_failures_are_run_alone(folder):
    run(folder, "notebooks")
    fill(folder, "right")
    done = run(folder, "-v", "notebooks", "--lf")
    assert outcomes(done) == {"affine_forward": "passed", "relu_forward": "failed"}


def test_two_workers_share_no_notebook(folder):
    fill(folder, "right")
    write_notebook(folder / "notebooks" / "Other.ipynb", CELLS)
    done = run(folder, "-v", "-n", "2", "notebooks")
    workers = re.findall(r"^\[(gw\d)\].*?notebooks/(\w+)\.ipynb", done.stdout, re.MULTILINE)
    assert {name for _, name in workers} == {"Small", "Other"}
    assert len(set(workers)) == 2
    assert "2 of 4 points" in done.stdout


def test_a_failure_takes_no_more_than_a_screen(folder):
    error = "def deeper(n):\n    return deeper(n - 1) if n else 1 / 0\n\ndeeper(60)"
    write_notebook(
        folder / "notebooks" / "Small.ipynb",
        [cell("markdown", "# Deep\n\nWhat to look for: nothing.", "t1"), cell("code", error, "c1")],
    )
    done = run(folder, "notebooks")
    shown = done.stdout.partition("FAILURES")[2].partition(" course ")[0].splitlines()[2:]
    assert shown[0] == "ZeroDivisionError: division by zero"
    assert len(shown) <= 26
    assert "more lines; -v shows all of them" in done.stdout
    assert len(run(folder, "-v", "notebooks").stdout) > len(done.stdout)


def test_an_error_of_a_cell_is_shown_with_the_students_lines(folder):
    fill(folder, "    out = x @ nothing\n")
    source = "affine_forward(np.ones((1, 2)), np.ones((2, 1)), np.ones(1))"
    fill(folder, "    out = np.maximum(x, 0)\n", "relu_forward")
    write_notebook(
        folder / "notebooks" / "Small.ipynb",
        [*CELLS[:4], cell("code", "relu_forward(np.ones(2))[5]", "c3"), cell("code", source, "c4")],
    )
    done = run(folder, "notebooks")
    assert "IndexError: tuple index out of range" in done.stdout
    assert "  the cell, line 1, in <module>" in done.stdout
    assert "The text above the cell:\n  What to look for: a sum." in done.stdout
    assert "Cells that wait for others: affine_forward (1)" in done.stdout


def test_reports_for_machines(folder):
    fill(folder, "right")
    summary = folder / "summary"
    summary.write_text("before\n")
    done = run(
        folder, "notebooks", "--junit-xml", "junit.xml",
        "--course-report", "out/points.json", "--course-report", "results.json",
        "--course-report", "points.md", "--course-report", summary,
        environment={"GITHUB_STEP_SUMMARY": str(summary)},
    )  # fmt: skip
    assert done.returncode == 1
    told = json.loads((folder / "out" / "points.json").read_text())
    assert (told["earned"], told["points"]) == (1, 2)
    assert {one["check"]: one["verdict"] for one in told["checks"]} == {
        "affine_forward": "passed",
        "relu_forward": "not_attempted",
    }
    given = json.loads((folder / "results.json").read_text())
    assert given["score"] == 1
    assert [(t["name"], t["score"], t["max_score"]) for t in given["tests"]] == [
        ("affine_forward", 1, 1),
        ("relu_forward", 0, 1),
    ]
    markdown = (folder / "points.md").read_text()
    assert markdown.startswith("## 1 of 2 points\n")
    assert "| `relu_forward` | not attempted | 0 of 1 |" in markdown
    assert summary.read_text() == "before\n" + markdown
    cases = ElementTree.parse(folder / "junit.xml").getroot().iter("testcase")
    properties = {
        case.get("name"): {p.get("name"): p.get("value") for p in case.iter("property")}
        for case in cases
    }
    assert properties["affine_forward"] == {
        "check": "affine_forward", "verdict": "passed", "points": "1", "earned": "1.0",
    }  # fmt: skip
    assert properties["Set-up, cell 1"] == {}


def test_a_report_of_no_known_form_is_refused_at_once(folder):
    done = run(folder, "notebooks", "--course-report", "points.txt")
    assert done.returncode == 4
    assert "--course-report is points.txt, expected a name that ends in" in done.stderr


def test_notebooks_of_no_course_are_left_alone(tmp_path):
    cells = [cell("code", "a = 1", "c1"), cell("code", "1 / 0", "c2"), cell("code", "a", "c3")]
    write_notebook(tmp_path / "Free.ipynb", cells)
    done = run(tmp_path, "-v", ".")
    assert outcomes(done) == {"Cell 0": "passed", "Cell 1": "failed", "Cell 2": "passed"}
    assert " course " not in done.stdout
    assert outcomes(run(tmp_path, "-v", ".", "-p", "no:coursekit")) == outcomes(done)


def printed(text):
    return {"output_type": "stream", "name": "stdout", "text": [text]}


@pytest.mark.parametrize("mode", ["--nbval", "--nbval-lax"])
def test_other_notebooks_get_the_same_verdicts_with_the_plugin_as_without(tmp_path, mode):
    cells = [
        cell("code", "print(1)", "a", count=1, outputs=[printed("1\n")]),
        cell("code", "print(2)", "b", count=2, outputs=[printed("3\n")]),
        cell("code", "# NBVAL_IGNORE_OUTPUT\nprint(2)", "c", count=3, outputs=[printed("3\n")]),
        cell("code", "# NBVAL_CHECK_OUTPUT\nprint(2)", "d", count=4, outputs=[printed("3\n")]),
        cell("code", "1 / 0", "e", "raises-exception", count=5),
        cell("code", "1 / 0", "f", "nbval-skip", count=6),
        cell("code", "undefined", "g", count=7),
        cell("code", "%%bash\nexit 1", "h", count=8),
        cell("code", "print(3)", "i", count=None, outputs=[printed("3\n")]),
        cell("code", "def broken(:", "j", count=9),
        cell("code", "", "k", count=10),
    ]
    write_notebook(tmp_path / "Kinds.ipynb", cells)
    with_it = run(tmp_path, "-v", mode, "Kinds.ipynb")
    without = run(tmp_path, "-v", mode, "-p", "no:coursekit", "Kinds.ipynb")
    assert len(outcomes(with_it)) == len(cells)
    assert set(outcomes(with_it).values()) == {"passed", "failed", "skipped"}
    assert outcomes(with_it) == outcomes(without)
    assert with_it.returncode == without.returncode


def named(*cells):
    return [code.name for code in code_cells(cells)]


def test_names_of_cells_stay_when_others_are_added():
    cells = [
        cell("code", "0", "a"),
        cell("markdown", "# A\n\n## B", "b"),
        cell("code", "1", "c"),
        cell("code", "check.relu_forward()", "d"),
        cell("code", "2", "e"),
        cell("markdown", "## C", "f"),
        cell("markdown", "### B", "g"),
        cell("code", "3", "h"),
        cell("code", "check.relu_forward()", "i"),
    ]
    assert named(*cells) == [
        "top, cell 1", "A: B, cell 1", "relu_forward", "A: B, cell 3", "C: B, cell 1",
        "relu_forward, again",
    ]  # fmt: skip
    assert named(*cells[:3], cell("markdown", "## New", "x"), cell("code", "9", "y"), *cells[5:])[
        -2:
    ] == ["C: B, cell 1", "relu_forward"]


@pytest.mark.parametrize(
    ("heading", "name"),
    [
        ("## `f`: *why*?", "f: why?, cell 1"),
        ("## a::b [c]", "a:b (c), cell 1"),
        ("```\n# no heading\n```", "top, cell 1"),
        ("Words\n### Deep ###\nmore", "Deep, cell 1"),
    ],
)
def test_headings_become_names(heading, name):
    assert named(cell("markdown", heading, "a"), cell("code", "1", "b")) == [name]


@pytest.mark.parametrize(
    ("source", "binds", "uses", "changes"),
    [
        ("a = b + 1", "a", "b", ""),
        ("a += 1", "a", "a", ""),
        ("a.b = c", "", "a c", "a"),
        ("a[0], d = c", "d", "a c", "a"),
        ("solver.train()", "", "solver", "solver"),
        ("print(x.mean())", "", "x", ""),
        ("for i in xs:\n    total = i", "i total", "xs", ""),
        ("[y for y in ys if y > z]", "", "ys z", ""),
        ("def f(a, b=c):\n    d = a\n    return d + e", "f", "c e", ""),
        ("g = lambda q: q + r", "g", "r", ""),
        ("class K(B):\n    x = y", "K", "B y", ""),
        ("import numpy as np\nnp.zeros(n)", "np", "n", ""),
        ("with open(p) as file:\n    t = file.read()", "file t", "p", ""),
        ("%matplotlib inline\na = 1", "a", "", ""),
        ("%%time\na = b", "a", "b", ""),
        ("%%bash\necho $a", "", "", ""),
        ("if (n := len(xs)) > 1:\n    pass", "n", "xs", ""),
        ("def broken(:", "", "", ""),
    ],
)
def test_names_in_cells(source, binds, uses, changes):
    found = names_in(source)
    assert found.binds == set(binds.split())
    assert found.uses == set(uses.split())
    assert found.changes == set(changes.split())


def test_a_cell_needs_those_that_gave_its_names_their_values():
    sources = [
        "import numpy as np",  # 0
        "np.random.seed(0)",  # 1
        "x = np.ones(3)",  # 2
        "y = x.sum()",  # 3
        "x[0] = 5",  # 4
        "model = x",  # 5
        "model.train()",  # 6
        "y = 2 * y",  # 7
        "print(model, y)",  # 8
    ]
    cells = code_cells([cell("code", source, f"c{i}") for i, source in enumerate(sources)])
    assert needed(cells, 8) == [0, 2, 3, 4, 5, 6, 7]
    assert needed(cells, 2) == [0]
    assert needed(cells, 3) == [0, 2]


def test_a_kernel_tells_on_a_signal_where_it_is_and_goes_on(tmp_path):
    """Whatever its frames are called, such as those of Python's own frozen modules."""
    told = tmp_path / "frames.json"
    code = f"""
import os, signal
from coursekit.nbval.frames import tell_on_signal
tell_on_signal({str(told)!r})
exec(compile("def inner(): os.kill(os.getpid(), signal.SIGUSR1)", "bare.py", "exec"))
exec(compile("inner()", "x", "exec"))
print("went on")
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "went on\n", done.stderr
    assert json.loads(told.read_text())[-1]["function"] == "inner"
