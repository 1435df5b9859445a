"""Nothing of a sandbox is left when grading is through with it, or has died."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from made_submissions import ROOT, wait_until

from coursekit.grading import sandbox
from coursekit.grading.sandbox import Sandbox
from coursekit.packages import REFERENCE

pytestmark = pytest.mark.skipif(bool(sandbox.why_not()), reason=f"{sandbox.why_not()}")


def inside(pid):
    """Return the processes in a sandbox, once its kernel and what runs checks are there."""
    wait_until(lambda: len(psutil.Process(pid).children(recursive=True)) >= 2)
    return psutil.Process(pid).children(recursive=True)


def are_gone(processes):
    return not any(
        process.is_running() and process.status() != psutil.STATUS_ZOMBIE for process in processes
    )


def test_a_sandbox_that_is_closed_is_gone():
    opened = Sandbox(REFERENCE)
    processes = inside(opened.process.pid)
    assert not are_gone(processes)
    opened.close()
    wait_until(lambda: are_gone(processes))


def test_a_sandbox_is_gone_when_its_grader_was_killed():
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from coursekit.grading.sandbox import Sandbox\n"
        "opened = Sandbox(Path('cs231n'))\n"
        "print(opened.process.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    grader = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        processes = inside(int(grader.stdout.readline()))
    finally:
        grader.kill()
        grader.communicate()
    wait_until(lambda: are_gone(processes))


def test_what_is_to_be_hidden_is_hidden_wherever_python_has_it(monkeypatch, tmp_path):
    (tmp_path / "cs231n").mkdir()
    installed = Path(pytest.__file__).parent

    def seen():
        command = [*sandbox._command(tmp_path / "cs231n"), "/usr/bin/find", str(installed)]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()

    assert len(seen()) > 1
    monkeypatch.setattr(sandbox, "HIDDEN", (installed,))
    assert seen() == [str(installed)]
