"""Whose an article is: of the site that served it, or of the file; nobody else can change it, whatever they claim."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from rag import Address, Article, Assistant, Upload
from rag.reading.draft import host, id_at, site
from tests.rag.making import assistant, row, sealed
from tests.rag.reading.samples import SENTENCES, json_ld, meta, page
from tests.website import Answer, Website, moved, serve

LIE = "The bridge fell into the river on its first day, and the mayor fled the town the same night, he said."
LIES = f"<article><h1>The bridge falls</h1>{f'<p>{LIE}</p>' * 3}</article>"


@pytest.fixture
def web() -> Iterator[Website]:
    with serve() as web:
        yield web


@pytest.fixture
def archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Assistant]:
    # An ingest ends its sandbox, and a new one takes a second to start: here they share one.
    monkeypatch.setattr("rag.reading.close", lambda: None)
    with assistant(tmp_path / "home", allow_private=True) as archive:
        yield archive


def outlet(web: Website, path: str = "/bridge") -> str:
    return f"http://127.0.0.1:{web.port}{path}"


def evil(web: Website, path: str) -> str:
    return f"http://localhost:{web.port}{path}"


@pytest.fixture
def trusted(web: Website, archive: Assistant) -> Article:
    """The outlet's article, whose page is gone by now."""
    web.routes["/bridge"] = Answer(page(meta("og:site_name", "Tarn Post")).encode())
    (article_id,) = archive.ingest([Address(outlet(web))]).added
    del web.routes["/bridge"]
    return archive.article(article_id)


def added(archive: Assistant, trusted: Article, *items: Address | Path | Upload) -> list[Article]:
    """Ingest articles that must be new and leave the trusted one alone."""
    report = archive.ingest(items)
    assert (len(report.added), report.updated, report.rejected) == (len(items), (), ())
    assert archive.article(trusted.id) == trusted
    assert archive.versions(trusted.id) == ()
    return [archive.article(article_id) for article_id in report.added]


def feed(link: str, text: str = LIES) -> Answer:
    content = f"<content:encoded><![CDATA[{text}]]></content:encoded><pubDate>Thu, 08 Apr 2021 10:00:00 GMT</pubDate>"
    guid = "<guid isPermaLink='false'>7</guid><source url='x'>Tarn Post</source>"
    item = f"<item><title>It falls</title>{guid}{link}{content}</item>"
    whole = 'xmlns:content="http://purl.org/rss/1.0/modules/content/"'
    return Answer(f'<rss version="2.0" {whole}><channel><title>Tarn Post</title>{item}</channel></rss>'.encode())


@pytest.mark.parametrize("link", ["{}", "http://127.0.0.1.:{port}/bridge", ""])
def test_what_a_feed_carries_for_another_site_is_the_feeds(
    web: Website, archive: Assistant, trusted: Article, link: str
) -> None:
    given = link.format(outlet(web), port=web.port)
    web.routes["/feed"] = feed(f"<link>{given}</link>" if given else "")
    (carried,) = added(archive, trusted, Address(evil(web, "/feed")))

    assert (carried.source, carried.url) == ("localhost", None)
    assert carried.origin == f"{evil(web, '/feed')}#{given or '7'}"
    assert "the feed alone" in dict(carried.told_by)["text"]
    assert given in dict(carried.told_by)["text"]

    web.routes["/feed"] = feed(f"<link>{given}</link>" if given else "", LIES.replace("first", "second"))
    assert archive.ingest([Address(evil(web, "/feed"))]).updated == (carried.id,)
    web.routes["/bridge"] = Answer(page().replace("four thousand", "five thousand").encode())
    assert archive.ingest([Address(outlet(web))]).updated == (trusted.id,)


def test_two_feeds_that_carry_one_page_are_two_articles_of_one_story(
    web: Website, archive: Assistant, trusted: Article
) -> None:
    web.routes |= {"/feed": feed(f"<link>{outlet(web)}</link>"), "/other": feed(f"<link>{outlet(web)}</link>")}
    first, second = added(archive, trusted, Address(evil(web, "/feed")), Address(evil(web, "/other")))

    assert {one.id for one in archive.same_story(second.id)} == {first.id, second.id}


def test_a_feed_carries_the_pages_of_its_own_site(web: Website, archive: Assistant, trusted: Article) -> None:
    web.routes["/feed"] = feed(f"<link>{outlet(web)}</link>", "".join(f"<p>{one}</p>" for one in (*SENTENCES, LIE)))
    assert archive.ingest([Address(outlet(web, "/feed"))]).updated == (trusted.id,)
    assert archive.article(trusted.id).source == "Tarn Post"


def test_a_feed_says_nothing_of_another_sites_page(web: Website, archive: Assistant, trusted: Article) -> None:
    web.routes |= {"/bridge": Answer(page(meta("og:site_name", "Tarn Post")).encode()), "/to": moved(outlet(web))}
    for link in (outlet(web), evil(web, "/to")):
        web.routes["/feed"] = feed(f"<link>{link}</link>")
        assert archive.ingest([Address(evil(web, "/feed"))]).unchanged == (trusted.id,)


FRONT = "---\ntitle: It falls\nsource: Tarn Post\nurl: {}\n---\n\n" + LIE
MHTML = (
    'Content-Type: multipart/related; boundary="b"\nSnapshot-Content-Location: {}\n\n--b\nContent-Type: text/html\n\n'
)
CLAIMS = {
    "canonical.html": page('<link rel="canonical" href="{}">', LIES),
    "base.html": page('<base href="{}"><link rel="canonical" href="">', LIES),
    "og.html": page(meta("og:url", "{}"), LIES),
    "twitter.html": page(meta("twitter:url", "{}"), LIES),
    "json.html": page(json_ld(url="ADDRESS").replace("{", "{{").replace("}", "}}").replace("ADDRESS", "{}"), LIES),
    "saved.html": "<!-- saved from url=(0040){} -->" + page(body=LIES),
    "front.md": FRONT,
    "table.csv": f"id,title,text,source,url\n1,It falls,{LIE.replace(',', '')},Tarn Post,{{}}\n",
    "saved.mhtml": MHTML + page(body=LIES) + "\n--b--\n",
}
TYPES = {".html": "text/html", ".md": "text/markdown", ".csv": "text/csv", ".mhtml": "multipart/related"}


def test_a_page_that_names_another_sites_address_is_of_the_site_that_served_it(
    web: Website, archive: Assistant, trusted: Article
) -> None:
    for name, content in {**CLAIMS, "": CLAIMS["canonical.html"]}.items():
        content_type = TYPES[Path(name or "x.html").suffix]
        web.routes[f"/{name}"] = Answer(content.format(outlet(web)).encode(), {"Content-Type": content_type})
    found = added(archive, trusted, *(Address(evil(web, path)) for path in web.routes))

    assert {one.url for one in found} == {evil(web, path) for path in web.routes}
    assert {one.source for one in found} == {"localhost"}


def test_who_served_a_page_that_names_an_outlet_is_told(web: Website, archive: Assistant) -> None:
    web.routes["/claim"] = Answer(page(meta("og:site_name", "Tarn Post")).encode())
    (claimed,) = archive.ingest([Address(evil(web, "/claim"))]).added
    assert dict(archive.article(claimed).told_by)["source"] == "og:site_name, at localhost"


def test_an_edited_row_of_a_fetched_table_keeps_its_article(web: Website, archive: Assistant) -> None:
    table = "id,title,text\n1,Rain,It rained.\n2,Sun,The sun shone.\n"
    web.routes["/table.csv"] = Answer(table.encode(), {"Content-Type": "text/csv"})
    first, second = archive.ingest([Address(outlet(web, "/table.csv"))]).added
    web.routes["/table.csv"] = Answer(table.replace("shone", "set").encode(), {"Content-Type": "text/csv"})
    report = archive.ingest([Address(outlet(web, "/table.csv"))])
    assert (report.unchanged, report.updated, report.added) == ((first,), (second,), ())


def test_a_file_that_names_a_sites_address_is_an_article_of_its_own(
    web: Website, archive: Assistant, trusted: Article, tmp_path: Path
) -> None:
    paths = [tmp_path / name for name in CLAIMS]
    for path in paths:
        path.write_text(CLAIMS[path.name].format(outlet(web)))
    found = added(archive, trusted, *paths)
    uploads = added(archive, trusted, *(Upload(path.name, path.read_bytes()) for path in paths))
    assert len({one.id for one in (*found, *uploads)}) == 2 * len(CLAIMS)

    for path in paths:
        path.write_text(path.read_text().replace("first day", "second day"))
    assert archive.ingest(paths).updated == tuple(one.id for one in found)
    web.routes["/bridge"] = Answer(page().replace("four thousand", "five thousand").encode())
    assert archive.ingest([Address(outlet(web))]).updated == (trusted.id,)


def test_an_old_copy_on_the_same_site_does_not_replace_the_new_text(web: Website, archive: Assistant) -> None:
    canonical = f'<link rel="canonical" href="{outlet(web)}?utm_source=x">'
    web.routes |= {"/bridge": Answer(page().encode()), "/print": Answer(page(canonical).encode())}
    (article_id,) = archive.ingest([Address(outlet(web))]).added
    web.routes["/bridge"] = Answer(page().replace("four thousand", "five thousand").encode())
    assert archive.ingest([Address(outlet(web)), Address(outlet(web, "/print"))]).updated[:1] == (article_id,)
    assert archive.count() == 1


# Older archives identified files by the addresses that they claim.


def test_a_file_of_an_older_archive_keeps_its_article_and_the_page_gets_its_own(
    web: Website, archive: Assistant, tmp_path: Path
) -> None:
    path = tmp_path / "saved.html"
    path.write_text(CLAIMS["canonical.html"].format(outlet(web)))
    web.routes["/bridge"] = Answer(page().encode())
    (by_path,) = archive.ingest([path]).added
    (by_address,) = archive.ingest([Address(outlet(web))]).added
    old = replace(archive.article(by_path), id=by_address)
    for article_id in (by_path, by_address):
        archive.remove(article_id)
    item, spans, vectors = row(old)
    archive._store.put([(item, spans, np.asarray(vectors))], {})

    assert archive.ingest([path]).unchanged == (by_address,)
    (fetched,) = archive.ingest([Address(outlet(web))]).added
    assert fetched != by_address
    assert archive.versions(by_address) == archive.versions(fetched) == ()
    assert archive.ingest([path, Address(outlet(web))]).unchanged == (by_address, fetched)


# Uploads


def test_a_namesake_upload_is_an_article_of_its_own_unless_it_replaces(archive: Assistant) -> None:
    monday, tuesday = (f"title,text\nRain,It rained on {day}.\n".encode() for day in ("Monday", "Tuesday"))
    (first,) = archive.ingest([Upload("rain.csv", monday)]).added
    (second,) = archive.ingest([Upload("rain.csv", tuesday)]).added
    assert archive.ingest([Upload("rain.csv", monday), Upload("rain.csv", tuesday)]).unchanged == (first, second)
    assert archive.count() == 2

    assert archive.ingest([Upload("rain.csv", tuesday, replaces=True)]).updated == (first,)
    assert [one.text for one in archive.versions(first)] == ["It rained on Monday."]


def test_two_namesakes_of_one_upload_are_two_articles(archive: Assistant) -> None:
    report = archive.ingest([Upload("rain.txt", b"Rain\n\nIt rained."), Upload("rain.txt", b"Sun\n\nThe sun shone.")])
    assert len(report.added) == archive.count() == 2


# Places in files


def test_a_files_name_is_no_place_in_another_file(archive: Assistant, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as packed:
        packed.writestr("b.txt", f"It opens\n\n{SENTENCES[0]}")
        packed.writestr("t.csv", f'id,title,text\n7.txt,It opens,"{SENTENCES[0]}"\n')
        packed.writestr("t.csv#7.txt", f"It falls\n\n{LIE} It did.")
    (tmp_path / "t.csv").write_text(f'id,title,text\n7.txt,It opens,"{SENTENCES[0]}"\n7%23,It opens,"{SENTENCES[0]}"\n')
    for number, name in enumerate(
        ("a.zip!b.txt", "a.zip%21b.txt", "a.zip%2521b.txt", "t.csv#7.txt", "a.zip!t.csv#7.txt")
    ):
        (tmp_path / name).write_text(f"It falls\n\n{LIE} {number}.")
    first = archive.ingest([tmp_path])
    assert (len(first.added), first.updated) == (10, ())
    assert len(archive.ingest([tmp_path]).unchanged) == len({one.origin for one in archive.articles()}) == 10


def test_a_rows_key_is_not_that_of_a_namesake(archive: Assistant) -> None:
    table = f'id,title,text\n7,It opens,"{SENTENCES[0]}"\n'
    archive.ingest([Upload("t.csv", table.encode())])
    archive.ingest([Upload("t.csv", table.replace("opens", "closes").encode())])
    (second,) = (one for one in archive.articles() if "~" in one.origin)
    key = second.origin.partition("#")[2]
    lie = f'id,title,text\n{key},It falls,"{LIE}"\n'
    (other,) = archive.ingest([Upload("t.csv", lie.encode(), replaces=True)]).added
    assert archive.article(second.id) == second != archive.article(other)


# Imports


def exported(archive: Assistant) -> list[dict[str, object]]:
    into = io.BytesIO()
    archive.export(into)
    return [json.loads(line) for line in into.getvalue().splitlines()]


def as_file(records: list[dict[str, object]], path: Path) -> Path:
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    return path


def test_an_import_replaces_an_article_only_on_request(archive: Assistant, trusted: Article, tmp_path: Path) -> None:
    header, record = exported(archive)
    lie = sealed(record | {"title": "The bridge falls"})
    path = as_file([header, lie | {"readings": [[trusted.origin, lie["content_hash"]]]}], tmp_path / "lie.jsonl")
    with path.open("rb") as file:
        report = archive.import_(file)
    assert [(one.path, "--replace" in one.reason) for one in report.rejected] == [(trusted.id, True)]
    assert archive.article(trusted.id) == trusted

    with path.open("rb") as file:
        assert archive.import_(file, replace=True).updated == (trusted.id,)
    assert archive.versions(trusted.id) == (trusted,)


def test_an_import_takes_no_place_of_another_article(archive: Assistant, tmp_path: Path) -> None:
    path = tmp_path / "rain.txt"
    path.write_text("Rain\n\nIt rained.")
    (article_id,) = archive.ingest([path]).added
    header, record = exported(archive)
    other = sealed(record | {"id": id_at(article_id, "elsewhere"), "title": "Sun"})
    with as_file([header, other], tmp_path / "other.jsonl").open("rb") as file:
        assert len(archive.import_(file).added) == 1

    path.write_text("Rain\n\nIt rained all day.")
    assert archive.ingest([path]).updated == (article_id,)


def test_an_import_puts_no_article_into_a_story_that_it_does_not_tell(archive: Assistant, tmp_path: Path) -> None:
    copies = [Upload(f"{name}.txt", f"{name}\n\n{' '.join(SENTENCES)}".encode()) for name in ("one", "two")]
    first, second = archive.ingest(copies).added
    header, *records = exported(archive)
    forged = {"id": id_at(first, "elsewhere"), "text": LIE, "passages": [[0, len(LIE)]], "readings": []}
    with as_file([header, sealed(records[0] | forged)], tmp_path / "forged.jsonl").open("rb") as file:
        (lie,) = archive.import_(file).added
    assert archive.same_story(lie) == ()
    assert {one.id for one in archive.same_story(first)} == {first, second}


# Sites


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://www.tarnpost.example/a", "http://tarnpost.example/b"),
        ("https://TarnPost.example.:443/", "http://tarnpost.example:80"),
        ("https://tärnpost.example", "https://xn--trnpost-5wa.example"),
        ("http://[0::1]:8080/a", "http://[0::1]:8080/b"),
    ],
)
def test_spellings_of_one_site(one: str, other: str) -> None:
    assert site(one) == site(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://feeds.blogs.example", "https://blogs.example"),
        ("https://m.example", "https://amp.example"),
        ("https://m.blogs.example", "https://amp.blogs.example"),
        ("https://mobile.co.uk", "https://amp.co.uk"),
        ("https://amp.blogs.example", "https://www.blogs.example"),
        ("https://team.example", "https://tea.example"),
        ("https://tarnpost.example:8443", "https://tarnpost.example"),
        ("https://tarnpost.example@evil.example", "https://tarnpost.example"),
        ("https://t\u0430rnpost.example", "https://tarnpost.example"),
    ],
)
def test_two_sites(one: str, other: str) -> None:
    assert site(one) != site(other)


@pytest.mark.parametrize(
    "address",
    [None, "", "/tmp/a", "upload:http://a.example", "ftp://a.example", "http://[x", "http://a..b", "http://a:x"],
)
def test_what_is_no_site(address: str | None) -> None:
    assert site(address) == ""
    assert host("https://www.tarnpost.example/a") == "tarnpost.example"
