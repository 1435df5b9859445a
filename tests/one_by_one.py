"""Fill in the reference in a handout, block by block, and print what the checks say after each.

    python one_by_one.py HANDOUT REPOSITORY WORK

Run in a process of its own, where `cs231n` is the handout's package. WORK is made.
"""

import json
import shutil
import sys
from pathlib import Path

cut, root, work = map(Path, sys.argv[1:])
sys.path[:0] = [str(cut), str(root)]

from coursekit import handout  # noqa: E402
from coursekit.packages import imported  # noqa: E402
from cs231n.blocks import blocks_in, read_source, replace_blocks, write_source  # noqa: E402
from cs231n.checks import check  # noqa: E402

handout.REFERENCE = root / "cs231n"
sources = handout.reference_sources()
blocks = [block for path, source in sources.items() for block in blocks_in(source, path)]


def fill(block, code):
    target = work / block.path
    write_source(target, replace_blocks(read_source(target), {block.name: code}))


def checks_that_are(kind):
    with imported(work) as course:
        return [one.name for one in check if one.verdict(course).kind == kind]


shutil.copytree(cut / "cs231n", work)
steps = []
for block in blocks:
    fill(block, block.code)
    steps.append((block.name, checks_that_are("passed")))

# Everything is filled in now. A check needs the blocks without which it is not attempted.
needs = {one.name: [] for one in check}
for block in blocks:
    fill(block, block.stub + "\n")
    for name in checks_that_are("not attempted"):
        needs[name].append(block.name)
    fill(block, block.code)

print(json.dumps({"steps": steps, "needs": needs, "own": {one.name: one.blocks for one in check}}))
