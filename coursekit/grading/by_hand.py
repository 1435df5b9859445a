"""Points that people give: for answers in words, for style, and what late days take off.

GRADES/answers.csv has a row for each answer and for whatever else a course has points by hand for.
A person fills in `points` and `comment`; `coursekit report` reads them, and writes the file anew
with all that was filled in kept. The points of the checks stay as they are: these are columns of
their own. What there is to give stands in the course's description:

    [grading.by_hand]
    answer = 1             # for each question in words
    style = 4              # for what else there is, under any name
    [grading.late]
    free_days = 2          # that cost nothing
    share = 0.1            # of the checks' points, for each day after that
"""

import csv
import io
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..course import Course, CourseError
from ..files import write_table
from .reports.scores import Score
from .reports.text import as_table, in_a_cell, printable
from .results import GradesError

FILE = "answers.csv"
_COLUMNS = ("submission", "student", "notebook", "question", "answer", "of", "points", "comment")
# What the row of the days is called, in which a person may correct what the platform's times say.
LATE_DAYS = "late days"
_TEXTS = ("submission", "student", "notebook", "question", "answer", "comment")
_ANSWER = "answer"
_MOST = 2000  # characters of an answer that stand in a cell; the page has all of them


@dataclass(frozen=True)
class Policy:
    """What a course gives points for by hand, and what it takes off for days.

    answer: the points of each question in words. others: {name: points} of whatever else there is.
    free_days, share: how many days cost nothing, and the share of the checks' points that each
    further one costs; None where days cost nothing.
    """

    answer: float = 0.0
    others: Mapping[str, float] | None = None
    free_days: int = 0
    share: float | None = None

    @classmethod
    def of(cls, course: Course) -> "Policy":
        """Return what the description of a course says. Raises CourseError for nonsense."""
        grading = course.settings.get("grading", {})
        by_hand, late = grading.get("by_hand", {}), grading.get("late", {})
        for table, known in ((by_hand, None), (late, {"free_days", "share"})):
            for key, value in table.items():
                if known is not None and key not in known:
                    expected = " and ".join(sorted(known))
                    raise CourseError(f"[grading.late] has {key!r}, expected {expected}")
                if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
                    raise CourseError(f"{key} is {value!r}, expected a number of 0 or more")
        others = {name: float(points) for name, points in by_hand.items() if name != _ANSWER}
        return cls(
            float(by_hand.get(_ANSWER, 0)),
            others,
            int(late.get("free_days", 0)),
            float(late["share"]) if "share" in late else None,
        )

    @property
    def asks(self) -> bool:
        """Whether there is anything for a person to fill in."""
        return bool(self.answer or self.others or self.share is not None)

    def taken_off(self, earned: float, days: float) -> float:
        """Return what so many late days take off the points of the checks, in hundredths."""
        if self.share is None:
            return 0.0
        share = min(1.0, self.share * max(0.0, days - self.free_days))
        return round(earned * share, 2)


@dataclass(frozen=True)
class Row:
    """A row of the file: what it is about, and what a person has filled in.

    measured: points that a program has found, which a person may change.
    """

    submission: str
    notebook: str
    question: str
    student: str = ""
    answer: str = ""
    possible: float = 0.0
    points: float | None = None
    comment: str = ""
    measured: float | None = None

    @property
    def given(self) -> float | None:
        """What it is worth: as a person says, or else as it was measured; None if neither."""
        return self.measured if self.points is None else self.points

    @property
    def key(self) -> tuple[str, str, str]:
        return self.submission, self.notebook, self.question

    @property
    def is_filled(self) -> bool:
        return self.points is not None or bool(self.comment)


@dataclass(frozen=True)
class ByHand:
    """What people have given one submission.

    rows: those with points. late_days: how many days it came late, as a person or else the platform
    says; None where nobody does. taken_off: what they take off the points of the checks.
    """

    rows: tuple[Row, ...] = ()
    late_days: float | None = None
    taken_off: float = 0.0

    def earned(self, name: str) -> float | None:
        """Return the points by a name, or None where none were given yet."""
        given = [row.given for row in self.named(name) if row.given is not None]
        return round(math.fsum(given), 2) if given else None

    def possible(self, name: str) -> float:
        """Return the points that there are by a name."""
        return round(math.fsum(row.possible for row in self.named(name)), 2)

    def is_measured(self, name: str) -> bool:
        """Whether a program has found the points by a name."""
        return any(row.measured is not None for row in self.named(name))

    def named(self, name: str) -> list[Row]:
        """Return the rows of the answers, or those that have a name of their own."""
        return [row for row in self.rows if (_ANSWER if row.notebook else row.question) == name]

    @property
    def names(self) -> list[str]:
        """What there are points for, the answers first."""
        return list(dict.fromkeys(_ANSWER if row.notebook else row.question for row in self.rows))

    @property
    def counts(self) -> bool:
        """Whether there is anything in it that changes what a student gets."""
        return bool(self.taken_off or any(row.possible for row in self.rows))

    @property
    def missing(self) -> int:
        """How many rows have no points yet, of those that there is something to give for."""
        return sum(row.given is None for row in self.rows if row.possible)

    @property
    def in_all(self) -> float:
        """What was given, less what days take off."""
        return round(math.fsum(row.given or 0 for row in self.rows) - self.taken_off, 2)

    def of_question(self, notebook: str, question: str) -> Row | None:
        """Return the row of an answer in words."""
        found = (row for row in self.rows if (row.notebook, row.question) == (notebook, question))
        return next(found, None)


def days_late(time: str, due: str) -> int | None:
    """Return how many days, begun ones counted, a time is after another; both by ISO 8601.

    None where one of them is not known. A time without a zone is one of UTC.
    """
    try:
        came, ended = (datetime.fromisoformat(text) for text in (time, due))
    except ValueError:
        return None
    came, ended = (t if t.tzinfo else t.replace(tzinfo=UTC) for t in (came, ended))
    return max(0, math.ceil((came - ended).total_seconds() / 86400))


# {submission: {name: (points, the most there is, words)}}; points are None where nobody knows.
Measured = Mapping[str, Mapping[str, tuple[float | None, float, str]]]


def update(
    path: Path,
    policy: Policy,
    scores: Sequence[Score],
    days: Mapping[str, int | None],
    measured: Measured | None = None,
) -> dict[str, ByHand]:
    """Read what was filled in, write the file anew, and return {submission: ByHand}.

    days: how late each submission came, as far as the platform says. measured: what programs have
    found of what was handed in beside code. Rows that belong to nothing
    any more stay at the end of the file as long as something is filled in.

    Raises GradesError, which names the line, for what cannot be read; the file is left as it is.
    """
    filled = {row.key: row for row in _read(path) if row.is_filled} if path.exists() else {}
    found: dict[str, ByHand] = {}
    rows: list[Row] = []
    for score in scores:
        found_of = (measured or {}).get(score.id, {})
        blank = _rows_of(policy, score, days, found_of)
        own = [_with(filled.pop(row.key, None), row) for row in blank]
        rows += own
        late = next((row.points for row in own if row.question == LATE_DAYS), None)
        known = late if late is not None else days.get(score.id)
        taken = policy.taken_off(score.earned, known or 0)
        with_points = tuple(row for row in own if row.question != LATE_DAYS)
        found[score.id] = ByHand(with_points, known, taken)
    _expect_possible(path, [*rows, *filled.values()])
    if policy.asks or filled or any(row.answer or row.possible for row in rows):
        write_table(path, _as_csv([*rows, *filled.values()]))
    return found


def _rows_of(
    policy: Policy,
    score: Score,
    days: Mapping[str, int | None],
    measured: Mapping[str, tuple[float | None, float, str]],
) -> Iterable[Row]:
    """Yield the rows of a submission, with nothing filled in."""
    for answer in score.result.answers:
        yield Row(score.id, answer.notebook, answer.question, score.student,
                  answer.answer, policy.answer)  # fmt: skip
    for name, points in (policy.others or {}).items():
        yield Row(score.id, "", name, score.student, possible=points)
    for name, (found, possible, words) in measured.items():
        yield Row(score.id, "", name, score.student, words, possible, measured=found)
    if policy.share is not None:
        known = days.get(score.id)
        said = "" if known is None else f"{known} by the platform's time"
        yield Row(score.id, "", LATE_DAYS, score.student, said or _LATE[score.result.late])


_LATE = {True: "late, says the platform: by how many days?", False: ""}


def _with(filled: Row | None, row: Row) -> Row:
    if filled is None:
        return row
    return Row(row.submission, row.notebook, row.question, row.student, row.answer, row.possible,
               filled.points, filled.comment, row.measured)  # fmt: skip


def _expect_possible(path: Path, rows: Iterable[Row]) -> None:
    for row in rows:
        if row.points is None or row.question == LATE_DAYS:
            continue
        if row.possible and row.points > row.possible:
            where = ", ".join(filter(None, (row.submission, row.notebook, row.question)))
            raise GradesError(
                f"{path}: {where} has {row.points:g} points, expected {row.possible:g} at most"
            )


def _as_csv(rows: Iterable[Row]) -> str:
    lines: list[Sequence[str]] = [_COLUMNS]
    for row in rows:
        points = "" if row.points is None else f"{row.points:g}"
        said = [in_a_cell(value) for value in (row.submission, row.student, row.notebook)]
        answer = in_a_cell(printable(row.answer)[:_MOST])
        possible = "" if row.question == LATE_DAYS else f"{row.possible:g}"
        question, comment = in_a_cell(row.question), in_a_cell(row.comment)
        lines.append([*said, question, answer, possible, points, comment])
    return as_table(lines)


def _read(path: Path) -> list[Row]:
    """Read the file as a spreadsheet has left it: with commas, semicolons or tabs."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise GradesError(f"{path} cannot be read as UTF-8: {error}") from None
    head = text.partition("\n")[0]
    mark = max(",;\t", key=head.count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    names = [name.strip().lower() for name in next(lines, [])]
    missing = [name for name in ("submission", "notebook", "question", "points", "comment")
               if name not in names]  # fmt: skip
    if missing:
        raise GradesError(f"{path} has no column {missing[0]!r}, expected {', '.join(_COLUMNS)}")
    rows = []
    for cells in lines:
        if not any(cells):
            continue
        found = dict(zip(names, cells, strict=False))
        given = _number(found.get("points", ""), f"{path}, line {lines.line_num}")
        said = {name: _unquoted(found.get(name, "")) for name in _TEXTS}
        rows.append(Row(points=given, **said))  # type: ignore[arg-type]
    return rows


def _number(text: str, where: str) -> float | None:
    text = text.strip().lstrip("'")
    if not text:
        return None
    try:
        number = float(text.replace(",", "."))
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise GradesError(
            f"{where}: points is {text!r}, expected a number of 0 or more, or nothing"
        )
    return number


def _unquoted(text: str) -> str:
    """Take off the mark that `in_a_cell` puts before what looks like a formula."""
    text = text.strip()
    return text[1:] if text[:1] == "'" and in_a_cell(text[1:]) == text else text
