"""The Jupyter kernel that check cells run in: it passes them on, and runs no student code itself.

Started inside the sandbox, where it is the first process, so that nothing in there can kill it. The
sockets that it is reached through are opened outside and handed over as file descriptors: there is
no file of the outer system that could be written to from in here.
"""

import base64
import contextlib
import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

MIME = "application/vnd.cs231n.outcome+json"

_PR_SET_PDEATHSIG = 1


def main():
    settings = json.loads(sys.stdin.readline())
    confine(settings)
    runner = Runner(settings)  # imports while the kernel does

    # Both take a while to import, which the runner needs not wait for.
    import zmq
    from ipykernel.kernelapp import IPKernelApp

    class Kernel(IPKernelApp):
        def _try_bind_socket(self, s, port):
            s.setsockopt(zmq.USE_FD, settings["listeners"][str(port)])
            s.bind(f"ipc://{self.ip}-{port}")
            return port

        def init_heartbeat(self):
            """Do without: whether the process is alive is seen from outside."""

    connection = Path(settings["folder"]) / "connection.json"
    connection.write_text(json.dumps(settings["connection"]))
    app = Kernel.instance(connection_file=str(connection))
    app.initialize(["--HistoryManager.enabled=False", "--IPKernelApp.log_level=CRITICAL"])
    connection.unlink()
    app.shell.push({"grade": runner.grade}, interactive=False)
    app.start()


def confine(settings):
    """Take on the limits, and another user's identity where this one is allowed to."""
    for name, value in settings["rlimits"].items():
        with contextlib.suppress(AttributeError):  # macOS has fewer of them
            resource.setrlimit(getattr(resource, name), (value, value))
    if settings["uid"]:
        os.setgroups([])
        os.setresgid(settings["uid"], settings["uid"], settings["uid"])
        os.setresuid(settings["uid"], settings["uid"], settings["uid"])
    # Changing the user clears this, so it is said again: no life after the process outside.
    with contextlib.suppress(AttributeError, OSError):
        prctl = ctypes.CDLL(None).prctl
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


class Runner:
    """The process that checks run from. Where one was killed, another one takes its place."""

    def __init__(self, settings):
        self.settings = settings
        self._log = Path(settings["folder"]) / "runner.log"
        self._start()

    def grade(self, check, seed):
        """Run a check and display its outcome, for the grader to read."""
        from IPython import get_ipython

        self._await_ready()
        try:
            answer, outcome = self._ask({"check": check, "seed": seed})
        except (OSError, ValueError):
            answer, outcome = {"ended": "killed", "seconds": 0, "files": {}}, b""
            self._restart()
        answer["outcome"] = base64.b64encode(outcome).decode()
        get_ipython().display_pub.publish({MIME: answer})

    def _ask(self, request):
        self.process.stdin.write(json.dumps(request).encode() + b"\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline())
        return answer, self.process.stdout.read(answer.pop("bytes"))

    def _await_ready(self):
        """Wait until the process has imported what it needs. Raises RuntimeError if it cannot."""
        if not self._ready and not self.process.stdout.readline():
            said = self._log.read_text("utf-8", "replace").strip()
            raise RuntimeError(f"what runs checks does not start: {said[-1000:]}")
        self._ready = True

    def _start(self):
        self._ready = False
        program = Path(__file__).with_name("runner.py")
        with self._log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, str(program), json.dumps(self.settings["runner"])],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def _restart(self):
        # Alone in a namespace, or the only one of its user, it may kill all that it can.
        if os.getpid() == 1 or self.settings["uid"]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(-1, signal.SIGKILL)
        self.process.kill()
        self.process.wait()
        self._start()


if __name__ == "__main__":
    main()
