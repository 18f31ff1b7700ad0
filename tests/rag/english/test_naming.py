"""Which names of a question an article never mentions, in any of the forms a name goes by."""

from __future__ import annotations

import pytest

from rag.english.naming import absent, named
from rag.types import Article

ARTICLE = Article(
    id="a",
    title="Lavrov In Islamabad",
    text=(
        "Russian Foreign Minister Sergei Lavrov arrived in Pakistan from India. Iraq was not mentioned. The U.S. and "
        "the European Union signed in Qatar in February 2020. Qureshi said 5 million doses of Sputnik V, or 1,200 "
        "boxes, were bought. Pakistan’s Taliban talks go on. Slovenia sent a note."
    ),
    content_hash="h",
)

ABSENT = [
    ("What did Lavrov say?", ()),
    ("What did Lavrov's wife say?", ()),
    ("What did Lavrvo say?", ()),
    ("What did Quereshi say?", ()),
    ("What did Smith say?", ("Smith",)),
    ("Did Lavrov meet Smith and Jones?", ("Smith", "Jones")),
    ("Was it in Islamabad?", ()),
    ("Are Pakistanis pleased?", ()),
    ("What did Pakistani officials say?", ()),
    ("What did the Russians say?", ()),
    ("What does Russia want?", ()),
    ("Is it about Iran?", ("Iran",)),
    ("Is it about Oman?", ("Oman",)),
    ("Is it about Slovakia?", ("Slovakia",)),
    ("Is it about Slovena?", ()),
    ("Who pays £20M to Malcolm X?", ("20", "Malcolm")),
    ("Did the EU sign?", ()),
    ("Did the UN sign?", ("UN",)),
    ("Did the US sign?", ()),
    ("Did America sign?", ()),
    ("Did the United States sign?", ()),
    ("Did the United Nations sign?", ("United", "Nations")),
    ("Did Ursula Smith sign?", ("Ursula", "Smith")),
    ("Did American troops leave?", ()),
    ("Did they tell us?", ()),
    ("Was it signed in 2020?", ()),
    ("Was it signed in 2021?", ("2021",)),
    ("Were there 1200 boxes?", ()),
    ("Were there 120 boxes?", ("120",)),
    ("Were there 7 doses?", ()),
    ("Was it on Friday in March?", ()),
    ("Smith said what?", ()),
    ("NATO said what?", ("NATO",)),
    ("what did smith say?", ()),
    ("", ()),
]


@pytest.mark.parametrize(("question", "names"), ABSENT, ids=[row[0] for row in ABSENT])
def test_what_the_article_never_mentions(question: str, names: tuple[str, ...]) -> None:
    assert absent(question, ARTICLE) == names


@pytest.mark.parametrize(
    ("question", "names"),
    [
        ("Who is Sergei Lavrov?", ["Sergei", "Lavrov"]),
        ("Which of the U.S. troops left?", ["U.S."]),
        ("Lavrov said what?", []),
        ("USA said what?", ["USA"]),
        ("In which May did it end?", []),
        ("What of 5 or 50 or five men?", ["50"]),
        ("", []),
    ],
)
def test_the_names_of_a_question(question: str, names: list[str]) -> None:
    assert [word.text for word in named(question)] == names


@pytest.mark.parametrize(
    ("question", "text", "names"),
    [
        ("Did the European Union sign?", "The EU's foreign ministers met.", ()),
        ("Did the European Union sign?", "The eu met.", ("European", "Union")),
        ("Did the United States sign?", "American troops left.", ()),
        ("Did the United States sign?", "They told us.", ("United", "States")),
        ("Did the Internal Revenue Service sign?", "The IRS signed.", ()),
        ("Did South Africa sell the wells?", "Total SA sold the wells.", ("South", "Africa")),
        ("Did the Police Museum open?", "It opened at 5 PM.", ("Police", "Museum")),
        ("Did the Senate sign?", "The S of it was signed.", ("Senate",)),
    ],
)
def test_a_name_by_its_initials(question: str, text: str, names: tuple[str, ...]) -> None:
    assert absent(question, Article("b", "News", text, "h")) == names


def test_a_name_in_the_title_alone_is_mentioned() -> None:
    assert absent("Was it in Islamabad?", ARTICLE) == ()
    assert absent("Was it in Islamabad?", Article("b", "Lavrov", "He came.", "h")) == ("Islamabad",)


@pytest.mark.parametrize(
    "question", ["What did Jose Pena say?", "What did José Peña say?", "What did Peña’s friend say?"]
)
def test_a_name_is_mentioned_with_its_accents_or_without(question: str) -> None:
    for text in ("José Peña said no.", "Jose Pena said no.", "Jose\u0301 Pen\u0303a said no."):
        assert absent(question, Article("b", "News", text, "h")) == ()
