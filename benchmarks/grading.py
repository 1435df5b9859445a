"""Measure how many submissions are graded in a minute, beside `nbgrader autograde`.

python -m benchmarks.grading                               # ours, with one worker and with two
python -m benchmarks.grading --nbgrader .nbgrader/bin/python   # and nbgrader, by turns with ours

The same 20 submissions each time: finished ones, stubs, half of it, and known mistakes. nbgrader
runs one notebook with the same check cells, on the handout with the student's files laid over it,
and starts no sandbox. It needs an environment of its own, with nbgrader, numpy and scipy.

CPU seconds are those of the whole machine, which should have nothing else to do: most of what runs
here is there for so short a time, or ends in such a way, that nobody else counts it.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

import coursekit
from coursekit.blocks import blank, blocks_of, read_source, write_source
from coursekit.course import Course
from coursekit.grading import Grades, Status
from coursekit.progress import progress_bar

COURSE = Course.find(__file__)
ROOT = COURSE.folder
REFERENCE = COURSE.package_folder
SUBMISSIONS = 20
_TICK = 0.05  # seconds between two looks at what runs


@dataclass
class Cost:
    """What grading took: seconds by the clock and of computing, and bytes at the most."""

    what: str
    submissions: int = 0
    seconds: float = 0
    computing: float = 0
    memory: int = 0

    def __str__(self):
        rate = 60 * self.submissions / self.seconds
        each = self.computing / self.submissions
        held = f"{self.memory / 1e6:.0f} MB"
        return f"{self.what:<22} {self.submissions:11d} {rate:9.1f} {each:11.2f} {held:>10}"


def main():
    options = _parser().parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        folder = Path(folder)
        names = make_class(folder / "class")
        graders = {f"ours, {jobs} worker{'s' * (jobs > 1)}": Ours(folder, jobs) for jobs in (1, 2)}
        if options.nbgrader:
            graders["nbgrader autograde"] = Nbgrader(folder, options.nbgrader)
        costs = {what: Cost(what) for what in graders}
        turns = [names[n : n + options.batch] for n in range(0, len(names), options.batch)]
        try:
            for grader in graders.values():  # what all submissions share is made once
                measure(grader, names[3:4], Cost("the first one"))
            with progress_bar(total=len(turns), desc="grading", unit="turn") as bar:
                for chosen in turns:
                    for what, grader in graders.items():
                        measure(grader, chosen, costs[what])
                    bar.update()
        except KeyboardInterrupt:
            return 130
        finally:
            _print(costs.values())


def _print(costs):
    print(f"{'':<22} {'submissions':>11} {'a minute':>9} {'CPU s each':>11} {'memory':>10}")
    for cost in costs:
        if cost.submissions:
            print(cost, flush=True)


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.grading", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--nbgrader", metavar="PYTHON", help="Python of nbgrader's environment")
    parser.add_argument(
        "--batch", type=int, default=10, metavar="N", help="submissions in a turn (default: 10)"
    )
    return parser


def measure(grader, names, cost):
    """Let a grader grade some submissions, and add up what that takes."""
    command, environment = grader.prepare(names)
    watch = Watch()
    computed = _computed()
    started = time.monotonic()
    child = subprocess.Popen(
        command,
        cwd=grader.folder,
        env=os.environ
        | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "CI": "1"}
        | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    watch.start(child.pid)
    said = child.communicate()[1]
    cost.seconds += time.monotonic() - started
    cost.computing += _computed() - computed
    watch.stop()
    if child.returncode:
        sys.exit(f"{cost.what} failed:\n{said[-3000:]}")
    grader.expect_graded(names)
    cost.submissions += len(names)
    cost.memory = max(cost.memory, watch.memory)


def _computed():
    """Return the seconds that all cores together have computed since the machine was started."""
    times = psutil.cpu_times()
    return times.user + getattr(times, "nice", 0) + times.system


class Watch(threading.Thread):
    """Looks at a process and all below it, again and again: how much memory they hold at most."""

    def __init__(self):
        super().__init__(daemon=True)
        self.memory = 0
        self._over = threading.Event()

    def start(self, pid):
        self._top = psutil.Process(pid)
        super().start()

    def stop(self):
        self._over.set()
        self.join()

    def run(self):
        while not self._over.wait(_TICK):
            held = 0
            try:
                processes = [self._top, *self._top.children(recursive=True)]
            except psutil.Error:
                continue
            for process in processes:
                try:
                    held += _memory(process.pid)
                except (psutil.Error, OSError):
                    continue
            self.memory = max(self.memory, held)


def _memory(pid):
    """Return the bytes that a process holds, of what it shares with others its share."""
    with open(f"/proc/{pid}/smaps_rollup") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("Pss:")) * 1024


def make_class(folder):
    """Write the submissions. Returns their names."""
    blocks = {block.name: block for block in blocks_of(REFERENCE)}
    rounds = [{} for _ in range(SUBMISSIONS)]
    for mistake in COURSE.mistakes:
        place = next(n for n, one in enumerate(rounds) if mistake.block not in one)
        rounds[place][mistake.block] = mistake
    rounds = [one for one in rounds if one][: SUBMISSIONS - 6]
    _write(folder / "student00")
    _write(folder / "student01", empty=list(blocks))
    _write(folder / "student02", empty=list(blocks)[::2])
    for number, made in enumerate(rounds, 3):
        _write(folder / f"student{number:02d}", made=made)
    for number in range(3 + len(rounds), SUBMISSIONS):
        _write(folder / f"student{number:02d}")
    return sorted(path.name for path in folder.iterdir())


def _write(folder, empty=(), made=()):
    for path in sorted({block.path for block in blocks_of(REFERENCE)}):
        source = read_source(REFERENCE / path)
        own = [b.name for b in blocks_of(REFERENCE) if b.path == path]
        source = blank(source, only=[name for name in own if name in empty])
        for name in own:
            if name in made:
                source = dict(made)[name].made_in(source)
        target = folder / "cs231n" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        write_source(target, source)


class Ours:
    """`coursekit grade`, with some workers."""

    def __init__(self, folder, jobs):
        self.folder = folder / f"ours-{jobs}"
        self.jobs = jobs
        self._class = folder / "class"
        self._turn = 0

    def prepare(self, names):
        """Return the command that grades some submissions, and variables for it."""
        self._turn += 1
        chosen = self.folder / f"in-{self._turn}"
        for name in names:
            shutil.copytree(self._class / name, chosen / name)
        self._out = self.folder / "out"
        command = [sys.executable, "-m", "coursekit", "--course", str(ROOT), "grade", str(chosen)]
        command += ["--out", str(self._out), "--seed", "5", "--jobs", str(self.jobs)]
        shutil.rmtree(self._out / "submissions", ignore_errors=True)  # else nothing is to be done
        return command, {"PYTHONPATH": str(ROOT)}

    def expect_graded(self, names):
        for name in names:
            result = Grades(self._out).result(name)
            if result.status != Status.GRADED or len(result.checks) != len(COURSE.checks):
                sys.exit(f"{name} was not graded: {result.problems}")


class Nbgrader:
    """`nbgrader autograde`, on one notebook that holds every check as a cell with points."""

    ASSIGNMENT = "checks"

    def __init__(self, folder, python):
        self.folder = folder / "nbgrader"
        self._class = folder / "class"
        self._python = Path(python).absolute()
        # It starts a program of its environment by name, and has no engine installed.
        self._environment = {"PATH": f"{self._python.parent}{os.pathsep}{os.environ['PATH']}"}
        self._environment["PYTHONPATH"] = str(folder / "engine")
        _copy(Path(coursekit.__file__).parent, folder / "engine" / "coursekit")
        source = self.folder / "source" / self.ASSIGNMENT
        source.mkdir(parents=True)
        (source / "checks.ipynb").write_text(json.dumps(_notebook()), encoding="utf-8")
        self._call("generate_assignment", self.ASSIGNMENT)

    def prepare(self, names):
        for name in names:
            place = self.folder / "submitted" / name / self.ASSIGNMENT
            shutil.rmtree(place, ignore_errors=True)
            released = self.folder / "release" / self.ASSIGNMENT / "checks.ipynb"
            for part in (COURSE.package, "course"):
                _copy(ROOT / part, place / part)
            shutil.copytree(self._class / name, place, dirs_exist_ok=True)
            shutil.copy(released, place)
        return self._command(
            "autograde", self.ASSIGNMENT, f"--student={_glob(names)}", "--force"
        ), self._environment

    def expect_graded(self, names):
        for name in names:
            path = self.folder / "autograded" / name / self.ASSIGNMENT / "checks.ipynb"
            cells = json.loads(path.read_text())["cells"]
            ran = [cell for cell in cells if cell.get("execution_count")]
            if len(ran) != len(COURSE.checks) + 1:
                expected = len(COURSE.checks) + 1
                sys.exit(f"nbgrader ran {len(ran)} cells of {name}, expected {expected}")

    def _command(self, *arguments):
        return [str(self._python), "-m", "nbgrader", *arguments,
                f"--CourseDirectory.root={self.folder}"]  # fmt: skip

    def _call(self, *arguments):
        done = subprocess.run(
            self._command(*arguments), cwd=self.folder, capture_output=True, text=True,
            env=os.environ | self._environment,
        )  # fmt: skip
        if done.returncode:
            sys.exit(f"nbgrader {arguments[0]} failed:\n{done.stderr[-3000:]}")


def _copy(source, target):
    shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__", "mistakes"))


def _glob(names):
    """Return a pattern for consecutive students of the class: nbgrader takes one, not a list."""
    tens, ones = ("".join(sorted({name[place] for name in names})) for place in (-2, -1))
    return f"student[{tens}][{ones}]"


def _notebook():
    cells = [_cell("setup", "from course import check", points=None)]
    cells += [_cell(c.name, f"check.{c.name}()", c.points) for c in COURSE.checks]
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


def _cell(name, source, points):
    nbgrader = {"grade": points is not None, "locked": True, "solution": False, "task": False,
                "grade_id": name, "schema_version": 3, "cell_type": "code"}  # fmt: skip
    if points is not None:
        nbgrader["points"] = points
    return {"cell_type": "code", "id": name.replace("_", "-"), "source": source, "outputs": [],
            "execution_count": None, "metadata": {"nbgrader": nbgrader}}  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
