"""Points follow what matters: main groups share two thirds or more, and quarters are paid."""

import itertools

import pytest
from exchanged import exchange
from this_course import COURSE, check

from course.exercises._inputs import RARE
from coursekit.checks import Kind, Outcome, judge
from coursekit.checks.outcome import REMARK, SIDE_EFFECT, VALUE, Crash
from coursekit.checks.progress import record_of, table_of
from coursekit.checks.verdict import Verdict, better

EACH = pytest.mark.parametrize("any_check", list(check), ids=lambda any_check: any_check.name)


def outcome(**values):
    made = Outcome("some_check")
    for name, value in values.items():
        made.add(name, VALUE, value)
    return made


def verdict_on(wrong, points, main, groups=("out", "dx", "rare", "rarer"), side_effect=False):
    """Judge an answer in which some groups are wrong."""
    expected, got = outcome(**dict.fromkeys(groups, 1.0)), outcome(**dict.fromkeys(groups, 1.0))
    for group in wrong:
        got.add(group, VALUE, 2.0)
    for made, word in (
        (expected, "unchanged"),
        (got, "overwritten" if side_effect else "unchanged"),
    ):
        made.add("inputs: x", SIDE_EFFECT, word, "unchanged")
    return judge(got, expected, points, main=main)


@pytest.mark.parametrize(
    ("wrong", "points", "main", "earned"),
    [
        ([], 3, {"out": 1}, 3),
        (["rare"], 3, {"out": 1}, 2.75),  # 2 + 2/3, rounded up to a quarter
        (["dx", "rare", "rarer"], 3, {"out": 1}, 2),
        (["out"], 3, {"out": 1}, 1),
        (["out", "rare"], 3, {"out": 1}, 0.5),  # 2/3, rounded down
        (["out", "dx", "rare", "rarer"], 3, {"out": 1}, 0),
        (["dx"], 9, {"out": 3, "dx": 1}, 7.25),  # 5.25 for out, and 1 for each of the others
        (["out"], 9, {"out": 3, "dx": 1}, 3.75),
        (["out", "dx"], 9, {"out": 3, "dx": 1}, 2),
        (["rare", "rarer"], 9, {"out": 3, "dx": 1}, 7),
        (["rarer"], 9, {"out": 3, "dx": 1}, 8),
        (["out"], 4, {}, 3),  # without main groups all are alike
        (["rare"], 1, {"out": 1}, 0.75),  # 8/9 would be 1 rounded up, and red never earns all
        (["out"], 1, {"out": 1}, 0.25),  # a third, rounded down
        (["out"], 4, {"out": 1, "dx": 1, "rare": 1, "rarer": 1}, 3),
        (["rarer"], 9, {"out": 1, "dx": 1, "rare": 1}, 8),
        (["out", "dx", "rare"], 9, {"out": 1, "dx": 1, "rare": 1}, 1),
    ],
)
def test_main_groups_share_two_thirds_or_more_and_others_a_ninth_at_most(
    wrong, points, main, earned
):
    assert verdict_on(wrong, points, main).earned == earned


def test_a_side_effect_costs_a_quarter_of_what_is_earned():
    assert verdict_on([], 4, {"out": 1}, side_effect=True).earned == 3
    assert verdict_on(["out", "rare"], 9, {"out": 1, "dx": 1}, side_effect=True).earned == 3.5
    assert verdict_on([], 1, {"out": 1}, side_effect=True).earned == 0.75


def test_whatever_is_wrong_quarters_are_paid_and_no_more_than_is_right():
    groups = ("out", "dx", "rare", "rarer")
    mains = ({}, {"out": 1}, {"out": 3, "dx": 1}, {"out": 1, "dx": 1, "rare": 2})
    subsets = [s for n in range(1, 5) for s in itertools.combinations(groups, n)]
    for main, points, wrong in itertools.product(mains, (1, 2, 3, 5, 6), subsets):
        earned = verdict_on(wrong, points, main).earned
        assert earned * 4 == int(earned * 4)
        assert 0 <= earned <= points - 0.25
        if not set(main or groups) - set(wrong):  # nothing of the core is right
            assert earned <= points / 3
        for further in set(groups) - set(wrong):
            assert verdict_on((*wrong, further), points, main).earned <= earned


def test_a_crash_where_every_value_is_right_does_not_earn_all():
    made = outcome(out=1.0)
    made.crashes.append(Crash("ValueError", "no", (), "float32"))
    assert judge(made, outcome(out=1.0), points=2).earned == 1.75


def test_remarks_cost_nothing():
    expected, got = outcome(out=1.0), outcome(out=1.0)
    expected.add("float32: out", REMARK, "float32", "float32")
    got.add("float32: out", REMARK, "float64", "float32")
    assert judge(got, expected, points=3).earned == 3


@pytest.mark.parametrize("kind", [Kind.NOT_ATTEMPTED, Kind.NOT_COMPARABLE, Kind.TIMED_OUT])
def test_without_an_answer_there_are_no_points(kind):
    assert Verdict("some_check", kind, possible=3).earned == 0


def test_the_better_of_two_runs_counts_and_names_what_it_leans_on():
    red = judge(outcome(dx=2.0, dw=1.0), outcome(dx=1.0, dw=1.0), points=4)
    worse = judge(outcome(dx=2.0, dw=2.0), outcome(dx=1.0, dw=1.0), points=4)
    lent = outcome(dx=1.0, dw=1.0)
    lent.leans_on = ("relu_forward", "dropout_forward")
    green = judge(lent, outcome(dx=1.0, dw=1.0), points=4)
    assert better(red, worse) == red
    assert better(red, green).earned == 4
    assert better(red, green, passed=["dropout_forward"]).leans_on == ("relu_forward",)
    assert better(green, red).passed


def test_what_a_verdict_leans_on_stands_right_below_its_first_line():
    made = outcome(dx=2.0)
    made.leans_on = ("relu_forward", "affine_backward")
    verdict = judge(made, outcome(dx=1.0))
    said = "First: relu_forward and affine_backward are wrong, and this leans on it."
    assert str(verdict).splitlines()[:2] == ["wrong: some_check: dx", f"  {said}"]
    html = verdict._repr_html_()
    assert html.index("wrong: some_check") < html.index(said) < html.index("<table")


# All checks of this course


@EACH
def test_rare_cases_are_not_main_and_every_check_has_a_core(any_check):
    groups = {entry.group for entry in any_check.recorded().of_kind(VALUE)}
    assert set(any_check.main) <= groups
    assert not groups & set(RARE) & set(any_check.main)
    if groups & set(RARE):
        assert any_check.main


@EACH
def test_a_wrong_core_earns_a_third_at_most_and_a_rare_case_costs_a_ninth_at_most(any_check):
    expected = any_check.recorded()
    groups = dict.fromkeys(entry.group for entry in expected.of_kind(VALUE))
    core = any_check.main or groups

    def earned(wrong):
        made = Outcome.from_bytes(expected.to_bytes())
        for entry in expected.of_kind(VALUE):
            if entry.group in wrong:
                made.add(entry.name, VALUE, "something else")
        return any_check.judge(made, expected).earned

    assert earned([]) == any_check.points
    assert earned(core) <= any_check.points / 3
    for rare in groups.keys() & set(RARE):
        assert earned([rare]) >= min(any_check.points * 8 / 9, any_check.points - 0.25)


def test_what_a_notebook_earns_is_the_sum_of_its_rows():
    answers = {
        "affine_forward": "out = x.reshape(N, D) @ w",
        "relu_backward": "dx = dout",
        "TwoLayerNet.loss:scores": "scores = 1 / 0",
    }
    with exchange() as package, package.holding(answers) as under_test:
        verdicts = [any_check.verdict(under_test) for any_check in check]
    table = table_of(check, {v.check: record_of(v, {}) for v in verdicts})
    for notebook, rows in table.notebooks().items():
        assert sum(row.possible for row in rows) == check.points(notebook)
        shown = sum(float(row.points.partition(" of ")[0]) for row in rows)
        assert f"{notebook}: {shown:g} of {check.points(notebook)} points\n" in f"{table}\n"
    assert table.earned == sum(verdict.earned for verdict in verdicts)
    assert table.earned * 4 == int(table.earned * 4)
    assert 50 < table.earned < COURSE.points
