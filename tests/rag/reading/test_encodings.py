"""Bytes to text by byte order mark, declaration and detection; text that is safe to print."""

from __future__ import annotations

import codecs

import pytest

from rag import reading
from rag.errors import ArticleUnreadable
from rag.reading import Upload, html
from rag.reading.draft import rejection
from rag.reading.encodings import decode_text, one_line, printable
from rag.types import Rejection
from tests.rag.reading.samples import PARAGRAPHS, page


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (b" \n\t\r\n ", "it is empty"),
        (codecs.BOM_UTF8 + b" ", "it is empty"),
        (b"\x7fELF\x00\x00\x01", "it is binary"),
        (b"Caf\xe9 bridge", "not UTF-8: byte 0xe9 at offset 3"),
        (codecs.BOM_UTF8 + b"Caf\xe9", "byte 0xe9 at offset 6"),
        (codecs.BOM_UTF16_LE + b"a\x00b", "not UTF-16: byte 0x62 at offset 4"),
    ],
)
def test_bytes_that_are_not_text_are_rejected(content: bytes, reason: str) -> None:
    with pytest.raises(ArticleUnreadable, match=reason):
        decode_text(content)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"], ids=ascii)
def test_byte_order_marks_and_line_ends_are_normalized(encoding: str, line_end: str) -> None:
    assert decode_text(line_end.join(["Café “one”.", "Two."]).encode(encoding)) == "Café “one”.\nTwo."


@pytest.mark.parametrize(("mark", "codec"), [(codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")])
def test_both_byte_orders_of_utf_16_are_read(mark: bytes, codec: str) -> None:
    assert decode_text(mark + "Café.".encode(codec)) == "Café."


# Pages


@pytest.mark.parametrize(
    ("encoding", "head", "charset"),
    [
        ("utf-8", "", None),
        ("utf-8", "", "iso-8859-1"),
        ("utf-8", '<meta charset="windows-1251">', None),
        ("windows-1252", "", "windows-1252"),
        ("windows-1252", '<meta charset="iso-8859-1">', None),
        ("windows-1252", '<meta charset="utf-8">', "utf-8"),
        ("windows-1252", "", "no-such-charset"),
        ("windows-1252", "", "utf-7"),
        ("utf-16", "", None),
        ("utf-16-le", "", "utf-16-le"),
        ("utf-8-sig", "", "iso-8859-1"),
    ],
)
def test_a_wrong_charset_loses_no_text(encoding: str, head: str, charset: str | None) -> None:
    words = "“Das ist schön”, sagte der Bürgermeister über die neue Brücke an der Straße nach Köln – endlich."
    content = page(head, f"<article>{PARAGRAPHS}<p>{words}</p></article>").encode(encoding)

    assert words in html.parse(content, None, charset).text


def test_one_invalid_byte_spoils_one_character() -> None:
    words = "Die Brücke über den Fluss wurde am Montag für Fußgänger geöffnet, sagte der Bürgermeister von Köln. " * 3
    content = page("", f"<article><p>{words}</p></article>").encode().replace("Köln".encode(), b"K\xffln", 1)
    text = html.parse(content).text

    assert text.count("\ufffd") == 1
    assert "Bürgermeister" in text


@pytest.mark.parametrize(
    ("encoding", "words"), [("shift_jis", "橋は月曜日に開通した。"), ("windows-1251", "Мост открыли в понедельник.")]
)
def test_the_charset_that_a_page_declares_is_used(encoding: str, words: str) -> None:
    content = page(f'<meta charset="{encoding}">', f"<article><p>{words * 5}</p></article>").encode(encoding)

    assert words in html.parse(content).text


@pytest.mark.parametrize(
    ("content", "reason"), [(b"", "it is empty"), (b"\0" * 99, "binary"), (codecs.BOM_UTF8, "it is empty")]
)
def test_bytes_that_are_not_a_page_are_rejected(content: bytes, reason: str) -> None:
    with pytest.raises(ArticleUnreadable, match=reason):
        html.parse(content)


# Printing


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("a\nb\tc\x1b[2J\x85", "a\\nb\\tc\\x1b[2J\\x85"),
        ("\u202egpj.exe\u2028", "\\u202egpj.exe\\u2028"),
        ("caf\udce9 \ud800", "caf\\xe9 \\ud800"),
        ("Überschwemmung\xa0 1.txt", "Überschwemmung\xa0 1.txt"),
    ],
)
def test_control_characters_are_escaped_in_rejections(raw: str, shown: str) -> None:
    assert printable(raw) == shown
    assert rejection(raw, "x") == Rejection(shown, "x")
    (found,) = reading.read(Upload(f"{raw}.exe", b"x"))
    assert isinstance(found, Rejection)
    assert found.path == f"{shown}.exe"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", ""),
        ("One  two", "One  two"),
        (" One ", " One "),
        ("One \r\n two\n\nthree", "One two three"),
        ("One\u2028two\x0cthree\x85", "One two three"),
        ("\n", ""),
    ],
)
def test_only_line_breaks_become_spaces(text: str, shown: str) -> None:
    assert one_line(text) == shown
    assert one_line(shown) == shown
