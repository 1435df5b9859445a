"""The smallest example that goes wrong: a few whole numbers, what should come out, what does.

A file in `course/examples` writes a ladder for a check: a function of the student's functions, as a
check is, and inputs for it from the simplest to less simple ones.

    @ladder(
        "predict",
        rung("one example of one number", X=[[2]], w=[3], b=1),
        rung("two examples", X=[[2], [5]], w=[3], b=1),
    )
    def predict(student, run, X, w, b):
        return {"predictions": student.predict(X, w, b)}

Lists become arrays of float64. What the reference answers is recorded, so nothing here hangs on a
seed, and what is shown can be worked out by hand.
"""

import contextlib
import copy
import warnings
from dataclasses import dataclass, field

import numpy as np

from . import recorded_examples
from .comparison import difference
from .example_view import Example, as_shown, listed, pair_as_shown
from .outcome import SIDE_EFFECT, Crash, as_array
from .run import Functions, Run
from .toggling import Toggles, toggle

# How many numbers an example shows. What is wrong first is shown whatever its size.
_MOST_NUMBERS = 24
# What networks draw their first weights from, in an example.
_SEED = 231


@dataclass(frozen=True)
class Rung:
    """One example: what is special about it, and its inputs by name."""

    words: str
    inputs: dict = field(default_factory=dict)


class Ladder:
    """Examples of one check, from the simplest to less simple ones.

    It can be called as the function that it is made of: with the student's functions, a run and
    inputs by name.
    """

    def __init__(self, check, function, rungs):
        self.check = check
        self.function = function
        self.rungs = tuple(rungs)

    def __call__(self, *arguments, **inputs):
        return self.function(*arguments, **inputs)


def rung(words, **inputs):
    """Make a Rung. Lists among the inputs become arrays, also those in dictionaries."""
    return Rung(words, {name: _as_input(value) for name, value in inputs.items()})


def ladder(check, *rungs):
    """Make a Ladder of a function of the student's functions, a run, and inputs by name.

    Several ladders for one check are one after the other, in the order of their file.

    Raises ValueError if two of the rungs have the same words.
    """
    words = [rung.words for rung in rungs]
    if len(set(words)) < len(words):
        raise ValueError(f"two examples for {check} are called the same, expected words for each")
    return lambda function: Ladder(check, function, rungs)


@dataclass
class Answer:
    """What comes out of one example.

    values: by name. premise: what a backward pass starts from, by name. overwritten: of inputs that
    were changed, what they were before and after. crash: what ended it. unfilled: whether a block
    that it needs is not written yet.
    """

    values: dict = field(default_factory=dict)
    premise: dict = field(default_factory=dict)
    overwritten: dict = field(default_factory=dict)
    crash: Crash | None = None
    unfilled: bool = False


def answer_of(under_test, check, function, inputs):
    """Return the Answer of the code under test to one example; nothing is raised.

    Only KeyboardInterrupt gets through.
    """
    run = _RunOfExample(under_test, check)
    values = {}
    before = np.random.get_state()
    np.random.seed(_SEED)
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            found = function(Functions(run), run, **copy.deepcopy(inputs))
            values = {name: as_array(value) for name, value in found.items()}
    except (Exception, SystemExit) as error:
        run.note(error)
    finally:
        np.random.set_state(before)
    crashes = run.outcome.crashes
    return Answer(
        values,
        run.premise,
        run.overwritten,
        crashes[0] if crashes else None,
        bool(run.outcome.unfilled),
    )


class _RunOfExample(Run):
    """A run that keeps what inputs have become, and what a backward pass starts from."""

    def __init__(self, under_test, check):
        super().__init__(under_test, check, np.random.default_rng(_SEED))
        self.premise, self.overwritten = {}, {}

    def compare_input(self, name, before, after):
        super().compare_input(name, before, after)
        entry = self.outcome.entries.get(f"inputs: {name}")
        changed = before.shape != after.shape or before.tobytes() != after.tobytes()
        if changed and entry is not None and entry.kind == SIDE_EFFECT:
            argument = name.partition(" of ")[0]
            self.overwritten.setdefault(argument, (as_array(before), as_array(after)))

    def starts_from(self, out):
        self.premise.setdefault("out", as_array(out))


def explain_by_example(check, under_test):
    """Return what examples have to say to wrong code: (a sentence or "", an Example or None).

    The sentence says with which inputs it is right, and is proved by running them. Whatever the
    code under test does, nothing is raised but KeyboardInterrupt.
    """
    sentence, example = "", None
    with contextlib.suppress(Exception):
        sentence = toggle(check, under_test, answer_of)
    with contextlib.suppress(Exception):
        example = smallest_example(check, under_test)
    return sentence, example


def smallest_example(check, under_test):
    """Return the first example of a check that goes wrong, an Example, or None if none does.

    Nothing is said where a block is not written yet, and where nothing was recorded.
    """
    recorded = recorded_examples.load(check.course).get(check.name)
    for function, one in rungs_of(check):
        expected = recorded.rungs.get(one.words) if recorded else None
        if expected is None:
            continue
        answer = answer_of(under_test, check.name, function, one.inputs)
        if answer.unfilled:
            return None
        if wrong := _wrong_in(answer, expected):
            return _example(check, one, answer, expected, wrong)
    return None


def rungs_of(check):
    """Return pairs (function, Rung) of a check, from the simplest to less simple ones."""
    ladders = check.course.examples_of(check.name, Ladder)
    return [(ladder.function, one) for ladder in ladders for one in ladder.rungs]


def record(check, reference):
    """Return what the reference answers to a check's examples, a recorded_examples.Recorded.

    Raises RuntimeError if the reference crashes, or overwrites an input.
    """
    rungs = {}
    for function, one in rungs_of(check):
        answer = _sound(answer_of(reference, check.name, function, one.inputs), check, one.words)
        rungs[one.words] = answer.values | {_premise(n): a for n, a in answer.premise.items()}
    toggles = [
        each.record(lambda function, inputs, words: _sound(
            answer_of(reference, check.name, function, inputs), check, words
        ).values)
        for each in check.course.examples_of(check.name, Toggles)
    ]  # fmt: skip
    return recorded_examples.Recorded(rungs, toggles)


def _sound(answer, check, words):
    if answer.crash or answer.overwritten or answer.unfilled:
        raise RuntimeError(
            f"the reference itself does not pass an example of {check.name}, {words}: "
            f"{answer.crash or answer.overwritten or 'a block is not filled in'}"
        )
    return answer


def _as_input(value):
    if isinstance(value, list | tuple):
        return np.array(value, np.float64)
    if isinstance(value, dict):
        return {key: _as_input(inner) for key, inner in value.items()}
    return value


def _premise(name):
    """Name what a backward pass starts from, among what is recorded."""
    return f"{name} of the forward pass"


def _wrong_in(answer, expected):
    """Return what is not as expected: the names of values, of inputs, or a crash."""
    if answer.crash:
        return ["crash"]
    names = [name for name in expected if name not in map(_premise, answer.premise)]
    wrong = [name for name in names if _differs(answer.values.get(name), expected[name])]
    return wrong + list(answer.overwritten)


def _differs(got, expected):
    try:
        return got is None or difference(got, expected) is not None
    except Exception:  # what cannot be compared is not what was expected
        return True


def _example(check, one, answer, expected, wrong):
    """Describe an example that goes wrong."""
    given = {name: as_shown(value) for name, value in one.inputs.items()}
    left = _MOST_NUMBERS - sum(shown.count for shown in given.values())
    outputs = [name for name in expected if name not in map(_premise, answer.premise)]
    wanted = {name: expected[name] for name in outputs}
    wanted |= {_after(name): before for name, (before, _) in answer.overwritten.items()}
    got = answer.values | {_after(name): after for name, (_, after) in answer.overwritten.items()}
    names = outputs if answer.crash else [n if n in expected else _after(n) for n in wrong]
    shown, also = {}, []
    for name in names:
        pair = pair_as_shown(wanted[name], got.get(name))
        if shown and sum(each.count for each in pair if each) > left:
            also.append(name)
            continue
        shown[name] = pair
        left -= sum(each.count for each in pair if each)
    right = [] if answer.crash else [name for name in outputs if name not in wrong]
    return Example(
        check=check.name,
        words=one.words,
        given=given,
        expected={name: pair[0] for name, pair in shown.items()},
        yours={name: pair[1] for name, pair in shown.items() if pair[1]},
        right=tuple(right),
        notes=tuple(_notes(answer, expected, shown, also)),
    )


def _notes(answer, expected, shown, also):
    """Yield sentences on what is not told by numbers."""
    if answer.crash:
        message = answer.crash.message.splitlines()[:1]
        yield f"Your code stops here with {': '.join([answer.crash.type, *message])[:200]}"
        for frame in answer.crash.frames[-1:]:
            yield f"at {frame.path}, line {frame.line}: {frame.source}"
        return
    missing = [name for name in shown if name in expected and name not in answer.values]
    for names, what in ((missing, "missing"), (also, "wrong too")):
        if names:
            yield f"{listed(names)} {'is' if len(names) == 1 else 'are'} {what}."
    for name, array in answer.premise.items():
        wanted = expected.get(_premise(name))
        if wanted is not None and _differs(array, wanted):
            yield (
                "The forward pass that this starts from gives something else than expected: "
                "look there first."
            )


def _after(name):
    return f"{name} afterwards"
