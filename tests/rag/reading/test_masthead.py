"""The outlet and the day at the head of a text: what is told, and what only looks like it."""

from __future__ import annotations

import pytest

from rag.reading import pdf as pdfs
from rag.reading import plain
from rag.reading.masthead import spells
from tests.rag.reading.samples import pdf, read, word

BODY = "The river rose over the quay in the night and 400 people left their homes, the county of Tarn said on Monday."
TITLE = "Flood reaches the quay"

TOLD = [
    # lines under the title; the outlet, the day and the author
    ("The Tarn Courier, 20 April 2024", "The Tarn Courier", "2024-04-20", None),
    ("The Sun, 5 June 2024", "The Sun", "2024-06-05", None),
    ("The Tarn Courier Wednesday 5 June 2024", "The Tarn Courier", "2024-06-05", None),
    ("Hask Courier | Wednesday 5 June 2024 | Ada Holm", "Hask Courier", "2024-06-05", "Ada Holm"),
    ("By Ada Holm | Hask Courier | 5 June 2024", "Hask Courier", "2024-06-05", "Ada Holm"),
    ("Hask Courier — 18 April 2024\nAda Holm, shipping", "Hask Courier", "2024-04-18", None),
    ("By Ada Holm, shipping\nHASK COURIER - THURSDAY 18 APRIL 2024", "HASK COURIER", "2024-04-18", None),
    ("Tarn Courier, 18 April 2024", "Tarn Courier", "2024-04-18", None),
    ("Hask Wire\n18 April 2024\nHASK (Hask Wire) - It rained.", "Hask Wire", "2024-04-18", None),
    ("TARN, Feb 20 (Hask Wire) - It rained.", "Hask Wire", "--02-20", None),
    ("TARN, Feb. 20, 2024. Hask Courier - It rained.", "Hask Courier", "2024-02-20", None),
]


@pytest.mark.parametrize(("lines", "outlet", "day", "author"), TOLD, ids=[row[0] for row in TOLD])
def test_the_outlet_stands_beside_the_date_or_in_the_dateline(
    lines: str, outlet: str, day: str, author: str | None
) -> None:
    draft = plain.parse(f"{TITLE}\n{lines}\n\n{BODY}")

    assert (draft.title, draft.source, str(draft.published)) == (TITLE, outlet, day)
    assert author in (None, draft.author)
    assert draft.text.endswith(BODY)


NOT_TOLD = [
    # lines under the title; the day
    ("Ada Holm, 5 June 2024", "2024-06-05"),
    ("Ada Maria Holm | 5 June 2024", "2024-06-05"),
    ("By Ada Holm, 5 June 2024", "2024-06-05"),
    ("Ada Holm\n5 June 2024", "2024-06-05"),
    ("Ada Holm, Political Editor, 5 June 2024", "2024-06-05"),
    ("By Ada Holm\nPolitical Editor\n5 June 2024", "2024-06-05"),
    ("Port Ansel, 17 October 2024", "2024-10-17"),
    ("PORT ANSEL, 25 November 2025 - The first match is on 18 April 2026.", "2025-11-25"),
    (") 5 June 2024", "2024-06-05"),
    ("Council to vote again on 3 May 2024", None),
    ("An earlier report of 5 June 2024 was wrong", None),
    ("First match: 18 April 2026", None),
    ("Photo: Jim Doe, 5 June 2024", None),
    ("The council will vote on 3 May.", None),
    ("Updated 7 June 2024, 10:00", None),
]


@pytest.mark.parametrize(("lines", "day"), NOT_TOLD, ids=[row[0] for row in NOT_TOLD])
def test_an_author_a_place_and_a_day_in_the_news_are_neither(lines: str, day: str | None) -> None:
    draft = plain.parse(f"{TITLE}\n{lines}\n\n{BODY}")

    assert (draft.source, str(draft.published) if draft.published else None) == (None, day)


CANDIDATES = [
    # a line under the title; the candidate
    ("Ada Holm, 5 June 2024", "Ada Holm"),
    ("Port Ansel, 5 June 2024", "Port Ansel"),
    ("Ansel, 5 June 2024", "Ansel"),
    ("Vale Record | Shipping | Page 3 | 5 June 2024", "Vale Record"),
]


@pytest.mark.parametrize(("line", "candidate"), CANDIDATES, ids=[row[0] for row in CANDIDATES])
def test_a_name_beside_the_date_leaves_the_text_and_is_kept_as_a_candidate(line: str, candidate: str) -> None:
    draft = plain.parse(f"{TITLE}\n{line}\n\n{BODY}")

    assert (draft.title, draft.text, draft.candidate) == (TITLE, BODY, candidate)
    assert draft.told_by["published"] == f"the line “{line}”"


@pytest.mark.parametrize(
    ("lines", "author"), [("By Ada Holm, 5 June 2024", "Ada Holm"), ("Ada Holm, 5 June 2024\nBy Ada Holm", "Ada Holm")]
)
def test_an_author_is_no_candidate(lines: str, author: str) -> None:
    draft = plain.parse(f"{TITLE}\n{lines}\n\n{BODY}")

    assert (draft.text, draft.candidate, draft.author) == (BODY, None, author)


def test_a_first_line_with_a_day_may_be_the_title() -> None:
    assert plain.parse(f"Storm Petra, 17 October 2024\n\n{BODY}").title == "Storm Petra, 17 October 2024"


@pytest.mark.parametrize(
    "title",
    ["The battle of the ridge, 6 May 2024", "Storm Petra, 17 October 2024: how the night went", "Norra Stadium Fails"],
)
def test_a_title_is_not_a_masthead(title: str) -> None:
    draft = plain.parse(f"{title}\nBy Ada Holm\n\n{BODY}")

    assert (draft.title, draft.source, draft.published) == (title, None, None)


ABOVE = [
    # lines above the title; the outlet and the day
    ("Hask Courier, 5 June 2024. SHIPPING\n", "Hask Courier", "2024-06-05"),
    ("Hask Courier, 5 June 2024", "Hask Courier", "2024-06-05"),
    ("HASK COURIER\n5 June 2024\nSHIPPING\n", "HASK COURIER", "2024-06-05"),
    ("Hask Courier\nVol. 12 No. 7\nWednesday, 5 June 2024 — First edition\n", "Hask Courier", "2024-06-05"),
    ("HASK COURIER, June 5, 2024 Wednesday, Page 5\n", "HASK COURIER", "2024-06-05"),
    ("World News\nHask Courier, 5 June 2024\n", "Hask Courier", "2024-06-05"),
    ("THE HASK COURIER\nSunday Review, 5 June 2024\n", "THE HASK COURIER", "2024-06-05"),
    ("Tarn, 5 June 2024\n", None, "2024-06-05"),
    ("By Ada Holm\n5 June 2024\n", None, "2024-06-05"),
]


@pytest.mark.parametrize(("lines", "outlet", "day"), ABOVE, ids=[row[0] for row in ABOVE])
@pytest.mark.parametrize("subtitle", ["", "\nTwo ships adrift"])
def test_a_name_and_a_day_above_a_short_line_are_not_the_title(
    lines: str, outlet: str | None, day: str, subtitle: str
) -> None:
    draft = plain.parse(f"{lines}\n{TITLE}{subtitle}\n\n{BODY}")

    assert (draft.title, draft.source, str(draft.published)) == (TITLE, outlet, day)
    assert draft.text == f"{subtitle.strip()}\n\n{BODY}".strip()


@pytest.mark.parametrize(
    "title", ["River Floods Quay", "Council Finds The Pumps Late", "Four Hundred Leave Their Homes"]
)
def test_a_headline_in_capitals_above_a_day_and_a_subtitle_is_the_title(title: str) -> None:
    draft = plain.parse(f"{title}\n5 June 2024\n\nTwo ships adrift\n\n{BODY}")

    assert (draft.title, draft.source, str(draft.published)) == (title, None, "2024-06-05")


AGREE = [
    f"{BODY}\n“It was loud,” he told the Courier.",
    f"{BODY}\n© Hask Courier. All rights reserved.",
    f"{BODY}\nWrite to news@haskcourier.example.",
]


@pytest.mark.parametrize("body", AGREE, ids=["its own name", "its rights", "its address"])
def test_a_name_alone_is_the_outlets_if_the_text_agrees(body: str) -> None:
    head = f"{TITLE}\nHask Courier\n18 April 2024\n\n"

    assert plain.parse(head + body).source == "Hask Courier"
    assert plain.parse(head + BODY).source is None


def test_a_document_names_its_outlet_above_the_title_and_its_author_below() -> None:
    lines = ("HASK COURIER", TITLE, "Ada Holm | 18 April 2024", BODY)
    (article,), _ = read(word(*lines, title=TITLE), "a.docx")

    assert (article.source, str(article.published), article.text) == ("HASK COURIER", "2024-04-18", BODY)
    assert article.author == "Ada Holm"


def test_a_name_beside_the_number_of_a_page_is_the_outlets() -> None:
    content = pdf(
        ["Hask Courier - 1", TITLE, "Ada Holm. 18 April 2024", BODY], info={"Title": TITLE, "Author": "Hask Courier"}
    )
    (article,), _ = read(content, "a.pdf")

    assert (article.source, str(article.published)) == ("Hask Courier", "2024-04-18")
    assert article.author != "Hask Courier"
    assert pdfs.join_lines([["Boeing 747"]]) == ["Boeing 747"]


@pytest.mark.parametrize(
    ("name", "host", "expected"),
    [
        ("Norra Evening Post", "norrapost.example", True),
        ("The Norra Post", "www.norrapost.example", True),
        ("Solway Business Review", "sbr.example", True),
        ("Newsline", "newsline.example", True),
        ("Corran Daily News", "news.example", False),
        ("Ada Holm", "norrapost.example", False),
        ("The", "norrapost.example", False),
        ("a " * 500, f"{'a' * 60}.example", False),
    ],
)
def test_a_host_is_spelled_by_words_of_a_name(name: str, host: str, *, expected: bool) -> None:
    assert spells(name, host) is expected


@pytest.mark.parametrize("line", ["Aa " * 50, "(" * 150, "A." * 70, "TARN, " * 25, "© " * 70, "-" * 150, "a.b@" * 40])
def test_no_line_takes_long(line: str) -> None:
    assert plain.parse(f"{TITLE}\n{line}\n{BODY}\n{line}").source is None
