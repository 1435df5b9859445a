"""From an outcome to a verdict, by comparison with the outcome of the reference.

This is all that grading needs outside the student's process: two outcomes, and no code under test.
"""

import numpy as np

from .comparison import difference
from .diagnosis import Mismatch, diagnose
from .outcome import CONDUCT, REMARK, VALUE
from .signatures import matching, signature_of
from .verdict import CRASHED, NOT_ATTEMPTED, NOT_COMPARABLE, PASSED, WRONG, Part, Verdict


def judge(outcome, expected, points=1, mistakes=(), weights=None):
    """Return the verdict on `outcome`, where `expected` is the reference's on the same inputs.

    `weights` are those of the groups, 1 where nothing is said. `mistakes` are known ones on the
    same inputs: pairs (Signature, something with a `name` and a `sentence`). An outcome that is
    wrong in the same way gets both.
    """
    if not _same_stream(outcome, expected):
        return Verdict(
            check=outcome.name,
            kind=NOT_COMPARABLE,
            possible=points,
            headline="other random numbers",
            sentences=(
                f"The generator of numpy {np.__version__} draws other numbers here than where the "
                "expected values come from, so the answer belongs to other inputs. This says "
                "nothing about your code: tell your instructors, and name the version.",
            ),
        )
    parts = tuple(_parts(outcome, expected))
    kind, headline, sentences, frames = _summary(outcome, parts)
    known = []
    if kind in (WRONG, CRASHED):
        known = matching(signature_of(outcome, _wrong(parts)), mistakes)
    told = _told(known)
    return Verdict(
        check=outcome.name,
        kind=kind,
        parts=parts,
        possible=points,
        weights=weights or {},
        headline=headline,
        sentences=told or tuple(sentences),
        frames=frames,
        mistake=" or ".join(dict.fromkeys(mistake.name for mistake in known)),
    )


def signature(outcome, expected):
    """Return the Signature of an outcome, given the reference's on the same inputs."""
    return signature_of(outcome, _wrong(_parts(outcome, expected)))


def _wrong(parts):
    """Name the entries that are not right, without those that cost nothing."""
    return [part.name for part in parts if not part.ok and part.kind != REMARK]


def _told(known):
    """Return the sentences of mistakes that cannot be told apart, the likelier one first."""
    first, *others = dict.fromkeys(mistake.sentence for mistake in known if mistake.sentence) or [
        ""
    ]
    if not first:
        return ()
    return (first, *(f"Or else: {other}" for other in others[:1]))


def _same_stream(outcome, expected):
    return outcome.stream.shape == expected.stream.shape and np.allclose(
        outcome.stream, expected.stream, rtol=1e-12, atol=0
    )


def _parts(outcome, expected):
    """Yield a part for each entry that counts."""
    for wanted in expected.entries.values():
        entry = outcome.entries.get(wanted.name)
        if wanted.wanted is not None:
            # Which inputs a function has is its own affair, but float32 is asked of everybody.
            if entry is None and wanted.kind == CONDUCT and wanted.group == "float32":
                yield Part(wanted.name, CONDUCT, ok=False, what=_why_missing(outcome))
            continue
        if entry is None:
            # A remark on what was never computed would only add to the noise.
            if wanted.kind == VALUE:
                yield Part(wanted.name, VALUE, ok=False, what=_why_missing(outcome))
            continue
        what = difference(entry.array, wanted.array)
        pattern = sentence = ""
        if what and wanted.kind == VALUE:
            pattern, sentence = diagnose(Mismatch(entry, wanted, outcome, expected))
        yield Part(wanted.name, wanted.kind, what is None, what or "", pattern, sentence)
    for entry in outcome.entries.values():
        if entry.wanted is not None and entry.kind in (CONDUCT, REMARK):
            got = str(entry.array)
            what = "" if got == entry.wanted else f"{got}, expected {entry.wanted}"
            yield Part(entry.name, entry.kind, not what, what)


def _why_missing(outcome):
    return "not reached" if outcome.crashes or outcome.unfilled else "missing"


def _summary(outcome, parts):
    """Return kind, headline, sentences and frames, by the first of these that applies."""
    if outcome.unfilled:
        return NOT_ATTEMPTED, "", [_sentence_on(outcome.unfilled[0])], ()
    if _nothing_computed(outcome):
        return NOT_ATTEMPTED, "", [f"{outcome.name} returns None: nothing is computed yet."], ()
    if outcome.crashes:
        crash = outcome.crashes[0]
        where = f" ({crash.case})" if crash.case else ""
        said = ": ".join(filter(None, (f"{crash.type}{where}", _first_line(crash.message))))
        return CRASHED, said, [], crash.frames
    wrong = [part for part in parts if not part.ok and part.kind != REMARK]
    if not wrong:
        return PASSED, "", [], ()
    groups = list(dict.fromkeys(part.group for part in parts))  # in the order of the check
    wrong.sort(key=lambda part: groups.index(part.group))
    headline = ", ".join(dict.fromkeys(part.group for part in wrong))
    return WRONG, headline, _sentences_on(wrong), ()


def _sentences_on(wrong):
    """Return a sentence for each pattern, two at most: more would not be read.

    A pattern has to show in half of what is wrong in its group. In a single one it may be chance.
    """
    sentences = {}
    for seen in wrong:
        alike = [part.pattern == seen.pattern for part in wrong if part.group == seen.group]
        if seen.pattern and 2 * sum(alike) >= len(alike):
            sentences.setdefault(seen.pattern, seen.sentence)
    return list(sentences.values())[:2]


def _nothing_computed(outcome):
    """Whether all values are None, which is what unfilled functions of earlier years return."""
    values = outcome.of_kind(VALUE)
    return bool(values) and all(entry.array.dtype.kind == "U" and entry.array.shape == ()
                                and entry.array.item() == "None" for entry in values)  # fmt: skip


def _sentence_on(unfilled):
    if not unfilled.block:
        return f"Not written yet: {unfilled.message}."
    place = f" ({unfilled.path}, line {unfilled.line})" if unfilled.path else ""
    return f"The block {unfilled.block}{place} is not filled in yet."


def _first_line(message, most=200):
    line = message.splitlines()[0] if message else ""
    return line if len(line) <= most else f"{line[:most]} ..."
