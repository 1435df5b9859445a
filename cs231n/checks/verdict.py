"""The verdict on a check: what it is, what it is worth, and how it reads."""

from dataclasses import dataclass, field

from . import rendering
from .outcome import CONDUCT, REMARK, VALUE, Frame

PASSED, WRONG, CRASHED, NOT_ATTEMPTED = "passed", "wrong", "crashed", "not attempted"
# The inputs were other ones than those the expected values belong to, so nothing can be said.
NOT_COMPARABLE = "not comparable"

# What is left of the points for right values when something about the conduct is wrong.
CONDUCT_SHARE = 3 / 4


@dataclass(frozen=True)
class Part:
    """One entry of a verdict: its name, its kind, whether it is right, and if not, what is wrong.

    `pattern` names what the mistake looks like, where that can be told, and `sentence` says it.
    """

    name: str
    kind: str
    ok: bool
    what: str = ""
    pattern: str = ""
    sentence: str = ""

    @property
    def group(self):
        return self.name.partition(": ")[0]

    @property
    def case(self):
        return self.name.partition(": ")[2]


@dataclass(frozen=True)
class Verdict:
    """What a check has to say about an answer.

    check: its name. kind: PASSED, WRONG, CRASHED, NOT_ATTEMPTED or NOT_COMPARABLE.
    parts: the entries that were compared.
    possible: the points of the check. weights: how much of them a group is worth, 1 where not said.
    headline: what the first line names, after the kind and the check; the same from run to run.
    sentences: what there is to say to the student, in full sentences.
    frames: for CRASHED, the student's lines that led to the exception, outermost first.
    notes: sentences on what the verdict is about, such as code that is not what is on disk.
    mistake: the name of the known mistake that the answer looks like, for graders.
    hints: what there is to say of hints, the hints themselves first.
    """

    check: str
    kind: str
    parts: tuple[Part, ...] = ()
    possible: float = 1
    weights: dict[str, float] = field(default_factory=dict)
    headline: str = ""
    sentences: tuple[str, ...] = ()
    frames: tuple[Frame, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()
    mistake: str = ""
    hints: tuple[str, ...] = ()

    @property
    def passed(self):
        return self.kind == PASSED

    @property
    def earned(self):
        """The points that the answer earns.

        The points are split over the groups of values by their weights, and a group gives its share
        if all of its entries are right. If something about the conduct is wrong, a quarter of that
        is lost, once: so overwriting an input never costs all the points for right values, and
        leaving it alone never earns any for wrong ones.
        """
        if self.kind == NOT_COMPARABLE:
            return 0
        worth = {group: self.weights.get(group, 1) for group in self.groups(VALUE)}
        if not worth:
            return 0
        lost = {part.group for part in self.parts if part.kind == VALUE and not part.ok}
        share = sum(worth[group] for group in worth.keys() - lost) / sum(worth.values())
        if any(not part.ok for part in self.parts if part.kind == CONDUCT):
            share *= CONDUCT_SHARE
        return round(self.possible * share, 2)

    @property
    def remarks(self):
        """The parts that cost nothing and are worth a word."""
        return [part for part in self.parts if part.kind == REMARK and not part.ok]

    def groups(self, kind=VALUE):
        """Return the parts of one kind, by group."""
        groups = {}
        for part in self.parts:
            if part.kind == kind:
                groups.setdefault(part.group, []).append(part)
        return groups

    @property
    def first_line(self):
        """Kind, check and what is wrong, without magnitudes: the same from run to run."""
        return ": ".join(filter(None, (self.kind, self.check, self.headline)))

    def __str__(self):
        return rendering.as_text(self)

    def _repr_html_(self):
        return rendering.as_html(self)

    def _repr_pretty_(self, printer, cycle):
        printer.text(str(self))
