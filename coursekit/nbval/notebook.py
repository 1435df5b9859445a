"""A notebook of a course, and its cells, as pytest runs them with nbval.

A cell that needs what an earlier one has not done is no failure: it waits for that one, and is
skipped. So is one that fails by a block whose check is not passed. Cells that are not selected run
all the same, and without a report, where a selected one needs them.
"""

from __future__ import annotations

import ast
import contextlib
import json
import re
import textwrap
import time
from dataclasses import dataclass
from queue import Empty
from typing import Any

import pytest
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

from .. import notebooks
from ..checks import freshness, runner
from ..checks.verdict import Kind
from ..course import Course
from .cells import CodeCell, code_cells, needed, setting_up

SECONDS = 120.0  # for a cell, unless the course says otherwise
NBVALS_SECONDS = 2000.0  # what nbval has where nobody asks for another time
LINES = 24  # what is printed of one cell: no more than fits a screen

RED = (Kind.WRONG, Kind.CRASHED, Kind.NOT_ATTEMPTED)
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_ANSWER = re.compile(r"^'(.*)'$", re.DOTALL)


@dataclass(frozen=True)
class Waiting:
    """A cell that could not run. cause: what it waits for, the name of a check or of a cell."""

    cause: str


class Kernel(RunningKernel):
    """A kernel that is not waited for once it has died."""

    def await_reply(self, msg_id, timeout=None):
        """As nbval's, and raises Empty as soon as the kernel is dead."""
        end = None if timeout is None else time.monotonic() + timeout
        while True:
            left = 1.0 if end is None else min(1.0, end - time.monotonic())
            if left <= 0:
                raise Empty
            try:
                return super().await_reply(msg_id, timeout=left)
            except Empty:
                if not self.is_alive():
                    raise


class CourseNotebook(IPyNbFile):
    """A notebook with its kernel, and what is known of its cells."""

    def collect(self):
        """Yield nbval's items, under the names that a person finds them by."""
        self.course = Course.find(self.path)
        self.cells: list[CodeCell] = []
        with contextlib.suppress(notebooks.NotebookError):  # nbval says what is wrong with it
            self.cells = code_cells(notebooks.read(self.path)["cells"])
        self.states: dict[int, bool | Waiting] = {}
        self._kinds: dict[str, Kind] | None = None
        for item in super().collect():
            yield CourseCell.from_parent(
                self,
                name=self.cells[item.cell_num].name,
                cell_num=item.cell_num,
                cell=item.cell,
                options=item.options,
            )

    @property
    def seconds(self) -> float:
        """The time that a cell has."""
        asked = self.config.option.nbval_cell_timeout
        if asked != NBVALS_SECONDS:
            return asked
        return float(self.course.settings.get("nbval", {}).get("seconds", SECONDS))

    def setup(self):
        """Leave starting a kernel to the first cell that runs, as with every further kernel."""

    def teardown(self):
        if self.kernel is not None and self.kernel.is_alive():
            super().teardown()

    def make_ready(self, index: int) -> Waiting | None:
        """Run what a cell needs and has not run yet. Returns what it waits for, or None."""
        self._ensure_kernel()
        wanted = needed(self.cells, index)
        for other in sorted({*wanted, *setting_up(self.cells, index)}):
            if other not in self.states:
                self.states[other] = self._run_silently(other)
        for other in wanted:
            state = self.states[other]
            if isinstance(state, Waiting):
                return state
            if not state:
                return Waiting(self.cells[other].name)
        return None

    def _ensure_kernel(self):
        if self.kernel is not None and self.kernel.is_alive():
            return
        if self.kernel is not None:  # what the cells did is lost with it
            with contextlib.suppress(Exception):
                self.kernel.kc.stop_channels()
            self.states = {i: state for i, state in self.states.items() if state is not True}
        self._start()

    def _start(self):
        option = self.config.option
        named = self.nb.metadata.get("kernelspec", {}).get("name", "python")
        current = CURRENT_ENV_KERNEL_NAME if option.nbval_current_env else None
        self.kernel = Kernel(
            current or option.nbval_kernel_name or named,
            cwd=str(self.path.parent),
            startup_timeout=option.nbval_kernel_startup_timeout,
        )
        self.setup_sanitize_files()

    def _run_silently(self, index: int) -> bool:
        """Run a cell that nobody asked for. Returns whether it came to its end."""
        kernel = self.kernel
        sent = kernel.execute_cell_input(self.cells[index].source, allow_stdin=False)
        try:
            reply = self._reply(sent, self.seconds)
        except Empty:
            if kernel.is_alive():
                kernel.interrupt()
                with contextlib.suppress(Empty):
                    kernel.await_idle(sent, 5)
            return False
        with contextlib.suppress(Empty):
            kernel.await_idle(sent, 5)
        return reply["status"] == "ok" or self.cells[index].check is not None

    def _reply(self, sent: str, seconds: float) -> dict[str, Any]:
        end = time.monotonic() + seconds
        while True:
            left = end - time.monotonic()
            if left <= 0 or not self.kernel.is_alive():
                raise Empty
            try:
                message = self.kernel.get_message("shell", timeout=min(left, 1))
            except Empty:
                continue
            if message["parent_header"].get("msg_id") == sent:
                return message["content"]

    def evaluate(self, expression: str) -> Any:
        """Return the value of an expression in the kernel that gives JSON, or None."""
        sent = self.kernel.kc.execute("", silent=True, user_expressions={"asked": expression})
        try:
            found = self._reply(sent, 10).get("user_expressions", {}).get("asked", {})
            with contextlib.suppress(Empty):
                self.kernel.await_idle(sent, 5)
            return json.loads(ast.literal_eval(found["data"]["text/plain"]))
        except (Empty, KeyError, ValueError, SyntaxError):
            return None

    def check_behind(self, index: int) -> str | None:
        """Return the first check that is not passed, of blocks that a cell leads to."""
        units = freshness.units_of(self.course)
        names = self._names_behind(index)
        reached = freshness.reached_from(names, units)
        for check in self.course.checks:
            functions = {re.split(r":", block)[0] for block in check.blocks}
            if functions & reached and self._kind_of(check.name) in RED:
                return check.name
        return None

    def _names_behind(self, index: int) -> set[str]:
        """Return the names in a cell and in the functions that earlier cells define for it."""
        found = set(re.findall(r"[A-Za-z_]\w*", self.cells[index].source))
        for other in needed(self.cells, index):
            cell = self.cells[other]
            if found & cell.names.binds - cell.names.imports:
                found |= set(re.findall(r"[A-Za-z_]\w*", cell.source))
        return found

    def _kind_of(self, name: str) -> Kind:
        """Return what a check comes to, run by itself: all are run once, when first asked for."""
        if self._kinds is None:
            try:
                results = runner.run(list(self.course.checks), shows_bar=False)
                self._kinds = {name: record.kind for name, (record, _) in results.items()}
            except runner.CannotRun:
                self._kinds = {}
        return self._kinds.get(name, Kind.NOT_RUN)


class CourseCell(IPyNbCell):
    """A cell of a course's notebook."""

    verdict: dict[str, Any] | None = None  # what a check came to, as its output has it
    headline = ""

    @property
    def code(self) -> CodeCell:
        return self.parent.cells[self.cell_num]

    def reportinfo(self):
        """Return where the cell is, and what it is called, with the number JupyterLab shows."""
        where = f"{self.path.name}: {self.name}"
        return self.path, None, where if self.code.check else f"{where} [{self.code.number}]"

    def setup(self):
        """Leave out nbval's: a cell that took too long is no reason for later ones to fail."""

    def runtest(self):
        """Run the cell, unless it waits for another one.

        Raises pytest's Skipped where it does, and NbCellError where it fails itself.
        """
        if self.options["skip"]:
            pytest.skip("tagged nbval-skip")
        notebook, index = self.parent, self.cell_num
        waiting = notebook.make_ready(index)
        if waiting is None:
            try:
                self._run()
            except NbCellError as error:
                waiting = self._consequence(error)
                if waiting is None:
                    notebook.states[index] = False
                    self.headline = self._headline(error)
                    raise
            else:
                notebook.states[index] = True
                return
        notebook.states[index] = waiting
        pytest.skip(f"waiting for {waiting.cause}")

    def _run(self):
        option, notebook = self.config.option, self.parent
        before, option.nbval_cell_timeout = option.nbval_cell_timeout, notebook.seconds
        try:
            super().runtest()
        finally:
            option.nbval_cell_timeout = before
            self.has_timed_out, notebook.timed_out = notebook.timed_out, False
            self.verdict = _verdict_in(self.test_outputs or ())

    def _consequence(self, error: NbCellError) -> Waiting | None:
        """Return what a failure follows from, or None for one of its own."""
        if self.code.check:
            said = self.verdict or {}
            if said.get("kind") == Kind.WAITING:
                return Waiting(self._check_of(said.get("waits_for")) or "another block")
            if said.get("leans_on"):
                return Waiting(self._check_of(said["leans_on"]) or said["leans_on"][0])
            return None
        if self.has_timed_out or self._last_error() is None:
            return None
        cause = self.parent.check_behind(self.cell_num)
        return Waiting(cause) if cause else None

    def _check_of(self, blocks: list[str] | None) -> str | None:
        """Return the check of the first of some blocks."""
        for block in blocks or ():
            for check in self.parent.course.checks:
                if block in check.blocks:
                    return check.name
        return None

    def _last_error(self) -> dict[str, Any] | None:
        errors = [out for out in self.test_outputs or () if out.output_type == "error"]
        return errors[-1] if errors else None

    def _headline(self, error: NbCellError) -> str:
        """Say in one line what went wrong."""
        if self.verdict:
            return f"{Kind(self.verdict['kind']).words}: {self.verdict['headline']}".rstrip(": ")
        if self.has_timed_out:
            return f"took longer than {self.parent.seconds:g} seconds"
        if found := self._last_error():
            return f"{found['ename']}: {found['evalue']}".splitlines()[0].rstrip(": ")
        return str(error).strip().splitlines()[0]

    def repr_failure(self, excinfo):
        """Return what is printed of a failure: the message first, and no more than a screen."""
        if not isinstance(excinfo.value, NbCellError):
            return super().repr_failure(excinfo)
        if self.config.option.verbose > 0 or self.config.option.tbstyle == "long":
            shown = super().repr_failure(excinfo)
            return shown if self._is_coloured() else _ANSI.sub("", shown)
        lines = self._lines(excinfo.value)
        if len(lines) > LINES:
            more = len(lines) - LINES + 1
            lines = [*lines[: LINES - 1], f"... {more} more lines; -v shows all of them"]
        return "\n".join(lines)

    def _lines(self, error: NbCellError) -> list[str]:
        if self.verdict:
            return self.verdict["text"].splitlines()
        lines = [self.headline]
        if self._last_error() is None:  # outputs that differ
            return [*lines, *_ANSI.sub("", error.inner_traceback or "").splitlines()]
        for frame in self.parent.evaluate(_FRAMES) or []:
            lines.append(f"  {frame['where']}, line {frame['line']}, in {frame['function']}")
            if frame["source"]:
                lines.append(f"    {frame['source']}")
        expected = _last_paragraph(self.code.text)
        if expected:
            lines += ["", "The text above the cell:"]
            lines += textwrap.wrap(expected, 92, initial_indent="  ", subsequent_indent="  ")[:4]
        return lines

    def _is_coloured(self) -> bool:
        return self.config.get_terminal_writer().hasmarkup


# Evaluated in the kernel: the frames of the last exception, without those of libraries.
_FRAMES = "__import__('coursekit.nbval.frames', fromlist=['of_last_error']).of_last_error()"


def _verdict_in(outputs: Any) -> dict[str, Any] | None:
    """Return what a check's output says of its verdict, with its text."""
    for output in outputs:
        ours = (output.get("metadata") or {}).get(notebooks.METADATA) or {}
        if isinstance(ours.get("verdict"), dict):
            return {**ours["verdict"], "text": output["data"].get("text/plain", "")}
    return None


def _last_paragraph(text: str) -> str:
    """Return the last words above a cell, without pictures, formulas of their own and quotes."""
    paragraphs = [part.strip() for part in text.split("\n\n")]
    prose = [
        p for p in paragraphs if p and p[0] not in "#<|$`!" and not p.startswith("**Your turn")
    ]
    return " ".join(prose[-1].split()) if prose else ""


def replaced(collected: Any, parent: Any) -> Any:
    """Return the collector of a course's notebook in the place of nbval's own."""
    return CourseNotebook.from_parent(parent, path=collected.path)
