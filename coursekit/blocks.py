"""Find the blocks that students fill in, and put something else into them.

A block is what stands between the two marker lines below. Its name says where it stands:
`predict`, `Model.loss:scores`. The part after the colon is the label of the comment
above the block, `# TODO (scores): ...`, which functions with several blocks need.

Sources are read line by line and never parsed, so that a file with a syntax error in it still gives
its blocks. Everything outside a block that is replaced stays as it is, byte for byte.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

START = "# *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****"
END = "# *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****"

# What to do where they do not make sense.
MEND_MARKERS = "Put the two lines around the block back, as they are around the others."

# Where a function or a class begins that is in no other.
TOP_LEVEL = re.compile(r"^(?=(?:def|class|async def)\b)", re.MULTILINE)
MEND_MARKERS = "Put the two lines around the block back, as they are around the others."

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+\Z")
_TODO = re.compile(r"# TODO(?: \((?P<label>[^)]+)\))?: \S")
_DEFINITION = re.compile(r"\s*(?:class|(?:async\s+)?def)\s+(?P<name>\w+)\s*[(:\[]")
_SUITE = re.compile(r"\s*(?:if|elif|else|for|while|with|try|except|finally|match|case)\b.*:\s*$")
# What opens a suite: line number, depth, name.
Opening = tuple[int, int, str]


class BlockError(ValueError):
    """The markers of a file do not make sense."""


@dataclass(frozen=True)
class Block:
    """One block of a source file.

    `start` and `end` are the numbers of the two marker lines, counted from 1. `code` is what stands
    between them, line ends included, and `comment` the text of the lines above, without their #.
    """

    name: str
    path: str
    start: int
    end: int
    indentation: str
    comment: str
    code: str

    @property
    def stub(self) -> str:
        """The statement that a handout has in place of the code, without a line end."""
        return f'{self.indentation}raise NotImplementedError("{self.name} is not filled in yet")'

    @property
    def is_filled(self) -> bool:
        """Whether there is anything in the block, and no stub."""
        lines = [line.strip() for line in self.code.splitlines()]
        return any(lines) and self.stub.strip() not in lines

    @property
    def has_code(self) -> bool:
        """Whether there is anything in the block beside a stub, comments and `pass`."""
        lines = [line.strip() for line in self.code.splitlines()]
        empty = ("", "pass", "...", self.stub.strip())
        return any(line not in empty and not line.startswith("#") for line in lines)


def blocks_in(source: str, path: str = "the source") -> list[Block]:
    """Return the blocks of `source` in their order; `path` is what messages call it.

    Raises BlockError for a marker without its partner, a block that is outside a function or has no
    TODO comment directly above it, and a name that two blocks share.
    """
    lines = _LINE.findall(source)
    openings = _openings(lines)
    blocks: list[Block] = []
    start = None
    for number, line in enumerate(lines, 1):
        if line.strip() == START:
            if start is not None:
                raise BlockError(
                    f"{path}, line {number}: a block starts inside the one of line {start}"
                )
            start = number
        elif line.strip() == END:
            if start is None:
                raise BlockError(f"{path}, line {number}: a block ends here that never started")
            blocks.append(_block(lines, openings, start, number, path, blocks))
            start = None
    if start is not None:
        raise BlockError(f"{path}, line {start}: a block starts here that never ends")
    expect_unique(blocks)
    return blocks


def sound_blocks_in(source: str, path: str = "the source") -> tuple[list[Block], list[str]]:
    """Return the blocks whose markers make sense, and sentences on those that do not.

    Damaged markers cost no more than the function or class at the top level that they are in.
    """
    try:
        return blocks_in(source, path), []
    except BlockError as error:
        damage, blocks, line = [str(error)], [], 0
    for piece in TOP_LEVEL.split(source):
        with contextlib.suppress(BlockError):
            blocks += [
                replace(block, start=block.start + line, end=block.end + line)
                for block in blocks_in(piece, path)
            ]
        line += piece.count("\n")
    return blocks, damage


def blocks_of(package_dir: Path | str) -> list[Block]:
    """Return the blocks of all modules in a folder and its subfolders, each with its path in it.

    Raises BlockError as `blocks_in` does, and for a name that two files share.
    """
    package_dir = Path(package_dir)
    blocks = []
    for path in sorted(package_dir.rglob("*.py")):
        blocks += blocks_in(read_source(path), path.relative_to(package_dir).as_posix())
    expect_unique(blocks)
    return blocks


def replace_blocks(source: str, replacements: Mapping[str, str], path: str = "the source") -> str:
    """Return `source` with the code of the named blocks replaced.

    `replacements` maps names to code, which is written as it stands, but for its line ends: they
    become those of the block's own first marker. Raises BlockError for a name that is not there.
    """
    lines = _LINE.findall(source)
    blocks = {block.name: block for block in blocks_in(source, path)}
    for name in replacements:
        if name not in blocks:
            raise BlockError(f"{path}: no block is named {name!r}; there are {', '.join(blocks)}")
    for name in sorted(replacements, key=lambda name: -blocks[name].start):
        block = blocks[name]
        marker = lines[block.start - 1]
        line_end = marker[len(marker.rstrip("\r\n")) :]
        code = "".join(line.rstrip("\r\n") + line_end for line in _LINE.findall(replacements[name]))
        lines[block.start : block.end - 1] = [code]
    return "".join(lines)


def blank(source: str, only: Iterable[str] | None = None, path: str = "the source") -> str:
    """Return `source` with a stub in its blocks: in all of them, or in those named in `only`."""
    stubs = {block.name: block.stub for block in blocks_in(source, path)}
    wanted = stubs if only is None else only
    return replace_blocks(source, {name: stubs.get(name, "") for name in wanted}, path)


def read_source(path: Path | str) -> str:
    """Return the text of a Python file with its line ends as they are."""
    return Path(path).read_bytes().decode("utf-8")


def write_source(path: Path | str, source: str) -> None:
    """Write what `read_source` gives."""
    Path(path).write_bytes(source.encode("utf-8"))


def expect_unique(blocks: Iterable[Block]) -> None:
    """Raise BlockError if two blocks have the same name."""
    seen: dict[str, Block] = {}
    for block in blocks:
        other = seen.setdefault(block.name, block)
        if other is not block:
            raise BlockError(
                f"{block.path}, line {block.start}: a second block is named {block.name!r}, "
                f"after {other.path}, line {other.start}; a label in its comment, "
                "`# TODO (label): ...`, tells blocks of one function apart"
            )


def _block(
    lines: list[str], openings: list[Opening], start: int, end: int, path: str, earlier: list[Block]
) -> Block:
    marker = lines[start - 1]
    indentation = marker[: len(marker) - len(marker.lstrip())]
    comment, label = _comment_above(lines, start, path)
    place = _place(openings, start, indentation, earlier)
    if not place:
        raise BlockError(f"{path}, line {start}: a block stands outside any function")
    return Block(
        name=f"{place}:{label}" if label else place,
        path=path,
        start=start,
        end=end,
        indentation=indentation,
        comment=comment,
        code="".join(lines[start : end - 1]),
    )


def _comment_above(lines: list[str], start: int, path: str) -> tuple[str, str | None]:
    """Return the text and the label of the TODO comment that ends right above line `start`."""
    first = start - 1
    while first > 0 and lines[first - 1].lstrip().startswith("#"):
        first -= 1
        todo = _TODO.match(lines[first].strip())
        if todo:
            text = [line.strip().removeprefix("#").strip() for line in lines[first : start - 1]]
            return " ".join(text), todo["label"]
    raise BlockError(
        f"{path}, line {start}: a block without a comment `# TODO: ...` directly above it"
    )


def _openings(lines: list[str]) -> list[Opening]:
    """Return (line number, depth, name) of all that opens a suite; only definitions have a name."""
    openings = []
    for number, line in enumerate(lines, 1):
        definition = _DEFINITION.match(line)
        if definition or _SUITE.match(line):
            expanded = line.expandtabs()
            depth = len(expanded) - len(expanded.lstrip())
            openings.append((number, depth, definition["name"] if definition else ""))
    return openings


def _place(openings: list[Opening], start: int, indentation: str, earlier: list[Block]) -> str:
    """Name the functions and classes around line `start`, outermost first, with dots between.

    What opens inside the `earlier` blocks is passed over: students write it.
    """
    depth = len(indentation.expandtabs())
    names = []
    for number, opening_depth, name in reversed(openings):
        if number > start or opening_depth >= depth:
            continue
        if any(block.start < number < block.end for block in earlier):
            continue
        depth = opening_depth
        names.append(name)
    return ".".join(filter(None, reversed(names)))
