"""The metadata of a page: each field from its most trusted place."""

from __future__ import annotations

import json

import pytest

from rag.reading import Upload, html
from tests.rag.making import read_one
from tests.rag.reading.samples import ADDRESS, PARAGRAPHS, json_ld, meta, page, parse_html

# Title, outlet, author, language


def test_every_field_states_where_it_comes_from() -> None:
    author = {"@type": "Person", "name": "Ada Holm"}
    head = json_ld(headline="The bridge &amp; the town", author=[author], datePublished="2021-04-08")
    head += meta("og:site_name", "Tarn Post") + f'<link rel="canonical" href="{ADDRESS}">'
    draft = html.parse(page(head, html='<html lang="en-GB">').encode())

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
        (json_ld(headline="The bridge op…"), "The bridge opens"),
        ("<title>Another</title>", "The bridge opens"),
    ],
)
def test_the_title_is_the_headline_without_the_site(head: str, title: str) -> None:
    assert parse_html(head).title == title


@pytest.mark.parametrize(
    ("head", "author"),
    [
        (json_ld(author="By Ada Holm"), "Ada Holm"),
        (json_ld(author=["Ada Holm", {"name": "Jon Berg"}]), "Ada Holm, Jon Berg"),
        ('<meta name="author" content="https://tarnpost.example/ada">', None),
        ('<meta name="author" content="admin">', None),
    ],
)
def test_only_names_are_authors(head: str, author: str | None) -> None:
    assert parse_html(head).author == author


def test_a_byline_is_read_without_the_role() -> None:
    byline = '<div class="byline"><span>By</span> <a>Ada Holm</a> <span>Staff writer, 8 April 2021</span></div>'

    assert parse_html(body=f"<article><h1>The bridge opens</h1>{byline}{PARAGRAPHS}</article>").author == "Ada Holm"


def test_names_are_resolved_in_a_json_ld_graph() -> None:
    graph = [
        {"@type": "NewsArticle", "headline": "H", "author": {"@id": "#ada"}, "publisher": {"@id": "#post"}},
        {"@type": "Person", "@id": "#ada", "name": "Ada Holm"},
        {"@type": "Organization", "@id": "#post", "name": "Tarn Post"},
    ]
    draft = parse_html(f'<script type="application/ld+json">{json.dumps({"@graph": graph})}</script>')

    assert (draft.author, draft.source) == ("Ada Holm", "Tarn Post")


OUTLETS = [
    # the head, the body's first element, the outlet
    (meta("og:site_name", "Politics") + "<title>Rain - Tarn Post</title>", "", "Tarn Post"),
    (meta("og:site_name", "Tarn News") + "<title>Rain - Tarn Post</title>", "", "Tarn News"),
    ("<title>Rain | The Tarn Post</title>", "", "The Tarn Post"),
    ("<title>Rain | Politics</title>", "", "tarnpost.example"),
    ("<title>Rain | Herald</title>", '<a href="/">Herald</a>', "Herald"),
    ("", "<footer>Copyright 2021 Tarn Evening Post. All rights reserved.</footer>", "Tarn Evening Post"),
    ("", "<footer>© 2021 Holm Media Group</footer>", "tarnpost.example"),
]


@pytest.mark.parametrize(("head", "body", "outlet"), OUTLETS, ids=[f"{head}{body}" for head, body, _ in OUTLETS])
def test_a_name_that_the_address_spells_is_better_than_a_section_or_the_host(head: str, body: str, outlet: str) -> None:
    shown = f"<article><h1>The bridge opens</h1>{PARAGRAPHS}</article>{body}"

    assert parse_html(head, "https://www.tarnpost.example/bridge", shown).source == outlet


NO_ADDRESS = [
    # the title element, what stands above and below the article, the outlet
    ("The bridge opens - Tarn Post", '<div>Tarn Post <a href="/town">Town</a></div>', "", "Tarn Post"),
    ("Tarn Post: The bridge opens", "", "<footer>Tarn Post, 4 Mill Lane</footer>", "Tarn Post"),
    ("The bridge opens - World News", '<a href="/world">World News</a>', "", None),
    ("The bridge opens - Tarn Post", "", "", None),
]


@pytest.mark.parametrize(("title", "above", "below", "outlet"), NO_ADDRESS, ids=[f"{row[:3]}" for row in NO_ADDRESS])
def test_without_an_address_the_first_or_last_words_of_the_page_confirm_a_name_in_its_title(
    title: str, above: str, below: str, outlet: str | None
) -> None:
    shown = f"{above}<article><h1>The bridge opens</h1>{PARAGRAPHS}</article>{below}"

    assert parse_html(f"<title>{title}</title>", body=shown).source == outlet


def test_json_ld_of_a_linked_article_is_ignored() -> None:
    other = json_ld(url="https://www.tarnpost.example/other", headline="Another", datePublished="2020-01-01")
    own = json_ld(url=ADDRESS, headline="The bridge", datePublished="2021-04-08")
    draft = parse_html(other + own, ADDRESS)

    assert (draft.title, str(draft.published)) == ("The bridge", "2021-04-08")


@pytest.mark.parametrize(
    "script", ["{", "[" * 100_000, '{"@type": 5}', '{"@type": "NewsArticle", "author": {"name": {}}}', "null"]
)
def test_invalid_json_ld_is_ignored(script: str) -> None:
    assert parse_html(f'<script type="application/ld+json">{script}</script>').title == "The bridge opens"


def test_the_language_is_detected_where_the_page_does_not_state_it() -> None:
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
def test_a_canonical_link_counts_only_on_its_own_site(link: str, url: str) -> None:
    assert parse_html(f'<link rel="canonical" href="{link}">', ADDRESS).url == url


def test_a_saved_page_has_its_canonical_address_unless_a_front_page() -> None:
    assert parse_html(f'<link rel="canonical" href="{ADDRESS}">').url == ADDRESS
    assert parse_html('<link rel="canonical" href="https://tarnpost.example/">').url is None


def test_a_browsers_comment_gives_the_address_of_a_saved_page() -> None:
    saved = f"<!-- saved from url=(0040){ADDRESS} -->{page()}"

    assert html.parse(saved.encode()).url == ADDRESS
