"""What a known mistake is."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import Any

from ..blocks import blocks_in, replace_blocks

# In the place of the text to look for: the whole block.
ALL = object()


@dataclass(frozen=True)
class Mistake:
    """A small edit to the reference in one block, and what to say to a student who made it.

    block: the block's name. name: what is done wrong, in a few words; unique for the block.
    edits: pairs (text in the block, text instead), made one after another. Each text has to occur
        exactly once. The block's code is dedented before, so further lines are written from the
        left margin. ALL stands for the whole block.
    sentence: what the student reads: what the answer looks like and where to look, not the fix.
    """

    block: str
    name: str
    edits: tuple[tuple[Any, str], ...]
    sentence: str = ""

    def made_in(self, source: str) -> str:
        """Return a module's source with the mistake made in it.

        Raises ValueError if a text does not occur exactly once: then the reference has changed.
        """
        (block,) = [block for block in blocks_in(source) if block.name == self.block]
        code = textwrap.dedent(block.code)
        for old, new in self.edits:
            if old is ALL:
                code = new
                continue
            if code.count(old) != 1:
                raise ValueError(
                    f"{self.block}, {self.name!r}: {old!r} occurs {code.count(old)} times in the "
                    "block, expected once"
                )
            code = code.replace(old, new)
        code = textwrap.indent(code.rstrip("\n") + "\n", block.indentation)
        return replace_blocks(source, {self.block: code})


def mistake(block: str, name: str, *texts: Any, sentence: str = "") -> Mistake:
    """Write a Mistake: `mistake(block, name, old, new)`, with as many pairs as there are edits."""
    edits = tuple(zip(texts[::2], texts[1::2], strict=True))
    return Mistake(block, name, edits, sentence)
