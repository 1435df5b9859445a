"""Run checks in a process of their own, each with a time limit.

An endless loop, a crash of Python itself or a call of `exit` costs one check and not the rest.
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path

from .._internal.progress import progress
from . import records, sources
from .records import KILLED, TIMED_OUT, Record

SECONDS = 30  # the slowest honest answer that was seen takes two
# Where a loop without end is called by many checks, nobody waits for all of them that long.
_PATIENCE, _SECONDS_LATER = 3, 5
_STARTING = 60  # importing numpy from a slow disk may take a while


class CannotRun(Exception):
    """The process that runs checks does not come up; the message is what it had to say."""


def run(checks, seconds=SECONDS):
    """Run checks anew, keep their records, and return {name: (record, text of the verdict)}.

    seconds: what each check may take, at first; less when several have taken longer.

    Raises CannotRun if checks cannot be run at all.
    """
    results, rest, late = {}, list(checks), 0
    with progress(total=len(rest), desc="Checks", unit="check") as bar:
        while rest:
            limit = seconds if late < _PATIENCE else min(seconds, _SECONDS_LATER)
            for record, text in _run_in_one_process(rest, limit):
                records.keep(record)
                results[record.check] = record, text
                late += record.kind == TIMED_OUT
                bar.update()
            rest = [check for check in rest if check.name not in results]
    return results


def _run_in_one_process(checks, seconds):
    """Yield (record, text) of each check, up to the first that does not come to its end."""
    with _worker([check.name for check in checks]) as (process, lines, complaints):
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
                yield Record(**message["record"]), message["text"]
                continue
            if current is not check:
                process.kill()
                raise CannotRun(complaints() or "Python did not start in time")
            if "late" in message:
                yield _ended(check, TIMED_OUT, f"did not finish within {seconds:g} seconds")
            else:
                yield _ended(check, KILLED, f"Python itself ended ({_how(process.wait())})")
            return


@contextlib.contextmanager
def _worker(names):
    """Start a process that runs checks; yield it, a queue of its messages, and its complaints."""
    package = __package__.rpartition(".")[0]
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONSAFEPATH"}
    process = subprocess.Popen(
        [sys.executable, "-m", f"{package}.checks.worker", *names],
        cwd=Path(__file__).resolve().parents[2],
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    lines, said = queue.Queue(), []
    readers = [
        threading.Thread(target=_read_messages, args=(process.stdout, lines), daemon=True),
        threading.Thread(target=_read_complaints, args=(process.stderr, said), daemon=True),
    ]
    for reader in readers:
        reader.start()

    def complaints():
        process.wait()
        readers[1].join(5)
        return "".join(said).strip()

    try:
        yield process, lines, complaints
    finally:
        process.kill()
        process.wait()
        for reader in readers:
            reader.join(5)
        process.stdout.close()
        process.stderr.close()


def _read_messages(stream, lines):
    for line in stream:
        with contextlib.suppress(ValueError):
            lines.put(json.loads(line))
    lines.put({"end": True})


def _read_complaints(stream, said, most=200):
    """Keep the first lines of what comes: reading on, since a full pipe would stop the process."""
    for line in stream:
        if len(said) < most:
            said.append(line)


def _ended(check, kind, headline):
    record = Record(check.name, kind, headline, 0, sources.digests_of(check), records.now())
    return record, f"{kind}: {check.name}: {headline}"


def _how(status):
    return f"signal {-status}" if status < 0 else f"exit status {status}"
