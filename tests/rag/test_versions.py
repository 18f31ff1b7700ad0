"""A correction is a version: the newest answers, the old stays readable, and nothing is lost by reading again."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Article, Assistant, Upload
from rag.errors import ArticleUnknown
from rag.search.changes import sentence_changes
from tests.rag.making import article, assistant

PAGE = "---\ntitle: Storm\nurl: https://news.example/storm\n---\n\n"
MONDAY = "Rain fell on Monday in Lahore. Forty houses were hit."
TUESDAY = "Rain fell on Tuesday in Lahore. Forty houses were hit."


def page(name: str, text: str) -> Upload:
    return Upload(name, f"{PAGE}{text}".encode())


def texts(archive: Assistant, found: Article) -> list[str]:
    return [one.text for one in (*archive.versions(found.id), archive.article(found.id))]


def test_a_new_text_at_the_same_address_is_a_version(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        archive.ingest([page("morning.md", MONDAY)])
        report = archive.ingest([page("evening.md", TUESDAY)])
        (found,) = archive.articles()
        assert report.updated == (found.id,)
        assert texts(archive, found) == [MONDAY, TUESDAY]
        dense, lexical = archive._indexes.current()
        assert lexical.search("Monday", 5) == []
        assert len(dense) == len(lexical.search("Tuesday", 5)) == 1


def test_two_texts_of_one_address_in_one_run_are_two_versions(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        archive.ingest([page("morning.md", MONDAY), page("evening.md", TUESDAY)])
        assert texts(archive, archive.articles()[0]) == [MONDAY, TUESDAY]


def test_reading_both_again_makes_no_version(tmp_path: Path) -> None:
    both = [page("morning.md", MONDAY), page("evening.md", TUESDAY)]
    with assistant(tmp_path) as archive:
        archive.ingest(both)
        report = archive.ingest(both)
        assert len(report.unchanged) == 2
        assert texts(archive, archive.articles()[0]) == [MONDAY, TUESDAY]


def test_an_old_copy_beside_the_new_text_is_no_news(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        archive.ingest([page("morning.md", MONDAY), page("evening.md", TUESDAY)])
        assert archive.ingest([page("backup.md", MONDAY)]).unchanged == (archive.articles()[0].id,)
        assert archive.articles()[0].text == TUESDAY


def test_a_correction_that_is_taken_back_is_news(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        for text in (MONDAY, TUESDAY, MONDAY):
            archive.ingest([page("same.md", text)])
        assert texts(archive, archive.articles()[0]) == [MONDAY, TUESDAY, MONDAY]


def test_better_metadata_is_no_version(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        archive.ingest([Upload("a.md", f"---\ntitle: Storm\n---\n\n{MONDAY}".encode())])
        report = archive.ingest([Upload("a.md", f"---\ntitle: Storm\nauthor: A B\n---\n\n{MONDAY}".encode())])
        (found,) = archive.articles()
        assert report.updated == (found.id,)
        assert found.author == "A B"
        assert archive.versions(found.id) == ()


@pytest.mark.parametrize("address", ["https://news.example/", "https://news.example", "ftp://news.example/a", "a", ""])
def test_a_front_page_is_no_identity(tmp_path: Path, address: str) -> None:
    front = f"---\ntitle: Storm\nurl: {address}\n---\n\n"
    with assistant(tmp_path) as archive:
        archive.ingest([Upload("a.md", f"{front}{MONDAY}".encode()), Upload("b.md", f"{front}{TUESDAY}".encode())])
        assert len(archive.articles()) == 2


def test_addresses_that_differ_in_nothing_that_counts_are_one(tmp_path: Path) -> None:
    addresses = ("https://www.news.example/storm/?utm_source=x", "http://news.example/storm#top")
    with assistant(tmp_path) as archive:
        for number, address in enumerate(addresses):
            text = f"---\ntitle: Storm\nurl: {address}\n---\n\n{MONDAY}"
            archive.ingest([Upload(f"{number}.md", text.encode())])
        assert len(archive.articles()) == 1


def test_removing_an_article_removes_its_versions(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        archive.ingest([page("morning.md", MONDAY), page("evening.md", TUESDAY)])
        gone = archive.articles()[0].id
        archive.remove(gone)
        with pytest.raises(ArticleUnknown):
            archive.versions(gone)
        assert archive.ingest([page("morning.md", MONDAY)]).added == (gone,)
        assert archive.versions(gone) == ()


def test_changes_are_told_by_the_sentence() -> None:
    old, new = article("a", f"{MONDAY} The mayor spoke."), article("a", f"{TUESDAY} The mayor spoke. He left.")
    assert list(sentence_changes(old, new)) == [
        ("-", "Rain fell on Monday in Lahore."),
        ("+", "Rain fell on Tuesday in Lahore."),
        ("+", "He left."),
    ]
    assert list(sentence_changes(old, old)) == []
