"""The package of this repository with other code in some blocks, tried in one imported copy.

Copying and importing the package for each of hundreds of answers would take a minute. So the file
is compiled with the other code in it, and the functions of the one copy get that code for a while.
"""

import contextlib
import textwrap
from functools import cached_property
from types import CodeType, FunctionType

from this_course import COURSE

from coursekit.blocks import blocks_of, read_source, replace_blocks
from coursekit.checks import imported

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
    """One copy of the package, imported under a name of its own, an UnderTest."""

    def __init__(self, under_test):
        self.under_test = under_test

    def holding(self, blocks):
        """Hold other code in some blocks, {name: code from the left margin}; yield the copy."""
        return self._holding(sources_with(blocks))

    def made(self, mistake):
        """Hold a mistake; yield the copy."""
        path = BLOCKS[mistake.block].path
        return self._holding({path: mistake.made_in(read_source(COURSE.package_folder / path))})

    @contextlib.contextmanager
    def _holding(self, sources):
        kept = []
        for path, source in sources.items():
            codes = _codes_in(compile(source, str(COURSE.package_folder / path), "exec"))
            for name, function in self._functions.get(path, {}).items():
                kept.append((function, function.__code__))
                function.__code__ = codes[name]
        try:
            yield self.under_test
        finally:
            for function, code in kept:
                function.__code__ = code

    @cached_property
    def _functions(self):
        """{path: {qualified name: function}} of all functions that the package's files define."""
        found = {}
        for module in self.under_test.imported_modules():
            path = module.__name__.partition(".")[2].replace(".", "/") + ".py"
            own = vars(module).values()
            classes = [value for value in own if isinstance(value, type)]
            for value in [*own, *(method for cls in classes for method in vars(cls).values())]:
                while hasattr(value, "__wrapped__"):
                    value = value.__wrapped__
                if isinstance(value, FunctionType) and value.__module__ == module.__name__:
                    found.setdefault(path, {})[value.__qualname__] = value
        return found


@contextlib.contextmanager
def exchange():
    """Import a copy of the reference, and yield an Exchange."""
    with imported(COURSE, COURSE.package_folder) as under_test:
        yield Exchange(under_test)


def _codes_in(code, found=None):
    """Return {qualified name: code} of the functions and methods in compiled code."""
    found = {} if found is None else found
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found[constant.co_qualname] = constant
            _codes_in(constant, found)
    return found
