"""What nbval lets through, and the plugin does not.

Each hole is shown twice: a cell that plain nbval passes or waits for, and the same cell in ours.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from coursekit.grading import cells, sandbox
from coursekit.grading.plugin import Plugin

SUPPRESSED = """
from IPython import get_ipython
get_ipython()._showtraceback = lambda *args: None
raise ValueError("nobody sees this")
"""
UNKNOWN_MAGIC = "%nosuchmagic\nassert False"
DIES = "import os\nos._exit(1)"
FLOODS = "while True: print('x' * 100_000, flush=True)"
FINE = "1 + 1"
ENDLESS = "while True: pass"
SENDS_NO_MESSAGE = """
from IPython import get_ipython
get_ipython().kernel.iopub_socket.send_multipart([b"stream", b"<IDS|MSG>", b"no", b"message"])
"""
HUGE = "print('x' * 50_000_000)"


HOLES = {
    "suppressed": SUPPRESSED,
    "magic": UNKNOWN_MAGIC,
    "dies": DIES,
    "floods": FLOODS,
    "endless": ENDLESS,
    "no-message": SENDS_NO_MESSAGE,
    "huge": HUGE,
}


class PythonKernel:
    """A kernel for Python without a sandbox, for cells that no check is in."""

    def __init__(self):
        self.folder = tempfile.mkdtemp()
        ports = {f"{name}_port": number for number, name in enumerate(sandbox.PORTS, 1)}
        self.connection = {"transport": "ipc", "ip": f"{self.folder}/socket", "key": "secret"}
        self.connection |= {"signature_scheme": "hmac-sha256", **ports}
        file = Path(self.folder, "kernel.json")
        file.write_text(json.dumps(self.connection))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "ipykernel_launcher", "-f", str(file)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def last_words(self):
        return ""


class Reports:
    """Gathers what pytest reports of each cell."""

    def __init__(self):
        self.of = {}

    def pytest_runtest_logreport(self, report):
        if report.when == "call":
            self.of[report.nodeid.rpartition("::")[2]] = report


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Reports on cells that do harm, each followed by one that is fine."""
    path = tmp_path_factory.mktemp("cells") / "holes.ipynb"
    limits = sandbox.Limits(seconds=1, output=4 << 20, start=120)
    sources = {}
    for name, source in HOLES.items():
        sources |= {name: source, f"after-{name}": FINE}
    cells.write_notebook(path, sources)
    started = []

    def start():
        started.append(PythonKernel())
        return started[-1]

    gathered = Reports()
    try:
        cells.run_notebook(path, limits, Plugin(start, limits, None, {}, None), gathered)
    finally:
        for one in started:
            one.close()
    assert gathered.of.keys() == sources.keys()
    return gathered.of | {"kernels": len(started)}


@pytest.mark.parametrize("hole", HOLES)
def test_the_plugin_closes_a_hole_and_goes_on(hole, reports):
    assert reports[hole].outcome == "failed"
    assert reports[f"after-{hole}"].outcome == "passed", reports[f"after-{hole}"].longreprtext


@pytest.mark.parametrize(
    ("hole", "says"),
    [
        ("suppressed", "ValueError: nobody sees this"),
        ("magic", "UsageError: Line magic function `%nosuchmagic` not found"),
        ("dies", "it died"),
        ("floods", "sent more than 4194304 bytes"),
        ("no-message", "sent what cannot be read"),
        ("endless", "not through after 8 seconds"),
    ],
)
def test_each_hole_has_a_word_of_its_own(hole, says, reports):
    assert says in str(reports[hole].longrepr)


def test_a_dead_kernel_is_noticed_at_once(reports):
    assert reports["dies"].duration < 8  # nbval waits for the cell's time to be up, here 8 seconds


def test_a_kernel_lives_as_long_as_its_cells_behave(reports):
    assert reports["kernels"] == 6  # the first, and one after each of the five that were ended


def test_nbval_alone_passes_what_fails_unseen(tmp_path):
    """Without this the plugin's check of replies would be for nothing."""
    path = tmp_path / "holes.ipynb"
    cells.write_notebook(path, {"magic": UNKNOWN_MAGIC, "suppressed": SUPPRESSED})
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--nbval-lax", "--nbval-current-env", str(path)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert "2 passed" in run.stdout, run.stdout
