"""Run the check cells of a course's notebooks by pytest with nbval, in this process."""

import contextlib
import io
import os
import sys

import pytest


@contextlib.contextmanager
def _as_if_missing(*names):
    """Let modules appear not to be installed, for what is imported meanwhile and can do without.

    Those that are imported already stay as they are.
    """
    names = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(names))
    try:
        yield
    finally:
        for name in names:
            del sys.modules[name]


# What nbformat imports where it is installed, to tell a URI or a colour from other texts in a
# notebook. One of them compiles a grammar for one and a half seconds.
with _as_if_missing("fqdn", "isoduration", "jsonpointer", "rfc3986_validator", "rfc3987_syntax",
              "uri_template", "webcolors"):  # fmt: skip
    from .plugin import Plugin
    from .verdicts import Kind, check_result, not_judged

# Plugins that look after tests written in Python, each at some cost.
_NOT_NEEDED = ("cacheprovider", "unraisableexception", "threadexception", "warnings", "logging",
               "faulthandler", "doctest", "junitxml", "recwarn", "monkeypatch", "tmpdir",
               "debugging", "stepwise", "pastebin", "setuponly", "setupplan")  # fmt: skip

# A check is ended in the sandbox when its time is up. This many seconds later the sandbox is.
_SLACK = 5


def run_checks(start_sandbox, limits, key, checks, ended):
    """Run the cells of some checks, and call `ended` with the entry of each.

    Returns a sentence on why that failed, or "", and {path: SHA-256} of the modules that ran.
    """
    plugin = Plugin(start_sandbox, limits, key, checks, ended, key.answer)
    names = {check.notebook for check in checks.values()}
    paths = [key.course.notebook(name) for name in key.course.notebooks if name in names]
    paths = [path for path in paths if path.is_file()]
    if paths:
        code, said = run_notebooks(paths, limits, plugin)
        if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) and not plugin.failure:
            return f"pytest ended with code {int(code)}: {said[-500:]}", plugin.files
    for check, verdict in key.reconsidered():
        ended(check_result(check, verdict, 0.0))
    for check in (checks[name] for name in checks if name in plugin.left):
        said = f"It was not run. The notebook {check.notebook} has no cell for it."
        ended(not_judged(check, Kind.NOT_RUN, said))
    return plugin.failure, plugin.files


def run_notebooks(paths, limits, *plugins):
    """Run notebooks' check cells by nbval, with the grading plugin and perhaps further ones.

    Returns pytest's exit code and what it printed.
    """
    return _pytest(
        *map(str, paths),
        *(f"{option}={paths[0].parent}" for option in ("--rootdir", "--confcutdir")),
        f"--nbval-cell-timeout={limits.wall + _SLACK}",
        plugins=plugins,
    )


def warm_up():
    """Have pytest import what it imports when it is first run."""
    _pytest("--version")


def _pytest(*arguments, plugins=()):
    arguments = [
        *arguments,
        *("-q", "--color=no", "--tb=no", "--capture=no", "--assert=plain", "-p", "nbval.plugin"),
        *(f"-pno:{name}" for name in _NOT_NEEDED),
        *("--noconftest", "-c", os.devnull),
    ]
    with _environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", PYTEST_ADDOPTS=""):  # noqa: SIM117
        with contextlib.redirect_stdout(io.StringIO()) as said:
            code = pytest.main(arguments, plugins=[*plugins])
    return code, said.getvalue()


@contextlib.contextmanager
def _environment(**variables):
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
