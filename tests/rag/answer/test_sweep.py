"""Asking every article: all are read in batches, and a stop says so."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

from rag import Question, Upload, coverage
from rag.progress import Done
from rag.spreadsheet import sweep_table, table_bytes
from tests.rag.making import TEXTS, assistant

WORD = Question("What is the word?")


def test_a_sweep_reports_its_progress_and_can_be_stopped(tmp_path: Path) -> None:
    reported: list[Done] = []
    with assistant(tmp_path) as archive:
        archive.ingest([Upload(f"{number}.txt", text.encode()) for number, text in enumerate(TEXTS)])
        whole = archive.find_all(WORD, reported.append)
        stopped = archive.find_all(WORD, stopped=lambda: len(reported) > 0)
    assert (whole.articles, whole.judged, whole.stopped) == (80, 80, False)
    assert [done.share for done in reported] == sorted(done.share for done in reported)
    assert reported[-1].share == 1.0
    assert (stopped.judged, stopped.stopped, stopped.testimonies) == (0, True, ())


def test_a_report_says_why_fewer_articles_were_read_than_there_are(tmp_path: Path) -> None:
    copies = [Upload(f"{number}.txt", TEXTS[0].encode()) for number in range(2)]
    with assistant(tmp_path) as archive:
        archive.ingest([*copies, Upload("other.txt", TEXTS[1].encode())])
        found = archive.find_all(WORD)
    assert (found.judged, found.articles) == (2, 3)
    assert coverage(found).startswith("3 are in the archive: copies of one story count once")


def test_a_cell_of_the_table_is_never_a_formula(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        archive.ingest([Upload("a.txt", b'=HYPERLINK("http://evil.example")\n\nThe word of this one is unique.')])
        table = sweep_table(archive.find_all(WORD))
    assert b"'=HYPERLINK" in table_bytes(table, Path("found.csv"))
    with ZipFile(BytesIO(table_bytes(table, Path("found.xlsx")))) as book:
        sheet, texts = book.read("xl/worksheets/sheet1.xml"), book.read("xl/sharedStrings.xml")
    assert b"=HYPERLINK" in texts
    assert b"<f>" not in sheet
    assert b"<hyperlink" not in sheet
