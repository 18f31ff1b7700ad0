"""The publication date of a page: in its own language, never a modification."""

from __future__ import annotations

import pytest

from rag.reading.html import parse
from tests.rag.reading.samples import PARAGRAPHS, page

CZECH = "Městská rada oznámila, že most přes řeku bude kvůli opravám uzavřen a že autobusy pojedou jinudy."

BY_THE_TITLE = [
    # the page's language, the lines under its title, the day that they tell
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
def test_dates_are_read_in_the_language_of_the_text_where_the_page_says_english(html: str) -> None:
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
