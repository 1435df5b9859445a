"""With which inputs wrong code is right: "It is right as soon as gamma is 1".

A file in `course/examples` declares for a check two plain inputs, where each known property is
absent, and properties with what they change. Each input is drawn several times. Something is said
only of what is wrong for all draws of both plain inputs, and right for all draws of both inputs
with the property: so what is said is true, though it need not be the whole truth.

    @toggles(
        "predict",
        predict,
        plain=[{"N": 3, "D": 2}, {"N": 4, "D": 3}],
        properties={"there is one example": {"N": 1}},
    )
    def draws(rng, N, D):
        return {"X": rng.standard_normal((N, D)), "w": rng.standard_normal(D), "b": 2}

A property has to leave every mistake a chance to show: inputs that turn a whole path into zeros
would prove nothing.
"""

import zlib

import numpy as np

from . import recorded_examples
from .comparison import TOLERANCE, is_numeric, scale
from .example_view import listed

# With three draws, mistakes that clip values were called right where they were not.
DRAWS = 6
# How many properties are told.
_MOST_TOLD = 2
# Of weights that repeat at no step: no two numbers can change places unnoticed.
_FREQUENCY = np.sqrt(2.0)
_WORDS = "words"


class Toggles:
    """What the mistakes of one check may hang on. It can be called as the function that draws.

    check: its name. function: as in a ladder. draw: a function of a generator and parameters that
    returns inputs by name. plain: the parameters of plain inputs. properties: by the words that
    follow "as soon as", what is changed of the parameters: one change for all plain inputs, or a
    list with one for each. includes: {a special property: more general ones}: where a general one
    is enough, the special one is not told.
    """

    def __init__(self, check, function, draw, plain, properties, includes=()):
        self.check = check
        self.function = function
        self.draw = draw
        self.plain = tuple(plain)
        self.properties = dict(properties)
        self.includes = dict(includes)

    def __call__(self, *drawn, **parameters):
        return self.draw(*drawn, **parameters)

    def parameters(self, number, words=None):
        """Return the parameters of a plain input, with a property or as they are."""
        if words is None:
            return self.plain[number]
        change = self.properties[words]
        return self.plain[number] | (change[number] if isinstance(change, list) else change)

    def inputs(self, number, words=None):
        """Yield the inputs of all draws: plain input `number`, with a property or as it is."""
        parameters = self.parameters(number, words)
        seed = zlib.crc32(f"{self.check}, {words}".encode())
        for draw in range(DRAWS):
            yield self.draw(np.random.default_rng([seed, number, draw]), **parameters)

    def record(self, values_of):
        """Return what is recorded, for each plain input: the prints of each draw of it, and for
        each property one print for all draws, by the names of what comes out.

        `values_of(function, inputs, words)` is what the reference answers.
        """
        recorded = []
        for number in range(len(self.plain)):
            answers = [values_of(self.function, i, "plain") for i in self.inputs(number)]
            properties = {}
            for words in self.properties:
                toggled = [values_of(self.function, i, words) for i in self.inputs(number, words)]
                properties[words] = {n: print_of([a[n] for a in toggled]) for n in toggled[0]}
            plain = {n: [print_of([a[n]]) for a in answers] for n in answers[0]}
            recorded.append((plain, properties))
        return recorded


def toggles(check, function, *, plain, properties, includes=()):
    """Make Toggles of a function that draws inputs.

    Raises ValueError for fewer than two plain inputs: one proves too little.
    """
    if len(plain) < 2:
        raise ValueError(f"{check} has {len(plain)} plain inputs, expected two")
    return lambda draw: Toggles(check, function, draw, plain, properties, includes)


def toggle(check, under_test, answer_of):
    """Return a sentence on the inputs that wrong code is right with, or "" if there are none.

    `answer_of` runs one example, as examples.answer_of does.
    """
    recorded = recorded_examples.load(check.course).get(check.name)
    if not recorded:
        return ""
    found = check.course.examples_of(check.name, Toggles)
    for each, expected in zip(found, recorded.toggles, strict=False):

        def ask(inputs, function=each.function):
            return answer_of(under_test, check.name, function, inputs)

        if sentence := _Trial(each, expected, ask).sentence():
            return sentence
    return ""


class _Trial:
    """Code under test, run on the inputs of Toggles as far as is needed."""

    def __init__(self, toggles, expected, ask):
        self._toggles = toggles
        self._expected = expected
        self._ask = ask

    def sentence(self):
        wrong, right = self._plain()
        if not wrong:
            return ""
        # What is wrong for some draws only is neither: nothing is said of the whole then.
        told_apart = wrong | right == set(self._names)
        fixed = {}
        for words in self._toggles.properties:
            cured, whole = self._right_with(words)
            cured = [name for name in cured if name in wrong]
            if cured:
                fixed[words] = "it" if whole and told_apart else listed(cured)
        if not fixed:
            return ""
        subjects = list(fixed.values())
        subject = "it" if "it" in subjects else subjects[0]
        told = [words for words, what in fixed.items() if what == subject]
        told = [w for w in told if not set(told) & set(self._toggles.includes.get(w, ()))]
        told = told[:_MOST_TOLD]
        verb = "are" if " and " in subject else "is"
        start = "It" if subject == "it" else f"Your {subject}"
        return f"{start} {verb} right as soon as {', or as soon as '.join(told)}."

    @property
    def _names(self):
        return list(self._expected[0][0])

    def _plain(self):
        """Return the names of what is wrong for all draws, and of what is right for all."""
        seen = {name: [] for name in self._names}
        for number, (plain, _) in enumerate(self._expected):
            for draw, inputs in enumerate(self._toggles.inputs(number)):
                answer = self._ask(inputs)
                if answer.unfilled:
                    return set(), set()
                for name in seen:
                    seen[name].append(agrees(_values([answer], name), plain[name][draw]))
        return (
            {name for name, answers in seen.items() if not any(answers)},
            {name for name, answers in seen.items() if all(answers)},
        )

    def _right_with(self, words):
        """Return the names of what is right for all draws of all inputs with a property.

        And whether nothing else is wrong: no other value, and no input that is overwritten. What is
        zero with the property is not named: many a mistake would be right there.
        """
        right, there, clean = set(self._names), set(), True
        for number, (_, properties) in enumerate(self._expected):
            answers = []
            for inputs in self._toggles.inputs(number, words):
                answer = self._ask(inputs)
                if answer.crash:
                    return [], False
                answers.append(answer)
                clean = clean and not answer.overwritten
            expected = properties.get(words, {})
            there |= expected.keys()
            right = {n for n in right if n in expected and agrees(_values(answers, n), expected[n])}
            if not right:
                break
        whole = clean and right == there
        if there != set(self._names) and not whole:
            return [], False  # a value of the same name may be another thing here
        names = [name for name in self._names if name in right and not self._is_zero(name, words)]
        return names, whole

    def _is_zero(self, name, words):
        """Whether a value is zero for all draws of an input with a property."""
        prints = [properties[words][name] for _, properties in self._expected]
        return any(shape != _WORDS and abs(number) < TOLERANCE for shape, number in prints)


def print_of(arrays):
    """Return what is kept of arrays of one shape: that, and a weighted sum of all their values."""
    if not is_numeric(arrays[0]):
        return _WORDS, float(zlib.crc32("\n".join(map(str, arrays)).encode()))
    values = np.concatenate([array.ravel() for array in arrays]).astype(np.float64)
    weights = np.sin(_FREQUENCY * np.arange(1, values.size + 1))
    return arrays[0].shape, float(weights @ values)


def agrees(arrays, expected):
    """Whether arrays may be those that a print was made of: None stands for one that is missing."""
    shape, number = expected
    if any(array is None for array in arrays):
        return False
    if shape == _WORDS or not all(array.dtype.kind in "biuf" for array in arrays):
        return shape == _WORDS and print_of(arrays) == expected
    if any(array.shape != shape for array in arrays):
        return False
    values = np.concatenate([array.ravel() for array in arrays]).astype(np.float64)
    with np.errstate(all="ignore"):
        off = abs(print_of(arrays)[1] - number)
    return bool(off <= TOLERANCE * scale(values))


def _values(answers, name):
    return [None if answer.crash else answer.values.get(name) for answer in answers]
