"""What comes out of grading a class, written from the results that lie in a folder of grades.

grades.csv                      a line for each submission
answers.csv                     what people give points for, to be filled in
class.html                      the class as a whole
answers.html                    the answers to the inline questions, side by side
uploads/PLATFORM.csv            points in the columns that a learning platform asks for
submissions/ID/feedback.html    the page for a student
submissions/ID/results.json     the same for Gradescope
"""

from collections.abc import Sequence

from ...course import Course
from ...files import write_json, write_table, write_text
from .. import by_hand
from ..grades import Gathered, Grades
from ..rerun import Settings, kept
from . import uploads
from .exports import as_csv, gradescope_results
from .pages import Pages
from .scores import Score, scored


def write(course: Course, grades: Grades) -> str:
    """Write all reports. Returns a sentence or two on what there is.

    Raises GradesError for a template that cannot be drawn; the tables are written by then. Raises
    it for a table of points that cannot be read, too, and then nothing is written.
    """
    gathered = grades.gathered()
    scores = [scored(course, result) for result in gathered.results]
    counted = [score for score in scores if score.counts]
    listed = {one.submission: one for one in grades.listed()}
    days = {
        name: by_hand.days_late(one.time, grades.due()) if one.timed else None
        for name, one in listed.items()
    }
    path = grades.folder / by_hand.FILE
    runs = {score.id: rerun for score in counted if (rerun := kept(grades, score.id))}
    settings = Settings.of(course)
    measured = {name: rerun.measured(settings) for name, rerun in runs.items()}
    given = by_hand.update(path, by_hand.Policy.of(course), counted, days, measured)
    write_table(grades.folder / "grades.csv", as_csv(course, scores, given, runs))
    uploads.write(course, grades.folder, counted, listed, given)
    for score in counted:
        write_json(grades.place(score.id) / "results.json", gradescope_results(score))
    pages = Pages(course)
    for score in counted:
        write_text(
            grades.place(score.id) / "feedback.html",
            pages.feedback(score, given[score.id], runs.get(score.id)),
        )
    of_the_class = pages.class_page(scores, gathered.missing, grades.seed_kept(), runs)
    write_text(grades.folder / "class.html", of_the_class)
    write_text(grades.folder / "answers.html", pages.answers(scores))
    return _summary(grades, scores, gathered, sum(one.missing for one in given.values()))


def _summary(grades: Grades, scores: Sequence[Score], gathered: Gathered, blank: int) -> str:
    for_a_person = sum(bool(score.reasons) for score in scores)
    are = "submission is" if len(scores) == 1 else "submissions are"
    told = [f"{len(scores)} {are} in {grades.folder / 'grades.csv'}."]
    if for_a_person:
        told.append(f"{for_a_person} of them are for a person to look at.")
    if gathered.missing:
        names = ", ".join(gathered.missing[:10])
        told.append(f"{len(gathered.missing)} are not graded yet: {names}.")
    told += [f"{sentence}; grade it again." for sentence in gathered.damaged]
    if blank:
        rows = "row has" if blank == 1 else "rows have"
        told.append(
            f"{blank} {rows} no points yet in {grades.folder / by_hand.FILE}: fill them in, then "
            f"`coursekit report --out {grades.folder}`."
        )
    told.append(f"Open {grades.folder / 'class.html'} first.")
    return " ".join(told)
