"""A notebook of a course, and its cells, as pytest runs them with nbval.

A cell that needs what an earlier one has not done is no failure: it waits for that one, and is
skipped. So is one that fails by a block whose check is not passed, one that reaches a block with a
loop without end, and one that uses what an earlier cell has left None. Cells that are not selected
run all the same, and without a report, where a selected one needs them.
"""

from __future__ import annotations

import ast
import contextlib
import json
import os
import re
import signal
import tempfile
import textwrap
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty
from typing import TYPE_CHECKING, Any

import pytest
from nbval.kernel import CURRENT_ENV_KERNEL_NAME, RunningKernel
from nbval.plugin import IPyNbCell, IPyNbFile, NbCellError

from .. import notebooks
from ..checks import freshness, runner
from ..checks.verdict import Kind
from ..course import Course
from .cells import CodeCell, code_cells, names_left_none, needed, setting_up

if TYPE_CHECKING:
    from ..checks.check import Check

SECONDS = 120.0  # for a cell, unless the course says otherwise
NBVALS_SECONDS = 2000.0  # what nbval has where nobody asks for another time
CHECKS_SECONDS = float(runner.SECONDS)  # for a check's cell, where the others have more
# Once a loop without end was seen: many checks may run into it.
CHECKS_SECONDS_LATER, SECONDS_LATER = 10.0, 5.0
LINES = 24  # what is printed of one cell: no more than fits a screen

RED = (Kind.WRONG, Kind.CRASHED, Kind.NOT_ATTEMPTED, Kind.TIMED_OUT, Kind.KILLED)
UNREADABLE = ("SyntaxError", "IndentationError", "TabError")
# What fails with these has to do with what there is to import, and with no block.
OF_IMPORTS = (*UNREADABLE, "ImportError", "ModuleNotFoundError")
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_ANSWER = re.compile(r"^'(.*)'$", re.DOTALL)


@dataclass(frozen=True)
class Waiting:
    """A cell that could not run. cause: what it waits for, the name of a check or of a cell."""

    cause: str


class Kernel(RunningKernel):
    """A kernel that is not waited for once it has died, or is known to get nowhere.

    in_vain: a function that is called once in a cell that takes long, and says whether it does.
    patience: the seconds that a cell has before.
    """

    in_vain: Callable[[], bool] | None = None
    patience = CHECKS_SECONDS

    def await_reply(self, msg_id, timeout=None):
        """As nbval's, and raises Empty as soon as there is nothing to wait for."""
        begun = time.monotonic()
        while True:
            waited = time.monotonic() - begun
            left = 1.0 if timeout is None else min(1.0, timeout - waited)
            if left <= 0:
                raise Empty
            try:
                return super().await_reply(msg_id, timeout=left)
            except Empty:
                if not self.is_alive():
                    raise
            if self.in_vain and waited > self.patience:
                asked, self.in_vain = self.in_vain, None
                if asked():
                    raise Empty


class CourseNotebook(IPyNbFile):
    """A notebook with its kernel, and what is known of its cells."""

    def collect(self):
        """Yield nbval's items, under the names that a person finds them by."""
        self.course = Course.find(self.path)
        self.cells: list[CodeCell] = []
        with contextlib.suppress(notebooks.NotebookError):  # nbval says what is wrong with it
            self.cells = code_cells(notebooks.read(self.path)["cells"])
        self.states: dict[int, bool | Waiting] = {}
        self._aside: tempfile.TemporaryDirectory | None = None
        # Where the kernel writes the frames that it is in, and its process.
        self._told: tuple[Path, int] | None = None
        self.unreadable = ""  # the cell in which a file of the package could not be read
        self.left_none: dict[str, str] = {}  # by variable, the first cell that failed over it
        self._endless: set[str] = set()  # functions of blocks that do not come to their end
        self._ends: dict[str, bool] = {}  # by check, whether it came to its end
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

    def seconds_of(self, index: int) -> float:
        """Return the time that one cell has: a check is done within less."""
        if not self.cells[index].check:
            return self.seconds
        return min(self.seconds, CHECKS_SECONDS_LATER if self._endless else CHECKS_SECONDS)

    @property
    def patience(self) -> float:
        """The time before a cell is asked what it is in: less once a loop without end was seen."""
        return min(self.seconds, SECONDS_LATER if self._endless else CHECKS_SECONDS)

    def setup(self):
        """Leave starting a kernel to the first cell that runs, as with every further kernel."""

    def teardown(self):
        if self.kernel is not None and self.kernel.is_alive():
            super().teardown()
        if self._aside is not None:
            self._aside.cleanup()

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
        self._told = None
        if hasattr(signal, "SIGUSR1"):  # Windows has none
            self._aside = self._aside or tempfile.TemporaryDirectory(prefix="coursekit-")
            path = Path(self._aside.name) / "frames.json"
            process = self.evaluate(_TELL.format(str(path)))
            self._told = (path, process) if process else None

    def _frames_now(self) -> list[dict[str, Any]]:
        """Return the frames that the kernel is in, while a cell runs, or an empty list."""
        if self._told is None:
            return []
        path, process = self._told
        path.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            os.kill(process, signal.SIGUSR1)
            for _ in range(30):
                time.sleep(0.1)
                if path.exists() and (text := path.read_text(encoding="utf-8")).endswith("\n"):
                    return json.loads(text)
        return []

    def _run_silently(self, index: int) -> bool:
        """Run a cell that nobody asked for. Returns whether it came to its end."""
        kernel = self.kernel
        sent = kernel.execute_cell_input(self.cells[index].source, allow_stdin=False)
        try:
            reply = self._reply(sent, self.seconds_of(index))
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

    @property
    def _checks(self) -> list[Check]:
        return self.course.checks.with_optional

    def check_behind(self, index: int) -> str | None:
        """Return the first check that is not passed, of blocks that a cell leads to."""
        reached = self._reached(index)
        for check in self._checks:
            if _functions_of(check) & reached and self._kind_of(check.name) in RED:
                return check.name
        return None

    def red_check_of(self, function: str) -> str | None:
        """Return the first check of a function's blocks that is not passed."""
        own = [check for check in self._checks if function in _functions_of(check)]
        return next((check.name for check in own if self._kind_of(check.name) in RED), None)

    def endless_behind(self, index: int) -> str | None:
        """Return the check of a block that a cell leads to, and that was seen to have no end."""
        cell = self.cells[index]
        # To import a name is not to call it, and a check may do without a block that it reaches.
        if cell.names.sets_up or cell.check:
            return None
        reached = self._reached(index) & self._endless if self._endless else set()
        return next((c.name for c in self._checks if _functions_of(c) & reached), None)

    def runs_in_vain(self, index: int) -> bool:
        """Whether a cell that takes long is in a block whose check does not end either.

        Where the kernel cannot be asked what it is in, the blocks that the cell leads to are meant.
        """
        if frames := self._frames_now():
            return any(self.check_without_end(frame["function"]) for frame in reversed(frames))
        reached = self._reached(index)
        return any(
            self._has_no_end(check) for check in self._checks if _functions_of(check) & reached
        )

    def check_without_end(self, function: str) -> str | None:
        """Return the check of a function that a cell was in when its time was over.

        None where that check comes to its end: then the cell takes long by itself.
        """
        for check in self._checks:
            if function in _functions_of(check) and self._has_no_end(check):
                return check.name
        return None

    def _has_no_end(self, check: Check) -> bool:
        if check.name not in self._ends:
            self._ends[check.name] = True
            seconds = min(self.seconds, CHECKS_SECONDS)
            with contextlib.suppress(runner.CannotRun):
                record, _ = runner.run([check], seconds, shows_bar=False)[check.name]
                self._ends[check.name] = record.kind != Kind.TIMED_OUT
        if not self._ends[check.name]:
            self.note_endless(check.name)
        return not self._ends[check.name]

    def note_endless(self, check: str) -> None:
        """Note that a check does not come to its end: what reaches its blocks waits for it."""
        self._endless |= _functions_of(self.course.checks[check])

    def _reached(self, index: int) -> set[str]:
        units = freshness.units_of(self.course)
        return freshness.reached_from(self._names_behind(index), units)

    def root_of(self, name: str) -> str:
        """Return what a check waits for in the end, as far as this notebook has run it."""
        seen = {name}
        while isinstance(state := self._state_of(name), Waiting) and state.cause not in seen:
            name = state.cause
            seen.add(name)
        return name

    def _state_of(self, name: str) -> bool | Waiting | None:
        found = [i for i, cell in enumerate(self.cells) if name in (cell.check, cell.name)]
        return self.states.get(found[-1]) if found else None

    def unreadable_file(self) -> str:
        """Say which file of the package Python cannot read, and where, or return ""."""
        return next(iter(freshness.unreadable_files(self.course)), "")

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
                # Where one is known to have no end, many others call it.
                seconds = SECONDS_LATER if self._endless else CHECKS_SECONDS
                results = runner.run(self._checks, seconds, shows_bar=False)
                self._kinds = {name: record.kind for name, (record, _) in results.items()}
            except runner.CannotRun:
                self._kinds = {}
        return self._kinds.get(name, Kind.NOT_RUN)


class CourseCell(IPyNbCell):
    """A cell of a course's notebook."""

    verdict: dict[str, Any] | None = None  # what a check came to, as its output has it
    headline = ""
    lacking = ""  # the variable that is None where the cell needs more
    frames: list[dict[str, Any]] | None = None  # of the last exception, innermost last
    has_timed_out = False

    @property
    def code(self) -> CodeCell:
        return self.parent.cells[self.cell_num]

    def reportinfo(self):
        """Return where the cell is, and what it is called, with the number JupyterLab shows."""
        where = f"{self.path.name}: {self.name}"
        return self.path, None, where if self.code.check else f"{where}, In [{self.code.number}]"

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
        if waiting is None and (endless := notebook.endless_behind(index)):
            waiting = Waiting(endless)
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
                if (self.verdict or {}).get("kind") == Kind.NOT_ATTEMPTED:
                    pytest.skip("optional, not filled in")
                return
        waiting = Waiting(notebook.root_of(waiting.cause))
        notebook.states[index] = waiting
        pytest.skip(f"waiting for {waiting.cause}")

    def _run(self):
        option, notebook = self.config.option, self.parent
        before, option.nbval_cell_timeout = (
            option.nbval_cell_timeout,
            notebook.seconds_of(self.cell_num),
        )
        if not self.code.check:
            notebook.kernel.in_vain = partial(notebook.runs_in_vain, self.cell_num)
            notebook.kernel.patience = notebook.patience
        try:
            super().runtest()
        finally:
            notebook.kernel.in_vain = None
            option.nbval_cell_timeout = before
            self.has_timed_out, notebook.timed_out = notebook.timed_out, False
            self.verdict = _verdict_in(self.test_outputs or ())

    def _consequence(self, error: NbCellError) -> Waiting | None:
        """Return what a failure follows from, or None for one of its own."""
        if self.has_timed_out:
            return self._behind_a_loop()
        if self.code.check:
            return self._behind_a_verdict(self.verdict or {})
        found = self._last_error()
        if found is None:
            return None
        if found["ename"] in OF_IMPORTS:
            return self._behind_a_file(found)
        if found["ename"] == FileNotFoundError.__name__:
            return self._behind_a_section(found)
        cause = self._behind_a_block()
        if cause is None and (waiting := self._behind_none()):
            return waiting
        cause = cause or self.parent.check_behind(self.cell_num)
        return Waiting(cause) if cause else None

    def _behind_a_block(self) -> str | None:
        """Return the check, not passed, of the block that the exception comes from."""
        self.frames = self.parent.evaluate(_FRAMES) or []
        for frame in reversed(self.frames):
            if cause := self.parent.red_check_of(frame["function"]):
                return cause
        return None

    def _behind_a_verdict(self, said: dict[str, Any]) -> Waiting | None:
        if said.get("kind") == Kind.WAITING:
            cause = self._check_of(said.get("waits_for")) or "another block"
        elif said.get("leans_on"):
            cause = self._check_of(said["leans_on"]) or said["leans_on"][0]
        else:
            return None
        return Waiting(cause)

    def _behind_a_loop(self) -> Waiting | None:
        """Return the check of a block in which a cell was when its time was over."""
        if not self.parent.kernel.is_alive():
            return None
        if cause := self.parent.endless_behind(self.cell_num):
            return Waiting(cause)
        self.frames = self.parent.evaluate(_FRAMES) or []
        for frame in reversed(self.frames):
            cause = self.parent.check_without_end(frame["function"])
            if cause:
                if cause != self.code.check:
                    return Waiting(cause)
                break
        if self.code.check:
            self.parent.note_endless(self.code.check)
        return None

    def _behind_a_file(self, found: dict[str, Any]) -> Waiting | None:
        """A file that cannot be read is one failure, however many cells load it."""
        if found["ename"] not in UNREADABLE or not self.parent.unreadable_file():
            return None
        if self.parent.unreadable:
            return Waiting(self.parent.unreadable)
        self.parent.unreadable = self.name
        return None

    def _behind_a_section(self, found: dict[str, Any]) -> Waiting | None:
        """A file that an earlier section was to leave: the error names that section in quotes.

        None where the section has run, and where the error names none.
        """
        for index in range(self.cell_num):
            cell, state = self.parent.cells[index], self.parent.states.get(index, True)
            heading = cell.name.rpartition(", cell")[0]
            if heading and state is not True and repr(heading) in found["evalue"]:
                return state if isinstance(state, Waiting) else Waiting(cell.name)
        return None

    def _behind_none(self) -> Waiting | None:
        """Return the first cell that failed over a variable that an earlier cell leaves None."""
        for name, cell in self._left_none().items():
            first = self.parent.left_none.setdefault(name, self.name)
            if first != self.name:
                return Waiting(first)
            self.lacking = f"{name} is still None: {cell} is where it gets its value"
        return None

    def _left_none(self) -> dict[str, str]:
        """Return the variables of this cell that are None still, with the cells that say so."""
        found = {}
        for other in needed(self.parent.cells, self.cell_num):
            cell = self.parent.cells[other]
            for name in self.code.names.uses & names_left_none(cell.source):
                if self.parent.evaluate(f"__import__('json').dumps({name} is None)"):
                    found[name] = f"In [{cell.number}]"
        return found

    def _check_of(self, blocks: list[str] | None) -> str | None:
        """Return the check of the first of some blocks."""
        for block in blocks or ():
            for check in self.parent.course.checks.with_optional:
                if block in check.blocks:
                    return check.name
        return None

    def _last_error(self) -> dict[str, Any] | None:
        errors = [out for out in self.test_outputs or () if out.output_type == "error"]
        return errors[-1] if errors else None

    @property
    def ended(self) -> str:
        """Where a cell was when its time was over, or "" for all others."""
        frames = [f for f in self.frames or () if f["where"] != "the cell"]
        if not (self.has_timed_out and frames):
            return ""
        where, line = frames[-1]["where"], frames[-1]["line"]
        return f"It was in {where}, line {line}, then: is there a loop that does not end?"

    def _headline(self, error: NbCellError) -> str:
        """Say in one line what went wrong."""
        if self.verdict:
            return f"{Kind(self.verdict['kind']).words}: {self.verdict['headline']}".rstrip(": ")
        if self.has_timed_out:
            seconds = self.parent.seconds_of(self.cell_num)
            said = f"did not finish within {seconds:g} seconds"
            return f"timed out: {self.code.check}: {said}" if self.code.check else said
        if self.name == self.parent.unreadable:
            return self.parent.unreadable_file()
        found = self._last_error()
        if self.lacking and found and "NoneType" in found["evalue"]:
            return self.lacking
        if found:
            return f"{found['ename']}: {found['evalue']}".splitlines()[0].rstrip(": ")
        return str(error).strip().splitlines()[0]

    def repr_failure(self, excinfo):
        """Return what is printed of a failure: the message first, and no more than a screen."""
        if not isinstance(excinfo.value, NbCellError):
            return super().repr_failure(excinfo)
        if self.config.option.verbose > 0 or self.config.option.tbstyle == "long":
            shown = f"{self.headline}\n{super().repr_failure(excinfo)}"
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
        if self._last_error() is None and not self.has_timed_out:  # outputs that differ
            return [*lines, *_ANSI.sub("", error.inner_traceback or "").splitlines()]
        if self.name == self.parent.unreadable:
            return lines
        if self.frames is None:
            self.frames = self.parent.evaluate(_FRAMES) or []
        for frame in self.frames:
            lines.append(f"  {frame['where']}, line {frame['line']}, in {frame['function']}")
            if frame["source"]:
                lines.append(f"    {frame['source']}")
        if self.ended:
            return [*lines, self.ended]
        expected = _last_paragraph(self.code.text)
        if expected:
            lines += ["", "The text above the cell:"]
            lines += textwrap.wrap(expected, 92, initial_indent="  ", subsequent_indent="  ")[:4]
        return lines

    def _is_coloured(self) -> bool:
        return self.config.get_terminal_writer().hasmarkup


# Evaluated in the kernel: the frames of the last exception, without those of libraries.
_FRAMES = "__import__('coursekit.nbval.frames', fromlist=['of_last_error']).of_last_error()"


def _functions_of(check: Check) -> set[str]:
    return {block.partition(":")[0] for block in check.blocks}


# Makes the kernel tell where it is when it is sent a signal.
_TELL = "__import__('coursekit.nbval.frames', fromlist=['tell_on_signal']).tell_on_signal({!r})"


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
