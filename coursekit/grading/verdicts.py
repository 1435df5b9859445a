"""From what a check sent out of its sandbox to points, in the process that is trusted.

Nothing that arrives is believed to be what it should be: it may have been written by anybody.
"""

import json
import math
from dataclasses import dataclass, replace

from ..checks import Kind, Verdict, wire
from ..checks.verdict import better
from .inside.runner import (
    ASKED_TOO_MUCH,
    FINISHED,
    KILLED,
    TIMED_OUT,
    TOO_MUCH_MEMORY,
    TOO_MUCH_OUTPUT,
)
from .kernel import MIME
from .results import CheckResult

_MAX_TEXT = 20_000  # characters of one verdict
_MOST_NAMES = 20  # blocks that it leans on


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


def judged(check, answer, key, run_again=None):
    """Return the CheckResult of a check that sent an answer.

    `run_again`, a function from a check to another Answer, is called where the check is not passed:
    then other blocks are answered by the reference, and the better of two verdicts counts.
    """
    if answer.ended != FINISHED:
        kind, sentence = _ENDS.get(answer.ended, _ENDS[KILLED])
        return not_judged(check, kind, sentence, answer.seconds)
    expected = key.expected(check)
    verdict = _verdict(check, answer, expected)
    if verdict and verdict.kind.gets_second_run:
        verdict = _verdict(check, answer, expected, key.mistakes(check))
        if verdict and run_again:
            verdict = _with_second(verdict, check, run_again(check), expected)
        if verdict and verdict.kind.gets_second_run:
            key.keep_red(check, verdict, wire.received(answer.outcome, expected))
    if verdict is None:
        sentence = "What the check sent cannot be judged."
        return not_judged(check, Kind.UNREADABLE, sentence, answer.seconds)
    return check_result(check, _with_limit(verdict), answer.seconds)


def _verdict(check, answer, expected, known=None):
    """Return the verdict, or None for an outcome that cannot be judged."""
    try:
        verdict = check.judge(wire.received(answer.outcome, expected), expected, known)
        str(verdict), verdict._repr_html_()
    except Exception:  # an outcome made by hand may hold anything
        return None
    return verdict


def _with_second(verdict, check, answer, expected):
    """Return the better of a verdict and that on the answer of a second run, if there is one."""
    second = _verdict(check, answer, expected) if answer.ended == FINISHED else None
    return better(verdict, second) if second else verdict


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
    """Return the CheckResult of a check without an outcome."""
    verdict = Verdict(check.name, kind, possible=check.points, sentences=(sentence,))
    return check_result(check, verdict, seconds)


_ENDS = {
    KILLED: (Kind.KILLED, "The process that ran your code ended in the middle of the check."),
    TIMED_OUT: (Kind.TIMED_OUT, "The check was not through when its time was up. Is there a loop "
                "in your code that does not come to its end?"),
    TOO_MUCH_MEMORY: (Kind.KILLED, "Your code took up more memory than a check may use."),
    TOO_MUCH_OUTPUT: (Kind.KILLED, "The check returned more than any answer can be long."),
    ASKED_TOO_MUCH: (Kind.KILLED, "The check asked the judge more than any check has to ask."),
}  # fmt: skip


def check_result(check, verdict, seconds):
    """Return the CheckResult that says what a verdict says."""
    return CheckResult(
        check=check.name,
        notebook=check.notebook,
        points=float(check.points),
        earned=float(verdict.earned),
        kind=verdict.kind,
        headline=_presentable(verdict.headline, 500),
        text=_presentable(str(verdict), _MAX_TEXT),
        html=_presentable(verdict._repr_html_(), 4 * _MAX_TEXT, cut_off=""),
        mistake=verdict.mistake,
        leans_on=_leans_on(verdict),
        cause=_presentable(verdict.cause, 500),
        seconds=round(seconds, 3),
    )


def _leans_on(verdict):
    """Return what a verdict says the answer leans on. It may come from the student's process."""
    return tuple(_presentable(name, 200) for name in verdict.leans_on[:_MOST_NAMES])


def _presentable(text, length, cut_off=None):
    """Return text that any file can hold. A text that is too long is cut, or replaced."""
    text = text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
    if len(text) <= length:
        return text
    return text[:length] + " ..." if cut_off is None else cut_off
