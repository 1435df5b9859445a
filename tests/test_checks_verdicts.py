"""From outcomes to verdicts: comparison, points, text and table, and what an answer looks like."""

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from coursekit.checks import Kind, Outcome, judge
from coursekit.checks.comparison import TOLERANCE, agrees, difference
from coursekit.checks.outcome import REMARK, SIDE_EFFECT, VALUE, Crash, Frame, Unfilled
from coursekit.checks.signatures import Saying, Signatures
from coursekit.checks.verdict import signature

RNG = np.random.default_rng(0)


def outcome(values=(), side_effects=(), remarks=(), **fields):
    """Make an outcome of values by name, and of side effects and remarks as (name, got, wanted)."""
    made = Outcome("some_check", **fields)
    for name, value in dict(values).items():
        made.add(name, VALUE, value)
    for kind, entries in ((SIDE_EFFECT, side_effects), (REMARK, remarks)):
        for name, got, wanted in entries:
            made.add(name, kind, got, wanted)
    return made


# Comparison


@pytest.mark.parametrize(
    ("got", "expected"),
    [
        (1.0, 1.0),
        (np.ones(3), [1, 1, 1]),
        (3, 3.0),
        (np.float32(0.5), 0.5),
        (np.True_, True),
        ("float32", "float32"),
        ([], []),
        (1 + 0.5 * TOLERANCE, 1.0),
        ([1e6, 1e-3 + 0.5e6 * TOLERANCE], [1e6, 1e-3]),  # as a share of the array's largest value
        (1e-13, 0.0),
        (np.inf, np.inf),
    ],
)
def test_what_agrees(got, expected):
    assert agrees(np.array(got), np.array(expected))


@pytest.mark.parametrize(
    ("got", "expected", "what"),
    [
        ([[1, 2]], [1, 2], "shape (1, 2), expected (2,)"),
        ([1], 1, "shape (1,), expected ()"),
        (1, [1, 1], "shape (), expected (2,)"),
        (1 + 3 * TOLERANCE, 1.0, "1.00000003, expected 1"),
        (5, 4, "5, expected 4"),
        (False, True, "False, expected True"),
        ([1.0, np.nan], [1.0, 2.0], "1 of 2 entries not finite (nan or inf)"),
        (np.nan, 1.0, "the value is not finite (nan or inf)"),
        ([1.0, 2.5], [1.0, 2.0], "1 of 2 entries off, by up to 0.5 where expected values reach 2"),
        ([1, 3], [1, 2], "1 of 2 entries off, by up to 1 where expected values reach 2"),
        ("None", [1.0], "None, expected an array of shape (1,)"),
        ("None", 1.0, "None, expected a number"),
        ("list object", 1.0, "list object, expected a number"),
        (1.0, "float32", "1.0, expected float32"),
        ("float64", "float32", "float64, expected float32"),
        (["W1", "b2"], ["W1", "W2", "b1"], "without W2, b1, with b2 too much"),
        (["a", "a"], ["a"], "[a, a], expected [a]"),
    ],
)
def test_what_differs_and_how(got, expected, what):
    assert difference(np.array(got), np.array(expected)) == what


def test_float32_in_place_of_float64_is_called_by_its_name():
    x = RNG.standard_normal(50)
    assert "values rounded to float32" in difference(x.astype(np.float32), x)
    assert "50 of 50 entries off" in difference((1.1 * x).astype(np.float32), x)


# Outcomes can be stored and sent


def test_an_outcome_survives_its_bytes():
    made = outcome(
        {"x": RNG.standard_normal((2, 3)), "n": 3, "name": "é", "empty": np.zeros((0, 2))},
        [("inputs: x", "overwritten", "unchanged")],
        crashes=[Crash("ValueError", "no", (Frame("a.py", 3, "f", "x = 1"),), "case")],
        unfilled=[Unfilled("f is not filled in yet", "f", "a.py", 3)],
        sizes={"case": {"N": 4}},
        stream=RNG.standard_normal(4),
    )
    read = Outcome.from_bytes(made.to_bytes())
    assert read.to_bytes() == made.to_bytes()
    assert (read.crashes, read.unfilled, read.sizes) == (made.crashes, made.unfilled, made.sizes)
    for name, entry in made.entries.items():
        np.testing.assert_array_equal(read.entries[name].array, entry.array)
        assert read.entries[name].kind == entry.kind
        assert read.entries[name].array.dtype == entry.array.dtype


def test_the_bytes_of_an_outcome_are_the_same_at_any_time_and_in_any_order_of_memory():
    x = RNG.standard_normal((3, 4))
    assert (
        outcome({"x": x}).to_bytes()
        == outcome({"x": np.asfortranarray(x)}).to_bytes()
        == outcome({"x": np.repeat(x, 2, axis=1)[:, ::2]}).to_bytes()
    )


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"not a zip", b"\x80\x04N."])
def test_bytes_of_another_kind_are_refused(data):
    with pytest.raises(ValueError, match="these bytes are not an outcome"):
        Outcome.from_bytes(data)


class Lying:
    """Claims to equal everything."""

    def __eq__(self, other):
        return True

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        ([[1, 2], [3]], "list object"),
        ({"a": 1}, "dict object"),
        (Lying(), "Lying object"),
        ((np.ones(2), np.ones(3)), "tuple object"),
    ],
)
def test_what_is_no_array_becomes_words(value, text):
    assert outcome({"out": value}).entries["out"].array.item() == text
    verdict = judge(outcome({"out": value, "b": 1.0}), outcome({"out": np.ones(2), "b": 1.0}))
    assert verdict.parts[0].what == f"{text}, expected an array of shape (2,)"


def test_an_outcome_keeps_what_came_out_and_not_what_became_of_it():
    x = np.ones(3)
    made = outcome({"x": x})
    x[:] = 0
    assert made.entries["x"].array.all()


# Kinds and points


def test_a_kind_is_one_word_in_a_file_and_words_in_a_sentence():
    assert Kind("not_attempted") is Kind.NOT_ATTEMPTED
    assert (str(Kind.NOT_ATTEMPTED), Kind.NOT_ATTEMPTED.words) == ("not_attempted", "not attempted")
    assert all(kind.isidentifier() and "_" not in kind.words for kind in Kind)


@pytest.mark.parametrize(
    ("got", "kind", "headline", "earned"),
    [
        ({"dx: a": 1.0, "dx: b": 2.0, "dw": 3.0}, "passed", "", 6),
        ({"dx: a": 9.0, "dx: b": 2.0, "dw": 3.0}, "wrong", "dx", 2),
        ({"dx: a": 9.0, "dx: b": 9.0, "dw": 3.0}, "wrong", "dx", 2),
        ({"dx: a": 1.0, "dx: b": 2.0, "dw": 9.0}, "wrong", "dw", 4),
        ({"dx: a": 9.0, "dx: b": 2.0, "dw": 9.0}, "wrong", "dx, dw", 0),
        ({"dx: a": 1.0, "dx: b": 2.0}, "wrong", "dw", 4),
        ({"dx: a": 1.0, "dx: b": 2.0, "dw": 3.0, "more": 4.0}, "passed", "", 6),
    ],
)
def test_points_are_split_over_groups_by_weight(got, kind, headline, earned):
    expected = outcome({"dx: a": 1.0, "dx: b": 2.0, "dw": 3.0})
    verdict = judge(outcome(got), expected, points=6, weights={"dx": 2})
    assert (verdict.kind, verdict.headline, verdict.earned) == (kind, headline, earned)


BREACH = [("inputs: dout of f", "overwritten", "unchanged"), ("float32: dx", "float64", "float32")]
GOOD = [(name, wanted, wanted) for name, _, wanted in BREACH]
ONE = [BREACH[0], GOOD[1]]


def test_side_effects_cost_a_quarter_once_and_earn_nothing():
    expected = outcome({"dx": 1.0, "dw": 1.0}, GOOD)
    right_and_wrong = ((1.0, GOOD), (1.0, ONE), (1.0, BREACH), (9.0, BREACH), (9.0, GOOD))
    verdicts = [
        judge(outcome({"dx": dx, "dw": 1.0}, side_effects), expected, points=4)
        for dx, side_effects in right_and_wrong
    ]
    assert [verdict.earned for verdict in verdicts] == [4, 3, 3, 1.5, 2]
    assert verdicts[1].first_line == "wrong: some_check: inputs"
    nothing = judge(outcome({"dx": 9.0, "dw": 9.0}, GOOD), expected, points=4)
    assert nothing.earned == 0


def test_remarks_cost_nothing():
    expected = outcome({"dx": 1.0}, remarks=[("float32: out", "float32", "float32")])
    verdict = judge(
        outcome({"dx": 1.0}, remarks=[("float32: out", "float64", "float32")]), expected
    )
    assert verdict.passed
    assert verdict.earned == 1
    assert [part.what for part in verdict.remarks] == ["float64, expected float32"]


def test_a_crash_counts_for_its_case_only():
    expected = outcome({"dx: a": 1.0, "partial: dx": 2.0}, [("float32: dx", "float32", "float32")])
    crash = Crash("ValueError", "no\nmore", (Frame("cs231n/a.py", 3, "f", "x = 1"),), "partial")
    verdict = judge(outcome({"dx: a": 1.0}, crashes=[crash]), expected, points=4)
    assert verdict.first_line == "crashed: some_check: ValueError (partial): no"
    assert verdict.earned == 1.5  # half for dx, and a quarter less as float32 was never seen
    assert verdict.frames == crash.frames


def test_what_is_not_filled_in_comes_before_all_else():
    expected = outcome({"dx": 1.0, "dw": 1.0})
    unfilled = Unfilled("f:train is not filled in yet", "f:train", "cs231n/layers.py", 12)
    crash = Crash("ValueError", "no")
    verdict = judge(outcome({"dw": 3.0}, crashes=[crash], unfilled=[unfilled]), expected)
    assert verdict.first_line == "not attempted: some_check"
    assert verdict.sentences == (
        "The block f:train (cs231n/layers.py, line 12) is not filled in yet.",
    )


def test_functions_of_earlier_years_that_return_none_are_not_attempted():
    expected = outcome({"dx": 1.0, "dw": 1.0})
    assert judge(outcome({"dx": None, "dw": None}), expected).kind == Kind.NOT_ATTEMPTED
    assert judge(outcome({"dx": None, "dw": 1.0}), expected).kind == "wrong"


def test_other_random_numbers_are_not_called_a_wrong_answer():
    stream = RNG.standard_normal(5)
    expected = outcome({"dx": 1.0}, stream=stream)
    verdict = judge(outcome({"dx": 2.0}, stream=stream + 1e-6), expected)
    assert verdict.first_line == "not comparable: some_check: other random numbers"
    assert verdict.earned == 0
    assert "nothing about your code" in verdict.sentences[0]
    assert judge(outcome({"dx": 1.0}, stream=stream * (1 + 1e-15)), expected).passed


# Text and table


def a_wrong_verdict(noise=0.0):
    expected = outcome({"dx: a": np.ones(4), "dx: b, c": np.ones(4), "dw <i>": 1.0}, GOOD)
    got = outcome({"dx: a": np.arange(4.0) + noise, "dx: b, c": np.ones(4), "dw <i>": 1.0}, BREACH)
    return judge(got, expected, points=4)


def test_the_text_is_aligned():
    assert str(a_wrong_verdict()).splitlines() == [
        "wrong: some_check: dx, inputs, float32",
        "  wrong  dx: a              3 of 4 entries off, by up to 2 where expected values reach 1",
        "  right  dx                 in 1 of 2 cases: b, c",
        "  right  dw <i>",
        "  wrong  inputs: dout of f  overwritten, expected unchanged",
        "  wrong  float32: dx        float64, expected float32",
        "  1.5 of 4 points",
    ]


def test_only_the_first_line_is_stable():
    first, second = str(a_wrong_verdict()), str(a_wrong_verdict(noise=0.25))
    assert first.splitlines()[0] == second.splitlines()[0]
    assert first != second


def test_a_crash_shows_its_message_before_its_lines():
    crash = Crash("ValueError", "shapes (3,) (4,)", (Frame("cs231n/a.py", 3, "f", "x = 1"),))
    text = str(judge(outcome(crashes=[crash]), outcome({"dx": 1.0}), points=2))
    assert text.splitlines() == [
        "crashed: some_check: ValueError: shapes (3,) (4,)",
        "  cs231n/a.py, line 3, in f",
        "      x = 1",
        "  0 of 2 points",
    ]


class Table(HTMLParser):
    """Reads the cells of a table, and asserts that what is opened is closed."""

    def __init__(self, html):
        super().__init__()
        self.open, self.rows, self.scopes, self.attributes = [], [], [], []
        self.feed(html)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.attributes += attrs
        self.scopes += [value for name, value in attrs if name == "scope"]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.rows and self.open[-1] in ("td", "th"):
            self.rows[-1][-1] += data


def test_the_table_says_what_the_text_says():
    table = Table(a_wrong_verdict()._repr_html_())
    what = "3 of 4 entries off, by up to 2 where expected values reach 1"
    assert table.rows == [
        ["verdict", "on", "how"],
        ["✗ wrong", "dx: a", what],
        ["✓ right", "dx", "in 1 of 2 cases: b, c"],
        ["✓ right", "dw <i>", ""],
        ["✗ wrong", "inputs: dout of f", "overwritten, expected unchanged"],
        ["✗ wrong", "float32: dx", "float64, expected float32"],
    ]
    assert table.scopes == ["col"] * 3 + ["row"] * 5


def test_the_table_takes_its_colours_from_the_page():
    styles = [value for name, value in Table(a_wrong_verdict()._repr_html_()).attributes
              if name in ("style", "color", "bgcolor")]  # fmt: skip
    for style in styles:
        for colour in re.findall(r"(?:color|background|border(?:-bottom)?): ([^;]+)", style):
            assert colour in ("inherit", "none", "1px solid currentColor")


def test_a_passed_verdict_reads_the_same_every_time():
    expected = outcome({"dx": np.ones(4)}, GOOD)
    first = judge(outcome({"dx": np.ones(4)}, GOOD), expected)
    second = judge(outcome({"dx": np.ones(4) + 1e-10}, GOOD), expected)
    assert str(first) == str(second)
    assert first._repr_html_() == second._repr_html_()


# What an answer looks like

X = RNG.standard_normal((4, 5, 6))
Y = RNG.standard_normal((4, 5, 6))
ROWS = np.where(np.arange(4)[:, None, None] == 2, 7.0, X)


@pytest.mark.parametrize(
    ("got", "sentence"),
    [
        (np.full(X.shape, np.inf), "is not finite"),
        (np.where(X > 2, np.nan, X), "is not finite"),
        (0 * X, "is zero everywhere"),
        (-X, "opposite sign"),
        (4 * X, "dx (case) is 4 times (N is 4) the expected everywhere"),
        (X / 5, "is 0.2 times (1 / 5, and D is 5) the expected"),
        (20 * X, "is 20 times (N * D is 20) the expected"),
        (-4 * X, "is -4 times (N is 4) the expected"),
        (3 * X, "is 3 times (N - 1 is 3) the expected"),
        (4 / 3 * X, "is 1.333 times (N / (N - 1), and N is 4) the expected"),
        (0.123 * X, "is 0.123 times the expected everywhere"),
        (X + 0.5, "off by the same amount everywhere, +0.5"),
        (np.swapaxes(X, 0, 2), "holds the right values with axes 0 and 2 swapped"),
        (X.reshape(4, 6, 5).swapaxes(1, 2), "right values in the wrong places"),
        (Y, "dx (case) holds what belongs into dw (case)"),
        (ROWS, "is right but for index 2 along axis 0, of 4 there"),
        (X * RNG.uniform(1, 2, (1, 5, 1)), "a factor of its own for each index along axis 1"),
        (X[None], "has the right values in the shape (1, 4, 5, 6) instead of (4, 5, 6)"),
        (X[:, :, :0], "is empty, of shape (4, 5, 0)"),
        (X + RNG.standard_normal(X.shape), None),
        (X.reshape(20, 6), None),
    ],
)
def test_what_a_wrong_answer_looks_like(got, sentence):
    sizes = {"case": {"N": 4, "D": 5}}
    expected = outcome({"dx: case": X, "dw: case": Y}, sizes=sizes)
    with np.errstate(all="ignore"):
        verdict = judge(outcome({"dx: case": got, "dw: case": Y}, sizes=sizes), expected)
    assert verdict.kind == "wrong"
    if sentence is None:
        assert verdict.sentences == ()
    else:
        assert sentence in verdict.sentences[0]


def test_what_should_be_zero_and_is_not():
    verdict = judge(outcome({"db": 1e-3 * X}), outcome({"db": 1e-17 * X}))
    assert verdict.sentences == ("db is zero but for rounding in this case, and yours is not.",)


def test_a_pattern_in_a_single_case_of_many_is_not_mentioned():
    cases = {f"dx: {n}": X + n for n in range(4)}
    wrong = {name: RNG.standard_normal(X.shape) for name in cases}
    assert judge(outcome(wrong | {"dx: 0": 0 * X}), outcome(cases)).sentences == ()
    halves = {"dx: 0": 0 * X, "dx: 1": 0 * X}
    assert len(judge(outcome(wrong | halves), outcome(cases)).sentences) == 1


def known(*mistakes):
    """Return what mistakes do: each a name, the values that come out, and perhaps a sentence."""
    expected = outcome({"dx": X, "dw": Y})
    return Signatures.of([
        (signature(outcome(values), expected),
         (Saying("a block", name, (*sentence, f"{name}.")[0]),))
        for name, values, *sentence in mistakes
    ])  # fmt: skip


def test_known_mistakes_are_told_by_their_signature():
    expected = outcome({"dx": X, "dw": Y})
    mistakes = known(
        ("dw three times", {"dx": X, "dw": 3 * Y}),
        ("dx three times", {"dx": 3 * X, "dw": Y}, "Count how often dx is added."),
    )
    nearly = 3 * X * (1 + 1e-12)
    verdict = judge(outcome({"dx": nearly, "dw": Y}), expected, mistakes=mistakes)
    assert verdict.sentences == ("Count how often dx is added.",)
    assert verdict.mistake == "dx three times"
    both = judge(outcome({"dx": 3 * X, "dw": 3 * Y}), expected, mistakes=mistakes)
    assert set(both.sentences) == {"Count how often dx is added.", "dw three times."}
    assert set(both.mistake.split(" and ")) == {"dx three times", "dw three times"}
    other = judge(outcome({"dx": 3.001 * X, "dw": Y}), expected, mistakes=mistakes)
    assert other.mistake == ""
    assert judge(expected, expected, mistakes=mistakes).passed


def test_the_sentence_stands_right_below_the_first_line():
    mistakes = known(("dx three times", {"dx": 3 * X, "dw": Y}, "Count how often."))
    verdict = judge(outcome({"dx": 3 * X, "dw": Y}), outcome({"dx": X, "dw": Y}), mistakes=mistakes)
    assert str(verdict).splitlines()[:2] == ["wrong: some_check: dx", "  Count how often."]
    html = verdict._repr_html_()
    assert html.index("wrong: some_check") < html.index("Count how often") < html.index("<table")


def test_mistakes_that_look_the_same_are_both_mentioned():
    mistakes = known(*[(name, {"dx": 3 * X, "dw": Y}) for name in ("one", "other", "third")])
    verdict = judge(outcome({"dx": 3 * X, "dw": Y}), outcome({"dx": X, "dw": Y}), mistakes=mistakes)
    assert verdict.sentences == ("one.", "Or else: other.")
    assert verdict.mistake == "one or other or third"
