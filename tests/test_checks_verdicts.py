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
        ([[1, 2]], [1, 2], "expected shape (2,), yours has shape (1, 2)"),
        ([1], 1, "expected a single number, yours has shape (1,)"),
        (1, [1, 1], "expected an array of shape (2,), yours is a single number"),
        (
            np.zeros((2, 0)),
            np.ones((2, 1)),
            "expected shape (2, 1), yours has shape (2, 0), which holds no numbers",
        ),
        (1 + 3 * TOLERANCE, 1.0, "expected 1, yours 1.00000003"),
        (5, 4, "expected 4, yours 5"),
        (False, True, "expected True, yours False"),
        ([True, False], [1.5, 0.0], "at [0]: expected 1.5, yours True (1 of 2 numbers is wrong)"),
        (np.uint8([1, 2]), [1, 300], "at [1]: expected 300, yours 2 (1 of 2 numbers is wrong)"),
        (np.int8([-128]), [128.0], "at [0]: expected 128, yours -128"),
        ([1.0, np.nan], [1.0, 2.0], "at [1]: expected 2, yours nan (1 of 2 numbers is nan)"),
        (
            [np.nan, -np.inf],
            [1.0, 2.0],
            "at [0]: expected 1, yours nan (all 2 numbers are nan or inf)",
        ),
        (np.nan, 1.0, "expected 1, yours nan"),
        ([1.0, 2.5], [1.0, 2.0], "at [1]: expected 2, yours 2.5 (1 of 2 numbers is wrong)"),
        ([1.0, 9.0, 3], [3, 2.0, 3], "at [1]: expected 2, yours 9 (2 of 3 numbers are wrong)"),
        ([1, 3], [1, 2], "at [1]: expected 2, yours 3 (1 of 2 numbers is wrong)"),
        ([1.0, -0.0], [1.0, 1.0], "at [1]: expected 1, yours 0 (1 of 2 numbers is wrong)"),
        ([1.0, 0.25], [1, 1e-17], "at [1]: expected 0, yours 0.25 (1 of 2 numbers is wrong)"),
        ([1j, 1], [1.0, 1], "at [0]: expected 1, yours 0+1j (1 of 2 numbers is wrong)"),
        ("None", [1.0], "expected an array of shape (1,), yours is None"),
        ("None", 1.0, "expected a number, yours is None"),
        ("list object", 1.0, "expected a number, yours is list object"),
        (["a"], [1.0], "expected an array of shape (1,), yours is text"),
        (1.0, "float32", "expected float32, yours is 1.0"),
        ("float64", "float32", "expected float32, yours is float64"),
        (["W1", "b2"], ["W1", "W2", "b1"], "missing: W2, b1; not expected: b2"),
        ([["W1"], ["b2"]], ["W1"], "not expected: b2"),
        (["a", "a"], ["a"], "expected [a], yours is [a, a]"),
    ],
)
def test_what_differs_and_how(got, expected, what):
    assert str(difference(np.array(got), np.array(expected))) == what


def test_float32_in_place_of_float64_is_called_by_its_name():
    x = RNG.standard_normal(50)
    said = difference(x.astype(np.float32), x)
    assert said.way == "precision"
    assert said.words.startswith("expected float64 numbers, yours are float32 and off by ")
    assert said.words.count("expected") == 2
    far = difference((1.1 * x).astype(np.float32), x)
    assert far.way == "numbers"
    assert "all 50 numbers are wrong" in far.words


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
    assert verdict.parts[0].what == f"expected an array of shape (2,), yours is {text}"


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
    verdict = judge(outcome(got), expected, points=6, main={"dx": 2, "dw": 1})
    assert (verdict.kind, verdict.headline, verdict.earned) == (kind, headline, earned)


BREACH = [
    ("inputs: dout of f", "overwritten", "unchanged"),
    ("streams: of numpy", "drawn from", "left alone"),
]
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
    expected = outcome(
        {"dx: a": 1.0, "partial: dx": 2.0}, [("inputs: x", "unchanged", "unchanged")]
    )
    crash = Crash("ValueError", "no\nmore", (Frame("cs231n/a.py", 3, "f", "x = 1"),), "partial")
    verdict = judge(outcome({"dx: a": 1.0}, crashes=[crash]), expected, points=4)
    assert verdict.first_line == "crashed: some_check: ValueError (partial): no"
    assert verdict.earned == 2
    assert verdict.frames == crash.frames


UNFILLED = Unfilled("f:train is not filled in yet", "f:train", "cs231n/layers.py", 12)


@pytest.mark.parametrize(
    ("fields", "first_line", "sentence"),
    [
        ({"own": ("f:train",)}, "not attempted: some_check",
         "The block f:train (cs231n/layers.py, line 12) is not filled in yet."),
        ({"own": ("g",)}, "waiting: some_check: for f:train",
         "The block f:train (cs231n/layers.py, line 12) is not filled in yet."),
        # Its own block is blank too: then that comes first.
        ({"own": ("g",), "blank": ("g",)}, "not attempted: some_check",
         "The block f:train (cs231n/layers.py, line 12) is not filled in yet."),
        ({"own": ("f:train",), "mixed": ("f:train",)}, "not attempted: some_check",
         "The block f:train has your code in it, and the line that raises NotImplementedError "
         "still: take that line out."),
    ],
)  # fmt: skip
def test_what_is_not_filled_in_comes_before_all_else(fields, first_line, sentence):
    expected = outcome({"dx": 1.0, "dw": 1.0})
    crash = Crash("ValueError", "no")
    got = outcome({"dw": 3.0}, crashes=[crash], unfilled=[UNFILLED], **fields)
    verdict = judge(got, expected)
    assert verdict.first_line == first_line
    assert verdict.sentences == (sentence,)
    assert verdict.earned == 0


def test_a_block_with_nothing_in_it_is_called_empty_and_not_a_crash():
    crash = Crash("UnboundLocalError", "no out")
    verdict = judge(outcome(crashes=[crash], own=("f",), blank=("f",)), outcome({"dx": 1.0}))
    assert verdict.first_line == "not attempted: some_check"
    assert verdict.sentences == ("The block f is not filled in yet.",)


def test_who_waits_keeps_what_is_right_already():
    got = outcome({"dx": 1.0}, unfilled=[UNFILLED], own=("g",))
    verdict = judge(got, outcome({"dx": 1.0, "dw": 1.0}), points=2)
    assert (verdict.kind, verdict.earned) == (Kind.WAITING, 1)


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


WHAT = "at [3]: expected 1, yours 3 (3 of 4 numbers are wrong)"


def test_the_text_is_aligned():
    assert str(a_wrong_verdict()).splitlines() == [
        "wrong: some_check: dx, inputs, streams",
        f"  wrong  dx: a              {WHAT}",
        "  right  dx                 in 1 of 2 cases: b, c",
        "  right  dw <i>",
        "  wrong  inputs: dout of f  overwritten, expected unchanged",
        "  wrong  streams: of numpy  drawn from, expected left alone",
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
    assert table.rows == [
        ["verdict", "on", "how"],
        ["✗ wrong", "dx: a", WHAT],
        ["✓ right", "dx", "in 1 of 2 cases: b, c"],
        ["✓ right", "dw <i>", ""],
        ["✗ wrong", "inputs: dout of f", "overwritten, expected unchanged"],
        ["✗ wrong", "streams: of numpy", "drawn from, expected left alone"],
    ]
    assert table.scopes == ["col"] * 3 + ["row"] * 5


def test_the_table_takes_its_colours_from_the_page():
    styles = [value for name, value in Table(a_wrong_verdict()._repr_html_()).attributes
              if name in ("style", "color", "bgcolor")]  # fmt: skip
    for style in styles:
        for colour in re.findall(r"(?:color|background|border(?:-bottom)?): ([^;]+)", style):
            assert colour in ("inherit", "none", "1px solid currentColor")


def test_code_folds_on_a_narrow_page():
    crash = Crash("ValueError", "no", (Frame("cs231n/a.py", 3, "f", "x = 1 < 2"),))
    html = judge(outcome(crashes=[crash]), outcome({"dx": 1.0}))._repr_html_()
    assert "white-space: pre-wrap" in html
    assert "\n      x = 1 &lt; 2</pre>" in html


def test_a_passed_verdict_reads_the_same_every_time():
    expected = outcome({"dx": np.ones(4)}, GOOD)
    first = judge(outcome({"dx": np.ones(4)}, GOOD), expected)
    second = judge(outcome({"dx": np.ones(4) + 1e-10}, GOOD), expected)
    assert str(first) == str(second)
    assert first._repr_html_() == second._repr_html_()


X = RNG.standard_normal((4, 5, 6))
Y = RNG.standard_normal((4, 5, 6))


# One row for one fact


def rows(verdict):
    """Return the rows of a verdict as its table has them, without their signs."""
    return [
        [status.split(" ", 1)[1], name, what]
        for status, name, what in Table(verdict._repr_html_()).rows[1:]
    ]


CASES = {f"dx: {name}": np.arange(4.0) for name in "abcde"}


def test_cases_that_are_wrong_in_the_same_way_are_one_row():
    wrong = {name: array + 1 for name, array in CASES.items()}
    first = "at [0]: expected 0, yours 1 (all 4 numbers are wrong)"
    assert rows(judge(outcome(wrong), outcome(CASES))) == [
        ["wrong", "dx", f'in all 5 cases. In "a" {first}'],
    ]
    two = CASES | {name: wrong[name] for name in ("dx: b", "dx: d")}
    assert rows(judge(outcome(two), outcome(CASES))) == [
        ["wrong", "dx", f'in 2 of 5 cases: b; d. In "b" {first}'],
        ["right", "dx", "in 3 of 5 cases: a; c; e"],
    ]
    one = CASES | {"dx: b": wrong["dx: b"]}
    assert rows(judge(outcome(one), outcome(CASES)))[0] == ["wrong", "dx: b", first]


def test_most_cases_are_counted_and_the_rest_are_named():
    four = CASES | {name: array[None] for name, array in list(CASES.items())[:4]}
    assert rows(judge(outcome(four), outcome(CASES))) == [
        [
            "wrong",
            "dx",
            'in 4 of 5 cases. In "a": expected shape (4,), yours has shape (1, 4)',
        ],
        ["right", "dx", "in 1 of 5 cases: e"],
    ]


def test_cases_that_are_wrong_in_different_ways_are_rows_of_their_own():
    mixed = CASES | {"dx: a": np.zeros(3), "dx: b": np.zeros(4), "dx: c": np.full(4, np.nan)}
    mixed |= {"dx: d": None}
    assert [(name, what.partition(" (")[0]) for _, name, what in
            rows(judge(outcome(mixed), outcome(CASES)))] == [
        ("dx: a", "expected shape"),
        ("dx: b", "at [3]: expected 3, yours 0"),
        ("dx: c", "at [0]: expected 0, yours nan"),
        ("dx: d", "expected an array of shape"),
        ("dx", "in 1 of 5 cases: e"),
    ]  # fmt: skip


def test_what_a_crash_has_kept_from_coming_out_is_one_row():
    expected = outcome(CASES | {f"dw: W{n}": 1.0 for n in range(28)} | {"loss": 1.0})
    crash = Crash("ValueError", "no", case="c")
    verdict = judge(outcome({"dx: a": CASES["dx: a"]}, crashes=[crash]), expected)
    assert rows(verdict) == [
        ["right", "dx", "in 1 of 5 cases: a"],
        ["missing", "33 results", "did not come out: dx; dw; loss"],
    ]
    verdict = judge(outcome(CASES | {"loss": 1.0}, crashes=[crash]), outcome(CASES | {"l": 1.0}))
    assert rows(verdict)[-1] == ["missing", "l", "did not come out"]


def test_side_effects_and_remarks_that_are_alike_are_one_row():
    inputs = [(f"inputs: {name} of f", "overwritten", "unchanged") for name in "xyz"]
    types = [(f"float32: {name} of f", "float64", "float32") for name in "xy"]
    got = outcome({"dx": 1.0}, [*inputs, ("inputs: w of f", "unchanged", "unchanged")], types)
    assert rows(judge(got, outcome({"dx": 1.0}))) == [
        ["right", "dx", ""],
        ["wrong", "inputs", "overwritten, expected unchanged: x of f; y of f; z of f"],
        ["remark", "float32", "float64, expected float32: x of f; y of f"],
    ]


def test_many_cases_are_not_all_named():
    cases = {f"dx: case {n}": 1.0 for n in range(20)}
    wrong = cases | {f"dx: case {n}": 2.0 for n in range(8)}
    failed, right = rows(judge(outcome(wrong), outcome(cases)))
    assert failed == ["wrong", "dx", 'in 8 of 20 cases. In "case 0": expected 1, yours 2']
    assert right[2].startswith("in 12 of 20 cases: case 8; case 9; case 10; case 11; case 12; and")
    assert right[2].endswith("and 7 more")


def test_long_rows_are_wrapped_and_long_names_have_a_line_of_their_own():
    name = "a name that is longer than any that leaves room for what there is to say of it"
    expected = outcome({f"{name}: {n} and more and more words": 1.0 for n in range(5)} | {"dx": X})
    got = outcome({f"{name}: {n} and more and more words": 2.0 for n in range(5)} | {"dx": 2 * X})
    lines = str(judge(got, expected)).splitlines()
    place = next(n for n, line in enumerate(lines) if line.strip() == f"wrong  {name}")
    assert lines[place + 1].strip().startswith("in all 5 cases. In ")
    assert all(len(line) <= 100 for line in lines[place:])


# Known mistakes


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
    assert set(both.mistake.split(" + ")) == {"dx three times", "dw three times"}
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
    assert verdict.mistake == "one | other | third"
