"""Who grades: root, an ordinary user, and either of them without a sandbox.

The other tests of grading run as whoever runs them. Where that is root, these see what it is like
for others, in a view of the file system where everybody may enter the folders of the Python
environment.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from made_submissions import ROOT, SEED, kinds, make_submission, processes_with
from this_course import COURSE

from coursekit.grading import SubmissionResult, sandbox
from coursekit.grading.pristine import Pristine

pytestmark = [
    pytest.mark.skipif(bool(sandbox.why_not()), reason=f"{sandbox.why_not()}"),
    pytest.mark.skipif(os.getuid() != 0, reason="only root can run things as other users"),
    pytest.mark.skipif(shutil.which("setpriv") is None, reason="needs setpriv, of util-linux"),
]

SOMEBODY = 54321
MARK = "16180339"
CODE = f"""
import os
if os.fork() == 0:
    os.setsid()
    os.execv("/usr/bin/sleep", ["sleep", "{MARK}"])
try: os.kill(os.getppid(), 9)
except OSError: pass
while True:
    try: os.fork()
    except OSError: pass
"""


@pytest.fixture
def folder():
    """A folder that everybody may write in, which pytest's own are not."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o777)
    yield path
    shutil.rmtree(path)


def grade_as(uid, folder, processes=64, **job):
    """Grade in a process of that user. Returns the kinds of the verdicts, or what was said."""
    make_submission(folder / "submission", blocks={"affine_forward": CODE})
    job |= {"course": str(ROOT), "submission": str(folder / "submission"), "seed": SEED}
    job |= {"result": str(folder / "result.json"), "work": str(folder / "work")}
    job |= {"checks": ["affine_forward", "relu_forward", "sgd_momentum"]}
    job["limits"] = {"seconds": 2, "start": 120, "processes": processes}
    (folder / "work").mkdir()
    (folder / "job.json").write_text(json.dumps(job))
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, uid)
    run = subprocess.run(
        [*open_world(), "setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups",
         sys.executable, "-m", "coursekit.grading.unit", str(folder / "job.json")],
        cwd=ROOT, env={"PATH": os.environ["PATH"], "TMPDIR": str(folder)},
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return SubmissionResult.read(folder / "result.json")


def open_world():
    """Return a call of bubblewrap that changes nothing but who may enter the environment."""
    command = ["bwrap", "--die-with-parent", "--cap-add", "ALL", "--dev-bind", "/", "/"]
    needed = sorted({Path(path).resolve() for path in (sys.prefix, sys.base_prefix, ROOT)})
    closed = {parent for path in needed for parent in path.parents if not may_enter(parent)}
    for folder in sorted(closed):
        if not any(other in folder.parents for other in closed):
            command += ["--perms", "755", "--tmpfs", str(folder)]
    for path in needed:
        if closed.intersection(path.parents):
            for parent in reversed(path.parents):
                command += ["--perms", "755", "--dir", str(parent)]
            command += ["--bind", str(path), str(path)]
    return [*command, "--"]


def may_enter(folder):
    return folder.stat().st_mode & 0o001


def expect_one_lost(result, lost=("timed_out", "killed")):
    assert result.status == "graded", result.problems
    got = kinds(result)
    assert got.pop("affine_forward") in lost
    assert got == {"relu_forward": "passed", "sgd_momentum": "passed"}


def test_an_ordinary_user_has_the_same_sandbox(folder):
    expect_one_lost(grade_as(SOMEBODY, folder))


def test_an_ordinary_users_checks_start_no_processes(folder):
    result = grade_as(SOMEBODY, folder, processes=0)
    expect_one_lost(result, ("crashed",))
    assert "may start no processes" in result.checks[0].text


def test_root_without_a_sandbox_has_limits_and_a_user_for_each_submission(folder):
    expect_one_lost(grade_as(0, folder, limits_only=True))
    assert not processes_with(MARK)


def test_root_does_not_go_on_where_that_user_could_not_start(folder):
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    pristine = Pristine(COURSE, closed)
    with pytest.raises(sandbox.SandboxError, match="other users may not enter"):
        sandbox.Sandbox(pristine.folder, pristine.engine, confined=False)
