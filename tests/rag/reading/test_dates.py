"""Dates in many languages, and what only looks like one."""

from __future__ import annotations

import pytest

from rag.reading import plain
from rag.reading.dates import date_order, find_dates, month_number, read_date

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


ENGLISH = "The company said it would turn its {} into a line of its own, and that shops would have them by the summer."
CZECH = "Městská rada oznámila, že most přes řeku bude kvůli opravám uzavřen a že autobusy pojedou jinudy."


def test_month_names_are_read_in_the_language_of_the_text() -> None:
    draft = plain.parse("New machines\n\n" + ENGLISH.format("focus on Pro 14 laptops"))
    czech = plain.parse(f"Most je uzavřen\n6. listopadu 2021\n\n{CZECH}")

    assert draft.published is None
    assert (str(czech.published), czech.text) == ("2021-11-06", CZECH)


DATE_LINES = [
    ("Čtvrtek 8. dubna 2021", CZECH),
    (
        "Donnerstag, 8. April 2021",
        "Der Stadtrat teilte mit, dass die Brücke über den Fluss bis zum Ende des Jahres gesperrt bleibt.",
    ),
    (
        "Quinta-feira, 8 de abril de 2021",
        "A prefeitura informou que a ponte sobre o rio ficará fechada para obras até ao fim do ano.",
    ),
    ("8 апреля 2021 г.", "Городской совет сообщил, что мост через реку будет закрыт на ремонт до конца года."),
    (
        "2021 m. balandžio 8 d., ketvirtadienis",
        "Miesto taryba pranešė, kad tiltas per upę dėl remonto bus uždarytas iki metų pabaigos.",
    ),
    ("गुरुवार, 8 अप्रैल 2021", "नगर परिषद ने कहा कि नदी पर बना पुल मरम्मत के लिए साल के अंत तक बंद रहेगा और बसें दूसरे रास्ते से जाएंगी।"),
]


@pytest.mark.parametrize(("line", "body"), DATE_LINES, ids=[row[0] for row in DATE_LINES])
def test_a_date_line_may_include_a_weekday(line: str, body: str) -> None:
    draft = plain.parse(f"Title\n{line}\n\n{body}")

    assert (str(draft.published), draft.text) == ("2021-04-08", body)


def test_a_line_with_more_than_a_date_stays_in_the_text() -> None:
    line = "Donnerstag, 8. April 2021, Brücke"

    assert line in plain.parse(f"Title\n{line}\n\n{DATE_LINES[1][1]}").text
