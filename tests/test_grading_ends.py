"""Nothing of a sandbox is left when grading is through with it, or has died."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from made_submissions import ROOT, wait_until
from this_course import COURSE

from coursekit.grading import sandbox
from coursekit.grading.pristine import Pristine
from coursekit.grading.sandbox import Sandbox

pytestmark = pytest.mark.skipif(bool(sandbox.why_not()), reason=f"{sandbox.why_not()}")


@pytest.fixture
def folders(tmp_path):
    """The folders that a sandbox shows: a course, and what runs checks."""
    pristine = Pristine(COURSE, tmp_path)
    return pristine.folder, pristine.engine


def inside(pid):
    """Return the processes in a sandbox, once what runs checks is there."""
    wait_until(lambda: len(psutil.Process(pid).children(recursive=True)) >= 1)
    return psutil.Process(pid).children(recursive=True)


def are_gone(processes):
    return not any(
        process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes
    )


def test_a_sandbox_that_is_closed_is_gone(folders):
    opened = Sandbox(*folders)
    processes = inside(opened.process.pid)
    assert not are_gone(processes)
    opened.close()
    wait_until(lambda: are_gone(processes))


def test_a_sandbox_is_gone_when_its_grader_was_killed(folders):
    program = (
        "import sys, time\n"
        "from coursekit.grading.sandbox import Sandbox\n"
        "opened = Sandbox(*sys.argv[1:])\n"
        "print(opened.process.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    grader = subprocess.Popen(
        [sys.executable, "-c", program, *map(str, folders)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        processes = inside(int(grader.stdout.readline()))
    finally:
        grader.kill()
        grader.communicate()
    wait_until(lambda: are_gone(processes))


def test_what_is_to_be_hidden_is_hidden_wherever_python_has_it(tmp_path):
    installed = Path(pytest.__file__).parent

    def seen(*hidden):
        command = [*sandbox.command({"/course": tmp_path}, hidden), "/usr/bin/find"]
        command.append(str(installed))
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    assert len(seen()) > 1
    assert seen(installed) == [str(installed)]
