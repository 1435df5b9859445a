"""The values that notebooks compare with are those of the reference of today, and hold no code."""

import re
from pathlib import Path

import numpy as np
import pytest

from coursekit.packages import REFERENCE
from coursekit.record import record
from cs231n.blocks import blocks_of
from cs231n.checks import Course, check, recorded, signatures
from cs231n.checks.outcome import REMARK

EACH = pytest.mark.parametrize("one", list(check), ids=lambda one: one.name)


@EACH
def test_the_reference_of_today_gives_the_recorded_values(one):
    """Otherwise `python -m coursekit record` has to be run again."""
    now, then = one.run(Course(), one.rng()), recorded.load(one.name)
    assert list(now.entries) == list(then.entries)
    verdict = one.judge(now, then)
    assert verdict.passed, f"\n{verdict}"
    assert verdict.earned == one.points
    assert (now.sizes, now.crashes, now.unfilled) == (then.sizes, [], [])


@EACH
def test_recording_twice_gives_the_same_bytes(one):
    assert record(one).to_bytes() == record(one).to_bytes()


@EACH
def test_other_inputs_are_noticed(one):
    verdict = one.judge(one.run(Course(), one.rng(5)), recorded.load(one.name))
    assert verdict.kind == "not comparable"


def test_there_is_a_file_for_each_check_and_no_other():
    files = set(recorded.FOLDER.glob("*.npz")) - {signatures.PATH}
    assert {path.stem for path in files} == {one.name for one in check}
    assert sum(path.stat().st_size for path in recorded.FOLDER.glob("*.npz")) < 1_000_000


def test_recorded_files_hold_no_line_of_a_block():
    lines = {
        line.strip().partition("  # ")[0].encode()
        for block in blocks_of(REFERENCE)
        for line in block.code.splitlines()
        if len(line.strip()) > 12
    }
    assert len(lines) > 150
    for path in recorded.FOLDER.glob("*.npz"):
        data = path.read_bytes()
        assert not [line for line in lines if line in data], path.name


def test_checks_hold_no_line_of_a_block():
    """A handout has the checks in it, so they may not know how anything is computed."""
    lines = {
        re.sub(r"\s+", "", line.partition("  # ")[0])
        for block in blocks_of(REFERENCE)
        for line in block.code.splitlines()
    }
    lines = {line for line in lines if len(line) > 12}
    for path in Path(recorded.FOLDER).parent.glob("*.py"):
        for line in path.read_text(encoding="utf-8").splitlines():
            assert re.sub(r"\s+", "", line.partition("  # ")[0]) not in lines, (path.name, line)


def test_a_check_without_recorded_values_says_so():
    with pytest.raises(FileNotFoundError, match="no values are recorded for the check nothing"):
        recorded.load("nothing")


def test_the_reference_earns_no_remark():
    for one in check:
        assert not one.verdict().remarks


def test_backward_checks_tell_when_the_forward_pass_is_to_blame(monkeypatch):
    original = Course().find("layernorm_forward")

    def off(x, gamma, beta, ln_param):
        out, cache = original(x, gamma, beta, ln_param)
        return out + 1, cache

    monkeypatch.setattr("cs231n.layers.layernorm_forward", off)
    verdict = check.layernorm_backward.verdict()
    assert verdict.passed
    assert [part.name for part in verdict.remarks] == [
        "out of the forward pass that this starts from"
    ]
    assert verdict.parts[-1].kind != REMARK or np.all(verdict.parts[-1].ok)
