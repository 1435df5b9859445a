"""What the doctor looks at around a course: Python, its packages, the machine, the kernels.

Each function yields findings. What is not Python's own library is imported inside, so that the
doctor comes up where nothing else does.
"""

import importlib.metadata
import importlib.util
import json
import os
import platform
import re
import sys
from pathlib import Path

from .finding import BROKEN, LOOK, OK, Finding, quoted

LEAST_PYTHON = (3, 11)
IN_A_BROWSER = sys.platform == "emscripten"
# What is imported of a package to see that it works, where that is not the package itself.
IMPORTED = {"scipy": "scipy.signal"}


def python(course):
    if IN_A_BROWSER:
        yield Finding(
            OK,
            f"Python {platform.python_version()} in a browser: one slow core, and no processes, "
            "threads or signals; a loop without end is left by Kernel, Restart Kernel",
        )
        yield Finding(
            OK,
            "your files are in this browser's storage, which is no backup: download your work",
        )
        return
    version = sys.version_info[:2]
    name = f"Python {platform.python_version()}, {sys.executable}"
    own = course.folder / ".venv"
    if version < LEAST_PYTHON:
        wanted = ".".join(map(str, LEAST_PYTHON))
        yield Finding(BROKEN, f"{name}; expected {wanted} or later", "Install a later Python.")
    elif own.is_dir() and Path(sys.prefix).resolve() != own.resolve():
        folder = "Scripts" if os.name == "nt" else "bin"
        yield Finding(
            LOOK,
            f"{name}, which is not the course's own",
            f"The course's own Python is {own / folder / 'python'}; `make lab` starts it.",
        )
    else:
        yield Finding(OK, name)


def packages(course):
    """Compare what is installed with requirements.txt."""
    path = course.folder / "requirements.txt"
    if IN_A_BROWSER:  # which has what the page has brought, and JupyterLab around it
        return
    if not path.is_file():
        yield Finding(LOOK, f"{path} is missing, so versions cannot be compared")
        return
    fine, lacking = [], []
    for name, least in _requirements(path.read_text(encoding="utf-8")):
        try:
            version = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            lacking.append(f"{name} is not installed")
            continue
        if _numbers(version) < _numbers(least):
            lacking.append(f"{name} is {version}, expected {least} or later")
        else:
            fine.append(f"{name} {version}")
    if fine:
        yield Finding(OK, ", ".join(fine))
    if lacking:
        command = f"{quoted(sys.executable)} -m pip install -r {quoted(path)}"
        if (course.folder / "Makefile").is_file() and not (course.folder / ".venv").exists():
            yield Finding(
                BROKEN,
                "; ".join(lacking),
                f"`make lab` installs all that is needed into .venv; without make: {command}",
            )
        else:
            yield Finding(BROKEN, "; ".join(lacking), f"Install what is needed: {command}")


def imports(course):
    """Import what the course requires: it may be installed and broken all the same."""
    for package in course.settings.get("handout", {}).get("requires", ["numpy"]):
        module = IMPORTED.get(package, package)
        if importlib.util.find_spec(package) is None:
            continue  # `packages` says so
        try:
            __import__(module)
        except Exception as error:  # a broken wheel fails in many ways
            command = f"{quoted(sys.executable)} -m pip install --force-reinstall {package}"
            yield Finding(BROKEN, f"{package} cannot be imported: {error}", f"Mend it: {command}")


def kernels(course):
    """Look whether notebooks would run in this environment."""
    if IN_A_BROWSER:
        return
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    for name, notebooks in _kernels_of_notebooks(course).items():
        try:
            spec = KernelSpecManager().get_kernel_spec(name)
        except NoSuchKernel:
            yield Finding(
                LOOK,
                f"{', '.join(notebooks)}: the kernel is {name!r}, which is not installed here",
                "In JupyterLab choose Kernel, Change Kernel, Python 3.",
            )
            continue
        program = Path(spec.argv[0])  # without a folder, Jupyter takes its own Python
        if program.is_absolute() and not _same_environment(program):
            yield Finding(
                LOOK,
                f"{', '.join(notebooks)}: the kernel {name!r} runs {program}, not {sys.executable}",
                f"Remove the folder {spec.resource_dir}, or choose another kernel in JupyterLab.",
            )
        else:
            yield Finding(OK, f"{', '.join(notebooks)}: run in this environment")


EXAMINATIONS = (
    python,
    packages,
    imports,
    kernels,
)


def _requirements(text):
    """Yield (name, least version) of each line of a requirements file."""
    for line in text.splitlines():
        found = re.match(r"([\w.-]+)\s*>=\s*([\w.]+)", line)
        if found:
            yield found.groups()


def _numbers(version):
    """Return the leading numbers of a version: (1, 26, 4) for 1.26.4rc1."""
    numbers = []
    for part in version.split("."):
        digits = re.match(r"\d+", part)
        if not digits:
            break
        numbers.append(int(digits[0]))
    while numbers and numbers[-1] == 0:  # 2 and 2.0 are the same
        numbers.pop()
    return tuple(numbers)


def available_memory():
    """Return the bytes that programs can still have, or None where that cannot be told."""
    limits = []
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
        limits.append(1024 * int(re.search(r"MemAvailable:\s+(\d+)", text)[1]))
        group = Path("/sys/fs/cgroup")
        most, now = ((group / name).read_text() for name in ("memory.max", "memory.current"))
        limits.append(int(most) - int(now))
    except (OSError, ValueError, TypeError):  # no Linux, or no limit
        pass
    if not limits:
        try:
            limits.append(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
        except (AttributeError, ValueError, OSError):
            return None
    return min(limits)


def usable_cores():
    """Return how many cores this process may use."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:
        cores = os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        cores = min(cores, max(1, round(int(quota) / int(period))))
    except (OSError, ValueError):
        pass
    return cores


def _kernels_of_notebooks(course):
    """Return the notebooks' names by the name of the kernel that each asks for."""
    kernels = {}
    for name in course.notebook_files():
        path = course.folder / name
        try:
            metadata = json.loads(path.read_text(encoding="utf-8"))["metadata"]
            name = str(metadata.get("kernelspec", {}).get("name", "python3"))
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            name = "python3"
        kernels.setdefault(name, []).append(path.stem)
    return kernels or {"python3": ["notebooks"]}


def _same_environment(program):
    """Whether a Python lies in the same folder as this one: links are not followed."""
    folder = Path(program).absolute().parent
    return folder == Path(sys.executable).absolute().parent
