"""What results amount to: the sums of a submission, and what a class as a whole shows."""

import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from ...checks import Check, Kind
from ...course import Course
from ..results import ODD_KINDS, CheckResult, Reason, ReasonCode, Status, SubmissionResult

# How a check can end, as it is counted: each with a colour and a word of its own.
ENDS = ("passed", "partly", "wrong", "crashed", "not_attempted", "other")
# Kinds by which nobody can tell what the code does.
UNSEEN = (Kind.NOT_ATTEMPTED, Kind.NOT_RUN, Kind.WAITING)
_MOST_NAMES = 4


@dataclass(frozen=True)
class Score:
    """A result, with a CheckResult for each check of the course. All reports are made from it."""

    result: SubmissionResult
    checks: tuple[CheckResult, ...]
    notebooks: tuple[str, ...]

    @property
    def id(self) -> str:
        return self.result.submission

    @property
    def student(self) -> str:
        return self.result.student or self.result.submission

    @property
    def status(self) -> Status:
        return self.result.status

    @property
    def counts(self) -> bool:
        """Whether there are grades for it.

        A submission that a later one replaces has none, nor has what was only typed in.
        """
        return self.status not in (Status.SUPERSEDED, Status.TYPED)

    @property
    def earned(self) -> float:
        return self.earned_in()

    @property
    def possible(self) -> float:
        return self.possible_in()

    def earned_in(self, notebook: str | None = None) -> float:
        """Return the points that were earned, in one notebook or in all."""
        return round(math.fsum(check.earned for check in self.of_notebook(notebook)), 2)

    def possible_in(self, notebook: str | None = None) -> float:
        """Return the points that there are, in one notebook or in all."""
        return round(math.fsum(check.points for check in self.of_notebook(notebook)), 2)

    def of_notebook(self, notebook: str | None) -> list[CheckResult]:
        """Return the checks of one notebook, or all of them for None."""
        return [check for check in self.checks if notebook in (None, check.notebook)]

    @property
    def causes(self) -> dict[str, list[str]]:
        """What several checks may share that do not run: {a sentence: names of checks}."""
        found = defaultdict(list)
        for check in self.checks:
            if check.cause:
                found[check.cause].append(check.check)
        return dict(found)

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Why a person should look at it."""
        if not self.counts:
            return ()
        reasons = self.result.reasons
        if self.status == Status.FAILED:
            reasons += (Reason(ReasonCode.NOT_FINISHED, "Grading did not come to its end."),)
        if self.status == Status.UNREADABLE:
            sentence = "There was nothing that could be graded."
            reasons += (Reason(ReasonCode.NOTHING_GRADED, sentence),)
        return reasons

    @property
    def reasons_told(self) -> list[str]:
        """The reasons in sentences, with checks that ended alike in one."""
        told, alike = [], defaultdict(list)
        for reason in self.reasons:
            if reason.code in ODD_KINDS.values():
                alike[reason.code].append(reason.about)
            else:
                told.append(reason.sentence)
        words = {code: kind.words.capitalize() for kind, code in ODD_KINDS.items()}
        return told + [f"{words[code]}: {_several(names)}." for code, names in alike.items()]


def scored(course: Course, result: SubmissionResult) -> Score:
    """Return the Score of a result. Checks that it never came to are not run."""
    ended = {check.check: check for check in result.checks}
    checks = tuple(ended.get(check.name) or _not_run(check) for check in course.checks)
    return Score(result, checks, tuple(course.checks.notebooks()))


@dataclass(frozen=True)
class CheckStatistics:
    """How a check went: how many submissions ended it in each way, and the seconds it took.

    ends: {how it ended: how many}, of ENDS. longest: the submission that took longest.
    """

    check: str
    notebook: str
    points: float
    ends: Counter[str]
    average: float
    median_seconds: float
    longest_seconds: float
    longest: str


@dataclass(frozen=True)
class CommonMistake:
    """What several students have done in a check. `known` is whether its name is of a known one."""

    check: str
    name: str
    known: bool
    students: tuple[str, ...]


def by_check(scores: Sequence[Score]) -> list[CheckStatistics]:
    """Return the statistics of each check."""
    found = []
    for results in zip(*(score.checks for score in scores), strict=True):
        check = results[0]
        ran = [
            (result.seconds, score.id)
            for result, score in zip(results, scores, strict=True)
            if result.seconds
        ]
        longest_seconds, longest = max(ran, default=(0.0, ""))
        found.append(
            CheckStatistics(
                check=check.check,
                notebook=check.notebook,
                points=check.points,
                ends=Counter(map(end_of, results)),
                average=statistics.fmean(result.earned for result in results),
                median_seconds=statistics.median(second for second, _ in ran) if ran else 0.0,
                longest_seconds=longest_seconds,
                longest=longest,
            )
        )
    return found


def end_of(result: CheckResult) -> str:
    """Return one of ENDS: a wrong answer that earns something is partly right."""
    if result.kind == Kind.WRONG and result.earned > 0:
        return "partly"
    return result.kind.value if result.kind in ENDS else "other"


def common_mistakes(scores: Iterable[Score]) -> list[CommonMistake]:
    """Return what went wrong, and first what most students did.

    A mistake that is known goes by its name, and any other by what the verdict's first line says.
    One that was made in a block shows in the checks of all that use the block, and counts once; so
    does what the age of the code makes of many checks.
    """
    students = defaultdict(list)
    for score in scores:
        seen = set()
        for result in score.checks:
            once = result.mistake or result.cause
            if not result.kind.is_red or once in seen:
                continue
            if once:
                seen.add(once)
            told = ": ".join(filter(None, (result.kind.words, result.headline)))
            name = once or told
            students[result.check, name, bool(result.mistake)].append(score.student)
    found = [CommonMistake(*key, tuple(names)) for key, names in students.items()]
    return sorted(found, key=lambda common: (-len(common.students), common.check, common.name))


def counts_of_reasons(scores: Iterable[Score]) -> list[tuple[ReasonCode, int]]:
    """Return for each ReasonCode that there is how many submissions have it, most first."""
    counts = Counter(code for score in scores for code in {reason.code for reason in score.reasons})
    order = list(ReasonCode)
    return sorted(counts.items(), key=lambda pair: (-pair[1], order.index(pair[0])))


def bins(scores: Sequence[Score], width: int = 10) -> list[tuple[float, float, int]]:
    """Return triples (from, to, how many): the points of a class in steps of `width`.

    The last bin holds those with all points too.
    """
    most = max((score.possible for score in scores), default=0.0)
    edges = list(range(0, math.ceil(most), width)) or [0]
    counts = Counter(min(int(score.earned // width), len(edges) - 1) for score in scores)
    ends = [*edges[1:], most]
    return [(start, end, counts[place]) for place, (start, end) in
            enumerate(zip(edges, ends, strict=True))]  # fmt: skip


def mean_and_median(scores: Iterable[Score]) -> tuple[float, float]:
    """Return mean and median of the points."""
    earned = [score.earned for score in scores]
    return statistics.fmean(earned), statistics.median(earned)


def _several(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    return f"{', '.join(names[:_MOST_NAMES])}{more}"


def _not_run(check: Check) -> CheckResult:
    line = f"{Kind.NOT_RUN.words}: {check.name}"
    return CheckResult(
        check.name, check.notebook, float(check.points), 0.0, Kind.NOT_RUN, text=line
    )
