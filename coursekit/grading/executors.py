"""Where units of work run: in processes of this machine, or on a cluster.

An executor is what `concurrent.futures` calls one. A unit is a function of one task that returns a
result; student code runs in a child of whatever process calls it.
"""

import atexit
import contextlib
import json
import os
import site
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from .pristine import ENGINE
from .results import SubmissionResult, checks_in_lines
from .sandbox import Limits
from .server import Server

UNIT = f"{__package__}.unit"  # the module that grades one submission, as a process
# Beyond what all checks together may take: to start, to make what units share, and to finish.
_SLACK = 300


class UnitDied(RuntimeError):
    """The process that graded a submission ended without a result.

    `checks` are the CheckResults of those that had ended. Picklable: a cluster sends it.
    """

    def __init__(self, words, checks=()):
        super().__init__(words, checks)
        self.words = words
        self.checks = checks


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
        children.close()


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
    """Grade one submission in a process of its own. Returns its result.

    Raises UnitDied, and GradesError if the process left no valid result.
    """
    with tempfile.TemporaryDirectory(prefix="unit-") as folder:
        job = Path(folder) / "job.json"
        result = Path(folder) / "result.json"
        job.write_text(json.dumps(task["job"] | {"result": str(result)}), encoding="utf-8")
        said = Path(folder) / "said"
        try:
            code = children.run(task["module"], job, said, _seconds(task))
        except TimeoutError:
            raise UnitDied(f"It took more than {_seconds(task):.0f} s.", _checks(result)) from None
        except OSError as error:
            raise UnitDied(f"It could not be started: {error}.", _checks(result)) from None
        if code:
            words = f"It ended with code {code}." if code > 0 else f"Signal {-code} ended it."
            last = _end_of(said).strip().splitlines()[-1:]
            raise UnitDied(" ".join([words, *last])[:500], _checks(result))
        return SubmissionResult.read(result)


def usable_cores():
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Children:
    """The processes that units are forked from, one for each thread, so that all can be ended."""

    def __init__(self):
        self.stopped = False
        self._servers = {}  # by thread
        self._lock = threading.Lock()

    def run(self, module, job, said, seconds):
        """Run a module on a job until its end. Returns its code; raises TimeoutError, OSError."""
        server = self._server(module)
        try:
            return server.run(job, said, seconds)
        except BaseException:
            self._end(threading.get_ident())
            raise

    def stop(self):
        """End everything at once, and let nothing start any more."""
        with self._lock:
            self.stopped = True
            for server in self._servers.values():
                server.end(wait=False)

    def close(self):
        """End what is waiting for further units."""
        for thread in list(self._servers):
            self._end(thread)

    def _server(self, module):
        with self._lock:
            if self.stopped:
                raise UnitDied("Grading was stopped.")
            server = self._servers.get(threading.get_ident())
            if server is None or server.module != module:
                if server:
                    server.end()
                server = Server(module, _environment())
                self._servers[threading.get_ident()] = server
            return server

    def _end(self, thread):
        with self._lock:
            server = self._servers.pop(thread, None)
        if server:
            server.end()


children = _Children()
atexit.register(children.close)


def _end_of(path, most=2000):
    """Return the end of a file that may not be there."""
    try:
        return path.read_bytes()[-most:].decode("utf-8", "replace")
    except OSError:
        return ""


def _environment():
    """Return the environment, with BLAS at one thread, and with this engine before any other."""
    threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    engine = str(ENGINE.parent)
    if engine in site.getsitepackages():  # as every process has it
        return os.environ | threads
    paths = [engine, os.environ.get("PYTHONPATH", "")]
    return os.environ | threads | {"PYTHONPATH": os.pathsep.join(filter(None, paths))}


def _seconds(task):
    limits = Limits(**task["job"].get("limits") or {})
    return limits.total + limits.wall + limits.start + _SLACK


def _checks(result):
    """Return the results of the checks that had ended."""
    return checks_in_lines(Path(f"{result}.lines"))


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
