"""A course that is not this repository's goes through all that the engine does."""

import csv
import json
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from coursekit.blocks import blocks_of, read_source, replace_blocks, write_source
from coursekit.course import Course, CourseError
from coursekit.grading import sandbox

EXAMPLES = Path(__file__).parent.parent / "examples"
EXAMPLE = EXAMPLES / "linear_regression"

PREDICT = "    predictions = X.dot(w) + b\n"
DOWNHILL = """    errors = y - predict(X, w, b)
    dw, db = 2 / len(X) * X.T @ errors, 2 * errors.mean()
"""


def coursekit(folder, *arguments, code=0):
    """Run `python -m coursekit` in a folder, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-m", "coursekit", *map(str, arguments)],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


def fill(folder, **answers):
    """Put answers into the blocks of a handout of the example."""
    path = folder / "linreg" / "model.py"
    write_source(path, replace_blocks(read_source(path), answers))


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the example, released."""
    folder = tmp_path_factory.mktemp("second") / "course"
    shutil.copytree(EXAMPLE, folder, ignore=shutil.ignore_patterns("__pycache__", ".coursekit"))
    (folder / "course" / "templates").mkdir()
    (folder / "course" / "templates" / "style.html").write_text("h1 { color: teal; }\n")
    said = coursekit(folder, "release", "--out", "release")
    assert "2 blocks, 4 mistakes: 4 red, 4 named" in said
    return folder


@pytest.fixture
def workspace(course, tmp_path):
    """A student's copy of the handout, unpacked from its zip, with a right and a wrong answer."""
    with zipfile.ZipFile(course / "release" / "linear-regression.zip") as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "linear-regression"
    fill(folder, predict=PREDICT, gradient=DOWNHILL)
    return folder


def test_its_handout_has_blanks_and_no_mistakes(course):
    handout = course / "release" / "linear-regression"
    assert not (handout / "course" / "mistakes").exists()
    assert not (handout / "course" / "templates").exists()
    blocks = blocks_of(handout / "linreg")
    assert [block.name for block in blocks] == ["predict", "gradient"]
    assert not any(block.is_filled for block in blocks)
    assert "0 of 10 points" in coursekit(handout, "check")
    listed = json.loads((handout / "course" / "handout.json").read_text())
    (wheel,) = (handout / "wheels").iterdir()
    assert f"coursekit-{listed['engine']}-" in wheel.name
    assert (
        (handout / "requirements.txt")
        .read_text()
        .splitlines()[-1]
        .startswith(f"./wheels/{wheel.name}")
    )


def test_a_workspace_is_made_once(course, tmp_path):
    place = tmp_path / "workspace"
    assert "was made" in coursekit(course, "workspace", "--folder", place)
    fill(place, predict=PREDICT)
    assert "as you left it" in coursekit(course, "workspace", "--folder", place)
    assert PREDICT in read_source(place / "linreg" / "model.py")


def test_its_checks_name_a_mistake_and_give_hints(workspace):
    said = coursekit(workspace, "check", "gradient")
    assert "wrong: gradient" in said
    assert "leads downhill" in said
    program = "from course import check\ncheck.gradient(hint=1)"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=workspace, capture_output=True, encoding="utf-8"
    )
    assert "Hint 1: Write the error of one example down" in done.stdout
    assert "CheckFailed: wrong: gradient" in done.stderr
    assert "4 of 10 points, 1 of 2 checks passed" in coursekit(workspace, "check")


def test_its_doctor_looks_at_it(workspace):
    said = coursekit(workspace, "doctor")
    assert "all 2 blocks stand between their two lines" in said
    assert "CIFAR" not in said


def test_it_is_handed_in_and_graded(course, workspace, tmp_path):
    if sandbox.why_not():
        pytest.skip(sandbox.why_not())
    said = coursekit(workspace, "submit", "--name", "Ada")
    assert "question 1 has no answer" in said
    submissions = tmp_path / "submissions"
    submissions.mkdir()
    (workspace / "submission-Ada.zip").rename(submissions / "submission-Ada.zip")
    grades = tmp_path / "grades"
    coursekit(course, "grade", submissions, "--out", grades, "--seed", "3")
    with open(grades / "grades.csv", encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["student"], row["points"], row["possible"]) == ("Ada", "4.0", "10.0")
    (page,) = (grades / "submissions").glob("*/feedback.html")
    assert "leads downhill" in page.read_text(encoding="utf-8")
    assert "linreg/model.py" in page.read_text(encoding="utf-8")


def test_its_students_move_into_a_newer_handout(course, workspace, tmp_path):
    newer = tmp_path / "newer"
    shutil.copytree(course, newer, ignore=shutil.ignore_patterns("release", "__pycache__"))
    path = newer / "linreg" / "model.py"
    write_source(path, read_source(path).replace("steps=200", "steps=300"))
    coursekit(newer, "release", "--out", tmp_path / "release")
    said = coursekit(workspace, "update", tmp_path / "release" / "linear-regression.zip")
    assert "linreg: 2 blocks of yours moved" in said
    source = read_source(workspace / "linreg" / "model.py")
    assert "steps=300" in source
    assert PREDICT in source


def test_its_notebook_runs_on_its_own_package_wherever_it_lies(course, tmp_path):
    """Another package of that name in front of it is not what is checked."""
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "linreg").mkdir(parents=True)
    shutil.copytree(course / "linreg", elsewhere / "linreg", dirs_exist_ok=True)
    program = (
        f"import sys; sys.path[:0] = [{str(elsewhere)!r}, {str(course)!r}]\n"
        "from course import check\ncheck.predict()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, encoding="utf-8"
    )
    assert done.returncode == 1
    assert f"has imported linreg from {elsewhere / 'linreg'}" in done.stderr
    assert f"expected it from {course / 'linreg'}" in done.stderr


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("points = 10", "points = 'ten'"), "points is 'ten', expected a whole number"),
        (('name = "linear-regression"', ""), "name is None, expected text"),
        (('["model"]', '"model"'), "modules is 'model', expected a list of names"),
        (("points = 10", "points ="), "is no TOML"),
        (
            ('package = "linreg"', 'package = "lin reg"'),
            "package is 'lin reg', expected a Python name",
        ),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(tmp_path, change, message):
    (tmp_path / "course").mkdir()
    described = (EXAMPLE / "course" / "course.toml").read_text(encoding="utf-8")
    (tmp_path / "course" / "course.toml").write_text(described.replace(*change), encoding="utf-8")
    with pytest.raises(CourseError, match=message):
        Course.find(tmp_path / "course")
    assert message.split(",")[0] in coursekit(tmp_path, "check", code=2)


def test_outside_of_any_course_a_command_says_so(tmp_path):
    assert "there is no course/course.toml in" in coursekit(tmp_path, "check", code=2)
