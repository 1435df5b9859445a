"""A process that can do no harm: what runs checks, inside bubblewrap and with limits.

What is in sight of it is listed in `command`, and there is nothing else: the system's programs and
libraries, the Python environment, the student's package, the exercises, and what runs checks, all
of it to be read only. It has no network, sees no other process, and no variable of the environment.

Root's sandboxes take on a user of their own. An ordinary user's are in a user namespace, where a
limit on processes is a namespace's own from Linux 5.14 on; before, it counts all of that user's,
and leaves a check none unless it is wider than these.
"""

import contextlib
import functools
import json
import os
import secrets
import shutil
import signal
import site
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import seccomp

INSIDE = Path(__file__).resolve().parent / "inside"

# Users that no system hands out: each sandbox gets one of its own, so that limits and signals reach
# its own processes alone.
_FIRST_UID, _UIDS = 2_000_000, 1 << 30

_PATIENCE = 10  # seconds that a runner has for going by itself
_OWN_PROCESSES = 8  # more than the runner and a check are, with their threads


@dataclass(frozen=True)
class Limits:
    """What a student's code may use.

    seconds: of computing for one check, and three times as many by the clock, since the machine may
    have other things to do. total: seconds by the clock for all checks of a submission.
    memory: bytes, of one process and of all together. disk: bytes that it may write.
    processes: processes and threads that a check may have beside its own: none, since what goes on
    there takes time from the check, how much of it depending on the machine.
    output: bytes that a check may send. questions: how many it may ask the judge where it may ask
    any, and talk: bytes of all these and of their answers. start: seconds until a runner has to be
    there.
    """

    seconds: float = 10
    total: float = 600
    memory: int = 2 << 30
    disk: int = 64 << 20
    processes: int = 0
    output: int = 4 << 20
    questions: int = 400
    talk: int = 4 << 20
    start: float = 60

    @property
    def wall(self):
        """Seconds by the clock for one check."""
        return 3 * self.seconds

    @property
    def nproc(self):
        """RLIMIT_NPROC for a check, which counts the processes that are there anyway."""
        return self.processes + _OWN_PROCESSES if self.processes else 0

    def rlimits(self):
        """Return the limits that the system keeps by itself for all that runs, by their names."""
        return {
            "RLIMIT_AS": self.memory,
            "RLIMIT_CPU": round(self.total),
            "RLIMIT_FSIZE": self.disk,
            "RLIMIT_NOFILE": 256,
            "RLIMIT_CORE": 0,
        }


class SandboxError(RuntimeError):
    """There can be no sandbox here, or it does not start."""


def new_user():
    """Return a user for a sandbox of root's, or 0 where it runs as whoever has started it."""
    return _FIRST_UID + secrets.randbelow(_UIDS) if os.getuid() == 0 else 0


@functools.cache
def why_not():
    """Return a sentence on why there can be no sandbox here, or None if there can."""
    if shutil.which("bwrap") is None:
        return "bubblewrap is not installed (the command bwrap, package bubblewrap)."
    with tempfile.TemporaryDirectory() as folder:
        shown = {"/course": Path(folder)}
        tried = subprocess.run(
            [*command(shown), "/usr/bin/env", "true"], capture_output=True, text=True
        )
    if tried.returncode:
        said = (tried.stderr or tried.stdout).strip().splitlines()
        return f"bubblewrap is not allowed to make a sandbox here: {said[0] if said else 'no word'}"
    return None


class Sandbox:
    """A process that runs the checks on one submission, reached by its stdin and stdout.

    Parameters
    ----------
    folder : Path
        A course with the student's package in it.
    engine : Path
        The folder that the engine lies in.
    preload : sequence of str
        Modules of the package that are not the student's and import none that are.
    limits : Limits, optional
    hidden : sequence of Path
        Files and folders that nothing in the sandbox may see, should they lie in the Python
        environment.
    absent : sequence of str
        Modules that cannot be imported.
    confined : bool, default=True
        With False there is no bubblewrap: then there are limits, and a user of its own if this
        process runs as root, but all files are in sight.

    Raises SandboxError if there can be no sandbox.
    """

    def __init__(
        self, folder, engine, preload=(), limits=None, *, hidden=(), absent=(), confined=True
    ):
        if confined and why_not():
            raise SandboxError(why_not())
        self._uid = new_user()
        if self._uid and not confined:
            _expect_open_to_all(folder, engine)
        self._course = Path(folder).resolve()
        self._engine = Path(engine).resolve()
        self._hidden = tuple(hidden)
        self._absent = tuple(absent)
        self.limits = limits or Limits()
        self.confined = confined
        self._temporary = tempfile.TemporaryDirectory(prefix="grading-")
        self.folder = self._temporary.name
        self.process = self._start(tuple(preload))

    def close(self):
        """End all that runs inside. The runner goes when it is let go, and takes all with it."""
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        if not self.confined:
            self._end_strays()
        try:
            self.process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
        self._temporary.cleanup()

    def _end_strays(self):
        """End what the runner's user or session has left, where no namespace ends with it."""
        if self._uid:
            kill = ["/bin/sh", "-c", "kill -9 -1"]
            subprocess.run(kill, user=self._uid, group=self._uid, extra_groups=[], check=False)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.process.pid, signal.SIGKILL)

    def last_words(self):
        """Return the end of what was written to stderr, where a sandbox says why it cannot be."""
        return Path(self.folder, "stderr").read_text("utf-8", "replace").strip()[-500:]

    def _start(self, preload):
        place = self._place_inside()
        settings = {
            "uid": self._uid,
            "rlimits": self.limits.rlimits(),
            "alone": self.confined,
            "preload": preload,
            "absent": self._absent,
            "course": place["course"],
            "engine": place["engine"],
            "rooms": place["rooms"],
            "seconds": self.limits.seconds,
            "wall": self.limits.wall,
            "memory": self.limits.memory,
            "processes": self.limits.nproc,
            "output": self.limits.output,
            "questions": self.limits.questions,
            "talk": self.limits.talk,
        }
        filters = seccomp.program_file() if self.confined else None
        call = [sys.executable, place["runner"]]
        if self.confined:
            shown = {"/course": self._course, "/engine": self._engine, "/grader": INSIDE}
            call = [*command(shown, self._hidden, self.limits.disk, filters), *call]
        try:
            with open(f"{self.folder}/stderr", "wb") as stderr:
                process = subprocess.Popen(
                    call,
                    bufsize=0,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=stderr,
                    env=environment(place["rooms"][0]),
                    cwd="/" if self.confined else place["course"],
                    pass_fds=[filters.fileno()] if filters else [],
                    start_new_session=True,
                )
        finally:
            if filters:
                filters.close()
        with contextlib.suppress(BrokenPipeError):  # it is gone already, and will be missed
            process.stdin.write(json.dumps(settings).encode() + b"\n")
        return process

    def _place_inside(self):
        if self.confined:
            return {"course": "/course", "engine": "/engine", "runner": "/grader/runner.py",
                    "rooms": ["/tmp", "/dev/shm"]}  # fmt: skip
        folder = Path(self.folder) / "own"
        folder.mkdir()
        if self._uid:
            os.chown(folder, self._uid, self._uid)
            os.chmod(self.folder, 0o711)
        return {
            "course": str(self._course),
            "engine": str(self._engine),
            "runner": str(INSIDE / "runner.py"),
            "rooms": [str(folder)],
        }


def _expect_open_to_all(*needed):
    """Raise SandboxError where not every user may enter what a runner needs."""
    for path in (Path(sys.executable), Path(sys.base_prefix), INSIDE, *map(Path, needed)):
        for parent in (*path.parents, *path.resolve().parents):
            if not parent.stat().st_mode & 0o001:
                raise SandboxError(
                    "Without a sandbox checks run as a user of their own, who needs what is in "
                    f"{parent}, which other users may not enter."
                )


def command(shown, hidden=(), disk=1 << 20, filters=None, start="/course"):
    """Return the call of bubblewrap, up to the command that it is to run.

    shown: {place inside: folder}. hidden: files and folders that are not in sight. start: the
    place that it begins in.
    """
    if os.getuid() == 0:
        # The runner gives up being root by itself, for a user of its own.
        user = ["--cap-drop", "ALL"]
        for capability in ("CAP_SETUID", "CAP_SETGID"):
            user += ["--cap-add", capability]
    else:
        user = ["--unshare-user", "--disable-userns"]
    return [
        *("bwrap", "--die-with-parent", "--new-session", "--as-pid-1", *user),
        *("--unshare-ipc", "--unshare-pid", "--unshare-net", "--unshare-uts"),
        *("--unshare-cgroup-try", "--hostname", "sandbox"),
        *("--perms", "1777", "--size", str(disk), "--tmpfs", "/tmp"),
        *("--proc", "/proc", "--dev", "/dev"),
        *("--perms", "1777", "--size", str(disk), "--tmpfs", "/dev/shm"),
        *_system(),
        *_python(hidden),
        *(part for place, folder in shown.items() for part in _shown(folder, place)),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", start),
        *(("--seccomp", str(filters.fileno())) if filters else ()),
        "--",
    ]


def _system():
    """Show the system's programs and libraries."""
    arguments = ["--ro-bind", "/usr", "/usr"]
    for name in ("/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"):
        if os.path.islink(name):
            arguments += ["--symlink", os.readlink(name), name]
        else:
            arguments += ["--ro-bind-try", name, name]
    for name in ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "localtime"):
        arguments += ["--ro-bind-try", f"/etc/{name}", f"/etc/{name}"]
    return arguments


def _python(hidden):
    """Show the Python environment, without what is hidden."""
    folders = [sys.prefix, sys.base_prefix, *site.getsitepackages()]
    folders += [str(Path(sys.executable).resolve().parent.parent)]
    if site.ENABLE_USER_SITE:
        folders.append(site.getusersitepackages())
    folders = sorted({Path(folder) for folder in folders if Path(folder).is_dir()})
    shown = [f for f in folders if f != Path("/usr") and not _within(f, folders)]
    arguments = []
    for folder in shown:
        arguments += _shown(folder, folder)
    for secret in hidden:
        if any(secret.is_relative_to(folder) for folder in (*shown, Path("/usr"))):
            if secret.is_dir():
                arguments += ["--tmpfs", str(secret), "--remount-ro", str(secret)]
            else:
                arguments += ["--ro-bind", os.devnull, str(secret)]
    return arguments


def _shown(folder, place):
    """Show a folder at a place, below folders that every user may enter."""
    arguments = []
    for parent in reversed(Path(place).parents[:-1]):
        arguments += ["--perms", "755", "--dir", str(parent)]
    return [*arguments, "--ro-bind", str(folder), str(place)]


def _within(folder, folders):
    return any(folder != other and folder.is_relative_to(other) for other in (*folders, "/usr"))


def environment(folder):
    """Return all variables that a runner sees."""
    threads = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
    return dict.fromkeys(threads, "1") | {
        "PATH": "/usr/bin:/bin",
        "HOME": folder,
        "TMPDIR": folder,
        "LANG": "C.UTF-8",
        "CI": "1",
    }
