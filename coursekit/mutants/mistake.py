"""What a known mistake is."""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ..blocks import blocks_in, replace_blocks

# Pairs (text in the block, or ALL; text instead).
Pairs = tuple[tuple[Any, str], ...]

# In the place of the text to look for: the whole block.
ALL = object()


@dataclass(frozen=True)
class Mistake:
    """A small edit to the reference in one block, and what to say to a student who made it.

    block: the block's name. name: what is done wrong, in a few words; unique for the block.
    edits: pairs (text in the block, text instead), made one after another. Each text has to occur
        exactly once. The block's code is dedented before, so further lines are written from the
        left margin. ALL stands for the whole block.
    sentence: what the student reads: what the answer looks like and where to look, not the fix. It
        says nothing of arrays that are right, since there may be a second mistake.
    spellings: other ways of writing the same mistake: pairs (number, edits), of edits of another
        right spelling of the block than the reference, which is number 0.
    """

    block: str
    name: str
    edits: Pairs
    sentence: str = ""
    spellings: tuple[tuple[int, Pairs], ...] = ()

    def codes(self, right: Sequence[str]) -> list[str]:
        """Return a block's code with the mistake made in it, in each of its spellings.

        `right` has the right spellings of the block, the reference first.
        Raises ValueError if a text does not occur exactly once: then the reference has changed.
        """
        ways = ((0, self.edits), *self.spellings)
        return [self._edited(right[number], edits) for number, edits in ways]

    def with_another(self, other: Mistake, right: Sequence[str]) -> list[str]:
        """Return codes with this mistake and another one in them, where there is room for both.

        They are two at most, of the first spellings that go together and of the last ones.
        Raises ValueError for a mistake that does not fit the block.
        """
        made = []
        for number, edits in ((0, self.edits), *self.spellings):
            for other_number, others in ((0, other.edits), *other.spellings):
                if number != other_number:
                    continue
                alone = [self._edited(right[number], one) for one in (edits, others)]
                for both in (edits + others, others + edits):
                    with contextlib.suppress(ValueError):
                        code = self._edited(right[number], both)
                        if code not in alone:
                            made.append(code)
                            break
        return [*made[:1], *made[1:][-1:]]

    def made_in(self, source: str) -> str:
        """Return a module's source with the mistake made in it.

        Raises ValueError as `codes` does.
        """
        (block,) = [block for block in blocks_in(source) if block.name == self.block]
        code = self._edited(textwrap.dedent(block.code), self.edits)
        code = textwrap.indent(code.rstrip("\n") + "\n", block.indentation)
        return replace_blocks(source, {self.block: code})

    def _edited(self, code: str, edits: Pairs) -> str:
        for old, new in edits:
            if old is ALL:
                code = new
                continue
            if code.count(old) != 1:
                raise ValueError(
                    f"{self.block}, {self.name!r}: {old!r} occurs {code.count(old)} times in the "
                    "block, expected once"
                )
            code = code.replace(old, new)
        return code


def mistake(
    block: str, name: str, *texts: Any, sentence: str = "", also: Iterable[Any] = ()
) -> Mistake:
    """Write a Mistake: `mistake(block, name, old, new)`, with as many pairs as there are edits.

    `also` has its other spellings. A text stands for a whole block, and a tuple for pairs; a number
    before them says of which other right spelling of the block they are edits, 1 for the first.
    """
    return Mistake(block, name, _pairs(texts), sentence, tuple(map(_spelling, also)))


def _spelling(written: Any) -> tuple[int, Pairs]:
    if isinstance(written, str):
        return 0, ((ALL, written),)
    if isinstance(written[0], int):
        return written[0], _pairs(written[1:])
    return 0, _pairs(written)


def _pairs(texts: Sequence[Any]) -> Pairs:
    return tuple(zip(texts[::2], texts[1::2], strict=True))
