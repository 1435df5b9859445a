"""The engine as a wheel, packed from its files as they are installed or checked out.

A build tool would want the project's sources and a network. An instructor of another course has
neither, only the installed engine, so a wheel is put together again from that: the package, and the
metadata that it was installed with. In a checkout these are what pyproject.toml says now.
https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

from __future__ import annotations

import base64
import hashlib
import tomllib
from collections.abc import Iterable
from importlib import metadata
from pathlib import Path

from ..files import plain_files, write_bytes, zipped
from ..version import version

NAME = "coursekit"
_ENGINE = Path(__file__).parents[1]
_WHEEL = """Wheel-Version: 1.0
Generator: coursekit
Root-Is-Purelib: true
Tag: py3-none-any
"""


class NotInstalled(Exception):
    """The engine is not installed, so nothing says what it requires; the message is a sentence."""


def write_wheel(folder: Path | str) -> Path:
    """Write the engine's wheel into a folder, and return its path.

    The same engine gives the same bytes. Raises NotInstalled.
    """
    content = wheel_files(version())
    path = Path(folder) / f"{NAME}-{version()}-py3-none-any.whl"
    write_bytes(path, zipped(content))
    return path


def wheel_files(number: str) -> dict[str, bytes]:
    """Return what is in a wheel of that version: {name: bytes}. Raises NotInstalled."""
    project = _ENGINE.parent / "pyproject.toml"
    described = _of_project(project, number) if project.is_file() else _of_installation(number)
    names = [path for path in plain_files(_ENGINE) if not path.endswith(".pyc")]
    files = {f"{NAME}/{name}": (_ENGINE / name).read_bytes() for name in names}
    about = f"{NAME}-{number}.dist-info"
    files |= {f"{about}/{name}": text.encode() for name, text in described.items()}
    return packed(files, about)


def packed(files: dict[str, bytes], about: str) -> dict[str, bytes]:
    """Return files with what makes a wheel of them, in their folder `about`, NAME.dist-info."""
    files = {**files, f"{about}/WHEEL": _WHEEL.encode()}
    rows = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    rows.append(f"{about}/RECORD,,")
    files[f"{about}/RECORD"] = ("\n".join(rows) + "\n").encode()
    return files


def _of_project(path: Path, number: str) -> dict[str, str]:
    """Return the files that describe a checkout, {name: text}: metadata, commands and licence."""
    project = tomllib.loads(path.read_text(encoding="utf-8"))["project"]
    head = [
        "Metadata-Version: 2.4",
        f"Name: {project['name']}",
        f"Version: {number}",
        f"Summary: {project['description']}",
        f"License-Expression: {project['license']}",
        "License-File: LICENSE",
        f"Requires-Python: {project['requires-python']}",
        *(f"Requires-Dist: {wanted}" for wanted in project["dependencies"]),
    ]
    for extra, packages in project["optional-dependencies"].items():
        head.append(f"Provides-Extra: {extra}")
        head += [f'Requires-Dist: {wanted}; extra == "{extra}"' for wanted in packages]
    entries = {"console_scripts": project["scripts"], **project.get("entry-points", {})}
    points = []
    for group, named in entries.items():
        points += ["", f"[{group}]", *(f"{name} = {object_}" for name, object_ in named.items())]
    return {
        "METADATA": _lines(head),
        "entry_points.txt": _lines(points[1:]),
        "licenses/LICENSE": path.with_name("LICENSE").read_text(encoding="utf-8"),
    }


def _of_installation(number: str) -> dict[str, str]:
    """Return the same of an installed engine. Raises NotInstalled."""
    try:
        installed = metadata.distribution(NAME)
    except metadata.PackageNotFoundError:
        raise NotInstalled(
            f"{NAME} is not installed, expected its metadata: python -m pip install -e ."
        ) from None
    # The long description is that of a repository, and may be of another course.
    head = _text_of(installed, "METADATA").partition("\n\n")[0].splitlines()
    other = ("Version:", "Description-Content-Type:", "Dynamic:")
    kept = [line for line in head if not line.startswith(other)]
    named = kept.index(f"Name: {NAME}") + 1
    return {
        "METADATA": _lines([*kept[:named], f"Version: {number}", *kept[named:]]),
        "entry_points.txt": _lines(_text_of(installed, "entry_points.txt").splitlines()),
        "licenses/LICENSE": _text_of(installed, "licenses/LICENSE"),
    }


def _text_of(installed: metadata.Distribution, name: str) -> str:
    text = installed.read_text(name)
    if text is None:
        raise NotInstalled(f"{NAME} is installed without its {name}, expected all of its metadata")
    return text


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines) + "\n"


def _digest(content: bytes) -> str:
    digest = hashlib.sha256(content).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
