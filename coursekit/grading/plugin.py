"""A pytest plugin that runs check cells with nbval in sandboxed kernels, and judges what they send.

The cells, their order and their reports are nbval's. A kernel that has died is replaced before the
next cell. Whether a cell passes is decided here, from the values that it sent.
"""

import json
import time

import nbformat
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from ..checks import Kind
from .kernel import CellEnded, CellFailed, GuardedKernel
from .verdicts import (
    Unreadable,
    judged,
    not_judged,
    read_answer,
)

METADATA = "coursekit"  # of a cell: {"check": name}


class CheckFailed(Exception):
    """A check cell did not pass."""


class NoKernel(Exception):
    """No kernel could be started."""


class GradedNotebook(IPyNbFile):
    """A notebook of check cells, whose kernels come from the plugin."""

    def collect(self):
        """Yield an item for each cell. The notebook is our own, so it need not be validated."""
        self.nb = nbformat.from_dict(json.loads(self.path.read_text(encoding="utf-8")))
        for number, cell in enumerate(self.nb.cells):
            options = dict.fromkeys(("skip", "check", "check_exception"), False)
            yield IPyNbCell.from_parent(
                self, name=cell.id, cell_num=number, cell=cell, options=options
            )

    def setup(self):
        """Leave starting a kernel to the first cell, as it is with every further kernel."""

    def ensure_kernel(self, start):
        if self.kernel is not None and not self.kernel.is_alive():
            self.kernel.stop()
            self.kernel = None
        self.kernel = self.kernel or start()


class Plugin:
    """What grading adds to a pytest run.

    start_sandbox: makes a Sandbox. limits: its Limits. key: the AnswerKey. checks: {name: check}.
    ended: is called with the entry of each check as it ends.
    """

    def __init__(self, start_sandbox, limits, key, checks, ended):
        self.files = {}  # {path: SHA-256} of the modules that checks ran on
        self.failure = ""  # why there is no kernel, in a sentence
        self._start_sandbox = start_sandbox
        self._limits = limits
        self._key = key
        self._checks = checks
        self._ended = ended
        self._next = None
        self._deadline = time.monotonic() + limits.total

    def pytest_collect_file(self, file_path, parent):
        if file_path.suffix == ".ipynb":
            return GradedNotebook.from_parent(parent, path=file_path)
        return None

    def pytest_collectreport(self, report):
        if report.failed:
            self.failure = f"The check cells cannot be read: {report.longrepr}"

    def pytest_runtest_setup(self, item):
        if time.monotonic() > self._deadline:
            pytest.skip(f"The {self._limits.total:g} seconds for all checks were used up.")
        if not self.failure:
            item.parent.ensure_kernel(self._new_kernel)
        if self.failure:
            raise NoKernel(self.failure)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item, nextitem):
        self._next = nextitem
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        check = self._check_of(item)
        if check and call.when == "setup" and call.excinfo:
            self._ended(not_judged(check, Kind.NOT_RUN, f"It was not run. {call.excinfo.value}"))
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        started = time.monotonic()
        check = self._check_of(item)
        if check is None:
            return (yield)
        try:
            yield
            self._send_next(item.parent.kernel)
            answer = read_answer(item.test_outputs)
            self.files |= answer.files
            entry = judged(check, answer, self._key)
        except CellEnded as end:
            entry = not_judged(check, end.kind, f"The kernel: {end}.", time.monotonic() - started)
        except CellFailed as error:  # no student's code can make it fail
            self.failure = f"The kernel cannot run checks: {error}"
            entry = not_judged(check, Kind.NOT_RUN, "It was not run.")
        except Unreadable as error:
            entry = not_judged(check, Kind.UNREADABLE, f"{error}.", time.monotonic() - started)
        self._ended(entry)
        if not entry.passed:
            raise CheckFailed(entry.first_line)
        return None

    def _send_next(self, kernel):
        """Have the kernel go on with the next cell while this one is judged."""
        if self._next is not None and time.monotonic() < self._deadline and kernel.is_alive():
            kernel.send_ahead(self._next.cell.source)

    def _new_kernel(self):
        try:
            return GuardedKernel(self._start_sandbox, self._limits)
        except Exception as error:
            self.failure = f"No kernel could be started: {error}"
            return None

    def _check_of(self, item):
        return self._checks.get(item.cell.metadata.get(METADATA, {}).get("check"))
