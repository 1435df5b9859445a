"""The bug hunt: bugs are planted in right code; good checks find them, weak ones are told why."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from IPython.lib.pretty import pretty
from this_course import COURSE

from coursekit.mutants.runs import reference
from coursekit.student import hunt as hunting
from coursekit.student.hunt import CannotHunt, hunt_in
from cs231n import layers
from cs231n.gradient_check import eval_numerical_gradient_array as numerical

ROOT = Path(__file__).parent.parent
RIGHT = json.loads((ROOT / "tests" / "answers" / "right.json").read_text("utf-8"))


def drawn(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).standard_normal(shape)


def close(got, expected):
    return got.shape == expected.shape and np.allclose(got, expected, atol=1e-6, rtol=1e-6)


def gradients(forward, arguments, dout, got):
    """Assert that gradients are what small steps in each argument say."""
    for place, (argument, gradient) in enumerate(zip(arguments, got, strict=True)):

        def out(value, place=place):
            return forward(*arguments[:place], value, *arguments[place + 1 :])[0]

        assert close(gradient, numerical(out, argument, dout))


def affine_backward(backward):
    x, w, b, dout = drawn(3, 2, 2), drawn(4, 5), drawn(5), drawn(3, 5)
    _, cache = layers.affine_forward(x, w, b)
    gradients(layers.affine_forward, (x, w, b), dout, backward(dout, cache))


def affine_backward_shapes(backward):
    x, w, b, dout = drawn(3, 2, 2), drawn(4, 5), drawn(5), drawn(3, 5)
    dx, dw, db = backward(dout, layers.affine_forward(x, w, b)[1])
    assert (dx.shape, dw.shape, db.shape) == (x.shape, w.shape, b.shape)


def batchnorm(x, gamma, beta):
    return layers.batchnorm_forward(x, gamma, beta, {"mode": "train", "eps": 0.1})


def batchnorm_backward(backward):
    x, gamma, beta, dout = 3 * drawn(6, 4) + 1, drawn(4), drawn(4, seed=1), drawn(6, 4, seed=1)
    gradients(batchnorm, (x, gamma, beta), dout, backward(dout, batchnorm(x, gamma, beta)[1]))


def batchnorm_backward_of_ones(backward):
    x, gamma, beta, dout = drawn(6, 4), np.ones(4), np.zeros(4), np.ones((6, 4))
    dx, _, _ = backward(dout, batchnorm(x, gamma, beta)[1])
    assert close(dx, numerical(lambda x: batchnorm(x, gamma, beta)[0], x, dout))


def dropout_forward(forward):
    x = drawn(200, 30) + 5
    for p in (0.3, 0.8):
        out, (_, mask) = forward(x, {"mode": "train", "p": p, "seed": 1})
        assert close(out, x * mask)
        assert set(np.unique(mask)) == {0, 1 / p}
        assert abs((mask > 0).mean() - p) < 0.03
        assert close(forward(x, {"mode": "test", "p": p})[0], x)


def dropout_forward_by_its_mean(forward):
    x = drawn(200, 30) + 5
    out, _ = forward(x, {"mode": "train", "p": 0.5, "seed": 1})
    assert out.shape == x.shape
    assert forward(x, {"mode": "test", "p": 0.5})[0].shape == x.shape


def conv(x, w, b):
    return layers.conv_forward_naive(x, w, b, {"stride": 2, "pad": 1})


def conv_backward_naive(backward):
    x, w, b, dout = drawn(2, 3, 5, 7), drawn(2, 3, 3, 3), drawn(2), drawn(2, 2, 3, 4)
    gradients(conv, (x, w, b), dout, backward(dout, conv(x, w, b)[1]))


def conv_backward_by_its_shapes(backward):
    x, w, b, dout = drawn(2, 3, 5, 7), drawn(2, 3, 3, 3), drawn(2), drawn(2, 2, 3, 4)
    dx, dw, db = backward(dout, conv(x, w, b)[1])
    assert (dx.shape, dw.shape, db.shape) == (x.shape, w.shape, b.shape)


def pool(x):
    return layers.max_pool_forward_naive(x, {"pool_height": 3, "pool_width": 2, "stride": 1})


def max_pool_backward_naive(backward):
    x, dout = drawn(2, 3, 5, 4), drawn(2, 3, 3, 3)
    assert close(backward(dout, pool(x)[1]), numerical(lambda x: pool(x)[0], x, dout))


def max_pool_backward_of_zeros(backward):
    x, dout = drawn(2, 3, 5, 4), np.zeros((2, 3, 3, 3))
    assert close(backward(dout, pool(x)[1]), np.zeros_like(x))


CHECKS = {
    "affine_backward": (affine_backward, affine_backward_shapes),
    "batchnorm_backward": (batchnorm_backward, batchnorm_backward_of_ones),
    "dropout_forward": (dropout_forward, dropout_forward_by_its_mean),
    "conv_backward_naive": (conv_backward_naive, conv_backward_by_its_shapes),
    "max_pool_backward_naive": (max_pool_backward_naive, max_pool_backward_of_zeros),
}


@pytest.mark.parametrize("function", CHECKS)
def test_a_good_check_finds_nine_of_ten_bugs_and_a_weak_one_half_or_fewer(function):
    good, weak = (hunt_in(COURSE, check, function) for check in CHECKS[function])
    assert len(good.bugs) == len(weak.bugs) == hunting.MOST
    assert [bug.code for bug in good.bugs] == [bug.code for bug in weak.bugs]
    assert good.score >= 0.9, f"{good}"
    assert weak.score <= 0.5, f"{weak}"
    assert f"{hunting.MOST - len(weak.missed)} of 12 bugs found" in str(weak)
    assert len({bug.operator for bug in good.bugs}) >= 6


def of_function(name):
    """Return all right answers in tests/answers that fill in blocks of this function alone."""
    found = [answer for answer in RIGHT.values() if isinstance(answer, dict)]
    found = [answer.get("blocks", answer) for answer in found]
    return [
        blocks for blocks in found if blocks and all(b.partition(":")[0] == name for b in blocks)
    ]


@pytest.fixture(scope="module")
def exchange():
    with reference(COURSE) as made:
        yield made


@pytest.mark.parametrize("function", CHECKS)
def test_eight_bugs_or_more_are_planted_in_unusual_right_code(function, exchange):
    for answer in of_function(function)[:10]:
        for block, code in answer.items():
            planted = list(hunting.in_turns(code, exchange.outputs(block)))
            checks = hunting._checks_of(COURSE, block)
            noticed = {}
            for mutant in planted:
                with exchange.made({block: code}):
                    shows, behaviour = hunting.noticed(checks, exchange, block, mutant)
                if shows:
                    noticed[behaviour] = mutant
                if len(noticed) == 8:
                    break
            assert len(noticed) == 8, code


def test_bugs_are_never_in_the_package_that_a_notebook_uses():
    before = {name: vars(layers)[name].__code__ for name in layers.__all__}
    path = ROOT / "cs231n" / "layers.py"
    source = path.read_bytes()

    def interrupted(backward):
        if seen:
            raise KeyboardInterrupt
        affine_backward(backward)
        seen.append(backward)

    seen = []
    with pytest.raises(KeyboardInterrupt):
        hunt_in(COURSE, interrupted, "affine_backward")
    assert {name: vars(layers)[name].__code__ for name in layers.__all__} == before
    assert path.read_bytes() == source
    affine_backward(layers.affine_backward)


def test_what_is_missed_is_shown_on_a_small_example_and_then_by_its_line(capsys):
    hunt = hunt_in(COURSE, batchnorm_backward_of_ones, "batchnorm_backward")
    capsys.readouterr()
    hunt.example(1)
    assert "The smallest example that goes wrong" in capsys.readouterr().out
    hunt.line(1)
    lines = capsys.readouterr().out.splitlines()
    assert any(line.startswith("+ ") for line in lines)
    assert lines == list(hunt.missed[0].changes)
    with pytest.raises(IndexError, match="number 99 was asked for, and"):
        hunt.line(99)
    # A stored notebook has no path of the machine it was run on.
    assert pretty(hunt) == str(hunt)
    page = hunt._repr_html_()
    assert page.count("<tr>") == len(hunt.bugs)


def relu(forward):
    return forward(np.array([[-1.0, 2.0, 3.0]]))[0]


WEAK = {
    "nothing is asserted": (
        lambda forward: print(relu(forward)),
        "returns random numbers in the right shape",
    ),
    "it is not called": (lambda forward: None, "even a function that does nothing but raise"),
    "only shapes": (
        lambda forward: relu(forward).shape == (1, 3),
        "returns random numbers in the right shape",
    ),
    "a wide tolerance": (
        lambda forward: np.allclose(relu(forward), [[0, 2, 3]], atol=0.9),
        "results are a fifth too large",
    ),
}


@pytest.mark.parametrize("name", WEAK)
def test_what_is_weak_about_a_check_is_said(name):
    check, says = WEAK[name]
    hunt = hunt_in(COURSE, check, "relu_forward")
    assert hunt.score < 1
    assert says in hunt.said


def test_a_check_that_compares_with_itself_is_told_so():
    def itself(backward):
        cache = np.array([1.0, -1.0])
        assert close(backward(cache, cache), layers.relu_backward(cache, cache))

    hunt = hunt_in(COURSE, itself, "relu_backward")
    assert hunt.bugs == ()
    assert "Your check calls relu_backward itself" in hunt.said
    assert layers.relu_backward(np.ones(2), np.ones(2)).tolist() == [1, 1]


def test_a_check_that_fails_on_right_code_is_told_first():
    def wrong(forward):
        assert relu(forward).sum() == 6, "a sum of six"

    hunt = hunt_in(COURSE, wrong, "relu_forward")
    assert hunt.score == 0
    assert "does not pass on your own relu_forward, which is right" in hunt.said
    assert "an assertion failed: a sum of six" in hunt.said
    assert "is not written yet" in hunt_in(COURSE, not_written, "relu_forward").said


def not_written(forward):
    raise NotImplementedError("my_check is not written yet")


def test_an_endless_check_is_ended(monkeypatch):
    monkeypatch.setattr(hunting, "_PATIENCE", 0.2)

    def endless(forward):
        while True:
            relu(forward)

    assert "was not through after 0.2 s" in hunt_in(COURSE, endless, "relu_forward").said


def test_nobody_hunts_in_what_is_not_right_yet(monkeypatch):
    with pytest.raises(CannotHunt, match=r"no block is in 'no_such'"):
        hunt_in(COURSE, relu, "no_such")
    with pytest.raises(TypeError, match="my_check is 3, expected a function of relu_forward"):
        hunt_in(COURSE, 3, "relu_forward")
    expected = COURSE.checks["relu_forward"].recorded()
    expected.entries = COURSE.checks["relu_backward"].recorded().entries
    monkeypatch.setattr(type(COURSE.checks["relu_forward"]), "recorded", lambda check: expected)
    hunt = hunt_in(COURSE, relu, "relu_forward")
    assert hunt.bugs == ()
    assert "yours is not there yet: check.relu_forward() says" in hunt.said


def test_another_course_hunts_as_well():
    code = """
    import numpy as np
    from course import hunt
    def my_check(predict):
        X, w = np.array([[1.0, 2.0], [3.0, 5.0], [4.0, 1.0]]), np.array([7.0, 11.0])
        assert np.allclose(predict(X, w, 2.0), [31.0, 78.0, 41.0])
    found = hunt(my_check, "predict")
    assert len(found.bugs) >= 8, found
    assert found.score >= 0.9, found
    """
    folder = ROOT / "examples" / "linear_regression"
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], cwd=folder, capture_output=True, text=True
    )
    assert run.returncode == 0, run.stderr
