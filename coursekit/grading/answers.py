"""Answers to inline questions, read from the notebooks of a submission and never run."""

from ..notebooks import NotebookError, answers_in, read
from .results import Answer

_MOST = 20_000  # characters of one answer


def answers_of(submission):
    """Return a tuple with what the notebooks in a laid-out submission answer."""
    found = []
    for path in sorted((submission / "notebooks").glob("*.ipynb")):
        try:
            answers = answers_in(read(path))
        except NotebookError:
            continue  # laying it out has said so already
        for given in answers:
            prompt, answer = _presentable(given.prompt), _presentable(given.answer)
            found.append(Answer(path.stem, given.question, prompt, answer))
    return tuple(found)


def _presentable(text):
    return text[:_MOST].encode("utf-8", "replace").decode("utf-8")
