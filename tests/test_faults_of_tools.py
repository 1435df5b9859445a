"""Faults at every change to the disk of what makes, fetches and records; see test_faults.py."""

import itertools
import os
import shutil

import pytest
from faults import KINDS, every
from lame_server import LameServer
from small_cifar10 import as_archive, as_release, small_files, write

from coursekit.authoring import handout, recording, release, workspace
from coursekit.course import LISTING, Course
from coursekit.grading.by_hand import Policy, update
from coursekit.grading.rerun import Rerun
from cs231n._internal.cifar10 import download
from cs231n._internal.cifar10.batches import FOLDER, DataError, find_damage

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
PATIENT = {"timeout": 60, "attempts": 1, "pause": 0}
DESCRIPTION = """
name = "kit"
title = "a kit"
package = "small"
points = 1
modules = ["layers"]
notebooks = []
"""


@pytest.fixture
def place(tmp_path):
    """Return a function that makes a new folder with a small course in it."""
    numbers = itertools.count()

    def make():
        root = tmp_path / f"{next(numbers)}"
        (root / "course").mkdir(parents=True)
        (root / "course" / "course.toml").write_text(DESCRIPTION)
        return root

    return make


@pytest.fixture
def cut(monkeypatch):
    """Have a handout be cut and proved in next to no time."""

    def made(course, folder):
        (folder / "small").mkdir(parents=True)
        (folder / "small" / "__init__.py").write_text("")
        (folder / LISTING).parent.mkdir(parents=True)
        (folder / LISTING).write_text("{}")
        (folder / "version").write_text((course.folder / "version").read_text())
        return folder

    monkeypatch.setattr(handout, "cut", made)
    monkeypatch.setattr(handout, "zipped", lambda course, folder: b"zip of " + _version(folder))
    monkeypatch.setattr(release, "prove", lambda *_: "proved")


def _version(folder):
    return (folder / "version").read_bytes()


def left_in(root):
    """Return what lies there, but for what the next process removes: this one is running still."""
    return {path.name for path in root.iterdir() if f"-{os.getpid()}" not in path.name}


def release_in(root):
    """Return the version of the release that is there, which has to be whole."""
    out = root / "out"
    version = _version(out / "kit")
    assert (out / "kit.zip").read_bytes() == b"zip of " + version
    assert (out / "kit" / LISTING).exists()
    assert {path.name for path in out.iterdir()} == {"kit", "kit.zip"}
    return version


def with_an_old_release(root):
    """Release one version into a folder, and let the next one be another."""
    (root / "version").write_text("old")
    release_from(root)
    (root / "version").write_text("new")
    return root


def release_from(root):
    release.release(Course.read(root), root / "out")


@pytest.mark.parametrize("kind", KINDS)
def test_a_release(place, cut, kind):
    def look(root, raised):
        if raised is None:
            assert release_in(root) == b"new"
        elif raised != "killed":
            assert isinstance(raised, OSError | KeyboardInterrupt)
            # Whoever interrupts it may do so when it is there, and is told nothing else.
            allowed = (b"old", b"new") if isinstance(raised, KeyboardInterrupt) else (b"old",)
            assert release_in(root) in allowed
        release_from(root)  # whatever was killed
        assert release_in(root) == b"new"
        assert left_in(root) == {"course", "version", "out"}

    assert every(kind, lambda: with_an_old_release(place()), release_from, look) > 8


@pytest.mark.parametrize("kind", KINDS)
def test_a_release_that_is_killed_keeps_the_older_one(place, cut, kind):
    """What was renamed away comes back, should the next one fail as well."""

    def look(root, raised):
        release.take_back(root / "out")
        assert release_in(root) in (b"old", b"new")

    assert every(kind, lambda: with_an_old_release(place()), release_from, look) > 8


@pytest.mark.parametrize("kind", KINDS)
def test_a_workspace(place, cut, kind):
    def prepare():
        root = place()
        (root / "version").write_text("new")
        return root

    def run(root):
        workspace.open_workspace(Course.read(root), root / "workspace")

    def look(root, raised):
        made = root / "workspace"
        if raised is not None and raised != "killed":
            assert isinstance(raised, OSError | KeyboardInterrupt)
        if (made / "small").exists():
            assert _version(made) == b"new"  # whole, as soon as it is there
        run(root)
        assert _version(made) == b"new"
        (made / "small" / "mine.py").write_text("mine")
        run(root)
        assert (made / "small" / "mine.py").read_text() == "mine"

    assert every(kind, prepare, run, look) > 4


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_recorded(place, kind):
    def prepare():
        root = place()
        recording.write(Course.read(root), "one", b"old")
        return root

    def run(root):
        recording.write(Course.read(root), "one", b"new")

    def look(root, raised):
        path = root / "course" / "recorded" / "one.npz"
        assert (
            path.read_bytes() == b"new"
            if raised is None
            else path.read_bytes()
            in (
                b"old",
                b"new",
            )
        )
        run(root)
        assert path.read_bytes() == b"new"

    assert every(kind, prepare, run, look) > 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_download(tmp_path, kind):
    """The old data, or the new ones, and what came already is not fetched again."""
    files, old = small_files(), {"data_batch_1": b"old"}
    numbers = itertools.count()
    with LameServer(as_archive(files)).running() as server:
        wanted = as_release(files, server.content, server.url)

        def prepare():
            folder = tmp_path / f"{next(numbers)}" / FOLDER
            write(folder, old)
            return folder

        def run(folder):
            download.fetch(folder, wanted, **PATIENT)

        def look(folder, raised):
            if raised is None:
                assert find_damage(folder, wanted, thorough=True) is None
            elif raised != "killed":
                assert isinstance(raised, DataError | KeyboardInterrupt)
                there = {p.name: p.read_bytes() for p in folder.iterdir()}
                allowed = (old, files) if isinstance(raised, KeyboardInterrupt) else (old,)
                assert there in allowed
            run(folder)
            assert find_damage(folder, wanted, thorough=True) is None
            assert left_in(folder.parent) == {FOLDER}

        assert every(kind, prepare, run, look) > 10


@pytest.mark.parametrize("kind", KINDS)
def test_points_by_hand(place, kind):
    filled = "submission,notebook,question,points,comment\nada,,style,3,well\n"

    def prepare():
        root = place()
        (root / "answers.csv").write_text(filled)
        return root

    def run(root):
        update(root / "answers.csv", Policy(others={"style": 4}), (), {})

    def look(root, raised):
        assert ",3,well" in (root / "answers.csv").read_text(encoding="utf-8-sig")
        run(root)
        assert ",3,well" in (root / "answers.csv").read_text(encoding="utf-8-sig")

    assert every(kind, prepare, run, look) > 1


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_run_once_more(place, kind):
    def prepare():
        root = place()
        Rerun("old").write(root / "rerun.json")
        return root

    def look(root, raised):
        found = Rerun.read(root / "rerun.json").source
        assert found == "new" if raised is None else found in ("old", "new")
        Rerun("new").write(root / "rerun.json")
        assert Rerun.read(root / "rerun.json").source == "new"

    assert every(kind, prepare, lambda r: Rerun("new").write(r / "rerun.json"), look) > 1


def test_a_fault_is_one(tmp_path):
    """What goes through all changes would notice a tool that writes in place."""

    def prepare():
        (tmp_path / "a").write_text("old")
        return tmp_path

    def careless(root):
        with open(root / "a", "w") as file:
            file.write("new")
        shutil.copyfile(root / "a", root / "b")

    seen = []

    def look(root, raised):
        seen.append((root / "a").read_text())

    assert every("ENOSPC", prepare, careless, look) >= 2
    assert "" in seen or "new" in seen[:-1]
