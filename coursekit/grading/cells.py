"""Run check cells by pytest with nbval, in this process."""

import contextlib
import io
import json
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
    from .plugin import METADATA, Plugin

# Plugins that look after tests written in Python, each at some cost.
_NOT_NEEDED = ("cacheprovider", "unraisableexception", "threadexception", "warnings", "logging",
               "faulthandler", "doctest", "junitxml", "recwarn", "monkeypatch", "tmpdir",
               "debugging", "stepwise", "pastebin", "setuponly", "setupplan")  # fmt: skip

# A check is ended in the sandbox when its time is up. This many seconds later the kernel is.
_SLACK = 5


def run_checks(folder, start_sandbox, limits, key, checks, ended):
    """Run the cells of some checks, and call `ended` with the entry of each.

    Returns a sentence on why that failed, or "", and {path: SHA-256} of the modules that ran.
    """
    path = folder / "checks.ipynb"
    cells = {name: json.dumps({"check": name, "seed": key.seed}) for name in checks}
    write_notebook(path, cells)
    plugin = Plugin(start_sandbox, limits, key, checks, ended)
    code, said = run_notebook(path, limits, plugin)
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) and not plugin.failure:
        return f"pytest ended with code {int(code)}: {said[-500:]}", plugin.files
    return plugin.failure, plugin.files


def run_notebook(path, limits, *plugins):
    """Run a notebook's cells by nbval, with the grading plugin and perhaps further ones.

    Returns pytest's exit code and what it printed.
    """
    arguments = [
        str(path),
        f"--rootdir={path.parent}",
        f"--confcutdir={path.parent}",
        f"--nbval-cell-timeout={limits.wall + _SLACK}",
        *("-q", "--color=no", "--tb=no", "--capture=no", "--assert=plain", "-p", "nbval.plugin"),
        *(f"-pno:{name}" for name in _NOT_NEEDED),
        *("-c", os.devnull),
    ]
    with _environment(PYTEST_DISABLE_PLUGIN_AUTOLOAD="1", PYTEST_ADDOPTS=""):  # noqa: SIM117
        with contextlib.redirect_stdout(io.StringIO()) as said:
            code = pytest.main(arguments, plugins=plugins)
    return code, said.getvalue()


def write_notebook(path, cells):
    """Write a notebook of code cells, given as {name: source}."""
    notebook = {
        "cells": [
            {
                "cell_type": "code",
                "id": name,
                "metadata": {METADATA: {"check": name}},
                "source": source,
                "execution_count": None,
                "outputs": [],
            }
            for name, source in cells.items()
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    path.touch(mode=0o600)
    path.write_text(json.dumps(notebook), encoding="utf-8")


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
