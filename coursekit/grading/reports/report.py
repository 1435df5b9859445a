"""What comes out of grading a class, written from the results that lie in a folder of grades.

grades.csv                      a line for each submission
class.html                      the class as a whole
answers.html                    the answers to the inline questions, side by side
submissions/ID/feedback.html    the page for a student
submissions/ID/results.json     the same for Gradescope
"""

import csv
import io

from ...files import write_json, write_text
from .answers_page import answers_page
from .class_page import class_page
from .feedback import feedback_page
from .gradescope_results import gradescope_results
from .scores import scored


def write(course, grades):
    """Write all reports. Returns a sentence or two on what there is."""
    results, missing = grades.results()
    scores = [scored(course, result) for result in results]
    for score in scores:
        if score.status != "superseded":
            place = grades.place(score.id)
            write_text(place / "feedback.html", feedback_page(score))
            write_json(place / "results.json", gradescope_results(score))
    write_text(grades.folder / "grades.csv", as_csv(course, scores))
    write_text(
        grades.folder / "class.html", class_page(course, scores, missing, grades.seed_kept())
    )
    write_text(grades.folder / "answers.html", answers_page(course, scores))
    return _summary(grades, scores, missing)


def as_csv(course, scores):
    """Return the grades as a table: points in all, by notebook and by check, and what is odd."""
    names = [entry["check"] for entry in scores[0].entries] if scores else []
    heads = ["submission", "student", "handed in as", "time", "status", "points", "possible"]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*heads, *course.checks.notebooks(), *names, "for a person", "problems"])
    for score in scores:
        result = score.result
        counts = score.status != "superseded"
        writer.writerow(
            [
                *(_as_text(result[key]) for key in ("submission", "student", "name")),
                *(result["time"], score.status),
                *((score.earned, score.possible) if counts else ("", "")),
                *(
                    score.sum("earned", name) if counts else ""
                    for name in course.checks.notebooks()
                ),
                *(entry["earned"] if counts else "" for entry in score.entries),
                _as_text(" ".join(score.reasons)),
                _as_text(" ".join(result["problems"])),
            ]
        )
    return text.getvalue()


def _as_text(value):
    """Return text that no spreadsheet takes for a formula: students choose the names of files."""
    value = " ".join(str(value).split())
    return f"'{value}" if value[:1] in tuple("=+-@") else value


def _summary(grades, scores, missing):
    for_a_person = sum(bool(score.reasons) for score in scores)
    said = [f"{len(scores)} submissions are in {grades.folder / 'grades.csv'}."]
    if for_a_person:
        said.append(f"{for_a_person} of them are for a person to look at.")
    if missing:
        said.append(f"{len(missing)} are not graded yet: {', '.join(missing[:10])}.")
    said.append(f"Open {grades.folder / 'class.html'} first.")
    return " ".join(said)
