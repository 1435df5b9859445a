"""The page on a class: points, checks, mistakes, times, and what a person has to look at."""

from . import class_statistics as statistics
from .page import PALETTE, bar, escape, page, paragraphs, points, table
from .scores import KINDS, words

_MOST_ROWS = 25


def class_page(course, scores, missing=(), seed=None):
    """Return the page. scores: of all submissions; missing: ids of those without a result."""
    counted = [score for score in scores if score.status != "superseded"]
    pieces = [_lead(counted, seed), paragraphs(_missing(missing), "note")]
    if counted:
        checks = statistics.by_check(course, counted)
        pieces += [
            _distribution(counted),
            _for_a_person(scores),
            _checks(checks, len(counted)),
            _mistakes(counted),
            _times(checks, counted),
            _everybody(scores),
        ]
    return page("The class", *pieces)


def histogram(bins):
    """Return the distribution of points as a picture, with the numbers written in it."""
    width, height, foot, head = 720, 240, 40, 24
    step = width / max(len(bins), 1)
    most = max((count for *_, count in bins), default=0) or 1
    pieces = []
    for place, (start, end, count) in enumerate(bins):
        tall = (height - foot - head) * count / most
        x, top = place * step, height - foot - tall
        middle = f'x="{x + step / 2:.1f}" text-anchor="middle"'
        if count:
            pieces.append(
                f'<rect x="{x + 3:.1f}" y="{top:.1f}" width="{step - 6:.1f}" '
                f'height="{tall:.1f}" fill="{PALETTE["passed"]}"/>'
                f'<text {middle} y="{top - 6:.1f}">{count}</text>'
            )
        pieces.append(f'<text {middle} y="{height - foot + 18}">{start:g} to {end:g}</text>')
    label = "; ".join(f"{start:g} to {end:g} points: {count}" for start, end, count in bins)
    return (
        f'<svg role="img" aria-label="{escape(label)}" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">{"".join(pieces)}'
        f'<line class="axis" x1="0" x2="{width}" y1="{height - foot}" y2="{height - foot}"/>'
        f'<text x="{width / 2}" y="{height - 4}" text-anchor="middle">points</text></svg>'
    )


def _lead(scores, seed):
    if not scores:
        return "<p>No submission was graded yet.</p>"
    mean, median = statistics.middle(scores)
    most = scores[0].possible
    return (
        f'<p class="sum">{len(scores)} submissions, on average {mean:.1f} of {most:g} points</p>'
        f'<p class="soft">Median {median:g}. Inputs drawn with seed {seed}.</p>'
    )


def _missing(missing):
    if not missing:
        return []
    names = ", ".join(missing[:20]) + (" and others" if len(missing) > 20 else "")
    return [f"Not graded yet: {len(missing)} submissions ({names})."]


def _distribution(scores):
    return "<h2>Points</h2>" + histogram(statistics.bins(scores))


def _for_a_person(scores):
    rows = [[_link(score), _sentences(score.reasons)] for score in scores if score.reasons]
    if not rows:
        return "<h2>For a person to look at</h2><p>Nothing.</p>"
    return f"<h2>For a person to look at: {len(rows)}</h2>" + table(["submission", "why"], rows)


def _sentences(reasons):
    shown = "<br>".join(escape(reason) for reason in reasons[:5])
    return shown + (f"<br>and {len(reasons) - 5} further reasons" if len(reasons) > 5 else "")


def _checks(checks, submissions):
    rows = []
    for one in checks:
        said = ", ".join(f"{one.kinds[kind]} {words(kind)}" for kind in KINDS if one.kinds[kind])
        picture = bar([(one.kinds[kind], PALETTE[kind]) for kind in KINDS], f"{one.name}: {said}")
        rows.append(
            [
                f"{escape(one.name)}<br><span class='soft'>{escape(one.notebook)}</span>",
                f"{100 * one.kinds['passed'] / submissions:.0f} %",
                f"{picture}<span class='soft'>{escape(said)}</span>",
                points(round(one.average, 1), one.points),
            ]
        )
    keys = "".join(
        f'<span class="key" style="--colour: {PALETTE[kind]}">{words(kind)}</span>'
        for kind in KINDS
    )
    heads = ["check", "passed", "how it ended", "average"]
    return f"<h2>Checks</h2><p>{keys}</p>" + table(heads, rows, numbers=(1, 3))


def _mistakes(scores):
    found = statistics.mistakes(scores)
    if not found:
        return "<h2>Mistakes met most often</h2><p>None.</p>"
    rows = [
        [str(len(one.students)), escape(one.check), _what(one), _names(one.students)]
        for one in found[:_MOST_ROWS]
    ]
    more = len(found) - len(rows)
    rest = f'<p class="soft">and {more} further ones, each met less often or as often</p>'
    heads = ["how many", "check", "what", "who"]
    return "<h2>Mistakes met most often</h2>" + table(heads, rows) + (rest if more > 0 else "")


def _what(one):
    return escape(one.name) if one.known else f'<span class="soft">{escape(one.name)}</span>'


def _names(students):
    shown = ", ".join(escape(name) for name in students[:3])
    return shown + (f" and {len(students) - 3} more" if len(students) > 3 else "")


def _times(checks, scores):
    slowest = sorted(checks, key=lambda one: -one.longest_seconds)[:8]
    rows = [
        [escape(one.name), f"{one.median_seconds:.2f} s", f"{one.longest_seconds:.2f} s",
         escape(one.longest)]
        for one in slowest if one.longest_seconds
    ]  # fmt: skip
    took = sum(score.result["seconds"] for score in scores) / len(scores)
    lead = f"<h2>Slowest checks</h2><p>A submission took {took:.1f} s on average.</p>"
    return lead + table(["check", "median", "longest", "of"], rows, numbers=(1, 2))


def _everybody(scores):
    rows = [
        [_link(score), f'<span class="clip">{escape(score.student)}</span>', escape(score.status),
         points(score.earned, score.possible) if score.status != "superseded" else ""]
        for score in scores
    ]  # fmt: skip
    heads = ["submission", "student", "status", "points"]
    return "<h2>All submissions</h2>" + table(heads, rows, numbers=(3,))


def _link(score):
    name = f'<span class="clip">{escape(score.id)}</span>'
    if score.status == "superseded":
        return name
    return f'<a href="submissions/{escape(score.id)}/feedback.html">{name}</a>'
