"""What was handed in, run once more: notebooks in a sandbox of their own, and a network."""

import dataclasses
import json
import os
import shutil

import numpy as np
import pytest
from made_submissions import make_submission
from small_workspace import cell, write_notebook
from this_course import COURSE

from coursekit.grading import programs, rerun, sandbox
from coursekit.grading.grades import Grades
from coursekit.grading.programs import Ended, Program
from coursekit.grading.rerun import NotebookRun, Rerun, Settings

pytestmark = pytest.mark.skipif(bool(sandbox.why_not()), reason=f"{sandbox.why_not()}")
NAME = COURSE.notebooks[0]
SET_UP = [
    cell("markdown", "# Small\n\n## Set-up", "t1"),
    cell("code", "import sys\nsys.path.insert(0, '..')", "c1", count=1),
    cell("code", "import numpy as np\nfrom cs231n.layers import *\nfrom course import check", "c2",
         count=2),
]  # fmt: skip


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return tmp_path_factory.mktemp("work")


def handed_in(folder, *sources, blocks=()):
    """Write a submission with a notebook of some cells."""
    make_submission(folder, blocks=blocks)
    (folder / "notebooks").mkdir()
    cells = [cell("code", source, f"d{n}", count=n + 3) for n, source in enumerate(sources)]
    write_notebook(folder / "notebooks" / f"{NAME}.ipynb", [*SET_UP, *cells])
    return folder


def run_again(folder, work, course=COURSE):
    found = rerun.rerun(course, folder, work=work)
    (run,) = found.notebooks
    return run, found


def within(seconds):
    """Return the course, with so many seconds for a notebook."""
    grading = COURSE.settings["grading"]
    own = grading | {"notebooks": grading["notebooks"] | {"seconds": seconds}}
    return dataclasses.replace(COURSE, settings=COURSE.settings | {"grading": own})


def test_a_notebook_runs_on_the_code_that_was_handed_in(tmp_path, work):
    submission = handed_in(
        tmp_path / "one",
        "out, _ = relu_forward(np.array([-1.0, 2.0]))",
        "assert out[1] == 2, 'no relu'",
        "import os\nassert os.environ['COURSE_PACE'] == 'quick'",
        "check.relu_forward()",
        "from cs231n.gradient_check import rel_error\nassert rel_error(out, out) == 0",
    )
    run, _ = run_again(submission, work)
    assert (run.passed, run.failed, run.waiting, run.problem) == (7, (), 0, "")
    assert run.is_whole
    assert run.in_words == "7 of 7 cells ran"


def test_what_fails_and_what_waits_for_it_are_told(tmp_path, work):
    submission = handed_in(
        tmp_path / "one",
        "check.relu_forward()",
        "missing = undefined_name",
        "missing + 1",
        blocks={"relu_forward": "raise NotImplementedError('relu_forward')"},
    )
    run, _ = run_again(submission, work)
    assert not run.is_whole
    assert run.waiting == 1
    assert any("relu_forward" in sentence for sentence in run.failed)
    assert any("NameError: name 'undefined_name'" in sentence for sentence in run.failed)


def test_nothing_is_in_sight_that_a_student_does_not_have(tmp_path, work):
    submission = handed_in(
        tmp_path / "one",
        f"import os\nassert not os.path.exists({str(COURSE.room / 'mistakes')!r})",
        "assert not os.path.exists('../course/mistakes')",
        "assert not os.path.exists('../course/spellings')",
        "assert 'HOME' not in os.environ or os.environ['HOME'] == '/tmp'",
        "import socket\ntry:\n    socket.create_connection(('192.0.2.1', 80), 2)\nexcept OSError:\n"
        "    pass\nelse:\n    raise AssertionError('a network')",
        "try:\n    open('/kit/cs231n/layers.py', 'a')\nexcept OSError:\n    pass\n"
        "else:\n    raise AssertionError('it can be written to')",
        "try:\n    import autograd\nexcept ImportError:\n    pass\n"
        "else:\n    raise AssertionError('what staff have')",
    )
    run, _ = run_again(submission, work)
    assert run.failed == ()
    assert run.is_whole


def test_a_notebook_that_does_not_end_costs_itself_alone(tmp_path, work):
    submission = handed_in(tmp_path / "one", "import time\nwhile True:\n    time.sleep(1)")
    other = COURSE.notebooks[1]
    write_notebook(submission / "notebooks" / f"{other}.ipynb", SET_UP)
    found = rerun.rerun(within(25), submission, work=work)
    first, second = found.notebooks
    assert first.problem.startswith("It was not through after 25")
    assert second.is_whole


def test_one_that_ends_python_or_forges_a_report_is_no_error_of_grading(tmp_path, work):
    submission = handed_in(
        tmp_path / "one",
        "import os, signal\nfor path in os.listdir('/proc'):\n"
        "    if path.isdigit() and int(path) > 1:\n"
        "        try:\n            os.kill(int(path), signal.SIGKILL)\n"
        "        except OSError:\n            pass",
    )
    run, _ = run_again(submission, work)
    assert run.problem.startswith("No report came")
    for report in ("[]", "{", '{"cells": 3}', '{"cells": [{"outcome": 1}]}', "[" * 100_000):
        told = rerun._run_of(COURSE, NAME, Ended(0, 1.0, report, "said"))
        assert told.problem == "No report came: said"
    assert "an earlier one has ended the sandbox" in rerun._run_of(COURSE, NAME, None).problem


def test_outputs_of_other_code_are_told(tmp_path, work):
    submission = make_submission(tmp_path / "one")
    (submission / "notebooks").mkdir()
    target = submission / "notebooks" / f"{NAME}.ipynb"
    shutil.copyfile(COURSE.notebook(NAME), target)
    own = tmp_path / "kit"
    rerun._make_kit(COURSE, submission, own, work)
    (own / "notebooks").mkdir()
    shutil.copyfile(target, own / "notebooks" / target.name)
    course = dataclasses.replace(COURSE, folder=own)
    assert rerun._old_outputs(course, NAME) == ()
    layers = own / "cs231n" / "layers.py"
    layers.write_text(layers.read_text().replace("out = np.maximum(x, 0)", "out = np.abs(x)"))
    course = dataclasses.replace(COURSE, folder=own)
    assert "relu_forward" in rerun._old_outputs(course, NAME)


def test_programs_are_bounded(tmp_path):
    course = tmp_path / "seen"
    course.mkdir()
    course.chmod(0o755)
    scripts = (
        "print('x' * 10_000_000)",
        "open('/tmp/report', 'w').write('y' * 3_000_000)",
        "import os\nos.mkfifo('/tmp/report')",
        "import os\nos.symlink('/etc/passwd', '/tmp/report')",
        "open('/tmp/report', 'w').write('well')",
        "import os\nwhile True:\n    os.fork()",
    )
    ended = []
    for script in scripts:
        call = ("/usr/bin/env", "python3", "-c", script)
        (found,) = programs.run(
            [Program(call, "/tmp/own", "/tmp/report", 5)],
            shown={"/seen": course},
            copied={"/tmp/own": "/seen"},
            memory=1 << 30,
            disk=8 << 20,
        )
        ended.append(found)
    assert [found.report for found in ended] == ["", "", "", "", "well", ""]
    assert len(ended[0].said) <= 2000
    assert ended[-1].code is None or ended[-1].code


def a_network(path, correct=True):
    """Save a network as the course does, of no use but of the right form."""
    rng = np.random.default_rng(3)
    arrays = {
        "params/W1": rng.standard_normal((3072, 10)).astype(np.float32),
        "params/b1": np.zeros(10, np.float32),
        "normalization": np.array(""),
    }
    path.parent.mkdir(exist_ok=True)
    if correct:
        np.savez_compressed(path, **arrays)
    else:
        np.savez(path, **{"params/W1": np.array([object()])})


def test_a_network_is_measured_apart_from_all_code_of_the_students(tmp_path, monkeypatch):
    monkeypatch.delenv("CS231N_DATA", raising=False)
    submission = make_submission(
        tmp_path / "one", above={"layers.py": "raise SystemExit('code of mine')\n"}
    )
    path = submission / "notebooks" / "best_net.npz"
    found = rerun.rerun(COURSE, submission, work=tmp_path, notebooks=False)
    assert (found.share, found.words) == (0, "notebooks/best_net.npz was not handed in.")
    a_network(path, correct=False)
    found = rerun.rerun(COURSE, submission, work=tmp_path, notebooks=False)
    assert found.share == 0
    assert found.words.startswith("The file cannot be used: ")
    a_network(path)
    found = rerun.rerun(COURSE, submission, work=tmp_path, notebooks=False)
    assert found.share == -1
    assert found.words == "It was not measured: CIFAR-10 is not there."


@pytest.mark.skipif(not os.environ.get("CS231N_DATA"), reason="CIFAR-10 is not here")
def test_a_network_is_measured_on_the_test_images(tmp_path):
    submission = make_submission(tmp_path / "one")
    a_network(submission / "notebooks" / "best_net.npz")
    found = rerun.rerun(COURSE, submission, work=tmp_path, notebooks=False)
    assert found.share == 0
    assert "% of the 10,000 test images are right" in found.words


@pytest.mark.parametrize(
    ("report", "expected"),
    [
        ('{"share": 0.5, "words": "half"}', (0.5, "half")),
        ('{"share": 7, "words": "w"}', (1.0, "w")),
        ('{"share": null, "words": "no data"}', (-1.0, "no data")),
        ('{"share": NaN, "words": "w"}', (-1.0, "w")),
        ("no", (-1.0, "It could not be measured: said")),
    ],
)
def test_what_measures_a_network_says_its_share(report, expected):
    assert rerun._measured(Ended(0, 1.0, report, "said")) == expected


def test_what_is_measured_gives_points_as_the_course_says():
    runs = (NotebookRun("A", 3, 3), NotebookRun("B", 3, 2, failed=("x",)))
    found = Rerun("s", runs, 0.5, "half")
    settings = Settings({"points": 4}, {"points": 10}, 4)
    assert found.measured(settings) == {
        "network": (5.0, 10.0, "half"),
        "notebooks": (1.0, 4.0, "1 of 4 run to their end"),
    }
    assert Rerun("s").measured(settings) == {"network": (None, 10.0, "")}
    assert found.measured(Settings()) == {}


def test_what_was_run_before_is_kept(tmp_path, monkeypatch):
    grades, seen = Grades(tmp_path), []

    def run(task, source, notebooks, seconds):
        seen.append(task["id"])
        return Rerun(source, words="new")

    monkeypatch.setattr(rerun, "_in_process", run)
    tasks = [{"id": name, "source": f"of {name}", "job": {}} for name in ("ada", "bob")]
    rerun.again(COURSE, grades, tasks, 2, notebooks=True)
    assert sorted(seen) == ["ada", "bob"]
    tasks[0]["source"] = "changed"
    rerun.again(COURSE, grades, tasks, 2, notebooks=True)
    assert sorted(seen) == ["ada", "ada", "bob"]
    (grades.place("bob") / rerun.FILE).write_text(json.dumps({"half": 1}))
    assert rerun.kept(grades, "bob") is None
