"""`coursekit watch`: what was saved is checked, and nothing else."""

import pytest
from small_workspace import fill, make_workspace
from this_course import COURSE

from coursekit.blocks import blocks_of
from coursekit.checks import progress, runner
from coursekit.course import Course
from coursekit.student.watch import Watch


@pytest.fixture
def folder(tmp_path):
    return make_workspace(tmp_path / "work")


@pytest.fixture
def ran(monkeypatch):
    """The names of the checks that were run, a list each time."""
    names = []
    run = runner.run

    def noted(checks, seconds=runner.SECONDS, *, shows_bar):
        names.append([check.name for check in checks])
        return run(checks, seconds, shows_bar=shows_bar)

    monkeypatch.setattr(runner, "run", noted)
    return names


def said(watch):
    return "\n".join(watch.look())


def test_a_saved_block_is_checked_once(folder, ran):
    watch = Watch(Course.read(folder))
    assert "0 of 100 points, 0 of 40 checks passed. Next: " in watch.greeting()
    assert said(watch) == ""
    fill(folder, "wrong")
    text = said(watch)
    assert "wrong: affine_forward" in text
    assert "0 of 100 points, 0 of 40 checks passed. Next: " in text
    assert said(watch) == ""
    fill(folder, "right")
    text = said(watch)
    assert "passed: affine_forward" in text
    assert "1 of 100 points, 1 of 40 checks passed. Next: " in text
    assert ran == [["affine_forward"], ["affine_forward"]]
    assert progress.load(Course.read(folder), "affine_forward").passed


def test_what_leans_on_a_block_is_run_again_where_it_was_run_before(folder, ran):
    course = Course.read(folder)
    fill(folder, "right")
    for block in blocks_of(COURSE.package_folder):
        if block.name in ("relu_forward", "TwoLayerNet.__init__", "TwoLayerNet.loss:scores"):
            fill(folder, block.code, block.name, block.path)
    names = ["affine_forward", "TwoLayerNet_scores"]
    runner.run([course.checks[name] for name in names], shows_bar=False)
    assert all(progress.load(course, name).passed for name in names)
    ran.clear()
    watch = Watch(course)
    fill(folder, "wrong")
    text = said(watch)
    assert ran == [["affine_forward", "TwoLayerNet_scores"]]
    assert "wrong: affine_forward" in text
    assert "TwoLayerNet_scores was passed, and is wrong." in text


def test_half_a_file_is_named_and_nothing_is_run(folder, ran):
    watch = Watch(Course.read(folder))
    fill(folder, "unreadable")
    text = said(watch)
    assert text.startswith("layers.py, line ")
    assert "'(' was never closed" in text
    fill(folder, "right")
    assert "passed: affine_forward" in said(watch)
    assert ran == [["affine_forward"]]


def test_an_error_that_is_taken_back_gets_a_word_too(folder, ran):
    watch = Watch(Course.read(folder))
    path = folder / "cs231n" / "layers.py"
    before = path.read_text()
    path.write_text(before + "(\n")
    assert "was never closed" in said(watch)
    path.write_text(before)
    assert "Python can read everything again." in said(watch)
    assert ran == []


def test_a_file_that_is_gone_for_a_moment_is_no_end(folder, ran):
    path = folder / "cs231n" / "layers.py"
    watch = Watch(Course.read(folder))
    aside = path.rename(path.with_suffix(".aside"))
    said(watch)
    aside.rename(path)
    said(watch)
    fill(folder, "right")
    assert "passed: affine_forward" in said(watch)
    assert ran == [["affine_forward"]]


def test_an_endless_loop_ends_by_its_time(folder):
    watch = Watch(Course.read(folder), seconds=1)
    fill(folder, "endless")
    assert "timed out: affine_forward" in said(watch)


def test_lost_markers_are_told(folder, ran):
    watch = Watch(Course.read(folder))
    path = folder / "cs231n" / "layers.py"
    source = path.read_text()
    path.write_text(
        source.replace("# *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****", "", 1)
    )
    fill_relu = path.read_text().replace(
        'raise NotImplementedError("relu_forward is not filled in yet")', "out = np.maximum(x, 0)"
    )
    path.write_text(fill_relu)
    text = said(watch)
    assert "passed: relu_forward" in text
    assert "layers.py" in text
