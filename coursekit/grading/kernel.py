"""What nbval takes for a kernel: it has checks run in a sandbox, and hands back what they sent.

nbval gives it the source of a cell, waits for a reply, and then reads the messages of the cell. Not
one byte of the other side is believed: what is no message, or longer than it may be, ends the
sandbox before it takes up memory.
"""

import itertools
import json
import os
import select
import time
from collections import deque
from queue import Empty

from ..checks import Kind
from ..notebooks import check_of
from .inside.runner import ASKED_TOO_MUCH, FINISHED, HEAD, LENGTH, QUESTION, READY

MIME = "application/vnd.coursekit.answer"  # of what a check sent, among the outputs of its cell


class CellEnded(Exception):
    """A cell came to an end that is not its own. `kind` is what the result says of it."""

    kind = Kind.KILLED


class RunnerDied(CellEnded):
    """What runs checks is gone."""


class NoMessage(CellEnded):
    """What was sent is no message, or longer than it may be."""


class UsedUp(CellEnded):
    """The sandbox was given up before the turn of a check that had been sent already."""


class TimedOut(CellEnded):
    """A cell took longer than it may."""

    kind = Kind.TIMED_OUT


class RunnerKernel:
    """A sandbox, with as much of the interface of nbval's RunningKernel as nbval needs.

    Parameters
    ----------
    sandbox : Sandbox
    seed : int
        What the inputs of checks are drawn from.
    answer : function, optional
        Returns bytes, the answer to a question that a check asks: its name and bytes are given.

    Once a cell fails to come to its end, the sandbox is closed and the kernel not alive.
    """

    language = "python"

    def __init__(self, sandbox, seed, answer=None):
        self._sandbox = sandbox
        self._limits = sandbox.limits
        self._seed = seed
        self._answer = answer
        self._numbers = itertools.count(1)
        self._running = deque()  # numbers and checks, in the order in which they were sent
        self._ended = {}  # what came of them, by number
        self._messages = deque()
        self._ahead = None  # (source, number) of a cell that was sent already
        self._alive = True
        for pipe in (sandbox.process.stdin, sandbox.process.stdout):
            os.set_blocking(pipe.fileno(), False)
        self._await_start()

    def is_alive(self):
        """Whether to go on with it. If it died in a cell that was sent ahead, that cell is told."""
        return self._alive and (self._ahead is not None or self._sandbox.process.poll() is None)

    def execute_cell_input(self, cell_input, allow_stdin=None):
        """Have the check of a cell run. Returns a number for it."""
        ahead, self._ahead = self._ahead, None
        if ahead and ahead[0] == cell_input:
            return ahead[1]
        return self._send(check_of({"cell_type": "code", "source": cell_input}))

    def send_ahead(self, cell_input):
        """Have a cell run that nbval is going to ask for next. It is not sent again then."""
        self._ahead = (cell_input, self.execute_cell_input(cell_input))

    def run_again(self, check):
        """Run a check once more, with leave to ask the judge. Returns an answer, as in outputs.

        Raises CellEnded.
        """
        number = self._send(check, again=True)
        return self._result(number, self._limits.wall + self._limits.start)

    def run_hunt(self, asked):
        """Have a student's check run on one function after another, with leave to ask the judge.

        `asked` is what the runner has to know. Returns an answer, as in outputs. Raises CellEnded.
        """
        number = self._send(asked["function"], again=True, hunt=asked)
        return self._result(number, self._limits.wall + self._limits.start)

    def await_reply(self, msg_id, timeout=None):
        """Wait until a cell is through. Raises CellEnded, with the sandbox closed, if it is not."""
        shown = {"data": {MIME: self._result(msg_id, timeout)}, "metadata": {}}
        self._show(msg_id, "display_data", shown)
        self._show(msg_id, "status", {"execution_state": "idle"})

    def get_message(self, stream, timeout=None):
        if stream != "iopub" or not self._messages:
            raise Empty
        return self._messages.popleft()

    def interrupt(self):
        self.stop()

    def stop(self):
        """End the sandbox and all that runs in it."""
        self._alive = False
        self._sandbox.close()

    def _show(self, number, kind, content):
        parent = {"msg_id": number}
        self._messages.append({"msg_type": kind, "content": content, "parent_header": parent})

    def _send(self, check, again=False, **more):
        number = next(self._numbers)
        request = {"check": check, "seed": self._seed, "again": again, **more}
        self._running.append((number, request))
        self._write(json.dumps(request).encode() + b"\n", self._limits.wall)
        return number

    def _result(self, number, timeout):
        """Return what came of a check, {"ended", "seconds", "sent"}."""
        deadline = time.monotonic() + timeout
        while number not in self._ended:
            if not self._alive:
                raise UsedUp("an earlier check has left files behind")
            running, request = self._running[0]
            self._ended[running] = self._follow(request, deadline)
            self._running.popleft()
        return self._ended.pop(number)

    def _follow(self, request, deadline):
        """Return what comes of the check that is running, and answer what it asks meanwhile."""
        questions = self._limits.questions if request["again"] else 0
        talk, patience = self._limits.talk, self._limits.wall
        while True:
            says, used_up, seconds, length = HEAD.unpack(self._read(HEAD.size, deadline))
            if says != QUESTION:
                break
            questions, talk = questions - 1, talk - length
            if questions < 0 or talk < 0 or length > self._limits.output:
                self._fail(NoMessage("it asked more than it may"))
            asked = time.monotonic()
            answer = self._answer_to(request["check"], self._read(length, deadline))
            took = time.monotonic() - asked
            talk, patience, deadline = talk - len(answer), patience - took, deadline + took
            if patience < 0:
                self._fail(TimedOut("what it asked took too long to answer"))
            self._write(LENGTH.pack(len(answer)) + answer, self._limits.wall)
        if not FINISHED <= says <= ASKED_TOO_MUCH or length > self._limits.output:
            self._fail(NoMessage("it sent what is no message"))
        sent = self._read(length, deadline)
        self._alive = not used_up
        return {"ended": says, "seconds": seconds, "sent": sent}

    def _answer_to(self, check, question):
        try:
            return self._answer(check, question)
        except Exception as error:  # a question may be made to bring this about
            self._fail(NoMessage(f"it asked what cannot be answered ({type(error).__name__})"))

    def _read(self, length, deadline):
        """Read so many bytes, and not before they are there. Raises CellEnded."""
        pipe, data = self._sandbox.process.stdout.fileno(), bytearray()
        while len(data) < length:
            self._await(pipe, select.POLLIN, deadline)
            chunk = os.read(pipe, min(length - len(data), 1 << 20))
            if not chunk:
                self._fail(RunnerDied("it died"))
            data += chunk
        return bytes(data)

    def _write(self, data, patience):
        pipe, deadline = self._sandbox.process.stdin.fileno(), time.monotonic() + patience
        while data:
            self._await(pipe, select.POLLOUT, deadline)
            try:
                data = data[os.write(pipe, data) :]
            except BrokenPipeError:
                self._fail(RunnerDied("it died"))

    def _await(self, pipe, event, deadline):
        poller = select.poll()
        poller.register(pipe, event)
        if not poller.poll(max(0, 1000 * (deadline - time.monotonic()))):
            self._fail(TimedOut("it was not through when its time was up"))

    def _await_start(self):
        deadline = time.monotonic() + self._limits.start
        try:
            says, *_ = HEAD.unpack(self._read(HEAD.size, deadline))
        except RunnerDied:
            raise RunnerDied(f"it died on starting. {self._said}") from None
        if says != READY:
            self._fail(NoMessage("it sent what is no message"))

    def _fail(self, reason):
        self._said = self._sandbox.last_words()
        self.stop()
        raise reason
