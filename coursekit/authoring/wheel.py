"""The engine as a wheel, packed from its files as they are installed or checked out.

A build tool would want the project's sources and a network. An instructor of another course has
neither, only the installed engine, so a wheel is put together again from that: the package, and the
metadata that the installation came with.
https://packaging.python.org/en/latest/specifications/binary-distribution-format/
"""

import base64
import hashlib
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


def write_wheel(folder):
    """Write the engine's wheel into a folder, and return its path.

    The same engine gives the same bytes. Raises NotInstalled.
    """
    content = wheel_files(version())
    path = Path(folder) / f"{NAME}-{version()}-py3-none-any.whl"
    write_bytes(path, zipped(content))
    return path


def wheel_files(number):
    """Return what is in a wheel of that version: {name: bytes}. Raises NotInstalled."""
    try:
        described = metadata.distribution(NAME)
    except metadata.PackageNotFoundError:
        raise NotInstalled(
            f"{NAME} is not installed, expected its metadata: python -m pip install -e ."
        ) from None
    names = [path for path in plain_files(_ENGINE) if not path.endswith(".pyc")]
    files = {f"{NAME}/{name}": (_ENGINE / name).read_bytes() for name in names}
    about = f"{NAME}-{number}.dist-info"
    files[f"{about}/METADATA"] = _metadata(described, number)
    files[f"{about}/WHEEL"] = _WHEEL.encode()
    files[f"{about}/entry_points.txt"] = (described.read_text("entry_points.txt") or "").encode()
    rows = [f"{name},sha256={_digest(content)},{len(content)}" for name, content in files.items()]
    rows.append(f"{about}/RECORD,,")
    files[f"{about}/RECORD"] = ("\n".join(rows) + "\n").encode()
    return files


def _metadata(described, number):
    """Return the metadata with this version, whatever the engine was installed as."""
    lines = described.read_text("METADATA").splitlines()
    head = lines.index("") if "" in lines else len(lines)
    kept = [line for line in lines[:head] if not line.startswith(("Version:", "License-File:"))]
    return "\n".join([*kept[:2], f"Version: {number}", *kept[2:], *lines[head:], ""]).encode()


def _digest(content):
    digest = hashlib.sha256(content).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
