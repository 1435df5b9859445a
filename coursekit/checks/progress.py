"""What a student has reached: the last verdict of each check, and all of them in one table.

Verdicts are kept on disk, so that they outlive the notebook's kernel: a file for each check, since
several notebooks may run at once. Losing them costs no more than running the checks again, so
nothing here ever stands in the way of a check. The table is text for a terminal and HTML for a
notebook.
"""

from __future__ import annotations

import contextlib
import json
import textwrap
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from html import escape
from typing import TYPE_CHECKING, Any

from ..files import write_json
from . import freshness
from .rendering import CELL, LINE_BELOW
from .verdict import Kind

if TYPE_CHECKING:
    from pathlib import Path

    from ..course import Course
    from .check import Check
    from .verdict import Verdict

FORMAT = 2


class Unreadable(Exception):
    """A record that is damaged, or that something else has written."""


@dataclass(frozen=True)
class Record:
    """What a check came to.

    check: its name. kind: what it came to. headline: the rest of the verdict's first line.
    earned: points. sources: what the answer depended on, as `freshness.digests_of` has it.
    time: when that was, in the form of ISO 8601.
    """

    check: str
    kind: Kind
    headline: str
    earned: float
    sources: dict[str, str]
    time: str

    @property
    def passed(self) -> bool:
        return self.kind == Kind.PASSED


def record_of(verdict: Verdict, sources: dict[str, str]) -> Record:
    """Return the record of a verdict that has just been given."""
    return Record(
        check=verdict.check,
        kind=verdict.kind,
        headline=verdict.headline,
        earned=verdict.earned,
        sources=sources,
        time=now(),
    )


def record_from(written: dict[str, Any]) -> Record:
    """Return the record that `asdict` has turned into what JSON can hold."""
    return Record(**written | {"kind": Kind(written["kind"])})


def now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def keep(course: Course, record: Record) -> None:
    """Write a record, in the place of the earlier one of the same check.

    A disk that is full or may not be written to is no reason for a check to fail.
    """
    with contextlib.suppress(OSError):
        write_json(_path(course, record.check), {"format": FORMAT} | asdict(record))


def load(course: Course, name: str) -> Record | None:
    """Return the last record of the check called `name`, or None.

    Raises Unreadable for a file that is no record of that check.
    """
    try:
        text = _path(course, name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{_path(course, name)}: {error}") from None
    try:
        written = json.loads(text)
        if written.pop("format") != FORMAT:
            raise ValueError("of another format")
        record = record_from(written)
        _expect_sense(record, name)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Unreadable(f"{_path(course, name)}: {error}") from None
    return record


def _expect_sense(record: Record, name: str) -> None:
    words = (record.headline, record.time, *record.sources, *record.sources.values())
    if not (
        record.check == name
        and isinstance(record.earned, int | float)
        and 0 <= record.earned < float("inf")
        and all(isinstance(word, str) for word in words)
    ):
        raise ValueError("not what a check leaves")


def _path(course: Course, name: str) -> Path:
    return course.notes / "verdicts" / f"{name}.json"


_SIGNS = {Kind.PASSED: "✓", Kind.WRONG: "✗", Kind.CRASHED: "✗"}


@dataclass(frozen=True)
class Row:
    """What one check came to: `kind` is that of its verdict, or NOT_RUN.

    blocks: those that the check is there for. note: what the verdict does not know by itself.
    """

    check: str
    notebook: str
    blocks: tuple[str, ...]
    kind: Kind
    earned: float
    possible: float
    note: str = ""

    @property
    def is_optional(self) -> bool:
        """Whether it is an optional exercise, which counts nowhere."""
        return self.possible == 0

    @property
    def points(self) -> str:
        return "optional" if self.is_optional else f"{self.earned:g} of {self.possible:g}"

    @property
    def title(self) -> str:
        """The name of the check, with its blocks where these are called otherwise."""
        if self.blocks == (self.check,):
            return self.check
        return f"{self.check} ({', '.join(_without_repetition(self.blocks))})"


@dataclass(frozen=True)
class Table:
    """The rows of all checks, in their order, and words on the whole.

    first: what keeps whole files from working, and so stands above all rows.
    """

    rows: tuple[Row, ...]
    remarks: tuple[str, ...] = ()
    first: tuple[str, ...] = ()

    @property
    def earned(self) -> float:
        return sum(row.earned for row in self.rows)

    @property
    def possible(self) -> float:
        return sum(row.possible for row in self.rows)

    @property
    def all_passed(self) -> bool:
        return all(row.kind == Kind.PASSED for row in self._counted)

    @property
    def _counted(self) -> list[Row]:
        return [row for row in self.rows if not row.is_optional]

    @property
    def summary(self) -> str:
        passed = sum(row.kind == Kind.PASSED for row in self._counted)
        return (
            f"{self.earned:g} of {self.possible:g} points, "
            f"{passed} of {len(self._counted)} checks passed"
        )

    @property
    def next_step(self) -> str:
        """Say which check is the first that is not passed, in the order of the course."""
        for row in self._counted:
            if row.kind != Kind.PASSED:
                return f"Next: {row.title}, in {row.notebook}."
        return "Nothing is left to do."

    def notebooks(self) -> dict[str, list[Row]]:
        """Return the rows by notebook."""
        by_notebook: dict[str, list[Row]] = {}
        for row in self.rows:
            by_notebook.setdefault(row.notebook, []).append(row)
        return by_notebook

    def __str__(self) -> str:
        kinds = max((len(row.kind.words) for row in self.rows), default=0)
        points = max((len(row.points) for row in self.rows), default=0)
        lines = [*self.first]
        for notebook, rows in self.notebooks().items():
            lines.append(f"{notebook}: {_sum_of(rows)} points")
            for row in rows:
                lines.append(f"  {row.kind.words:<{kinds}}  {row.points:>{points}}  {row.title}")
                if row.note:
                    lines += textwrap.wrap(
                        row.note, 96, initial_indent=" " * 8, subsequent_indent=" " * 8
                    )
        return "\n".join([*lines, *self.remarks, self.summary])

    def _repr_html_(self) -> str:
        heads = "".join(
            f'<th scope="col" style="{CELL}; {LINE_BELOW}">{word}</th>'
            for word in ("check", "verdict", "points", "")
        )
        body = "".join(map(_html_of_notebook, *zip(*self.notebooks().items(), strict=True)))
        words = "".join(f"<p>{escape(words)}</p>" for words in (*self.remarks, self.summary))
        first = "".join(f"<p><b>{escape(words)}</b></p>" for words in self.first)
        return (
            f'<div style="color: inherit">{first}<table style="color: inherit; background: none; '
            f'margin: 0; border-collapse: collapse"><thead><tr>{heads}</tr></thead>{body}</table>'
            f"{words}</div>"
        )

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(str(self))


def table_of(checks: Iterable[Check], found: Mapping[str, Record | None]) -> Table:
    """Return the table of `checks`, given a record or None for each name in `found`.

    Optional exercises are in it where they have been attempted.
    """
    checks = [c for c in checks if not c.is_optional or _is_attempted(found.get(c.name))]
    courses = {id(check.course): check.course for check in checks}
    first = [line for course in courses.values() for line in freshness.unreadable_files(course)]
    return Table(tuple(_row(check, found.get(check.name)) for check in checks), first=tuple(first))


def last_verdicts(course: Course, checks: Iterable[Check]) -> Table:
    """Return the table of the last verdict on each check that was run in this workspace."""
    found, unreadable = {}, []
    for check in checks:
        try:
            found[check.name] = load(course, check.name)
        except Unreadable:
            unreadable.append(check.name)
    remarks = []
    if unreadable:
        remarks.append(
            f"What was noted of {', '.join(unreadable)} cannot be read, and counts as not run: "
            "run it again."
        )
    return replace(table_of(checks, found), remarks=tuple(remarks))


def _is_attempted(record: Record | None) -> bool:
    return record is not None and record.kind != Kind.NOT_ATTEMPTED


def _row(check: Check, record: Record | None) -> Row:
    if record is None:
        kind, earned, note = Kind.NOT_RUN, 0.0, ""
    else:
        kind, earned, note = record.kind, min(record.earned, check.points), _note(check, record)
    return Row(check.name, check.notebook, check.blocks, kind, earned, check.points, note)


def _note(check: Check, record: Record) -> str:
    said = "" if record.passed or record.kind == Kind.NOT_ATTEMPTED else record.headline
    changed = freshness.changes(check.course, record.sources, freshness.digests_of(check))
    if record.kind == Kind.NOT_ATTEMPTED:  # what it would be called on is of no interest yet
        own = {block.partition(":")[0] for block in check.blocks}
        changed = [name for name in changed if name in own]
    if not changed:
        return said
    verb = "have" if len(changed) > 1 else "has"
    stale = f"{_listed(changed)} {verb} changed since: run the check again"
    return "; ".join(filter(None, (said, stale)))


def _listed(names: list[str], most: int = 3) -> str:
    if len(names) > most:
        names = [*names[: most - 1], f"{len(names) - most + 1} more"]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _sum_of(rows: Iterable[Row]) -> str:
    return f"{sum(row.earned for row in rows):g} of {sum(row.possible for row in rows):g}"


def _html_of_notebook(notebook: str, rows: Iterable[Row]) -> str:
    head = (
        f'<tr style="background: none"><th scope="rowgroup" colspan="2" style="{CELL}; '
        f'padding-top: 0.8em">{escape(notebook)}</th><td colspan="2" style="{CELL}; '
        f'padding-top: 0.8em">{_sum_of(rows)}</td></tr>'
    )
    return f"<tbody>{head}{''.join(map(_html_of_row, rows))}</tbody>"


def _html_of_row(row: Row) -> str:
    return (
        '<tr style="background: none">'
        f'<th scope="row" style="{CELL}; font-weight: normal">{escape(row.title)}</th>'
        f'<td style="{CELL}; white-space: nowrap">{_SIGNS.get(row.kind, "○")} {row.kind.words}</td>'
        f'<td style="{CELL}; white-space: nowrap">{row.points}</td>'
        f'<td style="{CELL}">{escape(row.note)}</td></tr>'
    )


def _without_repetition(blocks: Iterable[str]) -> list[str]:
    """Name blocks of one function once: "Model.__init__, .loss:scores, :gradients"."""
    names, before = [], ""
    for block in blocks:
        function, _, label = block.partition(":")
        owner = function.rpartition(".")[0]
        if label and function == before.partition(":")[0]:
            names.append(f":{label}")
        elif owner and owner == before.partition(":")[0].rpartition(".")[0]:
            names.append(block.removeprefix(owner))
        else:
            names.append(block)
        before = block
    return names
