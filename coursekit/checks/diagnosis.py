"""What a wrong answer looks like: a sentence for the student, where there is one to say.

Known mistakes are looked up first, by their signatures (signatures.py). The patterns below need no
list. They look at a group of entries at once, the cases of one array, and a sentence comes out only
if it is so in all of them: in those that are wrong, and in those that are right. What a sentence
says can be read off the numbers. What may have led to them it does not say, since other ways lead
to the same numbers.

To add a pattern, write a function of a Group that returns a sentence with `{}` in the place of the
array's name, or None, and put it into PATTERNS. The first that fits counts. One that is as true
where other cases are right goes into OF_SINGLE_CASES as well.
"""

import itertools
import re
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .comparison import SMALLEST_SCALE, agrees, is_numeric, numbers, scale, wrong_entries
from .outcome import VALUE

# More sentences would not be read.
_MOST = 2
# What is off by less, as a share of the largest expected value, is a small difference, and may look
# like much by chance: like a factor, or like the neighbouring array.
_SMALL = 1e-3
# Arrays that are larger are not looked at: orders of axes are tried out one by one.
_LARGEST = 2**18


@dataclass(frozen=True)
class Case:
    """One entry of a group: its name, what came out and what should have, and whether it is wrong.

    got and expected can be calculated with. kind: that of numpy for the numbers that came out.
    sizes: the lengths that letters stand for.
    """

    name: str
    got: np.ndarray
    expected: np.ndarray
    wrong: bool
    kind: str
    sizes: dict

    @property
    def of_one_shape(self):
        return self.got.shape == self.expected.shape

    @cached_property
    def is_far_off(self):
        """Whether the values are finite, and off by more than small differences."""
        if not (self.of_one_shape and np.isfinite(self.got).all()):
            return False
        off = np.abs(self.got - self.expected).max(initial=0)
        return bool(off > _SMALL * scale(self.expected))

    @cached_property
    def is_telling(self):
        """Whether the expected values are so different that none can be taken for another.

        An array of equal numbers, or one that is mostly zero, looks like itself in any order.
        """
        return _distinct(self.expected) >= max(4, 0.75 * self.expected.size)


@dataclass(frozen=True)
class Group:
    """The cases of one array. others: {group: {case: expected}} of the arrays beside it."""

    name: str
    cases: tuple[Case, ...]
    others: dict

    @property
    def wrong(self):
        return [case for case in self.cases if case.wrong]

    @property
    def right(self):
        return [case for case in self.cases if not case.wrong]

    def name_with(self, cases):
        """Return the name, with some of the cases where not all are meant."""
        if len(cases) == len(self.cases):
            return self.name
        if len(cases) < 3:
            return f"{self.name} ({'; '.join(case.name for case in cases)})"
        return f"{self.name} (in {len(cases)} of {len(self.cases)} cases)"

    @property
    def of_one_shape(self):
        """Whether all that is wrong has the right shape and nothing but finite numbers."""
        return all(case.of_one_shape and np.isfinite(case.got).all() for case in self.wrong)


def seen_in(outcome, expected, wrong):
    """Return sentences on what is seen in an answer, two at most.

    outcome, expected: what came out, and the reference's outcome. wrong: the names of the entries
    that are not right.
    """
    arrays = {}
    with np.errstate(all="ignore"):
        for group in _groups(outcome, expected, set(wrong)):
            for pattern in PATTERNS:
                said = pattern(group)
                if said:
                    of_case = OF_SINGLE_CASES.get(pattern)
                    cases = [case for case in group.cases if of_case is None or of_case(case)]
                    arrays.setdefault(said, []).append(group.name_with(cases))
                    break
    return [said.replace("{}", _listed(names)) for said, names in arrays.items()][:_MOST]


# Patterns


def truth_values(group):
    if all(case.kind == "b" for case in group.wrong):
        return "Every number of {} is True or False."
    return None


def whole_numbers(group):
    """The type holds no others: numbers have been cut off."""
    if not all(case.kind in "iu" for case in group.wrong):
        return None
    if any(np.all(case.expected == np.rint(case.expected)) for case in group.wrong):
        return None
    return "The type of {} is one of integers, which holds whole numbers only."


def not_finite(group):
    """In any of the cases: the others may be wrong for the same reason, and look like anything."""
    if not all(np.isfinite(case.expected).all() for case in group.cases):
        return None
    came = np.concatenate([case.got.ravel() for case in group.wrong])
    names = [name for name, test in (("nan", np.isnan), ("inf", np.isinf)) if test(came).any()]
    if not names:
        return None
    return (
        f"There is {' and '.join(names)} in {{}}. Often the reason is a division by zero, the "
        "logarithm or the root of something that is zero or negative, or exp of something large."
    )


def all_zero(group):
    """Where zeros belong anyway, as behind a relu or a mask, it would say nothing."""
    if not group.of_one_shape or any(case.got.any() for case in group.cases):
        return None
    values = np.concatenate([case.expected.ravel() for case in group.wrong])
    if values.size < 2 or np.mean(np.abs(values) > _SMALL * scale(values)) < 0.75:
        return None
    return "Every number of {} is zero."


def constant_factor(group):
    """One factor in all cases, or one that the lengths of the case explain in all of them."""
    if not group.of_one_shape or not all(case.is_far_off for case in group.wrong):
        return None
    factors = []
    for case in group.cases:
        if np.abs(case.expected).max(initial=0) > SMALLEST_SCALE:  # else any factor would do
            factors.append((_factor(case) if case.wrong else 1.0, case))
        elif case.wrong:
            return None
    if not factors or any(factor is None for factor, _ in factors):
        return None
    first = factors[0][0]
    same = all(np.isclose(factor, first, rtol=1e-6) for factor, _ in factors)
    expression = _expression(factors)
    if not (same or expression) or _may_be_chance(group.wrong, first, expression):
        return None
    if same and np.isclose(first, -1, rtol=1e-6):
        return "Every number of {} has the right size and the opposite sign."
    if expression:
        return f"Every number of {{}} is the expected one times {expression}."
    return f"Every number of {{}} is {_written(first)} times the expected one."


def constant_offset(group):
    """The same in all cases: a single array that is off everywhere by one amount."""
    if not group.of_one_shape or group.right or not all(case.is_far_off for case in group.wrong):
        return None
    offsets = np.concatenate([(case.got - case.expected).ravel() for case in group.wrong])
    values = np.concatenate([case.expected.ravel() for case in group.wrong])
    offset = float(np.real(offsets[0]))
    if offsets.size < 3 or _distinct(values) < 3:
        return None
    if np.abs(offsets - offset).max() > 1e-6 * abs(offset):
        return None
    than = "more" if offset > 0 else "less"
    return f"Every number of {{}} is {_written(abs(offset))} {than} than the expected one."


def rearranged(group):
    """The right values in other places: in what order, if one and the same explains all cases."""
    wrong = group.wrong
    if not any(case.is_telling for case in wrong) or not all(map(_is_permuted, wrong)):
        return None
    dimensions = {case.expected.ndim for case in group.cases}
    for words, change in _rearrangements(*dimensions) if len(dimensions) == 1 else ():
        if all(_is_as(change, case) for case in group.cases):
            return f"The numbers of {{}} are the right ones, {words}."
    if group.right or not all(case.is_telling and case.is_far_off for case in wrong):
        return None
    return "The numbers of {} are the right ones, in other places."


def equal_to_another(group):
    """What belongs into another array of the same cases, if it can be no third one."""
    if not group.of_one_shape or not all(
        case.is_far_off and _distinct(case.got) >= min(3, case.got.size) for case in group.wrong
    ):
        return None
    found = [
        name
        for name, others in group.others.items()
        if all(case.name in others and _is_it(case, others[case.name]) for case in group.cases)
    ]
    size = sum(case.got.size for case in group.wrong)
    if len(found) != 1 or size < 3:
        return None
    return f"What came out as {{}} belongs into {found[0]}."


def some_slices_wrong(group):
    """Right everywhere but in some rows, columns or other slices along one axis."""
    if not all(case.expected.ndim > 1 and case.is_telling for case in group.wrong):
        return None
    places = {_wrong_slices(case) for case in group.wrong} if group.of_one_shape else ()
    if len(places) != 1 or None in places:
        return None
    ((axis, at),) = places
    where = f"index {at[0]}" if len(at) == 1 else f"indices {', '.join(map(str, at))}"
    return f"At {where} of axis {axis}, all numbers of {{}} are wrong, and the rest is right."


def factor_along_axis(group):
    """A factor for each slice along one axis: the values are right but for how they are scaled."""
    if not group.of_one_shape or len({case.expected.ndim for case in group.wrong}) != 1:
        return None
    axes = [
        axis
        for axis in range(group.wrong[0].expected.ndim)
        if all(_has_factors(case, axis) for case in group.wrong)
    ]
    if len(axes) != 1:
        return None
    return (
        f"The numbers of {{}} differ from the expected ones by a factor for each index of axis "
        f"{axes[0]}, and by nothing else."
    )


def other_axes(group):
    """The right values, but for axes of length 1 that are too many or missing."""
    if any(case.of_one_shape or not case.got.size for case in group.wrong):
        return None
    if not all(
        case.got.squeeze().shape == case.expected.squeeze().shape
        and agrees(case.got.reshape(case.expected.shape), case.expected)
        for case in group.wrong
    ):
        return None
    return "The numbers of {} are right, but not the shape."


PATTERNS = (
    truth_values,
    not_finite,
    all_zero,
    whole_numbers,
    constant_factor,
    constant_offset,
    rearranged,
    equal_to_another,
    some_slices_wrong,
    factor_along_axis,
    other_axes,
)
# Those that are as true of some cases alone, and which these are.
OF_SINGLE_CASES = {
    truth_values: lambda case: case.wrong,
    not_finite: lambda case: case.wrong and not np.isfinite(case.got).all(),
    whole_numbers: lambda case: case.wrong,
    some_slices_wrong: lambda case: case.wrong,
    factor_along_axis: lambda case: case.wrong,
    other_axes: lambda case: case.wrong,
}


# Groups


def _groups(outcome, expected, wrong):
    """Yield the groups that can be looked at, of those in which something is wrong."""
    others = {}
    for entry in expected.of_kind(VALUE):
        if is_numeric(entry.array) and entry.array.dtype.kind != "b":
            others.setdefault(entry.group, {})[entry.case] = numbers(entry.array)
    of_group = {}
    for entry in expected.of_kind(VALUE):
        of_group.setdefault(entry.group, []).append(entry)
    for name, entries in of_group.items():
        pairs = [(outcome.entries.get(entry.name), entry) for entry in entries]
        pairs = [pair for pair in pairs if pair[1].name in wrong or _can_be_seen(*pair)]
        if not any(entry.name in wrong for _, entry in pairs):
            continue
        if all(_can_be_seen(*pair) for pair in pairs):
            cases = tuple(_case(*pair, expected.sizes, wrong) for pair in pairs)
            yield Group(name, cases, {key: it for key, it in others.items() if key != name})


def _can_be_seen(entry, wanted):
    return (
        entry is not None
        and is_numeric(entry.array)
        and is_numeric(wanted.array)
        and wanted.array.dtype.kind != "b"
        and max(entry.array.size, wanted.array.size) <= _LARGEST
    )


def _case(entry, wanted, sizes, wrong):
    named = [case for case in sizes if case and case in entry.name]
    return Case(
        wanted.case,
        numbers(entry.array),
        numbers(wanted.array),
        entry.name in wrong,
        entry.array.dtype.kind,
        sizes[max(named, key=len)] if named else {},
    )


def _listed(names):
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


# Factors


def _factor(case):
    """Return the factor between two arrays, or None where there is none but 1."""
    got, expected = case.got, case.expected
    largest = np.unravel_index(np.argmax(np.abs(expected)), expected.shape)
    factor = got[largest] / expected[largest]
    if not np.isfinite(factor) or np.imag(factor) or abs(factor) < _SMALL:
        return None
    factor = float(np.real(factor))
    nearly_one = abs(abs(factor) - 1) < _SMALL and not np.isclose(factor, -1, rtol=1e-7)
    return None if nearly_one or not agrees(got / factor, expected) else factor


def _may_be_chance(cases, factor, expression):
    """Whether the factor may mean nothing: between any two numbers there is one.

    That of a single number means something if it is a round one, or explained by lengths, and the
    number itself is not round.
    """
    values = np.concatenate([case.expected.ravel() for case in cases])
    values = np.abs(values[np.abs(values) > _SMALL * scale(values)])
    if _distinct(values) > 1:
        return False
    round_factor = np.isclose(factor, np.rint(factor), rtol=1e-7) or (
        np.isclose(1 / factor, np.rint(1 / factor), rtol=1e-7)
    )
    round_value = np.isclose(64 * values[0], np.rint(64 * values[0]), rtol=1e-9)
    return bool(round_value or not (round_factor or expression))


def _expression(factors):
    """Write what the factors come from in letters that stand for lengths, if that is certain.

    One expression, and no other, has to explain all cases that have letters: with several values,
    or with one that is no small number, which might be a factor for other reasons.
    """
    signs = {np.sign(factor) for factor, _ in factors}
    lettered = [(abs(factor), case.sizes) for factor, case in factors if case.sizes]
    if len(signs) != 1 or not lettered:
        return None
    explaining = [
        {words for words, value in _expressions(sizes) if np.isclose(value, factor, rtol=1e-7)}
        for factor, sizes in lettered
    ]
    possible = set.intersection(*explaining)
    if len(possible) != 1:
        return None
    (words,) = possible
    first, sizes = lettered[0]
    varies = not np.allclose([factor for factor, _ in lettered], first, rtol=1e-7)
    if not varies and (len(lettered) < len(factors) or "*" in words or not _is_unusual(first)):
        return None
    letters = dict.fromkeys(re.findall(r"[^\W\d]\w*", words))
    where = ", ".join(f"{letter} is {sizes[letter]}" for letter in letters)
    return f"{'-' if -1 in signs else ''}{words}{'' if varies else f' ({where})'}"


def _is_unusual(value):
    """Whether a factor is neither a small whole number nor one over such a number."""
    return all(abs(ratio - round(ratio)) > 1e-6 or ratio > 5.5 for ratio in (value, 1 / value))


def _expressions(sizes):
    """Yield pairs (words, value) of what a factor may come from."""
    plain = sizes | {f"{a} * {b}": sizes[a] * sizes[b] for a, b in itertools.combinations(sizes, 2)}
    for words, value in plain.items():
        if value > 0:
            yield (words, value)
            yield (f"1 / ({words})" if "*" in words else f"1 / {words}", 1 / value)
    for letter, length in sizes.items():
        if length > 1:
            yield (f"({letter} - 1)", length - 1)
            yield (f"1 / ({letter} - 1)", 1 / (length - 1))
            yield (f"{letter} / ({letter} - 1)", length / (length - 1))
            yield (f"({letter} - 1) / {letter}", (length - 1) / length)


def _has_factors(case, axis):
    """Whether each slice along an axis is a multiple of what is expected there.

    Each slice has to have several numbers for that to say something, and some have to be far off.
    """
    got, expected = case.got, case.expected
    others = tuple(other for other in range(expected.ndim) if other != axis)
    if expected.shape[axis] < 2 or expected.dtype.kind == "c":
        return False
    weight = (expected * expected).sum(axis=others, keepdims=True)
    factors = (got * expected).sum(axis=others, keepdims=True) / weight
    significant = np.abs(expected) > _SMALL * scale(expected)
    return bool(
        np.isfinite(factors).all()
        and (significant.sum(axis=others) >= 3).all()
        and np.ptp(factors) > 1e-4
        and agrees(factors * expected, got)
    )


# Places


def _is_permuted(case):
    """Whether the expected numbers came out, each once, and not all in their places."""
    got, expected = np.sort(case.got, axis=None), np.sort(case.expected, axis=None)
    return got.shape == expected.shape and np.isfinite(got).all() and agrees(got, expected)


def _rearrangements(ndim):
    """Yield (words, function) for orders that values may have come into by one mistake."""
    for axis in range(ndim):
        words = f"in the reverse order along axis {axis}" if ndim > 1 else "in the reverse order"
        yield words, lambda a, axis=axis: np.flip(a, axis)
    for first, second in itertools.combinations(range(ndim), 2):
        yield (
            f"with axes {first} and {second} swapped",
            lambda a, i=first, j=second: np.swapaxes(a, i, j),
        )
    orders = list(itertools.permutations(range(ndim)))[1:] if ndim <= 5 else []
    for order in orders:
        words = f"with its axes in the order {', '.join(map(str, order))}"
        yield words, lambda a, order=order: a.transpose(order)
    for order in orders:
        back = np.argsort(order)
        places = f"in the places where a reshape puts them that {{}} the axes in the order {order}"
        yield (
            places.format("finds"),
            lambda a, order=order: a.transpose(order).reshape(a.shape),
        )
        yield (
            places.format("leaves"),
            lambda a, order=order, back=back: a.reshape(
                [a.shape[axis] for axis in order]
            ).transpose(back),
        )


def _is_as(change, case):
    """Whether what came out is what is expected, with its values in another order."""
    changed = change(case.expected)
    return changed.shape == case.got.shape and agrees(case.got, changed)


def _is_it(case, other):
    """Whether what came out belongs into another array, and cannot be meant for its own place."""
    return other.shape == case.got.shape and agrees(case.got, other)


def _wrong_slices(case):
    """Return the axis and the places along it that hold all that is wrong, or None.

    There has to be one such axis, and half of the places along it have to be right.
    """
    wrong, found = wrong_entries(case.got, case.expected), []
    for axis in range(wrong.ndim):
        others = tuple(other for other in range(wrong.ndim) if other != axis)
        touched = wrong.any(axis=others)
        few = touched.size > 2 and 0 < 2 * touched.sum() <= touched.size
        if few and wrong.all(axis=others)[touched].all():
            found.append((axis, tuple(np.flatnonzero(touched).tolist())))
    return found[0] if len(found) == 1 else None


# Numbers


def _distinct(values):
    """Count the values that differ by more than small differences."""
    if not values.size:
        return 0
    ordered = np.sort(np.abs(values), axis=None)
    return 1 + int(np.count_nonzero(np.diff(ordered) > 1e-6 * scale(values)))


def _written(number):
    """Write a number in four digits, and say so where it has more."""
    short = f"{number:.4g}"
    return short if np.isclose(float(short), number, rtol=1e-7) else f"about {short}"
