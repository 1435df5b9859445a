"""Where units of work run: in processes of this machine, or on a cluster.

An executor is what `concurrent.futures` calls one. A unit is a function of one task that returns a
result; student code runs in a child of whatever process calls it.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from .sandbox import REFERENCE, Limits

_ROOT = REFERENCE.parent
UNIT = f"{__package__}.unit"  # the module that grades one submission, as a process
# Beyond what all checks together may take: to start, to make what units share, and to finish.
_SLACK = 300


class UnitDied(RuntimeError):
    """The process that graded a submission ended without a result. `lines` are its checks so far.

    Picklable: a cluster sends it.
    """

    def __init__(self, words, lines=()):
        super().__init__(words, lines)
        self.words = words
        self.lines = lines


@contextlib.contextmanager
def executor(jobs=None, scheduler=None):
    """Yield an executor. When the block is left early, what runs on this machine is ended.

    jobs: how many units run side by side, by default one for each core. scheduler: address of a
    dask scheduler, whose workers see the same folders under the same names.
    """
    if scheduler:
        with _cluster(scheduler) as chosen:
            yield chosen
        return
    children.stopped = False
    pool = ThreadPoolExecutor(jobs or usable_cores(), thread_name_prefix="unit")
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        children.stop()
        raise
    finally:
        pool.shutdown()


def results(chosen, unit, tasks, retries=1):
    """Run `unit` on each task. Yields (task, result, None) or (task, None, exception), as they end.

    A task that raises is tried again `retries` times, after all others have had their turn.
    """
    left = list(tasks)
    for attempt in range(retries + 1):
        running = {chosen.submit(unit, task): task for task in left}
        left = []
        for future in as_completed(list(running)):
            task = running.pop(future)
            try:
                result = future.result()
            except Exception as error:
                if attempt < retries:
                    left.append(task)
                else:
                    yield task, None, error
            else:
                yield task, result, None


def grade_in_process(task):
    """Grade one submission in a process of its own. Returns its result; raises UnitDied."""
    with tempfile.TemporaryDirectory(prefix="unit-") as folder:
        job = Path(folder) / "job.json"
        result = Path(folder) / "result.json"
        job.write_text(json.dumps(task["job"] | {"result": str(result)}), encoding="utf-8")
        command = [sys.executable, "-m", task["module"], str(job)]
        try:
            code, said = children.run(command, _seconds(task))
        except subprocess.TimeoutExpired as error:
            raise UnitDied(f"It took more than {error.timeout:.0f} s.", _lines(result)) from None
        if code:
            words = f"It ended with code {code}." if code > 0 else f"Signal {-code} ended it."
            last = said.strip().splitlines()[-1:]
            raise UnitDied(" ".join([words, *last])[:500], _lines(result))
        return json.loads(result.read_text(encoding="utf-8"))


def usable_cores():
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Children:
    """The processes that units run in, so that all can be ended at once."""

    def __init__(self):
        self.stopped = False
        self._running = set()
        self._lock = threading.Lock()

    def run(self, command, seconds):
        """Run a command until its end. Returns its code and the end of what it wrote to stderr."""
        with tempfile.TemporaryFile() as said:
            with self._lock:
                if self.stopped:
                    raise UnitDied("Grading was stopped.")
                child = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=said,
                    env=_environment(),
                    start_new_session=True,  # Ctrl-C is for the one who waits, not for the units
                )
                self._running.add(child)
            try:
                code = child.wait(seconds)
            finally:
                _end(child)
                with self._lock:
                    self._running.discard(child)
            said.seek(max(0, said.seek(0, os.SEEK_END) - 2000))
            return code, said.read().decode("utf-8", "replace")

    def stop(self):
        with self._lock:
            self.stopped = True
            for child in self._running:
                _end(child, wait=False)


children = _Children()


def _end(child, wait=True):
    """End a process and those of its group. Its sandboxes end with it."""
    if child.returncode is None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
        if wait:
            child.wait()


def _environment():
    """Return the environment with this kit in reach, wherever the grader was started."""
    paths = [str(_ROOT), os.environ.get("PYTHONPATH", "")]
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return os.environ | threads | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def _seconds(task):
    limits = Limits(**task["job"].get("limits") or {})
    return limits.total + limits.wall + limits.start + _SLACK


def _lines(result):
    """Return the entries of checks that had ended."""
    entries = []
    with contextlib.suppress(OSError, ValueError):
        for line in Path(f"{result}.lines").read_text(encoding="utf-8").splitlines():
            entries.append(json.loads(line))
    return entries


@contextlib.contextmanager
def _cluster(address):
    try:
        from dask.distributed import Client
    except ImportError:
        raise RuntimeError(
            "--scheduler needs the package distributed: python -m pip install distributed"
        ) from None
    with Client(address, timeout="30s") as client:
        chosen = client.get_executor(pure=False, retries=0)
        try:
            yield chosen
        except BaseException:
            chosen.shutdown(wait=False)
            raise
