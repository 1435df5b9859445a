"""Answers to inline questions, read from the notebooks of a submission and never run."""

from ..notebooks import NotebookError, answers_in, read

_MOST = 20_000  # characters of one answer


def answers_of(submission):
    """Return what the notebooks in a laid-out submission answer, as a result has it."""
    found = []
    for path in sorted((submission / "notebooks").glob("*.ipynb")):
        try:
            answers = answers_in(read(path))
        except NotebookError:
            continue  # laying it out has said so already
        for answer in answers:
            found.append(
                {
                    "notebook": path.stem,
                    "question": answer.question,
                    "prompt": _presentable(answer.prompt),
                    "answer": _presentable(answer.answer),
                }
            )
    return found


def _presentable(text):
    return text[:_MOST].encode("utf-8", "replace").decode("utf-8")
