"""A unit of grading that is done in no time: what it gives depends on submission and seed alone.

A submission is a folder with a file `do`, which says what becomes of the unit.
"""

import json
import os
import signal
import sys
import time
import zlib
from pathlib import Path

from coursekit.checks import Kind
from coursekit.grading import CheckResult, Status, SubmissionResult

CHECKS = (("affine_forward", "FullyConnectedNets", 1), ("dropout_forward_train", "Dropout", 2))


def main(arguments):
    (job_path,) = arguments
    job = json.loads(Path(job_path).read_text())
    submission = Path(job["submission"])
    with open(submission.parent.parent / "log", "a") as log:
        print(submission.name, file=log)
    do = (submission / "do").read_text()
    checks = tuple(checked(submission, job["seed"], *named) for named in CHECKS)
    with open(job["result"] + ".lines", "w") as lines:
        print(json.dumps(checks[0].to_json()), file=lines)
    behave(do, submission)
    (submission.parent.parent / f"{submission.name} was told").write_text(json.dumps(job))
    result = SubmissionResult(submission.name, status=Status.GRADED, checks=checks, seconds=0.5)
    result.write(Path(job["result"]))


def behave(do, submission):
    first = submission.parent.parent / f"{submission.name} was tried"
    if do == "die" or (do == "die once" and not first.exists()):
        first.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    if do == "raise":
        raise RuntimeError("no way")
    if do == "sleep":
        first.touch()
        time.sleep(600)


def checked(submission, seed, name, notebook, points):
    earned = zlib.crc32(f"{submission.name} {seed} {name}".encode()) % (points + 1)
    kind = Kind.PASSED if earned == points else Kind.WRONG
    return CheckResult(name, notebook, points, earned, kind, text=f"{kind}: {name}", seconds=0.1)


if __name__ == "__main__":
    main(sys.argv[1:])
