"""The Jupyter kernel that check cells run in: one that knows nothing but checks.

It is started inside the sandbox, as the first process there, so that nothing in there can kill it.
A cell names a check and a seed, as JSON: {"check": "predict", "seed": 7}. The kernel has
another process run it, and displays what that sent. It evaluates nothing and runs no student's code
itself; and it is there in a fraction of the time that a kernel for Python takes.

The sockets that it is reached through are opened outside and handed over as file descriptors, so
that there is no folder of the outer system that could be written to from in here.
"""

import base64
import contextlib
import hashlib
import hmac
import json
import os
import resource
import signal
import subprocess
import sys
import threading
import uuid
from datetime import UTC, datetime
from pathlib import Path

MIME = "application/vnd.coursekit.outcome+json"
PROTOCOL = "5.3"

_DELIMITER = b"<IDS|MSG>"


def main():
    settings = json.loads(sys.stdin.readline())
    confine(settings)
    threading.Thread(target=end_with_grader, daemon=True).start()
    runner = Runner(settings)
    import zmq  # which the runner need not wait for

    context = zmq.Context()
    sockets = {}
    for name, kind in (("shell", zmq.ROUTER), ("iopub", zmq.PUB)):
        sockets[name] = context.socket(kind)
        sockets[name].setsockopt(zmq.USE_FD, settings["listeners"][name])
        sockets[name].bind(f"ipc://{settings['folder']}/{name}")  # any name will do
    Kernel(**sockets, key=settings["connection"]["key"], run=runner.run).serve()


def confine(settings):
    """Take on the limits, and another user's identity where this one is allowed to."""
    for name, value in settings["rlimits"].items():
        with contextlib.suppress(AttributeError):  # macOS has fewer of them
            resource.setrlimit(getattr(resource, name), (value, value))
    if settings["uid"]:
        os.setgroups([])
        os.setresgid(settings["uid"], settings["uid"], settings["uid"])
        os.setresuid(settings["uid"], settings["uid"], settings["uid"])


def end_with_grader():
    """End when the grader closes this process's standard input, or dies and so leaves it.

    With it ends all that is in here. The signal for the death of a parent is not enough: bubblewrap
    is the parent, and has no right to send one to the process of another user.
    """
    while sys.stdin.buffer.raw.read(1024):
        pass
    os._exit(0)


class Kernel:
    """Jupyter's messages, as far as running cells takes them.

    https://jupyter-client.readthedocs.io/en/stable/messaging.html
    """

    def __init__(self, shell, iopub, key, run):
        self._shell = shell
        self._iopub = iopub
        self._key = key.encode()
        self._run = run
        self._session = uuid.uuid4().hex

    def serve(self):
        """Answer requests, one after another, for ever."""
        answers = {"kernel_info_request": self._info, "execute_request": self._execute}
        while True:
            frames = self._shell.recv_multipart()
            start = frames.index(_DELIMITER)
            header, content = json.loads(frames[start + 2]), json.loads(frames[start + 5])
            answer = answers.get(header["msg_type"])
            if answer is None:
                continue
            self._publish("status", {"execution_state": "busy"}, header)
            reply = answer(content, header)
            kind = header["msg_type"].replace("request", "reply")
            self._send(self._shell, frames[:start], kind, reply, header)
            self._publish("status", {"execution_state": "idle"}, header)

    def _info(self, content, header):
        return {
            "status": "ok",
            "protocol_version": PROTOCOL,
            "implementation": "coursekit-checks",
            "implementation_version": "1",
            "language_info": {"name": "json", "mimetype": "application/json"},
            "banner": "",
        }

    def _execute(self, content, header):
        try:
            answer = self._run(json.loads(content["code"]))
        except Exception as error:
            failure = {"ename": type(error).__name__, "evalue": str(error), "traceback": []}
            return {"status": "error", "execution_count": 1, **failure}
        shown = {"data": {MIME: answer}, "metadata": {}, "transient": {}}
        self._publish("display_data", shown, header)
        return {"status": "ok", "execution_count": 1, "user_expressions": {}, "payload": []}

    def _publish(self, kind, content, parent):
        self._send(self._iopub, [kind.encode()], kind, content, parent)

    def _send(self, socket, address, kind, content, parent):
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "session": self._session,
            "username": "kernel",
            "date": datetime.now(UTC).isoformat(),
            "version": PROTOCOL,
        }
        parts = [json.dumps(part).encode() for part in (header, parent, {}, content)]
        signature = hmac.new(self._key, b"".join(parts), hashlib.sha256).hexdigest()
        socket.send_multipart([*address, _DELIMITER, signature.encode(), *parts])


class Runner:
    """The process that checks run from. Where one was killed, another one takes its place."""

    def __init__(self, settings):
        self._settings = settings
        self._log = Path(settings["folder"]) / "runner.log"
        self._start()

    def run(self, request):
        """Run a check. Returns how it ended, and its outcome.

        Raises RuntimeError if checks cannot be run at all, which no student's code can bring about.
        """
        self._await_ready()
        try:
            answer, outcome = self._ask(request)
        except (OSError, ValueError):
            answer, outcome = {"ended": "killed", "seconds": 0, "files": {}}, b""
            self._restart()
        return answer | {"outcome": base64.b64encode(outcome).decode()}

    def _ask(self, request):
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return answer, self._process.stdout.read(answer.pop("bytes"))

    def _await_ready(self):
        if not self._ready and not self._process.stdout.readline():
            said = self._log.read_text("utf-8", "replace").strip()
            raise RuntimeError(f"what runs checks does not start: {said[-1000:]}")
        self._ready = True

    def _start(self):
        self._ready = False
        program = Path(__file__).with_name("runner.py")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, str(program), json.dumps(self._settings["runner"])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def _restart(self):
        # Alone in a namespace, or the only one of its user, it may kill all that it can.
        if os.getpid() == 1 or self._settings["uid"]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        self._start()


if __name__ == "__main__":
    main()
