"""Build a site on which the handout runs in a browser tab, with nothing installed.

It is a JupyterLite site: Python comes as WebAssembly (Pyodide), and files are kept in the browser's
own storage. Notebooks and the package lie there as files to edit. The course, the engine and what
Pyodide does not have come as wheels, since reading many files from that storage is slow. By default
the browser fetches Pyodide from its usual public place; with --pyodide it lies beside the site.
"""

from __future__ import annotations

import html
import json
import os
import shutil
import subprocess
import sys
import tempfile
from argparse import ArgumentParser, Namespace
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import files
from ..student import browser
from . import handout
from .handout import ReleaseError
from .wheel import packed, wheel_files

if TYPE_CHECKING:
    from ..course import Course

_PAGE = Path(__file__).with_name("site.html")
_KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"
# Where wheels lie, as seen from the script that starts Python. Names in the list of what Pyodide
# loads are taken for its own packages, and everything that ends in .whl for an address.
_WHEELS = "../../../../wheels/"
# The kernel hangs without a word where this is missing.
_KERNEL_NEEDS = ("comm",)


def add_arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--out", type=Path, default=Path("site"), help="folder to write to")
    parser.add_argument(
        "--pyodide", type=Path, metavar="FOLDER", help="a Pyodide distribution to put beside it"
    )


def run(arguments: Namespace, course: Course) -> int | None:
    if code := handout.made("site", lambda: build(course, arguments.out, arguments.pyodide)):
        return code
    size = sum((arguments.out / path).stat().st_size for path in files.plain_files(arguments.out))
    print(f"{arguments.out}: {size / 1e6:.0f} MB. Serve it with: "
          f"python -m http.server --directory {arguments.out}")  # fmt: skip
    return None


def build(course: Course, out: Path, pyodide: Path | None = None) -> None:
    """Write the site into a folder, in place of an older site.

    Raises ReleaseError, with `out` as it was, where it cannot be built.
    """
    if out.exists() and any(out.iterdir()) and not (out / "jupyter-lite.json").is_file():
        raise ReleaseError(f"{out} holds something that is no site, expected a folder for it")
    if pyodide is not None and not (pyodide / "pyodide-lock.json").is_file():
        raise ReleaseError(f"{pyodide} has no pyodide-lock.json, expected a Pyodide distribution")
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".site-", dir=out.parent) as aside:
        folder = handout.cut(course, Path(aside) / "handout")
        _prepare(course, folder)
        lite = Path(aside) / "lite"
        drive = lite_contents(course, folder, lite / "contents")
        wheels = write_wheels(course, folder, lite / "wheels")
        _configure(course, lite, wheels)
        if pyodide is not None:
            shutil.copytree(pyodide, lite / "static" / "pyodide")
        made = Path(aside) / "made"
        _run_jupyterlite(lite, drive, made)
        _drop_extensions(made)
        shutil.copytree(lite / "wheels", made / "wheels")
        (made / "index.html").write_text(start_page(course), encoding="utf-8")
        made.chmod(0o755)
        if out.exists():
            shutil.rmtree(out)
        made.rename(out)


def lite_contents(course: Course, folder: Path, drive: Path) -> Path:
    """Write what lies in the browser's storage: notebooks, the package, and a way to the course."""
    for place in ("notebooks", course.package):
        shutil.copytree(folder / place, drive / place, ignore=shutil.ignore_patterns("__pycache__"))
    files.write_text(drive / "course" / "__init__.py", browser.STUB)
    notebook = json.dumps(_work_notebook(), indent=1)
    (drive / f"{browser.WORK}.ipynb").write_text(notebook, encoding="utf-8")
    return drive


def write_wheels(course: Course, folder: Path, wheels: Path) -> list[str]:
    """Write the wheels of the engine, the course and what else is pure Python; their names."""
    own = (course.package, "notebooks", "wheels")
    rest = [p for p in files.plain_files(folder) if Path(p).parts[0] not in own]
    content = {f"{browser.HANDOUT}/{path}": (folder / path).read_bytes() for path in rest}
    written = {"coursekit": wheel_files("0"), browser.HANDOUT: _described(browser.HANDOUT, content)}
    for name in (*_KERNEL_NEEDS, *_settings(course).get("wheels", ())):
        written[name] = _installed(name)
    wheels.mkdir(parents=True)
    names = []
    for name, inside in written.items():
        data = files.zipped(inside, compressed=True)
        names.append(f"{name}-0-py3-none-any.whl")
        (wheels / names[-1]).write_bytes(data)
    return names


def start_page(course: Course) -> str:
    """Return the page with the notebooks in their order, with their points and a button each."""
    points: dict[str, float] = {}
    for check in course.checks:
        points[check.notebook] = points.get(check.notebook, 0) + check.points
    rows = [
        f'<li><a class="open" href="lab/index.html?path=notebooks/{name}.ipynb">Open</a> '
        f"<b>{html.escape(name)}</b> <span>{points.get(name, 0):g} points</span></li>"
        for name in course.notebooks
    ]
    page = _PAGE.read_text(encoding="utf-8")
    title = course.title[:1].upper() + course.title[1:]
    values = {"TITLE": html.escape(title), "ROWS": "\n".join(rows), "WORK": browser.WORK}
    for word, text in values.items():
        page = page.replace(f"@{word}@", text)
    return page


def _settings(course: Course) -> dict[str, Any]:
    return course.settings.get("site", {})


def _prepare(course: Course, folder: Path) -> None:
    """Run what the course wants done in its handout first; data are drawn this way."""
    command = _settings(course).get("prepare")
    if command:
        done = subprocess.run(
            [sys.executable, "-B", *command], cwd=folder,
            env=os.environ | _environment(course, folder),
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise ReleaseError(f"{' '.join(command)} fails:\n{done.stdout}{done.stderr}")


def _environment(course: Course, folder: Path | str) -> dict[str, str]:
    """Return the course's environment variables, for a handout in that folder."""
    named = _settings(course).get("environment", {})
    return {key: value.replace("{handout}", str(folder)) for key, value in named.items()}


def _configure(course: Course, lite: Path, wheels: Iterable[str]) -> None:
    where = f"{browser.SITE_PACKAGES}/{browser.HANDOUT}"
    environment = _environment(course, where)
    packages = [*_settings(course).get("packages", ()), *(_WHEELS + name for name in wheels)]
    # HOME is what Pyodide sets it to unless told otherwise, and is lost with any environment.
    options = {"packages": packages, "env": {"HOME": "/home/pyodide", **environment}}
    config = {"appName": course.title, "exposeAppInBrowser": True, "litePluginSettings": {_KERNEL: {
        "loadPyodideOptions": options, "disablePyPIFallback": True}}}  # fmt: skip
    described = {"jupyter-lite-schema-version": 0, "jupyter-config-data": config}
    files.write_json(lite / "jupyter-lite.json", described)
    look = {"@jupyterlab/apputils-extension:themes": {"adaptive-theme": True}}
    files.write_json(lite / "overrides.json", look)


def _run_jupyterlite(lite: Path, drive: Path, made: Path) -> None:
    command = [sys.executable, "-m", "jupyter", "lite", "build", "--lite-dir", str(lite),
               "--contents", str(drive), "--output-dir", str(made), "--no-sourcemaps",
               "--apps", "lab", "--no-unused-shared-packages"]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=lite)
    if done.returncode:
        raise ReleaseError(f"JupyterLite could not build it:\n{done.stdout}{done.stderr}")


def _drop_extensions(made: Path) -> None:
    """Leave out what the Python that builds the site has for its own JupyterLab, another release.

    JupyterLite takes all extensions that it finds, the kernel's among them.
    """
    path = made / "jupyter-lite.json"
    described = json.loads(path.read_text(encoding="utf-8"))
    config = described["jupyter-config-data"]
    kernel = _KERNEL.rpartition(":")[0]
    for extension in config["federated_extensions"]:
        if extension["name"] != kernel:
            shutil.rmtree(made / "extensions" / extension["name"], ignore_errors=True)
    config["federated_extensions"] = [
        extension for extension in config["federated_extensions"] if extension["name"] == kernel
    ]
    files.write_json(path, described)


def _installed(name: str) -> dict[str, bytes]:
    """Return the files of an installed package in pure Python, as its wheel has them."""
    content = {}
    for path in metadata.distribution(name).files or ():
        if ".." not in path.parts and path.suffix != ".pyc" and path.name not in _OF_PIP:
            content[path.as_posix()] = Path(str(path.locate())).read_bytes()
    return packed(content, next(n for n in content if n.endswith("/METADATA")).split("/")[0])


_OF_PIP = ("RECORD", "INSTALLER", "REQUESTED", "direct_url.json")


def _described(name: str, content: dict[str, bytes]) -> dict[str, bytes]:
    about = f"{name}-0.dist-info"
    said = f"Metadata-Version: 2.4\nName: {name}\nVersion: 0\n".encode()
    return packed({**content, f"{about}/METADATA": said}, about)


_NOTICE = """# Your work

The storage of a browser is **no backup**: it can be cleared by you, by the browser, or by whoever
shares the computer. Save your files, and download your work whenever you stop."""
_DOWNLOAD = """## Download

The next cell writes `submission.zip`, which is also what you hand in, and shows a link to it."""
_UPLOAD = """## Upload

Close the notebooks that are open. Drag a `submission.zip` into the list of files at the left,
beside this notebook, and run the next cell. What you had is kept in the folder `backups`."""


def _work_notebook() -> dict[str, Any]:
    """Return the notebook that takes work out of the browser and puts it back."""
    texts = [
        ("markdown", _NOTICE),
        ("code", "import course\nfrom coursekit.student import browser"),
        ("markdown", _DOWNLOAD),
        ("code", "browser.download()"),
        ("markdown", _UPLOAD),
        ("code", 'browser.upload("submission.zip")'),
        ("markdown", "## Where you are"),
        ("code", "course.check.progress()"),
        ("markdown", "## If something does not work"),
        ("code", "browser.doctor()"),
    ]
    cells: list[dict[str, Any]] = []
    for number, (kind, text) in enumerate(texts):
        cell = {"cell_type": kind, "id": f"work-{number}", "metadata": {}, "source": text}
        cells.append(cell | ({"outputs": [], "execution_count": None} if kind == "code" else {}))
    kernel = {"name": "python", "display_name": "Python (Pyodide)", "language": "python"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
