"""Run checks in a process of their own, each with a time limit.

An endless loop, a crash of Python itself or a call of `exit` costs one check and not the rest. This
module is both sides: the one that waits, and with `python -m` the process that runs the checks and
writes what they come to as lines of JSON.
"""

from __future__ import annotations

import contextlib
import faulthandler
import io
import json
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from typing import IO, TYPE_CHECKING, Any

from ..course import Course
from ..progress import progress_bar
from . import freshness, progress, rendering
from .progress import Record
from .under_test import UnderTest
from .verdict import Kind, Verdict

if TYPE_CHECKING:
    from .check import Check

SECONDS = 30  # the slowest honest answer that was seen takes two
# Where a loop without end is called by many checks, nobody waits for all of them that long.
_PATIENCE, _SECONDS_LATER = 3, 5
_LOOK_FOR = {
    Kind.TIMED_OUT: "Is there a loop that does not end? Look at what has to change in it for its "
    "condition to become false.",
    Kind.KILLED: "Something in the block ends Python, such as a call of exit, or asks for more "
    "memory than there is.",
}
_STARTING = 60.0  # importing numpy from a slow disk may take a while


# What makes the process that runs checks say where it is. Windows has no such signal.
_TELLS = getattr(signal, "SIGUSR1", None)
_IN_TRACEBACK = re.compile(r'^  File "(.+?)", line (\d+) in (\w+)$', re.MULTILINE)


class CannotRun(Exception):
    """The process that runs checks does not come up; the message is what it had to say."""


# A process, a queue of its messages, what it complained of, and where it is.
_Worker = tuple[
    subprocess.Popen[str], queue.Queue[dict[str, Any]], Callable[[], str], Callable[[], str]
]


def run(
    checks: Iterable[Check], seconds: float = SECONDS, *, shows_bar: bool = True
) -> dict[str, tuple[Record, str]]:
    """Run checks anew, keep their records, and return {name: (record, text of the verdict)}.

    seconds: what each check may take, at first; less when several have taken longer.
    shows_bar: whether a progress bar is drawn where somebody sees it.

    Raises CannotRun if checks cannot be run at all.
    """
    if sys.platform == "emscripten":  # Python in a browser, which has no processes
        return _run_here(list(checks), shows_bar)
    results, rest, late = {}, list(checks), 0
    with progress_bar(total=len(rest), desc="Checks", unit="check", enabled=shows_bar) as bar:
        while rest:
            limit = seconds if late < _PATIENCE else min(seconds, _SECONDS_LATER)
            for record, text in _run_in_one_process(rest, limit):
                progress.keep(rest[0].course, record)
                results[record.check] = record, text
                late += record.kind == Kind.TIMED_OUT
                bar.update()
            rest = [check for check in rest if check.name not in results]
    return results


def _run_here(checks: list[Check], shows_bar: bool) -> dict[str, tuple[Record, str]]:
    """Run checks in this process, without a limit of time, and keep their records."""
    results = {}
    with progress_bar(total=len(checks), desc="Checks", unit="check", enabled=shows_bar) as bar:
        for check in checks:
            with contextlib.redirect_stdout(io.StringIO()):
                verdict = check.verdict()
            record = progress.record_of(verdict, freshness.digests_of(check))
            progress.keep(check.course, record)
            results[check.name] = record, str(verdict)
            bar.update()
    return results


def _run_in_one_process(checks: list[Check], seconds: float) -> Iterator[tuple[Record, str]]:
    """Yield (record, text) of each check, up to the first that does not come to its end."""
    names = [check.name for check in checks]
    with _worker(checks[0].course, names) as (process, lines, complaints, place):
        limit, current = _STARTING, None
        for check in checks:
            while True:
                try:
                    message = lines.get(timeout=limit)
                except queue.Empty:
                    message = {"late": True}
                if "start" not in message:
                    break
                limit, current = seconds, check
            if "record" in message:
                yield progress.record_from(message["record"]), message["text"]
                continue
            if current is not check:
                process.kill()
                raise CannotRun(complaints() or "Python did not start in time")
            if "late" in message:
                said = f"did not finish within {seconds:g} seconds"
                yield _ended(check, Kind.TIMED_OUT, said, place())
            else:
                said = f"Python itself ended ({_how(process.wait())})"
                yield _ended(check, Kind.KILLED, said)
            return


@contextlib.contextmanager
def _worker(course: Course, names: list[str]) -> Iterator[_Worker]:
    """Start a process that runs checks; yield what is needed of it."""
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONSAFEPATH"}
    process = subprocess.Popen(
        [sys.executable, "-m", __name__, course.folder, *names],
        cwd=course.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    lines: queue.Queue[dict[str, Any]] = queue.Queue()
    said: list[str] = []
    readers = [
        threading.Thread(target=_read_messages, args=(process.stdout, lines), daemon=True),
        threading.Thread(target=_read_complaints, args=(process.stderr, said), daemon=True),
    ]
    for reader in readers:
        reader.start()

    def complaints() -> str:
        process.wait()
        readers[1].join(5)
        return "".join(said).strip()

    def place() -> str:
        return _place_of(process, said, str(course.folder / course.package))

    with process:
        try:
            yield process, lines, complaints, place
        finally:
            process.kill()
            process.wait()
            for reader in readers:
                reader.join(5)


def _place_of(process: subprocess.Popen[str], said: list[str], package: str) -> str:
    """Ask a process which line of the package it is in; "" where that cannot be told."""
    if _TELLS is None:
        return ""
    begun = len(said)
    process.send_signal(_TELLS)
    for _ in range(20):
        time.sleep(0.1)
        lines = "".join(said[begun:])
        for path, line, function in _IN_TRACEBACK.findall(lines):
            if path.startswith(package):
                shown = os.path.join(os.path.basename(package), os.path.relpath(path, package))
                return f"It was in {shown}, line {line}, in {function}."
    return ""


def _read_messages(stream: IO[str], lines: queue.Queue[dict[str, Any]]) -> None:
    for line in stream:
        with contextlib.suppress(ValueError):
            lines.put(json.loads(line))
    lines.put({"end": True})


def _read_complaints(stream: IO[str], said: list[str], most: int = 200) -> None:
    """Keep the first lines of what comes: reading on, since a full pipe would stop the process."""
    for line in stream:
        if len(said) < most:
            said.append(line)


def _ended(check: Check, kind: Kind, headline: str, place: str = "") -> tuple[Record, str]:
    digests = freshness.digests_of(check)
    record = Record(check.name, kind, headline, 0, digests, progress.now())
    points = rendering.points(Verdict(check.name, kind, possible=check.points))
    lines = [f"{kind.words}: {check.name}: {headline}", f"  {place}", f"  {_LOOK_FOR[kind]}"]
    return record, "\n".join([*filter(str.strip, lines), f"  {points}"])


def _how(status: int) -> str:
    return f"signal {-status}" if status < 0 else f"exit status {status}"


def main(folder: str, *names: str) -> None:
    """Run the named checks one after another. What the code under test prints goes nowhere."""
    sys.path.insert(0, folder)  # where the package lies
    course = Course.read(folder)
    checks = course.checks
    if _TELLS is not None:
        faulthandler.register(_TELLS, all_threads=False)
    _ = UnderTest(course).folder  # where this fails, no check has anything to say
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as out:
        with open(os.devnull, "w") as nowhere:
            os.dup2(nowhere.fileno(), 1)
        for name in names:
            _write(out, {"start": name})
            verdict = checks[name].verdict()
            record = progress.record_of(verdict, freshness.digests_of(checks[name]))
            _write(out, {"record": asdict(record), "text": str(verdict)})


def _write(out: IO[str], message: dict[str, Any]) -> None:
    out.write(json.dumps(message) + "\n")
    out.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
