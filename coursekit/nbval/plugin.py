"""The pytest plugin: it is loaded wherever coursekit is installed.

It does nothing unless nbval runs notebooks, and to those of a course alone: a notebook is of a
course if a `course/course.toml` lies in a folder above it. Nothing is imported before that.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

OPTION = "--course-report"


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("coursekit", "Notebooks of a course, run with nbval")
    group.addoption(
        OPTION,
        action="append",
        default=[],
        metavar="FILE",
        help="write verdicts and points: as JSON (FILE.json), in Gradescope's form (results.json "
        "or FILE.gradescope.json), or as Markdown (FILE.md, or what GITHUB_STEP_SUMMARY names)",
    )


def pytest_configure(config: pytest.Config) -> None:
    if not _runs_notebooks(config):
        return
    from . import report

    for path in config.getoption(OPTION):
        if report.form_of(path) is None:
            raise pytest.UsageError(
                f"{OPTION} is {path}, expected a name that ends in .json, .gradescope.json or .md"
            )
    if not hasattr(config, "workerinput"):  # with xdist, the process that collects the results
        config.pluginmanager.register(Results(config), "coursekit-results")


def _runs_notebooks(config: pytest.Config) -> bool:
    option = config.option
    return bool(getattr(option, "nbval", False) or getattr(option, "nbval_lax", False))


def _is_of_course(path: Path) -> bool:
    return any((folder / "course" / "course.toml").is_file() for folder in path.resolve().parents)


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Any:
    """Take the place of nbval's collector for a notebook of a course."""
    collected = yield
    if file_path.suffix != ".ipynb" or not _runs_notebooks(parent.config):
        return collected
    if not _is_of_course(file_path):
        return collected
    from nbval.plugin import IPyNbFile

    from .notebook import replaced

    # Others, grading among them, have collectors of their own: those are left alone.
    return [replaced(one, parent) if type(one) is IPyNbFile else one for one in collected]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
    """Note in a cell's report what its check came to, for tables and for JUnit's file."""
    report = yield
    if type(item).__module__ == "coursekit.nbval.notebook" and call.when == "call":
        report.course = _described(item, report)
        if report.course["check"]:
            told = {k: report.course[k] for k in ("check", "verdict", "points", "earned")}
            item.user_properties += list(told.items())  # which the report of its end has, too
    return report


def _described(item: Any, report: pytest.TestReport) -> dict[str, Any]:
    said = item.verdict or {}
    check = item.code.check
    known = {one.name: one for one in item.parent.course.checks.with_optional}
    points = known[check].points if check in known else 0
    waiting = report.skipped and "waiting for " in str(report.longrepr)
    kind = "waiting" if waiting else said.get("kind") or _kind_without_verdict(item)
    return {
        "notebook": item.path.stem,
        "cell": item.name,
        "number": item.code.number,
        "check": check if check in known else None,
        "verdict": kind,
        "points": points,
        "earned": float(said.get("earned", 0)),  # a check that waits may have some all the same
        "sentence": _reason(report) if waiting else said.get("sentence", "") or item.ended,
        "headline": item.headline,
        "waits_for": _reason(report).removeprefix("waiting for ") if waiting else "",
        "outcome": report.outcome,
        "order": _order(item, check, list(known)),
    }


def _order(item: Any, check: str | None, checks: list[str]) -> int:
    """Return how early something has to be put right: -1 for a file that cannot be read."""
    if item.name == item.parent.unreadable:
        return -1
    return checks.index(check) if check in checks else len(checks)


def _kind_without_verdict(item: Any) -> str:
    return "timed_out" if item.has_timed_out else "not_run"


def _reason(report: pytest.TestReport) -> str:
    said = report.longrepr
    return str(said[2] if isinstance(said, tuple) else said).removeprefix("Skipped: ")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Keep the cells of a notebook in one worker, in their order, and spread all else as ever."""
    if not _runs_notebooks(config) or config.getoption("dist") != "load":
        return None
    from xdist.scheduler.loadscope import LoadScopeScheduling

    class ByNotebook(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            path = nodeid.partition("::")[0]
            return path if path.endswith(".ipynb") else nodeid

    return ByNotebook(config, log)


# xdist may be missing, and its hook with it.
pytest_xdist_make_scheduler = pytest.hookimpl(optionalhook=True)(pytest_xdist_make_scheduler)


class Results:
    """What the cells came to, printed as a table at the end, and written into files."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._cells: list[dict[str, Any]] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if found := getattr(report, "course", None):
            self._cells.append({**found, "path": report.nodeid.partition("::")[0]})

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """A check that waits for a block that no selected cell runs is not passed."""
        from . import report

        if exitstatus == pytest.ExitCode.OK and report.Summary(self._cells).waits_in_vain:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        if not self._cells:
            return
        from . import report

        summary = report.Summary(self._cells)
        terminalreporter.section("course")
        for line in summary.as_text().splitlines():
            terminalreporter.write_line(line)
        for path in self._config.getoption(OPTION):
            written = report.write(Path(path), summary)
            terminalreporter.write_line(written)
