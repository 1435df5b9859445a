"""What grading finds out: about a check, about a submission, and for a person to look at.

Results pass between processes, machines and days as JSON. They are written and read here, and what
is read is either what was written or a GradesError that says what is wrong with it.
Whoever needs to know something of a result asks for a field; sentences are there for people.
"""

import dataclasses
import json
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Self, TypeVar, get_args, get_origin

from ..checks import Kind
from ..files import write_json

_T = TypeVar("_T")


class GradesError(Exception):
    """Grades are not what they should be; the message is one sentence."""


class Stored:
    """A frozen dataclass that is kept as JSON: a field is a key, and no key may be missing."""

    def to_json(self) -> dict[str, Any]:
        """Return what JSON can hold and `from_json` reads."""
        return {name: _plain(getattr(self, name)) for name in _types(type(self))}

    @classmethod
    def from_json(cls, value: object) -> Self:
        """Read what `to_json` returned. Raises GradesError for anything else."""
        return _read_dataclass(cls, value, "")

    def write(self, path: Path) -> None:
        """Write a file that is there whole, or not at all."""
        write_json(path, self.to_json())

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file that `write` wrote.

        Raises FileNotFoundError, and GradesError, which names the file, for one that is damaged.
        """
        return cls.from_json_in(path, _json_in(path))

    @classmethod
    def read_all(cls, path: Path) -> list[Self]:
        """Read a file that `write_all` wrote. Raises as `read` does."""
        values = _json_in(path)
        if not isinstance(values, list):
            raise GradesError(f"{path} is damaged: it holds no list")
        return [cls.from_json_in(path, value) for value in values]

    @classmethod
    def write_all(cls, path: Path, several: Iterable[Self]) -> None:
        """Write several into one file, which is there whole, or not at all."""
        write_json(path, [stored.to_json() for stored in several])

    @classmethod
    def from_json_in(cls, path: Path, value: object) -> Self:
        """Read what a file holds. Raises GradesError, which names the file."""
        try:
            return cls.from_json(value)
        except GradesError as error:
            raise GradesError(f"{path} is damaged: {error}") from None


class ReasonCode(StrEnum):
    """Why a person should look at a submission. The values are what files hold."""

    TOOL = "tool"
    NOT_WHAT_RAN = "not_what_ran"
    CHECK_UNREADABLE = "check_unreadable"
    CHECK_KILLED = "check_killed"
    CHECK_NOT_COMPARABLE = "check_not_comparable"
    CHECK_NOT_RUN = "check_not_run"
    NOT_FINISHED = "not_finished"
    NOTHING_GRADED = "nothing_graded"
    WHOSE = "whose"

    @property
    def words(self) -> str:
        """What a count of such reasons is called."""
        return _WORDS[self]


_WORDS = {
    ReasonCode.TOOL: "code uses what no block needs",
    ReasonCode.NOT_WHAT_RAN: "what ran is not what was handed in",
    ReasonCode.CHECK_UNREADABLE: "a check sent what cannot be read",
    ReasonCode.CHECK_KILLED: "a check was killed",
    ReasonCode.CHECK_NOT_COMPARABLE: "a check drew other random numbers",
    ReasonCode.CHECK_NOT_RUN: "a check was not run",
    ReasonCode.NOT_FINISHED: "grading did not come to its end",
    ReasonCode.NOTHING_GRADED: "nothing in it could be graded",
    ReasonCode.WHOSE: "whose it is, or which one counts, is not certain",
}

# Kinds of verdicts that no ordinary mistake leads to.
ODD_KINDS = {
    Kind.UNREADABLE: ReasonCode.CHECK_UNREADABLE,
    Kind.KILLED: ReasonCode.CHECK_KILLED,
    Kind.NOT_COMPARABLE: ReasonCode.CHECK_NOT_COMPARABLE,
    Kind.NOT_RUN: ReasonCode.CHECK_NOT_RUN,
}


@dataclass(frozen=True)
class Reason(Stored):
    """Why a person should look at a submission.

    code: what reasons are counted by. sentence: what people read. about: the file or the check that
    it is about, or "" for the submission as a whole.
    """

    code: ReasonCode
    sentence: str
    about: str = ""


@dataclass(frozen=True)
class CheckResult(Stored):
    """What a check of a submission came to.

    check, notebook: names. points: what it is worth. earned: what the answer is worth of that.
    kind: what it came to. headline: what is wrong, without magnitudes, so that the same mistake has
    the same headline. text, html: the whole verdict; the HTML is the engine's own, with all that
    comes from the student escaped, or "". mistake: the name of the known mistake that the answer
    looks like, or "". leans_on: the blocks that this check uses beside its own and that are wrong.
    cause: what the age of the code, or what is missing, makes of this check and perhaps of others.
    seconds: how long it took.

    Raises ValueError where more is earned than there is, or less than nothing.
    """

    check: str
    notebook: str
    points: float
    earned: float
    kind: Kind
    headline: str = ""
    text: str = ""
    html: str = ""
    mistake: str = ""
    leans_on: tuple[str, ...] = ()
    cause: str = ""
    seconds: float = 0.0

    def __post_init__(self) -> None:
        if not 0 <= self.earned <= self.points < math.inf:
            raise ValueError(f"earned is {self.earned}, expected 0 to {self.points}")

    @property
    def passed(self) -> bool:
        return self.kind == Kind.PASSED

    @property
    def first_line(self) -> str:
        """Kind, check and what is wrong, without magnitudes: the same from run to run."""
        return ": ".join(filter(None, (self.kind.words, self.check, self.headline)))


@dataclass(frozen=True)
class Answer(Stored):
    """What was written below an inline question, "" if nothing was, and the question itself."""

    notebook: str
    question: str
    prompt: str
    answer: str


class Status(StrEnum):
    """What became of a submission. The values are what files hold."""

    GRADED = "graded"
    UNREADABLE = "unreadable"
    FAILED = "failed"
    SUPERSEDED = "superseded"  # by a later one of the same student
    TYPED = "typed"  # into the platform, so that there is nothing to run


@dataclass(frozen=True)
class SubmissionResult(Stored):
    """What grading a submission came to.

    submission: its id. student, name, time: who handed it in, under which name, and when; late:
    whether the platform says that this was late.
    key: a hash of the course, the submission and the seed. source: a hash of all that the result
    depends on. problems: sentences to the student on what was handed in. checks: those that ended.
    answers: to the inline questions. files: SHA-256 by path in the package, of what was handed in.
    proof: sentences on whether that is what the checks ran on. reasons: for a person to look at it.
    seconds: how long it took.
    """

    submission: str
    student: str = ""
    name: str = ""
    time: str = ""
    late: bool = False
    key: str = ""
    source: str = ""
    status: Status = Status.FAILED
    problems: tuple[str, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    answers: tuple[Answer, ...] = ()
    files: dict[str, str] = field(default_factory=dict)
    proof: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    seconds: float = 0.0

    def __post_init__(self) -> None:
        names = [result.check for result in self.checks]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"there are two results of {twice[0]}, expected one of each check")

    @classmethod
    def unfinished(
        cls, path: str | Path, *problems: str, checks: Iterable[CheckResult] = ()
    ) -> Self:
        """Return the result of a submission that was not graded to its end."""
        return cls(Path(path).name, problems=problems, checks=tuple(checks))


def checks_in_lines(path: Path) -> tuple[CheckResult, ...]:
    """Read a file with the JSON of a CheckResult in each line, as far as it was written."""
    found: list[CheckResult] = []
    try:
        for line in path.read_text(encoding="utf-8").splitlines():
            found.append(CheckResult.from_json(json.loads(line)))
    except (OSError, ValueError, RecursionError, GradesError):
        pass  # the writer was ended in the middle of a line
    return tuple(found)


def _json_in(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as error:
        raise GradesError(f"{path} is damaged: {error}") from None


def _plain(value: Any) -> Any:
    """Return a value of a field as JSON holds it."""
    if isinstance(value, Stored):
        return value.to_json()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if isinstance(value, StrEnum):
        return value.value
    return dict(value) if isinstance(value, dict) else value


def _read(kind: Any, value: Any, where: str) -> Any:
    """Return JSON's value as the type of a field. `where` it stands is said if it is none."""
    if get_origin(kind) is tuple:
        values = _expect(value, list, "a list", where)
        return tuple(
            _read(get_args(kind)[0], item, f"{where}[{n}]") for n, item in enumerate(values)
        )
    if get_origin(kind) is dict:
        pairs = _expect(value, dict, "an object", where)
        return {
            key: _read(get_args(kind)[1], item, f"{where}[{key!r}]") for key, item in pairs.items()
        }
    if issubclass(kind, Stored):
        return _read_dataclass(kind, value, where)
    if issubclass(kind, StrEnum):
        if value not in [member.value for member in kind]:
            raise _damaged(value, f"one of {', '.join(kind)}", where)
        return kind(value)
    if kind is float:
        return _read_float(value, where)
    if kind is bool:
        if not isinstance(value, bool):
            raise _damaged(value, "true or false", where)
        return value
    return _expect(value, kind, {str: "text", int: "a whole number"}[kind], where)


def _read_dataclass(kind: type[_T], value: Any, where: str) -> _T:
    pairs = _expect(value, dict, "an object", where)
    types = _types(kind)
    for name in sorted(types.keys() ^ pairs.keys()):
        there = "is missing" if name in types else "is not known"
        raise GradesError(f"{_place(where, name)} {there}")
    fields = {name: _read(types[name], pairs[name], _place(where, name)) for name in types}
    try:
        return kind(**fields)
    except ValueError as error:
        raise GradesError(": ".join(filter(None, (where, f"{error}")))) from None


def _read_float(value: Any, where: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300:
        return float(value)
    raise _damaged(value, "a number", where)


def _types(kind: Any) -> dict[str, Any]:
    """Return the types of a dataclass's fields."""
    return {member.name: member.type for member in dataclasses.fields(kind)}


def _expect(value: Any, kind: type, words: str, where: str) -> Any:
    if not isinstance(value, kind) or isinstance(value, bool):
        raise _damaged(value, words, where)
    return value


def _damaged(value: object, expected: str, where: str) -> GradesError:
    got = repr(value)
    got = got if len(got) <= 60 else f"{got[:60]} ..."
    return GradesError(f"{where or 'it'} is {got}, expected {expected}")


def _place(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name
