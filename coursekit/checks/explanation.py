"""What an answer can be explained by: the mistakes that do to each array what was done to it.

A mistake predicts some wrong entries, and with them all others right. The least that explains an
answer is told: one mistake, else one that does where the answer can be seen, else two, else one for
a group of entries. A sentence that may be false is worse than none, so that each step asks for more
than that nothing speaks against it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from .signatures import signature_of

if TYPE_CHECKING:
    from .outcome import Outcome
    from .signatures import Class, Saying, Signature, Signatures

# Between names of mistakes that look alike, and of mistakes made at once. No name has them in it.
OR, AND = " | ", " + "
# An answer that only ends in an exception is named if no more mistakes than that end so.
_MOST_ALIKE = 16
# How many different sentences may fit a class before none is told.
_MOST_SENTENCES = 30
# In a group of fewer arrays than that, two mistakes look the same by chance now and then.
_LEAST_IN_PART = 3
# How many classes are tried with one another.
_MOST_PAIRED = 300
# Names that Python does not know: mutants have them for reasons of their own.
_OF_PYTHON = ("NameError", "UnboundLocalError", "SyntaxError", "IndentationError", "ImportError")


def names_in(mistake: str) -> tuple[str, ...]:
    """Return the single names in what a verdict calls its mistake."""
    names = (name for alike in mistake.split(OR) for name in alike.split(AND))
    return tuple(dict.fromkeys(filter(None, names)))


@dataclass(frozen=True)
class Explanation:
    """What is told of an answer: the mistake's name, for graders, and sentences for the student."""

    name: str = ""
    sentences: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.name)


def explain(
    outcome: Outcome, expected: Outcome, wrong: Sequence[str], known: Signatures
) -> Explanation:
    """Return the Explanation of an outcome, a false one if nothing explains it.

    Parameters
    ----------
    outcome, expected : Outcome
        The answer, and the reference's on the same inputs.
    wrong : sequence of str
        The entries that are not right, without those that cost nothing.
    known : Signatures
        What mistakes do on these inputs.
    """
    if not known or any(crash.type in _OF_PYTHON for crash in outcome.crashes):
        return Explanation()
    answer = _Answer(outcome, expected, signature_of(outcome, expected, wrong), known)
    steps = (_whole, _where_seen, _two, _in_part) if answer.failed or answer.missing else ()
    found: list[_Found] = next(filter(None, (step(answer) for step in steps)), [])
    found += _effects(answer, found)
    return _told(found[:2])


def foreseen(signature: Signature, known: Signatures) -> bool:
    """Whether some class predicts exactly what is wrong with an answer."""
    number = {name: place for place, name in enumerate(known.entries)}
    if not {*signature.wrong, *signature.missing} <= number.keys():
        return False
    matches = {
        number[name]: frozenset(known.matching(name, mark).tolist())
        for name, mark in signature.wrong.items()
    }
    missing = frozenset(number[name] for name in signature.missing)
    return any(
        one.prints.keys() == matches.keys()
        and all(print_ in matches[entry] for entry, print_ in one.prints.items())
        and (one.missing, one.crashes, one.effects)
        == (missing, signature.crashes, signature.effects)
        for one in known.classes
    )


@dataclass(frozen=True)
class _Found:
    """A class that explains something; of a group alone if that has a name."""

    found: Class
    group: str = ""

    @property
    def names(self) -> str:
        return OR.join(dict.fromkeys(AND.join(s.name for s in told) for told in self.found.sayings))

    @property
    def sentences(self) -> list[str]:
        """The sentences of one mistake or of two made at once, and of another that looks so."""
        first, *others = self.found.sayings
        told = [_sentence(saying, self.group) for saying in first]
        other = [_sentence(saying, self.group) for alike in others[:1] for saying in alike]
        return [*told, *(f"Or else: {sentence}" for sentence in other if sentence not in told)]


def _sentence(saying: Saying, group: str) -> str:
    if saying.known:
        return f"{group}: {saying.sentence}" if group else saying.sentence
    begin = f"{group}: it is as if" if group else "It is as if"
    return f"{begin} {saying.sentence}"


class _Answer:
    """An answer in terms of what is known: which prints each wrong entry agrees with."""

    def __init__(
        self, outcome: Outcome, expected: Outcome, signature: Signature, known: Signatures
    ) -> None:
        self.known = known
        self.signature = signature
        self.groups = {e.name: e.group for e in expected.entries.values()}
        number = {name: place for place, name in enumerate(known.entries)}
        # Entries that no mistake has made wrong so far get numbers of their own.
        for name in (*signature.wrong, *signature.missing):
            number.setdefault(name, len(number))
        self.names = {place: name for name, place in number.items()}
        self.failed = frozenset(number[name] for name in signature.wrong)
        self.missing = frozenset(number[name] for name in signature.missing)
        self.matches = {
            number[name]: frozenset(known.matching(name, mark).tolist())
            for name, mark in signature.wrong.items()
        }
        self.solid = frozenset(
            number[name]
            for name in signature.wrong
            if _holds_numbers(expected.entries[name].array)
            and not signature.wrong[name].words.endswith("huge")
        )
        self.crashed = bool(outcome.crashes)

    def matched(self, one: Class) -> frozenset[int]:
        """Return the entries that a class explains."""
        return frozenset(e for e, p in one.prints.items() if p in self.matches.get(e, ()))

    def shows(self, entries: frozenset[int]) -> bool:
        """Whether there is an array of numbers among entries, which no chance makes agree."""
        return bool(self.solid & entries)


def _holds_numbers(array: NDArray[Any]) -> bool:
    return array.dtype.kind == "f" and array.size > 1


def _whole(answer: _Answer) -> list[_Found]:
    """Return the class that predicts all of an answer and nothing else."""
    mine = answer.signature
    candidates = [
        one
        for one in answer.known.classes
        if one.prints.keys() == answer.failed
        and len(answer.matched(one)) == len(answer.failed)
        and one.missing == answer.missing
        and _is_told(one)
    ]
    candidates = [one for one in candidates if one.crashes == mine.crashes] or candidates
    best = _first([c for c in candidates if c.effects == mine.effects] or candidates)
    if best is None:
        return []
    if answer.shows(answer.failed):
        return [_Found(best)]
    # Nothing but booleans, single numbers or words: anybody's, but for what was written for it.
    alone = best.crashes == mine.crashes and best.is_known and len(best.sayings[0]) == 1
    ends = answer.crashed and not answer.failed
    return [_Found(best)] if alone and not (ends and best.count > _MOST_ALIKE) else []


def _where_seen(answer: _Answer) -> list[_Found]:
    """Return the class that predicts all of an answer, as far as both can be seen."""
    mine = answer.signature
    if not (answer.missing or answer.crashed):
        seen = [one for one in answer.known.classes if one.missing & answer.failed]
    else:
        seen = answer.known.classes
    candidates = []
    for one in seen:
        if not _is_told(one):
            continue
        matched = answer.matched(one)
        unseen = answer.missing | one.missing
        predicted = one.prints.keys() - unseen
        if predicted == matched - unseen == answer.failed - unseen and answer.shows(matched):
            # What the class does not reach, and the answer has right, speaks against it.
            reached = one.missing - answer.missing - answer.failed
            if not reached and 2 * len(matched) >= len(answer.failed):
                candidates.append(one)
    best = _first([c for c in candidates if c.crashes == mine.crashes] or candidates)
    return [] if best is None else [_Found(best)]


def _two(answer: _Answer) -> list[_Found]:
    """Return two classes that predict all of an answer together, each of them something alone."""
    partners = []
    for one in answer.known.classes:
        touched = frozenset(one.prints)
        if _is_told(one) and len(one.sayings[0]) == 1 and not one.missing - answer.missing:
            matched = answer.matched(one)
            if touched <= answer.failed | answer.missing and answer.shows(matched):
                partners.append((one, touched, matched))
    partners.sort(key=lambda partner: (not partner[0].is_known, -len(partner[2])))
    best: list[_Found] = []
    fewest: tuple[int, ...] = ()
    for place, (one, touched, matched) in enumerate(partners[:_MOST_PAIRED]):
        for other, other_touched, other_matched in partners[place + 1 : _MOST_PAIRED]:
            together = matched | other_matched
            free = answer.failed - together
            # Where both did something, what comes of it is neither's.
            both = touched & other_touched
            if not free <= both or 2 * len(free) > len(answer.failed):
                continue
            if (touched - matched) - answer.missing - both:
                continue
            if (other_touched - other_matched) - answer.missing - both:
                continue
            alone = answer.shows(matched - other_touched)
            if not alone or not answer.shows(other_matched - touched):
                continue
            known = one.is_known + other.is_known
            score = (known, -len(free), len(together))
            if not best or score > fewest:
                best, fewest = [_Found(one), _Found(other)], score
    return best


def _in_part(answer: _Answer) -> list[_Found]:
    """Return the class that explains one group of entries and contradicts none, said of it only."""
    groups: dict[str, set[int]] = {}
    for entry in sorted(answer.failed):
        groups.setdefault(answer.groups.get(answer.names[entry], ""), set()).add(entry)
    found = []
    for group, entries in groups.items():
        if not answer.shows(frozenset(entries)) or len(groups) == 1:
            continue
        candidates = [one for one in answer.known.classes if _fits(answer, one, group, entries)]
        # One that touches this group alone needs no other explanation for the rest.
        pure = [one for one in candidates if one.prints.keys() <= entries]
        if len(answer.solid & entries) < _LEAST_IN_PART:
            pure, candidates = [one for one in pure if one.is_known], []
        best = _first(pure or candidates)
        if best is not None:
            found.append(_Found(best, group))
    return found[:2]


def _fits(answer: _Answer, one: Class, group: str, entries: set[int]) -> bool:
    if not _is_told(one) or len(one.sayings[0]) > 1 or one.missing - answer.missing:
        return False
    if not entries <= answer.matched(one):
        return False
    if any(answer.groups.get(answer.names[e]) == group for e in one.prints.keys() - entries):
        return False
    return one.prints.keys() <= answer.failed | answer.missing


def _effects(answer: _Answer, found: Iterable[_Found]) -> list[_Found]:
    """Return the classes that explain what a function did apart from its values."""
    left = set(answer.signature.effects)
    for one in found:
        left -= one.found.effects
    if not left:
        return []
    pure = [
        one
        for one in answer.known.classes
        if one.effects and one.is_known and not one.prints and not one.missing
        and one.effects <= left
    ]  # fmt: skip
    best = max(pure, key=lambda one: len(one.effects), default=None)
    return [] if best is None else [_Found(best)]


def _is_told(one: Class) -> bool:
    """Whether there is something to say of a class, and not too much."""
    return bool(one.sayings) and (one.is_known or one.count <= _MOST_SENTENCES)


def _first(candidates: Iterable[Class]) -> Class | None:
    """Return the class that is likeliest: what somebody wrote down, in the order of the list."""
    return min(candidates, key=lambda one: (not one.is_known, len(one.sayings[0])), default=None)


def _told(found: Sequence[_Found]) -> Explanation:
    if not found:
        return Explanation()
    sentences = dict.fromkeys(sentence for one in found for sentence in one.sentences)
    names = AND.join(dict.fromkeys(one.names for one in found))
    return Explanation(names, tuple(filter(None, sentences))[:2])
