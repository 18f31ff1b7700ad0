"""Dates in many languages, and what only looks like one."""

from __future__ import annotations

import pytest

from rag.reading.dates import date_order, find_dates, mail_date, month_number, parse_date, read_date

WRITTEN = [
    # language, as its papers write a day, that day
    ("en", "3rd of March 2021", "2021-03-03"),
    ("en", "Sunday, March 7th, 2021", "2021-03-07"),
    ("en", "7-Mar-2021", "2021-03-07"),
    ("de", "Sonntag, den 7. März 2021", "2021-03-07"),
    ("de", "7.März 2021", "2021-03-07"),
    ("de", "03.02.2021, 10:15 Uhr", "2021-02-03"),
    ("fr", "lundi 1er mars 2021", "2021-03-01"),
    ("fr", "mar. 12 janvier 2021", "2021-01-12"),
    ("es", "7 de marzo del 2021", "2021-03-07"),
    ("es", "marzo 7 de 2021", "2021-03-07"),
    ("pt", "1º de março de 2021", "2021-03-01"),
    ("pt", "5 de out. de 2021", "2021-10-05"),
    ("it", "1° marzo 2021", "2021-03-01"),
    ("ca", "3 d’abril del 2021", "2021-04-03"),
    ("hr", "srijeda, 6. listopada 2021.", "2021-10-06"),
    ("pl", "6 listopada 2021 r.", "2021-11-06"),
    ("hr", "3. lip 2021.", "2021-06-03"),
    ("pl", "3 lip 2021", "2021-07-03"),
    ("cs", "3. 2. 2021", "2021-02-03"),
    ("cs", "8. pro 2021", "2021-12-08"),
    ("sk", "12. 1. 2021", "2021-01-12"),
    ("sr", "3. septembar 2021.", "2021-09-03"),
    ("sr", "3. септембар 2021.", "2021-09-03"),
    ("fi", "3.2.2021", "2021-02-03"),
    ("hu", "2021. március 8., hétfő", "2021-03-08"),
    ("hu", "2021. november 8-án", "2021-11-08"),
    ("lt", "2021 m. kovo 8 d.", "2021-03-08"),
    ("lv", "2021. gada 8. marts", "2021-03-08"),
    ("ru", "3 мая 2021 г.", "2021-05-03"),
    ("be", "3 студзеня 2021 г.", "2021-01-03"),
    ("ka", "3 იანვარი, 2021", "2021-01-03"),
    ("hy", "2021 թ. հունվարի 3", "2021-01-03"),
    ("az", "3 avqust 2021", "2021-08-03"),
    ("sq", "3 gusht 2021", "2021-08-03"),
    ("ga", "3 Meán Fómhair 2021", "2021-09-03"),
    ("is", "3. ágúst 2021", "2021-08-03"),
    ("ms", "Rabu, 3 Mac 2021", "2021-03-03"),
    ("no", "3. mars 2021", "2021-03-03"),
    ("vi", "ngày 7 tháng 3 năm 2021", "2021-03-07"),
    ("hi", "7 फ़रवरी 2021", "2021-02-07"),
    ("fa", "۷ ژانویهٔ ۲۰۲۱", "2021-01-07"),
    ("ar", "7 آذار/مارس 2021", "2021-03-07"),
    ("th", "7 มีนาคม 2564", "2021-03-07"),
    ("zh", "新华社北京2021年3月7日电", "2021-03-07"),
    ("ja", "2021年1月17日日曜日", "2021-01-17"),
    ("ko", "2021년 3월 7일 일요일", "2021-03-07"),
    ("ko", "2021. 3. 7.", "2021-03-07"),
]


@pytest.mark.parametrize(("language", "text", "day"), WRITTEN, ids=[f"{row[0]}: {row[1]}" for row in WRITTEN])
def test_a_day_is_read_as_its_language_writes_it(language: str, text: str, day: str) -> None:
    assert [str(found.value) for found in find_dates(text, language)] == [day]


UNKNOWN = [
    ("3 mai 2021", "2021-05-03"),
    ("3 мая 2021", "2021-05-03"),
    ("7 septembre 2021", "2021-09-07"),
    ("2021. március 8.", "2021-03-08"),
    ("2021年3月7日", "2021-03-07"),
    # June or July, October or November: two languages differ.
    ("3 lip 2021", None),
    ("6. listopada 2021", None),
    ("03.02.2021", "2021"),
    ("3. 2. 2021", "2021"),
    ("17. 1. 2021", "2021-01-17"),
]


@pytest.mark.parametrize(("text", "day"), UNKNOWN, ids=[row[0] for row in UNKNOWN])
def test_without_a_language_only_unambiguous_months_count(text: str, day: str | None) -> None:
    assert [str(found.value) for found in find_dates(text)] == ([day] if day else [])


NO_DATES = [
    "focus on Pro 14 laptops",
    "on out 12 members",
    "ULM, led 12 -",
    "Mac 12 2021",
    "London Marathon 2019",
    "Market 21, 2020",
    "12 Decline 2019",
    "Octagon 12 2020",
    "12 years 2000",
    "2021年13月7日",
    "31 April 2021",
    "version 2021.1.1",
]


@pytest.mark.parametrize("language", ["en", None])
@pytest.mark.parametrize("text", NO_DATES)
def test_words_that_resemble_months_are_not_dates(text: str, language: str | None) -> None:
    assert list(find_dates(text, language)) == []
    assert read_date(text, language) is None


@pytest.mark.parametrize(("text", "language"), [("3 out 2021", "en"), ("3 Mac 2021", "en"), ("3 pro 2021", "pt")])
def test_months_of_other_languages_do_not_count(text: str, language: str) -> None:
    assert list(find_dates(text, language)) == []


def test_a_year_at_the_end_of_a_sentence_is_not_joined_to_the_next() -> None:
    assert [str(found.value) for found in find_dates("It closed in 2021. March 8 was cold.", "en")] == ["--03-08"]


def test_an_impossible_day_first_date_is_read_month_first() -> None:
    assert [str(found.value) for found in find_dates("03.25.2021", "de")] == ["2021-03-25"]


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("March 2021", None, "2021-03"),
        ("Março de 2021", "pt", "2021-03"),
        ("marraskuu 2021", "fi", "2021-11"),
        ("2021. március", "hu", "2021-03"),
        ("2021年3月", "ja", "2021-03"),
        ("March 2020, changed 3 April 2021", "en", "2021-04-03"),
        ("April 8", "en", "--04-08"),
        ("Mars 2020", "en", "None"),
        ("January 0900", "en", "None"),
        ("", None, "None"),
    ],
)
def test_a_month_and_year_alone_count_in_a_field(text: str, language: str | None, value: str) -> None:
    assert str(read_date(text, language)) == value


def test_a_language_without_a_table_is_treated_as_unknown() -> None:
    assert [month_number(word, "la") for word in ("mai", "out", "lip")] == [5, 0, 0]
    assert (date_order("la"), date_order(None), date_order("de")) == ("", "", "DMY")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("from 2021-04-08 to 2021-04-09", ["2021-04-08", "2021-04-09"]),
        ("Feb 29", ["--02-29"]),
        ("29 February 2021", []),
        ("April 31, 2021", []),
        ("Sept. 5, 2019", ["2019-09-05"]),
        ("8 de abril de 2021", ["2021-04-08"]),
        ("version 1.2.2021.4 of 300 people", []),
        ("4/8/2021", ["2021"]),
        ("Updated 9 April 2021", ["2021-04-09"]),
        ("1 Jan 0000", []),
        ("1 january 99999999999", []),
        ("January 1, 99999999999", []),
        ("December 31, 9999", []),
        ("31/12/9999 and 01/02/9999", []),
        ("on April 7, 12 people", ["--04-07"]),
        ("April 7 10:30", ["--04-07"]),
        ("", []),
    ],
)
def test_dates_are_found_in_text(text: str, days: list[str]) -> None:
    assert [str(found.value) for found in find_dates(text)] == days


# Metadata


@pytest.mark.parametrize(
    ("text", "language", "value"),
    [
        ("2021-04-08T23:30:00-05:00", None, "2021-04-08"),
        ("20210408", None, "2021-04-08"),
        ("20210408103000", None, "2021-04-08"),
        ("2021/04", None, "2021-04"),
        ("202104", None, "None"),
        ("1617840000", None, "None"),
        ("2021-02-30", None, "None"),
        ("2021 m. kovo 8 d.", "lt", "2021-03-08"),
        ("2021 Mar 8", None, "2021-03-08"),
        ("2021", None, "2021"),
        ("2021 by the river", None, "2021"),
        ("Decline 2019", None, "None"),
        ("Novak 2011", None, "None"),
    ],
)
def test_a_metadata_field_is_read_as_iso_then_in_words(text: str, language: str | None, value: str) -> None:
    assert str(parse_date(text, language)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Thu, 08 Apr 2021 23:30:00 -0700", "2021-04-08"),
        ("Mon, 01 Jan 0001 00:00:00 +0000", "None"),
        ("Thu, 45 Apr 2021 10:00:00 +0000", "None"),
        ("soon", "None"),
    ],
)
def test_a_mail_date_is_the_day_in_the_senders_time_zone(text: str, value: str) -> None:
    assert str(mail_date(text)) == value
