"""Open JupyterLab at the course's folder, with its first notebook.

What stands after `--` goes to JupyterLab as it is: coursekit lab -- --no-browser --port 9000
"""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

# What container engines leave behind for the programs inside.
_MARKS = ("/.dockerenv", "/run/.containerenv", "/run/systemd/container")
_VARIABLES = ("container", "KUBERNETES_SERVICE_HOST", "CODESPACES")
_CGROUPS = ("docker", "kubepods", "containerd", "lxc")


def add_arguments(parser):
    parser.add_argument(
        "--allow-root",
        action="store_true",
        help="run as root, which JupyterLab refuses; in a container it is allowed by itself",
    )
    parser.add_argument("jupyterlab", nargs="*", metavar="-- OPTION", help="for JupyterLab")


def run(arguments, course):
    if importlib.util.find_spec("jupyterlab") is None:
        print(
            f"{sys.executable} has no JupyterLab. `make lab` sets up one that has, and so does "
            f"{sys.executable} -m pip install -r requirements.txt",
            file=sys.stderr,
        )
        return 1
    options = list(arguments.jupyterlab)
    if is_root():
        if not (arguments.allow_root or is_container()):
            print(
                "You are root, and JupyterLab does not like to run as root: whoever reaches it can "
                "do anything on this machine.\nAs another user it just starts. If there is none: "
                "coursekit lab --allow-root, or make lab ROOT=yes",
                file=sys.stderr,
            )
            return 1
        options.append("--allow-root")
    try:
        return subprocess.run(command(course, options), cwd=course.folder).returncode
    except KeyboardInterrupt:  # JupyterLab got it too, and has asked what to do
        return 130


def command(course, options):
    """Return the command that opens JupyterLab.

    Given a notebook by its path, JupyterLab would make the notebook's folder its root, and the
    package could not be opened.
    """
    notebooks = [f"notebooks/{name}.ipynb" for name in course.notebooks]
    there = [path for path in notebooks if (course.folder / path).is_file()]
    opened = [f"--LabApp.default_url=/lab/tree/{path}" for path in there[:1]]
    root = f"--ServerApp.root_dir={course.folder}"
    return [sys.executable, "-m", "jupyterlab", root, *opened, *options]


def is_root():
    return hasattr(os, "geteuid") and os.geteuid() == 0


def is_container(root="/", environment=os.environ):
    """Tell whether this is a container, where there is often no user but root."""
    if any(environment.get(name) for name in _VARIABLES):
        return True
    if any(Path(root, mark.lstrip("/")).exists() for mark in _MARKS):
        return True
    try:
        groups = Path(root, "proc/1/cgroup").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return False
    return any(name in groups for name in _CGROUPS)
