"""What notebooks measure by: pace, time, expected beside yours."""

import os
import subprocess
import sys

import numpy as np
import pytest

from cs231n import lab
from cs231n.lab import Yardstick, beside, gradient_errors, pace, times_as_fast


@pytest.mark.parametrize(("value", "expected"), [(None, 20), ("", 20), ("0", 20), ("1", 5)])
def test_one_variable_makes_experiments_small(value, expected):
    environment = {key: text for key, text in os.environ.items() if key != "CS231N_QUICK"}
    if value is not None:
        environment["CS231N_QUICK"] = value
    done = subprocess.run(
        [sys.executable, "-c", "from cs231n.lab import pace; print(pace(20, quick=5))"],
        env=environment,
        capture_output=True,
        check=True,
        text=True,
    )
    assert int(done.stdout) == expected


def test_pace_takes_either_size(monkeypatch):
    monkeypatch.setattr(lab, "QUICK", False)
    assert pace(20, quick=5) == 20
    monkeypatch.setattr(lab, "QUICK", True)
    assert pace(20, quick=5) == 5


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


def test_beside_prints_both(capsys):
    beside("means", np.array([-1e-17, 1.23456, -20]), [0, 1.2346, -20])
    assert capsys.readouterr().out.splitlines() == [
        "means",
        "  expected     0.0000     1.2346   -20.0000",
        "  yours        0.0000     1.2346   -20.0000",
    ]


def test_beside_prints_tables_and_single_numbers(capsys):
    beside("table", [[1, 2], [3, 4]], [[1, 2], [3, 4]], places=1)
    beside("number", 2.25, 2.25, places=2)
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


@pytest.mark.parametrize("yours", [[1, 2.0002], [1, np.nan], [1, np.inf]])
def test_beside_prints_first_and_then_insists(yours, capsys):
    with pytest.raises(AssertionError, match=r"^means: differs from what is expected$"):
        beside("means", yours, [1, 2])
    assert "yours" in capsys.readouterr().out


def test_beside_insists_on_the_shape():
    with pytest.raises(AssertionError, match=r"^means: the shape is \(1, 2\), expected \(2,\)$"):
        beside("means", [[1, 2]], [1, 2])


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
