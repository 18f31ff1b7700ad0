"""The rows of a CSV file, each of bounded length: of a row that is too long, only where it ends is looked for."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator

_DELIMITERS = ",;\t|"
_NEVER_REACHED = 2**31 - 1


def rows(lines: Iterator[str], delimiter: str, most_chars: int) -> Iterator[list[str] | str]:
    """Yield each row, or why it cannot be read; `lines` may come in pieces, each with its line's end or without."""
    # What bounds a cell is `_Feed`: the reader's own limit breaks off in the middle of a row and reads on from there.
    csv.field_size_limit(_NEVER_REACHED)
    feed = _Feed(lines, delimiter, most_chars)
    reader = csv.reader(iter(feed), delimiter=delimiter)
    while True:
        feed.chars = 0
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield f"it cannot be read: {error}"
        else:
            yield row if feed.chars <= most_chars else f"it is longer than {most_chars:,} characters"


def delimiter(header: str) -> str:
    """The delimiter that parts the header into the most columns: one of `,` `;` `|` and the tab."""
    parts = {one: len(next(csv.reader([header], delimiter=one), [])) for one in _DELIMITERS}
    return max(_DELIMITERS, key=lambda one: parts[one])


class _Feed:
    """The lines of a file; `chars` counts those of the present row. What is beyond `most` comes as its mere frame."""

    def __init__(self, pieces: Iterator[str], delimiter: str, most: int) -> None:
        self._pieces = pieces
        self._most = most
        self._cell = re.compile(rf'[^"\r\n{re.escape(delimiter)}]+')
        self._cells = re.compile(rf"(?:{re.escape(delimiter)}x?)+")
        self._delimiter = delimiter
        self.chars = 0

    def __iter__(self) -> Iterator[str]:
        held = ""
        for piece in self._pieces:
            self.chars += len(piece)
            held += piece if self.chars <= self._most else self._frame(piece)
            if piece.endswith(("\n", "\r")):
                yield held
                held = ""
        if held:
            yield held

    def _frame(self, piece: str) -> str:
        """What decides where the row ends: quotation marks, two in a row aside, and that something is between them."""
        return self._cells.sub(self._delimiter, self._cell.sub("x", piece.replace('""', "")))
