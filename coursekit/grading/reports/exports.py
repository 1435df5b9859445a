"""Grades for other programs: a table for a spreadsheet, and results.json as Gradescope reads it."""

from collections.abc import Mapping, Sequence
from typing import Any

from ...checks import Kind
from ...course import Course
from ..by_hand import ByHand
from ..rerun import Rerun
from ..results import CheckResult
from .scores import Score
from .text import as_table, in_a_cell, printable

# Gradescope shows no more of one test.
_MOST = 100_000


def as_csv(
    course: Course,
    scores: Sequence[Score],
    by_hand: Mapping[str, ByHand] | None = None,
    runs: Mapping[str, Rerun] | None = None,
) -> str:
    """Return the grades as a table: points in all, by notebook and by check, and what is odd.

    by_hand: {submission: what people have given it}, in columns of their own behind the checks'.
    runs: {submission: how its notebooks ran once more}.
    """
    has_runs = any(run.notebooks for run in (runs or {}).values())
    by_hand = by_hand or {}
    given = list(dict.fromkeys(name for one in by_hand.values() for name in one.names))
    given = [name for name in given if any(one.possible(name) for one in by_hand.values())]
    has_days = any(one.late_days is not None for one in by_hand.values())
    counted = {name for one in by_hand.values() for name in one.names if one.is_measured(name)}
    called = [name if name in counted else f"{name} by hand" for name in given]
    more = [head for name in called for head in (name, f"{name}, of")]
    more += ["late days", "taken off"] if has_days else []
    more += ["total"] if more else []
    notebooks = course.checks.notebooks()
    names = [check.name for check in course.checks]
    heads = [
        "submission",
        "student",
        "handed in as",
        "time",
        "late",
        "status",
        "points",
        "possible",
    ]
    again = [f"{name}, run again" for name in notebooks] if has_runs else []
    rows: list[list[Any]] = [
        [*heads, *notebooks, *names, *more, *again, "for a person", "problems"]
    ]
    for score in scores:
        result = score.result
        points = [score.earned, score.possible, *map(score.earned_in, notebooks)]
        points += [check.earned for check in score.checks]
        rows.append(
            [
                *map(in_a_cell, (result.submission, result.student, result.name)),
                *(in_a_cell(result.time), "late" if result.late else "", score.status),
                *(points if score.counts else [""] * len(points)),
                *(
                    _by_hand(score, by_hand.get(score.id, ByHand()), given, has_days)
                    if more
                    else ()
                ),
                *(_runs_of((runs or {}).get(score.id), notebooks) if has_runs else ()),
                in_a_cell(" ".join(score.reasons_told)),
                in_a_cell(" ".join(result.problems)),
            ]
        )
    return as_table(rows)


def _by_hand(score: Score, given: ByHand, names: Sequence[str], has_days: bool) -> list[Any]:
    if not score.counts:
        return [""] * (2 * len(names) + 2 * has_days + 1)
    cells: list[Any] = []
    for name in names:
        earned = given.earned(name)
        cells += ["" if earned is None else earned, given.possible(name)]
    if has_days:
        cells += ["" if given.late_days is None else given.late_days, given.taken_off]
    return [*cells, round(score.earned + given.in_all, 2)]


def _runs_of(run: Rerun | None, notebooks: Sequence[str]) -> list[str]:
    found = {one.notebook: one for one in run.notebooks} if run else {}
    return [in_a_cell(found[name].in_words) if name in found else "" for name in notebooks]


def gradescope_results(score: Score, extra: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Return what results.json holds for a Score, with further entries of its extra_data.

    There is no score at the top: it would take the place of the sum of the tests.
    """
    result = score.result
    return {
        "output": printable("\n".join(result.problems)),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "execution_time": round(result.seconds),
        "tests": [_test(score, check) for check in score.checks],
        "extra_data": {
            "submission": result.submission,
            "student": result.student,
            "status": result.status,
            "key": result.key,
            "files": result.files,
            "reasons": [reason.to_json() for reason in score.reasons],
            **(extra or {}),
        },
    }


def did_not_finish(
    words: str = "Grading did not finish. Please tell the course staff.",
) -> dict[str, Any]:
    """Return a valid results.json for as long as there is no other."""
    test = {"name": "grading", "score": 0, "max_score": 0, "status": "failed", "output": words,
            "output_format": "text", "visibility": "visible"}  # fmt: skip
    return {"output": words, "visibility": "visible", "tests": [test]}


def _test(score: Score, check: CheckResult) -> dict[str, Any]:
    output, form = printable(check.html), "html"
    if not output or len(output.encode()) > _MOST:
        output, form = _cut(printable(check.text)), "text"
    return {
        "name": f"{check.notebook}: {check.check}",
        "number": _number(score, check),
        "score": check.earned,
        "max_score": check.points,
        "status": "passed" if check.passed else "failed",
        "output": output,
        "output_format": form,
        "visibility": "visible",
        "tags": ["not run"] if check.kind == Kind.NOT_RUN else [],
    }


def _number(score: Score, check: CheckResult) -> str:
    place = score.of_notebook(check.notebook).index(check)
    return f"{1 + score.notebooks.index(check.notebook)}.{1 + place}"


def _cut(text: str) -> str:
    content = text.encode()
    if len(content) <= _MOST:
        return text
    return content[: _MOST - 4].decode("utf-8", "ignore") + " ..."
