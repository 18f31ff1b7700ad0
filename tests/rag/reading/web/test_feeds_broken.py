"""Feeds that are broken, and feeds made to do harm: mended, refused, and never slow."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import ArticleUnreadable
from rag.reading.web import feeds, listing
from tests.rag.reading.web.making import AT, RSS, read

BROKEN = [
    ("bare ampersands", RSS.format("<item><title>A & B</title><link>/a?x=1&y=2</link></item>"), "A & B", "/a?x=1&y=2"),
    (
        "HTML's entities",
        RSS.format("<item><title>caf&eacute;&nbsp;&lt;3</title><link>/a</link></item>"),
        "café <3",
        "/a",
    ),
    ("no end", RSS.format("<item><title>One</title><link>/a</link></item>")[:-20], "One", "/a"),
    ("a control character", RSS.format("<item><title>One\x01</title><link>/a</link></item>"), "One", "/a"),
    ("lines before it", "\n\n" + RSS.format("<item><title>One</title><link>/a</link></item>"), "One", "/a"),
    ("a byte order mark", "\ufeff" + RSS.format("<item><title>One</title><link>/a</link></item>"), "One", "/a"),
]


@pytest.mark.parametrize(("text", "title", "path"), [row[1:] for row in BROKEN], ids=[row[0] for row in BROKEN])
def test_what_feeds_often_have_wrong_is_mended(text: str, title: str, path: str) -> None:
    (found,) = read(text)

    assert (found.hint.title, found.address) == (title, f"http://news.example{path}")


CHARSETS = [
    ("utf-16", None, "utf-16"),
    ("iso-8859-1", None, "iso-8859-1"),
    ("iso-8859-1", "ISO-8859-1", "utf-8"),
    ("utf-8", "ascii", "utf-8"),
    ("utf-8", "klingon\0", "hex"),
]


@pytest.mark.parametrize(("real", "told", "declared"), CHARSETS)
def test_a_charset_is_believed_where_it_fits(real: str, told: str | None, declared: str) -> None:
    text = RSS.replace("?>", f' encoding="{declared}"?>').format("<item><title>Übung</title><link>/a</link></item>")
    (found,) = read(text.encode(real), told)

    assert found.hint.title == "Übung"


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
ENTITIES = [
    f'<!DOCTYPE rss [<!ENTITY l0 "ha">{LAUGHS}]>',
    '<!DOCTYPE rss [<!ENTITY l9 SYSTEM "file:///etc/hostname">]>',
    '<!DOCTYPE rss [<!ENTITY % p SYSTEM "http://127.0.0.1/x.dtd"> %p;]>',
]


@pytest.mark.parametrize("doctype", ENTITIES, ids=["billion laughs", "file", "parameter"])
@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_a_feed_with_entities_of_its_own_is_refused(doctype: str, charset: str) -> None:
    text = RSS.format("<item><title>&l9;</title><link>/a</link></item>").replace("<rss", f"{doctype}<rss", 1)
    with pytest.raises(ArticleUnreadable, match="declares XML entities"):
        read(text.encode(charset))


def test_the_doctype_of_old_rss_is_no_harm() -> None:
    doctype = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://127.0.0.1:1/rss-0.91.dtd">'
    (found,) = read(
        f'{doctype}<rss version="0.91"><channel><item><title>One</title><link>/a</link></item></channel></rss>'
    )

    assert found.hint.title == "One"


@pytest.mark.parametrize("piece", ["<", "<item><title ", "&#", "<a>", "<![CDATA[", "<!--", '<a x="', "</", "'<"])
def test_broken_text_by_the_hundred_thousand_does_not_take_minutes(piece: str) -> None:
    began = time.monotonic()
    read(f'<rss version="2.0"><channel><item><title>{piece * (200_000 // len(piece))}')

    # feedparser alone takes half a minute and more for some of these.
    assert time.monotonic() - began < 10


def test_a_feed_of_endless_elements_is_refused() -> None:
    with pytest.raises(ArticleUnreadable, match="more than 100,000 elements"):
        read(RSS.format(f"<item><title>{'<br/>' * 100_001}</title></item>"))


def test_a_feed_too_large_or_beyond_mending_is_refused() -> None:
    with pytest.raises(ArticleUnreadable, match="has at most 5"):
        read(RSS.format(" " * 5_000_000))
    with pytest.raises(ArticleUnreadable, match="not well-formed XML: unbound prefix in line 1"):
        read(RSS.format("<item><media:thumbnail/></item>"))


NO_FEEDS = [
    "<!doctype html><html><body>rss</body></html>",
    "<p>hi",
    "plain",
    "",
    "{}",
    '{"version": "https://jsonfeed.org/version/1"}',
    '{"version": 1, "items": []}',
    "[" * 100_000,
    '{"a":' * 100_000,
    "%PDF-1.7",
    "<svg xmlns='http://www.w3.org/2000/svg'/>",
    "\0\1\2",
]


@pytest.mark.parametrize("text", NO_FEEDS, ids=range(len(NO_FEEDS)))
def test_what_lists_nothing_is_a_page(text: str) -> None:
    assert listing.kind(text.encode()) is None


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                "<item>",
                "</item>",
                "<link>",
                "</link>",
                "http://[",
                "<title>",
                "&",
                "]]>",
                "\x00",
                "é",
                "<",
                '"',
                " x=",
                "<!DOCTYPE",
                "<?xml",
                "<pubDate>",
                "2021",
                ":",
                "-",
            ]
        )
    )
)
def test_no_text_in_a_feed_raises_anything_else(pieces: list[str]) -> None:
    with suppress(ArticleUnreadable):
        list(feeds.parse(RSS.format("".join(pieces)).encode(), None, AT))
