"""CIFAR-10 arrives in the form that the networks train on, and says what it is."""

import pickle
import tracemalloc

import numpy as np
import pytest
from small_cifar10 import small_files, write

from cs231n import data_utils
from cs231n._internal.cifar10 import standin
from cs231n._internal.cifar10.batches import DataError, own_python
from cs231n.data_utils import data_source, get_CIFAR10_data, load_CIFAR10, load_CIFAR_batch, main

FETCHING = f"{own_python()} -m cs231n.data_utils download"


@pytest.fixture
def small_standin(tmp_path, monkeypatch):
    """A data folder without CIFAR-10, where a stand-in of 100 and 20 images is drawn."""
    monkeypatch.setenv("CS231N_DATA", str(tmp_path))
    monkeypatch.setattr(standin, "BATCH_SIZES", dict.fromkeys(standin.BATCH_SIZES, 20))
    return tmp_path


def official(real_data, name):
    with open(real_data / name, "rb") as file:
        batch = pickle.load(file, encoding="latin1")
    return batch["data"].reshape(-1, 3, 32, 32), np.array(batch["labels"])


def test_the_defaults_give_what_the_course_gives(real_data, capsys):
    data = get_CIFAR10_data()
    shapes = {key: value.shape for key, value in data.items()}
    assert shapes == {
        "X_train": (49000, 3, 32, 32),
        "y_train": (49000,),
        "X_val": (1000, 3, 32, 32),
        "y_val": (1000,),
        "X_test": (1000, 3, 32, 32),
        "y_test": (1000,),
    }
    for key, value in data.items():
        assert value.dtype == (np.float32 if key.startswith("X") else np.int64)
        assert value.flags.c_contiguous
        assert value.flags.writeable
    said = "Data: CIFAR-10, 49000 training, 1000 validation and 1000 test images.\n"
    assert capsys.readouterr().out == said
    counts = np.bincount(np.concatenate([data["y_train"], data["y_val"]]))
    assert counts.tolist() == [5000] * 10
    # The rounded mean is off by at most half a unit in its last place, 2 ** -18, for each image.
    assert np.abs(data["X_train"].mean(axis=0, dtype=np.float64)).max() < 1e-5


@pytest.mark.parametrize("dtype", [np.float64, np.float32, np.float16])
def test_the_values_are_those_of_a_plain_computation(real_data, dtype):
    data = get_CIFAR10_data(10500, 300, 200, dtype=dtype)
    (first, y1), (second, y2) = (official(real_data, f"data_batch_{n}") for n in (1, 2))
    pixels, labels = np.concatenate([first, second[:800]]), np.concatenate([y1, y2[:800]])
    pixels = pixels.astype(np.float64)
    mean = pixels[:10500].mean(axis=0)
    test, y_test = (part[:200] for part in official(real_data, "test_batch"))
    expected = {
        "X_train": pixels[:10500] - mean,
        "y_train": labels[:10500],
        "X_val": pixels[10500:] - mean,
        "y_val": labels[10500:],
        "X_test": test - mean,
        "y_test": y_test,
    }
    # Numbers of up to 255 are rounded twice: the mean, in float32 at least, and the difference.
    tolerance = 256 * np.finfo(dtype).eps if dtype != np.float64 else 0
    for key, value in expected.items():
        np.testing.assert_allclose(data[key], value, rtol=0, atol=tolerance)
        assert data[key].dtype == (dtype if key.startswith("X") else np.int64)


def test_without_the_mean_subtracted_pixels_are_pixels(real_data):
    for dtype in (np.float32, np.uint8):
        data = get_CIFAR10_data(100, 50, 20, subtract_mean=False, dtype=dtype)
        pixels, labels = official(real_data, "data_batch_1")
        np.testing.assert_array_equal(data["X_train"], pixels[:100])
        np.testing.assert_array_equal(data["X_val"], pixels[100:150])
        np.testing.assert_array_equal(data["y_val"], labels[100:150])
        assert data["X_train"].dtype == dtype


def test_the_bytes_are_freed_while_they_are_converted(real_data, capsys):
    tracemalloc.start()
    try:
        data = get_CIFAR10_data()
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    floats = sum(value.nbytes for value in data.values())
    assert held < 1.02 * floats
    # On top of the floats, all bytes once, a quarter of them. A copy of either would show.
    assert peak < 1.35 * floats


def test_all_of_it_is_loaded_channels_last(real_data):
    Xtr, ytr, Xte, yte = load_CIFAR10(real_data, dtype=np.uint8)
    assert (Xtr.shape, Xte.shape) == ((50000, 32, 32, 3), (10000, 32, 32, 3))
    assert np.bincount(ytr).tolist() == [5000] * 10
    assert np.bincount(yte).tolist() == [1000] * 10
    for name, start in (("data_batch_1", 0), ("data_batch_5", 40000)):
        pixels, labels = official(real_data, name)
        np.testing.assert_array_equal(Xtr[start : start + 10000], pixels.transpose(0, 2, 3, 1))
        np.testing.assert_array_equal(ytr[start : start + 10000], labels)
    X, y = load_CIFAR_batch(str(real_data / "test_batch"))
    np.testing.assert_array_equal(X, Xte)
    np.testing.assert_array_equal(y, yte)
    assert X.dtype == np.float32
    assert X.flags.c_contiguous


@pytest.mark.parametrize(
    ("counts", "message"),
    [
        ((49000, 1001, 1000), "49000 and 1001, together 50001, expected at most 50000"),
        ((50001, 0, 0), "50001 and 0, together 50001, expected at most 50000"),
        ((1, 50000, 0), "1 and 50000, together 50001, expected at most 50000"),
        ((100, 100, 10001), "num_test is 10001, expected at most 10000"),
        ((0, 100, 100), "num_training is 0, expected at least 1"),
        ((-1, 100, 100), "num_training is -1, expected at least 1"),
        ((100, -1, 100), "num_validation is -1, expected at least 0"),
        ((100, 100, -1), "num_test is -1, expected at least 0"),
    ],
)
def test_more_images_than_there_are_is_an_error(small_standin, counts, message):
    with pytest.raises(ValueError, match=f"{message}$"):
        get_CIFAR10_data(*counts)
    assert not (small_standin / "stand-in").exists()


@pytest.mark.parametrize(
    ("asked", "given"),
    [
        ((49000, 1000, 10000), (50, 50, 20)),
        ((50000, 0, 0), (100, 0, 0)),
        ((1, 49999, 10000), (50, 50, 20)),
        ((1, 0, 0), (1, 0, 0)),
        ((1, 1, 1), (1, 1, 1)),
    ],
)
def test_as_many_images_as_there_are_may_be_asked_for(small_standin, asked, given):
    data = get_CIFAR10_data(*asked)
    for name, count in zip(("train", "val", "test"), given, strict=True):
        assert data[f"X_{name}"].shape == (count, 3, 32, 32)
        assert data[f"y_{name}"].shape == (count,)


def test_all_images_of_cifar10_may_be_asked_for(real_data):
    data = get_CIFAR10_data(50000, 0, 10000, subtract_mean=False, dtype=np.uint8)
    assert [len(data[key]) for key in ("X_train", "X_val", "X_test")] == [50000, 0, 10000]


def test_whole_numbers_have_no_mean_subtracted(small_standin):
    with pytest.raises(ValueError, match="dtype is uint8, expected a float"):
        get_CIFAR10_data(dtype=np.uint8)


def test_the_standin_serves_what_it_has_and_says_so(small_standin, capsys):
    data = get_CIFAR10_data()
    assert {key: value.shape[0] for key, value in data.items()} == {
        "X_train": 50,
        "y_train": 50,
        "X_val": 50,
        "y_val": 50,
        "X_test": 20,
        "y_test": 20,
    }
    assert data_source() == "stand-in"
    said = capsys.readouterr().out
    assert said == (
        f"{'!' * len(said.partition(chr(10))[0])}\n"
        "! NOT CIFAR-10: these are drawings that stand in for it.\n"
        "! Networks reach other accuracies on them than the text says.\n"
        f"! To fetch CIFAR-10, in the kit's folder: {FETCHING}\n"
        f"{'!' * len(said.partition(chr(10))[0])}\n"
        "Data: a stand-in for CIFAR-10, 50 training, 50 validation and 20 test images.\n"
    )
    assert set(get_CIFAR10_data(60, 30, 10)["y_train"]) <= set(range(10))
    assert " 60 training, 30 validation and 10 test " in capsys.readouterr().out


def test_the_standin_has_the_same_form(small_standin):
    data = get_CIFAR10_data(60, 40, 20, subtract_mean=False)
    folder = small_standin / "stand-in"
    Xtr, ytr, Xte, yte = load_CIFAR10(folder)
    X = np.concatenate([data["X_train"], data["X_val"]])
    np.testing.assert_array_equal(X, Xtr.transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(np.concatenate([data["y_train"], data["y_val"]]), ytr)
    np.testing.assert_array_equal(data["X_test"], Xte.transpose(0, 3, 1, 2))
    np.testing.assert_array_equal(data["y_test"], yte)


def test_no_image_is_in_two_sets(small_standin):
    data = get_CIFAR10_data(60, 40, 20, subtract_mean=False, dtype=np.uint8)
    images = [image.tobytes() for key in ("X_train", "X_val", "X_test") for image in data[key]]
    assert len(set(images)) == 120


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({}, "data_batch_1 is missing"),
        ({"data_batch_1": b"x"}, "data_batch_1 has 1 bytes, expected 31,035,704"),
        (small_files(), "data_batch_1 has [0-9,]+ bytes, expected 31,035,704"),
    ],
)
def test_damaged_data_are_no_reason_for_the_standin(small_standin, files, message):
    write(small_standin / "cifar-10-batches-py", files)
    for call in (data_source, get_CIFAR10_data):
        with pytest.raises(DataError, match=f"{message}, in .*To repair it, in the") as raised:
            call()
    assert str(raised.value).splitlines()[0].endswith(FETCHING)
    assert not (small_standin / "stand-in").exists()


def test_a_folder_that_is_named_and_not_there_is_an_error(tmp_path, monkeypatch):
    monkeypatch.setenv("CS231N_DATA", str(tmp_path / "nowhere"))
    with pytest.raises(DataError, match=r"is '.*nowhere', expected a folder that exists"):
        get_CIFAR10_data()


def test_status_says_what_is_there(small_standin, capsys):
    assert main(["status"]) == 0
    folder = small_standin / "cifar-10-batches-py"
    assert capsys.readouterr().out == (
        f"CIFAR-10: not in {folder}. To fetch it: {FETCHING}\n"
        "Stand-in: not drawn yet.\n"
        "The notebooks run on stand-in.\n"
    )
    assert main(["stand-in"]) == 0
    assert capsys.readouterr().out == f"The stand-in is in {small_standin / 'stand-in'}.\n"
    assert main(["status"]) == 0
    assert f"Stand-in: in {small_standin / 'stand-in'}." in capsys.readouterr().out
    write(folder, {"data_batch_1": b"x"})
    assert main(["status"]) == 1
    said = f"CIFAR-10: data_batch_1 has 1 bytes, expected 31,035,704, in {folder}."
    assert said in capsys.readouterr().out


def test_status_compares_every_md5(real_data, capsys):
    assert main(["status"]) == 0
    said = capsys.readouterr().out
    assert f"CIFAR-10: in {real_data}, and every file has its MD5." in said
    assert "The notebooks run on CIFAR-10." in said


def test_ctrl_c_is_no_traceback(monkeypatch, capsys):
    def interrupt(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(data_utils.download, "fetch", interrupt)
    assert main(["download"]) == 130
    assert "Stopped." in capsys.readouterr().err


def test_a_command_is_asked_for(capsys):
    with pytest.raises(SystemExit):
        main([])
    assert "command" in capsys.readouterr().err
