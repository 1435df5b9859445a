"""Riddles: a line of right code is changed, and one of four checks turns red."""

import hashlib

import pytest
from small_workspace import fill, make_workspace
from this_course import COURSE, check

from coursekit.checks.verdict import Kind
from coursekit.course import Course
from coursekit.mutants.exchange import TookTooLong
from coursekit.student import predict
from coursekit.student.hunt import copy_of
from coursekit.student.predict import CHOICES, NoRiddle, riddle_in


@pytest.mark.parametrize("notebook", COURSE.notebooks)
@pytest.mark.parametrize("seed", [0, 1])
def test_exactly_one_of_the_four_turns_red(notebook, seed, capsys):
    riddle = riddle_in(COURSE, notebook, seed=seed)
    assert len(set(riddle.choices)) == CHOICES
    assert {line[:2] for line in riddle.lines} <= {"- ", "+ "}
    with copy_of(COURSE) as (exchange, _), exchange.made({riddle.block: riddle.code}) as changed:
        for number, name in enumerate(riddle.choices, 1):
            asked = check[name]
            verdict = asked.judge(asked.run(changed, asked.rng()), asked.recorded())
            assert verdict.kind == (Kind.WRONG if number == riddle.red else Kind.PASSED)
    for number in range(1, CHOICES + 1):
        riddle.answer(number)
        said = capsys.readouterr().out
        assert said.startswith("Yes: wrong: " if number == riddle.red else "No: ")
        assert f"wrong: {riddle.choices[riddle.red - 1]}" in said


def test_the_block_is_not_named_and_html_says_the_same():
    riddle = riddle_in(COURSE, "Dropout", seed=3)
    first, *_ = str(riddle).splitlines()
    assert riddle.block not in first
    page = riddle._repr_html_()
    assert all(f"<li>{name}</li>" in page for name in riddle.choices)
    assert page.count("<p>") == page.count("</p>")


def test_each_call_makes_another_and_a_seed_the_same(capsys):
    found = {riddle_in(COURSE, "FullyConnectedNets").lines for _ in range(6)}
    assert len(found) > 1
    assert riddle_in(COURSE, "Dropout", seed=5) == riddle_in(COURSE, "Dropout", seed=5)


def test_the_example_is_one_that_the_change_makes_wrong(capsys):
    riddle = riddle_in(COURSE, "FullyConnectedNets", seed=1)
    riddle.example()
    said = capsys.readouterr().out
    assert said.startswith(('Under "yours"', "None of the small examples"))


@pytest.mark.parametrize("number", [0, 5, -1])
def test_a_number_that_none_has_is_refused(number):
    riddle = riddle_in(COURSE, "Dropout", seed=3)
    with pytest.raises(IndexError, match=f"number {number} was chosen, expected 1 to 4"):
        riddle.answer(number)


def test_there_are_none_before_enough_is_right_and_files_stay_as_they_are(tmp_path):
    course = Course.read(make_workspace(tmp_path / "work"))
    with pytest.raises(NoRiddle, match=r"has not enough of it yet: 0 of its \d+ checks pass"):
        riddle_in(course, "Dropout")
    fill(course.folder, "right")
    with pytest.raises(NoRiddle, match=r"1 of its \d+ checks pass"):
        riddle_in(course, "FullyConnectedNets")
    with pytest.raises(NoRiddle, match="'Dropuot' has no checks, expected one of FullyConn"):
        riddle_in(course, "Dropuot")
    path = COURSE.package_folder / "layers.py"
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    riddle_in(COURSE, "Dropout")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == before
    assert predict.__doc__


def test_a_check_that_takes_too_long_is_in_no_riddle(monkeypatch):
    def late(check, package):
        if check.name == "affine_forward":
            raise TookTooLong
        return own(check, package)

    own = predict._verdict
    monkeypatch.setattr(predict, "_verdict", late)
    assert "affine_forward" not in riddle_in(COURSE, "FullyConnectedNets", seed=1).choices
