"""Faults at every change to the disk: nothing is lost or half there, and the next run works."""

import itertools
import json
import os
import types
import zipfile

import numpy as np
import pytest
from faults import KINDS, every

from coursekit.checks import progress
from coursekit.files import write_json, zipped
from coursekit.student import update
from coursekit.student.submit import packing
from coursekit.student.update import swap
from cs231n._internal import checkpoint
from cs231n._internal.checkpoint import CheckpointError

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
OLD = {
    "cs231n/layers.py": b"old layers",
    "datasets/README.md": b"my own words",
    "notebooks/c.ipynb": b"old c",
    "mine.txt": b"mine",
    "wheels/coursekit-1-py3-none-any.whl": b"old engine",
}
NEW = {
    "cs231n/layers.py": b"new layers",
    "cs231n/deep/d.py": b"new d",
    "datasets/README.md": b"new words",
    "datasets/get_datasets.sh": b"new script",
    "notebooks/c.ipynb": b"new c",
    "wheels/coursekit-2-py3-none-any.whl": b"new engine",
    "wheels/coursekit-1-py3-none-any.whl": None,
}
UPDATED = {path: content for path, content in (OLD | NEW).items() if content is not None}


@pytest.fixture
def new_place(tmp_path):
    """Return a function that makes a new folder with files in it."""
    numbers = itertools.count()

    def make(files=OLD):
        root = tmp_path / f"{next(numbers)}"
        for path, content in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        return root

    return make


def held(root):
    """Return {path: content} of what a student sees in a folder, and of no backups or notes."""
    paths = [path for path in root.rglob("*") if path.is_file()]
    found = {path.relative_to(root).as_posix(): path.read_bytes() for path in paths}
    hidden = (swap.BACKUPS, swap.NOTES)
    return {path: content for path, content in found.items() if path.split("/")[0] not in hidden}


def in_backups(root):
    return [{p: (b / p).read_bytes() for p in swap.all_files_of(b)} for b in swap.backups(root)]


@pytest.mark.parametrize("kind", KINDS)
def test_an_update(new_place, kind):
    def look(root, raised):
        if raised is None:
            assert held(root) == UPDATED
            assert OLD in in_backups(root)
        elif raised != "killed":
            assert isinstance(raised, swap.SwapError | KeyboardInterrupt)
            assert held(root) == OLD, "it is said that everything is as it was"
        swap.take_back(root)  # as the next update does first
        assert held(root) in (OLD, UPDATED)
        if held(root) == OLD:
            swap.replace(root, NEW)
        assert held(root) == UPDATED
        assert OLD in in_backups(root)
        assert not list((root / swap.BACKUPS).glob("*.part"))
        assert not list(root.rglob(".*.part"))

    assert every(kind, new_place, lambda root: swap.replace(root, NEW), look) > 20


@pytest.mark.parametrize("kind", KINDS)
def test_an_undo(new_place, kind, capsys):
    def prepare():
        root = new_place()
        swap.replace(root, NEW)
        (root / "cs231n/deep/d.py").write_bytes(b"new d, and mine")
        return root

    def look(root, raised):
        changed = UPDATED | {"cs231n/deep/d.py": b"new d, and mine"}
        swap.take_back(root)
        assert held(root) in (OLD, changed)
        if held(root) == changed:
            assert update._undo(root) == 0
        assert held(root) == OLD
        assert changed in in_backups(root), "what was there until now is kept"

    assert every(kind, prepare, update._undo, look) > 20


@pytest.mark.parametrize("kind", KINDS)
def test_a_submission(new_place, kind):
    files = {"cs231n/layers.py": b"answers"}
    whole = zipped({"cs231n/layers.py": b"the last one"})

    def look(root, raised):
        with zipfile.ZipFile(root / "submission.zip") as packed:
            content = packed.read("cs231n/layers.py")
        assert content == b"answers" if raised is None else content in (b"answers", b"the last one")
        packing.write(root / "submission.zip", files, {})
        with zipfile.ZipFile(root / "submission.zip") as packed:
            assert packed.read("cs231n/layers.py") == b"answers"

    def run(root):
        packing.write(root / "submission.zip", files, {})

    assert every(kind, lambda: new_place({"submission.zip": whole}), run, look) > 1


@pytest.mark.parametrize("kind", KINDS)
def test_records_of_checks(new_place, kind):
    record = progress.Record("relu_forward", "passed", "", 1, {}, progress.now())

    def course_in(root):
        return types.SimpleNamespace(folder=root, notes=root / "notes", package="p", checks={})

    def prepare():
        root = new_place({})
        root.mkdir()
        progress.keep(course_in(root), record)
        return root

    def look(root, raised):
        # A record that cannot be kept is no reason to lose a verdict, and the old one stays.
        assert raised in (None, "killed") or isinstance(raised, KeyboardInterrupt)
        assert progress.load(course_in(root), "relu_forward").kind == "passed"

    newer = progress.Record("relu_forward", "passed", "", 1, {"x": "y"}, progress.now())
    assert every(kind, prepare, lambda root: progress.keep(course_in(root), newer), look) > 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_checkpoint(new_place, kind):
    name = "c_epoch_1.npz"

    def prepare():
        root = new_place({"other": b""})
        checkpoint.write(root / name, {"w": np.zeros(3)})
        return root

    def look(root, raised):
        found = np.load(root / name)
        assert set(found.files) >= {"metadata"}
        assert raised in (None, "killed") or isinstance(
            raised, OSError | KeyboardInterrupt | CheckpointError
        )
        checkpoint.write(root / name, {"w": np.ones(3)})
        with np.load(root / name) as found:
            assert any((found[key] == 1).all() for key in found if found[key].shape == (3,))

    def run(root):
        checkpoint.write(root / name, {"w": np.ones(3)})

    assert every(kind, prepare, run, look) > 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_of_json(new_place, kind):
    def look(root, raised):
        found = json.loads((root / "a.json").read_text())
        assert found == {"new": 1} if raised is None else found in ({"old": 1}, {"new": 1})
        write_json(root / "a.json", {"new": 1})
        assert json.loads((root / "a.json").read_text()) == {"new": 1}

    def prepare():
        return new_place({"a.json": b'{"old": 1}'})

    assert every(kind, prepare, lambda root: write_json(root / "a.json", {"new": 1}), look) > 1


def test_a_folder_in_the_way_of_a_file_is_named_before_anything_is_touched(new_place):
    root = new_place({**OLD, "cs231n/deep/d.py/mine.txt": b"mine"})
    before = held(root)
    with pytest.raises(swap.SwapError, match=r"cs231n/deep/d\.py is a folder, and the handout has"):
        swap.replace(root, NEW)
    assert held(root) == before
    root = new_place({**OLD, "cs231n/deep": b"mine"})
    with pytest.raises(swap.SwapError, match="cs231n/deep is a file, and the handout has a folder"):
        swap.replace(root, NEW)
    assert not (root / swap.BACKUPS).exists()
