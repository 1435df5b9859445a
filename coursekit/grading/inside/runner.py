"""Runs checks on the student's package, each in a process of its own.

This is the first process in the sandbox, which nothing in there can kill, and it imports what every
check needs, but none of the student's files. For each request it forks: the child imports the
student's files, runs one check, sends the outcome, and is killed together with all that it may have
started. Nothing that one check does reaches the next one: the bytecode of the student's files is
kept in here, out of reach, and where a check has left a file behind, the sandbox is given up.

What comes in on stdin are lines of JSON, the settings first and then requests: {"check", "seed",
"again"}. What goes out on stdout are messages, each of them a HEAD and as many bytes as it says.
With `again` a check may ask questions while it runs. Each goes out as a message, and the answer
comes in as a LENGTH and as many bytes.
"""

import base64
import contextlib
import ctypes
import gc
import hashlib
import importlib.util
import itertools
import json
import marshal
import math
import os
import resource
import select
import signal
import struct
import sys
import time
from importlib.machinery import FileFinder, SourceFileLoader
from pathlib import Path

# What a message says: that checks can be run, that one asks something, or how one has ended.
READY, QUESTION, FINISHED, TIMED_OUT, KILLED = range(5)
TOO_MUCH_MEMORY, TOO_MUCH_OUTPUT, ASKED_TOO_MUCH = range(5, 8)

HEAD = struct.Struct("!B?dQ")  # what it says, whether the sandbox is used up, seconds, length
LENGTH = struct.Struct("!Q")
_FROM_CHILD = struct.Struct("!?Q")  # whether it is a question, length

# What numpy imports when it is first asked for it. Here that is once, and not in every child.
_WARM = ("numpy", "numpy.random", "numpy.linalg", "numpy.lib.stride_tricks")

_TICK = 50  # milliseconds between two looks at time and memory
_LIBC = ctypes.CDLL(None)
_PR_SET_DUMPABLE = 4
_PR_SET_CHILD_SUBREAPER = 36


def main():
    hide()
    settings = json.loads(sys.stdin.buffer.readline())
    confine(settings)
    prctl(_PR_SET_CHILD_SUBREAPER, 1)  # orphans become children of this one, so it can end them
    sys.dont_write_bytecode = True
    sys.path[:0] = [settings["course"], settings["engine"]]
    sys.meta_path.insert(0, Absent(settings["absent"]))
    for module in (*_WARM, *settings["preload"]):
        importlib.import_module(module)
    from coursekit.course import Course

    course = Course.read(settings["course"])
    _ = course.checks  # imports the exercises
    keep_bytecode(course, settings)
    settings["files"] = files_of(course)
    gc.freeze()  # what is there by now is not looked through, and so not copied, in every child
    send(READY)
    untouched = state_of(settings["rooms"])
    used_up = False
    while not used_up and (line := sys.stdin.buffer.readline()):
        request = json.loads(line)
        work = be_the_hunter if "hunt" in request else be_the_student
        ended, seconds, data = run_apart(work, course, request, settings)
        used_up = state_of(settings["rooms"]) != untouched
        send(ended, data, used_up, seconds)


def hide():
    """Keep other processes of the same user from reading this one's memory and pipes."""
    prctl(_PR_SET_DUMPABLE, 0)


def confine(settings):
    """Take on the limits, and another user's identity where this one is allowed to."""
    for name, value in settings["rlimits"].items():
        with contextlib.suppress(AttributeError):  # macOS has fewer of them
            resource.setrlimit(getattr(resource, name), (value, value))
    if settings["uid"]:
        os.setgroups([])
        os.setresgid(settings["uid"], settings["uid"], settings["uid"])
        os.setresuid(settings["uid"], settings["uid"], settings["uid"])
    hide()  # which changing the user may have undone


class Absent:
    """Finds no module that students do not have: an empty folder of its name would pass for it."""

    def __init__(self, names):
        self._names = frozenset(names)

    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in self._names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)


def send(says, data=b"", used_up=False, seconds=0.0):
    sys.stdout.buffer.write(HEAD.pack(says, used_up, seconds, len(data)) + data)
    sys.stdout.buffer.flush()


def state_of(rooms):
    """Return when the folders that can be written to were last changed, which nobody can forge."""
    return [os.stat(room).st_ctime_ns for room in rooms]


def prctl(option, value):
    with contextlib.suppress(AttributeError):  # elsewhere than on Linux
        _LIBC.prctl(option, value, 0, 0, 0)


def run_apart(work, course, request, settings):
    """Have a child do some work. Returns how it ended, the seconds it took, and what it sent."""
    told, telling = os.pipe()
    asking, answered = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            keep_only(telling, asking)
            work(course, request, settings, _sender(telling), asking)
        finally:
            os._exit(1)
    os.close(telling)
    os.close(asking)
    started = time.monotonic()
    ended, data, status, used = Child(child, told, answered, request, settings).follow()
    os.close(told)
    os.close(answered)
    if ended == KILLED and _used_up(status, used, settings["seconds"]):
        ended = TIMED_OUT
    return ended, time.monotonic() - started, data


def keep_only(*wanted):
    """In the child: let go of all that is open but some pipes, the runner's own above all."""
    hide()
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    for before, after in itertools.pairwise([2, *sorted(wanted), most]):
        os.closerange(before + 1, after)


class Ended(Exception):
    """A child has come to an end that is not its own. The argument says which."""


class Child:
    """A child at its work, from the outside: what it sends is bounded, and so is its time."""

    def __init__(self, pid, told, answered, request, settings, grader=0):
        self._pid = pid
        self._told = told
        self._answered = answered
        self._request = request
        self._settings = settings
        self._grader = grader
        self._deadline = time.monotonic() + settings["wall"]
        os.set_blocking(answered, False)

    def follow(self):
        """Return how the child ended, what it sent, its status and the resources that it used."""
        try:
            ended, data = FINISHED, self.receive()
        except Ended as end:
            (ended,), data = end.args, b""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._pid, signal.SIGKILL)
        _, status, used = os.wait4(self._pid, 0)
        kill_others(self._settings["alone"])
        return ended, data, status, used

    def receive(self):
        """Return the outcome. Until it comes, questions are handed on, and their answers back."""
        questions = self._settings["questions"] if self._request.get("again") else 0
        left = self._settings["talk"]
        while True:
            is_question, length = _FROM_CHILD.unpack(self._read(_FROM_CHILD.size))
            if not is_question:
                if length > self._settings["output"]:
                    raise Ended(TOO_MUCH_OUTPUT)
                return self._read(length)
            questions, left = questions - 1, left - length
            if questions < 0 or left < 0:
                raise Ended(ASKED_TOO_MUCH)
            answer = self._ask(self._read(length))
            left -= len(answer)
            self._write(LENGTH.pack(len(answer)) + answer)

    def _ask(self, question):
        """Hand a question on. What the grader takes for its answer is not the child's time."""
        started = time.monotonic()
        send(QUESTION, question)
        (length,) = LENGTH.unpack(_from_grader(LENGTH.size))
        answer = _from_grader(length)
        self._deadline += time.monotonic() - started
        return answer

    def _read(self, length):
        data = bytearray()
        while len(data) < length:
            self._await(self._told, select.POLLIN)
            chunk = os.read(self._told, min(length - len(data), 1 << 20))
            if not chunk:
                raise Ended(KILLED)
            data += chunk
        return bytes(data)

    def _write(self, data):
        while data:
            self._await(self._answered, select.POLLOUT)
            try:
                data = data[os.write(self._answered, data) :]
            except BrokenPipeError:
                raise Ended(KILLED) from None

    def _await(self, pipe, event):
        """Wait until a pipe is ready. Raises Ended, and ends with the grader."""
        poller = select.poll()
        poller.register(pipe, event)
        poller.register(self._grader, 0)  # which says when the other end is closed
        while True:
            # Whether it has ended is looked at first: it may send its answer and end in between.
            over = os.waitid(os.P_PID, self._pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            ready = dict(poller.poll(0 if over else _TICK))
            if self._grader in ready:
                os._exit(0)
            if time.monotonic() > self._deadline:
                raise Ended(TIMED_OUT)
            if pipe in ready:
                return
            if over:
                raise Ended(KILLED)
            if self._settings["alone"] and _memory_in_use() > self._settings["memory"]:
                raise Ended(TOO_MUCH_MEMORY)


def _from_grader(length):
    data = sys.stdin.buffer.read(length)
    if len(data) < length:
        os._exit(0)  # the grader is gone
    return data


def kill_others(alone):
    """Kill all that a check has started, and clear the dead away.

    `alone` says that this process is the first of a PID namespace, and what it started all else
    there is. The system then walks over all of them at once, and none can fork its way out.
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


def _used_up(status, used, seconds):
    """Whether the system has ended a process because its time was used up.

    It sends SIGXCPU first, and a second later SIGKILL, which does not say why.
    """
    by = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    took = used.ru_utime + used.ru_stime
    return by == signal.SIGXCPU or (by == signal.SIGKILL and took >= seconds)


def _memory_in_use():
    """Return the bytes of memory that all processes in here have in use."""
    pages = 0
    for process in os.listdir("/proc"):
        if process.isdigit():
            with contextlib.suppress(OSError, IndexError):
                pages += int(Path("/proc", process, "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def be_the_student(course, request, settings, send, asking):
    """In the child: run the check and send its outcome."""
    seconds = math.ceil(settings["seconds"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_NPROC, (settings["processes"], settings["processes"]))
    from coursekit.checks import Outcome, UnderTest, wire
    from coursekit.checks.check import stream_of
    from coursekit.checks.run import crash_of

    leave = os._exit
    check, under_test = course.checks[request["check"]], UnderTest(course, tolerant=True)
    rng, stream = check.rng(request["seed"]), stream_of(check.rng(request["seed"]))
    try:
        if request["again"] and hasattr(check, "run_again"):
            outcome = check.run_again(under_test, rng, _asker(send, asking))
        else:
            outcome = check.run(under_test, rng)
    except BaseException as error:  # KeyboardInterrupt gets through, and what students derive
        outcome = Outcome(check.name, stream=stream)
        outcome.crashes.append(crash_of(error, course.package_folder))
    send(json.dumps(_files_among(settings["files"], course)).encode() + b"\n" + wire.sent(outcome))
    leave(0)


def be_the_hunter(course, request, settings, send, asking):
    """In the child: call a student's check with one function after another, and send what it said.

    Each is a question to the judge. "passed" has for each whether the check passed it, "words" why
    it did not pass the first one, which is right.
    """
    seconds = math.ceil(settings["seconds"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_NPROC, (settings["processes"], settings["processes"]))
    import numpy

    from coursekit.checks import UnderTest
    from coursekit.checks.lower import Asking

    leave, hunt, ask = os._exit, request["hunt"], _asker(send, asking)
    passed, words = [], ""
    for number in range(hunt["count"]):
        under_test = UnderTest(course, tolerant=True)
        outside = Asking(lambda question, n=number: ask(n.to_bytes(2, "big") + question))
        outside.compares = False
        try:
            with outside.in_place_of(under_test, hunt["names"]):
                names = {"np": numpy, "numpy": numpy, "__name__": "__main__"}
                names["hunt"] = lambda *_, **__: None  # what the cell may call at its end
                for module in _all_modules(course, under_test):
                    public = getattr(module, "__all__", None) or dir(module)
                    names |= {n: getattr(module, n) for n in public if hasattr(module, n)}
                exec(hunt["source"], names)
                numpy.random.seed(0)
                said = names["my_check"](under_test.find(hunt["function"]))
                passed.append(not (isinstance(said, bool | numpy.bool_) and not said))
        except BaseException as error:  # whatever a check raises, it has not passed
            passed.append(False)
            words = words or f"{type(error).__name__}: {error}"
        if number == 0 and not passed[0]:
            passed += [False] * (hunt["count"] - 1)
            words = f"It does not pass right code: {words or 'it returned False'}"
            break
    send(json.dumps({"passed": passed, "words": words if not passed[0] else ""}).encode())
    leave(0)


def _all_modules(course, under_test):
    """Return the package's modules, those that no check looks into among them."""
    for path in sorted(course.package_folder.glob("[a-z]*.py")):
        with contextlib.suppress(Exception):
            importlib.import_module(f"{course.package}.{path.stem}")
    return under_test.imported_modules()


def _sender(telling, write=os.write, pack=_FROM_CHILD.pack):
    def send(data, is_question=False):
        data = memoryview(pack(is_question, len(data)) + data)
        while data:
            data = data[write(telling, data) :]

    return send


def _asker(send, asking):
    """Return what a check asks by: a function from a question to its answer, both of them bytes."""
    answers = open(asking, "rb", closefd=False)  # noqa: SIM115  # as long as the process is there

    def ask(question):
        send(question, is_question=True)
        (length,) = LENGTH.unpack(answers.read(LENGTH.size))
        return answers.read(length)

    return ask


def files_of(course):
    """Return {path in the package: SHA-256} of its files, which nothing in here can change."""
    folder = course.package_folder
    paths = sorted(folder.rglob("*.py"))
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in paths}


def _files_among(digests, course):
    """Return those of the files that have been imported as modules of the package."""
    prefix = f"{course.package_folder}/"
    loaded = [m.__file__ for n, m in sys.modules.items() if n.startswith(f"{course.package}.")]
    paths = [path.removeprefix(prefix) for path in loaded]
    return {path: digests[path] for path in paths if path in digests}


# Bytecode of the student's files


def keep_bytecode(course, settings):
    """Have the student's files compiled once, apart, and let children import what came of it."""
    ended, _, data = run_apart(compile_files, course, {}, settings)
    bytecode = json.loads(data) if ended == FINISHED else {}
    kept = {path: base64.b64decode(code) for path, code in bytecode.items()}

    class Loader(SourceFileLoader):
        def get_code(self, fullname):
            code = kept.get(self.path)
            return marshal.loads(code) if code else super().get_code(fullname)

    def find(folder):
        if not Path(folder).is_relative_to(course.package_folder):
            raise ImportError
        return FileFinder(folder, (Loader, [".py"]))

    sys.path_hooks.insert(0, find)
    sys.path_importer_cache.clear()


def compile_files(course, request, settings, send, asking):
    """In the child: send the bytecode of those files that have none lying beside them."""
    seconds = math.ceil(settings["seconds"])
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    bytecode = {}
    for path in course.package_folder.rglob("*.py"):
        if not Path(importlib.util.cache_from_source(path)).exists():
            with contextlib.suppress(Exception):  # the check that imports it will say why
                code = compile(path.read_bytes(), path, "exec", dont_inherit=True)
                bytecode[str(path)] = base64.b64encode(marshal.dumps(code)).decode()
    send(json.dumps(bytecode).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
