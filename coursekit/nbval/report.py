"""What the notebooks came to: for a terminal, as Markdown, as JSON, and in Gradescope's form."""

from __future__ import annotations

import json
import os
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..files import write_bytes

Cell = dict[str, Any]

_WIDTH, _INDENT = 120, " " * 6
_MOST_CAUSES = 6


class Summary:
    """The cells that were run, as the reports of pytest describe them.

    A check counts once: by the last cell that ran it.
    """

    def __init__(self, cells: Sequence[Cell]) -> None:
        self.cells = list(cells)
        last = {(cell["path"], cell["check"]): cell for cell in self.cells if cell["check"]}
        self.checks = list(last.values())

    @property
    def earned(self) -> float:
        return sum(cell["earned"] for cell in self.checks)

    @property
    def points(self) -> float:
        return sum(cell["points"] for cell in self.checks)

    @property
    def failures(self) -> list[Cell]:
        """The cells that failed and run no check."""
        return [c for c in self.cells if not c["check"] and c["outcome"] == "failed"]

    def notebooks(self) -> dict[str, list[Cell]]:
        """Return the cells with checks by notebook; one without checks has an empty list."""
        found: dict[str, list[Cell]] = {cell["notebook"]: [] for cell in self.cells}
        for cell in self.checks:
            found[cell["notebook"]].append(cell)
        return found

    def next_step(self) -> str:
        """Say what to do next.

        First comes a file that cannot be read, then checks, in the order of the course, in which
        later ones build on earlier ones, and then other cells.
        """
        failed = [cell for cell in self.cells if cell["outcome"] == "failed"]
        waiting = Counter(c["waits_for"] for c in self.cells if c["waits_for"])
        if failed:
            first = min(failed, key=lambda cell: cell["order"])
            if first["order"] < 0:
                return f"Next: {_ended(first['headline'])}"
            verdict = f" ({_words(first)})" if first["check"] else f": {first['headline']}"
            return f"Next: {first['cell']} in {first['notebook']}{_ended(verdict)}"
        if waiting:
            cause, count = waiting.most_common(1)[0]
            cells = f"{count} cells wait" if count > 1 else "a cell waits"
            return f"Next: {cause}, for which {cells}."
        return "Everything that was run has passed."

    @property
    def waits_in_vain(self) -> bool:
        """Whether nothing has failed, and yet a check waits for what is not done."""
        return any(c["check"] and c["waits_for"] for c in self.cells) and not any(
            cell["outcome"] == "failed" for cell in self.cells
        )

    def as_text(self) -> str:
        """Return a table for a terminal."""
        lines = []
        checks = max((len(cell["check"]) for cell in self.checks), default=0)
        words = max((len(_words(cell)) for cell in self.checks), default=0)
        for notebook, cells in self.notebooks().items():
            lines.append(f"{notebook}: {_sum_of(cells)}" if cells else f"{notebook}: no checks")
            for cell in cells:
                points = _points_of(cell)
                row = f"  {cell['check']:<{checks}}  {_words(cell):<{words}}  {points:>9}"
                lines += _wrapped(row, _said(cell))
            for cell in self.failures:
                if cell["notebook"] == notebook:
                    name = f"  {cell['cell']}, In [{cell['number']}]  failed:"
                    lines += _wrapped(name, cell["headline"])
        return "\n".join([*lines, *self._waiting(), f"{_sum_of(self.checks)}. {self.next_step()}"])

    def _waiting(self) -> list[str]:
        """Say in a line how many cells without a check wait, and for what."""
        causes = Counter(c["waits_for"] for c in self.cells if c["waits_for"] and not c["check"])
        if not causes:
            return []
        named = [f"{cause} ({count})" for cause, count in causes.most_common(_MOST_CAUSES)]
        if more := len(causes) - len(named):
            named.append(f"and {more} more")
        return textwrap.wrap(f"Cells that wait for others: {', '.join(named)}", _WIDTH)

    def as_markdown(self) -> str:
        """Return a table for the summary of a job."""
        lines = [f"## {_sum_of(self.checks)}", "", self.next_step()]
        for notebook, cells in self.notebooks().items():
            lines += ["", f"### {notebook}: {_sum_of(cells) if cells else 'no checks'}", ""]
            if cells:
                lines += ["| check | verdict | points | |", "| --- | --- | --- | --- |"]
            for cell in cells:
                said = cell["sentence"] if cell["outcome"] != "passed" else ""
                points = _points_of(cell)
                lines.append(
                    f"| `{cell['check']}` | {_words(cell)} | {points} | {_escaped(said)} |"
                )
            lines += [
                f"- {_escaped(cell['cell'])} failed: {_escaped(cell['headline'])}"
                for cell in self.failures
                if cell["notebook"] == notebook
            ]
        return "\n".join(lines) + "\n"

    def as_json(self) -> dict[str, Any]:
        """Return all that is known of the cells, and the sums."""
        return {
            "earned": self.earned,
            "points": self.points,
            "next": self.next_step(),
            "checks": [_without(cell, ("path", "cell", "number", "order")) for cell in self.checks],
            "cells": [_without(cell, ("path", "points", "earned", "order")) for cell in self.cells],
        }

    def as_gradescope(self) -> dict[str, Any]:
        """Return what Gradescope takes as the results of an autograder."""
        return {
            "score": self.earned,
            "tests": [
                {
                    "name": cell["check"],
                    "number": f"{cell['notebook']}",
                    "score": cell["earned"],
                    "max_score": cell["points"],
                    "status": "passed" if cell["outcome"] == "passed" else "failed",
                    "output": f"{_words(cell)}. {cell['sentence']}".strip(),
                }
                for cell in self.checks
                if cell["points"]  # optional exercises are nothing that a grade knows of
            ],
        }


def _points_of(cell: Cell) -> str:
    return f"{cell['earned']:g} of {cell['points']:g}" if cell["points"] else "optional"


def form_of(path: str | Path) -> str | None:
    """Return "json", "gradescope" or "markdown" by the name of a file, or None."""
    name = Path(path).name
    if os.environ.get("GITHUB_STEP_SUMMARY") and str(path) == os.environ["GITHUB_STEP_SUMMARY"]:
        return "markdown"
    if name == "results.json" or name.endswith(".gradescope.json"):
        return "gradescope"
    return {".json": "json", ".md": "markdown"}.get(Path(path).suffix)


def write(path: Path, summary: Summary) -> str:
    """Write a report in the form that its name asks for, and say where it is.

    A file that GitHub shows in a summary is added to, since other steps write into it, too.
    """
    form = form_of(path)
    if form == "markdown" and str(path) == os.environ.get("GITHUB_STEP_SUMMARY"):
        with path.open("a", encoding="utf-8") as file:
            file.write(summary.as_markdown())
    elif form == "markdown":
        write_bytes(path, summary.as_markdown().encode())
    else:
        told = summary.as_gradescope() if form == "gradescope" else summary.as_json()
        write_bytes(path, (json.dumps(told, indent=1, ensure_ascii=False) + "\n").encode())
    return f"{path}: written"


def _words(cell: Cell) -> str:
    return str(cell["verdict"]).replace("_", " ")


def _sum_of(cells: Iterable[Cell]) -> str:
    cells = list(cells)
    earned, points = (sum(cell[key] for cell in cells) for key in ("earned", "points"))
    return f"{earned:g} of {points:g} point{'s' if points != 1 else ''}"


def _ended(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _said(cell: Cell) -> str:
    """Return what the table says beside a verdict."""
    if cell["outcome"] == "passed":
        return ""
    return cell["sentence"].removesuffix(" is not filled in yet.")  # as the verdict says


def _wrapped(begun: str, said: str) -> list[str]:
    """Return a line, or further ones below where its words take more room."""
    line = f"{begun}  {said}".rstrip()
    if len(line) <= _WIDTH:
        return [line]
    return [begun, *textwrap.wrap(said, _WIDTH, initial_indent=_INDENT, subsequent_indent=_INDENT)]


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _without(cell: Cell, keys: Sequence[str]) -> Cell:
    return {key: value for key, value in cell.items() if key not in keys}
