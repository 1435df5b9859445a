"""A pytest plugin that runs the check cells of notebooks in a sandbox, and judges what they send.

The cells are those of the instructor's notebooks; their order and their reports are nbval's. A
sandbox that has died is replaced before the next cell. Whether a cell passes is decided here, from
the values that it sent.
"""

import contextlib
import time

import nbformat
import pytest
from nbval.plugin import IPyNbCell, IPyNbFile

from .. import notebooks
from ..checks import Kind
from .inside.runner import KILLED
from .kernel import CellEnded, RunnerKernel, UsedUp
from .verdicts import Answer, Unreadable, answer_of, judged, not_judged, read_answer


class CheckFailed(Exception):
    """A check cell did not pass."""


class NoKernel(Exception):
    """No sandbox could be started."""


class GradedNotebook(IPyNbFile):
    """The check cells of a notebook. Its kernel is the plugin's, and goes on to the next one."""

    def collect(self):
        """Yield an item for each cell that runs a check, and for no check two."""
        for number, cell in notebooks.check_cells(self.path):
            name = notebooks.check_of(cell)
            if name in self.plugin.left:
                self.plugin.left.remove(name)
                yield IPyNbCell.from_parent(
                    self,
                    name=name,
                    cell_num=number,
                    cell=nbformat.from_dict(cell),
                    options=dict.fromkeys(("skip", "check", "check_exception"), False),
                )

    @property
    def kernel(self):
        return self.plugin.kernel

    def setup(self):
        """Leave starting a kernel to the first cell, as it is with every further kernel."""

    def teardown(self):
        """Leave the kernel to the next notebook."""


class Plugin:
    """What grading adds to a pytest run.

    start_sandbox: makes a Sandbox. limits: its Limits. key: the AnswerKey. checks: {name: check}.
    ended: is called with the entry of each check as it ends. answer: what checks that are run again
    may ask, as for RunnerKernel.
    """

    def __init__(self, start_sandbox, limits, key, checks, ended, answer=None):
        self.files = {}  # {path: SHA-256} of the modules that checks ran on
        self.failure = ""  # why there is no kernel, in a sentence
        self.kernel = None
        self.checks = checks
        self.left = set(checks)  # those that no cell has been found for yet
        self._start_sandbox = start_sandbox
        self._limits = limits
        self._key = key
        self._ended = ended
        self._answer = answer
        self._next = None
        self._deadline = time.monotonic() + limits.total

    def pytest_collect_file(self, file_path, parent):
        if file_path.suffix != ".ipynb":
            return None
        notebook = GradedNotebook.from_parent(parent, path=file_path)
        notebook.plugin = self
        return notebook

    def pytest_collectreport(self, report):
        if report.failed:
            self.failure = f"The check cells cannot be read: {report.longrepr}"

    def pytest_runtest_setup(self, item):
        if time.monotonic() > self._deadline:
            pytest.skip(f"The {self._limits.total:g} seconds for all checks were used up.")
        self._ensure_kernel()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item, nextitem):
        self._next = nextitem
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item, call):
        if call.when == "setup" and call.excinfo:
            said = f"It was not run. {call.excinfo.value}"
            self._ended(not_judged(self.checks[item.name], Kind.NOT_RUN, said))
        return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item):
        started = time.monotonic()
        check = self.checks[item.name]
        try:
            yield
            self._send_next()
            answer = read_answer(item.test_outputs)
            self.files |= answer.files
            entry = judged(check, answer, self._key, self._second)
        except CellEnded as end:
            entry = not_judged(check, end.kind, f"The sandbox: {end}.", time.monotonic() - started)
        except Unreadable as error:
            entry = not_judged(check, Kind.UNREADABLE, f"{error}.", time.monotonic() - started)
        self._ended(entry)
        if not entry.passed:
            raise CheckFailed(entry.first_line)
        return None

    def _second(self, check):
        """Run a check once more. Where that cannot be done, its Answer says that it was killed."""
        self._key.begin_answers(check)
        try:
            return self.run_again(check)
        except CellEnded:
            return Answer(KILLED, 0.0, {}, b"")

    def run_again(self, check):
        """Run a check once more, with leave to ask. Returns its Answer; raises CellEnded."""
        self._ensure_kernel()
        try:
            return answer_of(self.kernel.run_again(check.name))
        except UsedUp:
            self._ensure_kernel()
            return answer_of(self.kernel.run_again(check.name))

    def _send_next(self):
        """Have the kernel go on with the next cell while this one is judged."""
        if self._next is not None and time.monotonic() < self._deadline and self.kernel.is_alive():
            with contextlib.suppress(CellEnded):  # then there will be a new one
                self.kernel.send_ahead(self._next.cell.source)

    def _ensure_kernel(self):
        """Start a sandbox unless one is there. Raises NoKernel."""
        if self.kernel is not None and not self.kernel.is_alive():
            self.kernel.stop()
            self.kernel = None
        if self.kernel is None and not self.failure:
            try:
                sandbox = self._start_sandbox()
                self.kernel = RunnerKernel(sandbox, self._key.seed, self._answer)
            except Exception as error:
                self.failure = f"No sandbox could be started: {error}"
        if self.failure:
            raise NoKernel(self.failure)
