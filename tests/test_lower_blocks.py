"""Lower blocks that are answered from outside: what goes over the wire, and what comes of it."""

import contextlib
import json

import numpy as np
import pytest
from exchanged import exchange
from test_right_answers import RIGHT
from this_course import COURSE, check

from coursekit.checks import Kind, UnderTest, freshness, lower
from coursekit.checks.lower import Answering, CannotAsk, Token, pack, pair_of, unpack
from coursekit.checks.verdict import better

STUB = 'raise NotImplementedError("relu_backward is not filled in yet")'


@pytest.fixture(scope="module")
def package():
    with exchange() as package:
        yield package


@pytest.fixture(scope="module")
def reference():
    return UnderTest(COURSE)


@pytest.fixture
def graded(package, reference):
    """A function that judges a check as grading does, with {block: code}: verdicts of both runs."""

    def graded(name, blocks):
        asked = check[name]
        answering = Answering(reference, asked.answerable)
        with package.holding(blocks) as under_test:
            first = asked.judge(asked.run(under_test, asked.rng()), asked.recorded())
            again = asked.run_again(under_test, asked.rng(), answering.answer)
        return first, asked.judge(again, asked.recorded())

    return graded


# What can be asked


def same(got, value):
    """Whether a value has come through as it was, with its type."""
    if isinstance(value, dict):
        return got.keys() == value.keys() and all(same(got[key], value[key]) for key in value)
    if isinstance(value, list | tuple):
        alike = zip(got, value, strict=True)
        return type(got) is type(value) and all(same(*pair) for pair in alike)
    if isinstance(value, Token):
        return isinstance(got, Token) and got.number == value.number
    if isinstance(value, np.ndarray | np.generic):
        alike = (got.dtype, got.shape) == (value.dtype, value.shape)
        return alike and np.array_equal(got, value, equal_nan=got.dtype.kind in "fc")
    return type(got) is type(value) and got == value


@pytest.mark.parametrize(
    "value",
    [
        None,
        True,
        7,
        0.1,
        float("inf"),
        "train",
        "ü",
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6).reshape(2, 3)),
        np.arange(12.0, dtype=np.float32)[::2],
        np.array([True, False]),
        np.array([1 + 2j]),
        np.array([np.nan, -np.inf]),
        np.zeros((0, 3)),
        np.array(3.5),
        np.float32(0.25),
        Token(3),
        {"mode": "train", "running_mean": np.ones(3), "p": None},
        (np.ones(2), [1, "a", (Token(0), {})]),
    ],
)
def test_what_is_asked_with_comes_through(value):
    about, values = unpack(pack({"function": "f"}, [value, 1]))
    assert about == {"function": "f"}
    assert same(values[0], np.asarray(value) if isinstance(value, np.generic) else value)
    assert values[1] == 1


@pytest.mark.parametrize(
    "value",
    [
        print,
        {1, 2},
        {1: 2},
        np.array(["text"]),
        np.array([None]),
        object(),
        [[[[[[1]]]]]],
        b"bytes",
        1j,
    ],
)
def test_what_lives_inside_alone_cannot_be_asked_with(value):
    with pytest.raises(CannotAsk):
        pack({}, [value])


def described(content, rest=b""):
    return json.dumps(content).encode() + b"\n" + rest


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        b"PK\x03\x04",
        b"\xff\xfe\n",
        b"[" * 100_000,
        described([{}]),
        described([[], []]),
        described({"about": 1}),
        described([{}, [{"array": 0}]]),
        described([{}, [{"array": ["<f8", [2]]}]], rest=bytes(8)),
        described([{}, [{"array": ["<f8", [1 << 60]]}]]),
        described([{}, [{"array": ["<f8", [-1]]}]], rest=bytes(8)),
        described([{}, [{"array": ["<f8", [1.5, "x"]]}]]),
        described([{}, [{"array": ["<f8", [1] * 40]}]], rest=bytes(8)),
        described([{}, [{"array": ["|O", [1]]}]], rest=bytes(8)),
        described([{}, [{"array": ["<U2", [1]]}]], rest=bytes(8)),
        described([{}, [{"array": ["<f99", [1]]}]], rest=bytes(99)),
        described([{}, [{"token": "x"}]]),
        described([{}, [{"function": 1}]]),
        described([{}, [{"value": 1, "token": 1}]]),
        described([{}, ["value"]]),
        described([{}, [{"list": 3}]]),
    ],
)
def test_bytes_that_are_no_question_are_refused(content):
    with pytest.raises(ValueError, match=r"."):
        unpack(content)


def test_an_answer_is_given_for_what_may_be_asked_and_for_nothing_else(reference):
    answering = Answering(reference, ["relu_forward", "affine_forward", "affine_backward"])
    x = np.array([[-1.0, 2.0]])
    _, (answer, left) = unpack(answering.answer(pack({"function": "relu_forward"}, [x])))
    np.testing.assert_array_equal(answer[0], [[0, 2]])
    assert left == [None]
    for name in ("relu_backward", "open", "", "__class__"):
        with pytest.raises(ValueError, match="was asked for, expected one of"):
            answering.answer(pack({"function": name}, [x]))
    with pytest.raises(ValueError, match="there is no cache 5"):
        answering.answer(pack({"function": "affine_backward"}, [x, Token(5)]))


def test_a_cache_stays_outside_and_a_token_stands_for_it(reference):
    answering = Answering(reference, ["affine_forward", "affine_backward"])
    x, w, b = np.ones((2, 3)), np.ones((3, 4)), np.zeros(4)
    _, (forward, _) = unpack(answering.answer(pack({"function": "affine_forward"}, [x, w, b])))
    out, cache = forward
    assert isinstance(cache, Token)
    asked = pack({"function": "affine_backward"}, [np.ones_like(out), cache])
    _, (gradients, _) = unpack(answering.answer(asked))
    np.testing.assert_array_equal(gradients[1], 2 * np.ones((3, 4)))


def test_a_call_that_the_reference_refuses_comes_back_as_its_message(reference):
    answering = Answering(reference, ["relu_backward"])
    asked = pack({"function": "relu_backward"}, [np.ones(2), np.ones(3)])
    about, _ = unpack(answering.answer(asked))
    assert "relu_backward: dout has shape" in about["raised"]


def test_settings_that_a_layer_writes_into_come_back(reference):
    answering = Answering(reference, ["batchnorm_forward"])
    bn_param = {"mode": "train"}
    asked = pack({"function": "batchnorm_forward"}, [np.eye(3), np.ones(3), np.ones(3), bn_param])
    _, (_, left) = unpack(answering.answer(asked))
    np.testing.assert_allclose(left[3]["running_mean"], np.full(3, 0.1 / 3))


@pytest.mark.parametrize(
    ("name", "common"),
    [
        ("affine_forward", "affine"),
        ("batchnorm_backward_alt", "batchnorm"),
        ("spatial_batchnorm_backward", "spatial_batchnorm"),
        ("conv_forward_naive", "conv"),
        ("adam", "adam"),
    ],
)
def test_a_layer_and_its_backward_pass_are_a_pair(name, common):
    assert pair_of(name) == common


@pytest.mark.parametrize("asked", list(check), ids=lambda asked: asked.name)
def test_no_check_has_its_own_pair_answered(asked):
    own = {pair_of(function) for function in asked.functions}
    assert not {name for name in asked.answerable if pair_of(name) in own}
    assert asked.answerable <= check.functions


# What comes of it

WRONG = {
    "relu_backward": "dx = 2 * dout * (x > 0)",
    "batchnorm_forward:train": "out, cache = x, (x, gamma, beta)",
    "layernorm_backward": "dx, dgamma, dbeta = dout, dout.sum(), dout.sum()",
    "affine_forward": "out = x.reshape(N, D) @ w",
    "affine_bn_relu_forward": "out, cache = affine_relu_forward(x, w, b)",
    "affine_ln_relu_backward": "dx = dw = db = dgamma = dbeta = dout",
}
ABOVE = (
    ("FullyConnectedNet_gradients", "relu_backward"),
    ("affine_bn_relu_forward", "batchnorm_forward:train"),
    ("spatial_batchnorm_forward", "batchnorm_forward:train"),
    ("FullyConnectedNet_batchnorm", "batchnorm_forward:train"),
    ("FullyConnectedNet_batchnorm", "affine_bn_relu_forward"),
    ("FullyConnectedNet_layernorm", "layernorm_backward"),
    ("FullyConnectedNet_layernorm", "affine_ln_relu_backward"),
    ("ThreeLayerConvNet_scores", "affine_forward"),
    ("TwoLayerNet_gradients", "affine_forward"),
)


@pytest.mark.parametrize("how", ["wrong", "crashes", "blank"])
@pytest.mark.parametrize(("name", "block"), ABOVE)
def test_a_right_block_above_a_wrong_one_is_right(graded, name, block, how):
    function = block.partition(":")[0]
    code = {
        "wrong": WRONG[block],
        "crashes": "raise KeyError(2)",
        "blank": f'raise NotImplementedError("{block} is not filled in yet")',
    }[how]
    first, second = graded(name, {block: code})
    kinds = {"wrong": (Kind.WRONG, Kind.CRASHED), "crashes": (Kind.CRASHED,)}
    assert first.kind in kinds.get(how, (Kind.WAITING,)), f"\n{first}"
    assert second.passed, f"\n{second}"
    assert better(first, second).earned == check[name].points
    if how == "blank":  # what is not there is not wrong
        assert second.leans_on == ()
    else:
        assert second.leans_on == (function,)


def test_only_what_is_wrong_itself_is_to_blame(graded):
    """The sandwich is right, though what comes out of it is not."""
    _, second = graded("FullyConnectedNet_gradients", {"relu_backward": WRONG["relu_backward"]})
    assert second.leans_on == ("relu_backward",)
    _, second = graded("FullyConnectedNet_batchnorm", {"relu_backward": WRONG["relu_backward"]})
    assert second.leans_on == ("relu_backward",)  # and not the sandwich that calls it


def test_a_wrong_block_above_a_wrong_one_stays_wrong(graded):
    forgets = "loss, dscores = softmax_loss(scores, y)\ngrads = {}\n"
    blocks = {"TwoLayerNet.loss:gradients": forgets, "relu_backward": WRONG["relu_backward"]}
    first, second = graded("TwoLayerNet_gradients", blocks)
    assert (first.kind, second.kind) == (Kind.WRONG, Kind.WRONG)
    assert better(first, second).earned == second.earned < check.TwoLayerNet_gradients.points / 2


def test_a_block_above_that_looks_into_a_cache_is_right_in_the_first_run(graded):
    looks = (
        "loss, dscores = softmax_loss(scores, y)\n"
        "hidden, W2, b2 = scores_cache\n"
        "dhidden, grads['W2'], grads['b2'] = dscores @ W2.T, hidden.T @ dscores, dscores.sum(0)\n"
        "_, grads['W1'], grads['b1'] = affine_relu_backward(dhidden, hidden_cache)\n"
        "for name in ('W1', 'W2'):\n"
        "    loss += self.reg / 2 * np.sum(self.params[name] ** 2)\n"
        "    grads[name] = grads[name] + self.reg * self.params[name]\n"
    )
    first, second = graded("TwoLayerNet_gradients", {"TwoLayerNet.loss:gradients": looks})
    assert first.passed
    assert second.kind == Kind.CRASHED
    assert better(first, second).passed


def test_caches_that_are_put_together_by_hand_are_understood(graded):
    """Single layers on the way up, and a sandwich on the way back."""
    first, second = graded(
        "FullyConnectedNet_batchnorm", RIGHT["fc_scores_single_layers"]["blocks"]
    )
    assert first.passed
    assert second.passed, f"\n{second}"
    assert second.leans_on == ()


RELU_KEEPS_A_MASK = {
    "relu_forward": "out = x * (x > 0)\nx = x > 0",
    "relu_backward": "dx = np.where(x, dout, 0)",
}


def test_a_cache_of_another_kind_is_nobodys_mistake(graded):
    blocks = RELU_KEEPS_A_MASK | {"affine_forward": WRONG["affine_forward"]}
    _, second = graded("TwoLayerNet_gradients", blocks)
    assert second.leans_on == ("affine_forward",)


def test_nobody_is_to_blame_for_last_digits_in_single_precision(graded):
    first, second = graded("FullyConnectedNet_gradients", RIGHT["affine_fwd_einsum"]["blocks"])
    assert first.passed
    assert second.passed
    assert second.leans_on == ()


def test_nobody_whose_own_check_is_passed_is_to_blame_for_what_is_drawn(graded):
    first, second = graded("FullyConnectedNet_dropout", RIGHT["drop_train_choice"]["blocks"])
    assert second.leans_on == ("dropout_forward",)
    assert better(first, second, passed=["dropout_forward"]).leans_on == ()


def test_who_asks_too_much_is_not_answered(graded, monkeypatch):
    monkeypatch.setattr(lower, "MOST_QUESTIONS", 3)
    _, second = graded("TwoLayerNet_gradients", {})
    assert second.first_line.startswith("crashed: TwoLayerNet_gradients: CannotAsk")


def test_functions_come_back_when_nothing_is_asked_any_more(package, reference):
    with package.holding({}) as under_test:
        own = under_test.find("relu_forward")
        asking = lower.Asking(Answering(reference, ["relu_forward"]).answer)
        with (
            contextlib.suppress(ZeroDivisionError),
            asking.in_place_of(under_test, ["relu_forward"]),
        ):
            assert under_test.find("relu_forward") is not own
            raise ZeroDivisionError
        assert under_test.find("relu_forward") is own


# One mistake costs once


def test_a_mistake_costs_where_it_is_made_and_little_elsewhere(package, reference):
    """Over all known mistakes what is lost elsewhere is a sixth of what is lost at home."""
    at_home = elsewhere = first_run = 0
    for mistake in COURSE.mistakes[::4]:
        with package.made(mistake) as under_test:
            for asked in check:
                if not depends_on(asked, mistake.block):
                    continue
                expected = asked.recorded()
                verdict = asked.judge(asked.run(under_test, asked.rng()), expected)
                if mistake.block in asked.blocks:
                    at_home += asked.points - verdict.earned
                elif not verdict.passed:
                    first_run += asked.points - verdict.earned
                    answer = Answering(reference, asked.answerable).answer
                    again = asked.run_again(under_test, asked.rng(), answer)
                    verdict = better(verdict, asked.judge(again, expected))
                    elsewhere += asked.points - verdict.earned
    assert first_run > at_home / 2  # there is something to be fair about
    assert elsewhere < at_home / 5


def depends_on(asked, block):
    """Whether a check is there for a block, or runs the function or the class that it is in."""
    names = {
        name for unit in freshness.needed(asked, UNITS) for name in (unit.last_name, unit.owner)
    }
    return block in asked.blocks or block.partition(":")[0].partition(".")[0] in names


UNITS = freshness.units_of(COURSE)


@pytest.mark.parametrize(
    ("backward", "blocks"),
    [
        ("relu_backward", {"relu_forward": "out = 2 * x\n", "relu_backward": "dx = 2 * dout\n"}),
        ("relu_backward", {"relu_forward": "out = x\n", "relu_backward": "dx = dout\n"}),
        (
            "layernorm_backward",
            {
                "layernorm_forward": "out = gamma * x + beta\ncache = (x, 0, gamma)\n",
                "layernorm_backward": "x, _, gamma = cache\ndx = gamma * dout\n"
                "dgamma = dbeta = dout.sum(axis=0) * 0\n",
            },
        ),
        (
            "dropout_backward_train",
            {"dropout_forward:train": "out, mask = 2 * x, 2\n",
             "dropout_backward:train": "dx = 2 * dout\n"},
        ),
    ],
)  # fmt: skip
def test_a_pair_that_only_scales_earns_nothing(graded, backward, blocks):
    for verdict in graded(backward, blocks):
        assert verdict.earned == 0, f"\n{verdict}"
