"""Grade the one submission in a Gradescope container: what `run_autograder` calls.

    python -m coursekit.grading.gradescope run /autograder /autograder/source

/autograder/submission holds what the student uploaded, and /autograder/results takes results.json.
"""

import contextlib
import json
import secrets
import sys
from dataclasses import replace
from pathlib import Path

from ..course import Course
from ..files import write_json
from .executors import UNIT, UnitDied, grade_in_process, results
from .grades import SEEDS
from .pristine import Pristine
from .reports.exports import did_not_finish, gradescope_results
from .reports.scores import scored
from .results import SubmissionResult
from .sandbox import why_not


def prepare(root, source):
    """Make what all submissions share, when the container is built."""
    pristine = Pristine(_course(source), _work(root))
    print(pristine.folder, pristine.engine)
    print(why_not() or "There is a sandbox.")


def run(root, source):
    """Grade, and write results.json."""
    settings = json.loads((source / "settings.json").read_text(encoding="utf-8"))
    reason = why_not()
    if reason and not settings["limits_only"]:
        words = f"Nothing was graded, because there is no sandbox here. Course staff: {reason}"
        write_json(_target(root), did_not_finish(words))
        return
    seed = secrets.randbelow(SEEDS)
    course = _course(source)
    job = {
        "course": str(course.folder),
        "submission": str(root / "submission"),
        "seed": seed,
        "work": str(_work(root)),
        "limits": settings["limits"],
        "limits_only": bool(reason),
    }
    write_json(_target(root), _graded(course, job, root))


def _graded(course, job, root):
    ((_, result, error),) = results(_Here(), grade_in_process, [{"module": UNIT, "job": job}])
    if error:
        checks = error.checks if isinstance(error, UnitDied) else ()
        words = "Grading did not finish, nor when it was tried again. Please tell the staff."
        result = SubmissionResult.unfinished(job["submission"], words, checks=checks)
        print(getattr(error, "words", error), file=sys.stderr)  # only course staff see this
    return gradescope_results(scored(course, replace(result, **_who(root))), {"seed": job["seed"]})


def _who(root):
    """Return who handed in what, as far as Gradescope tells."""
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        metadata = json.loads((root / "submission_metadata.json").read_text(encoding="utf-8"))
        names = ", ".join(str(user["name"]) for user in metadata["users"])
        return {"submission": str(metadata["id"]), "student": names}
    return {}


def _course(source):
    return Course.read(source / "course")


def _target(root):
    return root / "results" / "results.json"


def _work(root):
    folder = root / "work"
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)  # a student's code is started from within, and may not look around
    return folder


class _Here:
    """An executor for the one submission that there is: it runs on the spot."""

    def submit(self, function, *arguments):
        from concurrent.futures import Future

        future = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future


if __name__ == "__main__":
    command, root, source = sys.argv[1:]
    {"prepare": prepare, "run": run}[command](Path(root).resolve(), Path(source).resolve())
