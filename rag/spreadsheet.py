"""What was found as a table for a spreadsheet: CSV, or XLSX, which opens without questions about its encoding."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from rag.errors import InputError
from rag.reading.encodings import printable
from rag.surveys import Comparison, Sweep, Timeline
from rag.types import Testimony

Cell = str | int | float | None
FORMATS = (".csv", ".xlsx")
_WIDEST, _MEASURED_ROWS = 80, 200


class Table(NamedTuple):
    """The names of the columns, and the rows; an empty cell is None or ""."""

    header: tuple[str, ...]
    rows: Sequence[Sequence[Cell]]


def sweep_table(found: Sweep) -> Table:
    """List all articles that answer, likeliest first."""
    header = "published outlet title value unit quote corrected_by probability article start end url"
    return Table(tuple(header.split()), [_testimony_row(one) for one in found.testimonies])


def _testimony_row(one: Testimony) -> tuple[Cell, ...]:
    article, quote = one.evidence.article, one.evidence
    told_there = (str(article.published or ""), article.source, article.title, one.value, one.unit, quote.text)
    return (*told_there, one.corrected_by, round(quote.score, 2), article.id, quote.start, quote.end, article.url)


def timeline_table(found: Timeline) -> Table:
    """List the events, first day first; outlets are separated by `; `."""
    header = "day day_stated quote outlets articles corrected_by title published article start end url"
    rows = []
    for one in found.events:
        article, quote = one.quote.article, one.quote
        event = (str(one.day), "yes" if one.stated else "no", quote.text, "; ".join(one.outlets), len(one.articles))
        source = (article.title, str(article.published or ""), article.id, quote.start, quote.end, article.url)
        rows.append((*event, one.notice.id if one.notice else "", *source))
    return Table(tuple(header.split()), rows)


def comparison_table(found: Comparison) -> Table:
    """List the quotes of every piece, most central first; those of one piece have its number."""
    header = "piece kind outlet published title amount quote corrected_by article start end url"
    rows = []
    for number, piece in enumerate(found.pieces, start=1):
        for outlet, quote, notice in zip(piece.outlets, piece.quotes, piece.notices, strict=True):
            article = quote.article
            row = (number, piece.kind, outlet, str(article.published or ""), article.title, quote.short, quote.text)
            rows.append((*row, notice.id if notice else "", article.id, quote.start, quote.end, article.url))
    return Table(tuple(header.split()), rows)


def check_format(file: Path) -> None:
    """Raises: InputError, if `table_bytes` cannot write that kind of file."""
    if str(file) != "-" and file.suffix.lower() not in FORMATS:
        raise InputError(f"{file} is neither a .csv nor an .xlsx file", "give the file one of these two endings")


def table_bytes(table: Table, file: Path) -> bytes:
    """Format a table as the ending of `file` says, `-` as CSV. Nothing in it becomes a formula or a link."""
    return _xlsx(table) if file.suffix.lower() == ".xlsx" else _csv(table).encode()


def _csv(table: Table) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(table.header)
    writer.writerows(map(_csv_cell, row) for row in table.rows)
    return text.getvalue()


def _csv_cell(value: Cell) -> Cell:
    """A spreadsheet would run a text that begins with one of these as a formula; an apostrophe makes it text."""
    if not isinstance(value, str):
        return value
    text = printable(value)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _xlsx(table: Table) -> bytes:
    # Imported here: only a table in a file needs it.
    from xlsxwriter import Workbook

    content = io.BytesIO()
    plain = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "in_memory": True}
    with Workbook(content, plain) as book:
        sheet, bold, wrapped = book.add_worksheet(), book.add_format({"bold": True}), book.add_format()
        wrapped.set_text_wrap()
        wrapped.set_align("top")
        sheet.write_row(0, 0, table.header, bold)
        sheet.freeze_panes(1, 0)
        for at, row in enumerate(table.rows, start=1):
            for column, value in enumerate(row):
                sheet.write(at, column, printable(value) if isinstance(value, str) else value, wrapped)
        for column, name in enumerate(table.header):
            shown = (str(row[column] or "") for row in table.rows[:_MEASURED_ROWS])
            sheet.set_column(column, column, min(_WIDEST, 2 + max(map(len, (name, *shown)))))
    return content.getvalue()
