"""A student's code in the files of a newer handout: block by block, by their names."""

import ast
import re
import warnings
from collections import Counter
from dataclasses import dataclass, field

from ...blocks import TOP_LEVEL, BlockError, blocks_in, replace_blocks

# Written above what a student has added outside the blocks, at the end of a file.
CARRIED_OVER = "# Carried over from before the update:"


@dataclass
class Merged:
    """The package's files as they are to be.

    files: {path: text}. moved: the names of blocks that have found their place. left: sentences on
    what has not. notes: sentences on what else to look at.
    """

    files: dict = field(default_factory=dict)
    moved: list = field(default_factory=list)
    left: list = field(default_factory=list)
    notes: list = field(default_factory=list)


def merge_sources(old, new):
    """Put the blocks of the old files that are filled in into the new files.

    Inputs:
    - old: the student's files, {path: text}
    - new: the handout's files, {path: text}

    Returns Merged, with the files of `new` that have blocks in them. A block is placed by its name,
    in whichever file the name now is.

    Raises BlockError if the new files' blocks make no sense.
    """
    merged = Merged()
    filled = {}
    for path, source in old.items():
        for block in _blocks_that_can_be_read(source, path, merged):
            if block.is_filled:
                filled[block.name] = block
    for path, source in new.items():
        blocks = blocks_in(source, path)
        if not blocks:
            continue
        placed = {
            block.name: _indented(filled[block.name], block.indentation)
            for block in blocks
            if block.name in filled
        }
        text = replace_blocks(source, placed, path)
        if _compiles(old.get(path, "")) and _compiles(source) and not _compiles(text):
            raise BlockError(
                f"{path}: with your blocks in it, Python cannot read the new file, though it could "
                "read yours. Nothing was replaced: tell your instructors, with the file"
            )
        merged.moved += placed
        if path in old:
            text = _with_additions(text, old[path], path, merged)
            _note_what_is_gone(text, old[path], path, merged)
        merged.files[path] = text
    for name in sorted(filled.keys() - set(merged.moved)):
        block = filled[name]
        merged.left.append(
            f"the block {name} ({block.path}, line {block.start}): there is no such block any more"
        )
    return merged


def _blocks_that_can_be_read(source, path, merged):
    """Return the blocks of a file; of one with damaged markers, those of its sound functions."""
    try:
        return blocks_in(source, path)
    except BlockError as error:
        merged.left.append(f"some of {path}, whose marker lines are damaged: {error}")
    blocks, line = [], 0
    for piece in TOP_LEVEL.split(source):
        try:
            blocks += blocks_in(piece, path)
        except BlockError:
            first = piece.splitlines()[0].rstrip(":") if piece.strip() else path
            merged.left.append(f"{first} in {path}, from line {line + 1} on")
        line += piece.count("\n")
    return blocks


def _indented(block, indentation):
    """Return the code of a block for a place that is indented otherwise, perhaps."""
    if block.indentation == indentation:
        return block.code
    depth = len(block.indentation)
    return "".join(
        indentation + line[depth:] if line.startswith(block.indentation) else line
        for line in block.code.splitlines(keepends=True)
    )


def _with_additions(text, old, path, merged):
    """Append what the student has added at the top level of a file: helpers, imports, constants."""
    try:
        before, now = ast.parse(old), ast.parse(text)
    except (SyntaxError, ValueError):
        if _parses(old) or not _parses(text):
            merged.notes.append(f"{path}: Python cannot read it, so look at it first.")
        else:
            merged.notes.append(
                f"{path}: Python could not read it as it was. What you added outside the blocks, "
                "if anything, is in the backup alone."
            )
        return text
    known = {name for node in now.body for name in _defined_by(node)}
    lines = re.split(r"\r\n|\n|\r", old)
    names, pieces, future = set(), [], []
    for node in before.body:
        piece = "\n".join(lines[_first_line(node) - 1 : node.end_lineno]).rstrip()
        defined = _defined_by(node)
        if defined and not defined & known and "OF YOUR CODE" not in piece:
            names |= defined
            (future if _is_future(node) else pieces).append(piece)
    if not names:
        return text
    said = ", ".join(sorted(names))
    longer = _at_the_top(text, now, future) if future else text
    if pieces:
        parts = [longer.rstrip("\r\n"), "", "", CARRIED_OVER, "\n\n".join(pieces), ""]
        longer = "\n".join(parts)
    if not _compiles(longer) and _compiles(text):
        merged.notes.append(
            f"{path}: what you added outside the blocks ({said}) does not fit the new file. It is "
            "in the backup alone."
        )
        return text
    where = "at its end" if pieces else "at its top"
    merged.notes.append(f"{path}: what you added outside the blocks is {where} ({said}).")
    return longer


def _is_future(node):
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _at_the_top(text, tree, imports):
    """Put imports from __future__ where Python wants them: right behind the docstring."""
    lines = text.splitlines(keepends=True)
    first = tree.body[0] if tree.body else None
    is_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
    place = first.end_lineno if is_docstring and isinstance(first.value.value, str) else 0
    added = "\n" * bool(place) + "".join(f"{line}\n" for line in imports)
    return "".join([*lines[:place], added, *lines[place:]])


def _note_what_is_gone(text, old, path, merged, most=3):
    """Tell which lines outside the blocks are not there any more: the student's, perhaps."""
    now = Counter(_outside_blocks(text))
    gone = []
    for line in _outside_blocks(old):
        now[line] -= 1
        if now[line] < 0 and line and not line.startswith("#"):
            gone.append(line)
    if gone:
        rest = f" and {len(gone) - most} more" if len(gone) > most else ""
        shown = "; ".join(f"`{line}`" for line in gone[:most])
        merged.notes.append(
            f"{path}: outside the blocks these lines are not in the new handout, should they be "
            f"yours: {shown}{rest}."
        )


def _outside_blocks(source):
    """Return the lines of a source without those of its blocks; [] if its markers are damaged."""
    try:
        empty = {block.name: "" for block in blocks_in(source)}
        return [line.strip() for line in replace_blocks(source, empty).splitlines()]
    except BlockError:
        return []


def _defined_by(node):
    """Return the names that a statement defines, if it is one that can stand anywhere in a file."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {node.name}
    if isinstance(node, ast.Import | ast.ImportFrom):
        return {alias.asname or alias.name.partition(".")[0] for alias in node.names}
    if isinstance(node, ast.Assign):
        return {name for target in node.targets for name in _names_of(target)}
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        return _names_of(node.target)
    if isinstance(node, ast.Try | ast.If):
        # An import that may fail, or that depends on the system, and nothing that does more.
        bodies = [node.body, node.orelse, getattr(node, "finalbody", [])]
        bodies += [handler.body for handler in getattr(node, "handlers", [])]
        inner = [(part, _defined_by(part)) for body in bodies for part in body]
        if all(names or isinstance(part, ast.Pass) for part, names in inner):
            return set().union(*(names for _, names in inner))
    return set()


def _names_of(target):
    """Return the names that an assignment binds; none if it changes a part of something."""
    parts = target.elts if isinstance(target, ast.Tuple | ast.List) else [target]
    if all(isinstance(part, ast.Name) for part in parts):
        return {part.id for part in parts}
    return set()


def _first_line(node):
    decorators = getattr(node, "decorator_list", ())
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])


def _compiles(text):
    """Whether Python can read a file as a whole; some errors are found later than by parsing."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            compile(text, "a file", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    return True


def _parses(text):
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True
