"""The last verdict of each check, kept on disk so that it outlives the notebook's kernel.

A file for each check, since several notebooks may run at once. Losing them costs no more than
running the checks again, so nothing here ever stands in the way of a check.
"""

import contextlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from ..workspace import NOTES, write_json
from .verdict import CRASHED, NOT_ATTEMPTED, NOT_COMPARABLE, PASSED, WRONG

FORMAT = 1
# What a check can come to in a process that is watched from outside.
TIMED_OUT, KILLED = "timed out", "killed"
KINDS = (PASSED, WRONG, CRASHED, NOT_ATTEMPTED, NOT_COMPARABLE, TIMED_OUT, KILLED)


class Unreadable(Exception):
    """A record that is damaged, or that something else has written."""


@dataclass(frozen=True)
class Record:
    """What a check came to.

    check: its name. kind: one of KINDS. headline: the rest of the verdict's first line.
    earned: points. sources: what the answer depended on, as `sources.digests_of` has it.
    time: when that was, in the form of ISO 8601.
    """

    check: str
    kind: str
    headline: str
    earned: float
    sources: dict
    time: str

    @property
    def passed(self):
        return self.kind == PASSED


def record_of(verdict, sources):
    """Return the record of a verdict that has just been given."""
    return Record(
        check=verdict.check,
        kind=verdict.kind,
        headline=verdict.headline,
        earned=verdict.earned,
        sources=sources,
        time=now(),
    )


def now():
    return datetime.now().astimezone().isoformat(timespec="seconds")


def folder():
    """Return the folder of the records, in the notes beside the package."""
    return Path(__file__).resolve().parents[2] / NOTES / "verdicts"


def keep(record):
    """Write a record, in the place of the earlier one of the same check.

    A disk that is full or may not be written to is no reason for a check to fail.
    """
    with contextlib.suppress(OSError):
        write_json(_path(record.check), {"format": FORMAT} | asdict(record))


def load(name):
    """Return the last record of the check called `name`, or None.

    Raises Unreadable for a file that is no record of that check.
    """
    try:
        text = _path(name).read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(f"{_path(name)}: {error}") from None
    try:
        written = json.loads(text)
        if written.pop("format") != FORMAT:
            raise ValueError("of another format")
        record = Record(**written)
        _expect_sense(record, name)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise Unreadable(f"{_path(name)}: {error}") from None
    return record


def _expect_sense(record, name):
    words = (record.headline, record.time, *record.sources, *record.sources.values())
    if not (
        record.check == name
        and record.kind in KINDS
        and isinstance(record.earned, int | float)
        and 0 <= record.earned < float("inf")
        and all(isinstance(word, str) for word in words)
    ):
        raise ValueError("not what a check leaves")


def _path(name):
    return folder() / f"{name}.json"
