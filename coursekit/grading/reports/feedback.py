"""The page that a student gets: what each check says, and what it is worth."""

from .page import details, escape, page, paragraphs, points, table, worded
from .scores import words

_SIGNS = {"passed": "✓", "not_attempted": "○", "not_run": "○"}


def feedback_page(score):
    """Return the page of a Score."""
    pieces = [
        f'<p class="sum">{escape(points(score.earned, score.possible))} points</p>',
        paragraphs(score.result["problems"], "note"),
    ]
    if score.result["checks"]:
        pieces.append(_overview(score))
        pieces += [_notebook(score, name) for name in score.notebooks if score.of_notebook(name)]
    pieces.append(_answers(score.result["answers"]))
    pieces.append(_files(score.result))
    return page(score.student, *pieces)


def _overview(score):
    rows = []
    for name in score.notebooks:
        entries = score.of_notebook(name)
        passed = sum(entry["kind"] == "passed" for entry in entries)
        earned = points(score.sum("earned", name), score.sum("points", name))
        rows.append([escape(name), f"{passed} of {len(entries)}", escape(earned)])
    return table(["notebook", "passed", "points"], rows, numbers=(1, 2))


def _notebook(score, name):
    entries = score.of_notebook(name)
    earned = points(score.sum("earned", name), score.sum("points", name))
    lines = [_check(entry) for entry in entries]
    return f"<h2>{escape(name)}: {escape(earned)} points</h2>\n" + "\n".join(lines)


def _check(entry):
    sign = _SIGNS.get(entry["kind"], "✗")
    opened = entry["kind"] not in ("passed", "not_attempted", "not_run")
    # The unit made this HTML from values, and escaped all that is a student's.
    body = entry["html"] or f"<pre>{escape(entry['text'])}</pre>"
    earned = f"{words(entry['kind'])}, {points(entry['earned'], entry['points'])}"
    return details(f"{sign} {entry['check']}", earned, body, opened=opened)


def _answers(answers):
    if not answers:
        return ""
    pieces = ["<h2>Your answers in words</h2>", '<p class="soft">A person reads these.</p>']
    for answer in answers:
        pieces.append(f"<h3>{escape(answer['notebook'])}</h3>")
        pieces.append(f'<div class="answer soft">{worded(answer["prompt"])}</div>')
        pieces.append(f'<div class="answer">{escape(answer["answer"] or "Nothing written.")}</div>')
    return "\n".join(pieces)


def _files(result):
    if not result["files"]:
        return ""
    rows = [[escape(path), f"<code>{escape(digest)}</code>"] for path, digest in
            result["files"].items()]  # fmt: skip
    said = paragraphs(result["proof"])
    what = table(["file of yours that was graded", "SHA-256"], rows) + said
    return "<h2>What was graded</h2>" + details("Files and hashes", "", what, opened=False)
