"""What an answer is explained by, with made-up mistakes."""

import dataclasses
import io

import numpy as np
import pytest
from this_course import COURSE, check

from coursekit.checks import Kind, Outcome, UnderTest, judge, signatures
from coursekit.checks.explanation import explain, foreseen
from coursekit.checks.outcome import SIDE_EFFECT, VALUE, Crash, Frame
from coursekit.checks.signatures import Print, Saying, Signatures
from coursekit.checks.verdict import signature

RNG = np.random.default_rng(1)
X, Y, Z = RNG.standard_normal((3, 4, 5))
RIGHT = {"dx: one": X, "dx: two": X + 1, "dw: one": Y, "dw: two": Y + 1, "db: one": Z}
RIGHT |= {f"dv: {case}": Z + case for case in (1, 2, 3)}


def outcome(values=(), crashes=(), effects=()):
    """An outcome with RIGHT in it, but for some values; None for one that did not come out."""
    made = Outcome("some_check")
    made.stream = np.zeros(3)
    for name, value in (RIGHT | dict(values)).items():
        if value is not None:
            made.add(name, VALUE, value)
    for name in ("inputs: x", "inputs: y"):
        made.add(name, SIDE_EFFECT, "overwritten" if name in effects else "unchanged", "unchanged")
    made.crashes += crashes
    return made


EXPECTED = outcome()


def crash(case="one", function="f", kind="ValueError", message="operands (3,4) (4,3)"):
    return Crash(kind, message, (Frame("p/layers.py", 3, function, "x"),), case)


def written(name, sentence=""):
    return (Saying("a block", name, sentence or f"{name}."),)


def put_together(place):
    return (Saying.put_together("a block", ("no_root 0", place)),)


def known(*tried):
    return Signatures.of([(signature(made, EXPECTED), sayings) for made, sayings in tried])


def told(answer, mistakes):
    return judge(answer, EXPECTED, mistakes=mistakes)


DX = {"dx: one": 3 * X, "dx: two": 3 * X + 3}
DW = {"dw: one": 2 * Y, "dw: two": 2 * Y + 2}
DV = {f"dv: {case}": 5 * Z for case in (1, 2, 3)}
MISTAKES = known(
    (outcome(DV), put_together("dv")),
    (outcome(DX), written("dx three times")),
    (outcome(DW), written("dw twice")),
    (outcome({"db: one": -Z}), put_together("db")),
)


def test_one_mistake_that_predicts_all_is_told():
    verdict = told(outcome(DX), MISTAKES)
    assert (verdict.mistake, verdict.sentences) == ("dx three times", ("dx three times.",))
    verdict = told(outcome({"db: one": -Z}), MISTAKES)
    assert verdict.sentences == (
        "It is as if no root were taken in db. Which unit should it have?",
    )
    assert verdict.mistake == "as if no root were taken in db"


def test_rounding_makes_no_difference_and_all_else_does():
    assert told(outcome({n: a * (1 + 1e-12) for n, a in DX.items()}), MISTAKES).mistake
    assert not told(outcome({n: a * (1 + 1e-4) for n, a in DX.items()}), MISTAKES).mistake
    assert not told(outcome({"dx: one": 3 * X}), MISTAKES).mistake


def test_a_mistake_that_predicts_more_is_not_told():
    assert not told(outcome({"dx: one": 3 * X}), MISTAKES).mistake


def test_two_at_once_are_both_told():
    verdict = told(outcome(DX | DW), MISTAKES)
    assert set(verdict.mistake.split(" + ")) == {"dx three times", "dw twice"}
    assert set(verdict.sentences) == {"dx three times.", "dw twice."}


def test_where_both_did_something_what_comes_of_it_is_free():
    mistakes = known(
        (outcome(DX | {"db: one": 2 * Z}), written("first")),
        (outcome(DW | {"db: one": 3 * Z}), written("second")),
    )
    verdict = told(outcome(DX | DW | {"db: one": 6 * Z}), mistakes)
    assert set(verdict.mistake.split(" + ")) == {"first", "second"}
    # But not where only one of them did.
    assert "second" not in told(outcome(DX | {"db: one": 6 * Z}), mistakes).mistake


def test_what_a_crash_keeps_from_being_seen_is_unknown():
    answer = outcome({"dx: one": 3 * X, "dx: two": None}, [crash("two")])
    assert told(answer, MISTAKES).mistake == "dx three times"
    mistakes = known((outcome({"dx: one": 3 * X, "dx: two": None}, [crash("two")]), written("it")))
    assert told(outcome(DX), mistakes).mistake == "it"
    # What it does not reach, and the answer has right, speaks against it.
    assert not told(outcome({"dx: one": 3 * X}), mistakes).mistake


def test_a_part_is_told_of_its_group_alone():
    strange = {"dw: one": Y**2, "dw: two": Y**3}
    verdict = told(outcome(DX | strange), MISTAKES)
    assert verdict.mistake == "dx three times"
    assert verdict.sentences == ("dx: dx three times.",)
    verdict = told(outcome(DV | strange), MISTAKES)
    assert verdict.sentences[0].startswith("dv: it is as if no root")


def test_what_was_put_together_wants_more_than_a_few_arrays_of_a_group():
    """In one case of few, two mistakes look the same by chance."""
    strange = {"dw: one": Y**2, "dw: two": Y**3}
    assert told(outcome({"db: one": -Z} | strange), MISTAKES).mistake == ""


def test_a_part_that_the_rest_contradicts_is_not_told():
    mistakes = known((outcome(DX | DW), written("both")))
    assert told(outcome(DX | {"db: one": Z**2}), mistakes).mistake == ""


def test_numbers_on_their_own_and_words_explain_nothing():
    base = {"ok": np.array(True), "count": 3, "said": "yes"}
    expected, wrong = Outcome("c"), Outcome("c")
    for made in (expected, wrong):
        made.stream = np.zeros(3)
        for name, value in base.items():
            made.add(name, VALUE, value)
    wrong.add("ok", VALUE, np.array(False))
    planted = Signatures.of([(signature(wrong, expected), put_together("it"))])
    assert not judge(wrong, expected, mistakes=planted).mistake
    somebodys = Signatures.of([(signature(wrong, expected), written("it"))])
    assert judge(wrong, expected, mistakes=somebodys).mistake == "it"


def test_a_crash_alone_is_named_for_what_few_end_with():
    ended = outcome(dict.fromkeys(RIGHT), [crash()])
    assert told(ended, known((ended, written("it")))).mistake == "it"
    assert not told(ended, known((ended, put_together("x")))).mistake
    many = [(ended, put_together(f"part {n}")) for n in range(16)]
    assert not told(ended, known((ended, written("it")), *many)).mistake


def test_a_crash_is_known_by_type_case_and_function_and_not_by_its_wording():
    ended = outcome(dict.fromkeys(RIGHT), [crash()])
    mistakes = known((ended, written("it")))

    def named(**other):
        made = outcome(dict.fromkeys(RIGHT), [crash(**other)])
        return told(made, mistakes).mistake

    assert named(message="operands (4,3) (3,4) of other digits and order") == "it"
    assert not named(message="cannot reshape array of size 12 into shape (5,)")
    assert not named(kind="TypeError")
    assert not named(case="two")
    assert not named(function="g")


@pytest.mark.parametrize("kind", ["NameError", "UnboundLocalError", "SyntaxError"])
def test_names_that_python_does_not_know_are_nobodys_mistake(kind):
    ended = outcome(dict.fromkeys(RIGHT), [crash(kind=kind)])
    assert not told(ended, known((ended, written("it")))).mistake


def test_what_a_function_does_apart_from_its_values_stands_alone():
    mistakes = known(
        (outcome(DX), written("dx three times")),
        (outcome(effects=["inputs: x"]), written("writes into x")),
    )
    assert told(outcome(effects=["inputs: x"]), mistakes).mistake == "writes into x"
    both = told(outcome(DX, effects=["inputs: x"]), mistakes)
    assert both.mistake == "dx three times + writes into x"
    assert len(both.sentences) == 2
    assert not told(outcome(effects=["inputs: y"]), mistakes).mistake


def test_the_mistake_that_somebody_wrote_down_goes_first():
    mistakes = known((outcome(DX), put_together("dx")), (outcome(DX), written("by hand")))
    assert told(outcome(DX), mistakes).mistake == "by hand"
    mistakes = known(*[(outcome(DX), put_together(f"part {n}")) for n in range(3)])
    assert told(outcome(DX), mistakes).mistake == "as if no root were taken in part 0"
    mistakes = known(*[(outcome(DX), put_together(f"part {n}")) for n in range(40)])
    assert not told(outcome(DX), mistakes).mistake, "too many of them fit"


def test_another_of_the_same_is_told_second():
    mistakes = known((outcome(DX), written("one")), (outcome(DX), written("other")))
    verdict = told(outcome(DX), mistakes)
    assert verdict.mistake == "one | other"
    assert verdict.sentences == ("one.", "Or else: other.")


def test_two_that_were_run_together_are_both_told():
    mistakes = known((outcome(DX), written("one") + written("other")))
    verdict = told(outcome(DX), mistakes)
    assert verdict.mistake == "one + other"
    assert verdict.sentences == ("one.", "other.")


def test_right_answers_and_unknown_ones_have_no_name():
    assert told(outcome(), MISTAKES).passed
    assert not told(outcome({"dx: one": X + 7}), MISTAKES).mistake
    assert not explain(outcome(DX), EXPECTED, list(DX), Signatures())


def test_prints_tell_shapes_and_what_is_no_number():
    assert Print.of(X[None], X).words == "shape (1, 4, 5)"
    assert Print.of(np.array("None"), X).words == "None"
    assert Print.of(X * 1j, X).words.startswith("complex")
    assert Print.of(X * 1e300, X).words.endswith("huge")
    hole = np.where(X > 1, np.nan, X)
    assert Print.of(hole, X).agrees(Print.of(np.where(X > 1, np.inf, X), X))
    assert not Print.of(hole, X).agrees(Print.of(np.where(X > 0.5, np.nan, X), X))
    swapped = X.copy()
    swapped[0, :2] = swapped[0, 1::-1]
    assert not Print.of(swapped + 1, X).agrees(Print.of(X + 1, X))


def test_small_errors_are_told_apart():
    one, other = X * (1 + 1e-6), X * (1 + 1.1e-6)
    assert not Print.of(one, X).agrees(Print.of(other, X))
    assert Print.of(one, X).agrees(Print.of(one * (1 + 1e-14), X))


def test_prints_that_are_nearly_alike_do_not_run_into_one_another():
    """Each is close to the next one, and the first is not close to the last."""
    steps = [X + X * 2e-9 * step for step in range(1, 30)]
    mistakes = known(*[(outcome({"dx: one": 2 * s}), written(f"{n}")) for n, s in enumerate(steps)])
    for step in steps:
        assert foreseen(signature(outcome({"dx: one": 2 * step}), EXPECTED), mistakes)


def test_an_exception_alone_is_not_kept_of_what_was_put_together():
    ended = outcome(dict.fromkeys(RIGHT), [crash()])
    assert not known((ended, put_together("x")))
    assert known((ended, written("it")))


# Files


def test_signatures_survive_being_written_and_read():
    data = MISTAKES.to_bytes()
    again = Signatures.from_bytes(io.BytesIO(data))
    assert again.to_bytes() == data
    assert again.classes == MISTAKES.classes
    assert told(outcome(DX | DW), again) == told(outcome(DX | DW), MISTAKES)


def test_nothing_at_all_can_be_written():
    data = Signatures.of([]).to_bytes()
    assert not Signatures.from_bytes(io.BytesIO(data))


@pytest.mark.parametrize("name", ["relu_forward", "adam", "conv_backward_naive"])
def test_what_is_recorded_is_read_and_written_as_it_is(name):
    path = COURSE.recorded / signatures.FOLDER / f"{name}.npz"
    assert Signatures.from_bytes(path).to_bytes() == path.read_bytes()


def test_all_that_is_recorded_is_small_and_holds_no_array():
    paths = list((COURSE.recorded / signatures.FOLDER).glob("*.npz"))
    assert {path.stem for path in paths} == {any_check.name for any_check in check.with_optional}
    assert sum(path.stat().st_size for path in paths) < 900_000
    for path in paths:
        with np.load(path, allow_pickle=False) as arrays:
            assert set(arrays) == {"header", "numbers", "first", "second"}


def test_a_class_is_foreseen_exactly_or_not():
    made = signature(outcome(DX), EXPECTED)
    assert foreseen(made, MISTAKES)
    assert not foreseen(dataclasses.replace(made, crashes=("ValueError: one: f",)), MISTAKES)
    assert not foreseen(signature(outcome({"dx: one": X + 7}), EXPECTED), MISTAKES)


# Seeds


def test_a_verdict_on_other_inputs_gets_its_name_from_the_fixed_ones():
    asked = check.relu_backward
    wrong = asked.run(_without_mask(), asked.rng(5))
    fixed = asked.run(_without_mask(), asked.rng())
    fresh = asked.judge(wrong, asked.run(_right(), asked.rng(5)))
    assert fresh.kind == Kind.WRONG
    assert fresh.mistake == ""
    named = asked.named(fresh, fixed)
    assert named.mistake == "lets everything through"
    assert named.parts == fresh.parts
    passed = asked.judge(*[asked.run(_right(), asked.rng(5)) for _ in "ab"])
    assert asked.named(passed, fixed) is passed


def _right():
    return UnderTest(COURSE)


def _without_mask():
    under_test = _right()
    find = under_test.find

    def found(name):
        if name == "relu_backward":
            return lambda dout, cache: dout.copy()
        return find(name)

    under_test.find = found
    return under_test
