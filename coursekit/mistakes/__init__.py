"""Known mistakes: small edits to the reference that checks must notice and explain.

`python -m coursekit mistakes` proves the checks with them: for every block the stub is not
attempted, the reference passes, and each mistake does not.
"""

import contextlib
from dataclasses import dataclass

from cs231n.blocks import blank, blocks_of
from cs231n.checks import Course, check

from ..packages import REFERENCE, altered
from . import affine, batchnorm, convolution, dropout, layernorm, nets, optimizers, spatial
from .mistake import Mistake

MISTAKES = (
    *affine.MISTAKES,
    *nets.MISTAKES,
    *optimizers.MISTAKES,
    *batchnorm.MISTAKES,
    *layernorm.MISTAKES,
    *dropout.MISTAKES,
    *convolution.MISTAKES,
    *spatial.MISTAKES,
)


@dataclass(frozen=True)
class Row:
    """What the checks of a block say to one state of it."""

    block: str
    state: str
    verdicts: tuple
    as_it_should: bool


def add_arguments(parser):
    parser.add_argument("blocks", nargs="*", metavar="BLOCK", help="look at these blocks only")
    parser.add_argument("--verdicts", action="store_true", help="show each verdict in full")


def run(arguments):
    failures = 0
    for block in blocks_of(REFERENCE):
        if arguments.blocks and block.name not in arguments.blocks:
            continue
        for row in rows_of(block):
            failures += not row.as_it_should
            _show(row, arguments.verdicts)
    print(f"\n{failures} that should be otherwise" if failures else "\nall as it should be")
    return 1 if failures else 0


def rows_of(block):
    """Yield a Row for the reference, the stub and each mistake of a block."""
    yield _row(block, "reference", contextlib.nullcontext(Course()), _all_pass)
    stub = altered({block.path: lambda source: blank(source, only=[block.name])})
    yield _row(block, "stub", stub, _none_attempted)
    for mistake in MISTAKES:
        if mistake.block == block.name:
            made = altered({block.path: mistake.made_in})
            yield _row(block, mistake.name, made, _some_red)


def _row(block, state, copy, expectation):
    with copy as course:
        verdicts = tuple(one.verdict(course) for one in check.of_block(block.name))
    return Row(block.name, state, verdicts, bool(verdicts) and expectation(verdicts))


def _all_pass(verdicts):
    return all(verdict.passed and not verdict.remarks for verdict in verdicts)


def _none_attempted(verdicts):
    return all(verdict.kind == "not attempted" for verdict in verdicts)


def _some_red(verdicts):
    return any(verdict.kind in ("wrong", "crashed") for verdict in verdicts)


def _show(row, in_full):
    mark = "ok" if row.as_it_should else "NO"
    said = [verdict for verdict in row.verdicts if not verdict.passed] or row.verdicts[:1]
    first = said[0].first_line if said else "no check is there for this block"
    print(f"{mark}  {row.block:<34}  {row.state:<44}  {first}")
    if in_full:
        for verdict in row.verdicts:
            print("      " + str(verdict).replace("\n", "\n      "))
