"""The smallest example that goes wrong, and with which inputs wrong code is right."""

import json
import shutil

import numpy as np
import pytest
from test_checks_alternatives import ALTERNATIVES
from this_course import COURSE, check
from wrong_answers import PLANTED

from coursekit.blocks import blank, blocks_of
from coursekit.checks import (
    UnderTest,
    explain_by_example,
    imported,
    ladder,
    recorded_examples,
    rung,
    smallest_example,
    toggles,
)
from coursekit.checks.example_view import Example, as_shown, pair_as_shown
from coursekit.checks.examples import Ladder, answer_of, record, rungs_of
from coursekit.checks.toggling import Toggles, agrees, print_of, toggle
from coursekit.course import Course
from coursekit.mutants import mistake
from coursekit.mutants.runs import altered

BLOCKS = {block.name: block for block in blocks_of(COURSE.package_folder)}
REFERENCE = UnderTest(COURSE)
EACH = pytest.mark.parametrize("name", [each.name for each in check])
# Networks have more parameters than a layer has inputs.
LARGE = ("FullyConnectedNet", "ThreeLayerConvNet", "affine_ln_relu_backward")


def wrong(block, old, new):
    """Import the reference with an edit in it."""
    made = mistake(block, "an edit", old, new)
    return altered(COURSE, {BLOCKS[block].path: made.made_in})


@EACH
def test_a_ladder_has_a_few_rungs_of_few_numbers(name):
    rungs = [one for _, one in rungs_of(check[name])]
    assert 4 <= len(rungs) <= 13
    assert len({one.words for one in rungs}) == len(rungs)
    most = 21 if name.startswith(LARGE) else 12
    for one in rungs:
        arrays = [value for value in one.inputs.values() if isinstance(value, np.ndarray)]
        assert all((array == np.round(array)).all() for array in arrays), one.words
        assert sum(array.size for array in arrays) <= most, one.words


@EACH
def test_what_is_recorded_is_what_the_reference_answers(name):
    """Otherwise `python -m coursekit record` has to be run again."""
    then, now = recorded_examples.load(COURSE)[name], record(check[name], REFERENCE)
    assert list(then.rungs) == list(now.rungs)
    for words, answers in now.rungs.items():
        assert list(then.rungs[words]) == list(answers)
        for value, array in answers.items():
            assert then.rungs[words][value].shape == array.shape, (words, value)
    assert smallest_example(check[name], REFERENCE) is None
    assert toggle(check[name], REFERENCE, answer_of) == ""
    for there, here in zip(then.toggles, now.toggles, strict=True):
        for (plain, properties), (own, mine) in zip(there, here, strict=True):
            assert (list(plain), list(properties)) == (list(own), list(mine))


def test_recorded_answers_are_small_and_the_same_each_time():
    first, second = ({n: record(check[n], REFERENCE) for n in PLANTED} for _ in range(2))
    data = recorded_examples.to_bytes(first)
    assert data == recorded_examples.to_bytes(second)
    assert len(data) < 150_000


@pytest.mark.parametrize("name", PLANTED)
def test_the_first_example_that_a_wrong_answer_fails(name):
    assert len(PLANTED[name]) >= 3
    for block, old, new, words in PLANTED[name]:
        with wrong(block, old, new) as package:
            found = smallest_example(check[name], package)
        assert found is not None, new
        assert found.words == words, new
        assert Example.from_json(json.loads(json.dumps(found.to_json()))) == found
        assert found.expected
        assert found.yours or found.notes


def test_wrong_answers_are_planted_for_every_check():
    assert set(PLANTED) == {each.name for each in check}


def test_an_example_as_text_and_as_a_table():
    with wrong("affine_backward", "dout.sum(axis=0)", "dout[0]") as package:
        found = smallest_example(check.affine_backward, package)
    assert str(found).splitlines() == [
        "The smallest example that goes wrong: two examples",
        "  x     (2, 1)  1",
        "                2",
        "  w     (1, 1)  3",
        "  b     (1,)    1",
        "  dout  (2, 1)  4",
        "                5",
        "                expected    yours",
        "  db    (1,)    9           4",
        "  dx and dw are right.",
    ]
    page = found._repr_html_()
    assert page.count("<table") == 2 + 4 + 2  # two tables, and one for each array
    assert "<strong>4</strong>" in page
    assert "text-align: right" in page
    assert "color: #" not in page  # the colours are those of the page around it


def test_an_example_that_stops_shows_the_line():
    with wrong("conv_forward_naive", "H_out = 1 +", "H_out = 1.0 +") as package:
        found = smallest_example(check.conv_forward_naive, package)
    assert found.notes[0].startswith("Your code stops here with TypeError: 'float' object")
    assert found.notes[1].startswith("at cs231n/layers.py, line ")
    assert "np.empty(" in found.notes[1]
    assert list(found.expected) == ["out"]
    assert not found.yours
    assert found.notes[0] in str(found)


def test_an_input_that_is_overwritten_is_shown_before_and_after():
    with wrong("relu_forward", "np.maximum(x, 0)", "np.maximum(x, 0, out=x)") as package:
        found = smallest_example(check.relu_forward, package)
    assert found.expected["x afterwards"].cells == ("-2",)
    assert found.yours["x afterwards"].cells == ("0",)
    assert found.right == ("out",)


def test_a_value_that_is_missing_is_named():
    with wrong("TwoLayerNet.loss:gradients", 'grads["b1"]', 'grads["b"]') as package:
        found = smallest_example(check.TwoLayerNet_gradients, package)
    assert 'grads["b1"] is missing.' in found.notes
    assert 'grads["b1"]' in found.expected
    assert 'grads["b1"]' not in found.yours


def test_a_backward_pass_points_to_the_forward_pass_if_that_is_wrong():
    with wrong("layernorm_forward", "gamma * x_hat + beta", "gamma * x_hat + beta + 1") as package:
        assert smallest_example(check.layernorm_backward, package) is None
    with wrong("layernorm_forward", "x_hat = centered / std", "x_hat = centered") as package:
        found = smallest_example(check.layernorm_backward, package)
    assert "The forward pass that this starts from gives something else" in found.notes[-1]


@pytest.mark.parametrize("made", ALTERNATIVES, ids=lambda made: f"{made.block}: {made.name}")
def test_nothing_is_said_of_a_right_answer(made):
    with altered(COURSE, {BLOCKS[made.block].path: made.made_in}) as package:
        for each in check.of_block(made.block):
            assert toggle(each, package, answer_of) == ""
            assert smallest_example(each, package) is None


@EACH
def test_a_block_that_is_not_filled_in_has_no_example(name):
    changes = {
        BLOCKS[block].path: lambda source: blank(source, only=check[name].blocks)
        for block in check[name].blocks
    }
    with altered(COURSE, changes) as package:
        assert explain_by_example(check[name], package) == ("", None)


@pytest.mark.parametrize(
    ("name", "block", "old", "new", "sentence"),
    [
        ("layernorm_backward", "layernorm_backward", "dx_hat = dout * gamma", "dx_hat = dout",
         "It is right as soon as gamma is 1."),
        ("batchnorm_backward", "batchnorm_backward", "dout * gamma", "dout",
         "It is right as soon as gamma is 1."),
        ("batchnorm_backward_alt", "batchnorm_backward_alt", "dbeta / N", "dbeta",
         "It is right as soon as each column of dout sums to 0."),
        ("batchnorm_backward", "batchnorm_backward", "dbeta = ones @ dout",
         "dbeta = dout.mean(axis=0)", ""),
        ("affine_backward", "affine_backward", "dout.sum(axis=0)", "dout.mean(axis=0)",
         "It is right as soon as there is a single example."),
        ("max_pool_backward_naive", "max_pool_backward_naive", "left + column] +=",
         "left + column] =", "It is right as soon as windows do not overlap."),
        ("conv_backward_naive", "conv_backward_naive", "pad : pad + H, pad : pad + W",
         "pad:-pad, pad:-pad", ""),
        ("conv_forward_naive", "conv_forward_naive", "i * stride, j * stride", "i, j",
         "It is right as soon as the stride is 1."),
        ("TwoLayerNet_gradients", "TwoLayerNet.loss:gradients", "0.5 * self.reg", "self.reg",
         "It is right as soon as reg is 0."),
        ("batchnorm_forward_train", "batchnorm_forward:train", "+ (1 - momentum) * var",
         "+ momentum * var", "It is right as soon as momentum is a half."),
        ("batchnorm_forward_train", "batchnorm_forward:train", "out = gamma * x_hat + beta",
         "out = x_hat; momentum = 0.9", "Your running_mean and running_var are right as soon as "
         "momentum is 0.9, as it is by default."),
        ("sgd_momentum", "sgd_momentum", "w + velocity", "w - velocity", ""),
        ("dropout_forward_train", "dropout_forward:train", "/ p", "/ (1 - p)",
         "It is right as soon as p is a half."),
    ],
)  # fmt: skip
def test_with_which_inputs_wrong_code_is_right(name, block, old, new, sentence):
    with wrong(block, old, new) as package:
        assert explain_by_example(check[name], package)[0] == sentence


def test_nothing_is_said_of_code_that_is_wrong_for_some_draws_only():
    """It would be right with many a property, by luck."""
    with wrong("relu_forward", "np.maximum(x, 0)", "np.clip(x, 0, 2.9)") as package:
        sentence, found = explain_by_example(check.relu_forward, package)
    assert sentence == ""
    assert found.words == "a positive number"


@pytest.mark.parametrize("name", ["conv_forward_naive", "conv_backward_naive"])
def test_a_property_of_windows_changes_nothing_else(name):
    _only_what_it_says(name, "filter", lambda p: p.get("pad", 0))


@pytest.mark.parametrize("name", ["max_pool_forward_naive", "max_pool_backward_naive"])
def test_a_property_of_pooling_changes_nothing_else(name):
    _only_what_it_says(name, "window", lambda p: 0)


def _only_what_it_says(name, window, padding):
    """Look at what a property might change unnoticed: squares, rests at the edge, overlaps."""
    (found,) = COURSE.examples_of(name, Toggles)
    expected = {
        "the images are square": {"square image"},
        f"the {window}s are square": {"square window"},
        f"images and {window}s are square": {"square image", "square window"},
        "no pixels are left over at the edge": {"tiled"},
        "the stride is 1": {"tiled", "stride 1"},
        "windows do not overlap": {"apart"},
        "the filters are a single pixel": {"apart", "square window"},
        "there is a single position": {"tiled", "single position"},
    }
    for number in range(len(found.plain)):
        for words in (None, *found.properties):
            parameters = found.parameters(number, words)
            what = _of_windows(parameters, parameters[window], padding(parameters))
            assert what == expected.get(words, set()), (number, words)


def _of_windows(parameters, window, pad):
    stride, image = parameters["stride"], parameters["image"]
    rests = [length + 2 * pad - size for length, size in zip(image, window, strict=True)]
    facts = {
        "square image": image[0] == image[1],
        "square window": window[0] == window[1],
        "tiled": all(rest % stride == 0 for rest in rests),
        "stride 1": stride == 1,
        "apart": all(stride >= size for size in window),
        "single position": not any(rests),
    }
    # Along both axes or along neither, so that no axis is forgotten.
    assert len({rest % stride == 0 for rest in rests}) == 1
    assert len({stride >= size for size in window}) == 1
    return {fact for fact, holds in facts.items() if holds}


class Odd:
    """What a function should not return."""

    def __array__(self, *args, **kwargs):
        raise RuntimeError("no array")

    def __eq__(self, other):
        raise RuntimeError("not comparable")

    __hash__ = None


ODD = {
    "None": None,
    "words": "out",
    "an object": Odd(),
    "an object array": np.array([{}, None], dtype=object),
    "complex numbers": np.array([[1j]]),
    "booleans": np.ones((2, 2), bool),
    "a ragged list": [[1], [2, 3]],
    "no numbers": np.zeros((0, 3)),
    "not a number": np.full((1, 1), np.nan),
    "infinity": np.full((1, 1), np.inf),
    "many numbers": np.zeros((300, 300)),
    "dates": np.array(["2020-01-01"], "datetime64[D]"),
    "structured": np.zeros(2, [("a", int), ("b", float)]),
    "bytes": np.array([b"out"]),
    "a huge number": 10**400,
}


@pytest.mark.parametrize("odd", ODD.values(), ids=ODD)
@pytest.mark.parametrize("name", ["affine_forward", "relu_backward", "dropout_forward_train"])
def test_whatever_is_returned_is_shown(monkeypatch, name, odd):
    function = name.removesuffix("_train")
    answer = odd if name == "relu_backward" else (odd, None)
    monkeypatch.setattr(f"cs231n.layers.{function}", lambda *args, **kwargs: answer)
    sentence, found = explain_by_example(check[name], REFERENCE)
    assert sentence == ""
    assert found is not None
    assert len(str(found)) < 2_000
    assert found._repr_html_().startswith("<div")
    assert Example.from_json(json.loads(json.dumps(found.to_json()))) == found


@pytest.mark.parametrize("error", [SystemExit, RecursionError, MemoryError, Exception])
def test_whatever_is_raised_is_shown(monkeypatch, error):
    def stop(x):
        raise error("<b>no</b>")

    monkeypatch.setattr("cs231n.layers.relu_forward", stop)
    sentence, found = explain_by_example(check.relu_forward, REFERENCE)
    assert sentence == ""
    assert found.notes[0] == f"Your code stops here with {error.__name__}: <b>no</b>"
    assert "<b>" not in found._repr_html_()


def test_as_many_digits_as_tell_two_numbers_apart():
    expected, got = pair_as_shown(np.array([0.5, 2.0]), np.array([0.5000001, 2.0]))
    assert (expected.cells, got.cells) == (("0.5", "2"), ("0.5000001", "2"))
    assert got.wrong == (0,)
    assert pair_as_shown(np.array(1.0), np.array(3.0))[1].wrong == (0,)
    assert as_shown(np.array([1e-30, 1e12])).cells == ("1e-30", "1e+12")


def test_prints_agree_for_the_same_values_and_no_others():
    rng = np.random.default_rng(3)
    arrays = [rng.standard_normal((3, 4)) for _ in range(6)]
    recorded = print_of(arrays)
    assert agrees([array + 1e-12 for array in arrays], recorded)
    assert agrees([array.astype(np.float32) for array in arrays], recorded) is False
    assert agrees([*arrays[1:], arrays[0]], recorded) is False
    assert agrees([array.T for array in arrays], recorded) is False
    assert agrees([*arrays[:5], None], recorded) is False
    assert agrees([*arrays[:5], np.full((3, 4), np.nan)], recorded) is False
    assert agrees([array.astype("U8") for array in arrays], recorded) is False


def test_what_is_declared_wrongly_is_refused():
    with pytest.raises(ValueError, match="two examples for relu_forward are called the same"):
        ladder("relu_forward", rung("one", x=[1]), rung("one", x=[2]))
    with pytest.raises(ValueError, match="relu_forward has 1 plain inputs, expected two"):
        toggles("relu_forward", None, plain=[{}], properties={})


def test_a_course_without_examples_has_nothing_to_say(tmp_path):
    unwanted = shutil.ignore_patterns("__pycache__", "examples", "examples.npz")
    source = COURSE.folder / "examples" / "linear_regression"
    course = Course.read(shutil.copytree(source, tmp_path / "course", ignore=unwanted))
    assert course.examples_of("predict", Ladder) == []
    with imported(course, course.package_folder) as package:
        assert explain_by_example(course.checks.predict, package) == ("", None)


def test_examples_of_another_course():
    course = Course.read(COURSE.folder / "examples" / "linear_regression")
    told = {}
    for each in course.mistakes:
        with altered(course, {"model.py": each.made_in}) as package:
            told[each.name] = explain_by_example(course.checks[each.block], package)
    assert {name: (sentence, found.words) for name, (sentence, found) in told.items()} == {
        "sums over examples": ("It is right as soon as there is a single example.", "two examples"),
        "the sign of the error": ("", "one example of one feature"),
        "no intercept": ("It is right as soon as b is 0.", "one example of one feature"),
        "a column in place of a vector": ("", "one example of one feature"),
    }


def test_the_example_is_shown_on_request(monkeypatch, capsys):
    check.relu_forward.example()
    assert capsys.readouterr().out == "None of the small examples of relu_forward goes wrong.\n"
    monkeypatch.setattr("cs231n.layers.relu_forward", lambda x: (x, x))
    check.relu_forward.example()
    assert "The smallest example that goes wrong: a negative number" in capsys.readouterr().out


def test_most_known_mistakes_fail_an_example():
    """Counted in full by hand, 231 of 232; here one of each block, so that it takes a second."""
    seen = set()
    for each in COURSE.mistakes:
        if each.block in seen or "float64" in each.name:
            continue
        seen.add(each.block)
        with altered(COURSE, {BLOCKS[each.block].path: each.made_in}) as package:
            found = [smallest_example(one, package) for one in check.of_block(each.block)]
        assert any(found), (each.block, each.name)
    assert seen == set(BLOCKS)
