"""What RSS, RDF, Atom and JSON feeds tell of their pages, and what hostile ones cannot do."""

from __future__ import annotations

import json
from typing import Any

import pytest

from rag.reading.web.listing import Listed
from tests.rag.reading.web.making import AT, RSS, read


def rss(item: str) -> Listed:
    (found,) = read(RSS.format(f"<item>{item}</item>"))
    return found


def test_an_rss_item_tells_title_day_author_outlet_and_language() -> None:
    found = rss(
        "<title>Bridge &amp; tunnel &lt;i&gt;open&lt;/i&gt;</title><link>../2021/bridge</link>"
        "<author>jane@paper.example (Jane Doe)</author><pubDate>Thu, 08 Apr 2021 23:30:00 -0500</pubDate>"
        "<description>In short.</description>"
    )
    hint = found.hint

    assert found.address == "http://news.example/2021/bridge"
    assert (hint.title, hint.author, hint.source, hint.language) == (
        "Bridge & tunnel open",
        "Jane Doe",
        "The Paper",
        "en",
    )
    assert str(hint.published) == "2021-04-08"
    assert hint.told_by == dict.fromkeys(("title", "source", "published", "author", "language"), "the feed")
    assert (hint.text, found.carried) == ("", b"")


def test_an_item_of_another_outlet_tells_that_one() -> None:
    found = rss('<title>t</title><link>/a</link><source url="http://herald.example/rss">The Herald</source>')

    assert found.hint.source == "The Herald"


def test_what_an_item_does_not_tell_is_not_made_up() -> None:
    (found,) = read('<rss version="2.0"><channel><item><link>/a</link></item></channel></rss>')

    assert found.hint.told_by == {}
    assert (found.hint.title, found.hint.published, found.hint.source) == ("", None, None)


ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"
 xml:base="http://blatt.example/">
<title type="html">Das &lt;b&gt;Blatt&lt;/b&gt;</title><updated>2022-01-01T00:00:00Z</updated>
<entry><title>Ein Titel</title><id>urn:1</id><link rel="alternate" href="a?x=1&amp;y=2"/>
<link rel="enclosure" href="b.mp3"/>
<author><name>A. B.</name></author><author><name>C. D.</name></author><updated>2021-05-05T00:00:00Z</updated>
{}</entry></feed>"""


def test_an_atom_entry_tells_when_it_was_published_and_not_when_updated() -> None:
    (found,) = read(ATOM.format("<published>2021-04-08T23:59:00-05:00</published>"))
    (other,) = read(ATOM.format(""))

    assert found.address == "http://blatt.example/a?x=1&y=2"
    assert (found.hint.title, found.hint.author, found.hint.source) == ("Ein Titel", "A. B., C. D.", "Das Blatt")
    assert (str(found.hint.published), found.hint.language) == ("2021-04-08", "de")
    assert other.hint.published is None


def test_the_one_date_of_an_rdf_item_is_its_publication() -> None:
    (found,) = read(
        '<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        '<channel rdf:about="http://x/"><title>Kiosk</title></channel><item rdf:about="http://x/1"><title>t</title>'
        "<link>http://x/1</link><dc:date>2020-02-03T01:00:00+09:00</dc:date><dc:creator>Jo</dc:creator></item></rdf:RDF>"
    )

    assert (found.address, str(found.hint.published), found.hint.author) == ("http://x/1", "2020-02-03", "Jo")
    assert found.hint.source == "Kiosk"


DATES = [
    ("Thu, 08 Apr 2021 23:30:00 GMT", "2021-04-08"),
    ("8 Apr 21", "2021-04-08"),
    ("2021-04-08T23:30:00-05:00", "2021-04-08"),
    ("2021-04-08", "2021-04-08"),
    ("2021-04", "2021-04"),
    ("2021", "2021"),
    ("2021-02-30", "None"),
    ("2021-13", "None"),
    ("31 Feb 2021", "None"),
    ("Mon, 05 Jul 99999999999999 00:00:00 GMT", "None"),
    ("Mon, 01 Jan 0001 00:00:00 +0000", "None"),
    ("0000-00-00T00:00:00Z", "None"),
    ("yesterday", "None"),
    ("", "None"),
]


@pytest.mark.parametrize(("written", "day"), DATES)
def test_the_day_is_the_one_written(written: str, day: str) -> None:
    assert str(rss(f"<link>/a</link><pubDate>{written}</pubDate>").hint.published) == day


def test_the_whole_text_is_carried_and_a_summary_is_not_taken_for_it() -> None:
    space = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    whole = f"<content:encoded {space}><![CDATA[<p>All & more</p>]]></content:encoded>"
    found = rss(f"<title>A &lt; B</title><link>/a</link><description>short</description>{whole}")

    assert found.carried_type == "text/html"
    assert b"<article><p>All & more</p></article>" in found.carried
    assert b"<title>A &lt; B</title>" in found.carried
    assert rss("<link>/a</link><description>short</description>").carried == b""


def test_an_entry_without_a_link_names_no_page() -> None:
    found = rss("<title>t</title><guid isPermaLink='false'>tag:7</guid>")

    assert not found.linked
    assert found.address == f"{AT}#tag:7"


def json_feed(item: dict[str, Any], **feed: Any) -> Listed:
    whole = {"version": "https://jsonfeed.org/version/1.1", "title": "The Paper", "items": [item], **feed}
    (found,) = read(json.dumps(whole))
    return found


def test_a_json_feed_tells_the_same() -> None:
    found = json_feed(
        {
            "id": "1",
            "url": "/a",
            "title": "Bridge opens",
            "content_html": "<p>All</p>",
            "date_published": "2021-04-08T23:30:00-05:00",
            "date_modified": "2022-01-01",
            "authors": [{"name": "Jane Doe"}, {"name": "John Roe"}],
        },
        language="en-US",
    )

    assert (found.address, found.hint.title, found.hint.source) == (
        "http://news.example/a",
        "Bridge opens",
        "The Paper",
    )
    assert (str(found.hint.published), found.hint.author, found.hint.language) == (
        "2021-04-08",
        "Jane Doe, John Roe",
        "en",
    )
    assert b"<article><p>All</p></article>" in found.carried


def test_a_json_feed_of_plain_text_and_of_nonsense() -> None:
    found = json_feed({"id": 7, "content_text": "All", "author": {"name": "Jo"}})
    odd = json_feed({"id": [], "url": 3, "title": {"a": 1}, "authors": [1], "date_published": 5, "content_html": ["x"]})

    assert (found.carried, found.carried_type, found.linked, found.address) == (b"All", "text/plain", False, f"{AT}#7")
    assert found.hint.author == "Jo"
    assert (odd.hint.author, odd.hint.published) == (None, None)
