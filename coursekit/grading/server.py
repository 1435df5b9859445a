"""A process that has imported and read what grading needs, and forks itself for each submission.

That takes about as long as all else that grading asks of this side. Units are processes of their
own as before, and one that dies takes nothing with it.

    python -m coursekit.grading.server MODULE

Requests are lines of JSON on stdin: {"job": path, "said": path}. MODULE's `main` is called with the
job as its only argument, and what it says on stderr is added to the file `said`. The answer is a
line, {"code": exit code}, negative for a signal. The process ends when stdin does. If MODULE has a
function `prepare`, that is called with the job before the fork.
"""

import contextlib
import ctypes
import importlib
import json
import os
import select
import signal
import subprocess
import sys
import traceback

# What the unit imports, and what it imports later, while its sandbox starts.
_PRELOADED = {
    f"{__package__}.unit": [f"{__package__}.{name}" for name in ("unit", "cells", "answer_key")]
}
_PR_SET_PDEATHSIG = 1


class Server:
    """Such a process, from the outside. It and what it started end together."""

    def __init__(self, module, environment):
        self.module = module
        self._process = subprocess.Popen(
            [sys.executable, "-m", __name__, module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=environment,
            start_new_session=True,  # Ctrl-C is for the one who waits, not for the units
        )

    def run(self, job, said, seconds):
        """Run the module on a job. Returns its exit code; raises TimeoutError and OSError."""
        request = {"job": str(job), "said": str(said)}
        self._process.stdin.write(json.dumps(request).encode() + b"\n")
        self._process.stdin.flush()
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            raise TimeoutError
        answer = self._process.stdout.readline()
        if not answer:
            raise OSError("the process that starts units has ended")
        return json.loads(answer)["code"]

    def end(self, wait=True):
        """Kill the process, and those that it has forked. Their sandboxes end with them."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        if wait:
            self._process.wait()
            self._process.stdout.close()
            with contextlib.suppress(OSError):
                self._process.stdin.close()


def main(name):
    for needed in _PRELOADED.get(name, ()):
        importlib.import_module(needed)
    module = importlib.import_module(name)
    for line in sys.stdin:
        request = json.loads(line)
        if hasattr(module, "prepare"):
            with contextlib.suppress(Exception):  # it will happen again where it can be told
                module.prepare([request["job"]])
        child = os.fork()
        if child == 0:
            _run(module, **request)
        _, status = os.waitpid(child, 0)
        print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)


def _run(module, job, said):
    """In the child: do the job, and leave."""
    code = 1
    try:
        with contextlib.suppress(AttributeError, OSError):  # elsewhere than on Linux
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        nothing = os.open(os.devnull, os.O_RDWR)
        words = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for stream, target in ((0, nothing), (1, nothing), (2, words)):
            os.dup2(target, stream)
        module.main([job])
        code = 0
    except SystemExit as leaving:
        code = leaving.code or 0
        if not isinstance(code, int):
            print(code, file=sys.stderr)
            code = 1
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    main(*sys.argv[1:])
