"""Run check cells by pytest with nbval, in this process."""

import contextlib
import io
import json
import os
import sys

# What nbformat imports for URI formats compiles a grammar, for one and a half seconds. It is there
# in some environments only, and nbformat does without.
sys.modules.setdefault("rfc3987_syntax", None)

import pytest  # noqa: E402

from . import provisioner  # noqa: E402
from .plugin import METADATA, Plugin  # noqa: E402


# Plugins that look after tests written in Python, each at some cost.
_NOT_NEEDED = ("cacheprovider", "unraisableexception", "threadexception", "warnings", "logging",
               "faulthandler", "doctest", "junitxml", "recwarn", "monkeypatch", "tmpdir",
               "debugging", "stepwise", "pastebin", "setuponly", "setupplan")  # fmt: skip


def run_cells(folder, start_sandbox, limits, kit, checks, ended):
    """Run the cells of some checks, and call `ended` with the entry of each.

    Returns a sentence on why that failed, or "", and {path: SHA-256} of the modules that ran.
    """
    provisioner.register()
    path = folder / "checks.ipynb"
    path.write_text(json.dumps(notebook(checks.values(), kit.seed)))
    plugin = Plugin(start_sandbox, limits, kit, checks, ended)
    arguments = [
        str(path),
        f"--rootdir={folder}",
        f"--confcutdir={folder}",
        f"--nbval-cell-timeout={limits.seconds + 10}",
        *("-q", "--color=no", "--tb=no", "--capture=no", "--assert=plain", "-p", "nbval.plugin"),
        *(f"-pno:{name}" for name in _NOT_NEEDED),
        *("-c", os.devnull),
    ]
    before = os.environ.get("PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        with contextlib.redirect_stdout(io.StringIO()) as said:
            code = pytest.main(arguments, plugins=[plugin])
    finally:
        if before is None:
            del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED) and not plugin.failure:
        return f"pytest ended with code {int(code)}. {said.getvalue()[-500:]}", plugin.files
    return plugin.failure, plugin.files


def notebook(checks, seed):
    """Return a notebook with a cell for each check, and nothing else."""
    return {
        "cells": [
            {
                "cell_type": "code",
                "id": one.name,
                "metadata": {METADATA: {"check": one.name}},
                "source": f"grade({one.name!r}, {seed})",
                "execution_count": None,
                "outputs": [],
            }
            for one in checks
        ],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
