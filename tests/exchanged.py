"""The package of this repository with other code in some blocks, tried in one imported copy."""

import contextlib
import textwrap

from this_course import COURSE

from coursekit.blocks import blocks_of, read_source, replace_blocks
from coursekit.mutants.hypotheses import right_codes
from coursekit.mutants.runs import reference

BLOCKS = {block.name: block for block in blocks_of(COURSE.package_folder)}


def sources_with(blocks):
    """Return {path in the package: its source with the code of `blocks`, {name: code}}."""
    by_path = {}
    for name, code in blocks.items():
        indented = textwrap.indent(code.rstrip("\n") + "\n", BLOCKS[name].indentation)
        by_path.setdefault(BLOCKS[name].path, {})[name] = indented
    return {
        path: replace_blocks(read_source(COURSE.package_folder / path), codes)
        for path, codes in by_path.items()
    }


class Exchange:
    """The engine's Exchange for the package of this repository."""

    def __init__(self, engines):
        self.under_test = engines.under_test
        self._engines = engines

    def holding(self, blocks):
        """Hold other code in some blocks, {name: code from the left margin}; yield the copy."""
        return self._engines.made(blocks)

    def made(self, mistake):
        """Hold a mistake; yield the copy."""
        code, *_ = mistake.codes(right_codes(COURSE, self._engines, mistake.block))
        return self._engines.made({mistake.block: code})


@contextlib.contextmanager
def exchange():
    """Import a copy of the reference, and yield an Exchange."""
    with reference(COURSE) as engines:
        yield Exchange(engines)
