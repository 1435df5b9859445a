"""Fill in the reference in a handout, block by block, and print what the checks say after each.

    python one_by_one.py HANDOUT REPOSITORY WORK

HANDOUT is the folder of a handout, REPOSITORY that of the course it was cut from. WORK is made.
"""

import json
import shutil
import sys
from pathlib import Path

from coursekit.authoring import handout
from coursekit.blocks import blocks_in, read_source, replace_blocks, write_source
from coursekit.checks import Kind, imported
from coursekit.course import Course

cut, repository, work = map(Path, sys.argv[1:])
course = Course.read(cut)
sources = handout.reference_sources(Course.read(repository))
blocks = [block for path, source in sources.items() for block in blocks_in(source, path)]


def fill(block, code):
    target = work / block.path
    write_source(target, replace_blocks(read_source(target), {block.name: code}))


def checks_that_are(*kinds):
    with imported(course, work) as under_test:
        return [check.name for check in course.checks if check.verdict(under_test).kind in kinds]


shutil.copytree(course.package_folder, work)
steps = []
for block in blocks:
    fill(block, block.code)
    steps.append((block.name, checks_that_are(Kind.PASSED)))

# Everything is filled in now. A check needs the blocks without which it is not attempted, or waits.
needs = {check.name: [] for check in course.checks}
for block in blocks:
    fill(block, block.stub + "\n")
    for name in checks_that_are(Kind.NOT_ATTEMPTED, Kind.WAITING):
        needs[name].append(block.name)
    fill(block, block.code)

own = {check.name: check.blocks for check in course.checks}
print(json.dumps({"steps": steps, "needs": needs, "own": own}))
