"""The package that submissions are laid over, and the key that tells when to grade anew."""

import shutil

import pytest

from coursekit.grading import pristine
from coursekit.grading.pristine import Pristine
from coursekit.packages import REFERENCE


@pytest.fixture
def source(tmp_path, monkeypatch):
    """A copy of the source. Returns its folder."""
    ignored = shutil.ignore_patterns("__pycache__", "recorded", "*.ipynb")
    for name in ("cs231n", "coursekit", "notebooks"):
        shutil.copytree(REFERENCE.parent / name, tmp_path / "source" / name, ignore=ignored)
    monkeypatch.setattr(pristine, "REFERENCE", tmp_path / "source" / "cs231n")
    return tmp_path / "source"


@pytest.mark.parametrize(
    ("path", "counts"),
    [
        ("cs231n/layers.py", True),
        ("cs231n/checks/relu.py", True),
        ("coursekit/grading/unit.py", True),
        ("coursekit/grading/inside/runner.py", True),
        ("coursekit/mistakes/every.py", True),
        ("notebooks/text/Dropout.md", True),
        ("coursekit/grading/reports/class_page.py", False),
        ("coursekit/release.py", False),
    ],
)
def test_grades_are_kept_unless_what_they_depend_on_has_changed(source, tmp_path, path, counts):
    before = Pristine(tmp_path / "work").key
    assert Pristine(tmp_path / "work").key == before
    with open(source / path, "a") as file:
        file.write("\n# changed\n")
    assert (Pristine(tmp_path / "work").key != before) == counts


def test_a_submission_lies_over_the_handout_and_not_in_it(tmp_path):
    made = Pristine(tmp_path / "work")
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
        return (tmp_path / f"{name} over it" / path).read_text()

    assert text("mine", "layers.py") == "mine = 1\n"
    assert "affine_forward is not filled in yet" in text("nothing", "layers.py")
    for path in ("optim.py", "solver.py"):  # a link, and what students do not write in
        assert text("mine", path) == text("nothing", path)
