"""Known mistakes: small edits to the reference that checks must notice and explain.

`python -m coursekit mistakes` proves the checks with them: for every block the stub is not
attempted, the reference passes, and each mistake is noticed and named, on the fixed seed of the
notebooks and on a fresh one as in grading.
"""

import json
import secrets
from dataclasses import asdict

from cs231n.blocks import blocks_of

from ..packages import REFERENCE
from .every import MISTAKES
from .table import Summary, Table
from .trials import known_mistakes

__all__ = ["MISTAKES", "Summary", "Table", "known_mistakes"]


def add_arguments(parser):
    parser.add_argument("blocks", nargs="*", metavar="BLOCK", help="look at these blocks only")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--verdicts", action="store_true", help="show each verdict in full")
    how.add_argument("--short", action="store_true", help="show a line for each block")
    parser.add_argument("--seed", type=int, help="the fresh seed, drawn if it is not given")
    parser.add_argument("--json", metavar="FILE", help="write the numbers to a file too")


def run(arguments):
    seed = secrets.randbelow(2**31) if arguments.seed is None else arguments.seed
    table, summary = Table(seed), Summary()
    for block in blocks_of(REFERENCE):
        if arguments.blocks and block.name not in arguments.blocks:
            continue
        rows = []
        for row in table.rows_of(block):
            summary.add(row)
            rows.append(row)
            if not arguments.short:
                _show(row, arguments.verdicts)
        if arguments.short:
            _show_block(rows)
    _show_groups(summary)
    print(f"\n{summary} (fresh seed {seed})")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as file:
            json.dump({"seed": seed, **asdict(summary)}, file, indent=1)
    return 1 if summary.otherwise else 0


def _show(row, in_full):
    mark = "ok" if row.as_it_should else "NO"
    said = [verdict for verdict in row.verdicts if not verdict.passed] or row.verdicts[:1]
    first = said[0].first_line if said else "no check is there for this block"
    print(f"{mark}  {row.block:<34}  {row.state:<44}  {first}")
    if row.red and not row.named:
        print("      red, and not named")
    if in_full:
        for verdict in row.verdicts:
            print("      " + str(verdict).replace("\n", "\n      "))


def _show_block(rows):
    """Show a block in one line, and under it what is not as it should be."""
    said = {row.state: " and ".join(sorted({v.kind for v in row.verdicts})) for row in rows}
    mistakes = [row for row in rows if row.state not in ("reference", "stub")]
    red, named = sum(row.red for row in mistakes), sum(row.named for row in mistakes)
    print(
        f"{rows[0].block:<34}stub {said['stub']:<15}reference {said['reference']:<8}"
        f"mistakes {len(mistakes):>2}, red {red:>2}, named {named:>2}",
        flush=True,  # whoever waits for the table sees how far it is
    )
    for row in rows:
        if not row.as_it_should:
            _show(row, in_full=True)


def _show_groups(summary):
    if summary.not_told_apart:
        print("\nnot told apart:")
    for block, *names in summary.not_told_apart:
        print(f"  {block}: {' | '.join(names)}")
