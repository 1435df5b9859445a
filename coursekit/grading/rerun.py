"""Run again what was handed in, for people to read: notebooks from top to bottom, and a network.

    python -m coursekit.grading.rerun JOB.json

Both happen in sandboxes apart from the checks, after these. Notebooks run as they were handed in,
on the package that was handed in, and are reported by the plugin that students have. A network is
a file of numbers: what measures it is the course's own code, in a sandbox that holds none of the
student's. What either gives points for, if anything, stands in the course's description:

    [grading.notebooks]
    data = "datasets"            # what they read, in the course's folder,
    data_variable = "NAME"       # or where this variable says; inside it says where that is
    seconds = 900                # for each notebook
    environment = {NAME = "..."} # variables
    points = 0                   # for all that run without a failure
    [grading.hunt]               # see hunting.py
    points = 4
    [grading.network]
    file = "notebooks/net.npz"
    measure = "course.module:function"  # of its path: returns {"share": 0 to 1, "words": ...}
    points = 5
"""

import json
import math
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ..checks import freshness
from ..course import Course
from ..notebooks import NotebookError, check_of, read
from ..progress import progress_bar
from ..student.submit.inspection import shown_by
from . import programs
from .contents import lay_out
from .environment import not_for_students
from .grades import Grades
from .hunting import HuntResult, checks_in, functions_of, hunted
from .pristine import ENGINE, Pristine, open_to_all
from .results import GradesError, Stored
from .sandbox import Limits

FILE = "rerun.json"
_SECONDS, _NETWORK_SECONDS = 900.0, 300.0
_MOST_SENTENCES = 20
_MEASURE = """
import importlib, json, sys
module, _, name = sys.argv[1].partition(":")
found = getattr(importlib.import_module(module), name)(sys.argv[2])
with open(sys.argv[3], "w", encoding="utf-8") as file:
    json.dump(found, file)
"""


@dataclass(frozen=True)
class NotebookRun(Stored):
    """How a notebook that was handed in went, run from top to bottom.

    cells: of code. passed, waiting: how many of them ran, and how many wait for another one.
    failed: what went wrong, by cell. old: checks whose stored output is not that of the code that
    was handed in. problem: why there is nothing to say, or "".
    """

    notebook: str
    cells: int = 0
    passed: int = 0
    waiting: int = 0
    failed: tuple[str, ...] = ()
    old: tuple[str, ...] = ()
    seconds: float = 0.0
    problem: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether it ran from top to bottom."""
        return bool(self.cells) and not (self.failed or self.waiting or self.problem)

    @property
    def in_words(self) -> str:
        """Say in a line how it went: "31 of 33 cells ran, 1 failed, 1 waits"."""
        if self.problem:
            return self.problem
        said = [f"{self.passed} of {self.cells} cells ran"]
        said += [f"{len(self.failed)} failed"] if self.failed else []
        said += [f"{self.waiting} wait{'s' if self.waiting == 1 else ''}"] if self.waiting else []
        return ", ".join(said)


@dataclass(frozen=True)
class Rerun(Stored):
    """What running again has found. share: of the network's points; negative if not measured."""

    source: str
    notebooks: tuple[NotebookRun, ...] = ()
    share: float = -1.0
    words: str = ""
    hunts: tuple[HuntResult, ...] = ()

    def measured(self, settings: "Settings") -> dict[str, tuple[float | None, float, str]]:
        """Return {name: (points, the most there is, words)} of what the course gives points for."""
        found: dict[str, tuple[float | None, float, str]] = {}
        if possible := settings.points_of_network:
            points = round(possible * self.share, 2) if self.share >= 0 else None
            found["network"] = points, possible, self.words
        if possible := settings.points_of_hunt:
            enough = float(settings.hunt.get("enough", 0.9))
            shares = math.fsum(one.share(enough) for one in self.hunts)
            told = [f"{one.function} {one.words or f'{one.found} of {one.planted}'}"
                    for one in self.hunts]  # fmt: skip
            points = round(possible * shares / max(1, len(settings.functions)), 2)
            found["bug hunt"] = points, possible, "; ".join(told) or "no check was handed in"
        if (possible := settings.points_of_notebooks) and self.notebooks:
            whole = sum(run.is_whole for run in self.notebooks)
            points = round(possible * whole / settings.count, 2)
            found["notebooks"] = points, possible, f"{whole} of {settings.count} run to their end"
        return found


@dataclass(frozen=True)
class Settings:
    """What a course says of running again.

    count: how many notebooks it has. functions: those that they hunt in, where that is graded.
    """

    notebooks: dict[str, Any] = field(default_factory=dict)
    network: dict[str, Any] = field(default_factory=dict)
    count: int = 1
    hunt: dict[str, Any] = field(default_factory=dict)
    functions: tuple[str, ...] = ()

    @classmethod
    def of(cls, course: Course) -> "Settings":
        grading = course.settings.get("grading", {})
        return cls(
            dict(grading.get("notebooks", {})),
            dict(grading.get("network", {})),
            max(1, len(course.notebooks)),
            dict(grading.get("hunt", {})),
            tuple(functions_of(course)) if "hunt" in grading else (),
        )

    @property
    def points_of_hunt(self) -> float:
        return float(self.hunt.get("points", 0))

    @property
    def points_of_network(self) -> float:
        return float(self.network.get("points", 0))

    @property
    def points_of_notebooks(self) -> float:
        return float(self.notebooks.get("points", 0))


def again(
    course: Course, grades: Grades, tasks: Sequence[dict[str, Any]], jobs: int, notebooks: bool
) -> None:
    """Run again what is in submissions, as many side by side as there are jobs.

    tasks: units as `grade` has them. notebooks: whether to run these, and not the network alone.
    What was run before, and has not changed since, is kept.
    """
    waiting = {}
    per_notebook = float(Settings.of(course).notebooks.get("seconds", _SECONDS))
    seconds = per_notebook * len(course.notebooks) + 2 * _NETWORK_SECONDS
    with (
        ThreadPoolExecutor(jobs) as pool,
        progress_bar(total=len(tasks), desc="running again", unit="submission") as bar,
    ):
        for task in tasks:
            source = f"{task['source']} {notebooks:d}"
            if kept(grades, task["id"], source) is None:
                waiting[pool.submit(_in_process, task, source, notebooks, seconds)] = task
            else:
                bar.update()
        for future in as_completed(waiting):
            future.result().write(grades.place(waiting[future]["id"]) / FILE)
            bar.update()


def kept(grades: Grades, name: str, source: str | None = None) -> Rerun | None:
    """Return what was found before of a submission, or None; with a source, only of that."""
    try:
        found = Rerun.read(grades.place(name) / FILE)
    except (FileNotFoundError, GradesError):
        return None
    return found if source in (None, found.source) else None


def _in_process(task, source, notebooks, seconds):
    """Run one submission again in a process of its own. Whatever becomes of it is a Rerun."""
    job = task["job"]
    with tempfile.TemporaryDirectory(prefix="rerun-") as folder:
        path, result = Path(folder) / "job.json", Path(folder) / "result.json"
        told = {key: job[key] for key in ("course", "submission", "parts", "work", "seed")}
        path.write_text(
            json.dumps(told | {"source": source, "result": str(result), "notebooks": notebooks})
        )
        try:
            subprocess.run(
                [sys.executable, "-m", f"{__package__}.rerun", str(path)],
                env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ENGINE.parent), *_paths()])},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=seconds,
                check=False,
            )
            return Rerun.read(result)
        except (OSError, GradesError, subprocess.TimeoutExpired):
            return Rerun(source, words="Running it again did not come to its end.")


def _paths():
    return [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]


def rerun(
    course: Course,
    path: str | Path,
    parts: Sequence[tuple[str, str]] = (),
    *,
    work: Path,
    source: str = "",
    notebooks: bool = True,
    seed: int = 0,
) -> Rerun:
    """Run one submission again. Raises SandboxError where there can be no sandbox."""
    settings = Settings.of(course)
    with tempfile.TemporaryDirectory(prefix="rerun-") as folder:
        own = Path(folder) / "own"
        own.mkdir()
        lay_out(course, Path(path), own, [(name, Path(part)) for name, part in parts])
        Path(folder).chmod(0o755)
        kit = Path(folder) / "kit"
        sources = checks_in(own, settings.functions)
        names = _notebooks_in(course, own) if notebooks else []
        if sources or names:  # most of the time goes into what need not be there
            _make_kit(course, own, kit, work)
        hunts = tuple(hunted(course, kit, sources, work=work, seed=seed, limits=Limits()))
        runs = tuple(_notebooks(course, settings, own, kit, names) if names else ())
        share, words = _network(course, settings, own, Path(folder))
    return Rerun(source, runs, share, words, hunts)


def _notebooks_in(course, own):
    return [n for n in course.notebooks if (own / "notebooks" / f"{n}.ipynb").is_file()]


def _notebooks(course, settings, own, kit, names):
    """Run notebooks that were handed in, each a program of its own, and yield their runs."""
    (kit / "notebooks").mkdir()
    for name in names:
        shutil.copyfile(own / "notebooks" / f"{name}.ipynb", kit / "notebooks" / f"{name}.ipynb")
    open_to_all(kit / "notebooks")
    seconds = float(settings.notebooks.get("seconds", _SECONDS))
    data = _data(course, settings)
    modules, places = not_for_students(course)
    ended = programs.run(
        [_as_program(name, seconds) for name in names],
        shown={"/kit": kit, "/engine/coursekit": ENGINE, **({"/data": data} if data else {})},
        copied={"/tmp/course": "/kit"},
        environment={
            "PYTHONPATH": "/grader/start:/engine",
            "COURSEKIT_ABSENT": " ".join(modules),
            **_ENVIRONMENT,
            **_told_of_data(settings, data),
        }
        | {k: f"{v}" for k, v in settings.notebooks.get("environment", {}).items()},
        hidden=(course.folder, *places),
    )
    laid = Course.read(kit)
    for name, end in zip(names, [*ended, *[None] * len(names)], strict=False):
        yield _run_of(laid, name, end)


# What lies in the Python of whoever grades and not in students' is hidden, plugins among it.
_ENVIRONMENT = {
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "JUPYTER_PLATFORM_DIRS": "1",
    "PYTHONDONTWRITEBYTECODE": "1",
}


def _as_program(name, seconds):
    report = f"/tmp/{name}.json"
    plugins = ("-p", "nbval.plugin", "-p", "coursekit.nbval.plugin", "-p", "no:cacheprovider")
    options = ("-q", "--nbval-lax", "--nbval-current-env", f"--course-report={report}")
    call = (sys.executable, "-m", "pytest", *plugins, *options, f"notebooks/{name}.ipynb")
    return programs.Program(call, "/tmp/course", report, seconds)


def _make_kit(course, own, kit, work):
    """Lay the package that was handed in over what students have of the course."""
    from ..authoring.handout import copy_sources  # with nbformat, which takes a second to import

    pristine = Pristine(course, work)
    shutil.copytree(pristine.made("kit", partial(copy_sources, course)), kit)
    for path in pristine.editable:
        handed_in = own / course.package / path
        if handed_in.is_file() and not handed_in.is_symlink():
            shutil.copyfile(handed_in, kit / course.package / path)
    open_to_all(kit)


def _data(course, settings):
    """Return the folder of data, or None: where a variable says it is, or else in the course's."""
    said = os.environ.get(settings.notebooks.get("data_variable", ""), "")
    name = settings.notebooks.get("data")
    for folder in (Path(said) if said else None, course.folder / name if name else None):
        if folder and folder.is_dir():
            return folder.resolve()
    return None


def _told_of_data(settings, data):
    variable = settings.notebooks.get("data_variable")
    return {variable: "/data"} if variable and data else {}


def _run_of(course, name, ended):
    """Read the report on a notebook; written beside a student's code, it may say anything."""
    if ended is None:
        return NotebookRun(name, problem="It was not run: an earlier one has ended the sandbox.")
    old = _old_outputs(course, name)
    if ended.code is None:
        said = f"It was not through after {ended.seconds:g} s."
        return NotebookRun(name, seconds=ended.seconds, old=old, problem=said)
    try:
        cells = json.loads(ended.report)["cells"]
        outcomes = [f"{cell['outcome']}" for cell in cells]
        failed = [
            f"{cell['cell']}, In [{cell['number']}]: {cell['headline'] or cell['verdict']}"[:300]
            for cell in cells
            if cell["outcome"] == "failed"
        ]
        waiting = sum(bool(cell["waits_for"]) for cell in cells)
    except (ValueError, TypeError, KeyError, RecursionError):
        said = (ended.said.strip().splitlines() or ["no word"])[-1][:200]
        return NotebookRun(name, seconds=ended.seconds, old=old, problem=f"No report came: {said}")
    return NotebookRun(name, len(cells), outcomes.count("passed"), waiting,
                       tuple(failed[:_MOST_SENTENCES]), old, ended.seconds)  # fmt: skip


def _old_outputs(course, name):
    """Return the checks whose output in a notebook is not that of the code beside it."""
    try:
        cells = read(course.notebook(name))["cells"]
        return tuple(
            check
            for cell in cells
            if (check := check_of(cell)) in course.checks
            and (shown := shown_by(cell))
            and shown[0]
            and shown[0] != freshness.fingerprint(freshness.digests_of(course.checks[check]))
        )
    except (NotebookError, ValueError, TypeError, AttributeError, RecursionError, OSError):
        return ()  # whatever is odd about the file is told elsewhere


def _network(course, settings, own, folder):
    """Return (share of the points, words); the share is negative where nothing was measured."""
    name = settings.network.get("file")
    if not name or "measure" not in settings.network:
        return -1.0, ""
    handed_in = own / name
    if not handed_in.is_file():
        return 0.0, f"{name} was not handed in."
    place = folder / "network"
    place.mkdir()
    shutil.copyfile(handed_in, place / handed_in.name)
    open_to_all(place)
    data = _data(course, settings)
    report = "/tmp/measured.json"
    call = (sys.executable, "-c", _MEASURE, settings.network["measure"],
            f"/submitted/{handed_in.name}", report)  # fmt: skip
    found = programs.run(
        [programs.Program(call, "/tmp/course", report, _NETWORK_SECONDS)],
        shown={
            "/submitted": place,
            "/reference/course": course.room,
            f"/reference/{course.package}": course.package_folder,
            "/engine/coursekit": ENGINE,
            **({"/data": data} if data else {}),
        },
        copied={"/tmp/course": "/reference"},
        environment={
            "PYTHONPATH": "/tmp/course:/engine",
            **_ENVIRONMENT,
            **_told_of_data(settings, data),
        },
        hidden=(course.folder,),
    )
    return _measured(found[0] if found else None)


def _measured(ended):
    if ended is None or ended.code is None:
        return -1.0, "It could not be measured: that did not come to its end."
    try:
        found = json.loads(ended.report)
        share, words = found["share"], f"{found['words']}"[:500]
        if share is None:
            return -1.0, words
        share = float(share)
    except (ValueError, TypeError, KeyError):
        said = (ended.said.strip().splitlines() or ["no word"])[-1][:200]
        return -1.0, f"It could not be measured: {said}"
    return (min(1.0, max(0.0, share)), words) if math.isfinite(share) else (-1.0, words)


def main(arguments):
    (path,) = arguments
    job = json.loads(Path(path).read_text(encoding="utf-8"))
    found = rerun(
        Course.find(job["course"]),
        job["submission"],
        job["parts"] or (),
        work=Path(job["work"]),
        source=job["source"],
        notebooks=job["notebooks"],
        seed=job["seed"],
    )
    found.write(Path(job["result"]))


if __name__ == "__main__":
    main(sys.argv[1:])
