"""`coursekit lab`: where JupyterLab starts, and what happens as root."""

import argparse
import json
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import replace

import pytest
from small_workspace import make_workspace
from this_course import COURSE

from coursekit.course import Course
from coursekit.student import lab


@pytest.mark.parametrize(
    ("notebooks", "opened"),
    [
        (["FullyConnectedNets", "Dropout"], ["notebooks/FullyConnectedNets.ipynb"]),
        (["Dropout"], ["notebooks/Dropout.ipynb"]),
        ([], []),
    ],
)
def test_the_first_notebook_that_is_there_is_opened(tmp_path, notebooks, opened):
    (tmp_path / "notebooks").mkdir()
    for name in notebooks:
        (tmp_path / "notebooks" / f"{name}.ipynb").touch()
    course = replace(COURSE, folder=tmp_path)
    assert lab.command(course, ["--no-browser"]) == [
        sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={tmp_path}",
        *(f"--LabApp.default_url=/lab/tree/{path}" for path in opened), "--no-browser",
    ]  # fmt: skip


def test_the_package_can_be_opened_in_jupyterlab(tmp_path):
    """The real server, as far as it goes without a browser."""
    workspace = make_workspace(tmp_path / "a kit of Łovelace")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = ["--no-browser", f"--port={port}", "--ServerApp.token=", "--ServerApp.password="]
    if lab.is_root():
        options.append("--allow-root")
    server = subprocess.Popen(
        lab.command(Course.read(workspace), options),
        cwd=workspace,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}/api/contents/cs231n/layers.py?content=0"
        for _ in range(600):
            try:
                with urllib.request.urlopen(url, timeout=5) as answer:
                    found = json.load(answer)
                break
            except urllib.error.HTTPError:
                raise
            except OSError:
                assert server.poll() is None, "JupyterLab ended"
                time.sleep(0.1)
        assert found["path"] == "cs231n/layers.py"
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.parametrize(
    ("files", "environment", "expected"),
    [
        ({}, {}, False),
        ({"proc/1/cgroup": "0::/init.scope\n"}, {}, False),
        ({"proc/1/cgroup": "12:pids:/docker/3f2a\n"}, {}, True),
        ({"proc/1/cgroup": "0::/kubepods/besteffort/pod1\n"}, {}, True),
        ({".dockerenv": ""}, {}, True),
        ({"run/.containerenv": ""}, {}, True),
        ({}, {"container": "podman"}, True),
        ({}, {"CODESPACES": "true"}, True),
        ({}, {"container": ""}, False),
    ],
)
def test_containers_are_known(tmp_path, files, environment, expected):
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    assert lab.is_container(tmp_path, environment) == expected


@pytest.fixture
def started(monkeypatch):
    """A list of the commands that would have been run, as root on no container."""
    commands = []

    def started_instead(command, cwd):
        commands.append((command, cwd))
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(lab.subprocess, "run", started_instead)
    monkeypatch.setattr(lab, "is_root", lambda: True)
    monkeypatch.setattr(lab, "is_container", lambda: False)
    return commands


def run_lab(*arguments):
    parser = argparse.ArgumentParser()
    lab.add_arguments(parser)
    return lab.run(parser.parse_args(arguments), COURSE)


def test_root_is_told_what_to_do(started, capsys):
    assert run_lab() == 1
    assert not started
    assert "coursekit lab --allow-root" in capsys.readouterr().err


@pytest.mark.parametrize("where", ["by word", "in a container", "no root"])
def test_root_may_where_it_is_allowed(started, monkeypatch, where):
    if where == "in a container":
        monkeypatch.setattr(lab, "is_container", lambda: True)
    if where == "no root":
        monkeypatch.setattr(lab, "is_root", lambda: False)
    options = ["--allow-root"] if where == "by word" else []
    assert run_lab(*options, "--", "--port", "9000") == 0
    ((command, cwd),) = started
    assert cwd == COURSE.folder
    assert command[-3 + (where == "no root") :][:2] == ["--port", "9000"]
    assert ("--allow-root" in command) == (where != "no root")


def test_without_jupyterlab_it_is_said_how_to_get_it(started, monkeypatch, capsys):
    monkeypatch.setattr(lab.importlib.util, "find_spec", lambda name: None)
    assert run_lab() == 1
    assert "has no JupyterLab. `make lab` sets up one that has" in capsys.readouterr().err
