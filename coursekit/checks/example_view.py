"""An example that goes wrong, as text and as a table: what goes in, expected, yours, side by side.

All numbers are words by the time they are here, so that an example can be stored and sent as JSON
whatever a student's function has returned.
"""

import itertools
from dataclasses import asdict, dataclass
from html import escape

import numpy as np

from .comparison import is_numeric, wrong_entries
from .rendering import CELL, LINE_BELOW

# What is shown of an array that is larger than an example has any use for.
_MOST_CELLS = 12
_MOST_LETTERS = 60
# More names of what is right would not be read.
_MOST_NAMES = 4
# Digits: as few as tell a wrong number from the expected one.
_DIGITS = (4, 6, 8, 10)


@dataclass(frozen=True)
class Shown:
    """An array as words: its shape, and its numbers in the order of its rows.

    shape: None for what is no array. wrong: the places of wrong numbers. left_out: how many more
    numbers there are.
    """

    cells: tuple[str, ...]
    shape: tuple[int, ...] | None = None
    wrong: tuple[int, ...] = ()
    left_out: int = 0

    @property
    def count(self):
        return len(self.cells)

    @property
    def matrices(self):
        """The cells as a list of matrices, each a list of rows, each a list of pairs (place, cell).

        Axes before the last two are counted through; images of one pixel stand in rows.
        """
        shape = self.shape or ()
        if len(shape) == 4 and shape[-2:] == (1, 1):
            shape = shape[:2]
        width = max(shape[-1], 1) if shape else 1
        height = max(shape[-2], 1) if len(shape) > 1 else 1
        numbered = list(enumerate(self.cells))
        rows = [numbered[start : start + width] for start in range(0, len(numbered), width)]
        return [rows[start : start + height] for start in range(0, len(rows), height)]

    @property
    def of_shape(self):
        """The shape as it is told: "(2, 1)", nothing for a single number."""
        return str(self.shape) if self.shape else ""


@dataclass(frozen=True)
class Example:
    """An example that goes wrong.

    check: its name. words: what is special about the example. given: what goes in, by name.
    expected, yours: what should have come out and what did, by name, as far as it is wrong.
    right: the names of what is as expected. notes: sentences on what numbers do not tell.
    """

    check: str
    words: str
    given: dict[str, Shown]
    expected: dict[str, Shown]
    yours: dict[str, Shown]
    right: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def title(self):
        return f"The smallest example that goes wrong: {self.words}"

    @property
    def sentences(self):
        """What stands below the numbers."""
        if not self.right:
            return self.notes
        if len(self.right) > _MOST_NAMES:
            return (*self.notes, "All else is right.")
        return (
            *self.notes,
            f"{listed(self.right)} {'is' if len(self.right) == 1 else 'are'} right.",
        )

    def to_json(self):
        """Return the example as dictionaries, lists and words."""
        return asdict(self)

    @classmethod
    def from_json(cls, described):
        """Read what `to_json` wrote."""
        described = dict(described)
        for part in ("given", "expected", "yours"):
            described[part] = {name: _read(shown) for name, shown in described[part].items()}
        for part in ("right", "notes"):
            described[part] = tuple(described[part])
        return cls(**described)

    def __str__(self):
        return as_text(self)

    def _repr_html_(self):
        return as_html(self)

    def _repr_pretty_(self, printer, cycle):
        printer.text(str(self))


def as_shown(value):
    """Return an input as words."""
    if isinstance(value, np.ndarray) and is_numeric(value):
        return _shown(value, [_written(number, _DIGITS[0]) for number in _first(value)])
    if isinstance(value, float):
        return Shown((_written(value, _DIGITS[-1]),))
    return Shown((str(value)[:_MOST_LETTERS],))


def pair_as_shown(expected, got):
    """Return an expected array and the one in its place as words; None for one that is missing."""
    if got is None:
        return as_shown_output(expected, _DIGITS[0]), None
    wrong = _wrong_places(expected, got)
    for digits in _DIGITS:
        pair = as_shown_output(expected, digits), as_shown_output(got, digits, wrong)
        if all(place >= pair[0].count or pair[0].cells[place] != pair[1].cells[place]
               for place in pair[1].wrong):  # fmt: skip
            break
    return pair


def as_shown_output(array, digits, wrong=()):
    """Return an array of an answer as words: numbers, or what it holds in their place."""
    if is_numeric(array):
        cells = [_written(number, digits) for number in _first(array)]
    else:
        cells = [str(word)[:_MOST_LETTERS] for word in _first(array)]
    return _shown(array, cells, wrong)


def as_text(example):
    """Return an example as lines of text."""
    given = [(name, s.of_shape, _block(s), []) for name, s in example.given.items()]
    compared = [
        (name, expected.of_shape, _block(expected), _block(example.yours.get(name), expected))
        for name, expected in example.expected.items()
    ]
    rows = [*given, *compared]
    margins = [max((len(row[column]) for row in rows), default=0) for column in (0, 1)]
    lines = [example.title, *_text_rows(given, margins)]
    if compared:
        heads = ("", "", ["expected"], ["yours"] if example.yours else [])
        lines += _text_rows([heads, *compared], margins)
    return "\n".join([*lines, *(f"  {sentence}" for sentence in example.sentences)])


def _text_rows(rows, margins):
    """Yield the lines of rows: a name, a shape, and two blocks of lines side by side."""
    width = max((len(line) for row in rows for line in row[2]), default=0)
    for name, shape, left, right in rows:
        for number, (one, other) in enumerate(itertools.zip_longest(left, right, fillvalue="")):
            start = (name, shape) if number == 0 else ("", "")
            told = (
                f"  {start[0]:<{margins[0]}}  {start[1]:<{margins[1]}}  {one:<{width}}    {other}"
            )
            yield told.rstrip()


def as_html(example):
    """Return an example as HTML: one table for what goes in, one for expected and yours."""
    given = [
        _html_row(name, shown.of_shape, [_html_array(shown)])
        for name, shown in example.given.items()
    ]
    compared = []
    for name, expected in example.expected.items():
        yours = example.yours.get(name)
        other = _html_array(yours, expected) if yours else "missing"
        if yours is None and not example.yours:
            other = ""
        compared.append(_html_row(name, expected.of_shape, [_html_array(expected), other]))
    pieces = [
        f"<p><strong>{escape(example.title)}</strong></p>",
        _html_table(("what goes in", "shape", ""), given),
        _html_table(("what comes out", "shape", "expected", "yours"), compared),
    ]
    pieces += [f"<p>{escape(sentence)}</p>" for sentence in example.sentences]
    return f'<div style="color: inherit">{"".join(pieces)}</div>'


def _html_table(heads, rows):
    if not rows:
        return ""
    titles = "".join(f'<th scope="col" style="{CELL}; {LINE_BELOW}">{head}</th>' for head in heads)
    return (
        '<table style="color: inherit; background: none; margin: 0 0 0.5em 0; '
        f'border-collapse: collapse"><thead><tr>{titles}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _html_row(name, shape, cells):
    told = "".join(f'<td style="{CELL}">{cell}</td>' for cell in cells)
    return (
        '<tr style="background: none">'
        f'<th scope="row" style="{CELL}; font-weight: normal">{escape(name)}</th>'
        f'<td style="{CELL}; white-space: nowrap">{escape(shape)}</td>{told}</tr>'
    )


def _html_array(shown, beside=None):
    """Return the numbers as a table of their own, aligned to the right; wrong ones are bold."""
    rows = []
    for number, matrix in enumerate(shown.matrices):
        if number:
            rows.append('<tr style="background: none"><td style="padding: 0.3em"></td></tr>')
        for row in matrix:
            cells = "".join(_html_cell(cell, place in shown.wrong) for place, cell in row)
            rows.append(f'<tr style="background: none">{cells}</tr>')
    before, after = (
        "".join(f"<div>{escape(words)}</div>" for words in said)
        for said in (_said_before(shown, beside), _said_after(shown))
    )
    table = (
        '<table style="color: inherit; background: none; margin: 0; border-collapse: collapse">'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )
    return before + (table if rows else "") + after


def _html_cell(cell, wrong):
    text = f"<strong>{escape(cell)}</strong>" if wrong else escape(cell)
    return (
        '<td style="text-align: right; padding: 0 0.5em 0 0; white-space: nowrap; '
        f'font-variant-numeric: tabular-nums">{text}</td>'
    )


def _block(shown, beside=None):
    """Return the lines of an array, its columns aligned to the right."""
    if shown is None:
        return []
    lines = list(_said_before(shown, beside))
    matrices = shown.matrices
    widths = {}
    for row in (row for matrix in matrices for row in matrix):
        for column, (_, cell) in enumerate(row):
            widths[column] = max(widths.get(column, 0), len(cell))
    for number, matrix in enumerate(matrices):
        lines += [""] if number else []
        for row in matrix:
            cells = (f"{cell:>{widths[column]}}" for column, (_, cell) in enumerate(row))
            lines.append("  ".join(cells))
    return [*lines, *_said_after(shown)]


def _said_before(shown, beside):
    """Yield what is to be said of an array before its numbers."""
    if beside is not None and shown.shape != beside.shape:
        yield f"shape {shown.shape}" if shown.shape is not None else "no array"


def _said_after(shown):
    """Yield what is to be said of an array after its numbers."""
    if not shown.cells:
        yield "no numbers in it"
    if shown.left_out:
        yield f"and {shown.left_out} more"


def _shown(array, cells, wrong=()):
    return Shown(
        tuple(cells),
        tuple(array.shape) if is_numeric(array) or array.ndim else None,
        tuple(place for place in wrong if place < len(cells)),
        max(array.size - len(cells), 0),
    )


def listed(names):
    """Write names as in a sentence: "dx, dw and db"."""
    *first, last = names
    return f"{', '.join(first)} and {last}" if first else last


def _first(array):
    return array.ravel()[:_MOST_CELLS].tolist()


def _written(number, digits):
    """Write a number: whole ones without a point, others with a few digits."""
    if isinstance(number, bool | complex):
        return str(number)
    if isinstance(number, float) and number.is_integer() and abs(number) < 1e9:
        return str(int(number))
    return f"{number:.{digits}g}" if isinstance(number, float) else str(number)[:_MOST_LETTERS]


def _wrong_places(expected, got):
    """Return the places of wrong numbers, where the two can be laid side by side."""
    if not (is_numeric(got) and is_numeric(expected)) or got.shape != expected.shape:
        return ()
    return tuple(np.flatnonzero(wrong_entries(got, expected)).tolist())


def _read(described):
    shape = described["shape"]
    return Shown(
        tuple(described["cells"]),
        None if shape is None else tuple(shape),
        tuple(described["wrong"]),
        described["left_out"],
    )
