"""From what a check sent out of its sandbox to points, in the process that is trusted.

Nothing that arrives is believed to be what it should be: it may have been written by anybody.
"""

import json
import math
from dataclasses import dataclass, replace

from ..checks import Kind, Verdict, wire
from .inside.runner import (
    ASKED_TOO_MUCH,
    FINISHED,
    KILLED,
    TIMED_OUT,
    TOO_MUCH_MEMORY,
    TOO_MUCH_OUTPUT,
)
from .kernel import MIME

_MAX_TEXT = 20_000  # characters of one verdict


@dataclass(frozen=True)
class Answer:
    """What a cell sent: how the check ended, how long it took, the files and the outcome."""

    ended: int
    seconds: float
    files: dict
    outcome: bytes


class Unreadable(ValueError):
    """A cell did not send what a check sends."""


def read_answer(outputs):
    """Return the Answer in a cell's outputs. Raises Unreadable unless there is exactly one."""
    sent = [output["data"][MIME] for output in outputs or () if MIME in output.get("data", {})]
    if len(sent) != 1:
        raise Unreadable(f"the cell sent {len(sent)} answers, expected 1")
    return answer_of(sent[0])


def answer_of(ended):
    """Return the Answer in what a RunnerKernel says of a check. Raises Unreadable."""
    listed, _, outcome = ended["sent"].partition(b"\n")
    try:
        files = json.loads(listed) if ended["ended"] == FINISHED else {}
        files = {str(path): str(digest) for path, digest in files.items()}
    except (AttributeError, RecursionError, ValueError) as error:
        raise Unreadable(f"the answer is not what a check sends: {error!r}"[:200]) from None
    seconds = ended["seconds"] if math.isfinite(ended["seconds"]) else 0
    return Answer(ended["ended"], seconds, files, outcome)


def judged(check, answer, key):
    """Return the entry of a result for a check that sent an answer."""
    if answer.ended != FINISHED:
        kind, sentence = _ENDS.get(answer.ended, _ENDS[KILLED])
        return not_judged(check, kind, sentence, answer.seconds)
    expected = key.expected(check)
    verdict = _verdict(check, answer, expected, _known_mistakes(check, key))
    if verdict is None:
        sentence = "What the check sent cannot be judged."
        return not_judged(check, Kind.UNREADABLE, sentence, answer.seconds)
    return _entry(check, _with_limit(verdict), answer.seconds)


def _verdict(check, answer, expected, known):
    """Return the verdict, or None for an outcome that cannot be judged."""
    try:
        verdict = check.judge(wire.received(answer.outcome, expected), expected, known)
        str(verdict), verdict._repr_html_()
    except Exception:  # an outcome made by hand may hold anything
        return None
    return verdict


def _known_mistakes(check, key):
    """Yield pairs (Signature, mistake), which take long to read, if a verdict asks for them."""
    yield from key.mistakes(check)


def _with_limit(verdict):
    """Add to a crash over a limit what the limit is, since the system's words do not tell."""
    for words, sentence in _LIMITS.items():
        if verdict.kind == Kind.CRASHED and words in verdict.headline:
            return replace(verdict, sentences=(*verdict.sentences, sentence))
    return verdict


_LIMITS = {
    "can't start new thread": "Where it is graded, code may start no threads.",
    "BlockingIOError": "Where it is graded, code may start no processes.",
    "MemoryError": "Where it is graded, code has far more memory than any task needs.",
}


def not_judged(check, kind, sentence, seconds=0.0):
    """Return the entry of a result for a check without an outcome."""
    verdict = Verdict(check.name, kind, possible=check.points, sentences=(sentence,))
    return _entry(check, verdict, seconds)


_ENDS = {
    KILLED: (Kind.KILLED, "The process that ran your code ended in the middle of the check."),
    TIMED_OUT: (Kind.TIMED_OUT, "The check was not through when its time was up. Is there a loop "
                "in your code that does not come to its end?"),
    TOO_MUCH_MEMORY: (Kind.KILLED, "Your code took up more memory than a check may use."),
    TOO_MUCH_OUTPUT: (Kind.KILLED, "The check returned more than any answer can be long."),
    ASKED_TOO_MUCH: (Kind.KILLED, "The check asked the judge more than any check has to ask."),
}  # fmt: skip


def _entry(check, verdict, seconds):
    return {
        "check": check.name,
        "notebook": check.notebook,
        "points": check.points,
        "earned": float(verdict.earned),
        "kind": verdict.kind.value,
        "first_line": _presentable(verdict.first_line, 500),
        "text": _presentable(str(verdict), _MAX_TEXT),
        "html": _presentable(verdict._repr_html_(), 4 * _MAX_TEXT, cut_off=""),
        "mistake": verdict.mistake,
        "seconds": round(seconds, 3),
    }


def _presentable(text, length, cut_off=None):
    """Return text that any file can hold. A text that is too long is cut, or replaced."""
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    if len(text) <= length:
        return text
    return text[:length] + " ..." if cut_off is None else cut_off
