"""What is fetched becomes articles: by what it is, with what the feed told, and never with the time of the fetch."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Address, Article, reading
from rag.reading import Policy, plain
from rag.types import PublishedDate, Rejection
from tests.rag.making import assistant
from tests.rag.reading.html import BODY, SENTENCES, linked, page
from tests.website import Answer, Website, serve

HOME = Policy(allow_private=True, delay_seconds=0.0, seconds=20.0)


@pytest.fixture
def site() -> Iterator[Website]:
    with serve() as site:
        yield site
    reading.close()


def fetched(site: Website, path: str, policy: Policy = HOME) -> list[Article | Rejection]:
    return list(reading.read(Address(f"http://127.0.0.1:{site.port}{path}"), policy))


def one(site: Website, path: str) -> Article:
    (found,) = fetched(site, path)
    assert isinstance(found, Article), found
    return found


def feed(entry: str) -> Answer:
    content = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    item = f"<item><title>The feed's title</title>{entry}</item>"
    return Answer(f'<rss version="2.0" {content}><channel><title>The Post</title>{item}</channel></rss>'.encode())


def test_a_page_tells_its_own_day_and_its_address_is_known(site: Website) -> None:
    site.routes["/bridge"] = Answer(page(linked(datePublished="2021-04-08T09:00:00+02:00")).encode())
    found = one(site, "/bridge")
    assert found.text == "\n\n".join(SENTENCES)
    assert found.published == PublishedDate(2021, 4, 8)
    assert found.url == found.origin == f"http://127.0.0.1:{site.port}/bridge"
    assert dict(found.told_by)["published"] == "JSON-LD datePublished"
    assert dict(found.told_by)["url"] == "the address it was read from"


def test_what_the_page_does_not_tell_the_feed_fills_in(site: Website) -> None:
    site.routes["/bridge"] = Answer(page().encode())
    date = "<link>/bridge</link><pubDate>Thu, 08 Apr 2021 10:00:00 GMT</pubDate>"
    site.routes["/feed"] = feed(date)
    found = one(site, "/feed")
    assert found.title == "The bridge opens", "the page's own"
    assert found.published == PublishedDate(2021, 4, 8)
    assert "feed" in dict(found.told_by)["published"]


def test_a_page_without_a_day_has_none(site: Website) -> None:
    site.routes["/bridge"] = Answer(page().encode())
    assert one(site, "/bridge").published is None


def test_where_the_page_is_gone_the_feeds_own_text_stands_and_says_so(site: Website) -> None:
    whole = f"<link>/gone</link><content:encoded><![CDATA[{BODY}]]></content:encoded>"
    site.routes["/feed"] = feed(whole)
    found = one(site, "/feed")
    assert found.title == "The feed's title"
    assert found.source == "The Post"
    assert SENTENCES[0] in found.text
    assert "404" in dict(found.told_by)["text"]


@pytest.mark.parametrize(
    ("path", "media_type", "content", "text"),
    [
        ("/notes.txt", "text/plain", b"Title\n\nRain fell.", "Rain fell."),
        ("/notes.txt", "application/octet-stream", b"Title\n\nRain fell.", "Rain fell."),
        ("/rows.csv", "text/csv", b"title,text\nTitle,Rain fell.\n", "Rain fell."),
        ("/bridge", "", page().encode(), "\n\n".join(SENTENCES)),
    ],
)
def test_the_media_type_then_the_name_then_the_content_decide(
    site: Website, path: str, media_type: str, content: bytes, text: str
) -> None:
    site.routes[path] = Answer(content, {"Content-Type": media_type} if media_type else {})
    assert one(site, path).text == text


@pytest.mark.parametrize("media_type", ["image/png", "text/css", "application/json", ""])
def test_what_is_no_article_is_a_line(site: Website, media_type: str) -> None:
    site.routes["/x"] = Answer(b"\x89PNG", {"Content-Type": media_type} if media_type else {})
    (found,) = fetched(site, "/x")
    assert isinstance(found, Rejection)
    assert (media_type or "not told") in found.reason


def test_a_charset_that_http_tells_is_used(site: Website) -> None:
    content = page().replace("river", "rivière").encode("latin-1", "replace")
    site.routes["/bridge"] = Answer(content, {"Content-Type": "text/html; charset=latin-1"})
    assert "rivière" in one(site, "/bridge").text


def test_without_leave_nothing_of_this_machine_is_read(site: Website) -> None:
    site.routes["/bridge"] = Answer(page().encode())
    (found,) = fetched(site, "/bridge", Policy())
    assert isinstance(found, Rejection)
    assert "--allow-private" in found.reason
    assert "robots.txt" not in found.reason
    assert site.asked == []


def test_a_page_fetched_again_is_the_same_article_and_its_correction_a_version(site: Website, tmp_path: Path) -> None:
    site.routes["/bridge"] = [Answer(page().encode()), Answer(page().encode())]
    address = Address(f"http://127.0.0.1:{site.port}/bridge")
    with assistant(tmp_path, allow_private=True) as archive:
        (article_id,) = archive.ingest([address]).added
        assert archive.ingest([address]).unchanged == (article_id,)
        site.routes["/bridge"] = Answer(page().replace("four thousand", "five thousand").encode())
        assert archive.ingest([address]).updated == (article_id,)
        assert "four thousand" in archive.versions(article_id)[0].text
        assert "five thousand" in archive.article(article_id).text
        assert archive.article(article_id).published is None, "the day of the fetch is no publication"


def test_a_page_that_breaks_its_parser_is_a_line_and_the_next_is_read(
    site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: str) -> None:
        raise OverflowError("no parser is perfect")

    monkeypatch.setattr(plain, "parse", broken)
    site.routes |= {"/a": Answer(b"Rain.", {"Content-Type": "text/plain"}), "/b": Answer(page().encode())}
    site.routes["/feed"] = feed("<link>/a</link></item><item><link>/b</link>")
    first, second = fetched(site, "/feed")
    assert isinstance(first, Rejection)
    assert first.reason == "it cannot be read: OverflowError: no parser is perfect"
    assert isinstance(second, Article)


def test_offline_no_address_is_asked(site: Website, tmp_path: Path) -> None:
    with assistant(tmp_path, allow_private=True, offline=True) as archive:
        report = archive.ingest([Address(f"http://127.0.0.1:{site.port}/bridge")])
    assert "offline" in report.rejected[0].reason
    assert site.asked == []
