"""What comes out of grading: tables, pages and Gradescope's files, from results of all kinds."""

import csv
import dataclasses
import io
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest
from this_course import COURSE, check

from coursekit.checks.outcome import VALUE
from coursekit.checks.verdict import Kind, Part, Verdict
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
from coursekit.grading.answers import answers_of
from coursekit.grading.grades import Listed
from coursekit.grading.reports import report, scores
from coursekit.grading.reports.exports import as_csv, did_not_finish, gradescope_results
from coursekit.grading.reports.pages import Pages, histogram, shares
from coursekit.grading.reports.scores import scored
from coursekit.grading.reports.text import printable
from coursekit.grading.unit import odd_ends
from coursekit.grading.verdicts import check_result, not_judged
from coursekit.notebooks import QUESTION

NAMES = [asked.name for asked in check]
HARM = "<script>alert(1)</script>\"'&</div></details><img src=x onerror=alert(1)>"
# Turns what follows around, rings the bell, moves the cursor, and ends the text.
NO_TEXT = "\u202e\x07\x1b[2J\x85\u2066\0\ud800"
PAGES = Pages(COURSE)


def verdict_of(name, kind=Kind.PASSED, right=1, of=1, sentences=(), **more):
    parts = tuple(Part(f"part{n}", VALUE, n < right, "" if n < right else "off") for n in range(of))
    points = check[name].points
    return Verdict(name, kind, parts, points, sentences=tuple(sentences), **more)


def checked(verdict, seconds=0.1):
    return check_result(check[verdict.check], verdict, seconds)


def result_of(student, *results, **more):
    """Return a result of which all checks pass, but for those that are given."""
    given = {found.check: found for found in results}
    checks = tuple(given.get(name) or checked(verdict_of(name)) for name in NAMES)
    known = {"student": student, "name": student, "time": "2026-03-01"}
    return SubmissionResult(student, **known | {"status": Status.GRADED, "checks": checks} | more)


def answer(text, question="question-1"):
    return Answer("Dropout", question, "Why?", text)


def a_class():
    """Return the Scores of a class, one of each kind."""
    named = "dw not transposed"
    wrong = checked(verdict_of("affine_backward", Kind.WRONG, 1, 2, ["Look at dw."], mistake=named))
    crashed = checked(verdict_of("dropout_forward_train", Kind.CRASHED, 0, 1, ["IndexError: 3"]))
    unknown = checked(verdict_of("relu_forward", Kind.WRONG, 0, 1, headline="out"), seconds=7.5)
    killed = not_judged(check.relu_backward, Kind.KILLED, "It ended in the middle.")
    tool = Reason(ReasonCode.TOOL, HARM, HARM)
    return [
        scored(COURSE, result)
        for result in (
            result_of("ada", answers=(answer("Because of p."),), files={"layers.py": "ab" * 32}),
            result_of("bob", wrong, crashed, answers=(answer(""),)),
            result_of("cyd", wrong, unknown, killed, reasons=tuple(odd_ends([killed]))),
            result_of(HARM, wrong, answers=(answer(HARM),), problems=(HARM,), reasons=(tool,)),
            result_of("eve", status=Status.UNREADABLE, checks=(), problems=("It is no zip.",)),
            result_of("fay", status=Status.FAILED, checks=(wrong,), problems=("It died.",)),
            result_of(
                "old", status=Status.SUPERSEDED, checks=(), problems=("A later one counts.",)
            ),
        )
    ]


def by_student():
    return {score.id: score for score in a_class()}


VOID = {"meta", "br", "img", "hr", "link", "input", "rect", "line"}


class WellFormed(HTMLParser):
    """Fails on tags that do not match, on scripts, and on what is fetched from elsewhere."""

    def __init__(self):
        super().__init__()
        self.open = []
        self.text = ""
        self.isolated = []  # what stands in a <bdi>

    def handle_starttag(self, tag, attributes):
        assert tag not in ("script", "iframe", "object", "link", "img")
        for name, value in attributes:
            assert not name.startswith("on"), (tag, name)
            if name in ("src", "href", "action"):
                assert re.fullmatch(r"submissions/[\w.%/-]+/feedback\.html", value)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "bdi":
            self.isolated.append("")

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data
        if "bdi" in self.open:
            self.isolated[-1] += data


def parsed(html):
    """Return what WellFormed knows of a page, which has to be well formed and harmless."""
    parser = WellFormed()
    parser.feed(html)
    parser.close()
    assert parser.open == []
    assert "default-src 'none'" in html
    assert "prefers-color-scheme: dark" in html
    assert printable(html) == html
    return parser


def read_page(html):
    """Return the text of a page, which has to be well formed and harmless."""
    return parsed(html).text


def test_this_test_notices_pages_that_are_not_well_formed():
    page = PAGES.answers([])
    assert "Nobody has answered anything." in read_page(page)
    harmful = ["<p>", "</p>", "<script></script>", "<p onclick='x'></p>", "<img src='http://x'>"]
    for body in [*harmful, "<a href='//x'></a>", "\u202e", "\0"]:
        with pytest.raises(AssertionError):
            read_page(page.replace("</main>", f"{body}</main>"))


def test_feedback_says_for_each_check_what_is_wrong():
    bob = by_student()["bob"]
    page = PAGES.feedback(bob)
    text = read_page(page)
    assert COURSE.title in text
    assert "Look at dw." in text
    assert "✗ affine_backward" in text
    assert "✓ relu_forward" in text
    assert f"{bob.earned:g} of {COURSE.points} points" in text
    lost = check.affine_backward.points / 2 + check.dropout_forward_train.points
    assert bob.earned == COURSE.points - lost
    assert "Nothing written." in text
    assert all(f">{name}</td>" in page for name in check.notebooks())
    passed = len(check.of_notebook("Dropout")) - 1
    assert f"{passed} of {passed + 1}" in text


def test_feedback_opens_what_there_is_something_to_read_of():
    page = PAGES.feedback(by_student()["cyd"])
    opened = re.findall(r"<details open><summary><b>. (\w+)</b>", page)
    assert sorted(opened) == ["affine_backward", "relu_backward", "relu_forward"]
    empty = replace(by_student()["ada"].result, checks=(checked(verdict_of(
        "relu_forward", Kind.NOT_ATTEMPTED, 0)),), files={})  # fmt: skip
    assert "<details open>" not in PAGES.feedback(scored(COURSE, empty))


def test_feedback_names_what_a_check_leans_on():
    wrong = checked(verdict_of("TwoLayerNet_scores", Kind.WRONG, 0))
    leaning = replace(wrong, leans_on=("affine_forward", "relu_forward"))
    text = read_page(PAGES.feedback(scored(COURSE, result_of("ada", leaning))))
    assert "It builds on what is not right yet: affine_forward, relu_forward." in text


@pytest.mark.parametrize("number", range(7))
def test_feedback_is_a_harmless_page_for_every_kind_of_result(number):
    score = a_class()[number]
    text = read_page(PAGES.feedback(score))
    for problem in score.result.problems:
        assert problem in text


def test_checks_that_never_ran_count_as_not_run():
    score = by_student()["fay"]
    assert len(score.checks) == len(check)
    assert score.possible == COURSE.points
    assert score.earned == check.affine_backward.points / 2
    assert {found.kind for found in score.checks} == {"wrong", "not_run"}
    assert [reason.code for reason in score.reasons] == [ReasonCode.NOT_FINISHED]
    assert score.reasons_told == ["Grading did not come to its end."]


def test_checks_that_ended_alike_are_one_reason():
    ends = odd_ends(not_judged(asked, Kind.KILLED, "") for asked in check)
    tool = Reason(ReasonCode.TOOL, "It uses os.", "cs231n/layers.py")
    score = scored(COURSE, result_of("gus", reasons=(tool, *ends)))
    said = f"Killed: {', '.join(NAMES[:4])} and {len(NAMES) - 4} more."
    assert score.reasons_told == ["It uses os.", said]


def test_every_odd_kind_has_a_reason_of_its_own():
    ended = [not_judged(asked, kind, "") for asked, kind in zip(check, Kind, strict=False)]
    reasons = {reason.code: reason.about for reason in odd_ends(ended)}
    expected = {"check_unreadable", "check_killed", "check_not_comparable", "check_not_run"}
    assert reasons.keys() == expected
    kinds = {found.check: found.kind for found in ended}
    assert all(code == f"check_{kinds[name]}" for code, name in reasons.items())
    assert all(code.words for code in ReasonCode)


def test_the_class_page_shows_the_class():
    page = PAGES.class_page(a_class(), ["gus"], seed=5)
    text = read_page(page)
    assert "6 submissions, on average" in text
    assert "Not graded yet: 1 submission (gus)." in text
    assert "For a person to look at: 4" in text
    assert f"1 submission: {ReasonCode.CHECK_KILLED.words}" in text
    assert "Killed: relu_backward." in text
    assert "dw not transposed" in text
    assert "wrong: out" in text
    assert "seed 5" in text
    assert HARM in text
    assert "7.50 s" in text
    assert "No submission was graded yet." in read_page(PAGES.class_page([], []))


def test_reasons_are_counted_by_submission():
    tools = [Reason(ReasonCode.TOOL, f"uses {word}", "cs231n/layers.py") for word in ("os", "sys")]
    ran = Reason(ReasonCode.NOT_WHAT_RAN, "what ran is another file", "cs231n/optim.py")
    found = [scored(COURSE, result_of("ada", reasons=(*tools, ran)))]
    found += [scored(COURSE, result_of("bob", reasons=(tools[0],)))]
    assert scores.counts_of_reasons(found) == [(ReasonCode.TOOL, 2), (ReasonCode.NOT_WHAT_RAN, 1)]


def test_mistakes_are_counted_by_student_and_once_for_each():
    first = scores.common_mistakes(a_class())[0]
    assert (first.check, first.name, first.known) == ("affine_backward", "dw not transposed", True)
    assert first.students == ("bob", "cyd", HARM, "fay")
    twice = result_of(
        "gus",
        checked(verdict_of("affine_forward", Kind.WRONG, 0, mistake="no bias")),
        checked(verdict_of("TwoLayerNet_scores", Kind.WRONG, 0, mistake="no bias")),
    )
    (only,) = scores.common_mistakes([scored(COURSE, twice)])
    assert (only.check, only.students) == ("affine_forward", ("gus",))


def test_mistakes_without_a_name_go_by_their_headline():
    names = [("ada", "out", "affine_forward"), ("bob", "out", "relu_forward"),
             ("cyd", "IndexError", "affine_forward"), ("dan", "", "affine_forward")]  # fmt: skip
    found = [
        scored(COURSE, result_of(who, checked(verdict_of(name, Kind.WRONG, 0, headline=line))))
        for who, line, name in names
    ]
    mistakes = {(common.check, common.name) for common in scores.common_mistakes(found)}
    assert mistakes == {
        ("affine_forward", "wrong: out"),
        ("relu_forward", "wrong: out"),
        ("affine_forward", "wrong: IndexError"),
        ("affine_forward", "wrong"),
    }


def test_a_bar_is_split_by_its_numbers():
    found = shares({"crashed": 1, "wrong": 0, "passed": 3}, 100)
    assert found == [("passed", 0.0, 75.0), ("crashed", 75.0, 25.0)]
    assert shares({"passed": 0}) == []


def test_every_submission_is_in_one_bin():
    counted = a_class()[:6]
    found = scores.bins(counted)
    assert [start for start, *_ in found] == list(range(0, COURSE.points, 10))
    assert sum(count for *_, count in found) == 6
    assert found[-1] == (COURSE.points - 10, COURSE.points, 4)
    assert found[0][2] == 2
    assert max(column["height"] for column in histogram(found)) == 1
    page = PAGES.class_page(counted)
    assert f"{COURSE.points - 10} to {COURSE.points} points: 4" in page


def test_pass_rates_add_up():
    found = {of.check: of for of in scores.by_check(a_class()[:6])}
    assert found["affine_backward"].ends == {"passed": 1, "partly": 4, "other": 1}
    slow = {of.check: of for of in scores.by_check(a_class())}["relu_forward"]
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
    (found,), problems = answers_of(tmp_path)
    assert problems == []
    assert found.answer.startswith("So ?. So ?. ")
    assert len(found.answer) == 20_000
    assert replace(found, answer="") == Answer("Dropout", "question-1", "Why?", "")


def test_answers_stand_side_by_side_below_the_question_of_the_course():
    text = read_page(PAGES.answers(a_class()))
    assert "Because of p." in text
    assert HARM in text
    assert "Nothing written: bob." in text
    assert "Why?" not in text  # what the student's notebook says the question is
    assert "What would happen" in text
    assert "What the reference says" in text
    assert "In training the next layer would get p times its input" in text
    odd = result_of("gus", answers=(answer("Yes.", "question-9"),))
    assert "Why?" in read_page(PAGES.answers([scored(COURSE, odd)]))


# What students choose


def with_text(kind, text):
    """Return a dataclass of results in which every text says `text`, however it is nested."""
    filled = {}
    for field in dataclasses.fields(kind):
        if field.type is str:
            filled[field.name] = text
        elif field.type == tuple[str, ...]:
            filled[field.name] = (text,)
        elif field.type == dict[str, str]:
            filled[field.name] = {text: text}
        elif field.type is float:
            filled[field.name] = 1.0
    return filled


def all_texts(text, status=Status.GRADED):
    """Return a Score whose result has a text in every place that has one, but for a check's HTML.

    That is the engine's own: here of a verdict that has the text everywhere.
    """
    parts = (Part(f"{text}: {text}", VALUE, False, text, text),)
    results = []
    for asked in check:
        verdict = Verdict(
            asked.name, Kind.WRONG, parts, asked.points, {}, text, (text,), (), (text,)
        )
        own = {"check": asked.name, "notebook": asked.notebook, "points": float(asked.points)}
        own |= {"html": checked(verdict).html, "earned": 0.0}
        results.append(CheckResult(kind=Kind.WRONG, **with_text(CheckResult, text) | own))
    no_html = replace(results[0], html="")
    result = SubmissionResult(
        **with_text(SubmissionResult, text)
        | {
            "checks": (no_html, *results[1:]),
            "status": status,
            "answers": (Answer(**with_text(Answer, text)), Answer(text, text, text, "")),
            "reasons": tuple(Reason(code, text, text) for code in ReasonCode),
        }
    )
    return scored(COURSE, result)


@pytest.mark.parametrize("status", Status)
def test_markup_gets_through_nowhere(status):
    """Every text of a result, names of files and students and first lines too, holds markup."""
    for text in (
        HARM,
        f"{NO_TEXT}{HARM}{NO_TEXT}",
        "{{ 7 * 7 }}{% raw %}<b>",
        "--><!--<script>",
        "**<b onclick='x'>**</b>",
        "javascript:alert(1)",
        "</style><script>",
        "&lt;script&gt;",
    ):
        score = all_texts(text, status)
        pages = [
            PAGES.feedback(score),
            PAGES.class_page([score, score], [text], seed=5),
            PAGES.answers([score]),
        ]
        for page in pages:
            said = read_page(page)
            assert printable(text) in said
            assert "<script" not in page
            assert "onclick='x'" not in page


def test_all_texts_have_a_text_everywhere():
    """Without this the test above could be blind to a field that is new."""
    score = all_texts("mark")
    result = score.result
    known = ("check", "notebook", "kind", "code", "status")  # not for students to choose
    for stored in (result, score.checks[1], result.reasons[0], result.answers[0]):
        for name, value in vars(stored).items():
            if isinstance(value, str | tuple | dict) and name not in known:
                assert "mark" in str(value), name


def test_names_stand_apart_and_turn_nothing_around():
    name = "\u05d0\u05d3\u05d4 \u202eada"
    score = scored(COURSE, result_of(name, answers=(answer("So."), answer("", "question-2"))))
    shown = printable(name)
    assert shown == name.replace("\u202e", "\ufffd")
    for page in (PAGES.feedback(score), PAGES.class_page([score], [name]), PAGES.answers([score])):
        found = parsed(page)
        assert shown in found.isolated
        outside = found.text.count(shown) - sum(text.count(shown) for text in found.isolated)
        assert outside == page.count("<title>" + shown)  # a title can hold no tags


@pytest.mark.parametrize("letter", ["é", "日", "\u200d", "\u200f", "🙂", "\t", "\n", "\u0301"])
def test_letters_of_all_scripts_stay(letter):
    assert printable(f"a{letter}b") == f"a{letter}b"


@pytest.mark.parametrize("letter", sorted(set(NO_TEXT) - set("[2J")))
def test_what_is_no_text_is_marked(letter):
    assert printable(f"a{letter}b") == "a\ufffdb"


# Templates of a course's own


@pytest.fixture
def own_course(tmp_path):
    """The course with another folder: function that writes a template of its own into it."""
    (tmp_path / "course" / "templates").mkdir(parents=True)

    def add(name, text):
        (tmp_path / "course" / "templates" / name).write_text(text)
        course = replace(COURSE, folder=tmp_path)
        vars(course)["checks"] = check  # which lie where they were
        return course

    return add


def test_a_course_may_have_a_template_that_changes_a_part(own_course):
    own = (
        '{% extends "coursekit/feedback.html" %}\n'
        "{% block footer %}<p>Questions? {{ score.student }}, come on Tuesday.</p>{% endblock %}\n"
    )
    course = own_course("feedback.html", own)
    score = by_student()[HARM]
    text = read_page(Pages(course).feedback(score))
    assert f"Questions? {HARM}, come on Tuesday." in text
    assert "✗ affine_backward" in text
    assert "Questions?" not in read_page(Pages(course).class_page([score]))


def test_a_course_may_have_a_style_of_its_own(own_course):
    own = '{% include "coursekit/style.html" %}\nh1 { color: teal; }\n'
    page = Pages(own_course("style.html", own)).feedback(by_student()["ada"])
    assert "h1 { color: teal; }" in page
    read_page(page)


def test_a_name_that_a_template_spells_wrong_is_an_error_that_says_where(own_course, tmp_path):
    course = own_course("answers.html", "<p>\n{{ qestions }}</p>")
    path = tmp_path / "course" / "templates" / "answers.html"
    with pytest.raises(GradesError, match=rf"{re.escape(str(path))}, line 2: 'qestions' is undef"):
        Pages(course).answers([])
    course = own_course("answers.html", "{% if %}")
    with pytest.raises(GradesError, match=r"answers\.html, line 1: "):
        Pages(course).answers([])
    course = own_course("answers.html", "{% for q in questions %}{{ q.no_such }}{% endfor %}")
    with pytest.raises(GradesError, match="no_such"):
        Pages(course).answers(a_class())


def test_tables_are_written_even_where_a_template_is_wrong(own_course, tmp_path):
    course = own_course("class.html", "{{ nothing }}")
    grades = keep_class(tmp_path / "out")
    with pytest.raises(GradesError, match="nothing"):
        report.write(course, grades)
    assert len((grades.folder / "grades.csv").read_text(encoding="utf-8-sig").splitlines()) == 8
    assert (grades.place("s0") / "results.json").exists()


def test_no_template_takes_text_for_html():
    folder = Path(report.__file__).parent / "templates"
    templates = sorted(folder.glob("*.html"))
    assert len(templates) == 6
    for path in templates:
        text = path.read_text()
        assert not re.search(r"\bsafe\b|autoescape|Markup", text), path.name


# Tables


def table(found):
    return list(csv.DictReader(io.StringIO(as_csv(COURSE, found))))


def test_grades_as_a_table():
    by_name = {row["submission"]: row for row in table(a_class())}
    assert by_name["ada"]["points"] == f"{COURSE.points:.1f}"
    assert by_name["bob"]["affine_backward"] == f"{check.affine_backward.points / 2}"
    assert by_name["old"]["points"] == ""
    assert by_name["old"]["status"] == "superseded"
    total = sum(float(by_name["bob"][name]) for name in check.notebooks())
    assert total == float(by_name["bob"]["points"])
    assert by_name["eve"]["problems"] == "It is no zip."
    assert by_name["cyd"]["for a person"] == "Killed: relu_backward."


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "a\nb\r", "  =1", "\u00a0=1",
            "\ufeff=1", "\u200b+1", "\u202e-1", "\0=1", "a;=1", "a; \t=1"]  # fmt: skip
# The same signs as wide as letters of Chinese, or small.
FORMULAS += ["\uff1d1+1", "\u3000\uff1d1", "\uff0b1", "\uff0d1", "\uff20SUM(A1)", "\ufe661"]


@pytest.mark.parametrize("name", FORMULAS)
def test_no_spreadsheet_takes_a_name_for_a_formula(name):
    text = as_csv(COURSE, [scored(COURSE, result_of(name, problems=(name,)))])
    assert len(text.splitlines()) == 2
    (row,) = csv.DictReader(io.StringIO(text))
    for column in ("submission", "student", "handed in as", "problems"):
        for cell in row[column].split(";"):  # what some spreadsheets take for a cell
            assert re.match(r"['a]", cell), cell


@pytest.mark.parametrize("name", ["Ada", "O'Neil", "a=1", "x - y", "1+1", "José; Ana", "日本", ""])
def test_names_that_are_no_formulas_stay_as_they_are(name):
    (row,) = table([scored(COURSE, result_of("ada", problems=(name,)))])
    assert row["problems"] == name


def test_gradescope_gets_what_it_reads():
    for score in a_class():
        found = gradescope_results(score, {"seed": 5})
        json.dumps(found).encode()
        assert "score" not in found
        assert found["visibility"] == "visible"
        assert len({test["number"] for test in found["tests"]}) == len(check)
        assert sum(test["score"] for test in found["tests"]) == pytest.approx(score.earned)
        assert found["extra_data"]["seed"] == 5
        codes = [reason["code"] for reason in found["extra_data"]["reasons"]]
        assert codes == [reason.code for reason in score.reasons]
        for test in found["tests"]:
            assert test["status"] == ("passed" if test["score"] == test["max_score"] else "failed")
            assert test["output_format"] in ("text", "html")
            assert len(test["output"].encode()) <= 100_000
            assert "<script" not in test["output"]
    assert "score" not in did_not_finish()


def test_output_that_is_too_long_for_gradescope_is_cut():
    wrong = checked(verdict_of("affine_forward", Kind.WRONG, 0, 1))
    long = replace(wrong, text="é" * 10**5, html="")
    test = gradescope_results(scored(COURSE, result_of("ada", long)))["tests"][0]
    assert test["output_format"] == "text"
    assert 99_000 < len(test["output"].encode()) <= 100_000


# All of it


def keep_class(folder):
    """Return Grades that hold the class, as s0 to s6."""
    grades = Grades(folder)
    grades.seed(5)
    listed = []
    for number, score in enumerate(a_class()):
        later = "" if score.counts else "s0"
        listed.append(Listed(f"s{number}", score.student, score.student, "", later))
        if score.counts:
            grades.keep(f"s{number}", "source", score.result)
    Listed.write_all(folder / "submissions.json", listed)
    return grades


def rows_in(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


def test_all_reports_are_written_for_all_results(tmp_path):
    said = report.write(COURSE, keep_class(tmp_path))
    assert said.startswith("7 submissions are in")
    assert "4 of them are for a person to look at." in said
    for number in range(6):
        place = tmp_path / "submissions" / f"s{number}"
        read_page((place / "feedback.html").read_text())
        assert json.loads((place / "results.json").read_text())["tests"]
    assert not (tmp_path / "submissions" / "s6").exists()
    rows = rows_in(tmp_path / "grades.csv")
    assert [row["status"] for row in rows] == [score.status for score in a_class()]


def test_a_result_that_is_damaged_is_named_and_costs_no_other(tmp_path):
    grades = keep_class(tmp_path)
    path = tmp_path / "submissions" / "s1" / "result.json"
    path.write_text(path.read_text().replace('"points": 2.0', '"points": "2"'))
    said = report.write(COURSE, grades)
    assert "1 are not graded yet: s1." in said
    assert f"{path} is damaged: checks[" in said
    assert len(table(a_class())) == 7
    rows = rows_in(tmp_path / "grades.csv")
    assert len(rows) == 6
    assert "s1" in read_page((tmp_path / "class.html").read_text())


def test_one_cause_of_many_checks_is_one_box_and_counts_once():
    cause = "numpy has no int any more: write int without np."
    (score, *_) = a_class()
    checks = tuple(
        replace(check, kind=Kind.CRASHED, earned=0.0, mistake="", cause=cause)
        if place < 7
        else check
        for place, check in enumerate(score.checks)
    )
    old = scored(COURSE, replace(score.result, checks=checks))
    assert list(old.causes) == [cause]
    assert len(old.causes[cause]) == 7
    page = PAGES.feedback(old)
    assert page.count(f'<p class="sum">{cause}</p>') == 1
    found = [common for common in scores.common_mistakes([old]) if common.name == cause]
    assert len(found) == 1
