"""The benchmarks: what is measured computes the same thing, and goals are judged as they say."""

import importlib.util
import itertools
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest
from nbclient.exceptions import CellExecutionError

from benchmarks import goals, notebooks, plain, timing
from cs231n import layers
from cs231n._internal.cifar10.batches import TEST_BATCH, TRAINING_BATCHES, write_batch

needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="PyTorch is not installed"
)


def assert_same(got, expected):
    for one, other in zip(got, expected, strict=True):
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=1e-9, atol=1e-9)


@pytest.fixture
def rng():
    return np.random.default_rng(231)


def test_plain_convolution(rng):
    x, w, b = (rng.standard_normal(shape) for shape in ((3, 2, 7, 6), (4, 2, 3, 2), (4,)))
    conv_param = {"stride": 2, "pad": 1}
    out, cache = plain.conv_forward(x, w, b, conv_param)
    expected, naive_cache = layers.conv_forward_naive(x, w, b, conv_param)
    dout = rng.standard_normal(out.shape)
    assert_same([out], [expected])
    assert_same(plain.conv_backward(dout, cache), layers.conv_backward_naive(dout, naive_cache))


def test_plain_pooling(rng):
    x = rng.standard_normal((3, 2, 7, 6))
    pool_param = {"pool_height": 3, "pool_width": 2, "stride": 2}
    out, cache = plain.max_pool_forward(x, pool_param)
    expected, naive_cache = layers.max_pool_forward_naive(x, pool_param)
    dout = rng.standard_normal(out.shape)
    assert_same([out], [expected])
    assert_same(
        [plain.max_pool_backward(dout, cache)],
        [layers.max_pool_backward_naive(dout, naive_cache)],
    )


@pytest.mark.parametrize(
    ("ours", "theirs", "shape", "settings"),
    [
        ("batchnorm", plain.norm_backward, (6, 4), ({"mode": "train"},)),
        ("layernorm", plain.norm_backward, (6, 4), ({},)),
        ("spatial_batchnorm", plain.spatial_batchnorm_backward, (3, 4, 2, 3), ({"mode": "train"},)),
        ("spatial_groupnorm", plain.spatial_groupnorm_backward, (3, 4, 2, 3), (2, {})),
    ],
)
def test_plain_norms(rng, ours, theirs, shape, settings):
    x, dout, gamma, beta = (rng.standard_normal(s) for s in (shape, shape, shape[1], shape[1]))
    out, cache = getattr(plain, f"{ours}_forward")(x, gamma, beta, *settings)
    mine = [dict(value) if isinstance(value, dict) else value for value in settings]
    for value in mine:
        if isinstance(value, dict):  # running averages have moved already
            value.pop("running_mean", None), value.pop("running_var", None)
    expected, our_cache = getattr(layers, f"{ours}_forward")(x, gamma, beta, *mine)
    assert_same([out], [expected])
    assert_same(theirs(dout, cache), getattr(layers, f"{ours}_backward")(dout, our_cache))
    if "running_var" in mine[-1]:
        assert_same([settings[-1]["running_var"]], [mine[-1]["running_var"]])


def test_plain_loading(rng, tmp_path):
    pixels = rng.integers(0, 256, (60, 3072), dtype=np.uint8)
    labels = rng.integers(0, 10, 60)
    names = (*TRAINING_BATCHES, TEST_BATCH)
    for k, name in enumerate(names):
        write_batch(tmp_path / name, pixels[10 * k : 10 * (k + 1)], labels[10 * k : 10 * (k + 1)])
    data = plain.load_cifar10(tmp_path, num_training=42, num_validation=8, num_test=5)
    images = pixels.reshape(-1, 3, 32, 32) - pixels[:42].reshape(-1, 3, 32, 32).mean(axis=0)
    for part, chosen in (("train", slice(42)), ("val", slice(42, 50)), ("test", slice(50, 55))):
        assert_same([data[f"X_{part}"]], [images[chosen]])
        assert np.array_equal(data[f"y_{part}"], labels[chosen])


def test_sides_take_turns_and_ratios_are_taken_round_by_round():
    clock = itertools.count()  # every look at the clock takes a second
    ran = []
    sides = {"ours": lambda: ran.append("ours"), "torch": lambda: ran.append("torch")}
    taken = timing.time_side_by_side(sides, seconds=0, rounds=(4, 9), clock=lambda: next(clock))
    assert taken == {"ours": [1] * 4, "torch": [1] * 4}
    assert ran[4:8] == ["ours", "torch", "torch", "ours"]
    assert timing.ratio([1, 9, 4], [2, 3, 4]) == timing.Ratio(median=1, lower=0.75, upper=2)


def result(name, median, **changes):
    return {
        "group": "convolution",
        "name": name,
        "dtype": "float32",
        "threads": 1,
        "ratios": {"torch": [median, median, median]},
    } | changes


def test_goals_are_judged_each_and_by_their_mean():
    results = [result("a", 0.5), result("b", 1.28), result("a", 3.0, threads=2)]
    every = [*goals.judged(results, mean=False), *goals.judged(results, mean=True)]
    judged = {(goal.limit, goal.threads, name): ratio for goal, name, ratio in every}
    assert judged[1.0, 1, "a"] == 0.5
    assert judged[1.0, 1, "b"] == 1.28
    assert judged[0.8, 1, "geometric mean of 2"] == pytest.approx(0.8)
    assert judged[1.0, 2, "geometric mean of 1"] == pytest.approx(3.0)
    assert len(judged) == 4
    met = {key: goals.is_met(goals.Goal("convolution", key[0]), r) for key, r in judged.items()}
    assert met == {
        (1.0, 1, "a"): True,
        (1.0, 1, "b"): False,
        (0.8, 1, "geometric mean of 2"): True,
        (1.0, 2, "geometric mean of 1"): False,
    }


@needs_torch
def test_every_goal_has_something_to_be_measured_on():
    from benchmarks.__main__ import GROUPS
    from benchmarks.cases import all_cases

    cases = all_cases()
    assert {case.group for case in cases} | {"loading", "cache of a convolution"} == set(GROUPS)
    for goal in goals.GOALS:
        assert goal.group in GROUPS
        names = [case.name for case in cases if case.group == goal.group]
        assert not names or any(name.startswith(goal.name) for name in names)


@needs_torch
def test_sides_of_a_case_compute_the_same_gradients(rng):
    from benchmarks.cases import all_cases

    small = [case for case in all_cases() if "(100, 100)" in case.name or "(50, 10)" in case.name]
    assert len(small) == 4
    for case in small:
        sides = case.sides(rng)
        gradients = {side: run() for side, run in sides.items()}
        if case.group == "softmax loss":
            gradients["ours"] = gradients["ours"][1:]
        for side in gradients.keys() - {"ours"}:
            for mine, theirs in zip(gradients["ours"], gradients[side], strict=True):
                np.testing.assert_allclose(mine, np.asarray(theirs), rtol=1e-3, atol=1e-4)


def test_without_pytorch_the_benchmarks_say_how_to_get_it():
    code = (
        "import importlib.util, sys; sys.argv = ['benchmarks', '--quick']; "
        "find = importlib.util.find_spec; "
        "importlib.util.find_spec = lambda name: None if name == 'torch' else find(name); "
        "from benchmarks.__main__ import main; main()"
    )
    root = Path(__file__).parent.parent
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=root)
    assert ran.returncode == 1
    assert "PyTorch, which is not installed" in ran.stderr
    assert "pip install torch" in ran.stderr


def write_notebook(path, *sources):
    path.parent.mkdir(parents=True, exist_ok=True)
    cells = [nbformat.v4.new_code_cell(source) for source in sources]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), path)


def test_a_courses_notebook_runs_on_its_package_and_on_ours(tmp_path):
    course = tmp_path / "assignment"
    images = course / "cs231n" / notebooks.DATA
    images.mkdir(parents=True)
    (images / "batches.meta").write_bytes(b"names")
    (course / "cs231n" / "layers.py").write_text("def theirs(): pass\n")
    (course / "cs231n" / "optim_of_theirs.py").write_text("")
    (course / "cs231n" / "kitten.jpg").write_bytes(b"picture")
    path = course / "Layers.ipynb"
    write_notebook(
        path,
        "from google.colab import drive\n%cd /content/drive",
        "from pathlib import Path\nimport cs231n.layers as layers",
        "assert Path('cs231n/kitten.jpg').exists(), 'pictures stay'",
        "assert Path('cs231n/datasets/cifar-10-batches-py/batches.meta').exists(), 'images stay'",
        "is_theirs = hasattr(layers, 'theirs')\n"
        "assert is_theirs == Path('cs231n/optim_of_theirs.py').exists()\n"
        "assert is_theirs != hasattr(layers, 'affine_forward')",
    )
    theirs, ours = notebooks.lay_out(course, tmp_path)
    assert (theirs / "cs231n" / "optim_of_theirs.py").exists()
    assert not (ours / "cs231n" / "optim_of_theirs.py").exists()
    for place in (theirs, ours):
        assert notebooks.seconds(place / path.name, place) > 0
    assert sorted(p.name for p in course.rglob("*") if p.is_file()) == [
        "Layers.ipynb", "batches.meta", "kitten.jpg", "layers.py", "optim_of_theirs.py",
    ]  # fmt: skip


def test_a_cell_that_fails_is_no_time(tmp_path):
    write_notebook(tmp_path / "wrong.ipynb", "1 / 0")
    with pytest.raises(CellExecutionError, match="ZeroDivisionError"):
        notebooks.seconds(tmp_path / "wrong.ipynb", tmp_path)
