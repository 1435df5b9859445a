"""What a wrong answer looks like: sentences that are so, and silence where one might not be."""

import inspect

import numpy as np
import pytest
from this_course import COURSE, check

from coursekit.blocks import blocks_of
from coursekit.checks import Outcome, diagnosis, judge
from coursekit.checks.outcome import VALUE
from coursekit.mutants import ALL, Mistake
from coursekit.mutants.runs import altered

RNG = np.random.default_rng(0)
X, Y = RNG.standard_normal((2, 4, 5, 6))
SIZES = {"small": {"N": 4, "D": 5}, "large": {"N": 7, "D": 3}, "one": {"N": 1, "D": 6}}
# An array for each case, of the shape (N, D).
A = {name: RNG.standard_normal((s["N"], s["D"])) for name, s in SIZES.items()}
B = {name: RNG.standard_normal(a.shape) for name, a in A.items()}


def outcome(groups, sizes=None):
    """Make an outcome of {group: {case: array}} or {group: array}."""
    made = Outcome("some_check", sizes=SIZES if sizes is None else sizes)
    for group, cases in groups.items():
        for case, array in cases.items() if isinstance(cases, dict) else [("", cases)]:
            made.add(f"{group}: {case}" if case else group, VALUE, array)
    return made


def said(got, expected, sizes=None):
    """Return the sentences on {"dx": got}, or on several groups."""
    if not isinstance(expected, dict) or "dx" not in expected:
        got, expected = {"dx": got}, {"dx": expected}
    with np.errstate(all="ignore"):
        verdict = judge(outcome(got, sizes), outcome(expected, sizes))
    assert verdict.kind == "wrong"
    return verdict.sentences


def each(function):
    """Do something to the array of each case."""
    return {case: function(array) for case, array in A.items()}


def N(array):
    return len(array)


# What is seen

SEEN = [
    (np.where(X > 2, np.nan, X), X, "There is nan in dx. Often the reason is a division"),
    (np.full(X.shape, -np.inf), X, "There is inf in dx."),
    (0 * X, X, "Every number of dx is zero."),
    (X > 0, X, "Every number of dx is True or False."),
    (X.astype(int), X, "The type of dx is one of integers, which holds whole numbers only."),
    (-X, X, "Every number of dx has the right size and the opposite sign."),
    (2 * X, X, "Every number of dx is 2 times the expected one."),
    (X / 8, X, "Every number of dx is 0.125 times the expected one."),
    (X / 3, X, "Every number of dx is about 0.3333 times the expected one."),
    (each(lambda a: N(a) * a), A, "Every number of dx is the expected one times N."),
    (each(lambda a: a / N(a)), A, "Every number of dx is the expected one times 1 / N."),
    (each(lambda a: a * a.size), A, "Every number of dx is the expected one times N * D."),
    (each(lambda a: 3 * a), A, "Every number of dx is 3 times the expected one."),
    (each(lambda a: -a), A, "Every number of dx has the right size and the opposite sign."),
    (X + 0.5, X, "Every number of dx is 0.5 more than the expected one."),
    (X - 0.5, X, "Every number of dx is 0.5 less than the expected one."),
    (X.swapaxes(0, 2), X, "The numbers of dx are the right ones, with axes 0 and 2 swapped."),
    (each(lambda a: a.T), A, "The numbers of dx are the right ones, with axes 0 and 1 swapped."),
    (X[:, ::-1], X, "The numbers of dx are the right ones, in the reverse order along axis 1."),
    (
        X.transpose(1, 0, 2).reshape(X.shape),
        X,
        "The numbers of dx are the right ones, in the places where a reshape puts them that finds "
        "the axes in the order (1, 0, 2).",
    ),
    (
        X.reshape(5, 4, 6).transpose(1, 0, 2),
        X,
        "The numbers of dx are the right ones, in the places where a reshape puts them that leaves "
        "the axes in the order (1, 0, 2).",
    ),
    (
        RNG.permutation(X.ravel()).reshape(X.shape),
        X,
        "The numbers of dx are the right ones, in other places.",
    ),
    (
        np.where(np.arange(4)[:, None, None] == 2, 7.0, X),
        X,
        "At index 2 of axis 0, all numbers of dx are wrong, and the rest is right.",
    ),
    (
        X * RNG.uniform(1, 2, (1, 5, 1)),
        X,
        "The numbers of dx differ from the expected ones by a factor for each index of axis 1",
    ),
    (X[None], X, "The numbers of dx are right, but not the shape."),
]


@pytest.mark.parametrize(("got", "expected", "sentence"), SEEN)
def test_what_is_seen_is_said(got, expected, sentence):
    (only,) = said(got, expected)
    assert only.startswith(sentence)


def test_every_pattern_is_among_those_that_are_seen():
    """And a check that each of them can be silent is below."""
    assert len(diagnosis.PATTERNS) == len(set(diagnosis.PATTERNS)) == 11
    assert set(diagnosis.OF_SINGLE_CASES) <= set(diagnosis.PATTERNS)
    assert all(inspect.isfunction(pattern) for pattern in diagnosis.PATTERNS)


def test_arrays_that_look_alike_are_told_in_one_sentence():
    expected = {"dx": A, "dw": B, "db": {"small": np.arange(4.0)}}
    got = {"dx": each(np.negative), "dw": {k: -b for k, b in B.items()}, "db": expected["db"]}
    assert said(got, expected) == (
        "Every number of dx and dw has the right size and the opposite sign.",
    )


def test_cases_are_named_where_only_some_are_meant():
    got = A | {"large": np.full((7, 3), np.nan)}
    assert said(got, A)[0].startswith("There is nan in dx (large). ")
    got = A | {"small": A["small"][None]}
    assert said(got, A) == ("The numbers of dx (small) are right, but not the shape.",)


def test_an_array_in_the_place_of_another_is_recognised_in_all_cases():
    expected = {"dx": A, "dw": B}
    assert said({"dx": B, "dw": B}, expected) == ("What came out as dx belongs into dw.",)
    assert said({"dx": B, "dw": A}, expected) == (
        "What came out as dx belongs into dw.",
        "What came out as dw belongs into dx.",
    )


def test_two_sentences_are_the_most():
    expected = {"dx": X, "dw": Y, "db": X[0]}
    got = {"dx": -X, "dw": 2 * Y, "db": 0 * X[0]}
    assert len(said(got, expected)) == 2


def test_a_length_is_named_if_it_explains_all_cases_or_is_no_small_number():
    nine = {"case": {"N": 9, "D": 4}}
    values = {"case": RNG.standard_normal((9, 4))}
    for factor, sentence in (
        (9, "Every number of dx is the expected one times N (N is 9)."),
        (1 / 9, "Every number of dx is the expected one times 1 / N (N is 9)."),
        (-9, "Every number of dx is the expected one times -N (N is 9)."),
        (9 / 8, "Every number of dx is the expected one times N / (N - 1) (N is 9)."),
        (4, "Every number of dx is 4 times the expected one."),  # which may be anything
        (36, "Every number of dx is 36 times the expected one."),
    ):
        got = {"case": factor * values["case"]}
        assert said(got, values, nine) == (sentence,)


def test_a_length_that_two_letters_stand_for_is_not_named():
    sizes = {"case": {"N": 9, "D": 9}}
    values = {"case": RNG.standard_normal((9, 9))}
    got = {"case": 9 * values["case"]}
    assert said(got, values, sizes) == ("Every number of dx is 9 times the expected one.",)


# Where a sentence might not be so, there is none

MASK = np.zeros((5, 6))
MASK[:, 2] = 1.25
RELU = np.maximum(RNG.standard_normal((6, 7)), 0)
NARROW = 3 + 1e-4 * RNG.standard_normal((5, 6))
SILENT = {
    "noise": (X + RNG.standard_normal(X.shape), X),
    "another shape": (X.reshape(20, 6), X),
    "an empty array": (X[:, :, :0], X),
    # "is 1 times the expected everywhere"
    "a factor of nearly 1": (X * (1 + 1e-7), X),
    "a factor of 1.0004": (X * 1.0004, X),
    "nearly the opposite sign": (-X * 1.0004, X),
    "an amount that is hardly there": (X + 1e-6, X),
    # "zero everywhere, as if nothing had been written into it"
    "zero where a mask is mostly zero": (0 * MASK, MASK),
    "zero where relu is zero in half": (0 * RELU, RELU),
    "zero in one case of several": (A | {"large": 0 * A["large"]}, A),
    "zero in all that is wrong, and not in what is right": (
        {"small": 0 * A["small"], "large": 0 * A["large"], "one": A["one"]},
        A,
    ),
    "a number that is zero": (0.0, 1.5),
    # "holds the right values in the wrong places: look at each reshape and transpose"
    "zeros and ones in other places": (np.roll(MASK, 1, axis=1), MASK),
    "relu in other places": (np.flip(RELU, axis=0), RELU),
    "values that hardly differ, in other places": (np.flip(NARROW), NARROW),
    "few values": ([2.0, 1.0, 3.0], [1.0, 2.0, 3.0]),
    "sorted in one case of several": (A | {"large": np.sort(A["large"], axis=None)}, A),
    # One factor for each case, and no letter that explains it.
    "another factor in each case": (
        {"small": 2 * A["small"], "large": 3 * A["large"], "one": 4 * A["one"]},
        A,
    ),
    "N times in one case of two": (A | {"small": 4 * A["small"]}, A),
    "N times, but for the case of one example": (
        {"small": 4 * A["small"], "large": 7 * A["large"], "one": 2 * A["one"]},
        A,
    ),
    "a factor of a single number": (1.43, 1.1),
    "twice a round number": (1.0, 0.5),
    "a factor of numbers that are equal": (np.full(4, 1.5), np.full(4, 0.7)),
    "something where nothing belongs": (1e-3 * X, 1e-17 * X),
    "the opposite sign in one case of two": (A | {"one": -A["one"]}, A),
    "the same amount in each case, and another in the next": (
        {"small": A["small"] + 1, "large": A["large"] + 2, "one": A["one"]},
        A,
    ),
    "an amount off where all numbers are equal": (np.full((3, 4), 2.5), np.full((3, 4), 2.0)),
    "a row that is wrong in part": (np.where(X > 1.5, 0.25, X), X),
    "one of two numbers": ([1.0, 2.0], [1.0, 3.0]),
    "words": ("no", X),
    "truth for falsehood": (np.array([True, False]), np.array([True, True])),
}


@pytest.mark.parametrize("name", SILENT)
def test_what_might_not_be_so_is_not_said(name):
    assert said(*SILENT[name]) == ()


def test_no_slice_is_named_where_other_cases_have_another_one():
    rows = {case: a.copy() for case, a in A.items()}
    rows["small"][1] = 7
    rows["large"][2] = 7
    assert said(rows, A) == ()
    rows["large"] = A["large"]
    assert said(rows, A) == (
        "At index 1 of axis 0, all numbers of dx (small) are wrong, and the rest is right.",
    )


V = RNG.uniform(0.5, 2, (4, 3))
BELONGS = {
    # "holds what belongs into next_w", for no eps
    "nearly the same": ({"dx": V * 1.00001}, {"dx": V, "next_w": V * 1.00001}),
    "what belongs into two places": (
        {"dx": Y, "dw": Y, "dy": Y},
        {"dx": X, "dw": Y, "dy": Y},
    ),
    "equal numbers": ({"dx": np.ones((4, 3))}, {"dx": V, "gamma": np.ones((4, 3))}),
    "zero": ({"dx": 0 * RELU}, {"dx": RELU, "db": 0 * RELU}),
    "a single number": ({"dx": 1.5}, {"dx": 2.5, "loss": 1.5}),
    "in one case of two": (
        {"dx": {"small": B["small"], "large": -A["large"]}, "dw": B},
        {"dx": {"small": A["small"], "large": A["large"]}, "dw": B},
    ),
    "in all that is wrong, and not in what is right": (
        {"dx": B | {"one": A["one"]}, "dw": B},
        {"dx": A, "dw": B},
    ),
    "in another case": (
        {"dx": {"a": Y}, "dw": {"b": Y}},
        {"dx": {"a": X}, "dw": {"b": Y}},
    ),
}


@pytest.mark.parametrize("name", BELONGS)
def test_what_may_belong_elsewhere_by_chance_is_not_said_to(name):
    got, expected = BELONGS[name]
    got = {group: got.get(group, expected[group]) for group in expected}
    assert said(got, expected) == ()


def test_a_group_of_which_something_is_missing_is_not_looked_at():
    made = outcome({"dx": {"small": -A["small"]}})
    assert judge(made, outcome({"dx": A})).sentences == ()


# Answers of which something false was said

BLOCKS = {block.name: block for block in blocks_of(COURSE.package_folder)}
FALSE = ("1 times", "as if nothing", "look at each", "two ends", "belongs into next_w", "is zero.")
MISLED = [
    ("batchnorm_backward_alt", "x_hat, std, gamma = cache\n"
     "g = dout * gamma\n"
     "dx = (g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)) / (std + 1e-9)\n"
     "dgamma, dbeta = (dout * x_hat).sum(axis=0), dout.sum(axis=0)\n"),
    ("dropout_forward:train", "mask = (random.rand(*x.shape[1:]) < p) / p\nout = x * mask\n"),
    ("dropout_forward:train", "mask = (random.rand(*x.shape) < 0) / p\nout = x * mask\n"),
    ("relu_forward", "out = np.where(x > 5, x, 0)\n"),
    ("relu_forward", "out = np.where(x > 1, x, 0)\n"),
    ("relu_backward", "dx = np.where(x > 1, dout, 0)\n"),
    ("rmsprop", "config['cache'] = config['decay_rate'] * config['cache'] + "
     "(1 - config['decay_rate']) * dw ** 2\n"
     "next_w = w - config['learning_rate'] * dw / np.sqrt(config['cache'])\n"),
    ("max_pool_forward_naive", "out = np.zeros((N, C, H_out, W_out))\n"
     "for i in range(H_out):\n    for j in range(W_out):\n"
     "        out[:, :, i, j] = x[:, :, i, j]\n"),
]  # fmt: skip


@pytest.mark.parametrize(("block", "code"), MISLED)
def test_nothing_false_is_said_any_more(block, code):
    made = Mistake(block, "one that misled", ((ALL, code),))
    with altered(COURSE, {BLOCKS[block].path: made.made_in}) as package:
        for asked in check.of_block(block):
            verdict = asked.judge(asked.run(package, asked.rng()), asked.recorded())
            assert verdict.kind in ("wrong", "crashed")
            assert not [words for words in FALSE if words in " ".join(verdict.sentences)]
