"""What the notebooks came to: for a terminal, as Markdown, as JSON, and in Gradescope's form."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ..files import write_bytes

Cell = dict[str, Any]


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
        """Say what to do next: the first check that is not passed and waits for nothing."""
        for cell in self.cells:
            if cell["outcome"] == "failed":
                verdict = f" ({_words(cell)})" if cell["check"] else f": {cell['headline']}"
                return f"Next: {cell['cell']} in {cell['notebook']}{verdict}."
        if any(cell["outcome"] == "skipped" for cell in self.cells):
            return "Next: what the cells above wait for."
        return "Everything that was run has passed."

    def as_text(self) -> str:
        """Return a table for a terminal."""
        lines = []
        checks = max((len(cell["check"]) for cell in self.checks), default=0)
        words = max((len(_words(cell)) for cell in self.checks), default=0)
        for notebook, cells in self.notebooks().items():
            lines.append(f"{notebook}: {_sum_of(cells)}" if cells else f"{notebook}: no checks")
            for cell in cells:
                said = f"  {cell['sentence']}" if cell["outcome"] != "passed" else ""
                points = f"{cell['earned']:g} of {cell['points']:g}"
                row = f"  {cell['check']:<{checks}}  {_words(cell):<{words}}  {points:>9}{said}"
                lines.append(_cut(row.rstrip()))
            lines += [
                _cut(f"  {cell['cell']} [{cell['number']}]  failed: {cell['headline']}")
                for cell in self.failures
                if cell["notebook"] == notebook
            ]
        return "\n".join([*lines, *self._waiting(), f"{_sum_of(self.checks)}. {self.next_step()}"])

    def _waiting(self) -> list[str]:
        """Say in a line how many cells without a check wait, and for what."""
        causes = Counter(c["waits_for"] for c in self.cells if c["waits_for"] and not c["check"])
        if not causes:
            return []
        named = ", ".join(f"{cause} ({count})" for cause, count in causes.most_common())
        return [f"Cells that wait for others: {named}"]

    def as_markdown(self) -> str:
        """Return a table for the summary of a job."""
        lines = [f"## {_sum_of(self.checks)}", "", self.next_step()]
        for notebook, cells in self.notebooks().items():
            lines += ["", f"### {notebook}: {_sum_of(cells) if cells else 'no checks'}", ""]
            if cells:
                lines += ["| check | verdict | points | |", "| --- | --- | --- | --- |"]
            for cell in cells:
                said = cell["sentence"] if cell["outcome"] != "passed" else ""
                points = f"{cell['earned']:g} of {cell['points']:g}"
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
            "checks": [_without(cell, ("path", "cell", "number")) for cell in self.checks],
            "cells": [_without(cell, ("path", "points", "earned")) for cell in self.cells],
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
            ],
        }


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


def _cut(line: str, width: int = 110) -> str:
    return line if len(line) <= width else f"{line[: width - 3].rstrip()}..."


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _without(cell: Cell, keys: Sequence[str]) -> Cell:
    return {key: value for key, value in cell.items() if key not in keys}
