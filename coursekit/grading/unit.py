"""Grade one submission: `grade_submission(path, seed=...)`, and the same as a process.

    python -m coursekit.grading.unit JOB.json

JOB.json: {"course": path, "submission": path, "seed": number, "result": path, "work": path,
"limits": {...}, "handout": path, "checks": [names]}, of which the first four are needed. Where the
result is to be there is a valid one from the start, which says that grading did not finish. In
RESULT.lines, each check is written as it ends.
"""

import contextlib
import hashlib
import json
import platform
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..course import Course
from .answers import answers_of
from .contents import lay_out
from .environment import not_for_students
from .pristine import ENGINE, Pristine
from .results import ODD_KINDS, CheckResult, Reason, ReasonCode, Status, SubmissionResult
from .sandbox import Limits, Sandbox
from .static_review import review

_MOST_MEMORY = 4 << 30  # bytes of addresses

numpy = partial(version, "numpy")  # without importing it

DID_NOT_FINISH = "Grading did not finish."


def grade_submission(
    path: str | Path,
    *,
    parts: Sequence[tuple[str, str | Path]] = (),
    course: Course | str | Path,
    seed: int,
    work: str | Path | None = None,
    limits: Limits | dict[str, Any] | None = None,
    handout: str | Path | None = None,
    checks: Collection[str] | None = None,
    limits_only: bool = False,
    ended: Callable[[CheckResult], object] | None = None,
) -> SubmissionResult:
    """Grade one submission and return its result.

    path: a folder, an archive or a file, as it was handed in. parts: pairs (name, path) of all that
    belongs to it, where that is more than the path. course: the Course that it is of, or a path in
    its folder, with the reference in its package. seed: whole number that inputs are drawn from.
    work: folder for what units share; by default it is made anew, which takes a second or two.
    limits: Limits, or a dictionary of some of them. handout: folder of the pristine handout, by
    default made from the reference. checks: names of the checks to run, by default all that the
    notebooks have. limits_only: go on without a sandbox, with nothing but limits. ended: called
    with the result of each check when it ends.

    Raises SandboxError where there can be no sandbox.
    """
    started = time.monotonic()
    if not isinstance(limits, Limits):
        limits = replace(Limits(), **(limits or {}))
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="submission-")))
        if work is None:
            work = stack.enter_context(tempfile.TemporaryDirectory(prefix="work-"))
        course = course if isinstance(course, Course) else Course.find(course)
        grading = _Grading(course, Path(path), parts, seed, Path(work), limits, handout, folder)
        result = grading.run(checks, not limits_only, ended or (lambda result: None))
    return replace(result, seconds=round(time.monotonic() - started, 3))


class _Grading:
    """One submission on its way through grading."""

    def __init__(self, course, path, parts, seed, work, limits, handout, folder):
        self.course = course
        self.path = path
        self.parts = parts
        self.seed = seed
        self.limits = limits
        self.folder = folder
        self.pristine = Pristine(course, work, handout)
        self.results = {}  # by their checks; a later one takes the place of an earlier

    def run(self, names, confined, ended):
        """Return the result, all but the time it took."""
        own = self.folder / "submission"
        own.mkdir()
        problems = lay_out(self.course, self.path, own, self.parts)
        answers, on_answers = answers_of(own, self.course)
        problems += on_answers
        result = SubmissionResult(
            self.path.name, key=self._key(own), problems=tuple(problems), answers=answers
        )
        package = own / self.course.package
        if not package.is_dir():
            missing = f"There is no folder {self.course.package} in the submission."
            problems = tuple(problems) or (missing,)
            return replace(result, status=Status.UNREADABLE, problems=problems)
        if not confined:  # the checks' user has to get there, and nowhere else
            own.chmod(0o700)
            self.folder.chmod(0o711)
        return self._graded(result, package, names, confined, ended)

    def _graded(self, result, package, names, confined, ended):
        """Return a result with what the checks come to on a package that was handed in."""
        graded = self.folder / "graded"
        files = self.pristine.lay_over(package, graded)
        with contextlib.ExitStack() as stack:
            start = self._starter(stack, graded, confined)
            failure, seen = self._run_checks(start, names, ended)
        proof, reasons = _proof(self.course.package, files, seen)
        reasons += self._tools_used(graded / self.course.package, files)
        reasons += odd_ends(self.results.values())
        return replace(
            result,
            status=Status.FAILED if failure else Status.GRADED,
            problems=(*result.problems, failure) if failure else result.problems,
            checks=tuple(self.results.values()),
            files=files,
            proof=(*proof, f"Graded with Python {platform.python_version()}, numpy {numpy()}."),
            reasons=tuple(reasons),
        )

    def _key(self, own):
        digest = hashlib.sha256(f"{self.pristine.key} {self.seed}".encode())
        for path in sorted(path for path in own.rglob("*") if path.is_file()):
            digest.update(f"{path.relative_to(own)}".encode("utf-8", "replace") + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()

    def _tools_used(self, graded, paths):
        """Return Reasons for the tools in the files that were handed in, which no block needs."""
        sources = {path: (graded / path).read_bytes() for path in paths}
        pristine = {path: (self.pristine.package / path).read_bytes() for path in paths}
        return review(self.course, sources, pristine)

    def _starter(self, stack, graded, confined):
        """Start a first sandbox at once. Returns a function that gives it, and then new ones."""

        modules, places = not_for_students(self.course)

        def start():
            sandbox = Sandbox(
                graded,
                self.pristine.engine,
                self.pristine.preload,
                self.limits,
                hidden=(self.course.folder, ENGINE, *places),
                absent=modules,
                confined=confined,
            )
            stack.callback(sandbox.close)
            return sandbox

        ready = [start()]
        return lambda: ready.pop() if ready else start()

    def _run_checks(self, start, names, ended):
        """Run the check cells. Returns why it failed, if it did, and the files that were seen."""
        # The sandbox is on its way, and all this takes about as long to import.
        from .answer_key import AnswerKey
        from .cells import run_checks

        key = AnswerKey(self.course, self.pristine, self.seed)
        checks = {name: c for name, c in key.checks.items() if not names or name in names}

        def note(result):
            self.results[result.check] = result
            ended(result)

        try:
            return run_checks(start, self.limits, key, checks, note)
        finally:
            key.close()


def odd_ends(results):
    """Return a Reason for each check that came to what no ordinary mistake leads to."""
    return [
        Reason(
            ODD_KINDS[result.kind],
            f"The check {result.check} is {result.kind.words}.",
            result.check,
        )
        for result in results
        if result.kind in ODD_KINDS
    ]


def _proof(package, files, seen):
    """Say of each file of the student's whether it is what the checks ran on.

    Returns sentences, and a Reason for each file that is not.
    """
    proof, reasons = [], []
    for path, digest in files.items():
        name = f"{package}/{path}"
        if path not in seen:
            proof.append(f"{name}: no check imported it.")
        elif seen[path] == digest:
            proof.append(f"{name}: the file handed in is what ran, SHA-256 {digest}.")
        else:
            sentence = f"{name}: what ran is not the file that was handed in."
            reasons.append(Reason(ReasonCode.NOT_WHAT_RAN, sentence, name))
    return proof + [reason.sentence for reason in reasons], reasons


_prepared: dict[str, Course] = {}  # courses that have been read, by the paths that jobs give them


def prepare(arguments):
    """Read what all submissions share, in a process that is going to be forked for each of them."""
    from .answer_key import AnswerKey
    from .cells import warm_up

    job = _job(arguments)
    if job["course"] not in _prepared:
        course = Course.find(job["course"])
        pristine = Pristine(course, job["work"], job.get("handout"))
        AnswerKey(course, pristine, job["seed"]).read_all()
        warm_up()
        _prepared[job["course"]] = course


def _job(arguments):
    (path,) = arguments
    return json.loads(Path(path).read_text(encoding="utf-8"))


def main(arguments):
    job = _job(arguments)
    # What students send is judged in here, and no honest answer takes more.
    with contextlib.suppress(OSError, ValueError):  # less is allowed already
        resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, resource.RLIM_INFINITY))
    result_path = Path(job["result"])
    path = Path(job["submission"])
    SubmissionResult.unfinished(path, DID_NOT_FINISH).write(result_path)
    options = {key: job[key] for key in _OPTIONS if job.get(key) is not None}
    with open(f"{result_path}.lines", "w", encoding="utf-8", buffering=1) as lines:
        result = grade_submission(
            path,
            course=_prepared.get(job["course"], job["course"]),
            seed=job["seed"],
            ended=lambda result: print(json.dumps(result.to_json()), file=lines),
            **options,
        )
    result.write(result_path)


_OPTIONS = ("parts", "work", "limits", "handout", "checks", "limits_only")


if __name__ == "__main__":
    main(sys.argv[1:])
