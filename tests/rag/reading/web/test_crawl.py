"""From one address to its pages: feeds, sitemaps and indexes, in order, each page once."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from itertools import islice

from rag.reading.web import Page, Policy
from rag.reading.web.crawl import crawl
from rag.types import Rejection
from tests.website import PUBLIC, Answer, Internet, Website, moved

FEED, MAP = "http://news.example/feed", "http://news.example/sitemap.xml"
WHOLE = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'


def rss(*items: str) -> Answer:
    whole = "".join(f"<item>{item}</item>" for item in items)
    # Under the wrong name and media type: only the content counts.
    return Answer(f'<rss version="2.0" {WHOLE}><channel><title>The Paper</title>{whole}</channel></rss>'.encode())


def sitemap(*paths: str) -> Answer:
    return Answer(f"<urlset>{''.join(f'<url><loc>{path}</loc></url>' for path in paths)}</urlset>".encode())


def index(*paths: str) -> Answer:
    whole = "".join(f"<sitemap><loc>{path}</loc></sitemap>" for path in paths)
    return Answer(f"<sitemapindex>{whole}</sitemapindex>".encode())


def pages(*names: str) -> dict[str, Answer]:
    return {f"/{name}": Answer(f"page {name}".encode()) for name in names}


def results(found: list[Page | Rejection]) -> list[str]:
    """Every page's content and every reason."""
    return [one.content.decode() if isinstance(one, Page) else one.reason for one in found]


def test_every_entry_of_a_feed_is_a_page_or_a_rejection(site: Website, policy: Policy, internet: Internet) -> None:
    internet.hosts["other.example"] = [(PUBLIC,)]
    site.routes |= {
        "/feed": rss(
            "<title>One</title><link>/1</link><pubDate>Thu, 08 Apr 2021 10:00:00 GMT</pubDate>",
            "<title>Gone</title><link>/gone</link>",
            "<title>Three</title><link>http://other.example/3</link>",
        ),
        **pages("1", "3"),
    }
    found = list(crawl(FEED, policy, network=internet))

    assert results(found) == ["page 1", "the server answers 404 Not Found", "page 3"]
    first, gone, third = found
    assert isinstance(first, Page)
    assert isinstance(gone, Rejection)
    assert isinstance(third, Page)
    assert (first.address, gone.path, third.address) == (
        "http://news.example/1",
        "http://news.example/gone",
        "http://other.example/3",
    )
    assert first.hint
    assert (first.hint.title, str(first.hint.published), first.hint.source) == ("One", "2021-04-08", "The Paper")


def test_a_plain_page_has_no_hint(site: Website, policy: Policy, internet: Internet) -> None:
    site.routes |= pages("1")
    (found,) = crawl("http://news.example/1", policy, network=internet)

    assert isinstance(found, Page)
    assert found.hint is None


def test_the_feeds_own_text_replaces_an_unavailable_page(site: Website, policy: Policy, internet: Internet) -> None:
    carried = "<content:encoded>&lt;p&gt;All of it.&lt;/p&gt;</content:encoded>"
    site.routes |= {
        "/feed": rss(
            f"<title>Gone</title><link>/gone</link>{carried}",
            f"<title>Inside</title><link>http://127.0.0.1/x</link>{carried}",
            f"<title>No link</title><guid isPermaLink='false'>tag:1</guid>{carried}",
            f"<title>There</title><link>/1</link>{carried}",
            "<title>Nothing</title>",
        ),
        **pages("1"),
    }
    internet.hosts["127.0.0.1"] = [("127.0.0.1",)]
    *stand_ins, there, nothing = crawl(FEED, policy, network=internet)

    why = []
    for one in stand_ins:
        assert isinstance(one, Page)
        assert (one.media_type, one.charset) == ("text/html", "utf-8")
        assert b"<p>All of it.</p>" in one.content
        assert one.hint
        why.append((one.address, one.hint.told_by["text"]))
    assert why == [
        ("http://news.example/gone", "the feed alone: the server answers 404 Not Found"),
        (
            f"{FEED}#http://127.0.0.1/x",
            "the feed alone, which links to http://127.0.0.1/x: "
            "127.0.0.1 is at 127.0.0.1, which is private or this machine itself",
        ),
        (f"{FEED}#tag:1", "the feed alone: the feed names no page for this entry"),
    ]
    assert isinstance(there, Page)
    assert (there.content, there.hint and "text" in there.hint.told_by) == (b"page 1", False)
    assert isinstance(nothing, Rejection)
    assert "names no page" in nothing.reason


def test_links_that_are_not_web_addresses_are_rejected(site: Website, policy: Policy, internet: Internet) -> None:
    items = [
        {"id": n, "url": url}
        for n, url in enumerate(["mailto:a@b.example", "javascript:alert(1)", "file:///etc/passwd"])
    ]
    feed = {"version": "https://jsonfeed.org/version/1.1", "items": items}
    site.routes["/feed"] = Answer(json.dumps(feed).encode())
    found = results(list(crawl(FEED, policy, network=internet)))

    assert [reason.rpartition(" ")[2] for reason in found] == ["mailto", "javascript", "file"]
    assert site.pages() == ["/feed"]


def test_each_page_is_read_once(site: Website, policy: Policy, internet: Internet) -> None:
    items = [f"<link>{path}</link>" for path in ("/1", "/1", "http://news.example/1", "/to1", "/feed", "/2")]
    site.routes |= {"/feed": rss(*items), "/to1": moved("/1"), **pages("1", "2")}
    found = list(crawl(FEED, policy, network=internet))

    assert results(found) == ["page 1", "it leads to http://news.example/1, which was already read", "page 2"]


def test_pages_are_fetched_lazily(site: Website, policy: Policy, internet: Internet) -> None:
    site.routes |= {"/feed": rss(*(f"<link>/{n}</link>" for n in "123")), **pages(*"123")}
    assert site.asked == []
    found = crawl(FEED, policy, network=internet)
    assert site.asked == []

    assert results(list(islice(found, 2))) == ["page 1", "page 2"]
    assert site.pages() == ["/feed", "/1", "/2"]


def test_the_page_limit_is_kept_and_reported(site: Website, policy: Policy, internet: Internet) -> None:
    counted: list[tuple[int, int]] = []
    site.routes |= {"/feed": rss(*(f"<link>/{n}</link>" for n in "12345")), **pages(*"12345")}
    found = list(crawl(FEED, replace(policy, pages=2), lambda *at: counted.append(at), internet))

    assert results(found) == ["page 1", "page 2", "it lists 5 pages or more; only the first 2 were read"]
    assert counted == [(1, 2), (2, 2)]


def test_progress_counts_pages_and_rejections(site: Website, policy: Policy, internet: Internet) -> None:
    counted: list[tuple[int, int]] = []
    site.routes |= {
        "/sitemap.xml": index("/a.xml", "/b.xml"),
        "/a.xml": sitemap("/1", "/gone"),
        "/b.xml": sitemap("/2"),
        **pages("1", "2"),
    }
    found = list(crawl(MAP, policy, lambda *at: counted.append(at), internet))

    assert results(found) == ["page 1", "the server answers 404 Not Found", "page 2"]
    assert counted == [(1, 2), (2, 2), (3, 3)]


def test_sitemap_indexes_in_a_circle_end(site: Website, policy: Policy, internet: Internet) -> None:
    site.routes |= {
        "/sitemap.xml": index("/sitemap.xml", "/other.xml", "/gone.xml", "/3", "/map.xml.gz"),
        "/other.xml": index("/sitemap.xml", "/other.xml", "/map.xml.gz"),
        "/map.xml.gz": Answer(gzip.compress(sitemap("/1", "/2").body), {"Content-Type": "application/gzip"}),
        **pages("1", "2", "3"),
    }
    found = list(crawl(MAP, policy, network=internet))

    assert results(found) == [
        "page 1",
        "page 2",
        "the server answers 404 Not Found",
        "it is listed as a sitemap, but is not one",
    ]
    assert [one.path for one in found if isinstance(one, Rejection)] == [
        "http://news.example/gone.xml",
        "http://news.example/3",
    ]


def test_the_number_of_sitemaps_is_limited(site: Website, policy: Policy, internet: Internet) -> None:
    site.routes |= {f"/{n}.xml": index(f"/{n + 1}.xml", f"/{n + 1}.xml?again") for n in range(200)}
    found = list(crawl("http://news.example/0.xml", policy, network=internet))

    assert len(site.pages()) == 101
    assert sum("more than 100 sitemaps" in reason for reason in results(found)) == 1


def test_a_feed_or_sitemap_that_gives_no_page_is_rejected(site: Website, policy: Policy, internet: Internet) -> None:
    site.routes |= {
        "/empty": rss(),
        "/self": rss("<link>/self</link>"),
        "/self.xml": sitemap("/self.xml"),
        "/map.xml": Answer(b"<urlset/>"),
        "/index.xml": index("/index.xml"),
        "/laughs": Answer(b'<!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0"><channel/></rss>'),
        "/torn.gz": Answer(gzip.compress(sitemap("/1").body)[:-5]),
    }
    nothing = dict.fromkeys(
        ("/empty", "/self", "/self.xml", "/map.xml", "/index.xml"), "it lists no page, or only itself"
    )
    for path, why in {**nothing, "/laughs": "declares XML entities", "/torn.gz": "cut short"}.items():
        (found,) = crawl(f"http://news.example{path}", policy, network=internet)
        assert isinstance(found, Rejection)
        assert why in found.reason
