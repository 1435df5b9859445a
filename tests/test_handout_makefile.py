"""The Makefile of a handout: which Python the doctor is run with, and how often."""

import shutil
import subprocess

import pytest
from this_course import COURSE

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
