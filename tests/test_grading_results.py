"""Results are read back as they were written, and what is damaged is said to be, and where."""

import json
import pickle

import pytest

from coursekit.checks import Kind
from coursekit.grading import (
    Answer,
    CheckResult,
    Grades,
    GradesError,
    Reason,
    ReasonCode,
    Status,
    SubmissionResult,
)
from coursekit.grading.grades import Listed
from coursekit.grading.results import checks_in_lines

CHECK = CheckResult(
    check="relu_forward",
    notebook="FullyConnectedNets",
    points=2.0,
    earned=1.5,
    kind=Kind.WRONG,
    headline="out",
    text="wrong: relu_forward: out\n  é 日 \U0001f642",
    html="<p>wrong</p>",
    mistake="absolute value",
    leans_on=("affine_forward",),
    seconds=0.25,
)
RESULT = SubmissionResult(
    submission="ada",
    student="Ada",
    name="submission Ada.zip",
    time="2026-03-01T12:00:00+00:00",
    key="ab",
    source="cd",
    status=Status.GRADED,
    problems=("It has a link.",),
    checks=(CHECK,),
    answers=(Answer("Dropout", "question-1", "Why?", ""),),
    files={"layers.py": "ef"},
    proof=("It ran.",),
    reasons=(Reason(ReasonCode.TOOL, "It uses os.", "cs231n/layers.py"),),
    seconds=3.5,
)


def changed(*path, to):
    """Return the JSON of RESULT with the value at a path replaced, or taken out for `...`."""
    value = whole = json.loads(json.dumps(RESULT.to_json()))
    for step in path[:-1]:
        value = value[step]
    if to is ...:
        del value[path[-1]]
    else:
        value[path[-1]] = to
    return whole


def test_what_is_written_is_read_back(tmp_path):
    for result in (RESULT, SubmissionResult("bob"), SubmissionResult.unfinished("in/cyd", "Why.")):
        result.write(tmp_path / "result.json")
        assert SubmissionResult.read(tmp_path / "result.json") == result
        assert pickle.loads(pickle.dumps(result)) == result  # a cluster sends it
    whole_numbers = changed("checks", 0, "points", to=2)
    assert SubmissionResult.from_json(whole_numbers) == RESULT
    assert isinstance(SubmissionResult.from_json(whole_numbers).checks[0].points, float)


def test_a_submission_that_was_not_graded_to_its_end_is_one_that_failed():
    result = SubmissionResult.unfinished("in/cyd.zip", "Why.", checks=[CHECK])
    assert (result.submission, result.status, result.problems) == ("cyd.zip", "failed", ("Why.",))
    assert result.checks == (CHECK,)


def test_the_first_line_is_that_of_the_verdict():
    assert CHECK.first_line == "wrong: relu_forward: out"
    not_run = CheckResult("adam", "Optim", 1.0, 0.0, Kind.NOT_RUN)
    assert not_run.first_line == "not run: adam"
    assert not not_run.passed


DAMAGE = [
    (("submission",), ..., "submission is missing"),
    (("submission",), 3, "submission is 3, expected text"),
    (("submission",), None, "submission is None, expected text"),
    (("more",), 3, "more is not known"),
    (("status",), "done", "status is 'done', expected one of graded, unreadable, failed, superse"),
    (("status",), [], r"status is \[\], expected one of"),
    (("problems",), "It has a link.", "problems is 'It has a link.', expected a list"),
    (("problems",), ["a", 3], r"problems\[1\] is 3, expected text"),
    (("checks",), {}, r"checks is \{\}, expected a list"),
    (("checks", 0), [], r"checks\[0\] is \[\], expected an object"),
    (("checks", 0, "kind"), "good", r"checks\[0\]\.kind is 'good', expected one of passed"),
    (("checks", 0, "kind"), ..., r"checks\[0\]\.kind is missing"),
    (("checks", 0, "earned"), "2", r"checks\[0\]\.earned is '2', expected a number"),
    (("checks", 0, "earned"), True, r"checks\[0\]\.earned is True, expected a number"),
    (("checks", 0, "earned"), 3, r"checks\[0\]: earned is 3\.0, expected 0 to 2\.0"),
    (("checks", 0, "earned"), -1, r"checks\[0\]: earned is -1\.0, expected 0 to 2\.0"),
    (("checks", 0, "earned"), float("nan"), r"checks\[0\]\.earned is nan, expected a number"),
    (("checks", 0, "points"), float("inf"), r"checks\[0\]\.points is inf, expected a number"),
    (("checks", 0, "points"), 10**400, r"checks\[0\]\.points is 1000.* \.\.\., expected a number"),
    (("checks", 0, "leans_on"), None, r"checks\[0\]\.leans_on is None, expected a list"),
    (("checks",), 2 * [CHECK.to_json()], "there are two results of relu_forward, expected one"),
    (("answers", 0, "answer"), 3, r"answers\[0\]\.answer is 3, expected text"),
    (("files",), [], r"files is \[\], expected an object"),
    (("files", "layers.py"), 3, r"files\['layers\.py'\] is 3, expected text"),
    (("reasons", 0, "code"), "It is odd.", r"reasons\[0\]\.code is 'It is odd\.', expected one of"),
    (("reasons", 0, "sentence"), ..., r"reasons\[0\]\.sentence is missing"),
    (("seconds",), "long", "seconds is 'long', expected a number"),
]


@pytest.mark.parametrize(("path", "to", "says"), DAMAGE)
def test_damage_is_told_with_its_place(path, to, says, tmp_path):
    damaged = changed(*path, to=to)
    with pytest.raises(GradesError, match=f"^{says}"):
        SubmissionResult.from_json(damaged)
    file = tmp_path / "result.json"
    file.write_text(json.dumps(damaged))
    with pytest.raises(GradesError, match=rf"result\.json is damaged: {says}"):
        SubmissionResult.read(file)


@pytest.mark.parametrize("text", ["", "{", "[]", "3", "null", '"text"', "[" * 10**5, "\0", "é{"])
def test_a_file_of_anything_else_is_named(text, tmp_path):
    file = tmp_path / "result.json"
    file.write_text(text)
    with pytest.raises(GradesError, match=r"result\.json is damaged: ."):
        SubmissionResult.read(file)
    file.write_bytes(b"\xff" + text.encode())
    with pytest.raises(GradesError, match=r"result\.json is damaged: ."):
        SubmissionResult.read(file)
    with pytest.raises(FileNotFoundError):
        SubmissionResult.read(tmp_path / "none.json")


def test_any_part_of_a_file_that_is_cut_off_is_damaged(tmp_path):
    file = tmp_path / "result.json"
    RESULT.write(file)
    whole = file.read_bytes().rstrip()
    for length in range(0, len(whole), 7):
        file.write_bytes(whole[:length])
        with pytest.raises(GradesError, match="is damaged"):
            SubmissionResult.read(file)


def test_checks_of_a_unit_that_died_are_read_as_far_as_they_go(tmp_path):
    file = tmp_path / "lines"
    assert checks_in_lines(file) == ()
    line = json.dumps(CHECK.to_json())
    file.write_text(f"{line}\n{line}\n")
    assert checks_in_lines(file) == (CHECK, CHECK)
    for rest in (line[:20], "[]", "null", '{"check": 3}', "[" * 10**5):
        file.write_text(f"{line}\n{rest}\n{line}\n")
        assert checks_in_lines(file) == (CHECK,)


def test_lists_and_settings_of_grades_are_read_as_strictly(tmp_path):
    grades = Grades(tmp_path)
    with pytest.raises(GradesError, match="nothing was graded into"):
        grades.listed()
    for text, says in (
        ("{}", "it holds no list"),
        ('[{"submission": 3}]', "late is missing"),
        ("[3]", "it is 3, expected an object"),
        ("[", "Expecting value"),
    ):
        (tmp_path / "submissions.json").write_text(text)
        with pytest.raises(GradesError, match=rf"submissions\.json is damaged: {says}"):
            grades.listed()
    for text, says in (('{"seed": "5"}', "seed is '5', expected a whole number"), ("[]", "it is")):
        (tmp_path / "grading.json").write_text(text)
        with pytest.raises(GradesError, match=rf"grading\.json is damaged: {says}"):
            grades.seed()


def test_merging_names_a_file_that_is_damaged(tmp_path):
    part = Grades(tmp_path / "part")
    part.seed(5)
    Listed.write_all(part.folder / "submissions.json", [Listed("ada", "Ada", "ada.zip", "", "")])
    part.keep("ada", "source", RESULT)
    path = part.place("ada") / "result.json"
    path.write_text(path.read_text().replace('"wrong"', '"right"'))
    with pytest.raises(GradesError, match=r"ada/result\.json is damaged: checks\[0\]\.kind"):
        Grades(tmp_path / "whole").take_over([part.folder])
    assert part.result("bob") is None
    assert not part.is_done("ada", "source")  # so it is graded again
