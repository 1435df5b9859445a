"""For every block: the reference passes, the stub is not attempted, and every known mistake is red.

`python -m coursekit mistakes` prints the same as a table.
"""

import pytest

from coursekit.__main__ import main
from coursekit.mistakes import MISTAKES, rows_of
from coursekit.mistakes.mistake import Mistake
from coursekit.packages import REFERENCE, altered
from cs231n.blocks import blank, blocks_of
from cs231n.checks import Course, check

BLOCKS = {block.name: block for block in blocks_of(REFERENCE)}


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
def test_reference_stub_and_mistakes(block):
    rows = list(rows_of(block))
    assert len(rows) >= 2 + 2, "every block has two mistakes at least"
    for row in rows:
        said = "\n".join(map(str, row.verdicts))
        assert row.as_it_should, f"{block.name}, {row.state}:\n{said}"
        if row.state not in ("reference", "stub"):
            assert sum(v.earned for v in row.verdicts) < sum(v.possible for v in row.verdicts)


@pytest.mark.parametrize("mistake", MISTAKES[::7], ids=lambda m: f"{m.block}, {m.name}")
def test_mistakes_are_red_on_inputs_of_another_seed(mistake):
    """A sample: grading draws its inputs from seeds that nobody has seen."""
    seed = 20_26
    with altered({BLOCKS[mistake.block].path: mistake.made_in}) as course:
        kinds = set()
        for one in check.of_block(mistake.block):
            expected = one.run(Course(), one.rng(seed))
            kinds.add(one.judge(one.run(course, one.rng(seed)), expected).kind)
    assert kinds & {"wrong", "crashed"}


def test_with_every_block_blank_every_check_is_not_attempted_and_names_a_block():
    changes = {block.path: blank for block in BLOCKS.values()}
    with altered(changes) as course:
        for one in check:
            verdict = one.verdict(course)
            assert verdict.kind == "not attempted", f"\n{verdict}"
            assert verdict.earned == 0
            assert any(name in verdict.sentences[0] for name in BLOCKS)


def test_an_inner_block_that_is_not_filled_in_is_named():
    path = BLOCKS["relu_backward"].path
    with altered({path: lambda source: blank(source, only=["relu_backward"])}) as course:
        verdict = check.FullyConnectedNet_gradients.verdict(course)
    assert verdict.kind == "not attempted"
    assert verdict.sentences[0].startswith("The block relu_backward (cs231n/layers.py, line ")


def test_every_block_has_a_check_and_every_check_a_block():
    assert all(check.of_block(block) for block in BLOCKS)
    assert {block for one in check for block in one.blocks} == set(BLOCKS)


def test_mistakes_are_many_and_told_apart_by_name():
    assert len(MISTAKES) > 200
    names = [(mistake.block, mistake.name) for mistake in MISTAKES]
    assert len(set(names)) == len(names)
    assert {mistake.block for mistake in MISTAKES} == set(BLOCKS)


def test_an_edit_that_no_longer_fits_the_reference_is_refused():
    block = BLOCKS["relu_forward"]
    outdated = Mistake("relu_forward", "outdated", (("np.minimum", "np.maximum"),))
    with (
        pytest.raises(
            ValueError, match=r"'np\.minimum' occurs 0 times in the block, expected once"
        ),
        altered({block.path: outdated.made_in}),
    ):
        pass


def test_the_table_is_printed(capsys):
    assert main(["mistakes", "relu_backward"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["ok", "relu_backward", "reference"]
    assert lines[1].endswith("not attempted: relu_backward")
    assert "writes zeros into dout" in lines[2]
    assert lines[2].endswith("wrong: relu_backward: inputs")
    assert lines[-1] == "all as it should be"


def test_the_table_can_fail(capsys, monkeypatch):
    harmless = Mistake("relu_backward", "no mistake at all", (("x > 0", "x >= 0"),))
    monkeypatch.setattr("coursekit.mistakes.MISTAKES", (harmless,))
    assert main(["mistakes", "relu_backward"]) == 1
    assert "NO  relu_backward" in capsys.readouterr().out
