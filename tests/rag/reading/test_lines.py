"""One hostile item is one line on the report, whatever its parser raises, and the others are read."""

from __future__ import annotations

import gzip
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import reading
from rag.reading import Policy, Upload, identity, lines, plain, tables
from rag.reading.draft import Draft
from rag.types import Article, Rejection
from tests.rag.making import assistant
from tests.rag.reading.making import BODY, read, read_file, zipped

HEADERS = "From a@b Tue Jan  5 10:30:00 2021\nFrom: A <a@b.c>\nSubject: Storm\nDate: 1 Jan 2021 00:00:00 +0000\n"


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    reading.close()


def letter(content_type: str, text: str = BODY, number: int = 1) -> bytes:
    return f"{HEADERS}Message-ID: <{number}@b.c>\nContent-Type: {content_type}\n\n{text}\n\n".encode("latin-1")


def broken(*_: object) -> Iterator[Draft]:
    raise TypeError("no\nparser is perfect")


def test_a_name_that_is_no_text_reaches_the_archive_as_text(tmp_path: Path) -> None:
    folder = tmp_path / "news"
    folder.mkdir()
    for name in (b"bad\xff.txt", b"bad\xff.exe", b"bad\xfe.txt", b"two\nlines.exe"):
        Path(os.fsdecode(os.fsencode(folder) + b"/" + name)).write_text(f"Title\n{BODY}")
    with assistant(tmp_path / "home") as archive:
        report = archive.ingest([folder])
        articles = [archive.article(article_id) for article_id in (*report.added, *report.updated)]

    assert {article.origin for article in articles} <= {f"{folder}/bad\\xff.txt", f"{folder}/bad\\xfe.txt"}
    assert {line.path for line in report.rejected} >= {f"{folder}/bad\\xff.exe", f"{folder}/two\\nlines.exe"}


def test_two_names_that_are_no_text_are_two_articles(tmp_path: Path) -> None:
    for name in (b"bad\xff.txt", b"bad\xfe.txt"):
        Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)).write_text(f"Title\n{BODY}")
    ids = [found.id for path in sorted(tmp_path.iterdir()) for found in read_file(path)[0]]

    assert len(set(ids)) == 2


@pytest.mark.parametrize("url", ["http://[v1.[x]/p", "http://[a[b]/x", "http://a:99999999/x", "http://ex℀mple.com/a"])
def test_a_url_that_is_none_is_no_identity(url: str) -> None:
    assert identity.page_address(url) is None
    (article,), rejected = read(f'{{"id": 1, "title": "Storm", "text": "Rain fell.", "url": "{url}"}}\n', "news.jsonl")

    assert (article.text, rejected) == ("Rain fell.", [])


@pytest.mark.parametrize("charset", ["uu", "rot13", "hex", "base64", "bz2", "zlib", "quopri"])
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_charset_that_makes_no_text_is_passed_over(kind: str, charset: str) -> None:
    articles, rejected = read(letter(f"text/{kind}; charset={charset}", f"{BODY} Café."), "box.mbox")

    assert [article.text for article in articles] == [f"{BODY} Café."]
    assert not rejected


def test_a_letter_that_breaks_the_parser_is_a_line_and_the_next_is_read() -> None:
    articles, rejected = read(
        letter('text/plain; charset="a\0b"', "Café.") + letter("text/plain", number=2), "box.mbox"
    )

    assert [article.origin for article in articles] == ["upload:box.mbox#2@b.c"]
    assert rejected == ["#message 1: it cannot be read: ValueError: embedded null character"]


def test_a_member_without_a_name_is_a_line_and_the_others_are_read() -> None:
    content = zipped({"x.txt": BODY, "a.txt": f"One\n{BODY}"}).replace(b"x.txt", b"\0.txt")
    articles, (line,) = read(content, "news.zip")

    assert [article.title for article in articles] == ["One"]
    assert line.startswith("!(no name): a file without an ending is not read")


@pytest.mark.parametrize("name", ["storm.txt", "news.csv"])
def test_what_no_one_expects_of_a_parser_is_one_line(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "parse", broken)
    monkeypatch.setattr(tables, "_draft", broken)
    articles, rejected = read("title,text\nOne,Rain fell.\n", name)

    assert not articles
    assert rejected == [": it cannot be read: TypeError: no parser is perfect"]


def test_a_member_that_breaks_its_parser_is_a_line_and_the_others_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plain, "parse", broken)
    articles, rejected = read(zipped({"a.txt": BODY, "b.md": BODY, "c.csv": "text\nRain fell.\n"}), "news.zip")

    assert [article.text for article in articles] == ["Rain fell."]
    assert [line.partition(":")[0] for line in rejected] == ["!a.txt", "!b.md"]


def test_an_article_that_cannot_be_named_is_a_line_and_the_next_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    hashed = identity.content_hash

    def some(draft: Draft) -> str:
        return hashed(draft) if draft.title != "One" else "".join(broken())  # type: ignore[arg-type]

    monkeypatch.setattr(identity, "content_hash", some)
    articles, rejected = read("id,title,text\n1,One,Rain.\n2,Two,Rain.\n", "news.csv")

    assert [article.title for article in articles] == ["Two"]
    assert rejected == ["#1: it cannot be read: TypeError: no parser is perfect"]


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\nb\tc\x1b[2J\x85", "a\\nb\\tc\\x1b[2J\\x85"),
        ("\u202egpj.exe\u2028", "\\u202egpj.exe\\u2028"),
        ("caf\udce9 \ud800", "caf\\xe9 \\ud800"),
        ("Überschwemmung\xa0 1.txt", "Überschwemmung\xa0 1.txt"),
    ],
)
def test_a_line_holds_nothing_that_moves_a_cursor(raw: str, shown: str) -> None:
    assert lines.rejection(raw, "x") == Rejection(shown, "x")
    assert lines.printed(raw).isascii() == shown.isascii()
    (found,) = reading.read(Upload(f"{raw}.exe", b"x"), Policy())
    assert isinstance(found, Rejection)
    assert found.path == f"{shown}.exe"


@pytest.mark.parametrize("ending", [".html", ".htm"])
def test_a_page_in_gzip_is_read_as_the_page_is(ending: str) -> None:
    page = f"<html><body><article><h1>The bridge</h1><p>{BODY * 5}</p></article></body></html>".encode()
    (packed,) = reading.read(Upload(f"bridge{ending}.gz", gzip.compress(page)))
    (plainly,) = reading.read(Upload(f"bridge{ending}", page))

    assert isinstance(packed, Article), packed
    assert isinstance(plainly, Article)
    assert (packed.title, packed.text) == (plainly.title, plainly.text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("One  two", "One  two"),
        (" One ", " One "),
        ("One\n", "One"),
        ("One \r\n two\n\nthree", "One two three"),
        ("One\u2028two\x0cthree\x85", "One two three"),
        ("\n", ""),
    ],
)
def test_a_line_break_is_a_space_and_nothing_else_is_changed(text: str, shown: str) -> None:
    assert lines.one_line(text) == shown
    assert lines.one_line(shown) == shown


def test_a_title_that_is_told_on_two_lines_is_read_as_one() -> None:
    front = '---\ntitle: |\n  The storm\n  is over\nauthor: |\n  A\n  B\nurl: "https://a.example/b\\nc"\n---\n'
    (found,), _ = read(f"{front}\n{BODY}\n", "a.md")
    assert (found.title, found.author, found.url) == ("The storm is over", "A B", "https://a.example/bc")
