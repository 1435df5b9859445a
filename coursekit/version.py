"""The one version of the engine: MAJOR.MINOR.PATCH, and which commit it is.

A checkout asks git, so that each commit makes a wheel that pip takes for another one than the last.
What was installed from a wheel has its version in its metadata.
"""

import hashlib
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path

RELEASE = "0.2.0"

_ENGINE = Path(__file__).parent
# What describes the engine in its wheel.
_BESIDE = (_ENGINE.parent / "pyproject.toml", _ENGINE.parent / "LICENSE")


@cache
def version() -> str:
    """Return the version, as in "0.2.0+g1a2b3c4d".

    In a checkout with changes that are not committed, to what goes into a wheel, a digest of all
    that goes into it follows.
    """
    commit = _git("rev-parse", "--short=8", "HEAD") if _is_checkout() else ""
    if not commit:
        return _of_metadata()
    changed = _git("status", "--porcelain", "--", str(_ENGINE), *map(str, _BESIDE))
    return f"{RELEASE}+g{commit}" + (f".d{_digest()[:8]}" if changed else "")


def _is_checkout() -> bool:
    """Whether the engine lies in its own repository, and not in somebody else's."""
    return (_ENGINE.parent / ".git").exists() and (_ENGINE.parent / "pyproject.toml").exists()


def _of_metadata() -> str:
    """Return the version that the engine was installed with, or in an unpacked source archive."""
    packed = _ENGINE.parent / "PKG-INFO"
    if packed.is_file():
        lines = packed.read_text(encoding="utf-8").splitlines()
        found = [line.partition(": ")[2] for line in lines if line.startswith("Version: ")]
        if found:
            return found[0]
    try:
        return metadata.version("coursekit")
    except metadata.PackageNotFoundError:
        return RELEASE


def _git(*arguments: str) -> str:
    try:
        command = ["git", "-C", str(_ENGINE.parent), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def _digest() -> str:
    own = sorted(path for path in _ENGINE.rglob("*") if "__pycache__" not in path.parts)
    digest = hashlib.sha256()
    for path in filter(Path.is_file, (*own, *_BESIDE)):
        name = path.relative_to(_ENGINE.parent).as_posix()
        digest.update(name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def __getattr__(name: str) -> str:
    if name == "__version__":
        return version()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
