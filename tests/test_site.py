"""What lies in the site, and what goes in and out of the browser; no browser is needed here."""

import json
import shutil
import sys
import zipfile

import pytest
from this_course import COURSE

from coursekit.authoring import handout, site
from coursekit.checks import runner
from coursekit.course import Course
from coursekit.student import browser


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a handout, what lies on the drive of a site with it, and its wheels."""
    folder = tmp_path_factory.mktemp("site")
    cut = handout.cut(COURSE, folder / "handout")
    drive = site.lite_contents(COURSE, cut, folder / "drive")
    names = site.write_wheels(COURSE, cut, folder / "wheels")
    return cut, drive, [folder / "wheels" / name for name in names]


def test_the_drive_has_what_students_edit_and_a_way_to_the_course(made):
    _, drive, _ = made
    assert sorted(path.name for path in drive.iterdir()) == [
        "Your work.ipynb", "course", COURSE.package, "notebooks",
    ]  # fmt: skip
    assert [path.name for path in (drive / "course").iterdir()] == ["__init__.py"]
    assert {path.stem for path in (drive / "notebooks").glob("*.ipynb")} == set(COURSE.notebooks)


def test_no_line_of_the_reference_is_in_it(made, tmp_path):
    _, drive, wheels = made
    assert handout.leaks(COURSE, drive) == []
    for wheel in wheels[:2]:  # the others are not ours
        shutil.copy(wheel, tmp_path)
    assert handout.leaks(COURSE, tmp_path) == []
    (tmp_path / "layers.py").write_text((COURSE.package_folder / "layers.py").read_text())
    assert handout.leaks(COURSE, tmp_path)


def test_blocks_are_blank_and_outputs_too(made):
    _, drive, _ = made
    assert (
        "affine_forward is not filled in yet" in (drive / COURSE.package / "layers.py").read_text()
    )
    for name in COURSE.notebooks:
        cells = json.loads((drive / "notebooks" / f"{name}.ipynb").read_text())["cells"]
        assert not any(cell.get("outputs") for cell in cells)


def test_wheels_are_whole_and_hold_the_course(made):
    _, _, wheels = made
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            names = archive.namelist()
            listed = next(name for name in names if name.endswith(".dist-info/RECORD"))
            rows = archive.read(listed).decode().splitlines()
            assert [row.rsplit(",", 2)[0] for row in rows] == names, wheel.name
    with zipfile.ZipFile(wheels[1]) as archive:
        inside = archive.namelist()
    assert f"{browser.HANDOUT}/course/course.toml" in inside
    assert not any(name.startswith(f"{browser.HANDOUT}/{COURSE.package}/") for name in inside)


def test_the_start_page_has_each_notebook_in_order_with_its_points():
    page = site.start_page(COURSE)
    places = [page.index(f"path=notebooks/{name}.ipynb") for name in COURSE.notebooks]
    assert places == sorted(places)
    for points in (25, 30, 10, 35):
        assert f"<span>{points} points</span>" in page
    assert "no backup" in page
    assert "@" not in page.partition("<body>")[2]


def unpacked(made, folder):
    """Return the course's folder as it is in a browser, linked to a drive of its own."""
    _, _, wheels = made
    with zipfile.ZipFile(wheels[1]) as archive:
        archive.extractall(folder)
    return folder / browser.HANDOUT


def test_linked_to_the_drive_the_course_is_whole(made, tmp_path, monkeypatch):
    _, drive, _ = made
    monkeypatch.setattr(sys, "path", [*sys.path])
    room = browser.link(drive, unpacked(made, tmp_path))
    assert browser.link(drive, room) == room  # a second time too
    course = Course.read(room)
    assert course.editable_files() == Course.read(made[0]).editable_files()
    assert course.notebook_files() == [f"notebooks/{n}.ipynb" for n in sorted(COURSE.notebooks)]


def test_a_submission_is_read_and_nothing_else_is(made, tmp_path):
    course = Course.read(made[0])
    path = tmp_path / "submission.zip"
    layers = f"{course.package}/layers.py"
    with zipfile.ZipFile(path, "w") as archive:
        for name in (layers, "notebooks/Dropout.ipynb", "../outside.py", "course/lab.py"):
            archive.writestr(name, name)
    assert browser.read_submission(path, course) == {
        layers: layers.encode(), "notebooks/Dropout.ipynb": b"notebooks/Dropout.ipynb",
    }  # fmt: skip
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("holiday.txt", "sun")
    with pytest.raises(ValueError, match=r"holds holiday\.txt, expected a submission with"):
        browser.read_submission(path, course)
    path.write_bytes(b"no zip")
    with pytest.raises(ValueError, match="cannot be read as a zip"):
        browser.read_submission(path, course)


def test_without_processes_checks_run_here(monkeypatch):
    kept = []
    monkeypatch.setattr(sys, "platform", "emscripten")
    monkeypatch.setattr(runner, "_run_in_one_process", None)
    monkeypatch.setattr(runner.progress, "keep", lambda course, record: kept.append(record))
    results = runner.run([COURSE.checks["relu_forward"]])
    record, text = results["relu_forward"]
    assert record.kind == "passed"
    assert "relu_forward" in text
    assert kept == [record]


def test_a_folder_with_something_else_is_left_alone(tmp_path):
    (tmp_path / "thesis.txt").write_text("three years")
    with pytest.raises(site.ReleaseError, match="holds something that is no site"):
        site.build(COURSE, tmp_path)
    with pytest.raises(site.ReleaseError, match="expected a Pyodide distribution"):
        site.build(COURSE, tmp_path / "new", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
