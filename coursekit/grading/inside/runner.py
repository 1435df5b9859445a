"""Runs checks on the student's package, each in a process of its own.

This process is started by the kernel beside it and imports what every check needs, but none of the
student's files. For each request it forks: the child imports the student's files, runs one check,
sends the outcome, and is killed together with all that it may have started. So nothing that one
check does, on import or later, reaches the next one, but for files: what is written into the little
room there is for them stays until the kernel ends.

Requests are lines of JSON on stdin: {"check", "seed"}. An answer is a line of JSON, {"ended",
"seconds", "files", "bytes"}, and as many bytes of an outcome. The first answer is not asked for and
says that this process is ready.
"""

import contextlib
import ctypes
import hashlib
import importlib
import json
import math
import os
import resource
import select
import signal
import struct
import sys
import time
from pathlib import Path

FINISHED, TIMED_OUT, KILLED = "finished", "timed_out", "killed"
TOO_MUCH_MEMORY, TOO_MUCH_OUTPUT = "too_much_memory", "too_much_output"

# What numpy imports when it is first asked for it. Here that is once, and not in every child.
_WARM = ("numpy", "numpy.random", "numpy.linalg", "numpy.lib.stride_tricks")

_LENGTH = struct.Struct("!Q")
_TICK = 0.05  # seconds between two looks at time and memory
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36


def main(settings):
    prctl(_PR_SET_DUMPABLE, 0)  # keeps processes of the same user from writing into this one
    prctl(_PR_SET_CHILD_SUBREAPER, 1)  # orphans become children of this one, so it can end them
    resource.setrlimit(resource.RLIMIT_AS, (settings["memory"], settings["memory"]))
    sys.path[:0] = [settings["course"], settings["engine"]]
    # Bytecode of the student's files goes where it can be written, for the checks that follow.
    sys.pycache_prefix = None
    for module in (*_WARM, *settings["preload"]):
        importlib.import_module(module)
    from coursekit.course import Course

    course = Course.read(settings["course"])
    _ = course.checks  # imports the exercises
    sys.pycache_prefix = settings["bytecode"]
    answer_with({"ready": True})
    for line in sys.stdin.buffer:
        request = json.loads(line)
        answer, outcome = run_apart(course, request, settings)
        kill_others(settings["alone"])
        answer_with(answer | {"bytes": len(outcome)}, outcome)


def answer_with(answer, outcome=b""):
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + outcome)
    sys.stdout.buffer.flush()


def prctl(option, value):
    with contextlib.suppress(AttributeError, OSError):  # elsewhere than on Linux
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def kill_others(alone):
    """Kill all that a check has started, and clear the dead away.

    `alone` says that the kernel, this process and what it started are all there are in a PID
    namespace. The system then walks over all of them at once, and none can fork its way out; the
    kernel is the namespace's first process and cannot be killed from within.
    """
    with contextlib.suppress(ChildProcessError):
        while True:
            if alone:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(-1, signal.SIGKILL)
            else:
                for child in _children():
                    os.kill(child, signal.SIGKILL)
            os.waitpid(-1, 0)


def _children():
    """Return the children that this process has, or none where the system does not say."""
    try:
        return [int(pid) for pid in Path("/proc/thread-self/children").read_text().split()]
    except OSError:
        return []


def run_apart(course, request, settings):
    """Run one check in a child. Returns what there is to say of it, and the outcome's bytes."""
    reading, writing = os.pipe()
    started = time.monotonic()
    child = os.fork()
    if child == 0:
        try:
            os.close(reading)
            _be_the_student(course, request, writing, settings)
        finally:
            os._exit(1)
    os.close(writing)
    ended, data = _receive(reading, child, started + settings["wall"], settings)
    os.close(reading)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    _, status, used = os.wait4(child, 0)
    if ended == KILLED and _used_up(status, used, settings["seconds"]):
        ended = TIMED_OUT
    answer = {"ended": ended, "seconds": time.monotonic() - started, "files": {}}
    if ended != FINISHED:
        return answer, b""
    files, _, outcome = data.partition(b"\n")
    with contextlib.suppress(ValueError):
        answer["files"] = json.loads(files)
    return answer, outcome


def _used_up(status, used, seconds):
    """Whether the system has ended a process because its time was used up.

    It sends SIGXCPU first, and a second later SIGKILL, which does not say why.
    """
    by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    took = used.ru_utime + used.ru_stime
    return by == signal.SIGXCPU or (by == signal.SIGKILL and took >= seconds)


def _be_the_student(course, request, writing, settings):
    """In the child: run the check and send its outcome."""
    seconds = math.ceil(settings["seconds"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_NPROC, (settings["processes"], settings["processes"]))
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    from coursekit.checks import Outcome, UnderTest
    from coursekit.checks.check import stream_of
    from coursekit.checks.run import crash_of

    send, leave = _sender(writing), os._exit
    check, under_test = course.checks[request["check"]], UnderTest(course)
    stream = stream_of(check.rng(request["seed"]))
    try:
        outcome = check.run(under_test, check.rng(request["seed"]))
    except BaseException as error:  # KeyboardInterrupt gets through, and what students derive
        outcome = Outcome(check.name, stream=stream)
        outcome.crashes.append(crash_of(error, course.package_folder))
    send(json.dumps(_files(course)).encode() + b"\n" + outcome.to_bytes())
    leave(0)


def _sender(writing, write=os.write, pack=_LENGTH.pack):
    def send(data):
        data = memoryview(pack(len(data)) + data)
        while data:
            data = data[write(writing, data) :]

    return send


def _files(course):
    """Return the SHA-256 of the file behind each module of the package, by its path."""
    hashes = {}
    for name, module in sorted(sys.modules.items()):
        if name.startswith(f"{course.package}."):
            path = Path(module.__file__)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            hashes[str(path.relative_to(course.package_folder))] = digest
    return hashes


def _receive(reading, child, deadline, settings):
    """Return how a child ended, and what it sent."""
    data, wanted = bytearray(), _LENGTH.size
    while len(data) < wanted:
        # Whether it has ended is looked at first: it may send its answer and end in between.
        over = os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        ready, _, _ = select.select([reading], [], [], 0 if over else _TICK)
        if ready:
            chunk = os.read(reading, 1 << 20)
            if not chunk:
                return KILLED, b""
            data += chunk
            if wanted == _LENGTH.size and len(data) >= wanted:
                wanted += _LENGTH.unpack_from(data)[0]
            if max(wanted, len(data)) > settings["output"]:
                return TOO_MUCH_OUTPUT, b""
        elif over:
            return KILLED, b""
        if time.monotonic() > deadline:
            return TIMED_OUT, b""
        if not ready and settings["alone"] and _memory_in_use() > settings["memory"]:
            return TOO_MUCH_MEMORY, b""
    return FINISHED, bytes(data[_LENGTH.size : wanted])


def _memory_in_use():
    """Return the bytes of memory that all processes in here have in use."""
    pages = 0
    for process in os.listdir("/proc"):
        if process.isdigit():
            with contextlib.suppress(OSError, IndexError):
                pages += int(Path("/proc", process, "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
