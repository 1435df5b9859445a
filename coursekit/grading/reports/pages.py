"""The pages that people read: one for each student, and two for the staff.

They are drawn by the templates beside this module, with jinja2. A course may have templates of its
own in `course/templates/`, which are looked for first. All that a template shows is escaped, since
students chose much of it, and a name that a template spells wrong is an error.
"""

import re
import traceback
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate
from typing import Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup, escape

from ... import notebooks
from ...checks import Kind
from ...course import Course
from ..by_hand import ByHand
from ..rerun import Rerun
from ..results import Answer, CheckResult, GradesError
from . import scores as statistics
from .scores import ENDS, UNSEEN, Score
from .text import printable

# In `course/`: templates that take the place of the engine's own of the same name.
FOLDER = "templates"
# What stands before the name of a template to mean the engine's own, whatever a course has.
OWN = "coursekit"
# The fold behind a question that says what a good answer contains.
_CRITERIA = re.compile(r"<summary>[^<]*good answer[^<]*</summary>(.*?)</details>", re.DOTALL)
_BOLD = re.compile(r"\*\*([^*\n]{1,200})\*\*")


class Pages:
    """The pages of a course. Each method returns a whole page, which needs no other file."""

    def __init__(self, course: Course) -> None:
        self._course = course
        self._environment = _environment(course)

    def feedback(self, score: Score, given: ByHand | None = None, run: Rerun | None = None) -> str:
        """Return the page for a student: what each check says, and what it is worth."""
        return self._drawn("feedback.html", score=score, given=given or ByHand(), run=run)

    def class_page(
        self,
        scores: Sequence[Score],
        missing: Sequence[str] = (),
        seed: int | None = None,
        runs: Mapping[str, Rerun] | None = None,
    ) -> str:
        """Return the page on the class: points, checks, mistakes, and what a person should see.

        scores: of all submissions. missing: ids of those without a result. runs: {submission: how
        its notebooks ran once more}.
        """
        counted = [score for score in scores if score.counts]
        of_the_class: dict[str, Any] = {}
        if counted:
            mean, median = statistics.mean_and_median(counted)
            of_the_class = {
                "mean": mean,
                "median": median,
                "seconds": sum(score.result.seconds for score in counted) / len(counted),
                "columns": histogram(statistics.bins(counted)),
                "checks": statistics.by_check(counted),
                "mistakes": statistics.common_mistakes(counted),
                "reasons": statistics.counts_of_reasons(counted),
            }
        return self._drawn(
            "class.html",
            scores=scores,
            counted=counted,
            missing=missing,
            seed=seed,
            runs=runs or {},
            **of_the_class,
        )

    def answers(self, scores: Iterable[Score]) -> str:
        """Return the page with all answers to the inline questions, side by side.

        Questions are in the words of the course's notebooks, not of a student's.
        """
        prompts, references, criteria = _asked(self._course)
        given: Mapping[tuple[str, str], list[tuple[str, Answer]]] = defaultdict(list)
        for score in scores:
            for answer in score.result.answers:
                question = answer.notebook, answer.question
                prompts.setdefault(question, answer.prompt)
                given[question].append((score.student, answer))
        questions = [
            {
                "notebook": notebook,
                "name": name.replace("-", " "),
                "prompt": prompt,
                "reference": references.get((notebook, name), ""),
                "criteria": criteria.get((notebook, name), ""),
                "answers": sorted(
                    (student, answer.answer)
                    for student, answer in given[notebook, name]
                    if answer.answer
                ),
                "silent": sorted(
                    student for student, answer in given[notebook, name] if not answer.answer
                ),
            }
            for (notebook, name), prompt in prompts.items()
            if given[notebook, name]
        ]
        return self._drawn("answers.html", questions=questions)

    def _drawn(self, name: str, **shown: object) -> str:
        """Return a page. Raises GradesError for a template that cannot be drawn."""
        try:
            return self._environment.get_template(name).render(course=self._course, **shown)
        except jinja2.TemplateError as error:
            raise GradesError(
                f"the page {name} cannot be drawn: {_place_of(error)}{error}"
            ) from error


def points(earned: float, possible: float) -> str:
    """Say how many points there are: '4.5 of 6'."""
    return f"{earned:g} of {possible:g}"


def shares(ends: Mapping[str, int], width: float = 220) -> list[tuple[str, float, float]]:
    """Return triples (how it ended, x, width): the parts of a bar that is `width` long in all."""
    there = [end for end in ENDS if ends.get(end)]
    lengths = [width * ends[end] / sum(ends.values()) for end in there]
    starts = [0.0, *accumulate(lengths)]
    return list(zip(there, starts, lengths, strict=False))


def histogram(bins: Sequence[tuple[float, float, int]]) -> list[dict[str, float]]:
    """Return for each bin its place in a picture that is 1 wide and 1 high, and its numbers."""
    most = max((count for *_, count in bins), default=0) or 1
    return [
        {"x": place / len(bins), "width": 1 / len(bins), "height": count / most,
         "start": start, "end": end, "count": count}
        for place, (start, end, count) in enumerate(bins)
    ]  # fmt: skip


def _environment(course: Course) -> jinja2.Environment:
    engine = jinja2.PackageLoader(__package__, "templates")
    own = jinja2.FileSystemLoader(course.room / FOLDER)
    environment = jinja2.Environment(
        loader=jinja2.ChoiceLoader([own, engine, jinja2.PrefixLoader({OWN: engine})]),
        undefined=jinja2.StrictUndefined,
        autoescape=True,
        finalize=_shown,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {"bold": _bold, "in_a_link": _in_a_link}
    environment.globals |= {
        "ENDS": ENDS,
        "Kind": Kind,
        "UNSEEN": UNSEEN,
        "points": points,
        "shares": shares,
        "verdict": _verdict,
    }
    return environment


def _shown(value: object) -> str:
    """Return what a template shows in the place of a value, before it is escaped."""
    if isinstance(value, Markup):
        return Markup(printable(value))  # no mark that is put in can be markup
    return printable(f"{value}")


def _verdict(check: CheckResult) -> Markup:
    """Return a verdict as HTML.

    This is the only HTML that a page is given. The engine drew it from a verdict, outside of the
    student's process, and escaped all that comes from the student.
    """
    if check.html:
        return Markup(check.html)
    return Markup("<pre>{}</pre>").format(check.text)


def _bold(text: str) -> Markup:
    """Return text in which what stands between two pairs of stars is bold."""
    return Markup(_BOLD.sub(r"<b>\1</b>", f"{escape(text)}"))


def _in_a_link(text: str) -> str:
    """Return text as one part of a link."""
    return quote(printable(text), safe="")


def _place_of(error: jinja2.TemplateError) -> str:
    """Say in which template and line an error is, as far as that can be told."""
    if isinstance(error, jinja2.TemplateSyntaxError):
        return f"{error.filename or error.name}, line {error.lineno}: "
    for frame in reversed(traceback.extract_tb(error.__traceback__)):
        if frame.filename.endswith(".html"):
            return f"{frame.filename}, line {frame.lineno}: "
    return ""


_Texts = dict[tuple[str, str], str]


def _asked(course: Course) -> tuple[_Texts, _Texts, _Texts]:
    """Return the questions of the course's notebooks, its answers, and what good ones contain.

    Each is by (notebook, question).
    """
    questions: _Texts = {}
    references: _Texts = {}
    criteria: _Texts = {}
    for path in map(course.notebook, course.notebooks):
        try:
            cells = notebooks.read(path)["cells"]
        except notebooks.NotebookError:
            continue
        question = None
        for cell in cells:
            tags = notebooks.tags_of(cell)
            if notebooks.QUESTION in tags:
                number = 1 + sum(notebook == path.stem for notebook, _ in questions)
                question = path.stem, f"question-{number}"
                questions[question] = cell["source"].strip()
            elif "reference-answer" in tags and question:
                # Others that come later answer tasks.
                references.setdefault(question, cell["source"].strip())
            elif question and (fold := _CRITERIA.search(cell["source"])):
                criteria.setdefault(question, fold[1].strip())
    return questions, references, criteria
