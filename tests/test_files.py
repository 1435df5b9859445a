"""What is replaced is at any time all of the old or all of the new, files and folders alike."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from cs231n._internal.files import replacing


@pytest.fixture(params=["file", "folder"])
def kind(request):
    return request.param


def make(path, kind, content):
    if kind == "file":
        path.write_text(content)
    else:
        path.mkdir()
        (path / "inside").write_text(content)


def content_of(path):
    """Return what a path holds, {path below it: text}."""
    files = [path] if path.is_file() else path.rglob("*")
    return {file.relative_to(path).as_posix(): file.read_text() for file in files}


def test_something_new_is_put_into_a_folder_that_is_made(tmp_path, kind):
    path = tmp_path / "a" / "b" / "data"
    with replacing(path) as fresh:
        make(fresh, kind, "new")
        assert not path.exists()
    assert set(content_of(path).values()) == {"new"}
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError("no"), KeyboardInterrupt()])
def test_what_was_there_stays_if_the_block_raises(tmp_path, kind, error):
    path = tmp_path / "data"
    make(path, kind, "old")

    def stop_halfway():
        with replacing(path) as fresh:
            make(fresh, kind, "new")
            raise error

    with pytest.raises(type(error)):
        stop_halfway()
    assert set(content_of(path).values()) == {"old"}
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_there_stays_until_the_block_ends(tmp_path, kind):
    path = tmp_path / "data"
    make(path, kind, "old")
    with replacing(path) as fresh:
        make(fresh, kind, "new")
        assert set(content_of(path).values()) == {"old"}
    assert set(content_of(path).values()) == {"new"}
    assert list(tmp_path.iterdir()) == [path]


def test_what_cannot_be_moved_in_leaves_the_old_one(tmp_path, kind, monkeypatch):
    path = tmp_path / "data"
    make(path, kind, "old")
    for name in ("rename", "replace"):
        move = getattr(Path, name)

        def fail_on_fresh(source, target, move=move):
            if source.name == "fresh":
                raise OSError("no")
            return move(source, target)

        monkeypatch.setattr(Path, name, fail_on_fresh)
    with pytest.raises(OSError, match="no"), replacing(path) as fresh:
        make(fresh, kind, "new")
    assert set(content_of(path).values()) == {"old"}
    assert list(tmp_path.iterdir()) == [path]


def test_every_file_has_reached_the_disk_before_it_is_moved(tmp_path, kind, monkeypatch):
    path, flushed = tmp_path / "data", []

    def fsync(descriptor):
        flushed.append(os.fstat(descriptor).st_ino)
        assert not path.exists()

    monkeypatch.setattr(os, "fsync", fsync)
    with replacing(path) as fresh:
        make(fresh, kind, "new")
    file = path if kind == "file" else path / "inside"
    assert flushed == [file.stat().st_ino]


def test_a_folder_takes_the_place_of_a_file(tmp_path):
    path = tmp_path / "data"
    make(path, "file", "old")
    with replacing(path) as fresh:
        make(fresh, "folder", "new")
    assert content_of(path) == {"inside": "new"}


KILLED = """
import os, sys
from cs231n._internal.files import replacing
with replacing(sys.argv[1]) as fresh:
    fresh.mkdir()
    (fresh / "large").write_bytes(bytes(1000))
    os._exit(9)
"""


def test_what_a_killed_process_has_left_is_removed_by_the_next_call(tmp_path):
    root = Path(__file__).parent.parent
    killed = [sys.executable, "-c", KILLED, str(tmp_path / "data")]
    assert subprocess.run(killed, cwd=root, check=False).returncode == 9
    (left,) = tmp_path.iterdir()
    elsewhere = tmp_path / "data.another-1.xyz"
    elsewhere.mkdir()
    running = tmp_path / re.sub(r"-\d+\.", f"-{os.getpid()}.", left.name)
    running.mkdir()
    with replacing(tmp_path / "data") as fresh:
        assert not left.exists()
        fresh.write_text("new")
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"data", elsewhere.name, running.name}
