"""Plain text: header, lead and sign-off, and lines that only resemble them."""

from __future__ import annotations

import pytest

from rag.reading import plain

BODY = "The bridge opened.\nIt is long."


HEADERS = [
    # header lines; author, source and published
    ("By Jane Doe", ("Jane Doe", None, None)),
    ("BY JANE DOE AND JOHN ROE", ("JANE DOE AND JOHN ROE", None, None)),
    ("By Jane Doe, Ada Holm & Jean-Luc O’Neil", ("Jane Doe, Ada Holm & Jean-Luc O’Neil", None, None)),
    ("By Ludwig van der Rohe", ("Ludwig van der Rohe", None, None)),
    ("Source: Reuters", (None, "Reuters", None)),
    ("SOURCE : The Daily Star", (None, "The Daily Star", None)),
    ("2021-04-08", (None, None, "2021-04-08")),
    ("2021-04-08T10:30:00Z", (None, None, "2021-04-08")),
    ("Date: 2021-04-08T10:30:00.000+05:00", (None, None, "2021-04-08")),
    ("8 April 2021", (None, None, "2021-04-08")),
    ("April 8, 2021", (None, None, "2021-04-08")),
    ("Thursday 8 April 2021", (None, None, "2021-04-08")),
    ("Published Thu 8th Apr 2021 10:30 GMT", (None, None, "2021-04-08")),
    ("First published on Thursday, April 8, 2021, 9 a.m. EDT", (None, None, "2021-04-08")),
    ("Updated: 9 April 2021\nPublished: 8 April 2021", (None, None, "2021-04-08")),
    ("Published: 8 April 2021\nLast updated 9 April 2021", (None, None, "2021-04-08")),
    ("Updated 9 April 2021", (None, None, None)),
    ("Last modified: 2021-04-09", (None, None, None)),
    ("08/04/2021", (None, None, "2021")),
    ("31/12/2021", (None, None, "2021-12-31")),
    ("04.04.2021", (None, None, "2021-04-04")),
    ("By Jane Doe\n\nSource: AP\n\n8 April 2021", ("Jane Doe", "AP", "2021-04-08")),
    ("8 April 2021\n1 May 2020", (None, None, "2021-04-08")),
]


@pytest.mark.parametrize(("header", "expected"), HEADERS, ids=[row[0] for row in HEADERS])
def test_header_lines_are_parsed_and_removed(header: str, expected: tuple[str | None, ...]) -> None:
    draft = plain.parse(f"The title\n{header}\n\n{BODY}")

    assert (draft.author, draft.source, str(draft.published) if draft.published else None) == expected
    assert (draft.title, draft.text) == ("The title", BODY)


NO_HEADERS = [
    "By the river, 40 houses stand empty.",
    "By the river",
    "By Monday 40 people had left.",
    "The war began on 3 May 1999 in the north.",
    "In 2021 nothing happened.",
    "Source code was leaked.",
    "Sixty days after April 8, 2021",
    "2021-02-30",
]


@pytest.mark.parametrize("line", NO_HEADERS)
def test_lines_that_resemble_headers_stay(line: str) -> None:
    draft = plain.parse(f"The title\n{line}\n{BODY}")

    assert draft.text == f"{line}\n{BODY}"
    assert (draft.author, draft.source, draft.published) == (None, None, None)


LABELLED = [
    "Source: Tarn Post\nDate: 8 April 2021\nSection: Town\nPage: 4",
    "Publication: Tarn Post\nPublished: April 8, 2021\nWords: 211",
    "Published April 8, 2021 in the Tarn Post",
    "First published in the Tarn Post on 8 April 2021.",
]


@pytest.mark.parametrize("lines", LABELLED)
def test_labelled_lines_tell_what_a_front_matter_would(lines: str) -> None:
    draft = plain.parse(f"Bridge: what now?\n{lines}\n\n{ENGLISH}")

    assert (draft.title, draft.source, str(draft.published)) == ("Bridge: what now?", "Tarn Post", "2021-04-08")
    assert draft.text == ENGLISH


def test_a_labelled_title_is_the_title_and_speakers_are_no_labels() -> None:
    speakers = "Editor: What happened?\nAda Holm: It opened.\nAuthor: When?"

    assert plain.parse(f"Headline: Bridge opens\nByline: Ada Holm\n\n{BODY}").title == "Bridge opens"
    assert plain.parse(f"Bridge opens\n{speakers}\n\n{BODY}").text == f"{speakers}\n\n{BODY}"


BODIES = [
    # body, source, published
    ("LONDON (Reuters) - The bridge opened.", "Reuters", None),
    ("NEW YORK, April 7 (AP) -- The bridge opened.", "AP", "--04-07"),
    ("(AFP) — The bridge opened.", "AFP", None),
    ("BERLIN, Apr 7: The bridge opened.", None, "--04-07"),
    ("The bridge opened on April 7, the city said.", None, None),
    ("TARN, 8 April 2021 (Tarn Wire) - The bridge opened.", "Tarn Wire", "2021-04-08"),
    ("TARN, Apr 8 (Tarn Wire) - The bridge opened.\nAda Holm reporting; 8 April 2021", "Tarn Wire", "2021-04-08"),
    ("TARN (UPDATE 2) - The bridge opened.", None, None),
    ("The bridge will close by May 1, the city said.", None, None),
    ("The war began on 3 May 1999. The bridge opened.", None, None),
    ("The bridge opened. —Reuters", "Reuters", None),
    ("The bridge “opened.” -AP", "AP", None),
    ("The bridge opened.\nSource: dpa", "dpa", None),
    ("The bridge opened.\n\nWith reporting by AP and dpa.", "AP and dpa", None),
    ("The bridge opened.\n\nReporting by Jane Doe; editing by John Roe", None, None),
    ("The bridge (built in 1990) opened.", None, None),
    ("The bridge opened at one, closed at two - Monday.", None, None),
]


@pytest.mark.parametrize(("body", "source", "published"), BODIES, ids=[row[0] for row in BODIES])
def test_datelines_and_sign_offs_are_parsed(body: str, source: str | None, published: str | None) -> None:
    draft = plain.parse(f"The title\n\n{body}")

    assert (draft.source, str(draft.published) if draft.published else None) == (source, published)
    assert body.startswith(draft.text)


PROVENANCE = [
    # the text under the title; where author, source and published come from
    ("By Jane Doe\nSource: AP\n8 April 2021\nRain fell.", ("a byline", "a source line", "a date line")),
    ("NEW YORK, April 7 (AP) -- Rain fell.", (None, "the agency in the dateline", "the dateline")),
    ("Rain fell, they say. -AP", (None, "the sign-off", None)),
    ("Rain fell.\nWith reporting by AP.", (None, "the credit at the end", None)),
    ("Rain fell.\nSource: dpa", (None, "a source line", None)),
]


@pytest.mark.parametrize(("text", "expected"), PROVENANCE, ids=[row[0] for row in PROVENANCE])
def test_told_by_names_the_place_of_every_field(text: str, expected: tuple[str | None, ...]) -> None:
    draft = plain.parse(f"The title\n{text}")

    assert tuple(draft.told_by.get(field) for field in ("author", "source", "published")) == expected
    assert draft.told_by["title"] == "the first line"
    assert "title" not in plain.parse("Rain fell.").told_by


def test_a_date_far_down_is_not_the_publication_date() -> None:
    paragraphs = "\n".join(f"Paragraph {n} is here." for n in range(20))

    assert plain.parse(f"Title\n{paragraphs}\n2021-04-08\nOn it goes, on May 1, to the end.").published is None


@pytest.mark.parametrize("line", ["By " + "a" * 190 + "!", "By " + "a-" * 90 + "!", "on 12 " * 30])
def test_no_line_takes_exponential_time(line: str) -> None:
    """A regular expression that tries every way to split a name would not return."""
    assert line in plain.parse(f"Title\n{line}\n{BODY}").text


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


def test_a_line_with_more_than_a_name_and_a_date_stays_in_the_text() -> None:
    line = "Donnerstag, 8. April 2021, Brücke, 14 Uhr"

    assert line in plain.parse(f"Title\n{line}\n\n{DATE_LINES[1][1]}").text
