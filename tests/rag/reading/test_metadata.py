"""What a page tells of its article: each field from where the page is surest, and the day of publication only."""

from __future__ import annotations

import json

import pytest

from rag.reading import Upload, pages
from tests.rag.making import read_one
from tests.rag.reading.html import ADDRESS, BODY, linked, meta, page, parse

# The date


DATES = [
    (
        linked(datePublished="2021-04-08T23:30:00+05:00", dateModified="2021-04-10"),
        "2021-04-08",
        "JSON-LD datePublished",
    ),
    (linked(dateModified="2021-04-10"), "None", None),
    (meta("article:published_time", "2021-04-08T10:00:00Z"), "2021-04-08", "article:published_time"),
    (meta("article:modified_time", "2021-04-10") + meta("og:updated_time", "2021-04-10"), "None", None),
    ('<meta name="date" content="8 April 2021">', "2021-04-08", "meta date"),
    ('<meta name="dc.date" content="2021-04">', "2021-04", "meta dc.date"),
    ('<meta name="pubdate" content="20210408">', "2021-04-08", "meta pubdate"),
    ('<meta name="pubdate" content="08/04/2021">', "2021", "meta pubdate"),
    ('<meta name="pubdate" content="Thu, 08 Apr 2021 10:00:00 GMT">', "2021-04-08", "meta pubdate"),
    ('<meta name="pubdate" content="1970-01-01T00:00:00Z">', "None", None),
    ('<meta name="pubdate" content="2021-13-45">', "None", None),
    (linked(datePublished="0001-01-01") + meta("date", "2021-04-08"), "2021-04-08", "meta date"),
    ('<meta http-equiv="last-modified" content="2021-04-10">', "None", None),
]


@pytest.mark.parametrize(("head", "published", "told_by"), DATES, ids=[row[0][:70] for row in DATES])
def test_the_head_tells_the_day_of_publication_only(head: str, published: str, told_by: str | None) -> None:
    draft = parse(head.replace('property="date"', 'name="date"'))

    assert (str(draft.published), draft.told_by.get("published")) == (published, told_by)


SHOWN = [
    ('<time datetime="2021-04-08T10:00">8 April</time>', "2021-04-08", "the time element"),
    ('<time class="updated" datetime="2021-04-10">10 April</time>', "None", None),
    ('<p>Last updated: <time datetime="2021-04-10">10 April</time></p>', "None", None),
    ('<span itemprop="datePublished" content="2021-04-08"></span>', "2021-04-08", "itemprop datePublished"),
    ("<div>Published April 8, 2021 at noon</div>", "2021-04-08", "the line by the title"),
    ("<div>8. April 2021</div>", "2021-04-08", "the line by the title"),
    ("<div>Updated April 10, 2021</div>", "None", None),
    ('<aside><time datetime="2021-04-01">1 April</time></aside>', "None", None),
]


@pytest.mark.parametrize(("line", "published", "told_by"), SHOWN, ids=[row[0][:70] for row in SHOWN])
def test_where_the_head_is_silent_the_page_tells_the_day(line: str, published: str, told_by: str | None) -> None:
    draft = parse(body=f"<article><h1>The bridge opens</h1>{line}{BODY}</article>")

    assert (str(draft.published), draft.told_by.get("published")) == (published, told_by)


def test_the_address_tells_the_day_where_nothing_else_does() -> None:
    draft = parse(address="https://tarnpost.example/2021/04/08/bridge")

    assert (str(draft.published), draft.told_by["published"]) == ("2021-04-08", "the address")


def test_the_outlets_own_day_wins_over_the_day_after_in_utc() -> None:
    head = linked(datePublished="2021-04-09T02:30:00Z")

    assert str(parse(head, "https://tarnpost.example/2021/04/08/bridge").published) == "2021-04-08"
    assert str(parse(head, "https://tarnpost.example/2021/03/01/bridge").published) == "2021-04-09"


def test_a_day_in_the_article_is_not_the_day_of_the_article() -> None:
    for told in ("On 12 May 1999 the first bridge closed.", "The old wooden bridge on 12 May 1999, seen from the east"):
        assert parse(body=f"<article><h1>The bridge opens</h1><p>{told}</p>{BODY}</article>").published is None


# Title, outlet, author, language


def test_every_field_says_where_it_came_from() -> None:
    author = {"@type": "Person", "name": "Ada Holm"}
    head = linked(headline="The bridge &amp; the town", author=[author], datePublished="2021-04-08")
    head += meta("og:site_name", "Tarn Post") + f'<link rel="canonical" href="{ADDRESS}">'
    draft = pages.parse_page(page(head, html='<html lang="en-GB">').encode())

    assert (draft.title, draft.source, draft.author) == ("The bridge & the town", "Tarn Post", "Ada Holm")
    assert (draft.url, draft.language) == (ADDRESS, "en")
    assert draft.told_by == {
        "title": "JSON-LD headline",
        "source": "og:site_name",
        "published": "JSON-LD datePublished",
        "url": "link rel=canonical",
        "author": "JSON-LD author",
        "language": "html lang",
    }


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (meta("og:title", "The bridge | Tarn Post") + meta("og:site_name", "Tarn Post"), "The bridge"),
        (meta("og:title", "The bridge | and the river"), "The bridge | and the river"),
        (linked(headline="The bridge op…"), "The bridge opens"),
        ("<title>Another</title>", "The bridge opens"),
    ],
)
def test_the_title_is_the_headline_without_the_outlet(head: str, title: str) -> None:
    assert parse(head).title == title


@pytest.mark.parametrize(
    ("head", "author"),
    [
        (linked(author="By Ada Holm"), "Ada Holm"),
        (linked(author=["Ada Holm", {"name": "Jon Berg"}]), "Ada Holm, Jon Berg"),
        ('<meta name="author" content="https://tarnpost.example/ada">', None),
        ('<meta name="author" content="admin">', None),
    ],
)
def test_an_author_is_a_name(head: str, author: str | None) -> None:
    assert parse(head).author == author


def test_a_byline_is_read_without_the_role_beside_it() -> None:
    byline = '<div class="byline"><span>By</span> <a>Ada Holm</a> <span>Staff writer, 8 April 2021</span></div>'

    assert parse(body=f"<article><h1>The bridge opens</h1>{byline}{BODY}</article>").author == "Ada Holm"


def test_names_are_followed_through_a_graph() -> None:
    graph = [
        {"@type": "NewsArticle", "headline": "H", "author": {"@id": "#ada"}, "publisher": {"@id": "#post"}},
        {"@type": "Person", "@id": "#ada", "name": "Ada Holm"},
        {"@type": "Organization", "@id": "#post", "name": "Tarn Post"},
    ]
    draft = parse(f'<script type="application/ld+json">{json.dumps({"@graph": graph})}</script>')

    assert (draft.author, draft.source) == ("Ada Holm", "Tarn Post")


def test_an_article_that_is_only_linked_to_tells_nothing() -> None:
    other = linked(url="https://www.tarnpost.example/other", headline="Another", datePublished="2020-01-01")
    own = linked(url=ADDRESS, headline="The bridge", datePublished="2021-04-08")
    draft = parse(other + own, ADDRESS)

    assert (draft.title, str(draft.published)) == ("The bridge", "2021-04-08")


@pytest.mark.parametrize(
    "script", ["{", "[" * 100_000, '{"@type": 5}', '{"@type": "NewsArticle", "author": {"name": {}}}', "null"]
)
def test_broken_json_ld_is_passed_over(script: str) -> None:
    assert parse(f'<script type="application/ld+json">{script}</script>').title == "The bridge opens"


def test_a_language_that_the_page_does_not_tell_is_told_by_the_text() -> None:
    article = read_one(Upload("bridge.html", page().encode()))

    assert article.language == "en"
    assert ("language", "the text itself") in article.told_by


# The address


@pytest.mark.parametrize(
    ("link", "url"),
    [
        ("/news/the-bridge", "https://www.tarnpost.example/news/the-bridge"),
        ("https://tarnpost.example/news/the-bridge", "https://tarnpost.example/news/the-bridge"),
        ("https://other.example/news/bridge", ADDRESS),
        ("https://www.tarnpost.example/", ADDRESS),
        ("javascript:alert(1)", ADDRESS),
        ("http://[", ADDRESS),
    ],
)
def test_a_canonical_link_is_believed_on_its_own_site_only(link: str, url: str) -> None:
    assert parse(f'<link rel="canonical" href="{link}">', ADDRESS).url == url


def test_without_an_address_the_link_is_believed_unless_it_is_a_front_page() -> None:
    assert parse(f'<link rel="canonical" href="{ADDRESS}">').url == ADDRESS
    assert parse('<link rel="canonical" href="https://tarnpost.example/">').url is None


def test_a_browsers_note_tells_where_a_page_was_saved_from() -> None:
    saved = f"<!-- saved from url=(0040){ADDRESS} -->{page()}"

    assert pages.parse_page(saved.encode()).url == ADDRESS
