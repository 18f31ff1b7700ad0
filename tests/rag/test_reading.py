"""Reading into articles: the sample files, failing parsers, and pages fetched with what their feed says of them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

import rag.reading
from rag import Address, Article, reading
from rag.reading import Policy, Upload, plain, tables
from rag.reading.draft import Draft, content_hash
from rag.types import PublishedDate, Rejection
from tests.conftest import SEEDS
from tests.rag.making import assistant, read_one
from tests.rag.reading.samples import BODY, PARAGRAPHS, SENTENCES, json_ld, meta, page, read, zipped
from tests.website import Answer, Website, serve

DAWN, LAVROV = SEEDS / "dawn-russia-military-gear.txt", SEEDS / "lavrov-bilateral-boost.txt"


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    reading.close()


# The sample files


def test_the_first_sample() -> None:
    article = read_one(DAWN)

    assert article.title == "Russia to supply military gear to Pakistan"
    assert article.source == "DAWN"
    assert str(article.published) == "2021-04-08"
    assert article.author is None
    assert article.text.startswith("Moscow seeks to increase its stature in region, particularly in Afghanistan\n")


def test_the_first_sample_loses_its_header_and_signature() -> None:
    text = read_one(DAWN).text

    assert not any(noise in text for noise in ("Video", "Published", "2021", "12:00", "DAWN"))
    assert text.endswith("phenomenon.")


def test_the_second_sample() -> None:
    article = read_one(LAVROV)

    assert article.title == "In Pakistan, Russia's Lavrov Pledges Bilateral Boost To Combat Terrorism"
    assert article.source == "AP and dpa"
    assert article.published is None, "its text mentions a day, and says nowhere that it is the article's"
    assert article.text.startswith("Russian Foreign Minister Sergei Lavrov (left)")
    assert article.text.endswith("new impetus to peace talks.")


@pytest.mark.parametrize("path", [DAWN, LAVROV], ids=lambda path: path.stem)
def test_the_lines_of_a_sample_are_unchanged(path: Path) -> None:
    content = path.read_text(encoding="utf-8")

    assert all(line in content for line in read_one(path).text.split("\n"))


def test_an_article_without_a_title_is_named_after_its_file() -> None:
    assert read_one(Upload("the-great_storm.txt", b"Only one line of text.")).title == "the great storm"


def test_metadata_with_line_breaks_become_single_lines() -> None:
    front = '---\ntitle: |\n  The storm\n  is over\nauthor: |\n  A\n  B\nurl: "https://a.example/b\\nc"\n---\n'
    (found,), _ = read(f"{front}\n{BODY}\n", "a.md")
    assert (found.title, found.author, found.url) == ("The storm is over", "A B", "https://a.example/bc")


def test_a_day_more_than_a_year_ahead_is_not_taken_for_the_articles() -> None:
    soon, late = (date.today() + timedelta(days=days) for days in (360, 370))
    (announced,), _ = read(f"---\ndate: {soon}\n---\n\n{BODY}\n", "a.md")
    (misread,), _ = read(f"---\ndate: {late}\n---\n\n{BODY}\n", "b.md")

    assert announced.published
    assert announced.published.day_known == soon
    assert (misread.published, "published" in dict(misread.told_by)) == (None, False)


def test_names_hold_no_characters_that_hide_or_reorder_them() -> None:
    odd = "\x1b[2J\u202egpj\u2066\u200b.the\x9b\tstorm\x07"
    columns = '{{"text": "Rain fell.", "title": "{0}", "outlet": "{0}", "author": "{0}"}}'
    (named,), _ = read(BODY.partition(".")[0], f"{odd}.txt")
    (told,), _ = read(columns.format("".join(f"\\u{ord(char):04x}" for char in odd)), "a.jsonl")
    (nameless,), _ = read("Rain fell.", "\u202e.txt")

    assert {named.title, told.title, told.source, told.author} == {"[2Jgpj.the storm"}
    assert nameless.title == "Untitled"


def test_a_file_name_that_is_not_utf8_reaches_the_archive_escaped(tmp_path: Path) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    for name in (b"bad\xff.txt", b"bad\xff.exe", b"bad\xfe.txt", b"two\nlines.exe"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(f"Title\n{BODY}")
    with assistant(tmp_path / "home") as archive:
        report = archive.ingest([folder])
        articles = [archive.article(article_id) for article_id in (*report.added, *report.updated)]

    assert {article.origin for article in articles} <= {f"{folder}/bad\\xff.txt", f"{folder}/bad\\xfe.txt"}
    assert {line.path for line in report.rejected} >= {f"{folder}/bad\\xff.exe", f"{folder}/two\\nlines.exe"}


# Failing parsers


def fail(*_: object) -> Iterator[Draft]:
    raise TypeError("no\nparser is perfect")


@pytest.mark.parametrize("name", ["storm.txt", "news.csv"])
def test_an_unexpected_parser_error_is_one_rejection(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "parse", fail)
    monkeypatch.setattr(tables, "_parse_row", fail)
    articles, rejected = read("title,text\nOne,Rain fell.\n", name)

    assert not articles
    assert rejected == [": it cannot be read: TypeError: no parser is perfect"]


def test_a_member_that_breaks_its_parser_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "parse", fail)
    articles, rejected = read(zipped({"a.txt": BODY, "b.md": BODY, "c.csv": "text\nRain fell.\n"}), "news.zip")

    assert [article.text for article in articles] == ["Rain fell."]
    assert [line.partition(":")[0] for line in rejected] == ["!a.txt", "!b.md"]


def test_an_article_that_cannot_be_hashed_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def some(draft: Draft) -> str:
        return content_hash(draft) if draft.title != "One" else "".join(fail())  # type: ignore[arg-type]

    monkeypatch.setattr(rag.reading, "content_hash", some)
    articles, rejected = read("id,title,text\n1,One,Rain.\n2,Two,Rain.\n", "news.csv")

    assert [article.title for article in articles] == ["Two"]
    assert rejected == ["#1: it cannot be read: TypeError: no parser is perfect"]


# Fetched pages

HOME = Policy(allow_private=True, delay_seconds=0.0, seconds=20.0)


@pytest.fixture
def site() -> Iterator[Website]:
    with serve() as site:
        yield site


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


def test_a_fetched_page_has_its_own_date_and_address(site: Website) -> None:
    site.routes["/bridge"] = Answer(page(json_ld(datePublished="2021-04-08T09:00:00+02:00")).encode())
    found = one(site, "/bridge")
    assert found.text == "\n\n".join(SENTENCES)
    assert found.published == PublishedDate(2021, 4, 8)
    assert found.url == found.origin == f"http://127.0.0.1:{site.port}/bridge"
    assert dict(found.told_by)["published"] == "JSON-LD datePublished"
    assert dict(found.told_by)["url"] == "the address it was read from"


def test_the_feed_fills_in_what_the_page_lacks(site: Website) -> None:
    site.routes["/bridge"] = Answer(page().encode())
    date = "<link>/bridge</link><pubDate>Thu, 08 Apr 2021 10:00:00 GMT</pubDate>"
    site.routes["/feed"] = feed(date)
    found = one(site, "/feed")
    assert found.title == "The bridge opens", "the page's own"
    assert found.published == PublishedDate(2021, 4, 8)
    assert "feed" in dict(found.told_by)["published"]


def test_the_feeds_title_is_a_better_outlet_than_the_host(site: Website) -> None:
    site.routes["/bridge"] = Answer(page().encode())
    site.routes["/named"] = Answer(page(meta("og:site_name", "Tarn Post")).encode())
    site.routes["/feed"] = feed("<link>/bridge</link>")
    site.routes["/other"] = feed("<link>/named</link>")
    assert (one(site, "/feed").source, one(site, "/other").source) == ("The Post", "Tarn Post")
    assert one(site, "/bridge").source == "127.0.0.1"


def test_the_feeds_text_is_used_where_the_page_is_gone(site: Website) -> None:
    whole = f"<link>/gone</link><content:encoded><![CDATA[{PARAGRAPHS}]]></content:encoded>"
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
def test_the_format_follows_the_media_type_the_name_or_the_content(
    site: Website, path: str, media_type: str, content: bytes, text: str
) -> None:
    site.routes[path] = Answer(content, {"Content-Type": media_type} if media_type else {})
    assert one(site, path).text == text


@pytest.mark.parametrize("media_type", ["image/png", "text/css", "application/json", ""])
def test_an_unsupported_media_type_is_rejected(site: Website, media_type: str) -> None:
    site.routes["/x"] = Answer(b"\x89PNG", {"Content-Type": media_type} if media_type else {})
    (found,) = fetched(site, "/x")
    assert isinstance(found, Rejection)
    assert (media_type or "not stated") in found.reason


def test_the_http_charset_is_used(site: Website) -> None:
    content = page().replace("river", "rivière").encode("latin-1", "replace")
    site.routes["/bridge"] = Answer(content, {"Content-Type": "text/html; charset=latin-1"})
    assert "rivière" in one(site, "/bridge").text


def test_private_addresses_are_refused_by_default(site: Website) -> None:
    site.routes["/bridge"] = Answer(page().encode())
    (found,) = fetched(site, "/bridge", Policy())
    assert isinstance(found, Rejection)
    assert "--allow-private" in found.reason
    assert "robots.txt" not in found.reason
    assert site.asked == []


def test_a_page_fetched_again_is_unchanged_or_updated(site: Website, tmp_path: Path) -> None:
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


def test_a_page_that_breaks_its_parser_does_not_stop_the_others(site: Website, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_(_: str) -> None:
        raise OverflowError("no parser is perfect")

    monkeypatch.setattr(plain, "parse", fail_)
    site.routes |= {"/a": Answer(b"Rain.", {"Content-Type": "text/plain"}), "/b": Answer(page().encode())}
    site.routes["/feed"] = feed("<link>/a</link></item><item><link>/b</link>")
    first, second = fetched(site, "/feed")
    assert isinstance(first, Rejection)
    assert first.reason == "it cannot be read: OverflowError: no parser is perfect"
    assert isinstance(second, Article)


def test_nothing_is_requested_offline(site: Website, tmp_path: Path) -> None:
    with assistant(tmp_path, allow_private=True, offline=True) as archive:
        report = archive.ingest([Address(f"http://127.0.0.1:{site.port}/bridge")])
    assert "offline" in report.rejected[0].reason
    assert site.asked == []
