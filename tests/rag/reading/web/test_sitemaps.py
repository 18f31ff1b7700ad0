"""What a sitemap lists and tells, and where a damaged or hostile one stops."""

from __future__ import annotations

import gzip

import pytest

from rag.errors import ArticleUnreadable
from rag.reading.web import listing, sitemaps
from rag.reading.web.listing import Listed
from rag.types import Rejection

AT = "http://news.example/maps/sitemap.xml"
SPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'
    ' xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)
NEWS = """<url><loc> http://news.example/a?x=1&amp;y=2 </loc><lastmod>2022-02-02</lastmod>
<image:image><image:loc>http://news.example/a.jpg</image:loc><image:title>A picture</image:title></image:image>
<news:news><news:publication><news:name>The Paper</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2021-04-08T23:30:00-05:00</news:publication_date><news:title>Bridge opens</news:title>
</news:news></url>"""


def sitemap(*entries: str) -> bytes:
    return f'<?xml version="1.0"?>\n<urlset {SPACES}>{"".join(entries)}</urlset>'.encode()


def test_a_news_sitemap_tells_title_day_outlet_and_language() -> None:
    content = sitemap(NEWS)
    (found,) = sitemaps.parse(content, AT)

    assert listing.kind(content) == "sitemap"
    assert isinstance(found, Listed)
    assert found.address == "http://news.example/a?x=1&y=2"
    assert (found.hint.title, found.hint.source, found.hint.language) == ("Bridge opens", "The Paper", "en")
    assert str(found.hint.published) == "2021-04-08"
    assert found.hint.told_by == dict.fromkeys(("title", "source", "published", "language"), "the sitemap")


def test_a_plain_sitemap_tells_addresses_only_and_its_last_change_is_no_publication() -> None:
    found = list(
        sitemaps.parse(
            sitemap("<url><loc>/a</loc><lastmod>2022-02-02</lastmod></url>", "<url><loc>b</loc></url>", "<url/>"), AT
        )
    )

    assert [one.address for one in found if isinstance(one, Listed)] == [
        "http://news.example/a",
        "http://news.example/maps/b",
        "",
    ]
    assert all(one.hint.published is None and not one.hint.told_by for one in found if isinstance(one, Listed))


def test_an_index_is_told_from_a_sitemap() -> None:
    content = b'<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><sitemap><loc>http://x/1</loc></sitemap></sitemapindex>'
    (found,) = sitemaps.parse(content, AT)

    assert listing.kind(content) == "index"
    assert isinstance(found, Listed)
    assert found.address == "http://x/1"


def test_a_damaged_sitemap_gives_what_stands_before_the_damage_and_says_so() -> None:
    content = sitemap(*(f"<url><loc>/{n}</loc></url>" for n in range(5)))
    found = list(sitemaps.parse(content[:-15], AT))

    assert len(found) == 5
    assert isinstance(found[-1], Rejection)
    assert "damaged after 4 addresses" in found[-1].reason


def test_no_more_addresses_of_a_sitemap_are_looked_at_than_it_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sitemaps, "_MOST_ADDRESSES", 100)
    *found, last = sitemaps.parse(sitemap("<url><loc>/a</loc></url>" * 101), AT)

    assert len(found) == 100
    assert isinstance(last, Rejection)
    assert "more than 100 addresses" in last.reason
    assert all(isinstance(one, Listed) for one in sitemaps.parse(sitemap("<url><loc>/a</loc></url>" * 100), AT))


def test_a_zipped_sitemap_is_unzipped_and_a_bomb_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sitemaps.unzipped(gzip.compress(sitemap(NEWS))) == sitemap(NEWS)
    assert sitemaps.unzipped(sitemap(NEWS)) == sitemap(NEWS)
    monkeypatch.setattr(sitemaps, "_MOST_BYTES", 1_000_000)
    with pytest.raises(ArticleUnreadable, match="more than 1 MB"):
        sitemaps.unzipped(gzip.compress(b" " * 9_000_000))
    with pytest.raises(ArticleUnreadable, match="cut short"):
        sitemaps.unzipped(gzip.compress(sitemap(NEWS))[:-4])


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "doctype",
    [
        f'<!DOCTYPE urlset [<!ENTITY l0 "ha">{LAUGHS}]>',
        '<!DOCTYPE urlset [<!ENTITY l9 SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE urlset SYSTEM "http://127.0.0.1:1/x.dtd">',
    ],
    ids=["billion laughs", "file", "remote DTD"],
)
def test_entities_of_a_sitemap_are_not_resolved(doctype: str) -> None:
    content = sitemap("<url><loc>http://x/&l9;</loc></url>").replace(b"<urlset", doctype.encode() + b"<urlset", 1)
    found = list(sitemaps.parse(content, AT))

    assert [one.address for one in found if isinstance(one, Listed)] in ([], ["http://x/"])
