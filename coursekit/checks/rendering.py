"""A verdict as aligned text, and as a table for a notebook.

Neither says by colour what it does not say by word. The table takes all its colours from the page
around it, so that it reads on a dark one too.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from .outcome import SIDE_EFFECT, VALUE

if TYPE_CHECKING:
    from .verdict import Part, Verdict

_SIGNS = {"right": "✓", "wrong": "✗", "remark": "•", "not run": "○"}
# What it amounts to that there is no side effect.
_NO_SIDE_EFFECT = {"inputs": "left as they were"}
CELL = "text-align: left; vertical-align: top; padding: 0.2em 1em 0.2em 0"
LINE_BELOW = "border-bottom: 1px solid currentColor"


def as_text(verdict: Verdict) -> str:
    """Return the verdict as lines of text, the first one stable from run to run."""
    rows = _rows(verdict)
    widths = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    lines = [verdict.first_line, *(f"  {sentence}" for sentence in _sentences(verdict))]
    lines += _trace(verdict)
    for status, name, what in rows:
        lines.append(f"  {status:<{widths[0]}}  {name:<{widths[1]}}  {what}".rstrip())
    lines += [f"  {sentence}" for sentence in (*verdict.notes, points(verdict), *verdict.hints)]
    return "\n".join(lines)


def as_html(verdict: Verdict) -> str:
    """Return the verdict as HTML: a first line, sentences, and what was compared as a table."""
    pieces = [f"<p><strong>{escape(verdict.first_line)}</strong></p>"]
    pieces += [f"<p>{escape(sentence)}</p>" for sentence in _sentences(verdict)]
    if verdict.frames:
        pieces.append(f"<pre>{escape(chr(10).join(_trace(verdict)))}</pre>")
    rows = _rows(verdict)
    if rows:
        heads = "".join(
            f'<th scope="col" style="{CELL}; {LINE_BELOW}">{word}</th>'
            for word in ("verdict", "on", "how")
        )
        body = "".join(_html_row(*row) for row in rows)
        pieces.append(
            '<table style="color: inherit; background: none; margin: 0; border-collapse: collapse">'
            f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table>"
        )
    below = (*verdict.notes, points(verdict), *verdict.hints)
    pieces += [f"<p>{escape(sentence)}</p>" for sentence in below]
    return f'<div style="color: inherit">{"".join(pieces)}</div>'


def points(verdict: Verdict) -> str:
    """Say what the answer earns: '4.5 of 6 points'."""
    unit = "point" if verdict.possible == 1 else "points"
    return f"{verdict.earned:g} of {verdict.possible:g} {unit}"


def _sentences(verdict: Verdict) -> list[str]:
    """Return what is said right below the first line: what to put right elsewhere comes first."""
    return [sentence for sentence in (verdict.leaning, *verdict.sentences) if sentence]


def _html_row(status: str, name: str, what: str) -> str:
    return (
        '<tr style="background: none">'
        f'<td style="{CELL}; white-space: nowrap">{_SIGNS[status]} {status}</td>'
        f'<th scope="row" style="{CELL}; font-weight: normal">{escape(name)}</th>'
        f'<td style="{CELL}">{escape(what)}</td></tr>'
    )


def _rows(verdict: Verdict) -> list[tuple[str, str, str]]:
    """Return (status, name, what) for all that is not right, and in one row a group what is."""
    rows = []
    if any(part.what != "not reached" for part in verdict.parts if part.kind == VALUE):
        for kind in (VALUE, SIDE_EFFECT):
            for group, parts in verdict.groups(kind).items():
                rows += [_row_of_wrong(part) for part in parts if not part.ok]
                rows += _row_of_right(group, parts, kind)
    return rows + [("remark", part.name, part.what) for part in verdict.remarks]


def _row_of_wrong(part: Part) -> tuple[str, str, str]:
    if part.what == "not reached":
        return "not run", part.name, ""
    return "wrong", part.name, part.what


def _row_of_right(group: str, parts: list[Part], kind: str) -> list[tuple[str, str, str]]:
    right = [part for part in parts if part.ok]
    if not right:
        return []
    if len(right) < len(parts):
        if kind != VALUE:
            return []
        cases = "; ".join(part.case or "first case" for part in right)
        return [("right", group, f"in {len(right)} of {len(parts)} cases: {cases}")]
    if kind != VALUE:
        return [("right", group, _NO_SIDE_EFFECT.get(group, ""))]
    return [("right", group, f"{len(parts)} cases" if len(parts) > 1 else "")]


def _trace(verdict: Verdict) -> list[str]:
    """Return the student's lines that led to an exception, the last call last."""
    lines = []
    for frame in verdict.frames:
        if not frame.path:  # what was left out
            lines.append(f"  {frame.source}")
            continue
        inside = f", in {frame.function}" if frame.function else ""
        lines += [f"  {frame.path}, line {frame.line}{inside}", f"      {frame.source}"]
    return lines
