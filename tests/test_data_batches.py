"""Batches are read whole or not at all, and a pickle gets no further than arrays."""

import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from small_cifar10 import python2_batch, write

import cs231n
from cs231n._internal.cifar10 import batches
from cs231n._internal.cifar10.batches import (
    FOLDER,
    DataError,
    File,
    Release,
    batches_folder,
    download_command,
    find_damage,
    read_batch,
    write_batch,
)


@pytest.fixture
def batch():
    rng = np.random.default_rng(0)
    return rng.integers(0, 256, (5, 3072), dtype=np.uint8), np.array([3, 0, 9, 1, 1])


def test_a_batch_of_python_2_is_read(tmp_path, batch):
    (tmp_path / "batch").write_bytes(python2_batch(*batch))
    pixels, labels = read_batch(tmp_path / "batch")
    np.testing.assert_array_equal(pixels, batch[0])
    np.testing.assert_array_equal(labels, batch[1])
    assert pixels.dtype == np.uint8
    assert labels.dtype == np.int64


@pytest.mark.parametrize("module", [b"numpy.core.multiarray", b"numpy._core.multiarray"])
def test_arrays_of_either_numpy_are_read(tmp_path, batch, module):
    written = python2_batch(*batch).replace(b"numpy.core.multiarray", module)
    assert module in written
    (tmp_path / "batch").write_bytes(written)
    np.testing.assert_array_equal(read_batch(tmp_path / "batch")[0], batch[0])


def test_a_batch_that_we_wrote_is_read(tmp_path, batch):
    write_batch(tmp_path / "batch", *batch)
    pixels, labels = read_batch(tmp_path / "batch")
    np.testing.assert_array_equal(pixels, batch[0])
    np.testing.assert_array_equal(labels, batch[1])


class RunsCode:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("place", ["whole", "data", "labels"])
def test_a_batch_that_would_run_code_is_refused(tmp_path, batch, place):
    trap = RunsCode(os.mkdir, str(tmp_path / "ran"))
    content = {"data": batch[0], "labels": [1, 2, 3, 4, 5]}
    content = trap if place == "whole" else content | {place: trap}
    (tmp_path / "batch").write_bytes(pickle.dumps(content, protocol=4))
    with pytest.raises(DataError, match=r"is not a batch .* names (posix|nt)\.mkdir, expected"):
        read_batch(tmp_path / "batch")
    assert not (tmp_path / "ran").exists()
    with open(tmp_path / "batch", "rb") as file:
        pickle.load(file)  # the trap is a real one
    assert (tmp_path / "ran").exists()


@pytest.mark.parametrize("function", [eval, getattr, np.load, np.fromfile, os.system, bytearray])
def test_no_other_function_is_named(tmp_path, function):
    (tmp_path / "batch").write_bytes(pickle.dumps(RunsCode(function, "1"), protocol=2))
    with pytest.raises(DataError, match="expected numpy arrays and plain values"):
        read_batch(tmp_path / "batch")


def test_damaged_batches_are_named(tmp_path, batch):
    pixels, labels = batch
    whole = python2_batch(pixels, labels)
    damaged = {
        "short": whole[:1000],
        "empty": b"",
        "page": b"<html>Not found</html>",
        "number": pickle.dumps(5),
        "keys": pickle.dumps({"data": 1}),
        "float": pickle.dumps({"data": pixels * 1.0, "labels": [1] * 5}, protocol=4),
        "narrow": python2_batch(pixels[:, :-1].copy(), labels),
        "labels": python2_batch(pixels, labels[:4]),
        "class": python2_batch(pixels, labels + 1),
    }
    write(tmp_path, damaged)
    for name in (*damaged, "missing"):
        command = f"python -m cs231n.data_utils download --to {tmp_path}"
        with pytest.raises(DataError, match=f"{name} (is|has) .*{command}"):
            read_batch(tmp_path / name)


def test_the_batches_folder_is_found(tmp_path, monkeypatch):
    monkeypatch.delenv("CS231N_DATA", raising=False)
    repository = Path(cs231n.__file__).parent.parent
    assert batches_folder() == repository / "datasets" / "cifar-10-batches-py"
    monkeypatch.chdir(tmp_path)
    assert batches_folder() == repository / "datasets" / "cifar-10-batches-py"

    spaced = tmp_path / "my data"
    monkeypatch.setenv("CS231N_DATA", str(spaced))
    assert batches_folder() == spaced / "cifar-10-batches-py"
    monkeypatch.setenv("CS231N_DATA", str(spaced / "cifar-10-batches-py"))
    assert batches_folder() == spaced / "cifar-10-batches-py"
    monkeypatch.setenv("CS231N_DATA", "my data")
    assert batches_folder() == spaced / "cifar-10-batches-py"
    assert batches_folder(tmp_path / "other") == tmp_path / "other" / "cifar-10-batches-py"

    write(tmp_path / "renamed", {"data_batch_2": b""})
    assert batches_folder(tmp_path / "renamed") == tmp_path / "renamed"


def test_batches_in_the_courses_own_place_are_found(tmp_path, monkeypatch):
    monkeypatch.delenv("CS231N_DATA", raising=False)
    monkeypatch.setattr(batches, "DATASETS", tmp_path / "datasets")
    monkeypatch.setattr(batches, "COURSES_OWN", tmp_path / "cs231n" / "datasets")
    ours, theirs = (tmp_path / where / FOLDER for where in ("datasets", "cs231n/datasets"))
    assert batches_folder() == ours
    theirs.mkdir(parents=True)
    assert batches_folder() == theirs
    monkeypatch.setenv("CS231N_DATA", str(tmp_path / "named"))
    assert batches_folder() == tmp_path / "named" / FOLDER
    monkeypatch.delenv("CS231N_DATA")
    ours.mkdir(parents=True)
    assert batches_folder() == ours


@pytest.mark.parametrize(
    ("own", "expected"),
    [("", "python"), (".venv/bin/python", os.path.join(".venv", "bin", "python"))],
)
def test_the_command_is_one_that_works(tmp_path, monkeypatch, own, expected):
    monkeypatch.setattr(batches, "KIT", tmp_path)
    if own:
        write((tmp_path / own).parent, {Path(own).name: b""})
    assert download_command(batches_folder()) == f"{expected} -m cs231n.data_utils download"


def test_damage_is_named_by_file(tmp_path):
    release = Release("", None, {"a": File(2, "187ef4436122d1cc2f40dc2b92f0eba0")})
    assert find_damage(tmp_path, release) == "a is missing"
    write(tmp_path, {"a": b"abc"})
    assert find_damage(tmp_path, release) == "a has 3 bytes, expected 2"
    write(tmp_path, {"a": b"ac"})
    assert find_damage(tmp_path, release) is None
    assert find_damage(tmp_path, release, thorough=True).startswith("a has MD5 ")
    write(tmp_path, {"a": b"ab"})
    assert find_damage(tmp_path, release, thorough=True) is None


def test_the_real_batches_are_read_as_pickle_reads_them(real_data):
    pixels, labels = read_batch(real_data / "data_batch_2")
    with open(real_data / "data_batch_2", "rb") as file:
        expected = pickle.load(file, encoding="latin1")
    np.testing.assert_array_equal(pixels, expected["data"])
    assert labels.tolist() == expected["labels"]
    assert find_damage(real_data, thorough=True) is None


class Forged:
    """Pickles as a call of the given function with a state of its own."""

    def __init__(self, function, arguments, state=None):
        self.parts = (function, arguments, state)

    def __reduce__(self):
        return self.parts


def forged_array(state):
    rebuild = np.empty(0).__reduce__()[0]
    return Forged(rebuild, (np.ndarray, (0,), b"b"), state)


@pytest.mark.parametrize(
    "labels",
    [
        # An object among the fields of a type that says it has none: its bytes are an address.
        forged_array(
            (1, (5,), Forged(np.dtype, ("V8", False, True), (3, "|", None, ("f",),
             {"f": (np.dtype("O"), 0)}, 8, 1, 0)), False, b"A" * 40)
        ),
        forged_array((1, (5,), np.dtype("O"), False, [1, 2, 3, 4, 5])),
        forged_array((1, (5,), np.dtype("<i8"), False, b"too short")),
        forged_array((1, (5,), np.dtype("<U4"), False, b"A" * 80)),
        np.float64(3),
        np.ones((5, 1), dtype=np.int64),
        np.full(5, 1.5),
        [1, 2, 3, 4, 5.5],
        [1, 2, 3, 4, True],
        "12345",
        3,
    ],
)  # fmt: skip
def test_labels_that_are_no_list_of_whole_numbers_are_refused(tmp_path, batch, labels):
    pixels, _ = batch
    content = pickle.dumps({"data": pixels, "labels": labels}, protocol=4)
    write(tmp_path, {"forged": content})
    with pytest.raises(DataError, match="forged is not a batch of CIFAR-10"):
        read_batch(tmp_path / "forged")


@pytest.mark.parametrize("dtype", ["<i8", ">i4", "u1", "i2"])
def test_labels_may_be_an_array_of_whole_numbers(tmp_path, batch, dtype):
    pixels, labels = batch
    content = pickle.dumps({"data": pixels, "labels": labels.astype(dtype)}, protocol=4)
    write(tmp_path, {"good": content})
    got, names = read_batch(tmp_path / "good")
    assert np.array_equal(got, pixels)
    assert np.array_equal(names, labels)
    assert names.dtype == np.int64


def test_pixels_may_lie_in_columns(tmp_path, batch):
    pixels, labels = batch
    content = pickle.dumps(
        {"data": np.asfortranarray(pixels), "labels": labels.tolist()}, protocol=4
    )
    write(tmp_path, {"columns": content})
    assert np.array_equal(read_batch(tmp_path / "columns")[0], pixels)
