"""nbval's kernel, guarded: what a cell sends is bounded, and a dead kernel is noticed at once.

nbval waits for a reply first and reads what a cell sent afterwards. So a kernel that died is waited
for to the end, output piles up meanwhile, and a reply that reports an error goes unread.
"""

import contextlib
import time
from collections import deque
from queue import Empty

import zmq
from nbval.kernel import RunningKernel

from ..checks import Kind
from .provisioner import Manager

_TICK = 100  # milliseconds between two looks at whether the kernel is alive


class CellEnded(Exception):
    """A cell came to an end that is not its own. `kind` is what the result says of it."""

    kind = Kind.KILLED


class KernelDied(CellEnded):
    """The kernel is gone."""


class TooMuchOutput(CellEnded):
    """A cell sent more than it may, or something that is no message."""


class TimedOut(CellEnded):
    """A cell took longer than it may."""

    kind = Kind.TIMED_OUT


class CellFailed(Exception):
    """The kernel reports that a cell failed, whether it showed a traceback or not."""


class GuardedKernel(RunningKernel):
    """A running kernel in a sandbox. Once a cell fails to end, it is stopped and not alive."""

    def __init__(self, start_sandbox, limits):
        self.limits = limits
        self._unread = deque()
        self._received = 0
        self._stopped = False
        self._ahead = None  # (source, id of the message) of a cell that was sent already
        self._context = zmq.Context()
        self._context.setsockopt(zmq.LINGER, 0)
        # What is longer ends the connection before it takes up memory.
        self._context.setsockopt(zmq.MAXMSGSIZE, limits.output)
        self.km = Manager(start_sandbox, context=self._context)
        self.km.start_kernel()
        self._sandbox = self.km.provisioner.sandbox
        self.kc = self.km.client()
        self.kc.start_channels(stdin=False, hb=False, control=False)
        self._await_start()

    def is_alive(self):
        return self._sandbox.process.poll() is None

    def execute_cell_input(self, cell_input, allow_stdin=None):
        ahead, self._ahead = self._ahead, None
        self._received = 0
        if ahead and ahead[0] == cell_input:
            return ahead[1]
        self._unread.clear()
        return super().execute_cell_input(cell_input, allow_stdin)

    def send_ahead(self, cell_input):
        """Have a cell run that nbval is going to ask for next. It is not sent again then."""
        self._ahead = (cell_input, super().execute_cell_input(cell_input, allow_stdin=False))

    def await_reply(self, msg_id, timeout=None):
        """Wait for the reply to a cell, and keep what the cell sends until then for nbval.

        Raises KernelDied, TooMuchOutput and TimedOut with the kernel stopped, and CellFailed where
        the reply says so.
        """
        deadline = time.monotonic() + timeout
        poller = zmq.Poller()
        shell, iopub = self.kc.shell_channel, self.kc.iopub_channel
        poller.register(shell.socket, zmq.POLLIN)
        poller.register(iopub.socket, zmq.POLLIN)
        while True:
            ready = dict(poller.poll(_TICK))
            if iopub.socket in ready:
                self._unread.append(self._receive(iopub))
            if shell.socket in ready:
                reply = self._receive(shell)
                if reply["parent_header"].get("msg_id") == msg_id:
                    if reply["content"].get("status") != "ok":
                        raise CellFailed(_failure(reply["content"]))
                    return
            if not ready and not self.is_alive():
                self._fail(KernelDied("it died"))
            if time.monotonic() > deadline:
                self._fail(TimedOut(f"not through after {timeout:g} seconds"))

    def get_message(self, stream, timeout=None):
        if stream == "iopub" and self._unread:
            return self._unread.popleft()
        channel = self.kc.iopub_channel if stream == "iopub" else self.kc.shell_channel
        if not channel.socket.poll(1000 * timeout):
            raise Empty
        return self._receive(channel)

    def interrupt(self):
        self.stop()

    def stop(self):
        """Kill the kernel and all that runs beside it."""
        if self._stopped:
            return
        self._stopped = True
        self._said = self._sandbox.last_words()
        self.kc.stop_channels()
        self.km.cleanup_resources()
        self._sandbox.close()
        self._context.destroy(linger=0)

    def _receive(self, channel):
        """Read one message. What cannot be read counts as too much output."""
        try:
            frames = channel.socket.recv_multipart()
            self._received += sum(map(len, frames))
            _, frames = self.kc.session.feed_identities(frames)
            message = self.kc.session.deserialize(frames)
        except Exception as error:  # whatever it sent, it is not a message
            self._fail(TooMuchOutput(f"sent what cannot be read: {type(error).__name__}"))
        if self._received > self.limits.output:
            self._fail(TooMuchOutput(f"sent more than {self.limits.output} bytes"))
        return message

    def _await_start(self):
        """Wait until the kernel answers, and until what it sends to everybody arrives as well."""
        deadline = time.monotonic() + self.limits.start
        while True:
            asked = self.kc.kernel_info()
            try:
                self.await_reply(asked, deadline - time.monotonic())
            except KernelDied:
                raise KernelDied(f"it died on starting. {self._said}") from None
            with contextlib.suppress(Empty):
                self.await_idle(asked, timeout=0.1)
                return

    def _fail(self, reason):
        self.stop()
        raise reason


def _failure(content):
    return f"{content.get('ename', 'an error')}: {content.get('evalue', '')}"[:2000]
