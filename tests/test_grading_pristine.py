"""The package that submissions are laid over, and the key that tells when to grade anew."""

import shutil

import pytest
from made_submissions import REFERENCE, ROOT
from this_course import COURSE

from coursekit.course import Course
from coursekit.grading import pristine
from coursekit.grading.pristine import Pristine


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A copy of the course and of the engine. Returns its folder."""
    ignored = shutil.ignore_patterns("__pycache__", "recorded", "*.ipynb")
    for name in ("cs231n", "course", "notebooks"):
        shutil.copytree(ROOT / name, tmp_path / "source" / name, ignore=ignored)
    shutil.copytree(pristine.ENGINE, tmp_path / "source" / "coursekit", ignore=ignored)
    monkeypatch.setattr(pristine, "ENGINE", tmp_path / "source" / "coursekit")
    return tmp_path / "source"


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("cs231n/layers.py", True),
        ("course/course.toml", True),
        ("course/exercises/relu.py", True),
        ("course/mistakes/relu.py", True),
        ("coursekit/checks/verdict.py", True),
        ("coursekit/course.py", True),
        ("coursekit/grading/unit.py", True),
        ("coursekit/grading/inside/runner.py", True),
        ("coursekit/mutants/runs.py", True),
        ("notebooks/text/Dropout.md", True),
        ("coursekit/grading/reports/class_page.py", False),
        ("coursekit/authoring/release.py", False),
        ("coursekit/student/submit.py", False),
    ],
)
def test_grades_are_kept_unless_what_they_depend_on_has_changed(source, tmp_path, path, counts):
    course = Course.read(source)
    before = Pristine(course, tmp_path / "work").key
    assert Pristine(course, tmp_path / "work").key == before
    with open(source / path, "a") as file:
        file.write("\n# changed\n")
    assert (Pristine(course, tmp_path / "work").key != before) == counts


def test_a_submission_lies_over_the_handout_and_not_in_it(tmp_path):
    made = Pristine(COURSE, tmp_path / "work")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "layers.py").write_text("mine = 1\n")
    (tmp_path / "mine" / "optim.py").symlink_to(REFERENCE / "optim.py")
    (tmp_path / "mine" / "solver.py").write_text("mine = 2\n")
    (tmp_path / "nothing").mkdir()
    for name in ("mine", "nothing"):
        (tmp_path / f"{name} over it").mkdir()
    hashes = made.lay_over(tmp_path / "mine", tmp_path / "mine over it")
    assert list(hashes) == ["layers.py"]
    assert made.lay_over(tmp_path / "nothing", tmp_path / "nothing over it") == {}

    def text(name, path):
        return (tmp_path / f"{name} over it" / "cs231n" / path).read_text()

    assert text("mine", "layers.py") == "mine = 1\n"
    assert "affine_forward is not filled in yet" in text("nothing", "layers.py")
    for path in ("optim.py", "solver.py"):  # a link, and what students do not write in
        assert text("mine", path) == text("nothing", path)


def test_the_course_holds_nothing_that_gives_answers_away(tmp_path):
    made = Pristine(COURSE, tmp_path / "work")
    room = {path.name for path in (made.folder / "course").iterdir()}
    assert room == {"course.toml", "exercises"}
    assert not list(made.folder.rglob("*.npz"))
    engine = {path.name for path in (made.engine / "coursekit").iterdir()}
    assert "checks" in engine
    assert not engine & {"mutants", "grading", "authoring"}
