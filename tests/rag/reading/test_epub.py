"""E-books: each chapter is an article; its own date and author come before the book's."""

from __future__ import annotations

import pytest

from tests.rag.reading.samples import BODY, LAUGHS, epub, read

ABOUT = '<dc:creator>Jon Berg</dc:creator><dc:date opf:event="modification">2024-01-01</dc:date><dc:language>en-GB'
ABOUT += "</dc:language><dc:date>2021-04-08T00:00:00Z</dc:date><dc:publisher>calibre</dc:publisher>"
ABOUT += "<dc:contributor>calibre (7.1)</dc:contributor>"
XHTML = '<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml">{}</html>'
ONE = XHTML.format(
    f"<head><title>x</title></head><body><h1>The <i>bridge</i></h1><p>{BODY}</p><p>Wet &amp;<br/>long.</p>"
)
TWO = XHTML.format("<body><h2>The flood</h2><p>By Ada Holm</p><p>9 April 2021</p><div>Rain&nbsp;fell.</div></body>")
COVER = XHTML.format('<body><img src="cover.jpg"/></body>')


def test_each_document_of_the_spine_is_an_article() -> None:
    articles, rejected = read(
        epub({"cover.xhtml": COVER, "one.xhtml": ONE, "text/two%20b.xhtml": TWO}, ABOUT), "a.epub"
    )
    first, *_ = articles

    assert rejected == ["#OEBPS/text/two b.xhtml: it is not in the book"]
    assert len(articles) == 1
    assert (first.title, first.text) == ("The bridge", f"{BODY}\n\nWet &\nlong.")
    assert (first.source, first.author, str(first.published)) == ("Tarn Post", "Jon Berg", "2021-04-08")
    assert first.language == "en"
    assert first.origin == "upload:a.epub#OEBPS/one.xhtml"


def test_the_publisher_is_the_outlet() -> None:
    (article,), _ = read(
        epub({"one.xhtml": ONE}, "<dc:title>Issue 7</dc:title><dc:publisher>Tarn Post</dc:publisher>"), "a.epub"
    )

    assert (article.source, dict(article.told_by)["source"]) == ("Tarn Post", "the book's publisher")


def test_a_chapters_own_author_and_date_win() -> None:
    (article,), _ = read(epub({"two.xhtml": TWO}, ABOUT), "a.epub")

    assert (article.title, article.author, str(article.published)) == ("The flood", "Ada Holm", "2021-04-09")
    assert article.text == "Rain fell."
    assert dict(article.told_by)["published"] == "a date line"


def test_entities_are_not_expanded_and_nothing_is_loaded() -> None:
    declared = '<!DOCTYPE html [<!ENTITY out SYSTEM "file:///etc/passwd"><!ENTITY a "ha">]>'
    page = XHTML.replace("<!DOCTYPE html>", declared).format(f"<body><h1>One</h1><p>{BODY} &out;&a;</p></body>")
    (article,), _ = read(epub({"one.xhtml": page}), "a.epub")
    assert "root:" not in article.text
    assert " ha" not in article.text

    assert read(epub({"one.xhtml": ONE}, prolog=LAUGHS), "a.epub") == (
        [],
        [": its XML declares a document type or entities, as no such document does"],
    )


def test_a_book_without_text_is_rejected() -> None:
    assert read(epub({"cover.xhtml": COVER}), "a.epub") == ([], [": there is no text in it"])


@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_truncated_book_is_rejected(part: float) -> None:
    content = epub({"one.xhtml": ONE})
    articles, rejected = read(content[: int(len(content) * part)], "a.epub")

    assert not articles
    assert len(rejected) == 1
    assert "it is a damaged e-book" in rejected[0]
