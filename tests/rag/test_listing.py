"""The list of articles: in part, sorted, by title or by words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Assistant, Sort, Upload
from tests.rag.making import assistant

ROWS = (
    ("Zebra runs", "Post", "2021-04-08"),
    ("apples ripen", "Herald", "2021-05-01"),
    ("Bridge opens", "", ""),
    ("Cranes return", "post", "2020-01-02"),
)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Assistant]:
    texts = []
    for number, (title, source, day) in enumerate(ROWS):
        told = f"title: {title}\n" + (f"source: {source}\n" if source else "") + (f"date: {day}\n" if day else "")
        texts.append(Upload(f"n{number}.md", f"---\n{told}---\nWord{number} stood in the yard.".encode()))
    with assistant(tmp_path) as opened:
        opened.ingest(texts)
        yield opened


@pytest.mark.parametrize(
    ("sort", "initials"),
    [("id", "ZaBC"), ("newest", "aZCB"), ("title", "aBCZ"), ("outlet", "aZCB"), ("added", "CBaZ")],
)
def test_each_order_and_its_pages(archive: Assistant, sort: Sort, initials: str) -> None:
    found = "".join(article.title[0] for article in archive.articles(sort=sort))

    assert sorted(found) == sorted(initials)
    assert sort == "id" or found == initials
    pages = [archive.articles(limit=3, skip=skip, sort=sort) for skip in (0, 3, 6)]
    assert [len(page) for page in pages] == [3, 1, 0]
    assert [article.id for page in pages for article in page] == [article.id for article in archive.articles(sort=sort)]


def test_titles_are_matched_in_any_case_and_counted(archive: Assistant) -> None:
    assert [article.title for article in archive.articles("R", sort="title")] == [
        "apples ripen",
        "Bridge opens",
        "Cranes return",
        "Zebra runs",
    ]
    assert (archive.count(), archive.count("BRIDGE"), archive.count("none of these")) == (4, 1, 0)


def test_words_are_found_in_texts_and_titles_best_first(archive: Assistant) -> None:
    titles = [archive.article(article_id).title for article_id in archive.find("word2 bridge yard", 10)]

    assert titles[0] == "Bridge opens"
    assert len(titles) == 4
    assert len(archive.find("yard", 2)) == 2


@pytest.mark.parametrize("words", ["", "   ", "!?", "zyxwvu", '"', "AND OR NOT"])
def test_words_that_fit_nothing_find_nothing(archive: Assistant, words: str) -> None:
    assert archive.find(words, 5) == ()
