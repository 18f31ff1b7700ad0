"""One mail and a box of them: what the headers tell, which part is the text, and bad messages among good ones."""

from __future__ import annotations

import io
import tracemalloc
from email.message import EmailMessage
from pathlib import Path

import pytest

from rag import reading
from rag.errors import ArticleUnreadable
from rag.reading import Upload, mail
from rag.reading.draft import Draft, Unread
from rag.types import Article, Rejection
from tests.rag.making import read_one

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
    (draft,) = mail.parse_file(io.BytesIO(made if isinstance(made, bytes) else made.as_bytes()))
    return draft


def box(
    *messages: bytes, separator: bytes = b"From ada@tarnpost.example Thu Apr  8 23:30:00 2021"
) -> list[Draft | Unread]:
    content = b"".join(separator + b"\n" + made + b"\n\n" for made in messages)
    return list(mail.parse_box(io.BytesIO(content)))


# What the headers tell


def test_the_headers_tell_the_metadata_and_the_day_is_the_senders() -> None:
    article = read_one(Upload("bridge.eml", message().as_bytes()))

    assert (article.title, article.author, article.text) == ("The bridge opens", "Ada Holm", TEXT)
    assert (str(article.published), article.source) == ("2021-04-08", "news.tarnpost.example")
    assert dict(article.told_by) == {
        "title": "the mail's Subject",
        "author": "the mail's From",
        "published": "the mail's Date",
        "source": "the sender's domain",
        "language": "the text itself",
    }


@pytest.mark.parametrize(
    ("headers", "source", "told_by"),
    [
        ({"List_Id": "Tarn Post Daily <daily.tarnpost.example>"}, "Tarn Post Daily", "the mail's List-Id"),
        ({"List_Id": "<daily.tarnpost.example>"}, "daily.tarnpost.example", "the mail's List-Id"),
        ({"Organization": "Tarn Post"}, "Tarn Post", "the mail's Organization"),
        ({"From": "Ada Holm"}, None, None),
    ],
)
def test_the_outlet_is_the_list_or_the_organization_or_the_domain(
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
def test_a_subject_is_decoded_or_left_as_it_is(header: bytes, title: str) -> None:
    content = message(Subject="").as_bytes()

    assert parse(b"Subject: " + header + b"\n" + content).title == title


def test_a_comma_in_an_encoded_name_parts_nothing() -> None:
    content = message(From="").as_bytes()

    assert parse(b"From: =?utf-8?q?Holm=2C_Ada?= <ada@tarnpost.example>\n" + content).author == "Holm, Ada"


@pytest.mark.parametrize("told", ["soon", "Thu, 45 Apr 2021 10:00:00 +0000", ""])
def test_a_broken_date_is_no_date(told: str) -> None:
    content = (f"Date: {told}\n" if told else "").encode() + message(Date="").as_bytes()

    assert parse(content).published is None


# Which part is the text


def test_plain_text_is_preferred_to_a_page() -> None:
    long = "\n\n".join([TEXT] * 4)

    assert parse(message(long, HTML.format("Another text."))).text == long


@pytest.mark.parametrize("plain", [None, "This mail is best read in a browser.", "<p>The bridge</p>"])
def test_a_page_is_read_where_the_plain_text_is_a_stub(plain: str | None) -> None:
    words = "The mayor cut the ribbon at noon while four thousand people looked on from both banks of the river."

    assert parse(message(plain, HTML.format(words))).text == f"The bridge over the river opened on Monday.\n\n{words}"


def test_a_short_letter_beside_an_empty_page_is_the_text() -> None:
    assert parse(message("Rain fell.", "<html><body></body></html>")).text == "Rain fell."


def test_what_is_attached_or_forwarded_is_left_out() -> None:
    made = message()
    made.add_attachment("Prices of fish", filename="fish.txt")
    made.add_attachment(message("An older letter", Subject="Older"))

    assert parse(made).text == TEXT


def test_flowed_lines_are_joined() -> None:
    content = message().as_bytes().replace(b'charset="utf-8"', b'charset="utf-8"; format=flowed')
    content = content.replace(b"opened on Monday", b"opened \non Monday")

    assert parse(content).text == TEXT


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-1", "no-such", "ascii"])
def test_a_charset_that_lies_loses_no_text(charset: str) -> None:
    head = message(None).as_bytes().rstrip() + b'\nContent-Type: text/plain; charset="' + charset.encode() + b'"\n\n'

    assert parse(head + "Die Brücke wurde geöffnet.".encode()).text == "Die Brücke wurde geöffnet."


@pytest.mark.parametrize("content", [b"", b"Rain fell.\n", b"\x7fELF\x00\x00", b"Note: no mail\n\nRain."])
def test_what_is_no_mail_says_so(content: bytes) -> None:
    with pytest.raises(ArticleUnreadable, match="it is no mail"):
        parse(content)


def test_parts_within_parts_without_end_are_turned_away() -> None:
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3_000))
    head = b"Subject: Rain\nDate: Thu, 08 Apr 2021 10:00:00 +0000\n"

    (found,) = reading.read(Upload("storm.eml", head + nested))
    assert isinstance(found, Rejection)


# Boxes


def named(number: int, text: str = TEXT) -> bytes:
    return message(text, Message_ID=f"<{number}@tarnpost.example>", Subject=f"Letter {number}").as_bytes()


def test_a_box_is_read_message_by_message_by_its_keys() -> None:
    found = box(named(1), named(2))

    assert [item.key for item in found] == ["1@tarnpost.example", "2@tarnpost.example"]
    assert [item.text for item in found if isinstance(item, Draft)] == [TEXT, TEXT]


def test_a_bad_message_is_told_and_the_rest_goes_on() -> None:
    found = box(named(1), b"X-Note: nothing\n\nRain.", named(2))

    assert [type(item) for item in found] == [Draft, Unread, Draft]
    assert found[1].key == "message 2"


def test_the_same_message_twice_is_told() -> None:
    found = box(named(1), named(1))

    assert [type(item) for item in found] == [Draft, Unread]


def test_another_message_under_the_same_id_is_an_article_of_its_own() -> None:
    content = b"".join(b"From a Thu Apr  8 23:30:00 2021\n" + named(1, text) + b"\n\n" for text in ("Rain.", "Snow."))
    first, second = reading.read(Upload("box.mbox", content))

    assert isinstance(first, Article)
    assert isinstance(second, Article)
    assert first.id != second.id
    assert second.origin == f"{first.origin}~{second.content_hash[:8]}"


def test_a_message_without_an_id_has_a_key_that_stays() -> None:
    first, second = box(message(Message_ID="").as_bytes(), message(Message_ID="", Subject="Other").as_bytes())

    assert first.key != second.key
    assert first.key == box(message(Message_ID="").as_bytes())[0].key


@pytest.mark.parametrize("line", ["From the mayor:\nnothing was heard.", "From Tarn\nNote: the ferry has stopped."])
def test_a_sentence_that_begins_with_from_parts_nothing(line: str) -> None:
    (draft,) = box(named(1, f"Rain fell.\n\n{line}"))

    assert isinstance(draft, Draft)
    assert draft.text == f"Rain fell.\n\n{line}"


def test_a_quoted_from_is_unquoted() -> None:
    (draft,) = box(named(1, "Rain fell.\n\n>From the mayor nothing.\n>>From the press nothing."))

    assert isinstance(draft, Draft)
    assert draft.text == "Rain fell.\n\nFrom the mayor nothing.\n>From the press nothing."


def test_separators_without_a_date_part_messages() -> None:
    assert len(box(named(1), named(2), separator=b"From ada@tarnpost.example")) == 2


def test_a_message_too_large_is_told_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "LETTER_BYTES", 2_000)
    first, second = box(named(1, "Rain fell.\n" * 500), named(2))

    assert isinstance(first, Unread)
    assert "more than" in first.reason
    assert isinstance(second, Draft)


def test_a_letter_of_many_megabytes_in_a_box_is_one_line_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "box.mbox"
    with path.open("wb") as file:
        file.write(b"From a Thu Apr  8 23:30:00 2021\n" + named(1))
        for _ in range(150):
            file.write(b"Rain fell.\n" * 100_000)
        file.write(b"\nFrom a Thu Apr  8 23:30:00 2021\n" + named(2))
    tracemalloc.start()
    with path.open("rb") as file:
        first, second = mail.parse_box(file)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert first == Unread("message 1", "it has more than 25 MB (save it as a file of its own)")
    assert isinstance(second, Draft)
    assert peak < 70_000_000


def test_a_box_is_never_held_whole() -> None:
    class Counted(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise AssertionError("read whole")

    content = b"".join(b"From a Thu Apr  8 23:30:00 2021\n" + named(n) + b"\n\n" for n in range(50))
    file = Counted(content)
    drafts = mail.parse_box(file)
    next(drafts)

    assert file.tell() < len(content) / 10


@pytest.mark.parametrize("content", [b"", b"Subject: Rain\n\nRain fell."])
def test_what_is_no_box_says_so(content: bytes) -> None:
    with pytest.raises(ArticleUnreadable, match="it is no mail box"):
        list(mail.parse_box(io.BytesIO(content)))


def test_the_letters_of_a_box_are_articles_of_their_own() -> None:
    content = b"".join(b"From a Thu Apr  8 23:30:00 2021\n" + named(n) + b"\n\n" for n in (1, 2))
    found = [item for item in reading.read(Upload("tarn.mbox", content)) if isinstance(item, Article)]

    assert [item.origin for item in found] == [f"upload:tarn.mbox#{n}@tarnpost.example" for n in (1, 2)]
    assert len({item.id for item in found}) == 2
