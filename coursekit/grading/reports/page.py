"""HTML pages, each one file that needs no script and follows the reader's choice of dark or light.

Whatever a student wrote goes through `escape`. Should anything slip through, the page's own policy
keeps scripts from running and anything from being fetched.
"""

import re
from html import escape

__all__ = """
    PALETTE bar details escape page paragraphs points table worded
""".split()

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

# Okabe and Ito's colours, which colour-blind readers can tell apart. A word stands beside each.
PALETTE = {
    "passed": "#0072b2",
    "partly": "#56b4e9",
    "wrong": "#e69f00",
    "crashed": "#d55e00",
    "not_attempted": "#8c8c8c",
    "other": "#cc79a7",
}

_STYLE = """
:root { color-scheme: light dark; --ink: #1b1b1b; --soft: #5a5a5a; --paper: #fff; --line: #d4d4d4;
  --tint: #f4f4f2; --link: #00598c; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e6e3; --soft: #a8a5a0; --paper: #17181a; --line: #3c3e42; --tint: #212326;
    --link: #7cc4f0; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 62rem; color: var(--ink);
  background: var(--paper); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 2.4rem 0 .6rem; } h3 { font-size: 1rem; margin: 1.6rem 0 .4rem; }
p { margin: .4rem 0; } .soft { color: var(--soft); } a { color: var(--link); }
.sum { font-size: 1.35rem; margin: 0 0 1rem; }
table.list { border-collapse: collapse; width: 100%; margin: .6rem 0; }
.list th, .list td { text-align: left; vertical-align: top; padding: .3rem .9rem .3rem 0;
  border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
.list thead th { color: var(--soft); font-weight: 600; font-size: .9rem; white-space: nowrap; }
.list tbody th { font-weight: normal; } .list .number { text-align: right;
  font-variant-numeric: tabular-nums; white-space: nowrap; }
.scroll { overflow-x: auto; }
details { border: 1px solid var(--line); border-radius: .4rem; margin: .5rem 0; }
summary { cursor: pointer; padding: .45rem .8rem; display: flex; gap: .8rem;
  align-items: baseline; }
summary::before { content: "▸"; color: var(--soft); } details[open] > summary::before {
  content: "▾"; }
summary b { overflow-wrap: anywhere; } summary .right { margin-left: auto; white-space: nowrap;
  font-variant-numeric: tabular-nums; }
details > div { padding: .2rem 1rem .8rem; overflow-x: auto; border-top: 1px solid var(--line); }
.note { background: var(--tint); border-left: 4px solid #e69f00; padding: .5rem 1rem;
  margin: 1rem 0; overflow-wrap: anywhere; }
pre { background: var(--tint); padding: .6rem .8rem; overflow-x: auto; font-size: .9rem; }
.clip { display: inline-block; max-width: 20rem; overflow-wrap: anywhere; }
.answer { white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0; }
svg { display: block; max-width: 100%; height: auto; } svg text { fill: var(--ink);
  font: 13px system-ui, sans-serif; } svg .axis { stroke: var(--line); }
.key { display: inline-block; margin-right: 1.2rem; white-space: nowrap; }
.key::before { content: ""; display: inline-block; width: .8em; height: .8em; margin-right: .4em;
  background: var(--colour); }
@media (max-width: 34rem) { summary { flex-wrap: wrap; gap: .1rem .6rem; }
  .list th, .list td { padding-right: .5rem; } .list thead th { white-space: normal; }
  .list .number { white-space: normal; } }
@media print { details { break-inside: avoid; } }
"""


def page(title, *pieces):
    """Return a whole page. `title` is escaped; pieces are HTML."""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{escape(title)}</h1>\n" + "\n".join(pieces) + "\n</body>\n</html>\n"
    )


def table(heads, rows, numbers=()):
    """Return a table of HTML cells. Columns in `numbers` are set flush right."""
    kinds = [' class="number"' if column in numbers else "" for column in range(len(heads))]
    head = "".join(
        f'<th scope="col"{kind}>{escape(name)}</th>'
        for kind, name in zip(kinds, heads, strict=True)
    )
    body = "\n".join(
        "<tr>" + "".join(f"<td{kind}>{cell}</td>" for kind, cell in zip(kinds, row, strict=True))
        + "</tr>"
        for row in rows
    )  # fmt: skip
    return (
        f'<div class="scroll"><table class="list"><thead><tr>{head}</tr></thead>\n'
        f"<tbody>{body}</tbody></table></div>"
    )


def details(title, right, body, *, opened):
    """Return a line that opens to more. `title` and `right` are escaped, `body` is HTML."""
    return (
        f"<details{' open' if opened else ''}><summary><b>{escape(title)}</b>"
        f'<span class="right">{escape(right)}</span></summary><div>{body}</div></details>'
    )


def paragraphs(sentences, kind=""):
    """Return escaped sentences as paragraphs, in a box of a kind if there is one."""
    if not sentences:
        return ""
    inside = "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
    return f'<div class="{kind}">{inside}</div>' if kind else inside


def worded(text):
    """Return escaped text in which what stands between two pairs of stars is bold."""
    return re.sub(r"\*\*([^*\n]{1,200})\*\*", r"<b>\1</b>", escape(text))


def points(earned, possible):
    """Say how many points there are: '4.5 of 6'."""
    return f"{earned:g} of {possible:g}"


def bar(parts, label, width=220, height=14):
    """Return an inline picture of shares in a row; parts: pairs (number, colour)."""
    total = sum(number for number, _ in parts) or 1
    pieces, x = [], 0.0
    for number, colour in parts:
        length = width * number / total
        if number:
            pieces.append(
                f'<rect x="{x:.1f}" y="0" width="{length:.1f}" height="{height}" fill="{colour}"/>'
            )
        x += length
    return (
        f'<svg role="img" aria-label="{escape(label)}" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}">{"".join(pieces)}</svg>'
    )
