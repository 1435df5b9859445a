"""What comes out of grading: tables, pages and Gradescope's files, from results of all kinds."""

import csv
import io
import json
import re
from html.parser import HTMLParser

import pytest
from this_course import COURSE, check

from coursekit.checks.outcome import VALUE
from coursekit.checks.verdict import Kind, Part, Verdict
from coursekit.grading.answers import answers_of
from coursekit.grading.grades import Grades
from coursekit.grading.reports import class_statistics, report
from coursekit.grading.reports.answers_page import answers_page
from coursekit.grading.reports.class_page import class_page, histogram
from coursekit.grading.reports.feedback import feedback_page
from coursekit.grading.reports.gradescope_results import did_not_finish, gradescope_results
from coursekit.grading.reports.page import bar, page
from coursekit.grading.reports.scores import scored
from coursekit.grading.unit import empty_result
from coursekit.grading.verdicts import not_judged
from coursekit.notebooks import QUESTION

NAMES = [one.name for one in check]
HARM = "<script>alert(1)</script>\"'&</div></details><img src=x onerror=alert(1)>"


def verdict_of(name, kind=Kind.PASSED, right=1, of=1, sentences=()):
    parts = tuple(Part(f"part{n}", VALUE, n < right, "" if n < right else "off") for n in range(of))
    return Verdict(name, kind, parts, check[name].points, sentences=tuple(sentences))


def entry_of(verdict, mistake="", seconds=0.1):
    return not_judged(check[verdict.check], verdict.kind, "") | {
        "earned": float(verdict.earned),
        "first_line": verdict.first_line,
        "text": str(verdict),
        "html": verdict._repr_html_(),
        "mistake": mistake,
        "seconds": seconds,
    }


def result_of(student, *entries, **more):
    """Return a result of which all checks pass, but for those that are given."""
    given = {entry["check"]: entry for entry in entries}
    checks = [given.get(name) or entry_of(verdict_of(name)) for name in NAMES]
    known = {"submission": student, "student": student, "name": student, "time": "2026-03-01"}
    return empty_result(student) | known | {"status": "graded", "checks": checks} | more


def answer(text, question="question-1"):
    return {"notebook": "Dropout", "question": question, "prompt": "Why?", "answer": text}


def a_class():
    wrong = entry_of(
        verdict_of("affine_backward", Kind.WRONG, 1, 2, ["Look at dw."]), "dw not transposed"
    )
    crashed = entry_of(verdict_of("dropout_forward_train", Kind.CRASHED, 0, 1, ["IndexError: 3"]))
    unknown = entry_of(verdict_of("relu_forward", Kind.WRONG, 0, 1), seconds=7.5)
    killed = not_judged(check.relu_backward, Kind.KILLED, "It ended in the middle.")
    return [
        scored(COURSE, result)
        for result in (
            result_of("ada", answers=[answer("Because of p.")], files={"layers.py": "ab" * 32}),
            result_of("bob", wrong, crashed, answers=[answer("")]),
            result_of("cyd", wrong, unknown, killed, needs_person=["The check is killed."]),
            result_of(HARM, wrong, answers=[answer(HARM)], problems=[HARM], needs_person=[HARM]),
            result_of("eve", status="unreadable", checks=[], problems=["It is no zip."]),
            result_of("fay", status="failed", checks=[wrong], problems=["It died."]),
            result_of("old", status="superseded", checks=[], problems=["A later one counts."]),
        )
    ]


VOID = {"meta", "br", "img", "hr", "link", "input", "rect", "line"}


class WellFormed(HTMLParser):
    """Fails on tags that do not match, on scripts, and on what is fetched from elsewhere."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.text = ""

    def handle_starttag(self, tag, attributes):
        assert tag not in ("script", "iframe", "object", "link", "img")
        for name, value in attributes:
            assert not name.startswith("on"), (tag, name)
            if name in ("src", "href", "action"):
                assert re.fullmatch(r"submissions/[\w.<>-]+/feedback\.html", value) or HARM in value
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        if tag in VOID:
            return
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def read_page(html):
    """Return the text of a page, which has to be well formed and harmless."""
    parser = WellFormed()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    assert "default-src 'none'" in html
    assert "prefers-color-scheme: dark" in html
    return parser.text


def test_this_test_notices_pages_that_are_not_well_formed():
    for body in ("<p>", "</p>", "<script></script>", "<p onclick='x'></p>", "<img src='http://x'>"):
        with pytest.raises(AssertionError):
            read_page(page("title", body))
    assert "a < b" in read_page(page("a < b"))


def test_feedback_says_for_each_check_what_is_wrong():
    scores = {score.id: score for score in a_class()}
    text = read_page(feedback_page(scores["bob"]))
    assert "Look at dw." in text
    assert "✗ affine_backward" in text
    assert "✓ relu_forward" in text
    assert f"{scores['bob'].earned:g} of {COURSE.points} points" in text
    lost = check.affine_backward.points / 2 + check.dropout_forward_train.points
    assert scores["bob"].earned == COURSE.points - lost
    assert "Nothing written." in text
    names = check.notebooks()
    assert all(f">{name}</td>" in feedback_page(scores["bob"]) for name in names)
    passed = len(check.of_notebook("Dropout")) - 1
    assert f"{passed} of {passed + 1}" in text


@pytest.mark.parametrize("number", range(7))
def test_feedback_is_a_harmless_page_for_every_kind_of_result(number):
    score = a_class()[number]
    text = read_page(feedback_page(score))
    for problem in score.result["problems"]:
        assert problem in text


def test_checks_that_never_ran_count_as_not_run():
    score = {score.id: score for score in a_class()}["fay"]
    assert len(score.entries) == len(check)
    assert score.possible == COURSE.points
    assert score.earned == check.affine_backward.points / 2
    assert {one["kind"] for one in score.entries} == {"wrong", "not_run"}
    assert score.reasons == ["Grading did not come to its end."]


def test_checks_that_ended_alike_are_one_reason():
    ends = [f"The check {name} is killed." for name in NAMES]
    score = scored(COURSE, result_of("gus", needs_person=["It uses os.", *ends]))
    said = f"Killed: {', '.join(NAMES[:4])} and {len(NAMES) - 4} more."
    assert score.reasons == ["It uses os.", said]


def test_the_class_page_shows_the_class():
    text = read_page(class_page(COURSE, a_class(), ["gus"], seed=5))
    assert "6 submissions, on average" in text
    assert "Not graded yet: 1 submissions (gus)." in text
    assert "For a person to look at: 4" in text
    assert "dw not transposed" in text
    assert "seed 5" in text
    assert HARM in text
    assert "7.50 s" in text
    read_page(class_page(COURSE, [], []))


def test_mistakes_are_counted_by_student_and_once_for_each():
    first = class_statistics.mistakes(a_class())[0]
    assert (first.check, first.name, first.known) == ("affine_backward", "dw not transposed", True)
    assert first.students == ("bob", "cyd", HARM, "fay")
    twice = result_of(
        "gus",
        entry_of(verdict_of("affine_forward", Kind.WRONG, 0), "no bias"),
        entry_of(verdict_of("TwoLayerNet_scores", Kind.WRONG, 0), "no bias"),
    )
    (only,) = class_statistics.mistakes([scored(COURSE, twice)])
    assert (only.check, only.students) == ("affine_forward", ("gus",))


def test_a_bar_is_split_by_its_numbers():
    html = bar([(3, "red"), (0, "grey"), (1, "blue")], "three and one", width=100)
    assert re.findall(r'x="([\d.]+)" y="0" width="([\d.]+)".*?fill="(\w+)"', html) == [
        ("0.0", "75.0", "red"),
        ("75.0", "25.0", "blue"),
    ]
    assert "<rect" not in bar([(0, "red")], "nothing")


def test_every_submission_is_in_one_bin():
    scores = a_class()[:6]
    found = class_statistics.bins(scores)
    assert [start for start, *_ in found] == list(range(0, COURSE.points, 10))
    assert sum(count for *_, count in found) == 6
    assert found[-1] == (COURSE.points - 10, COURSE.points, 4)
    assert found[0][2] == 2
    assert f"{COURSE.points - 10} to {COURSE.points} points: 4" in histogram(found)


def test_pass_rates_add_up():
    counted = class_statistics.by_check(COURSE, a_class()[:6])
    found = next(counts for counts in counted if counts.name == "affine_backward")
    assert found.kinds == {"passed": 1, "partly": 4, "other": 1}
    counted = class_statistics.by_check(COURSE, a_class())
    slow = next(counts for counts in counted if counts.name == "relu_forward")
    assert (slow.longest_seconds, slow.longest) == (7.5, "cyd")
    assert slow.median_seconds == 0.1


def test_answers_are_read_from_what_was_handed_in(tmp_path):
    (tmp_path / "notebooks").mkdir()
    cells = [
        {"cell_type": "markdown", "id": "q", "metadata": {"tags": [QUESTION]}, "source": "Why?"},
        {"cell_type": "markdown", "id": "answer-q", "metadata": {}, "source": "So \ud800. " * 9999},
    ]
    notebook = {"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (tmp_path / "notebooks" / "Dropout.ipynb").write_text(json.dumps(notebook))
    (tmp_path / "notebooks" / "Broken.ipynb").write_text("{")
    (found,) = answers_of(tmp_path)
    assert found["answer"].startswith("So ?. So ?. ")
    assert len(found.pop("answer")) == 20_000
    assert found == {"notebook": "Dropout", "question": "question-1", "prompt": "Why?"}


def test_answers_stand_side_by_side_below_the_question_of_the_course():
    text = read_page(answers_page(COURSE, a_class()))
    assert "Because of p." in text
    assert HARM in text
    assert "Nothing written: bob." in text
    assert "Why?" not in text  # what the student's notebook says the question is
    assert "What would happen" in text
    assert "What the reference says" in text
    assert "In training the next layer would get p times its input" in text
    odd = result_of("gus", answers=[answer("Yes.", "question-9")])
    assert "Why?" in read_page(answers_page(COURSE, [scored(COURSE, odd)]))


def test_grades_as_a_table():
    rows = list(csv.DictReader(io.StringIO(report.as_csv(COURSE, a_class()))))
    by_name = {row["submission"]: row for row in rows}
    assert by_name["ada"]["points"] == f"{COURSE.points:.1f}"
    assert by_name["bob"]["affine_backward"] == f"{check.affine_backward.points / 2}"
    assert by_name["old"]["points"] == ""
    assert by_name["old"]["status"] == "superseded"
    total = sum(float(by_name["bob"][name]) for name in check.notebooks())
    assert total == float(by_name["bob"]["points"])
    assert by_name["eve"]["problems"] == "It is no zip."


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "a\nb\r"])
def test_no_spreadsheet_takes_a_name_for_a_formula(name):
    text = report.as_csv(COURSE, [scored(COURSE, result_of(name))])
    (row,) = list(csv.DictReader(io.StringIO(text)))
    assert not row["student"].startswith(("=", "+", "-", "@"))
    assert len(text.splitlines()) == 2


def test_gradescope_gets_what_it_reads():
    for score in a_class():
        found = gradescope_results(score, {"seed": 5})
        json.dumps(found).encode()
        assert "score" not in found
        assert found["visibility"] == "visible"
        assert len({test["number"] for test in found["tests"]}) == len(check)
        assert sum(test["score"] for test in found["tests"]) == pytest.approx(score.earned)
        assert found["extra_data"]["seed"] == 5
        for test in found["tests"]:
            assert test["status"] == ("passed" if test["score"] == test["max_score"] else "failed")
            assert test["output_format"] in ("text", "html")
            assert len(test["output"].encode()) <= 100_000
            assert "<script" not in test["output"]
    assert "score" not in did_not_finish()


def test_output_that_is_too_long_for_gradescope_is_cut():
    long = entry_of(verdict_of("affine_forward", Kind.WRONG, 0, 1)) | {
        "text": "é" * 10**5,
        "html": "",
    }
    test = gradescope_results(scored(COURSE, result_of("ada", long)))["tests"][0]
    assert test["output_format"] == "text"
    assert 99_000 < len(test["output"].encode()) <= 100_000


def test_all_reports_are_written_for_all_results(tmp_path):
    grades = Grades(tmp_path)
    grades.seed(5)
    listed = []
    for number, score in enumerate(a_class()):
        name = f"s{number}"
        later = "s0" if score.status == "superseded" else ""
        listed.append({"submission": name, "student": score.student, "name": name, "time": "",
                       "superseded_by": later})  # fmt: skip
        if not later:
            grades.keep(name, "source", score.result)
    (tmp_path / "submissions.json").write_text(json.dumps(listed))
    said = report.write(COURSE, grades)
    assert said.startswith("7 submissions are in")
    assert "4 of them are for a person to look at." in said
    for number in range(6):
        place = tmp_path / "submissions" / f"s{number}"
        read_page((place / "feedback.html").read_text())
        assert json.loads((place / "results.json").read_text())["tests"]
    assert not (tmp_path / "submissions" / "s6").exists()
    rows = list(csv.DictReader((tmp_path / "grades.csv").read_text().splitlines()))
    assert [row["status"] for row in rows] == [score.status for score in a_class()]
