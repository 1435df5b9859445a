"""What students wrote, made fit for pages and tables.

Names of people and files, code and error messages are chosen by whoever hands something in. None of
it may move what stands around it, or be more than text to the program that shows it.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable

# What is no text: control characters but for tab and newline, halves of characters, and what turns
# the direction of all that follows. Letters that are written from right to left need none of it.
_NO_TEXT = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]"
)
_MARK = "\ufffd"  # stands in the place of what is no text
_SIGNS = "=+-@"
# Where a cell begins: in some countries a spreadsheet takes a semicolon for the end of one.
_CELL = re.compile(r"(?:^|;)[^;]*")


def as_table(rows: Iterable[Iterable[object]]) -> str:
    """Return rows of cells as CSV."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def printable(text: str) -> str:
    """Return text with a visible mark in the place of each character that is no text."""
    return _NO_TEXT.sub(_MARK, text.replace("\r\n", "\n"))


def in_a_cell(value: object) -> str:
    """Return text in one line that no spreadsheet takes for a formula.

    A formula begins with a sign, in any width, and perhaps with blanks or with characters that
    nobody sees before it. It is quoted as spreadsheets do it themselves.
    """
    line = printable(" ".join(f"{value}".split()))
    return _CELL.sub(lambda cell: _quoted(cell[0]), line)


def _quoted(cell: str) -> str:
    end = ";" if cell.startswith(";") else ""
    content = cell[len(end) :]
    seen = (letter for letter in content if not _is_unseen(letter))
    first = unicodedata.normalize("NFKC", next(seen, ""))[:1]
    return f"{end}'{content}" if first and first in _SIGNS else cell


def _is_unseen(letter: str) -> bool:
    return letter == _MARK or unicodedata.category(letter)[0] in "CZ"
