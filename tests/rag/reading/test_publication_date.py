"""The publication date of a page: in its own language, never a modification."""

from __future__ import annotations

import pytest

from rag.reading.html import parse
from tests.rag.reading.samples import PARAGRAPHS, json_ld, meta, page, parse_html

CZECH = "Městská rada oznámila, že most přes řeku bude kvůli opravám uzavřen a že autobusy pojedou jinudy."

BY_THE_TITLE = [
    # the page's language, the lines under its title, the date
    ("en", ["London Marathon 2019"], "None"),
    ("en", ["Mars 2020", "18 February 2021"], "2021-02-18"),
    ("en", ["Mars 2020"], "None"),
    ("en", ["March 2020", "18 February 2021"], "2021-02-18"),
    ("en", ["March 2020"], "2020-03"),
    ("en", ["Market 21, 2020"], "None"),
    ("en", ["The war began 3 May 1999."], "None"),
    ("en", ["Updated 18 February 2021"], "None"),
    ("en", ["By Jane Doe | Feb. 18th, 2021 | 10:15"], "2021-02-18"),
    ("hr", ["srijeda, 6. listopada 2021."], "2021-10-06"),
    ("pl", ["6 listopada 2021, 10:15"], "2021-11-06"),
    ("de", ["03.02.2021"], "2021-02-03"),
    ("en", ["03.02.2021"], "None"),
    ("fr", ["Publié le 1er mars 2021 à 10h15"], "2021-03-01"),
    ("fi", ["marraskuu 2021"], "2021-11"),
    ("hu", ["2021. március 8."], "2021-03-08"),
    ("ja", ["2021年3月7日 10時15分"], "2021-03-07"),
    ("ko", ["입력 2021년 3월 7일"], "2021-03-07"),
]


@pytest.mark.parametrize(
    ("language", "lines", "day"), BY_THE_TITLE, ids=[f"{row[0]}: {row[1]}" for row in BY_THE_TITLE]
)
def test_a_line_by_the_title_is_read_in_the_language_of_its_page(language: str, lines: list[str], day: str) -> None:
    shown = "".join(f"<div>{line}</div>" for line in lines)
    html = page(
        body=f"<article><h1>The bridge opens</h1>{shown}{PARAGRAPHS}</article>", html=f'<html lang="{language}">'
    )

    assert str(parse(html.encode()).published) == day


@pytest.mark.parametrize("html", ["<html>", '<html lang="en">'])
def test_the_text_decides_the_language_of_dates_on_a_page_that_says_english(html: str) -> None:
    body = f"<article><h1>Most je uzavřen</h1><div>6. listopadu 2021</div><p>{CZECH}</p></article>"

    assert str(parse(page(body=body, html=html).encode()).published) == "2021-11-06"


@pytest.mark.parametrize(
    ("head", "day"),
    [
        ('<meta name="date" content="8 de marzo del 2021">', "2021-03-08"),
        ('<meta name="date" content="08.03.2021 10:15">', "2021-03-08"),
        ('<meta property="og:locale" content="es_ES"><meta name="date" content="marzo de 2021">', "2021-03"),
    ],
)
def test_a_meta_date_in_words_is_read_in_the_language_of_the_page(head: str, day: str) -> None:
    assert str(parse(page(head, html='<html lang="es">').encode()).published) == day


@pytest.mark.parametrize(
    ("path", "day"),
    [("2021/mar/08", "2021-03-08"), ("2021/marathon/08", "None"), ("2021/marzo/08", "2021-03-08")],
)
def test_a_month_in_an_address_must_be_a_whole_word(path: str, day: str) -> None:
    html = page(html='<html lang="es">').encode()

    assert str(parse(html, f"https://www.tarnpost.example/{path}/bridge").published) == day


DATES = [
    (
        json_ld(datePublished="2021-04-08T23:30:00+05:00", dateModified="2021-04-10"),
        "2021-04-08",
        "JSON-LD datePublished",
    ),
    (json_ld(dateModified="2021-04-10"), "None", None),
    (meta("article:published_time", "2021-04-08T10:00:00Z"), "2021-04-08", "article:published_time"),
    (meta("article:modified_time", "2021-04-10") + meta("og:updated_time", "2021-04-10"), "None", None),
    ('<meta name="date" content="8 April 2021">', "2021-04-08", "meta date"),
    ('<meta name="dc.date" content="2021-04">', "2021-04", "meta dc.date"),
    ('<meta name="pubdate" content="20210408">', "2021-04-08", "meta pubdate"),
    ('<meta name="pubdate" content="08/04/2021">', "2021", "meta pubdate"),
    ('<meta name="pubdate" content="Thu, 08 Apr 2021 10:00:00 GMT">', "2021-04-08", "meta pubdate"),
    ('<meta name="pubdate" content="1970-01-01T00:00:00Z">', "None", None),
    ('<meta name="pubdate" content="2021-13-45">', "None", None),
    (json_ld(datePublished="0001-01-01") + meta("date", "2021-04-08"), "2021-04-08", "meta date"),
    ('<meta http-equiv="last-modified" content="2021-04-10">', "None", None),
]


@pytest.mark.parametrize(("head", "published", "told_by"), DATES, ids=[row[0][:70] for row in DATES])
def test_the_head_dates_the_publication_and_not_a_modification(head: str, published: str, told_by: str | None) -> None:
    draft = parse_html(head.replace('property="date"', 'name="date"'))

    assert (str(draft.published), draft.told_by.get("published")) == (published, told_by)


SHOWN = [
    ('<time datetime="2021-04-08T10:00">8 April</time>', "2021-04-08", "the time element"),
    ('<time class="updated" datetime="2021-04-10">10 April</time>', "None", None),
    ('<p>Last updated: <time datetime="2021-04-10">10 April</time></p>', "None", None),
    ('<span itemprop="datePublished" content="2021-04-08"></span>', "2021-04-08", "itemprop datePublished"),
    ("<div>Published April 8, 2021 at noon</div>", "2021-04-08", "the line by the title"),
    ("<div>8. April 2021</div>", "2021-04-08", "the line by the title"),
    ("<div>Updated April 10, 2021</div>", "None", None),
    ('<aside><time datetime="2021-04-01">1 April</time></aside>', "None", None),
]


@pytest.mark.parametrize(("line", "published", "told_by"), SHOWN, ids=[row[0][:70] for row in SHOWN])
def test_a_date_shown_on_the_page_is_used_where_the_head_has_none(
    line: str, published: str, told_by: str | None
) -> None:
    draft = parse_html(body=f"<article><h1>The bridge opens</h1>{line}{PARAGRAPHS}</article>")

    assert (str(draft.published), draft.told_by.get("published")) == (published, told_by)


def test_the_address_dates_a_page_that_has_no_other_date() -> None:
    draft = parse_html(address="https://tarnpost.example/2021/04/08/bridge")

    assert (str(draft.published), draft.told_by["published"]) == ("2021-04-08", "the address")


def test_the_outlets_day_wins_over_the_next_day_in_utc() -> None:
    head = json_ld(datePublished="2021-04-09T02:30:00Z")

    assert str(parse_html(head, "https://tarnpost.example/2021/04/08/bridge").published) == "2021-04-08"
    assert str(parse_html(head, "https://tarnpost.example/2021/03/01/bridge").published) == "2021-04-09"


@pytest.mark.parametrize(
    ("told", "path", "day"),
    [
        ("2021-04-09", "2021/04/08/bridge", "2021-04-09"),
        ("2021-04-09T02:30:00+02:00", "2021/04/08/bridge", "2021-04-09"),
        ("2021-04-09T17:30:00Z", "2021/04/08/bridge", "2021-04-09"),
        ("2021-04-09T02:30:00Z", "news/hearing-of-2021-04-08", "2021-04-09"),
        ("2021-04-09T22:30:00Z", "2021/04/10/bridge", "2021-04-10"),
    ],
)
def test_the_day_in_the_address_wins_only_where_it_is_the_same_time_elsewhere(told: str, path: str, day: str) -> None:
    assert str(parse_html(json_ld(datePublished=told), f"https://tarnpost.example/{path}").published) == day


def test_a_date_in_the_text_is_not_the_publication_date() -> None:
    for sentence in (
        "On 12 May 1999 the first bridge closed.",
        "The old wooden bridge on 12 May 1999, seen from the east",
    ):
        assert (
            parse_html(body=f"<article><h1>The bridge opens</h1><p>{sentence}</p>{PARAGRAPHS}</article>").published
            is None
        )
