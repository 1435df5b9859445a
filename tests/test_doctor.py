"""The doctor: what it finds, one broken thing at a time, and that it always comes up."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest
from small_workspace import ROOT, fill, make_workspace, run_command
from this_course import COURSE

from coursekit import cli
from coursekit.authoring.wheel import write_wheel
from coursekit.blocks import END, START
from coursekit.checks import Check, Outcome
from coursekit.course import LISTING, NOTES, Course, listing
from coursekit.files import write_json
from coursekit.student.doctor import BROKEN, LOOK, OK, files, machine
from coursekit.student.doctor.finding import quoted


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """A workspace, without this repository's package in sight."""
    folder = make_workspace(tmp_path / "kit")
    shutil.copy(ROOT / "requirements.txt", folder)
    monkeypatch.setenv("CS231N_DATA", str(tmp_path))
    monkeypatch.setattr(sys, "path", [str(folder), *(p for p in sys.path if p != str(ROOT))])
    return folder


def of_course(name, course=COURSE):
    """Return an examination that the course brings along."""
    [found] = [examine for examine in course.examinations if examine.__name__ == name]
    return found


def states(examine, folder=ROOT):
    return [finding.state for finding in examine(Course.read(folder))]


def only(examine, folder=ROOT):
    [finding] = examine(Course.read(folder))
    return finding


@pytest.mark.parametrize(
    "examine",
    [*files.EXAMINATIONS, *machine.EXAMINATIONS, *COURSE.examinations],
    ids=lambda examine: examine.__name__,
)
def test_a_workspace_as_it_is_handed_out_has_nothing_broken(workspace, examine):
    assert BROKEN not in states(examine, workspace)


# The machine


def test_an_old_python_is_told(monkeypatch):
    monkeypatch.setattr(machine.sys, "version_info", (3, 10, 9, "final", 0))
    assert (only(machine.python).state, "3.11 or later" in only(machine.python).what) == (
        BROKEN,
        True,
    )


def test_a_python_beside_the_courses_own_is_told(workspace):
    assert only(machine.python, workspace).state == OK
    (workspace / ".venv").mkdir()
    assert only(machine.python, workspace).state == LOOK
    assert str(workspace / ".venv") in only(machine.python, workspace).advice


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("numpy>=99.1  # a reason", f"numpy is {np.__version__}, expected 99.1 or later"),
        ("no-such-package>=1.0", "no-such-package is not installed"),
    ],
)
def test_packages_that_are_missing_or_too_old_are_told(workspace, line, said):
    (workspace / "requirements.txt").write_text(f"# why\ntqdm>=1.0\n{line}\n")
    fine, lacking = machine.packages(Course.read(workspace))
    assert (fine.state, fine.what.split()[0]) == (OK, "tqdm")
    assert (lacking.state, lacking.what) == (BROKEN, said)
    assert "-m pip install -r" in lacking.advice


@pytest.mark.parametrize(
    ("version", "least", "enough"),
    [
        ("1.26.4", "1.26", True),
        ("1.26", "1.26.0", True),
        ("2.0.0rc1", "2.0", True),
        ("1.9", "1.26", False),
        ("0.10", "0.9", True),
    ],
)
def test_versions_are_compared_as_numbers(version, least, enough):
    assert (machine._numbers(version) >= machine._numbers(least)) == enough


def test_little_memory_and_too_many_threads_are_told(monkeypatch):
    for available, state in ((1e9, LOOK), (8e9, OK), (None, OK)):
        monkeypatch.setattr(machine, "available_memory", lambda available=available: available)
        assert only(of_course("memory")).state == state
    monkeypatch.setattr("cs231n._internal.fast.threads.thread_count", lambda: 64)
    monkeypatch.setattr(machine, "usable_cores", lambda: 2)
    assert only(of_course("threads")).state == LOOK
    assert "OPENBLAS_NUM_THREADS=2" in only(of_course("threads")).advice


@pytest.mark.parametrize(
    ("program", "state"),
    [(sys.executable, OK), ("python", OK), ("/somewhere/else/bin/python", LOOK)],
)
def test_a_kernel_of_another_environment_is_told(workspace, monkeypatch, program, state):
    spec = {
        "argv": [program, "-m", "ipykernel_launcher"],
        "display_name": "x",
        "language": "python",
    }
    folder = workspace / "jupyter" / "kernels" / "python3"
    folder.mkdir(parents=True)
    (folder / "kernel.json").write_text(json.dumps(spec))
    monkeypatch.setenv("JUPYTER_PATH", str(workspace / "jupyter"))
    assert only(machine.kernels, workspace).state == state


def test_a_kernel_that_is_not_there_is_told(workspace):
    notebook = {"cells": [], "metadata": {"kernelspec": {"name": "fortran"}}}
    (workspace / "notebooks" / "Other.ipynb").write_text(json.dumps(notebook))
    (workspace / "notebooks" / "Damaged.ipynb").write_text("[")
    findings = machine.kernels(Course.read(workspace))
    found = {finding.what.split(":")[0]: finding.state for finding in findings}
    assert found == {"Damaged, Small": OK, "Other": LOOK}


# The course


@pytest.mark.parametrize("place", ["site", "notebooks"])
def test_a_second_package_that_a_student_may_edit_is_told(workspace, monkeypatch, place):
    examine = files.the_package_that_notebooks_import
    assert only(examine, workspace).state == OK
    other = workspace / place / "cs231n"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text("")
    if place == "site":
        monkeypatch.setattr(sys, "path", [*sys.path, str(other.parent)])
    finding = only(examine, workspace)
    assert finding.state == LOOK
    assert str(other) in finding.what
    assert finding.what.endswith(f"the notebooks import {workspace / 'cs231n'}")


@pytest.mark.parametrize("name", ["random.py", "notebooks/numpy.py"])
def test_a_file_that_hides_a_library_is_told(workspace, name):
    assert states(files.names_that_hide_others, workspace) == []
    (workspace / name).write_text("")
    (workspace / "helpers.py").write_text("")
    assert states(files.names_that_hide_others, workspace) == [BROKEN]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b"def f(:\n", "cs231n/optim.py, line 1: invalid syntax"),
        (b"x = 1\n\tif x:\n", "cs231n/optim.py, line 2: unexpected indent"),
        (b"x = '\xff'\n", "cs231n/optim.py: 'utf-8' codec"),
        (b"x = 1\0\n", "cs231n/optim.py: source code string cannot contain null bytes"),
    ],
)
def test_a_file_that_python_cannot_read_is_told(workspace, text, says):
    (workspace / "cs231n" / "optim.py").write_bytes(text)
    assert only(files.sources, workspace).state == BROKEN
    assert only(files.sources, workspace).what.startswith(says)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda s: s.replace(START, "#", 1), "a block ends here that never started"),
        (lambda s: s.replace(END, "#", 1), "a block starts inside the one of line"),
        (lambda s: s.replace(START, "#", 1).replace(END, "#", 1), "affine_forward"),
        (lambda s: s.replace("def relu_forward", "def my_relu"), "relu_forward"),
        (lambda s: s.replace("# TODO: ", "# ", 1), "without a comment `# TODO: ...`"),
    ],
)
def test_markers_that_are_damaged_are_told(workspace, change, says):
    path = workspace / "cs231n" / "layers.py"
    path.write_text(change(path.read_text()))
    assert only(files.blocks, workspace).state == BROKEN
    assert says in only(files.blocks, workspace).what


def test_what_a_student_writes_is_nothing_to_look_at(workspace):
    fill(workspace, "endless")
    fill(workspace, "    def helper(a):\n        return a\n    out = helper(x)\n", "relu_forward")
    assert (only(files.sources, workspace).state, only(files.blocks, workspace).state) == (OK, OK)


def test_files_that_are_missing_or_changed_are_told(workspace):
    assert states(files.files_of_the_handout, workspace) == []  # without a list nothing can be told
    paths = [path.relative_to(workspace).as_posix() for path in workspace.rglob("*.py")]
    write_json(workspace / LISTING, listing(workspace, paths, "1.0"))
    fill(workspace, "right")
    assert states(files.files_of_the_handout, workspace) == []
    (workspace / "cs231n" / "solver.py").write_text("# mine\n")
    (workspace / "cs231n" / "im2col.py").unlink()
    missing, changed = files.files_of_the_handout(Course.read(workspace))
    assert (missing.state, missing.what) == (BROKEN, "missing from the handout: cs231n/im2col.py")
    assert (changed.state, changed.what.split(": ")[1]) == (LOOK, "cs231n/solver.py")


def test_an_update_that_was_cut_off_is_told(workspace):
    assert states(files.an_update_that_was_cut_off, workspace) == []
    (workspace / NOTES).mkdir()
    (workspace / NOTES / "update.json").write_text("{}")
    assert states(files.an_update_that_was_cut_off, workspace) == [BROKEN]


def test_data_in_part_are_broken_and_none_are_a_stand_in(workspace, tmp_path):
    data = of_course("data")
    first = next(iter(data(Course.read(workspace))))
    assert (first.state, "stand-in" in first.what) == (LOOK, True)
    assert "data_utils download" in first.advice
    folder = tmp_path / "cifar-10-batches-py"
    folder.mkdir()
    (folder / "data_batch_1").write_bytes(b"half of it")
    assert only(data, workspace).state == BROKEN
    assert "data_batch_1 has 10 bytes" in only(data, workspace).what


def test_the_real_data_are_all_right(real_data):
    assert only(of_course("data")).state == OK


def test_another_random_stream_is_told(monkeypatch):
    assert only(files.the_random_stream).state == OK
    recorded = Check.recorded
    other = Outcome("relu_forward", stream=np.zeros(22))
    monkeypatch.setattr(
        Check, "recorded", lambda self: other if self.name == "relu_forward" else recorded(self)
    )
    assert only(files.the_random_stream).state == BROKEN
    assert only(files.the_random_stream).what.endswith("expect: relu_forward")


# The command


def test_an_examination_that_fails_is_a_finding(workspace, monkeypatch, capsys):
    """Here one that the course brings along."""
    (workspace / "course" / "doctor.py").write_text(
        "from coursekit.student.doctor import OK, Finding\n"
        "def the_weather(course):\n"
        "    yield Finding(OK, 'so far')\n"
        "    raise RuntimeError('rain\\nand more')\n"
        "EXAMINATIONS = [the_weather]\n"
    )
    for module in (machine, files):
        monkeypatch.setattr(module, "EXAMINATIONS", [])
    assert cli.main(["--course", str(workspace), "doctor"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "ok         so far",
        "look here  the weather: cannot be looked at (RuntimeError: rain and more)",
        "Nothing is broken, 1 to look at.",
    ]


def test_the_command_in_a_workspace_is_quick_and_its_status_says_whether_all_is_well(workspace):
    done = run_command(workspace, "doctor")
    assert done.returncode == 0, done.stdout
    (workspace / "cs231n" / "layers.py").write_text("def (\n")
    done = run_command(workspace, "doctor")
    assert done.returncode == 1
    assert "broken     cs231n/layers.py, line 1: " in done.stdout
    assert done.stderr == ""


def test_the_doctor_comes_up_where_nothing_is_installed(workspace, tmp_path):
    """With nothing but the engine's wheel of a handout: -S leaves the installed packages out."""
    done = subprocess.run(
        [sys.executable, "-S", "-m", "coursekit", "doctor"],
        cwd=workspace,
        env={"CS231N_DATA": "", "PYTHONPATH": str(write_wheel(tmp_path))},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )
    assert done.returncode == 1
    assert "numpy is not installed; scipy is not installed" in done.stdout
    assert "the random stream: cannot be looked at without numpy" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_a_path_with_a_blank_is_quoted():
    assert quoted("/my kit/x.py") == '"/my kit/x.py"'
    assert quoted("/kit/x.py") == "/kit/x.py"


def test_a_terminal_that_cannot_show_a_letter_shows_a_question_mark(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    done = run_command(make_workspace(tmp_path / "Übung"), "doctor", timeout=120)
    assert "Traceback" not in done.stderr
    assert "?bung" in done.stdout


def test_in_a_browser_it_says_what_that_is_and_asks_for_nothing_that_it_has_not(monkeypatch):
    from course import doctor as of_course
    from coursekit.student.doctor import machine

    monkeypatch.setattr(machine, "IN_A_BROWSER", True)
    monkeypatch.setattr(of_course, "IN_A_BROWSER", True)
    found = [f for examine in (machine.python, machine.packages, machine.kernels, of_course.data,
                               of_course.threads) for f in examine(COURSE)]  # fmt: skip
    assert {finding.state for finding in found} == {OK}
    assert "in a browser" in found[0].what
    assert "no backup" in found[1].what
    assert len(found) == 3


def test_in_a_browser_no_wheel_is_missed(tmp_path, monkeypatch):
    folder = make_workspace(tmp_path / "work")
    listed = {"format": 2, "engine": "0", "files": {"wheels/engine.whl": "0", "LICENSE": "0"}}
    write_json(folder / LISTING, listed)
    course = Course.read(folder)
    (found,) = (f for f in files.files_of_the_handout(course) if f.state == BROKEN)
    assert "wheels/engine.whl" in found.what
    monkeypatch.setattr(files, "IN_A_BROWSER", True)
    (found,) = (f for f in files.files_of_the_handout(course) if f.state == BROKEN)
    assert "LICENSE" in found.what
    assert "wheels" not in found.what
