"""Recording some of the checks, what READMEs say of a course, and tools run out of a wheel."""

import argparse
import os
import shutil
import site
import subprocess
import sys
from pathlib import Path

import pytest

from coursekit import cli
from coursekit.authoring import facts, recording
from coursekit.authoring.wheel import write_wheel
from coursekit.checks import recorded_examples, signatures
from coursekit.course import Course

EXAMPLE = Path(__file__).parent.parent / "examples" / "linear_regression"


@pytest.fixture
def course(tmp_path):
    """A copy of the example."""
    unwanted = shutil.ignore_patterns("__pycache__", ".coursekit")
    return Course.read(shutil.copytree(EXAMPLE, tmp_path / "course", ignore=unwanted))


def record(course, *names):
    recording.run(argparse.Namespace(names=list(names)), course)
    paths = sorted(course.recorded.rglob("*.npz"))
    return {path.relative_to(course.recorded).as_posix(): path.read_bytes() for path in paths}


def test_what_is_recorded_check_by_check_is_what_is_recorded_at_once(course):
    at_once = record(course)
    shutil.rmtree(course.recorded)
    first = record(course, "predict")
    assert sorted(first) == ["examples.npz", "mistakes/predict.npz", "predict.npz"]
    assert list(recorded_examples.load(course)) == ["predict"]
    assert record(course, "gradient") == at_once


def test_recording_one_check_leaves_the_others_alone(course):
    at_once = record(course)
    path = course.room / "mistakes" / "gradient.py"
    path.write_text(path.read_text().replace("leads downhill", "goes down"), encoding="utf-8")
    (course.recorded / "predict.npz").write_bytes(b"as it was")
    again = record(Course.read(shutil.copytree(course.folder, course.folder / "again")), "gradient")
    assert again["gradient.npz"] == at_once["gradient.npz"]
    assert again["predict.npz"] == b"as it was"
    assert again["mistakes/predict.npz"] == at_once["mistakes/predict.npz"]
    known = signatures.load(Course.read(course.folder / "again"), "gradient")
    said = [s for one in known.classes for told in one.sayings for s in told if s.known]
    assert any("goes down" in saying.sentence for saying in said)


def test_the_order_of_the_cells_changes_nothing_that_is_recorded(course):
    at_once = record(course)
    path = course.notebook("LinearRegression")
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace("check.predict()", "check.other()"), encoding="utf-8")
    turned = Course.read(course.folder)
    assert [check.name for check in turned.checks] == ["gradient", "predict"]
    assert record(turned) == at_once


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("4 known mistakes, 2 checks, points out of 10.", []),
        ("Of 5 known\nmistakes each is noticed.", ["it says 5 known mistakes, expected 4"]),
        ("There are 3 checks.", ["it says 3 checks, expected 2"]),
        ("your points out\n  of 100, and", ["it says 100 points in all, expected 10"]),
        ("Together they give 9 points.", ["it says 9 points in all, expected 10"]),
        ("| `LinearRegression` | 10 | a line |", []),
        (
            "| [LinearRegression](notebooks/LinearRegression.ipynb) | 9 | a line |",
            ["the points of LinearRegression are 9, expected 10"],
        ),
        (
            "| `LinearRegression` | 10 | a line |\n| `Another` | 5 | nothing |",
            ["the points of Another are 5, expected no notebook of it"],
        ),
    ],
)
def test_numbers_in_a_readme_are_those_of_the_course(course, said, wrong):
    (course.folder / "README.md").write_text(said, encoding="utf-8")
    assert facts.wrong_in(course) == [f"README.md: {sentence}" for sentence in wrong]


@pytest.mark.parametrize("command", cli.COMMANDS)
def test_a_command_is_found_in_the_wheel(tmp_path_factory, command):
    """With no other engine in sight: where this one is installed to be edited, it would step in."""
    wheel = write_wheel(tmp_path_factory.mktemp("wheel"))
    path = os.pathsep.join([str(wheel), *site.getsitepackages()])
    done = subprocess.run(
        [sys.executable, "-S", "-m", "coursekit", command, "--help"],
        env=os.environ | {"PYTHONPATH": path},
        cwd=EXAMPLE,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert f"usage: coursekit {command}" in done.stdout
