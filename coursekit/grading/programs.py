"""Run whole programs on what was handed in: notebooks from top to bottom, and networks.

The second profile of the sandbox. Unlike the one that runs checks it lets processes and sockets of
its own be made, since a Jupyter kernel needs them; there is no network all the same, and nothing of
the reference in sight but what a program needs. What comes out is read as text of bounded length.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import sandbox, seccomp

_ROOM = "/tmp"
_MOST = 1 << 20  # bytes of one report
_SLACK = 60  # seconds for all that is not a program's own time


@dataclass(frozen=True)
class Program:
    """A command, the folder that it runs in, the file that it reports to, and its time limit."""

    arguments: Sequence[str]
    folder: str
    report: str
    seconds: float


@dataclass(frozen=True)
class Ended:
    """How a program ended: its exit code, None if its time was up; its report, "" if there is none.

    said: the end of what it printed.
    """

    code: int | None
    seconds: float
    report: str
    said: str


def run(
    programs: Sequence[Program],
    *,
    shown: Mapping[str, Path],
    copied: Mapping[str, str],
    environment: Mapping[str, str] | None = None,
    hidden: Iterable[Path] = (),
    memory: int = 6 << 30,
    disk: int = 256 << 20,
    processes: int = 100,
) -> list[Ended]:
    """Run programs one after another in a sandbox, and return how each has ended.

    Parameters
    ----------
    shown : {place: folder}
        What is in sight, to be read only.
    copied : {place: what is in sight}
        What can be written to there.
    environment : {name: value}
        Variables beside those that any sandbox has.
    hidden : paths
        What nothing in there may see, should it lie in the Python environment.
    memory, disk, processes
        The most bytes of a process, the most that can be written, and the most processes.

    A list that is shorter than `programs` means that the sandbox ended before the rest. Raises
    SandboxError where there can be no sandbox, or it does not start.
    """
    if reason := sandbox.why_not():
        raise sandbox.SandboxError(reason)
    total = sum(program.seconds for program in programs) + _SLACK
    settings = {
        "uid": sandbox.new_user(),
        "rlimits": {
            "RLIMIT_AS": memory,
            "RLIMIT_FSIZE": disk,
            "RLIMIT_NOFILE": 1024,
            "RLIMIT_CORE": 0,
        },
        "processes": processes,
        "copied": dict(copied),
        "room": _ROOM,
        "most": _MOST,
        "environment": sandbox.environment(_ROOM) | dict(environment or {}),
        "programs": [vars(program) | {"arguments": [*program.arguments]} for program in programs],
    }
    filters = seccomp.program_file(allowed=("socket", "socketpair"))
    places = {**shown, "/grader": sandbox.INSIDE}
    command = sandbox.command(places, tuple(hidden), disk, filters, start="/")
    try:
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as complaints:
            process = subprocess.Popen(
                [*command, sys.executable, "/grader/programs.py"],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=complaints,
                env=settings["environment"],
                cwd="/",
                pass_fds=[filters.fileno()] if filters else [],
                start_new_session=True,
            )
            try:
                process.communicate(json.dumps(settings).encode() + b"\n", total)
            except subprocess.TimeoutExpired:
                pass
            finally:
                process.kill()
                process.wait()
            found = _read(out, len(programs))
            complaints.seek(0)
            if not found and (said := complaints.read(2000).decode("utf-8", "replace").strip()):
                raise sandbox.SandboxError(said.splitlines()[-1])
            return found
    finally:
        if filters:
            filters.close()


def _read(out, count):
    """Read a line for each program. What is no such line ends the list."""
    size = os.fstat(out.fileno()).st_size
    out.seek(0)
    content = out.read(min(size, 8 * _MOST * count))
    found = []
    for line in content.splitlines()[:count]:
        try:
            said: Any = json.loads(line)
            code, seconds = said["code"], float(said["seconds"])
            if not (code is None or isinstance(code, int)):
                break
            found.append(Ended(code, seconds, f"{said['report'] or ''}", f"{said['said']}"))
        except (ValueError, TypeError, KeyError, RecursionError):
            break
    return found
