"""The folder GRADES: the seed of a grading, and what has been graded so far.

    grading.json                  the seed
    deadline.json                 when submissions were due, if that was said
    submissions.json              who handed in what
    submissions/ID/result.json    the result of a submission

Every file appears whole or not at all, so a run may be cut off at any time, and several runs may
write into one folder side by side.
"""

import hashlib
import json
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ..files import write_json
from .results import GradesError, Reason, ReasonCode, Status, Stored, SubmissionResult
from .submissions import Submission, clean, digest_of

SEEDS = 1 << 32


@dataclass(frozen=True)
class Listed(Stored):
    """A submission as it is listed: who handed in what and when, and whether a later one counts.

    late: whether the platform says that it came late. typed: whether it is only what was typed into
    the platform. odd: sentences for a person. platform: the one that it came from, "" for none.
    owner: the platform's number of the student. people: name, number and address of each person
    that a platform's list names, with tabs between. timed: whether the time is the platform's, and
    not that of a file.
    """

    submission: str
    student: str
    name: str
    time: str
    superseded_by: str
    late: bool = False
    typed: bool = False
    odd: tuple[str, ...] = ()
    platform: str = ""
    owner: str = ""
    people: tuple[str, ...] = ()
    timed: bool = False

    @classmethod
    def from_json(cls, value: object) -> "Listed":
        """Read what `to_json` returned; lists of before there were platforms in them are read too.

        Raises GradesError for anything else.
        """
        later = {"platform": "", "owner": "", "people": [], "timed": False}
        return super().from_json(later | value if isinstance(value, dict) else value)

    @classmethod
    def of(cls, found: Submission) -> "Listed":
        """Return a submission that was found, as it is listed."""
        return cls(
            found.id,
            found.student,
            clean(found.path.name),
            _written(found.time),
            found.superseded_by,
            found.late,
            found.typed,
            found.odd,
            found.platform,
            clean(found.number),
            tuple(map(clean, found.people)),
            found.timed,
        )


@dataclass(frozen=True)
class Settings(Stored):
    """What all submissions of a grading have in common."""

    seed: int


@dataclass(frozen=True)
class Deadline(Stored):
    """When submissions were due, by ISO 8601, "" where nobody has said so."""

    due: str


@dataclass(frozen=True)
class Gathered:
    """What is known of a class.

    results: of the submissions that have one. missing: ids of those without.
    damaged: sentences on the files of those among the missing that have one which cannot be read.
    """

    results: tuple[SubmissionResult, ...]
    missing: tuple[str, ...]
    damaged: tuple[str, ...]


class Grades:
    """What is known in a folder of grades, which is made if need be."""

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._settings = self.folder / "grading.json"
        self._list = self.folder / "submissions.json"
        self._deadline = self.folder / "deadline.json"

    @property
    def work(self) -> Path:
        """The folder for what units share. It may be deleted when no grading is running."""
        path = self.folder / "work"
        path.mkdir(exist_ok=True)
        return path

    def seed(self, wanted: int | None = None) -> int:
        """Return the seed: the one that is wanted, or that was kept, or a new one that is kept.

        Of several runs that start side by side, all get the seed of the first.
        """
        if wanted is not None:
            Settings(wanted).write(self._settings)
        elif not self._settings.exists():
            fresh = Settings(secrets.randbelow(SEEDS))
            write_json(self._settings, fresh.to_json(), replace=False)
        return Settings.read(self._settings).seed

    def seed_kept(self) -> int | None:
        """Return the seed, or None if there is none yet."""
        return Settings.read(self._settings).seed if self._settings.exists() else None

    def due(self, wanted: str | None = None) -> str:
        """Return when submissions were due: the time that is wanted, or that was kept, or ""."""
        if wanted is not None:
            Deadline(wanted).write(self._deadline)
        return Deadline.read(self._deadline).due if self._deadline.exists() else ""

    def list_submissions(self, submissions: Iterable[Submission]) -> None:
        """Keep who handed in what."""
        self._keep_list(Listed.of(found) for found in submissions)

    def listed(self) -> list[Listed]:
        """Return who handed in what. Raises GradesError where nothing was graded yet."""
        try:
            return Listed.read_all(self._list)
        except FileNotFoundError:
            raise GradesError(f"nothing was graded into {self.folder} yet") from None

    def place(self, name: str) -> Path:
        """Return the folder of what belongs to a submission."""
        return self.folder / "submissions" / name

    def keep(self, name: str, source: str, result: SubmissionResult) -> None:
        """Keep the result of a submission, whose source is a hash of all that it depends on."""
        replace(result, source=source).write(self._result(name))

    def result(self, name: str) -> SubmissionResult | None:
        """Return the result of a submission, or None if there is none.

        Raises GradesError if its file is damaged.
        """
        try:
            return SubmissionResult.read(self._result(name))
        except FileNotFoundError:
            return None

    def is_done(self, name: str, source: str) -> bool:
        """Whether a submission was graded to its end, and nothing has changed since."""
        try:
            result = self.result(name)
        except GradesError:
            return False
        return bool(result and result.source == source and result.status != Status.FAILED)

    def gathered(self) -> Gathered:
        """Return what is known of each submission that was listed.

        Submissions that a later one has taken the place of have a result that says so.
        """
        results, missing, damaged = [], [], []
        for listed in self.listed():
            try:
                result = _not_graded(listed) or self.result(listed.submission)
            except GradesError as error:
                damaged.append(f"{error}")
                result = None
            if result:
                results.append(_as_listed(result, listed))
            else:
                missing.append(listed.submission)
        return Gathered(tuple(results), tuple(missing), tuple(damaged))

    def take_over(self, others: Iterable[str | Path]) -> None:
        """Take over what other folders of grades hold.

        Raises GradesError where seeds differ or a file is damaged.
        """
        parts = [Grades(folder) for folder in others if Path(folder).is_dir()]
        kept = [part.seed_kept() for part in [self, *parts]]
        seeds = sorted({seed for seed in kept if seed is not None})
        if len(seeds) > 1:
            differ = " and ".join(map(str, seeds))
            raise GradesError(f"the seeds differ ({differ}); give each shard the same with --seed")
        for part in parts:
            self._take_over(part)

    def _take_over(self, part: "Grades") -> None:
        lists = [grades.listed() for grades in (self, part) if grades._list.exists()]
        known = {listed.submission: listed for found in lists for listed in found}
        if (seed := part.seed_kept()) is not None:
            self.seed(seed)
        for name in known:
            result = part.result(name)
            if result and (result.status != Status.FAILED or not self.result(name)):
                result.write(self._result(name))
        self._keep_list(known[name] for name in sorted(known))

    def _keep_list(self, listed: Iterable[Listed]) -> None:
        Listed.write_all(self._list, listed)

    def _result(self, name: str) -> Path:
        return self.place(name) / "result.json"


def _written(time: float) -> str:
    """Return a time as text, "" for one that no calendar has: a file's date may be anything."""
    try:
        when = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=time)
    except (OverflowError, ValueError):
        return ""
    return when.isoformat(timespec="seconds")


def _not_graded(listed: Listed) -> SubmissionResult | None:
    """Return the result of a submission that has no grade of its own, or None."""
    if listed.superseded_by:
        later = f"A later submission of the same student counts: {listed.superseded_by}."
        return SubmissionResult(listed.submission, status=Status.SUPERSEDED, problems=(later,))
    if listed.typed:
        said = "It holds no file: it is what was typed into the platform."
        return SubmissionResult(listed.submission, status=Status.TYPED, problems=(said,))
    return None


def _as_listed(result: SubmissionResult, listed: Listed) -> SubmissionResult:
    """Return a result with who handed it in, and when, as it is listed."""
    odd = tuple(Reason(ReasonCode.WHOSE, sentence) for sentence in listed.odd)
    return replace(
        result,
        submission=listed.submission,
        student=listed.student,
        name=listed.name,
        time=listed.time,
        late=listed.late,
        reasons=odd + result.reasons,
    )


def source_of(
    submission: Submission,
    pristine: str,
    seed: int,
    limits: Mapping[str, Any] | None,
    options: object,
) -> str:
    """Return a hash of all that the result of a submission depends on."""
    parts = [pristine, seed, sorted((limits or {}).items()), options, digest_of(submission)]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()
