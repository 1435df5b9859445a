"""One submission, from what was handed in to its result."""

import contextlib
import json
import os
import pickle
import platform
import select
import shutil
import signal
import subprocess
import sys
import tracemalloc
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from made_submissions import (
    EDITABLE,
    REFERENCE,
    ROOT,
    SEED,
    descendants,
    emptied,
    grade_in_process,
    kinds,
    living,
    make_submission,
    processes_with,
    texts,
    wait_until,
)
from this_course import COURSE, check

import coursekit
from coursekit.checks import Outcome, imported, wire
from coursekit.checks.outcome import Crash
from coursekit.checks.verdict import SIDE_EFFECT_SHARE
from coursekit.grading import Reason, ReasonCode, SubmissionResult, sandbox, unit, verdicts
from coursekit.grading.inside import runner
from coursekit.grading.kernel import MIME
from coursekit.grading.results import checks_in_lines
from coursekit.grading.sandbox import Limits, SandboxError
from coursekit.grading.verdicts import Answer, Unreadable, judged, read_answer

needs_sandbox = pytest.mark.skipif(bool(sandbox.why_not()), reason=f"{sandbox.why_not()}")

FEW = ["affine_forward", "sgd_momentum"]
LIMITS = {"seconds": 10, "start": 120}


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return str(tmp_path_factory.mktemp("work"))


@needs_sandbox
def test_the_reference_gets_all_points_and_its_files_are_proven(tmp_path, work):
    submission = make_submission(tmp_path / "submission")
    result = grade_in_process(submission, tmp_path, work=work, limits=LIMITS)
    assert result.status == "graded"
    assert set(kinds(result).values()) == {"passed"}
    assert sum(found.points for found in result.checks) == check.points() == COURSE.points
    assert sum(found.earned for found in result.checks) == COURSE.points
    assert sorted(result.files) == EDITABLE
    *files, versions = result.proof
    assert len(files) == len(EDITABLE)
    assert all("is what ran" in sentence for sentence in files)
    assert versions == f"Graded with Python {platform.python_version()}, numpy {np.__version__}."
    assert result.reasons == ()
    assert checks_in_lines(tmp_path / "result.json.lines") == result.checks


@needs_sandbox
def test_stubs_are_not_attempted_and_the_same_seed_gives_the_same_result(tmp_path, work):
    submission = emptied(make_submission(tmp_path / "submission"))
    results = []
    for _ in range(2):
        result = grade_in_process(submission, tmp_path, work=work, limits=LIMITS, checks=FEW)
        assert kinds(result) == dict.fromkeys(FEW, "not_attempted")
        assert sum(found.earned for found in result.checks) == 0
        results.append(without_times(result))
    assert results[0] == results[1]


def without_times(result):
    checks = tuple(replace(found, seconds=0) for found in result.checks)
    return replace(result, seconds=0, checks=checks)


@needs_sandbox
def test_a_file_that_does_not_parse_costs_what_is_in_it(tmp_path, work):
    submission = make_submission(tmp_path / "submission")
    (submission / "cs231n" / "optim.py").write_text("def half(:\n")
    result = grade_in_process(submission, tmp_path, work=work, limits=LIMITS, checks=FEW)
    assert kinds(result) == {"affine_forward": "passed", "sgd_momentum": "crashed"}
    assert "cs231n/optim.py, line 1" in texts(result)["sgd_momentum"]


@needs_sandbox
def test_a_submission_may_be_partial_and_hold_more_than_asked_for(tmp_path, work):
    submission = make_submission(
        tmp_path / "submission",
        below={"layers.py": "\ndel affine_backward\n"},
        files={"notes.txt": "mine", "cs231n/own.py": "x = 1"},
    )
    (submission / "cs231n" / "layer_utils.py").unlink()
    names = [*FEW, "affine_backward", "relu_backward"]
    result = grade_in_process(submission, tmp_path, work=work, limits=LIMITS, checks=names)
    assert kinds(result) == {
        "affine_forward": "passed",
        "affine_backward": "not_attempted",
        "relu_backward": "passed",
        "sgd_momentum": "passed",
    }
    assert sorted(result.files) == [path for path in EDITABLE if path != "layer_utils.py"]


@needs_sandbox
def test_partial_credit_comes_from_values_and_side_effects(tmp_path, work):
    submission = make_submission(
        tmp_path / "submission",
        blocks={
            "affine_forward": "x *= 1.5\nx /= 1.5",
            "affine_backward": "w = 2 * w",
        },
    )
    names = ["affine_forward", "affine_backward"]
    result = grade_in_process(submission, tmp_path, work=work, limits=LIMITS, checks=names)
    earned = {found.check: found.earned / found.points for found in result.checks}
    assert earned["affine_forward"] == SIDE_EFFECT_SHARE
    assert 0 < earned["affine_backward"] < 1


@needs_sandbox
def test_a_known_mistake_is_named_on_fresh_inputs(tmp_path, work):
    submission = make_submission(
        tmp_path / "submission", blocks={"relu_forward": "return np.abs(x), x"}
    )
    result = grade_in_process(
        submission, tmp_path, work=work, limits=LIMITS, checks=["relu_forward"]
    )
    (found,) = result.checks
    assert found.kind == "wrong"
    assert found.mistake == "absolute value"
    assert "Negative numbers come out positive." in found.text


@needs_sandbox
def test_what_is_not_handed_in_comes_from_the_handout(tmp_path, work):
    handout = tmp_path / "handout"
    shutil.copytree(REFERENCE, handout / "cs231n")
    (handout / "cs231n" / "optim.py").write_text(
        "def sgd_momentum(w, dw, config=None):\n    raise TypeError('of the handout')\n"
    )
    submission = make_submission(tmp_path / "submission")
    (submission / "cs231n" / "optim.py").unlink()
    result = grade_in_process(
        submission, tmp_path, work=work, limits=LIMITS, checks=FEW, handout=str(handout)
    )
    assert kinds(result) == {"affine_forward": "passed", "sgd_momentum": "crashed"}
    assert "of the handout" in texts(result)["sgd_momentum"]


@needs_sandbox
def test_a_plain_function_grades_as_well(tmp_path, work):
    submission = make_submission(tmp_path / "submission")
    seen = []
    result = coursekit.grade_submission(
        submission,
        course=COURSE,
        seed=SEED,
        work=work,
        limits=LIMITS,
        checks=FEW,
        ended=seen.append,
    )
    assert kinds(result) == dict.fromkeys(FEW, "passed")
    assert tuple(seen) == result.checks


@needs_sandbox
def test_a_daemon_does_not_outlive_its_check(tmp_path, work):
    mark = "31415926"
    daemon = f"""
    import os, subprocess
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.execv("/usr/bin/sleep", ["sleep", "{mark}"])
        os._exit(0)
    """
    submission = make_submission(tmp_path / "submission", blocks={"affine_forward": daemon})
    limits = LIMITS | {"processes": 64}
    result = grade_in_process(submission, tmp_path, work=work, limits=limits, checks=FEW)
    assert kinds(result) == dict.fromkeys(FEW, "passed")
    assert not processes_with(mark)


@needs_sandbox
def test_nothing_lives_on_when_grading_is_killed(tmp_path, work):
    mark = "27182818"
    endless = f"""
    import subprocess
    subprocess.run(["sleep", "{mark}"])
    """
    submission = make_submission(tmp_path / "submission", blocks={"affine_forward": endless})
    job = {"course": str(ROOT), "submission": str(submission), "seed": SEED, "work": work}
    job |= {"limits": {"seconds": 100, "processes": 64}, "result": str(tmp_path / "result.json")}
    (tmp_path / "job.json").write_text(json.dumps(job))
    grading = subprocess.Popen(
        [sys.executable, "-m", "coursekit.grading.unit", str(tmp_path / "job.json")], cwd=ROOT
    )
    try:
        wait_until(lambda: processes_with(mark))
        started = descendants(grading.pid)
        assert set(processes_with(mark)) < set(started)
        grading.send_signal(signal.SIGKILL)
    finally:
        grading.kill()
        grading.wait()
    wait_until(lambda: not living(started))
    result = SubmissionResult.read(tmp_path / "result.json")
    assert result.status == "failed"
    assert result.problems == ("Grading did not finish.",)


def test_without_bubblewrap_grading_stops_and_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(sandbox, "why_not", lambda: "bubblewrap is not installed.")
    submission = make_submission(tmp_path / "submission")
    with pytest.raises(SandboxError, match="bubblewrap is not installed"):
        coursekit.grade_submission(submission, course=COURSE, seed=SEED, work=tmp_path, checks=FEW)


def test_a_folder_without_the_package_is_unreadable(tmp_path):
    (tmp_path / "submission").mkdir()
    (tmp_path / "submission" / "essay.txt").write_text("I tried")
    result = coursekit.grade_submission(
        tmp_path / "submission", course=COURSE, seed=SEED, work=tmp_path
    )
    assert result.status == "unreadable"
    assert result.checks == ()
    assert len(result.problems) == 1


class Key:
    """The reference's answers, without what keeps them."""

    def expected(self, check):
        with imported(COURSE, REFERENCE) as reference:
            return check.run(reference, check.rng(SEED))

    def mistakes(self, check):
        return ()

    def keep_red(self, check, verdict, outcome):
        pass


def sent(data, **changes):
    """Return a cell's outputs with the bytes of an outcome."""
    answer = {"ended": runner.FINISHED, "seconds": 0.1, "sent": b"{}\n" + data}
    return [{"output_type": "display_data", "data": {MIME: answer | changes}}]


def honest():
    return wire.sent(Key().expected(check.affine_forward))


def test_an_honest_answer_is_judged():
    found = judged(check.affine_forward, read_answer(sent(honest())), Key())
    assert (found.kind, found.earned) == ("passed", check.affine_forward.points)


@pytest.mark.parametrize(
    "outputs",
    [
        [],
        None,
        [{"output_type": "stream", "text": "passed"}],
        sent(b"") + sent(b""),
        sent(b"", sent=b""),
        sent(b"", sent=b"3\n"),
        sent(b"", sent=b"[]\n"),
        sent(b"", sent=b"\xff\n"),
        sent(b"", sent=b"[" * 100_000 + b"\n"),
    ],
)
def test_what_is_not_one_answer_is_refused(outputs):
    with pytest.raises(Unreadable):
        read_answer(outputs)


def test_a_time_without_end_is_none():
    assert read_answer(sent(b"", seconds=float("inf"))).seconds == 0
    assert read_answer(sent(b"", seconds=2)).seconds == 2


def test_what_ran_is_proven_to_be_what_was_handed_in():
    handed_in = {"layers.py": "1a", "optim.py": "2b", "classifiers/cnn.py": "3c"}
    seen = {"layers.py": "1a", "optim.py": "other"}
    proof, reasons = unit._proof("cs231n", handed_in, seen)
    assert proof == [
        "cs231n/layers.py: the file handed in is what ran, SHA-256 1a.",
        "cs231n/classifiers/cnn.py: no check imported it.",
        "cs231n/optim.py: what ran is not the file that was handed in.",
    ]
    assert reasons == [Reason(ReasonCode.NOT_WHAT_RAN, proof[2], "cs231n/optim.py")]


EXPECTED = Key().expected(check.affine_forward)


class Trap:
    """An object that runs code where it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("unpickled",)


def told_otherwise(change, body=b""):
    """Return an honest answer whose line says something else, with more bytes at its end."""
    line, _, arrays = honest().partition(b"\n")
    told = json.loads(line)
    change(told)
    return json.dumps(told).encode() + b"\n" + arrays + body


def array_of(kind, shape, size=0):
    """Return an honest answer with one more array: its type, its shape and so many bytes of it."""

    def change(told):
        told["arrays"]["more"] = (kind, shape)

    return told_otherwise(change, bytes(size))


def of_times():
    def change(told):
        name = next(n for n, (kind, _) in told["arrays"].items() if n != "stream" and kind == "<f8")
        told["arrays"][name][0] = "<M8[D]"

    return told_otherwise(change)


DISHONEST = {
    "nothing": b"",
    "a zip": Outcome("affine_forward").to_bytes(),
    "a pickle": pickle.dumps(Trap()),
    "no line": honest().replace(b"\n", b" "),
    "a line without end": b"[" * 2_000_000,
    "a line that is no answer": b"[]\n",
    "nested": b"[" * 990 + b"]" * 990 + b"\n",
    "cut off": honest()[:-40],
    "with more at its end": honest() + b"more",
    "of another check": wire.sent(Key().expected(check.relu_forward)),
    "with a long name": wire.sent(Outcome("affine_forward" + "x" * 100_000)),
    "of times": of_times(),
    "with objects": array_of("|O", [1], 8),
    "of texts without length": array_of("<U0", [150_000_000]),
    "of an unknown type": array_of("<f3", [1], 3),
    "of a type that is none": array_of(8, [1], 8),
    "long in one direction": array_of("<f8", [0, 10**15]),
    "longer than any number": array_of("<f8", [0, 10**400]),
    "far too large": array_of("|i1", [3_000_000], 3_000_000),
    "of less than nothing": array_of("<f8", [-1, -1], 8),
    "of a shape that is none": array_of("<f8", "many", 8),
    "of half a dimension": array_of("<f8", [0.5], 8),
    "of sixty-five dimensions": array_of("<f8", [1] * 65, 8),
    "neither true nor false": told_otherwise(
        lambda told: told["arrays"].update(more=("|b1", [1])), b"\x02"
    ),
    "in many pieces": told_otherwise(
        lambda told: told["arrays"].update({str(n): ("<f8", [0]) for n in range(2000)})
    ),
    "without its arrays": told_otherwise(lambda told: told["arrays"].clear()),
    "without its entries": told_otherwise(lambda told: told["header"].pop("entries")),
}


@pytest.mark.parametrize("outcome", DISHONEST.values(), ids=DISHONEST)
def test_an_answer_made_by_hand_earns_nothing(outcome, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    found = judged(check.affine_forward, read_answer(sent(outcome)), Key())
    assert (found.kind, found.earned) == ("unreadable", 0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("outcome", DISHONEST.values(), ids=DISHONEST)
def test_an_answer_made_by_hand_takes_up_no_memory(outcome):
    tracemalloc.start()
    with contextlib.suppress(ValueError):
        wire.received(outcome, EXPECTED)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 20e6


@pytest.mark.parametrize("one", COURSE.checks, ids=lambda one: one.name)
def test_an_outcome_arrives_as_it_was_sent(one):
    outcome = one.recorded()
    arrived = wire.received(wire.sent(outcome), outcome)
    assert arrived.to_bytes() == outcome.to_bytes()


def test_a_gradient_that_nothing_ties_to_an_entry_does_not_arrive():
    outcome = check.dropout_backward_train.recorded()
    outcome.stated["dx"] = np.ones(3)
    assert wire.received(wire.sent(outcome), outcome).stated == {}


def test_texts_of_a_student_cannot_break_a_result():
    outcome = Key().expected(check.affine_forward)
    outcome.entries.clear()
    outcome.crashes.append(Crash("E" * 10**6, "<script>\0\ud800</script>" * 10**4))
    found = verdicts.judged(
        check.affine_forward, Answer(runner.FINISHED, 0.1, {}, wire.sent(outcome)), Key()
    )
    assert found.kind == "crashed"
    assert len(json.dumps(found.to_json())) < 100_000
    assert "<script>" not in found.html
    assert "\0" not in found.html + found.text + found.headline
    for text in (found.html, found.text, found.headline):
        text.encode("utf-8")


ANSWERS = """
import os, struct, sys
sys.stdin.read()
os.write({writing}, struct.pack("!?Q", False, 3) + b"end"[:{length}])
"""


@pytest.mark.parametrize("length", [3, 2])
def test_an_answer_counts_that_comes_right_before_the_end(length, monkeypatch):
    """A process that sends its answer and ends between two looks at it has not been killed."""
    reading, writing = os.pipe()
    answered, answering = os.pipe()
    command = [sys.executable, "-c", ANSWERS.format(writing=writing, length=length)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, pass_fds=[writing])
    os.close(writing)
    looks = []

    class Poller:
        def __init__(self):
            self.real = select.poll()
            self.register = self.real.register

        def poll(self, wait):
            if looks:
                return self.real.poll(wait)
            looks.append("nothing yet")  # and then all of it at once
            process.stdin.close()
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
            return []

    seen = SimpleNamespace(poll=Poller, POLLIN=select.POLLIN, POLLOUT=select.POLLOUT)
    monkeypatch.setattr(runner, "select", seen)
    settings = {"output": 1 << 20, "memory": 1 << 30, "alone": False, "wall": 60, "talk": 0}
    child = runner.Child(process.pid, reading, answering, {}, settings, grader=answered)
    try:
        if length == 3:
            assert child.receive() == b"end"
        else:
            with pytest.raises(runner.Ended) as ended:
                child.receive()
            assert ended.value.args == (runner.KILLED,)
    finally:
        process.kill()
        process.wait()
        for pipe in (reading, answered, answering):
            os.close(pipe)
    assert looks


def test_limits_are_given_as_a_dictionary_too():
    with pytest.raises(TypeError, match="no_such_limit"):
        coursekit.grade_submission("none", course=COURSE, seed=1, limits={"no_such_limit": 3})
    assert Limits().wall == 3 * Limits().seconds
