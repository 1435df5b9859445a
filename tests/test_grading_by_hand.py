"""Points that people give: what is filled in is read, kept and added up, and late days cost."""

import csv
import io
import re

import pytest
from test_grading_report import answer, result_of
from this_course import COURSE, check

from coursekit.course import CourseError
from coursekit.grading import Grades, GradesError, by_hand, reporting
from coursekit.grading.by_hand import Policy, days_late
from coursekit.grading.grades import Listed
from coursekit.grading.reports import report
from coursekit.grading.rerun import Rerun
from coursekit.grading.submissions import find

POINTS = float(COURSE.points)


@pytest.fixture
def graded(tmp_path):
    """A class of three: one with two answers, one on time of another platform, and one without."""
    grades = Grades(tmp_path / "grades")
    people = ("Ada Lovelace\t901\tada@example.org",)
    listed = [
        Listed("ada", "Ada Lovelace", "a.zip", "2026-12-04T10:00:00+00:00", "",
               platform="Gradescope", owner="901", people=people, timed=True),
        Listed("bob", "Bob", "bob_12_34_work.zip", "", "", late=True, platform="Canvas",
               owner="12"),
        Listed("cyd", "Cyd", "Cyd_77_assignsubmission_file", "", "", platform="Moodle",
               owner="77"),
    ]  # fmt: skip
    Listed.write_all(grades.folder / "submissions.json", listed)
    answers = (answer("Since it is."), answer("=1+1", "question-2"))
    for one, given in zip(listed, (answers, (answer(""),), ()), strict=True):
        grades.keep(one.submission, "source", result_of(one.student, answers=given))
    return grades


def rows_in(path):
    text = path.read_text(encoding="utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def fill(path, delimiter=",", **points):
    """Fill in points and comments by "submission question", as a person does in a spreadsheet."""
    rows = rows_in(path)
    for row in rows:
        given = points.get(f"{row['submission']} {row['question']}")
        if given is not None:
            row["points"], row["comment"] = given
    with open(path, "w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys(), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def row_of(grades, name):
    (row,) = (row for row in rows_in(grades.folder / "grades.csv") if row["submission"] == name)
    return row


def test_a_row_for_each_answer_for_style_and_for_days(graded):
    said = report.write(COURSE, graded)
    rows = rows_in(graded.folder / by_hand.FILE)
    assert [(row["submission"], row["question"], row["of"]) for row in rows] == [
        ("ada", "question-1", "1"),
        ("ada", "question-2", "1"),
        ("ada", "style", "4"),
        ("ada", "late days", ""),
        ("bob", "question-1", "1"),
        ("bob", "style", "4"),
        ("bob", "late days", ""),
        ("cyd", "style", "4"),
        ("cyd", "late days", ""),
    ]
    assert rows[1]["answer"] == "'=1+1"  # no formula
    assert rows[6]["answer"] == "late, says the platform: by how many days?"
    assert "6 rows have no points yet" in said
    assert row_of(graded, "ada")["total"] == str(POINTS)


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_what_is_filled_in_is_kept_and_added_to_columns_of_its_own(graded, delimiter):
    report.write(COURSE, graded)
    path = graded.folder / by_hand.FILE
    filled = {
        "ada question-1": ("1", "Well put."),
        "ada question-2": ("0,5", "=And why?"),
        "ada style": ("3", ""),
        "bob late days": ("3", "by mail"),
    }
    fill(path, delimiter, **filled)
    for _ in range(2):  # written anew, and read once more
        report.write(COURSE, graded)
        row = row_of(graded, "ada")
        assert (row["answer by hand"], row["answer by hand, of"]) == ("1.5", "2.0")
        assert (row["style by hand"], row["points"]) == ("3.0", str(POINTS))
        assert row["total"] == str(POINTS + 4.5)
        row = row_of(graded, "bob")
        assert (row["late days"], row["taken off"]) == ("3.0", str(POINTS / 10))
        assert row["total"] == str(POINTS * 0.9)
        assert row_of(graded, "cyd")["style by hand"] == ""
    page = (graded.place("ada") / "feedback.html").read_text()
    assert "1 of 1 points" in page
    assert "Well put." in page
    assert "=And why?" in page
    assert re.search(r"in all</b></td><td class=\"number\"><b>104\.5<", page)
    assert "3 late days" in (graded.place("bob") / "feedback.html").read_text()


def test_rows_of_a_submission_that_is_gone_are_kept_while_something_is_filled_in(graded):
    report.write(COURSE, graded)
    path = graded.folder / by_hand.FILE
    fill(path, **{"bob style": ("2", "")})
    listed = [one for one in graded.listed() if one.submission != "bob"]
    Listed.write_all(graded.folder / "submissions.json", listed)
    report.write(COURSE, graded)
    assert [row["points"] for row in rows_in(path) if row["submission"] == "bob"] == ["2"]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("five", r"line 4: points is 'five', expected a number of 0 or more"),
        ("-1", r"line 4: points is '-1'"),
        ("9", r"ada, style has 9 points, expected 4 at most"),
        ("nan", r"points is 'nan'"),
    ],
)
def test_points_that_cannot_be_are_named_and_nothing_is_lost(graded, given, said):
    report.write(COURSE, graded)
    path = graded.folder / by_hand.FILE
    fill(path, **{"ada style": (given, "")})
    before = path.read_bytes()
    with pytest.raises(GradesError, match=said):
        report.write(COURSE, graded)
    assert path.read_bytes() == before


def test_a_table_without_its_columns_is_refused(graded):
    path = graded.folder / by_hand.FILE
    path.write_text("student,points\nada,3\n")
    with pytest.raises(GradesError, match="has no column 'submission', expected submission, stud"):
        report.write(COURSE, graded)
    assert path.read_text() == "student,points\nada,3\n"


def test_days_by_the_platforms_time_cost_what_the_course_says(graded, capsys):
    graded.due("2026-12-01T23:59+01:00")
    report.write(COURSE, graded)
    row = row_of(graded, "ada")
    assert (row["late days"], row["taken off"]) == ("3", str(POINTS / 10))
    assert row_of(graded, "cyd")["late days"] == ""
    fill(graded.folder / by_hand.FILE, **{"ada late days": ("0", "ill")})
    report.write(COURSE, graded)
    assert row_of(graded, "ada")["taken off"] == "0.0"


@pytest.mark.parametrize(
    ("time", "due", "days"),
    [
        ("2026-12-01T22:59:00+00:00", "2026-12-01T23:59+01:00", 0),
        ("2026-12-01T22:59:01+00:00", "2026-12-01T23:59+01:00", 1),
        ("2026-12-03T12:00:00+00:00", "2026-12-01T12:00", 2),
        ("", "2026-12-01T12:00", None),
        ("2026-12-01T22:59:01+00:00", "", None),
    ],
)
def test_begun_days_count(time, due, days):
    assert days_late(time, due) == days


def test_days_take_off_no_more_than_there_is():
    policy = Policy(free_days=1, share=0.25)
    assert [policy.taken_off(80, days) for days in (0, 1, 2, 4.5, 30)] == [0, 0, 20, 70, 80]
    assert Policy().taken_off(80, 30) == 0


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ({"by_hand": {"style": "four"}}, "style is 'four', expected a number of 0 or more"),
        ({"by_hand": {"style": -1}}, "style is -1"),
        ({"late": {"share": True}}, "share is True"),
        ({"late": {"days": 2}}, "has 'days', expected free_days and share"),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(table, said):
    course = type("", (), {"settings": {"grading": table}})
    with pytest.raises(CourseError, match=said):
        Policy.of(course)


def test_uploads_have_the_columns_of_each_platform(graded):
    report.write(COURSE, graded)
    fill(graded.folder / by_hand.FILE, **{"ada style": ("2", ""), "cyd style": ("1", "")})
    report.write(COURSE, graded)
    folder = graded.folder / "uploads"
    assert {path.name for path in folder.iterdir()} == {
        "canvas.csv",
        "moodle.csv",
        "gradescope.csv",
    }
    (canvas,) = rows_in(folder / "canvas.csv")
    assert (canvas["Student"], canvas["ID"], canvas[COURSE.title]) == ("Bob", "12", "100")
    (moodle,) = rows_in(folder / "moodle.csv")
    assert (moodle["Identifier"], moodle["Grade"]) == ("Participant 77", "101")
    (gradescope,) = rows_in(folder / "gradescope.csv")
    assert gradescope == {
        "Name": "Ada Lovelace",
        "SID": "901",
        "Email": "ada@example.org",
        "Total Score": "102",
        "Max Points": "106",
    }


def test_whose_it_is_comes_from_what_the_platform_says(tmp_path):
    folder = tmp_path / "class"
    (folder / "submission_1").mkdir(parents=True)
    (folder / "submission_metadata.yml").write_text(
        "submission_1:\n  :submitters:\n  - :name: Ada\n    :sid: 901\n    :email: a@example.org\n"
        "  - :name: Bob\n    :sid:\n    :email: b@example.org\n"
        "  :created_at: 2026-12-04 10:00:00 Z\n"
    )
    (found,) = find(COURSE, folder)
    assert (found.platform, found.timed) == ("Gradescope", True)
    assert found.people == ("Ada\t901\ta@example.org", "Bob\t\tb@example.org")


def test_what_was_measured_is_counted_until_a_person_says_otherwise(graded):
    Rerun("s", share=0.5, words="51 % right").write(graded.place("ada") / "rerun.json")
    report.write(COURSE, graded)
    row = row_of(graded, "ada")
    assert (row["network"], row["network, of"]) == ("2.5", "5.0")
    assert float(row["total"]) == POINTS + 2.5
    assert row_of(graded, "bob")["network"] == ""
    assert "51 % right" in (graded.place("ada") / "feedback.html").read_text()
    fill(graded.folder / by_hand.FILE, **{"ada network": ("4", "It was trained on half.")})
    report.write(COURSE, graded)
    assert row_of(graded, "ada")["network"] == "4.0"
    assert "It was trained on half." in (graded.place("ada") / "feedback.html").read_text()


def test_the_command(graded, capsys):
    class Arguments:
        out, due = graded.folder, "2026-12-01T23:59+01:00"

    assert reporting.run(Arguments, COURSE) is None
    assert "3 submissions are in" in capsys.readouterr().out
    assert graded.due() == "2026-12-01T23:59+01:00"
    Arguments.out = graded.folder / "elsewhere"
    assert reporting.run(Arguments, COURSE) == 1
    assert "nothing was graded into" in capsys.readouterr().err
    assert not Arguments.out.exists()


def test_a_course_without_points_by_hand_has_no_columns_for_them(graded, monkeypatch):
    monkeypatch.setitem(COURSE.settings, "grading", {})
    said = report.write(COURSE, graded)
    assert "no points yet" not in said
    row = row_of(graded, "ada")
    assert "total" not in row
    assert float(row["points"]) == check.points()
