"""A result in the form that Gradescope reads: results.json."""

from .scores import NOT_RUN

# Gradescope shows no more of one test.
_MOST = 100_000


def gradescope_results(score, extra=()):
    """Return what results.json holds for a Score, with further entries of its extra_data.

    There is no score at the top: it would take the place of the sum of the tests.
    """
    result = score.result
    said = list(result["problems"])
    return {
        "output": "\n".join(said),
        "output_format": "text",
        "visibility": "visible",
        "stdout_visibility": "hidden",
        "execution_time": round(result["seconds"]),
        "tests": [_test(score, entry) for entry in score.entries],
        "extra_data": {
            "submission": result["submission"],
            "student": result["student"],
            "status": result["status"],
            "key": result["key"],
            "files": result["files"],
            "needs_person": score.reasons,
            **dict(extra),
        },
    }


def did_not_finish(words="Grading did not finish. Please tell the course staff."):
    """Return a valid results.json for as long as there is no other."""
    test = {"name": "grading", "score": 0, "max_score": 0, "status": "failed", "output": words,
            "output_format": "text", "visibility": "visible"}  # fmt: skip
    return {"output": words, "visibility": "visible", "tests": [test]}


def _test(score, entry):
    output, form = entry["html"], "html"
    if not output or len(output.encode()) > _MOST:
        output, form = _cut(entry["text"]), "text"
    return {
        "name": f"{entry['notebook']}: {entry['check']}",
        "number": _number(score, entry),
        "score": entry["earned"],
        "max_score": entry["points"],
        "status": "passed" if entry["kind"] == "passed" else "failed",
        "output": output,
        "output_format": form,
        "visibility": "visible",
        "tags": [] if entry["kind"] != NOT_RUN else ["not run"],
    }


def _number(score, entry):
    names = [other["check"] for other in score.of_notebook(entry["notebook"])]
    return f"{1 + score.notebooks.index(entry['notebook'])}.{1 + names.index(entry['check'])}"


def _cut(text):
    content = text.encode()
    if len(content) <= _MOST:
        return text
    return content[: _MOST - 4].decode("utf-8", "ignore") + " ..."
