"""What notebooks measure with: pace, time, your numbers under the expected ones."""

import os
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from course import lab
from course.lab import (
    Yardstick,
    compare,
    expect_trained,
    gradient_errors,
    net_errors,
    pace,
    times_as_fast,
)
from cs231n.solver import Solver

PACE_VARIABLES = ("COURSE_PACE", "CS231N_QUICK")


def at_import(**asked):
    """Import the lab in a fresh Python in an environment that asks for this pace."""
    kept = {key: value for key, value in os.environ.items() if key not in PACE_VARIABLES}
    code = "from course.lab import QUICK, pace; print(pace(20, quick=5, browser=2), QUICK)"
    return subprocess.run(
        [sys.executable, "-c", code], env=kept | asked, capture_output=True, text=True
    )


@pytest.mark.parametrize(
    ("asked", "printed"),
    [
        ({}, "20 False"),
        ({"COURSE_PACE": ""}, "20 False"),
        ({"COURSE_PACE": "full"}, "20 False"),
        ({"COURSE_PACE": "quick"}, "5 True"),
        ({"COURSE_PACE": "browser"}, "2 True"),
        ({"CS231N_QUICK": ""}, "20 False"),
        ({"CS231N_QUICK": "0"}, "20 False"),
        ({"CS231N_QUICK": "1"}, "5 True"),
        ({"CS231N_QUICK": "1", "COURSE_PACE": "full"}, "20 False"),
    ],
)
def test_the_environment_sets_the_pace(asked, printed):
    assert at_import(**asked).stdout.strip() == printed


def test_an_unknown_pace_is_named_with_the_known_ones():
    last = at_import(COURSE_PACE="fast").stderr.splitlines()[-1]
    assert last == "ValueError: COURSE_PACE is 'fast', expected full or quick or browser"


def test_a_browser_goes_at_the_quick_pace_unless_it_has_its_own(monkeypatch):
    monkeypatch.setattr(lab, "PACE", "browser")
    assert pace(20, quick=5) == 5
    assert pace(20, quick=5, browser=0) == 0


def test_a_yardstick_measures_and_multiplies(capsys, monkeypatch):
    moments = iter([10.0, 12.5])
    monkeypatch.setattr(lab.time, "perf_counter", lambda: next(moments))
    with Yardstick("one training") as yardstick:
        pass
    for times in (2, 10, 40):
        yardstick.announce(times)
    assert capsys.readouterr().out.splitlines() == [
        "one training: 2.5 s",
        "2 times one training: about 5 s",
        "10 times one training: about 25 s",
        "40 times one training: about 2 min",
    ]


def test_compare_prints_both(capsys):
    compare("means", np.array([-1e-17, 1.23456, -20]), [0, 1.2346, -20])
    assert capsys.readouterr().out.splitlines() == [
        "means",
        "  expected     0.0000     1.2346   -20.0000",
        "  yours        0.0000     1.2346   -20.0000",
    ]


def test_compare_prints_tables_and_single_numbers(capsys):
    compare("table", [[1, 2], [3, 4]], [[1, 2], [3, 4]], places=1)
    compare("number", 2.25, 2.25, places=2)
    assert capsys.readouterr().out.splitlines() == [
        "table",
        "  expected     1.0     2.0",
        "               3.0     4.0",
        "  yours        1.0     2.0",
        "               3.0     4.0",
        "number",
        "  expected     2.25",
        "  yours        2.25",
    ]


@pytest.mark.parametrize(
    ("yours", "said"), [([1, 2.0002], "2.0002"), ([1, np.nan], "nan"), ([1, np.inf], "inf")]
)
def test_compare_prints_first_and_then_insists(yours, said, capsys):
    with pytest.raises(AssertionError, match=rf"^means\[1\] is {said}, expected 2\.0000$"):
        compare("means", yours, [1, 2])
    assert "yours" in capsys.readouterr().out


def test_compare_names_the_first_that_differs():
    with pytest.raises(AssertionError, match=r"^table\[1, 0\] is 5\.0, expected 3\.0$"):
        compare("table", [[1, 2], [5, 6]], [[1, 2], [3, 4]], places=1)
    with pytest.raises(AssertionError, match=r"^loss is 5\.0, expected 3\.0$"):
        compare("loss", 5, 3, places=1)


def test_compare_insists_on_the_shape():
    with pytest.raises(AssertionError, match=r"^means: the shape is \(1, 2\), expected \(2,\)$"):
        compare("means", [[1, 2]], [1, 2])


def test_gradient_errors_prints_each(capsys):
    gradient_errors(
        at_most=1e-6, dx=(np.ones(2), np.ones(2) + 2e-9), dgamma=(np.ones(1), np.ones(1))
    )
    assert capsys.readouterr().out.splitlines() == [
        "dx      relative error 1.0e-09, at most 1e-06",
        "dgamma  relative error 0.0e+00, at most 1e-06",
    ]


@pytest.mark.parametrize("wrong", [1.1, -1, np.nan])
def test_gradient_errors_insists(wrong):
    with pytest.raises(AssertionError, match=r"^dx: too far from the numerical gradient$"):
        gradient_errors(
            at_most=1e-6, dx=(np.full(2, wrong), np.ones(2)), db=(np.ones(2), np.ones(2))
        )


def test_times_as_fast_is_a_ratio_of_the_best_times(monkeypatch):
    times = iter([1, 6, 4, 8, 2, 3])
    monkeypatch.setattr(lab.timeit, "timeit", lambda function, number: next(times))
    assert times_as_fast("fast", "slow", repeat=3) == 3 / 1


def test_times_as_fast_survives_a_clock_that_shows_no_time(monkeypatch):
    monkeypatch.setattr(lab.timeit, "timeit", lambda function, number: 0.0)
    assert times_as_fast("fast", "slow") == 0


class Line:
    """A model with one parameter, whose loss is 3 w."""

    def __init__(self, slope, name="w"):
        self.params = {"w": np.ones(2)}
        self.slope, self.name = slope, name

    def loss(self, X, y):
        return 3 * self.params["w"].sum(), {self.name: np.full(2, self.slope)}


def test_gradients_of_a_net_are_compared_one_by_one(capsys):
    net_errors(Line(3.0), None, None, at_most=1e-6)
    assert capsys.readouterr().out.startswith("w  relative error")
    with pytest.raises(AssertionError, match=r"^w: too far from the numerical gradient$"):
        net_errors(Line(6.0), None, None, at_most=1e-6)
    with pytest.raises(AssertionError, match=r"^w: there is no gradient, expected one for each"):
        net_errors(Line(3.0, name="v"), None, None, at_most=1e-6)


def test_what_has_not_trained_is_told_what_to_do():
    solver = Solver(
        SimpleNamespace(params={}),
        {f"{x}_{kind}": np.zeros(2, dtype=int) for x in "Xy" for kind in ("train", "val")},
    )
    for given, said in {
        None: "best is None, expected your trained Solver: fill in the cell",
        3: "best is of type int, expected your trained Solver",
        solver: r"best has not trained yet, expected a call of best.train\(\)",
    }.items():
        with pytest.raises(AssertionError, match=said):
            expect_trained("best", given)
    solver.train_acc_history.append(0.5)
    expect_trained("best", solver)
