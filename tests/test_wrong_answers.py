"""Wrong answers as people write them: the checks notice nearly all of them, and name most.

tests/answers/wrong.json holds {name: {"what": words, "blocks": {block: code}}}. They were written
without a look at the known mistakes, so that how many are named says how far those reach.
"""

import json
from pathlib import Path

import pytest
from this_course import COURSE

from coursekit.checks import SEED, signatures
from coursekit.mutants.exchange import TookTooLong, at_most
from coursekit.mutants.runs import reference

WRONG = json.loads((Path(__file__).parent / "answers" / "wrong.json").read_text(encoding="utf-8"))

# What no check of the block itself takes offence at.
UNNOTICED = {
    "drop_train_mask_unscaled_in_cache",  # the cache is between the student's two functions
    "drop_train_mask_not_kept",
    "abr_bwd_not_imported",  # only in a package where somebody removed the import
    "momentum_inplace_w",  # an update may write into w
    "rmsprop_inplace",
    "cnn_init_quarter_of_pixels",  # shows in images of odd size
    "pool_bwd_ties_shared_sum",  # there is no gradient where values tie
}


def judged(exchange, blocks):
    """Return the verdicts of the blocks' own checks, without those that took too long."""
    checks = dict.fromkeys(c for block in blocks for c in COURSE.checks.of_block(block))
    verdicts = []
    with exchange.made(blocks) as package:
        for check in checks:
            try:
                with at_most(10):
                    outcome = check.run(package, check.rng(SEED))
            except TookTooLong:
                continue
            known = signatures.load(COURSE, check.name)
            verdicts.append(check.judge(outcome, check.recorded(), known))
    return verdicts


@pytest.fixture(scope="module")
def verdicts():
    with reference(COURSE) as exchange:
        return {name: judged(exchange, each["blocks"]) for name, each in WRONG.items()}


def test_wrong_answers_are_noticed(verdicts):
    unnoticed = {name for name, found in verdicts.items() if all(v.passed for v in found)}
    assert unnoticed <= UNNOTICED


def test_most_wrong_answers_are_named(verdicts):
    named = [name for name, found in verdicts.items() if any(v.mistake for v in found)]
    assert len(named) >= 0.65 * len(WRONG)
