"""Sentences about mutants: a phrase for each operator, with words for places that a course writes.

The operators are those of coursekit.mutants. Recorded signatures hold the words alone, and the
phrases are put around them when they are read. A sentence says what the answer is as if, and where
to look. It quotes no code, and what a course has no words for is left unsaid.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..mutants.operators import Mutant

# What each operator did, in the past subjunctive, since it follows "It is as if"; and a question.
# A phrase with {part} or {other} needs words for it, and the one after it does without.
_PHRASES: dict[str, tuple[list[str], str]] = {
    "one_more_eps": (["{part} were added twice in {place}"], "What has it been added to already?"),
    "after_root": (["{part} were added after the root in {place}"], "Is that where it belongs?"),
    "before_root": (["{part} were added under the root in {place}"], "Is that where it belongs?"),
    "no_root": (["no root were taken in {place}"], "Which unit should it have?"),
    "root_twice": (["a root were taken twice in {place}"], "What does it hold a root of already?"),
    "other_axis": (
        ["{place} were taken over axis {axis}", "a sum or mean were taken over axis {axis}"],
        "Which numbers belong together there?",
    ),
    "all_axes": (
        ["{place} were taken over all numbers at once"],
        "Which numbers belong together there?",
    ),
    "axis_kept": (
        ["{place} kept the axis that it is taken over"],
        "Compare its shape with what it meets.",
    ),
    "axis_lost": (
        ["{place} did not keep the axis that it is taken over"],
        "How does its shape line up with what it meets?",
    ),
    "sum_for_mean": (["a sum were taken for {place}"], "How many numbers are summed there?"),
    "mean_for_sum": (["a mean were taken for {place}"], "Do these numbers add up, or average out?"),
    "deviation_for_variance": (["{place} were a standard deviation"], "Which of the two is meant?"),
    "variance_for_deviation": (["{place} were a variance"], "Which of the two is meant?"),
    "unbiased": (
        ["{place} were divided by one less than the count"],
        "Which of the two estimates is asked for?",
    ),
    "other_extreme": (["the {extreme} were taken in {place}"], "Which number is wanted there?"),
    "never_below_zero": (
        ["{place} could not be negative"],
        "What comes out where all numbers are negative?",
    ),
    "no_term": (
        ["{part} were missing in {place}", "a term were missing in {place}"],
        "Of how many terms does it consist?",
    ),
    "no_factor": (
        ["{place} were not multiplied by {part}", "a factor were missing in {place}"],
        "Go through its factors one by one.",
    ),
    "not_divided": (
        ["{place} were not divided by {part}", "a division were missing in {place}"],
        "Go through its factors one by one.",
    ),
    "factor_twice": (
        ["{part} counted twice in {place}", "a factor counted twice in {place}"],
        "Where else does it come in?",
    ),
    "multiplied": (
        ["{place} were multiplied by {part}", "{place} were multiplied where it is divided"],
        "In which direction does that go?",
    ),
    "divided": (
        ["{place} were divided by {part}", "{place} were divided where it is multiplied"],
        "In which direction does that go?",
    ),
    "other_sign": (
        ["{part} had the opposite sign in {place}", "a term had the opposite sign in {place}"],
        "Is it added, or taken away?",
    ),
    "negated": (["{place} had the opposite sign"], "Follow its sign from the start."),
    "twice": (["{place} were twice as large"], "Look for a factor of 2."),
    "half": (["{place} were half as large"], "Look for a factor of 2."),
    "added_twice": (["what is added to {place} were twice as large"], "Look for a factor of 2."),
    "added_half": (["what is added to {place} were half as large"], "Look for a factor of 2."),
    "other_power": (
        ["{part} had another power in {place}", "something had another power in {place}"],
        "Which power is it?",
    ),
    "other_number": (["a number in {place} were {number}"], "Where does that number come from?"),
    "other_length": (
        ["{place} went by {other}"],
        "How many are there, and of what?",
    ),
    "one_off": (
        ["{part} were off by one in {place}", "a length or a number were off by one in {place}"],
        "Count by hand in a small example.",
    ),
    "overwritten": (
        ["values in {place} were assigned where they add up, or the other way round"],
        "What should become of what is there already?",
    ),
    "in_place": (
        ["{part} were overwritten on the way"],
        "Who else needs it as it was?",
    ),
    "other_comparison": (["a comparison in {place} were another one"], "What is compared there?"),
    "not_transposed": (
        ["{part} were not transposed in {place}", "a transpose were missing in {place}"],
        "Write the shapes next to one another.",
    ),
    "transposed": (["a product in {place} were transposed"], "Write down the shapes."),
    "sides_swapped": (
        ["the two sides of a difference or a fraction in {place} were swapped"],
        "What is taken from what, or divided by what?",
    ),
    "targets_swapped": (
        ["{part} and {other} had changed places", "two results of a call had changed places"],
        "In which order do they come?",
    ),
    "results_swapped": (["{part} and {other} had changed places"], "In which order do they come?"),
    "arguments_swapped": (
        ["{part} and {other} had changed places in a call", "two arguments had changed places"],
        "In which order are they taken?",
    ),
    "laid_out_otherwise": (
        ["numbers were laid out in another order in {place}"],
        "Which axis runs fastest before and after?",
    ),
    "not_reshaped": (
        ["{part} kept the order of its axes in {place}", "axes were left as they are in {place}"],
        "Which shape does it need?",
    ),
    "reshaped_without_transposing": (
        ["axes were merged in {place} without being brought side by side first"],
        "Which axes are neighbours there?",
    ),
    "axes_in_other_order": (
        ["axes came in another order in {place}"],
        "Write the shape down after each step.",
    ),
    "slice_moved": (["a slice in {place} began or ended elsewhere"], "From where to where is it?"),
    "other_key": (
        ["{other} were used in {place} where something else belongs"],
        "Which one belongs there?",
    ),
    "other_array": (
        ["{other} were used in {place} where something else belongs"],
        "Which one belongs there?",
    ),
    "not_passed_on": (
        ["{part} were not what {other} is called with", "a call in {place} got other settings"],
        "With what is it called?",
    ),
    "call_skipped": (
        ["what {part} returns were not used", "what a call returns were not used"],
        "What becomes of its result?",
    ),
    "left_out": (["{place} were left as it was"], "Which step changes it?"),
    "other_loop": (
        ["a loop left {part} out", "a loop began late, ended early or ran in another order"],
        "What does it run over, and in which order?",
    ),
    "always": (["a condition always held, or never"], "What decides which case it is?"),
    "value": (["{other} were used for {part}"], "What is meant to be there?"),
    "squeezed": (["{place} had lost its axes of length 1"], "Which shape should it have?"),
    "one_axis_more": (["{place} had an axis too many in front"], "Which shape should it have?"),
    "column": (["{place} had an axis too many at the end"], "Which shape should it have?"),
    "flat": (["{place} had been laid out flat"], "Which shape should it have?"),
    "transposed_at_end": (["the axes of {place} were reversed"], "Which shape should it have?"),
    "none": (["nothing were returned for {place}"], "Where is it computed?"),
    "float32": (["{place} had been rounded to single precision"], "Of which type should it be?"),
    "negated_at_end": (["{place} had the opposite sign"], "Follow its sign from the start."),
    "twice_at_end": (["{place} were twice as large"], "Look for a factor of 2."),
    "half_at_end": (["{place} were half as large"], "Look for a factor of 2."),
    "times_length": (
        ["{place} were multiplied by the length of its first axis"],
        "Is it a sum or a mean?",
    ),
    "over_length": (
        ["{place} were divided by the length of its first axis"],
        "Is it a sum or a mean?",
    ),
    "summed": (["{place} had been summed to a single number"], "Which axes should be left?"),
    "averaged": (["{place} had been averaged to a single number"], "Which axes should be left?"),
    "zero": (["{place} were zero"], "What should it be computed from?"),
    "ones": (["{place} were one everywhere"], "What should it be computed from?"),
    "absolute": (["{place} had lost its signs"], "Where are signs dropped?"),
    "rectified": (["{place} could not be negative"], "Where are negative numbers dropped?"),
    "reversed": (["{place} ran in the opposite order"], "In which order should it come?"),
}  # fmt: skip


# In the place of words for a place, which phrases then do without.
_SOMEWHERE = "what your code computes"
_WITHOUT_PLACE = {
    "other_axis": "a sum or a mean were taken over axis {axis}",
    "all_axes": "a sum or a mean were taken over all numbers at once",
    "axis_kept": "a sum or a mean kept the axis that it is taken over",
    "axis_lost": "a sum or a mean did not keep the axis that it is taken over",
    "sum_for_mean": "a sum were taken for a mean",
    "mean_for_sum": "a mean were taken for a sum",
    "other_length": "something went by {other}",
    "unbiased": "a variance were divided by one less than the count",
    "left_out": "a step were left out",
}


@dataclass(frozen=True)
class Words:
    """The words of a course for what stands in a block.

    named: {code: words}, for variables and for terms. public: names that students know anyhow, such
    as arguments, which are called what they are called.
    """

    named: dict[str, str] = field(default_factory=dict)
    public: tuple[str, ...] = ()

    @classmethod
    def of_course(cls, named: Mapping[str, str], public: Iterable[str]) -> Words:
        return cls({_normal(code): words for code, words in named.items()}, tuple(public))

    def of(self, code: str) -> str:
        """Return the words for some code, "" if there are none."""
        code = _normal(code)
        if code in self.named:
            return self.named[code]
        if code in self.public:
            return code
        key = re.search(r"^(.+)\[f?'(\w+?)(?:\{\w+\})?'\]$", code)
        if not key:
            return ""
        owner = self.named.get(key[1], "")
        return f"{key[2]} in {owner}" if owner else key[2]

    def of_target(self, target: str) -> str:
        """Return the words for what a statement assigns; for a part of an array, the array's."""
        code = _normal(target)
        while code:
            if self.of(code):
                return self.of(code)
            node = ast.parse(code, mode="eval").body
            if isinstance(node, ast.Tuple):
                first = [self.of_target(ast.unparse(element)) for element in node.elts]
                return next(filter(None, first), "")
            code = ast.unparse(node.value) if isinstance(node, ast.Subscript) else ""
        return ""


def source_of(mutant: Mutant, words: Words) -> tuple[str, ...]:
    """Return what a sentence about a mutant is made of: its operator, which of the operator's
    phrases, and the words for its place, its part and what is there instead; () for no words."""
    slots = {
        "place": words.of_target(mutant.target) or _SOMEWHERE,
        "part": words.of(mutant.part),
        "other": words.of(mutant.other),
        "axis": _axes(mutant.other),
        "extreme": {"max": "largest", "min": "smallest", "sum": "sum"}.get(mutant.other, "mean"),
        "number": mutant.other,
    }
    for number, written in enumerate(_PHRASES[mutant.operator][0]):
        needed = re.findall(r"{(\w+)}", written)
        if not all(slots[slot] for slot in needed):
            continue
        told = [slots[slot] for slot in needed]
        if len(set(told)) == len(told):
            return (f"{mutant.operator} {number}", *told)
    return ()


def said(source: Sequence[str]) -> tuple[str, str]:
    """Return the phrase that `source_of` stands for, and its question."""
    operator, _, number = source[0].partition(" ")
    phrases, question = _PHRASES[operator]
    written = phrases[int(number)]
    slots = dict(zip(re.findall(r"{(\w+)}", written), source[1:], strict=True))
    if slots.get("place") == _SOMEWHERE:
        written = _WITHOUT_PLACE.get(operator, written.replace(" in {place}", ""))
    return written.format(**slots), question


def _normal(code: str) -> str:
    try:
        return ast.unparse(ast.parse(code, mode="eval"))
    except SyntaxError:
        return code


def _axes(code: str) -> str:
    return " and ".join(re.findall(r"\d+", code))
