"""What an examination finds."""

from dataclasses import dataclass

OK, LOOK, BROKEN = "ok", "look here", "broken"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at. advice: what to do about it, if anything."""

    state: str
    what: str
    advice: str = ""


def quoted(path):
    """Return a path as it is typed into a terminal."""
    return f'"{path}"' if " " in str(path) else str(path)
