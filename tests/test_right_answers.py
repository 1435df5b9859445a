"""Unusual answers that are right: no check is red, and none has a word but on single precision.

tests/answers/right.json holds {name: {"what": words, "blocks": {block: code}}}. They were written
by people who did not look at what the checks compare.
"""

import json
from pathlib import Path

import pytest
from exchanged import BLOCKS, exchange
from this_course import COURSE, check

from coursekit.checks import freshness

RIGHT = json.loads((Path(__file__).parent / "answers" / "right.json").read_text(encoding="utf-8"))
EXPECTED = {asked.name: asked.recorded() for asked in check.with_optional}


def reached_by(asked, units):
    """Return the functions and classes that a check runs."""
    needed = freshness.needed(asked, units)
    return {unit.owner or unit.last_name for unit in needed}


@pytest.fixture(scope="module")
def package():
    with exchange() as package:
        yield package


@pytest.fixture(scope="module")
def checks_of():
    """A function that returns the checks in which blocks can show."""
    units = freshness.units_of(COURSE)
    reached = {asked.name: reached_by(asked, units) for asked in check.with_optional}

    def checks_of(blocks):
        owners = {block.partition(":")[0].partition(".")[0] for block in blocks}
        return [asked for asked in check.with_optional if owners & reached[asked.name]]

    return checks_of


def test_there_are_some_for_every_block():
    assert {block for answer in RIGHT.values() for block in answer["blocks"]} == set(BLOCKS)
    assert len(RIGHT) > 200


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_is_never_red(name, package, checks_of):
    blocks = RIGHT[name]["blocks"]
    asked_for = checks_of(blocks)
    assert {asked.name for block in blocks for asked in check.of_block(block)} <= {
        asked.name for asked in asked_for
    }
    with package.holding(blocks) as under_test:
        for asked in asked_for:
            verdict = asked.judge(asked.run(under_test, asked.rng()), EXPECTED[asked.name])
            assert verdict.passed, f"\n{verdict}"
            assert verdict.earned == asked.points
            assert (verdict.sentences, verdict.mistake) == ((), "")
            others = [part.name for part in verdict.remarks if part.group != "float32"]
            assert not others, f"\n{verdict}"
