"""A verdict as aligned text, and as a table for a notebook.

Neither says by colour what it does not say by word. The table takes all its colours from the page
around it, so that it reads on a dark one too.
"""

import textwrap
from html import escape

from .outcome import SIDE_EFFECT, VALUE, plain

_SIGNS = {"right": "✓", "wrong": "✗", "remark": "•", "missing": "○"}
# How long a line and a name are in text, and how many cases a row names.
_WIDTH, _NAME_WIDTH, _MOST_CASES = 100, 40, 6
# More than any verdict has.
_MOST_TEXT = 10**6
# What it amounts to that there is no side effect.
_NO_SIDE_EFFECT = {"inputs": "left as they were"}
CELL = "text-align: left; vertical-align: top; padding: 0.2em 1em 0.2em 0"
# Lines of code fold where a page is as narrow as a phone.
_FOLDED = "color: inherit; background: none; white-space: pre-wrap; overflow-wrap: anywhere"
LINE_BELOW = "border-bottom: 1px solid currentColor"


def as_text(verdict):
    """Return the verdict as lines of text, the first one stable from run to run."""
    rows = _rows(verdict)
    status_width = max((len(status) for status, _, _ in rows), default=0)
    widths = [len(name) for _, name, _ in rows if len(name) <= _NAME_WIDTH]
    width = max(widths, default=_NAME_WIDTH)
    said = (*verdict.lead, *verdict.sentences)
    lines = [verdict.first_line, *(f"  {sentence}" for sentence in said)]
    lines += trace(verdict.frames)
    for status, name, what in rows:
        start = f"  {status:<{status_width}}  {name:<{width}}  "
        margin = 6 + status_width + width
        wrapped = textwrap.wrap(what, _WIDTH - margin, break_long_words=False) or [""]
        if len(start) > margin and what:  # a long name has a line of its own
            wrapped.insert(0, "")
        lines += [(start + wrapped[0]).rstrip(), *(" " * margin + line for line in wrapped[1:])]
    if verdict.example:
        lines += [f"  {line}" for line in str(verdict.example).splitlines()]
    lines += [f"  {sentence}" for sentence in (*verdict.notes, points(verdict), *verdict.hints)]
    return plain("\n".join(lines), _MOST_TEXT)


def as_html(verdict):
    """Return the verdict as HTML: a first line, sentences, and what was compared as a table."""
    pieces = [f"<p><strong>{escape(verdict.first_line)}</strong></p>"]
    pieces += [f"<p>{escape(sentence)}</p>" for sentence in (*verdict.lead, *verdict.sentences)]
    if verdict.frames:
        lines = escape("\n".join(trace(verdict.frames)))
        pieces.append(f'<pre style="{_FOLDED}">{lines}</pre>')
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
    if verdict.example:
        pieces.append(verdict.example._repr_html_())
    below = (*verdict.notes, points(verdict), *verdict.hints)
    pieces += [f"<p>{escape(sentence)}</p>" for sentence in below]
    return plain(f'<div style="color: inherit">{"".join(pieces)}</div>', _MOST_TEXT)


def points(verdict):
    """Say what the answer earns: '4.5 of 6 points'."""
    if not verdict.possible:
        return "An optional exercise: it gives no points."
    unit = "point" if verdict.possible == 1 else "points"
    return f"{verdict.earned:g} of {verdict.possible:g} {unit}"


def _html_row(status, name, what):
    return (
        '<tr style="background: none">'
        f'<td style="{CELL}; white-space: nowrap">{_SIGNS[status]} {status}</td>'
        f'<th scope="row" style="{CELL}; font-weight: normal">{escape(name)}</th>'
        f'<td style="{CELL}">{escape(what)}</td></tr>'
    )


def _rows(verdict):
    """Return (status, name, what): a row for each fact, whatever number of cases it is about."""
    values = [part for part in verdict.parts if part.kind == VALUE]
    if all(part.what == "not reached" for part in values):
        return _rows_of(verdict.remarks, "remark")
    rows, missing = [], []
    for kind in (VALUE, SIDE_EFFECT):
        for group, parts in verdict.groups(kind).items():
            wrong = [part for part in parts if not part.ok]
            missing += [part for part in wrong if _is_missing(part)]
            rows += _rows_of([part for part in wrong if not _is_missing(part)], "wrong", len(parts))
            rows += _row_of_right(group, parts, kind)
    return rows + _row_of_missing(missing) + _rows_of(verdict.remarks, "remark")


def _rows_of(parts, status, count=0):
    """Return a row for each way in which parts of a group are wrong. count: those of the group."""
    alike = {}
    for part in parts:
        alike.setdefault((part.group, part.way or part.what), []).append(part)
    rows = []
    for (group, _), told in alike.items():
        if len(told) == 1:
            rows.append((status, told[0].name, told[0].what))
        elif told[0].kind == VALUE:
            rows.append((status, group, _cases(told, count)))
        else:
            rows.append((status, group, f"{told[0].what}: {_names(told)}"))
    return rows


def _cases(told, count):
    """Say in which cases a group is wrong, and show the first of them.

    Where most are, there is a row for those that are right, and it names them.
    """
    what = told[0].what
    case = f'In "{told[0].case}"' if told[0].case else "In the first"
    example = f"{case} {what}" if what.startswith("at [") else f"{case}: {what}"
    if len(told) == count:
        return f"in all {count} cases. {example}"
    if len(told) > _MOST_CASES or 2 * len(told) > count + 1:
        return f"in {len(told)} of {count} cases. {example}"
    return f"in {len(told)} of {count} cases: {_names(told)}. {example}"


def _names(parts):
    names = [_name(part) for part in parts]
    if len(names) > _MOST_CASES:
        names = [*names[: _MOST_CASES - 1], f"and {len(names) - _MOST_CASES + 1} more"]
    return "; ".join(names)


def _name(part):
    return part.case or "the one without a name"


def _is_missing(part):
    return part.what in ("not reached", "missing")


def _row_of_missing(missing):
    """Return one row for all that did not come out, which may be a dozen arrays of a net."""
    if len(missing) < 2:
        return [("missing", part.name, "did not come out") for part in missing]
    groups = dict.fromkeys(part.group for part in missing)
    return [("missing", f"{len(missing)} results", f"did not come out: {'; '.join(groups)}")]


def _row_of_right(group, parts, kind):
    right = [part for part in parts if part.ok]
    if not right:
        return []
    if len(right) < len(parts):
        if kind != VALUE:
            return []
        return [("right", group, f"in {len(right)} of {len(parts)} cases: {_names(right)}")]
    if kind != VALUE:
        return [("right", group, _NO_SIDE_EFFECT.get(group, ""))]
    return [("right", group, f"{len(parts)} cases" if len(parts) > 1 else "")]


def place_of(frames):
    """Say where the innermost frame is: ' in double (small/layers.py, line 3)'."""
    if not frames:
        return ""
    inside = f" in {frames[-1].function}" if frames[-1].function else ""
    return f"{inside} ({frames[-1].path}, line {frames[-1].line})"


def trace(frames):
    """Return the student's lines that led to an exception, the last call last."""
    lines = []
    for frame in frames:
        if not frame.path:  # what was left out
            lines.append(f"  {frame.source}")
            continue
        inside = f", in {frame.function}" if frame.function else ""
        lines += [f"  {frame.path}, line {frame.line}{inside}", f"      {frame.source}"]
    return lines
