"""Hypotheses: the mistakes that an answer is compared with, block by block.

Those that a course knows, in each of their spellings; any two of them at once; and mutants of right
code: of the reference, and of the usual other ways of writing a block.
"""

from __future__ import annotations

import ast
import contextlib
import itertools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from unittest.mock import patch

import numpy as np

from ..checks import SEED
from ..checks.phrases import Words, source_of
from ..checks.signatures import Saying
from ..checks.verdict import signature
from .exchange import TookTooLong, at_most
from .operators import Mutant, mutants_of

if TYPE_CHECKING:
    from ..checks import Check, Outcome
    from ..checks.signatures import Signature
    from ..course import Course
    from .exchange import Exchange
    from .mistake import Mistake

# A check takes a hundredth of a second or so.
_SECONDS = 2
# Exceptions of code that no person would leave standing.
_OF_PYTHON = ("NameError", "UnboundLocalError", "MemoryError")


@dataclass(frozen=True)
class Hypothesis:
    """Wrong code for a block, and what there is to say of each mistake in it."""

    block: str
    code: str
    sayings: tuple[Saying, ...]


def hypotheses(course: Course, exchange: Exchange, block: str) -> Iterator[Hypothesis]:
    """Yield the hypotheses of a block, no code twice, in the order in which they are to be told."""
    seen = {exchange.code_of(block)}
    every = itertools.chain(
        known(course, exchange, block),
        pairs(course, exchange, block),
        planted(course, exchange, block),
    )
    for hypothesis in every:
        if hypothesis.code not in seen:
            seen.add(hypothesis.code)
            yield hypothesis


def known(course: Course, exchange: Exchange, block: str) -> Iterator[Hypothesis]:
    """Yield the known mistakes in each of their spellings."""
    for mistake in course.mistakes:
        if mistake.block == block:
            for code in mistake.codes(right_codes(course, exchange, block)):
                yield Hypothesis(block, code, (_saying(mistake),))


def pairs(course: Course, exchange: Exchange, block: str) -> Iterator[Hypothesis]:
    """Yield any two known mistakes at once, where both can be written into one piece of code."""
    here = [mistake for mistake in course.mistakes if mistake.block == block]
    for first, second in itertools.combinations(here, 2):
        for code in first.with_another(second, right_codes(course, exchange, block)):
            yield Hypothesis(block, code, (_saying(first), _saying(second)))


def planted(course: Course, exchange: Exchange, block: str) -> Iterator[Hypothesis]:
    """Yield the mutants of the reference and of other right spellings of a block.

    What there are no words for is left out: it would only make the signatures longer.
    """
    words = words_of(course, exchange, block)
    outputs = exchange.outputs(block)
    values = course.lore("VALUES").get(block, {})
    for code in right_codes(course, exchange, block):
        mutants = itertools.chain(mutants_of(code, outputs), valued(code, values, words))
        for mutant in mutants:
            source = source_of(mutant, words)
            if source:
                yield Hypothesis(block, mutant.code, (Saying.put_together(block, source),))


def valued(
    code: str, values: Mapping[str, Sequence[tuple[str, str]]], words: Words
) -> Iterator[Mutant]:
    """Yield mutants in which a variable is computed in another way that a course knows.

    `values` maps names to pairs (code, words for it).
    """
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Assign) or len(node.targets) != 1:
            continue
        name = ast.unparse(node.targets[0])
        right = node.value
        for value, said in values.get(name, ()):
            node.value = ast.parse(value, mode="eval").body
            words.named.setdefault(ast.unparse(node.value), said)
            changed = ast.unparse(tree) + "\n"
            yield Mutant("value", changed, node.lineno, name, name, value)
        node.value = right


def words_of(course: Course, exchange: Exchange, block: str) -> Words:
    """Return the Words for a block: those of the course, and the names that everybody knows."""
    every = course.lore("WORDS")
    named = {**every.get("", {}), **every.get(block, {})}
    return Words.of_course(named, exchange.public(block))


def _saying(mistake: Mistake) -> Saying:
    return Saying(mistake.block, mistake.name, mistake.sentence)


def right_codes(course: Course, exchange: Exchange, block: str) -> tuple[str, ...]:
    """Return the right spellings of a block, the reference first."""
    return (exchange.code_of(block), *course.lore("SPELLINGS").get(block, ()))


def try_one(
    exchange: Exchange,
    hypothesis: Hypothesis,
    checks: Iterable[Check],
    expected: Mapping[str, Outcome],
    seed: int = SEED,
) -> dict[str, Signature]:
    """Return {check: Signature} of a hypothesis, without those that say nothing about an answer.

    `expected` holds the reference's outcome of each check.
    """
    found = {}
    with nothing_left_over(), exchange.made({hypothesis.block: hypothesis.code}) as under_test:
        for check in checks:
            try:
                with at_most(_SECONDS):
                    outcome = check.run(under_test, check.rng(seed))
            except TookTooLong:
                continue
            if not any(crash.type in _OF_PYTHON for crash in outcome.crashes):
                found[check.name] = signature(outcome, expected[check.name])
    return found


@contextlib.contextmanager
def nothing_left_over() -> Iterator[None]:
    """Have np.empty make zeros: what a mutant does not fill would hold other numbers each time."""
    with patch.object(np, "empty", np.zeros), patch.object(np, "empty_like", np.zeros_like):
        yield
