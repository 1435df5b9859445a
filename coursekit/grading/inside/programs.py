"""Runs whole programs on what was handed in, one after another, in a sandbox of their own.

This is the first process in there. One line of JSON comes in, the settings; one goes out for each
program when it has ended: how, after how many seconds, and the report that it has written. Before
the next one begins, all that the last one has started is ended. What a report says is for people
to read: the program that writes it shares its place with a student's code.
"""

import contextlib
import importlib
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time

runner = importlib.import_module("runner")  # beside this file, where it runs


def main():
    runner.hide()
    settings = json.loads(sys.stdin.buffer.readline())
    runner.confine(settings)
    for place, content in settings["copied"].items():
        shutil.copytree(content, place, symlinks=True)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NPROC, (settings["processes"], settings["processes"]))
    for program in settings["programs"]:
        print(json.dumps(ended(program, settings)), flush=True)


def ended(program, settings):
    """Run a program to its end, or to that of its time. Returns what can be said of it."""
    started = time.monotonic()
    said = f"{settings['room']}/said"
    with open(said, "wb") as out:
        child = subprocess.Popen(
            program["arguments"],
            cwd=program["folder"],
            env=settings["environment"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
        try:
            code = child.wait(program["seconds"])
        except subprocess.TimeoutExpired:
            code = None
    end_all_others()
    return {
        "code": code,
        "seconds": round(time.monotonic() - started, 1),
        "report": text_of(program["report"], settings["most"]),
        "said": (text_of(said, settings["most"]) or "")[-2000:],
    }


def end_all_others():
    """End whatever else runs in here: this is the first process of its own namespace."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(-1, signal.SIGKILL)
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def text_of(path, most):
    """Return what a plain file holds, or None for none, or one that is too long."""
    try:
        # Whoever wrote it may have left a pipe in its place, which nobody waits for.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
        with open(descriptor, "rb") as file:
            content = file.read(most + 1)
    except OSError:
        return None
    return content.decode("utf-8", "replace") if len(content) <= most else None


if __name__ == "__main__":
    main()
