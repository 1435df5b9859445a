"""`coursekit try`: answers go into blocks, and the checks that they reach are judged."""

import io
import json
import re
import threading

import pytest
from this_course import COURSE, check

from coursekit import cli
from coursekit.authoring import attempt
from coursekit.authoring.attempt import AttemptError, Attempts
from coursekit.checks import Kind
from coursekit.cli import main

KEYS = ["check", "own", "kind", "points", "earned", "mistakes", "sentences", "remarks", "example",
        "leans_on"]  # fmt: skip
NO_BIAS = "out = x.reshape(len(x), -1) @ w\n"
RIGHT = "    out = x.reshape(len(x), -1).dot(w) + b\n"


def tried(capsys, *arguments):
    """Return what `coursekit try` prints, as JSON."""
    assert main(["try", *arguments, "--json"]) in (None, 0)
    return json.loads(capsys.readouterr().out)


@pytest.fixture(autouse=True)
def in_the_course(monkeypatch):
    monkeypatch.chdir(COURSE.folder)


def test_a_wrong_answer_is_named_and_others_lean_on_it(tmp_path, capsys):
    path = tmp_path / "answer.py"
    path.write_text(NO_BIAS)
    found = {one["check"]: one for one in tried(capsys, "affine_forward", str(path))}
    assert all(list(one) == KEYS for one in found.values())
    own = found["affine_forward"]
    assert (own["own"], own["kind"]) == (True, "wrong")
    assert own["mistakes"]
    assert own["sentences"]
    assert own["earned"] < own["points"] == check.affine_forward.points
    net = found["TwoLayerNet_scores"]
    assert (net["own"], net["kind"]) == (False, "passed")
    assert net["leans_on"] == ["affine_forward"]
    assert "max_pool_forward_naive" not in found


def test_code_comes_from_standard_input_at_any_margin(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.StringIO(RIGHT))
    assert {one["kind"] for one in tried(capsys, "affine_forward", "-")} == {"passed"}


def test_several_blocks_go_in_together(tmp_path, capsys):
    (tmp_path / "right.py").write_text(RIGHT)
    (tmp_path / "relu.py").write_text("out = x\n")
    other = f"relu_forward={tmp_path / 'relu.py'}"
    found = tried(capsys, "affine_forward", str(tmp_path / "right.py"), "--with", other)
    kinds = {one["check"]: one["kind"] for one in found if one["own"]}
    assert kinds == {"affine_forward": "passed", "relu_forward": "wrong"}


def test_several_answers_are_judged_in_one_go(tmp_path, capsys):
    answers = {
        "no bias": {"affine_forward": NO_BIAS},
        "blank": {"affine_forward": "pass\n"},
        "crash": {"affine_forward": "out = x @ nothing\n"},
        "right": {"affine_forward": RIGHT},
    }
    path = tmp_path / "answers.json"
    path.write_text(json.dumps(answers))
    found = tried(capsys, "--answers", str(path))
    kinds = {
        name: next(one["kind"] for one in verdicts if one["own"])
        for name, verdicts in found.items()
    }
    assert kinds == {
        "no bias": "wrong", "blank": "not_attempted", "crash": "crashed", "right": "passed",
    }  # fmt: skip
    by_text = main(["try", "--answers", str(path)])
    assert by_text in (None, 0)
    assert "wrong: affine_forward: out" in capsys.readouterr().out


def test_another_seed_draws_other_inputs_and_finds_the_same_name(tmp_path, capsys):
    path = tmp_path / "answer.py"
    path.write_text(NO_BIAS)
    first, other = (
        next(one for one in tried(capsys, "affine_forward", str(path), *seed) if one["own"])
        for seed in ((), ("--seed", "5"))
    )
    assert first["mistakes"] == other["mistakes"] != []


def test_code_that_never_ends_is_stopped(monkeypatch):
    monkeypatch.setattr(attempt, "SECONDS", 0.2)
    with Attempts(COURSE) as attempts:
        verdicts = attempts.judge({"relu_forward": "while True:\n    pass\n"})
    assert next(v.kind for own, v in verdicts if own) == Kind.TIMED_OUT


def test_attempts_need_no_main_thread():
    found = []

    def judge():
        with Attempts(COURSE) as attempts:
            found.extend(attempts.judge({"relu_forward": "out = np.maximum(x, 0)\n"}))

    thread = threading.Thread(target=judge)
    thread.start()
    thread.join()
    assert found
    assert all(verdict.passed for _, verdict in found)


def test_two_mistakes_and_names_with_and_in_them_stay_apart():
    with Attempts(COURSE) as attempts:
        verdicts = attempts.judge({"batchnorm_forward:test": (
            "out = (x - running_mean) / np.sqrt(running_var + eps)\n"
        )})  # fmt: skip
    (own,) = [verdict for own, verdict in verdicts if own]
    assert own.mistakes == ("gamma and beta left out",)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["affine_forwad", "FILE"], "there is no block 'affine_forwad', expected one of"),
        (["affine_forward"], "expected BLOCK and FILE, or --answers FILE"),
        (["affine_forward", "missing.py"], "missing.py cannot be read"),
        (["affine_forward", "FILE", "--with", "relu"], "--with is 'relu', expected BLOCK=FILE"),
        (["--answers", "FILE"], "is no JSON"),
        (["affine_forward", "FILE", "--answers", "FILE"], "expected no BLOCK and no --with"),
    ],
)
def test_what_cannot_be_tried_is_one_sentence(arguments, said, tmp_path, capsys):
    path = tmp_path / "answer.py"
    path.write_text(RIGHT)
    assert main(["try", *(str(path) if a == "FILE" else a for a in arguments)]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize("content", ["[]", '{"a": 1}', '{"a": {"relu_forward": 3}}'])
def test_json_of_another_form_is_refused(content, tmp_path):
    path = tmp_path / "answers.json"
    path.write_text(content)
    with pytest.raises(AttemptError, match="holds something else"):
        attempt._read_answers(str(path))


def test_red_means_the_same_to_checks_and_to_grading():
    assert {kind for kind in Kind if kind.is_red} == {"wrong", "crashed"}
    assert {kind for kind in Kind if kind.gets_second_run} == {"wrong", "crashed", "waiting"}


def test_a_check_for_the_bug_hunt_is_tried_on_the_reference(tmp_path, capsys):
    path = tmp_path / "my_check.py"
    path.write_text(
        "def my_check(relu_backward):\n"
        "    x, dout = np.random.randn(4, 5), np.random.randn(4, 5)\n"
        "    forward = lambda x: relu_forward(x)[0]\n"
        "    dx = eval_numerical_gradient_array(forward, x, dout)\n"
        "    assert np.allclose(relu_backward(dout, relu_forward(x)[1]), dx, atol=1e-6)\n"
    )
    assert cli.main(["try", "--hunt", "relu_backward", str(path)]) is None
    assert re.match(r"hunt: relu_backward: (\d+) of \1 bugs found", capsys.readouterr().out)
    assert cli.main(["try", "--hunt", "--json", "relu_backward", str(path)]) is None
    told = json.loads(capsys.readouterr().out)
    assert told["found"] == told["planted"] > 0
    for arguments, said in (
        (["relu", str(path)], "no block is in 'relu'"),
        (["relu_backward", str(tmp_path / "none.py")], "cannot be read"),
        (["relu_backward"], "takes the name of a function and a file"),
    ):
        assert cli.main(["try", "--hunt", *arguments]) == 2
        assert said in capsys.readouterr().err
    path.write_text("my_chek = 3")
    assert cli.main(["try", "--hunt", "relu_backward", str(path)]) == 2
    assert "defines no my_check that runs: KeyError" in capsys.readouterr().err


def test_an_optional_exercise_is_tried_too(tmp_path, capsys):
    path = tmp_path / "answer.py"
    path.write_text("out = x\ncache = x\n")
    cli.main(["try", "rmsnorm_forward", str(path)])
    assert capsys.readouterr().out.startswith("wrong: rmsnorm_forward: out")
