"""The Makefiles: which Python runs the doctor, whose environment and whose blocks are meant."""

import os
import shutil
import subprocess
import sys

import pytest
from this_course import COURSE

from coursekit import cli

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")


@pytest.fixture
def handout(tmp_path):
    """A folder with the Makefile, and a Python of the system's that says its name."""
    shutil.copy(COURSE.folder / "handout" / "Makefile", tmp_path)
    write_python(tmp_path / "system-python", "system")
    return tmp_path


def write_python(path, name, *, finds_broken=False):
    """Write a Python that says its name, what it was called with, and its PYTHONPATH."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        f'#!/bin/sh\ntest "$1" = -c && exit 0\necho {name} "$@" $PYTHONPATH\n'
        f"exit {int(finds_broken)}\n"
    )
    path.chmod(0o755)


def doctor(folder):
    done = subprocess.run(
        ["make", "--silent", "doctor", "PYTHON=./system-python"],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        encoding="utf-8",
        check=False,
    )
    return done.returncode, done.stdout.split()


@pytest.mark.parametrize("finds_broken", [False, True])
def test_the_doctor_speaks_once_from_the_environment(handout, finds_broken):
    write_python(handout / ".venv/bin/python", "own", finds_broken=finds_broken)
    status, said = doctor(handout)
    assert said == ["own", "-m", "coursekit", "doctor"]
    assert bool(status) == finds_broken


@pytest.mark.parametrize("kept", ["nothing", "a Python that has gone"])
def test_where_there_is_no_environment_the_system_runs_the_wheel(handout, kept):
    if kept != "nothing":
        (handout / ".venv/bin").mkdir(parents=True)
        (handout / ".venv/bin/python").symlink_to(handout / "gone")
    (handout / "wheels").mkdir()
    (handout / "wheels/coursekit-1.2.3-py3-none-any.whl").touch()
    assert doctor(handout) == (
        0,
        ["system", "-m", "coursekit", "doctor", "wheels/coursekit-1.2.3-py3-none-any.whl"],
    )


def make(folder, *arguments):
    return subprocess.run(
        ["make", "--silent", *arguments],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize("target", ["check", "watch", "submit"])
def test_a_linked_environment_is_used_as_it_is(handout, tmp_path, target):
    """A workspace shares the environment of the repository, and is newer than its stamp."""
    write_python(tmp_path / "shared/bin/python", "shared")
    (tmp_path / "shared/student").touch()
    (handout / ".venv").symlink_to(tmp_path / "shared", target_is_directory=True)
    (handout / "requirements.txt").touch()
    done = make(handout, target)
    assert done.stdout.split() == ["shared", "-m", "coursekit", target], done.stderr


@pytest.mark.parametrize(("given", "expected"), [([], []), (["ROOT=yes"], ["--allow-root"])])
def test_the_lab_is_opened_as_root_when_told_to(handout, given, expected):
    write_python(handout / ".venv/bin/python", "own")
    (handout / "requirements.txt").touch()
    (handout / ".venv/student").touch()
    done = make(handout, "lab", *given)
    opened = [line.split() for line in done.stdout.splitlines() if " lab" in line]
    assert opened == [["own", "-m", "coursekit", "lab", *expected]], done.stderr


def test_an_old_python_is_named(handout):
    old = handout / "old-python"
    old.write_text(
        f"#!{sys.executable}\nimport sys\nsys.version_info = (3, 10, 4)\nexec(sys.argv[2])\n"
    )
    old.chmod(0o755)
    (handout / "requirements.txt").touch()
    done = make(handout, "check", "PYTHON=./old-python")
    assert done.returncode != 0
    assert "This kit needs Python 3.11 or later, and ./old-python is 3.10." in done.stderr
    assert not (handout / ".venv").exists()


@pytest.mark.parametrize("target", ["check", "watch"])
def test_in_the_repository_the_workspace_is_checked(tmp_path, target):
    shutil.copy(COURSE.folder / "Makefile", tmp_path)
    write_python(tmp_path / ".venv/bin/python", "own")
    for name in ("requirements.txt", "pyproject.toml", ".venv/student"):
        (tmp_path / name).touch()
    (tmp_path / "workspace").mkdir()
    done = make(tmp_path, target)
    assert done.stdout.splitlines() == [
        "own -m coursekit workspace",
        f"own -m coursekit {target}",
    ], done.stderr


def test_in_the_repository_the_doctor_comes_up_without_an_environment(tmp_path):
    shutil.copy(COURSE.folder / "Makefile", tmp_path)
    write_python(tmp_path / "system-python", "system")
    (tmp_path / ".venv/bin").mkdir(parents=True)
    (tmp_path / ".venv/bin/python").symlink_to(tmp_path / "gone")
    done = make(tmp_path, "doctor", "PYTHON=./system-python")
    assert done.stdout.split() == ["system", "-m", "coursekit", "doctor"]


@pytest.mark.parametrize("place", ["Makefile", "handout/Makefile"])
def test_packages_that_cannot_be_fetched_are_explained(tmp_path, place):
    """pip's last line is about versions that do not exist, whatever was wrong."""
    shutil.copy(COURSE.folder / place, tmp_path / "Makefile")
    (tmp_path / "requirements.txt").write_text("no-such-package-as-this>=1\n")
    (tmp_path / "pyproject.toml").write_text("")
    environment = {**os.environ, "PIP_NO_INDEX": "1"}
    done = subprocess.run(
        ["make", ".venv/student", f"PYTHON={sys.executable}"],
        cwd=tmp_path, env=environment, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert "They are fetched from the network, once" in done.stderr
    assert not (tmp_path / ".venv" / "student").exists()


def test_an_instructors_command_says_what_it_needs(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "coursekit.authoring.notebooks", None)
    monkeypatch.setitem(sys.modules, "jupytext", None)
    monkeypatch.delitem(sys.modules, "coursekit.authoring.notebooks")
    assert cli.main(["notebooks"]) == 2
    said = capsys.readouterr().err
    assert said.startswith("coursekit notebooks needs jupytext, which is not installed here.")
    assert "`make staff`" in said
