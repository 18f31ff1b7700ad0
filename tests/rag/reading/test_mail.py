"""Mail: headers, the part that is the text, and bad messages among good ones."""

from __future__ import annotations

import io
import tracemalloc
from email.message import EmailMessage
from pathlib import Path

import pytest

from rag import reading
from rag.errors import ArticleUnreadable
from rag.reading import Upload, mail
from rag.reading.draft import Draft, Unreadable
from rag.types import Article, Rejection
from tests.rag.making import read_one
from tests.rag.reading.samples import BODY

TEXT = "The bridge over the river opened on Monday after two years of work.\n\nThe mayor cut the ribbon."
HTML = "<html><body><p>The bridge over the river <b>opened</b> on Monday.</p><p>{}</p></body></html>"
HEADERS = {
    "From": "Ada Holm <ada@news.tarnpost.example>",
    "Subject": "The bridge opens",
    "Date": "Thu, 08 Apr 2021 23:30:00 -0700",
    "Message-ID": "<bridge-1@tarnpost.example>",
}


def message(text: str | None = TEXT, html: str | None = None, **headers: str) -> EmailMessage:
    made = EmailMessage()
    for name, value in (HEADERS | {name.replace("_", "-"): value for name, value in headers.items()}).items():
        if value:
            made[name] = value
    if text is not None:
        made.set_content(text)
    if html is not None:
        (made.add_alternative if text is not None else made.set_content)(html, subtype="html")
    return made


def parse(made: EmailMessage | bytes) -> Draft:
    (draft,) = mail.parse_eml(io.BytesIO(made if isinstance(made, bytes) else made.as_bytes()))
    return draft


def box(
    *messages: bytes, separator: bytes = b"From ada@tarnpost.example Thu Apr  8 23:30:00 2021"
) -> list[Draft | Unreadable]:
    content = b"".join(separator + b"\n" + made + b"\n\n" for made in messages)
    return list(mail.parse_mbox(io.BytesIO(content)))


# Headers


def test_metadata_come_from_the_headers_and_the_day_is_the_senders() -> None:
    article = read_one(Upload("bridge.eml", message().as_bytes()))

    assert (article.title, article.author, article.text) == ("The bridge opens", "Ada Holm", TEXT)
    assert (str(article.published), article.source) == ("2021-04-08", "news.tarnpost.example")
    assert dict(article.told_by) == {
        "title": "the Subject header",
        "author": "the From header",
        "published": "the Date header",
        "source": "the sender's domain",
        "language": "the text itself",
    }


@pytest.mark.parametrize(
    ("headers", "source", "told_by"),
    [
        ({"List_Id": "Tarn Post Daily <daily.tarnpost.example>"}, "Tarn Post Daily", "the List-Id header"),
        ({"List_Id": "<daily.tarnpost.example>"}, "daily.tarnpost.example", "the List-Id header"),
        ({"Organization": "Tarn Post"}, "Tarn Post", "the Organization header"),
        ({"From": "Ada Holm"}, None, None),
        ({"From": "Tarn Post Morning <today@mail.tarnpost.example>"}, "Tarn Post", "the name of the sender"),
        ({"From": "The Tarn Evening Post <news@tarnpost.example>"}, "The Tarn Evening Post", "the name of the sender"),
        ({"From": "Tarn Post <news@letters.example>"}, "Tarn Post", "the name of the sender"),
        ({"From": "Ada Holm <aholm@tarnpost.example>"}, "tarnpost.example", "the sender's domain"),
    ],
)
def test_the_source_is_the_list_the_organization_or_the_domain(
    headers: dict[str, str], source: str | None, told_by: str | None
) -> None:
    draft = parse(message(**headers))

    assert (draft.source, draft.told_by.get("source")) == (source, told_by)


@pytest.mark.parametrize(
    ("header", "title"),
    [
        (b"=?utf-8?q?Die_Br=C3=BCcke?=", "Die Brücke"),
        (b"=?iso-8859-1?b?RGllIEJy/GNrZQ==?=", "Die Brücke"),
        (b"=?no-such?q?Bridge?=", "=?no-such?q?Bridge?="),
        ("Die Brücke".encode(), "Die Brücke"),
        ("Die Brücke".encode("latin-1"), "Die Brücke"),
        (b"The bridge\n opens", "The bridge opens"),
    ],
)
def test_a_subject_is_decoded_where_possible(header: bytes, title: str) -> None:
    content = message(Subject="").as_bytes()

    assert parse(b"Subject: " + header + b"\n" + content).title == title


def test_a_comma_in_an_encoded_name_does_not_split_it() -> None:
    content = message(From="").as_bytes()

    assert parse(b"From: =?utf-8?q?Holm=2C_Ada?= <ada@tarnpost.example>\n" + content).author == "Holm, Ada"


@pytest.mark.parametrize("date", ["soon", "Thu, 45 Apr 2021 10:00:00 +0000", ""])
def test_an_invalid_date_is_ignored(date: str) -> None:
    content = (f"Date: {date}\n" if date else "").encode() + message(Date="").as_bytes()

    assert parse(content).published is None


# The text


def test_plain_text_is_preferred_to_html() -> None:
    long = "\n\n".join([TEXT] * 4)

    assert parse(message(long, HTML.format("Another text."))).text == long


@pytest.mark.parametrize("plain", [None, "This mail is best read in a browser.", "<p>The bridge</p>"])
def test_html_is_used_where_the_plain_text_is_a_stub(plain: str | None) -> None:
    words = "The mayor cut the ribbon at noon while four thousand people looked on from both banks of the river."

    assert parse(message(plain, HTML.format(words))).text == f"The bridge over the river opened on Monday.\n\n{words}"


def test_short_plain_text_is_used_where_the_html_is_empty() -> None:
    assert parse(message("Rain fell.", "<html><body></body></html>")).text == "Rain fell."


def test_attachments_and_forwarded_messages_are_left_out() -> None:
    made = message()
    made.add_attachment("Prices of fish", filename="fish.txt")
    made.add_attachment(message("An older letter", Subject="Older"))

    assert parse(made).text == TEXT


def test_flowed_lines_are_joined() -> None:
    content = message().as_bytes().replace(b'charset="utf-8"', b'charset="utf-8"; format=flowed')
    content = content.replace(b"opened on Monday", b"opened \non Monday")

    assert parse(content).text == TEXT


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "no-such", "ascii"])
def test_a_wrong_charset_loses_no_text(charset: str) -> None:
    head = message(None).as_bytes().rstrip() + b'\nContent-Type: text/plain; charset="' + charset.encode() + b'"\n\n'

    assert parse(head + "Die Brücke wurde geöffnet.".encode()).text == "Die Brücke wurde geöffnet."


@pytest.mark.parametrize("content", [b"", b"Rain fell.\n", b"\x7fELF\x00\x00", b"Note: no mail\n\nRain."])
def test_a_file_that_is_not_mail_is_rejected(content: bytes) -> None:
    with pytest.raises(ArticleUnreadable, match="it is not mail"):
        parse(content)


def test_deeply_nested_parts_are_rejected() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000))
    head = b"Subject: Rain\nDate: Thu, 08 Apr 2021 10:00:00 +0000\n"

    (found,) = reading.read(Upload("storm.eml", head + nested))
    assert isinstance(found, Rejection)


# Mailboxes


def named(number: int, text: str = TEXT) -> bytes:
    return message(text, Message_ID=f"<{number}@tarnpost.example>", Subject=f"Letter {number}").as_bytes()


def test_messages_of_a_mailbox_have_keys() -> None:
    found = box(named(1), named(2))

    assert [item.key for item in found] == ["1@tarnpost.example", "2@tarnpost.example"]
    assert [item.text for item in found if isinstance(item, Draft)] == [TEXT, TEXT]


def test_a_bad_message_does_not_stop_the_others() -> None:
    found = box(named(1), b"X-Note: nothing\n\nRain.", named(2))

    assert [type(item) for item in found] == [Draft, Unreadable, Draft]
    assert found[1].key == "message 2"


def test_a_repeated_message_is_reported() -> None:
    found = box(named(1), named(1))

    assert [type(item) for item in found] == [Draft, Unreadable]


def test_two_messages_with_one_id_are_two_articles() -> None:
    content = b"".join(b"From a Thu Apr  8 23:30:00 2021\n" + named(1, text) + b"\n\n" for text in ("Rain.", "Snow."))
    first, second = reading.read(Upload("box.mbox", content))

    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert first.id != second.id
    assert second.origin == f"{first.origin}~{second.content_hash[:8]}"


def test_a_message_without_an_id_has_a_stable_key() -> None:
    first, second = box(message(Message_ID="").as_bytes(), message(Message_ID="", Subject="Other").as_bytes())

    assert first.key != second.key
    assert first.key == box(message(Message_ID="").as_bytes())[0].key


@pytest.mark.parametrize("line", ["From the mayor:\nnothing was heard.", "From Tarn\nNote: the ferry has stopped."])
def test_a_sentence_that_begins_with_from_does_not_split_a_message(line: str) -> None:
    (draft,) = box(named(1, f"Rain fell.\n\n{line}"))

    assert isinstance(draft, Draft)
    assert draft.text == f"Rain fell.\n\n{line}"


def test_a_quoted_from_is_unquoted() -> None:
    (draft,) = box(named(1, "Rain fell.\n\n>From the mayor nothing.\n>>From the press nothing."))

    assert isinstance(draft, Draft)
    assert draft.text == "Rain fell.\n\nFrom the mayor nothing.\n>From the press nothing."


def test_undated_separators_split_messages() -> None:
    assert len(box(named(1), named(2), separator=b"From ada@tarnpost.example")) == 2


def test_a_message_over_the_limit_does_not_stop_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "MAX_MESSAGE_BYTES", 2_000)
    first, second = box(named(1, "Rain fell.\n" * 500), named(2))

    assert isinstance(first, Unreadable)
    assert "more than" in first.reason
    assert isinstance(second, Draft)


def test_a_huge_message_is_rejected_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    with path.open("wb") as file:
        file.write(b"From a Thu Apr  8 23:30:00 2021\n" + named(1))
        for _ in range(30):
            file.write((b"Rain fell. " * 10_000 + b"\n") * 10)
        file.write(b"\nFrom a Thu Apr  8 23:30:00 2021\n" + named(2))
    tracemalloc.start()
    with path.open("rb") as file:
        first, second = mail.parse_mbox(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert first == Unreadable("message 1", "it has more than 25 MB (save it as an .eml file)")
    assert isinstance(second, Draft)
    assert peak < 70_000_000


def test_a_mailbox_is_read_lazily() -> None:
    class Counted(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("read whole")

    content = b"".join(b"From a Thu Apr  8 23:30:00 2021\n" + named(n) + b"\n\n" for n in range(50))
    file = Counted(content)
    drafts = mail.parse_mbox(file)
    next(drafts)

    assert file.tell() < len(content) / 10


@pytest.mark.parametrize("content", [b"", b"Subject: Rain\n\nRain fell."])
def test_a_file_that_is_not_a_mailbox_is_rejected(content: bytes) -> None:
    with pytest.raises(ArticleUnreadable, match="it is not a mailbox"):
        list(mail.parse_mbox(io.BytesIO(content)))


def letter(content_type: str, text: str, number: int = 1) -> bytes:
    headers = "From: A <a@b.c>\nSubject: Storm\nDate: 1 Jan 2021 00:00:00 +0000\n"
    return f"{headers}Message-ID: <{number}@b.c>\nContent-Type: {content_type}\n\n{text}".encode("latin-1")


@pytest.mark.parametrize("charset", ["uu", "rot13", "hex", "base64", "bz2", "zlib", "quopri"])
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_codec_that_is_not_a_charset_is_ignored(kind: str, charset: str) -> None:
    (draft,) = box(letter(f"text/{kind}; charset={charset}", f"{BODY} Café."))

    assert isinstance(draft, Draft)
    assert draft.text == f"{BODY} Café."


def test_a_message_that_breaks_the_parser_does_not_stop_the_others() -> None:
    first, second = box(letter('text/plain; charset="a\0b"', "Café."), letter("text/plain", BODY, 2))

    assert first == Unreadable("message 1", "it cannot be read: ValueError: embedded null character")
    assert second.key == "2@b.c"
