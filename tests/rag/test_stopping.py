"""An ingest that is asked to stop keeps what it has read, and tells of each article as it goes."""

from __future__ import annotations

from pathlib import Path

from rag import Article, IngestReport, Rejection, Upload
from tests.rag.making import TEXTS, assistant, files
from tests.rag.search.test_ingest import assert_whole, by_id


def test_a_stop_keeps_what_was_read_and_the_next_run_goes_on(tmp_path: Path) -> None:
    paths = files(tmp_path / "in", TEXTS[:6])
    noted: list[Article | Rejection] = []
    with assistant(tmp_path) as archive:
        report = archive.ingest(paths, stopped=lambda: len(noted) == 4, noted=noted.append)
        assert (len(report.added), report.stopped, archive.count()) == (4, True, 4)
        assert [item.id for item in noted if isinstance(item, Article)] == list(report.added)
        assert_whole(archive, by_id(paths))
        again = archive.ingest(paths)
        assert (len(again.unchanged), len(again.added), again.stopped) == (4, 2, False)


def test_a_stop_before_the_first_reads_nothing(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        report = archive.ingest(files(tmp_path / "in", TEXTS[:3]), stopped=lambda: True)
        assert report == IngestReport(stopped=True)


def test_a_stop_inside_a_table_keeps_its_first_rows(tmp_path: Path) -> None:
    table = "title,text\n" + "".join(f"Day {number},It rained on day {number}.\n" for number in range(9))
    noted: list[Article | Rejection] = []
    with assistant(tmp_path) as archive:
        report = archive.ingest(
            [Upload("days.csv", table.encode())], stopped=lambda: len(noted) > 2, noted=noted.append
        )
        assert (len(report.added), archive.count()) == (3, 3)


def test_what_is_rejected_is_noted_as_it_happens(tmp_path: Path) -> None:
    noted: list[Article | Rejection] = []
    uploads = [Upload("a.xyz", b"x"), Upload("b.txt", b"Title\n\nIt rained.")]
    with assistant(tmp_path) as archive:
        report = archive.ingest([*uploads, tmp_path / "none.txt"], noted=noted.append)

    assert tuple(item for item in noted if isinstance(item, Rejection)) == report.rejected
    assert len(noted) == 3
