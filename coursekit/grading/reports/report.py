"""What comes out of grading a class, written from the results that lie in a folder of grades.

grades.csv                      a line for each submission
class.html                      the class as a whole
answers.html                    the answers to the inline questions, side by side
submissions/ID/feedback.html    the page for a student
submissions/ID/results.json     the same for Gradescope
"""

from collections.abc import Sequence

from ...course import Course
from ...files import write_json, write_text
from ..grades import Gathered, Grades
from .exports import as_csv, gradescope_results
from .pages import Pages
from .scores import Score, scored


def write(course: Course, grades: Grades) -> str:
    """Write all reports. Returns a sentence or two on what there is.

    Raises GradesError for a template that cannot be drawn; the tables are written by then.
    """
    gathered = grades.gathered()
    scores = [scored(course, result) for result in gathered.results]
    counted = [score for score in scores if score.counts]
    write_text(grades.folder / "grades.csv", as_csv(course, scores))
    for score in counted:
        write_json(grades.place(score.id) / "results.json", gradescope_results(score))
    pages = Pages(course)
    for score in counted:
        write_text(grades.place(score.id) / "feedback.html", pages.feedback(score))
    of_the_class = pages.class_page(scores, gathered.missing, grades.seed_kept())
    write_text(grades.folder / "class.html", of_the_class)
    write_text(grades.folder / "answers.html", pages.answers(scores))
    return _summary(grades, scores, gathered)


def _summary(grades: Grades, scores: Sequence[Score], gathered: Gathered) -> str:
    for_a_person = sum(bool(score.reasons) for score in scores)
    are = "submission is" if len(scores) == 1 else "submissions are"
    told = [f"{len(scores)} {are} in {grades.folder / 'grades.csv'}."]
    if for_a_person:
        told.append(f"{for_a_person} of them are for a person to look at.")
    if gathered.missing:
        names = ", ".join(gathered.missing[:10])
        told.append(f"{len(gathered.missing)} are not graded yet: {names}.")
    told += [f"{sentence}; grade it again." for sentence in gathered.damaged]
    told.append(f"Open {grades.folder / 'class.html'} first.")
    return " ".join(told)
