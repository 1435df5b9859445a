"""The values that notebooks compare with are those of the reference of today, and hold no code."""

import re
from pathlib import Path

import numpy as np
import pytest
from this_course import COURSE, check

import coursekit
from coursekit.authoring.recording import record
from coursekit.blocks import blocks_of
from coursekit.checks import Check, Kind, UnderTest, recorded_examples, signatures, stepwise
from coursekit.checks.outcome import REMARK

EACH = pytest.mark.parametrize(
    "any_check", check.with_optional, ids=lambda any_check: any_check.name
)
REFERENCE = UnderTest(COURSE)
FILES = sorted(COURSE.recorded.glob("*.npz"))
MISTAKES = sorted((COURSE.recorded / signatures.FOLDER).glob("*.npz"))


@EACH
def test_the_reference_of_today_gives_the_recorded_values(any_check):
    """Otherwise `python -m coursekit record` has to be run again."""
    now, then = any_check.run(REFERENCE, any_check.rng()), any_check.recorded()
    assert list(now.entries) == list(then.entries)
    verdict = any_check.judge(now, then)
    assert verdict.passed, f"\n{verdict}"
    assert verdict.earned == any_check.points
    assert (now.sizes, now.crashes, now.unfilled) == (then.sizes, [], [])


@EACH
def test_recording_twice_gives_the_same_bytes(any_check):
    first, second = record(any_check, REFERENCE), record(any_check, REFERENCE)
    assert first.to_bytes() == second.to_bytes()


@EACH
def test_other_inputs_are_noticed(any_check):
    other = any_check.run(REFERENCE, any_check.rng(5))
    assert any_check.judge(other, any_check.recorded()).kind == Kind.NOT_COMPARABLE


def test_there_is_a_file_for_each_check_and_no_other():
    names = {f"{any_check.name}.npz" for any_check in check.with_optional}
    assert {path.name for path in FILES} == names | {recorded_examples.FILE, stepwise.FILE}
    assert {path.name for path in MISTAKES} == names
    assert sum(path.stat().st_size for path in FILES if path.name in names) < 1_200_000


def test_recorded_files_hold_no_line_of_a_block():
    lines = {
        line.strip().partition("  # ")[0].encode()
        for block in blocks_of(COURSE.package_folder)
        for line in block.code.splitlines()
        if len(line.strip()) > 12
    }
    assert len(lines) > 150
    for path in FILES + MISTAKES:
        data = path.read_bytes()
        assert not [line for line in lines if line in data], path.name


def test_exercises_and_engine_hold_no_line_of_a_block():
    """A handout has both in it, so they may not know how anything is computed."""
    lines = {
        re.sub(r"\s+", "", line.partition("  # ")[0])
        for block in blocks_of(COURSE.package_folder)
        for line in block.code.splitlines()
    }
    lines = {line for line in lines if len(line) > 12}
    folders = [COURSE.room / "exercises", COURSE.room / "examples", Path(coursekit.__file__).parent]
    paths = [path for folder in folders for path in folder.rglob("*.py")]
    assert len(paths) > 50
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            assert re.sub(r"\s+", "", line.partition("  # ")[0]) not in lines, (path.name, line)


def test_a_check_without_recorded_values_says_so():
    def nothing(student, run):
        return {}

    unrecorded = Check(nothing, 1, "A notebook").of_course(COURSE)
    with pytest.raises(FileNotFoundError, match="no values are recorded for the check nothing"):
        unrecorded.recorded()


def test_the_reference_earns_no_remark():
    for any_check in check.with_optional:
        assert not any_check.verdict().remarks


def test_backward_checks_tell_when_the_forward_pass_is_to_blame(monkeypatch):
    original = REFERENCE.find("layernorm_forward")

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
