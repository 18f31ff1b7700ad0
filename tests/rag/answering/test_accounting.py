"""What of a claim its evidence does not have: by example, by property, and on the public sets."""

from __future__ import annotations

import gzip
import json
import random
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.accounting import unaccounted
from rag.search import chunking
from rag.search.words import words
from rag.types import PublishedDate

DATA = Path(__file__).parents[4] / "shared" / "data"
PUBLISHED = PublishedDate(2021, 4, 8)

EVIDENCE = (
    "US President Barack Obama met Michelle Smith and José Müller in Pakistan on Wednesday, two days after the "
    "European Union and Manchester City paid $5 million, 10 percent of its budget. The Federal Bureau of "
    "Investigation did not find 1,200 Chinese troops in the 1990s. Britain's Jean-Pierre Dupont-Lévy of Leicester "
    "United signed in February 2020. It rose at 3 p.m., the WHO told us."
)
ACCOUNTED = [
    "Obama met Smith.",
    "President Obama met Mr Müller.",
    "Barack Obama went to Pakistan in April 2021.",
    "The president met Jose Muller on April 7.",
    "Pakistani officials met Obama on 7 April 2021.",
    "Obama's meeting was on Wednesday.",
    "OBAMA MET SMITH.",
    "The EU paid US$5m.",
    "The United States and America met them.",
    "The American met them.",
    "However, the FBI did not find the troops of China.",
    "The British signed.",
    "Dupont-Levy signed in Feb. 2020.",
    "Jean Pierre signed in 2020.",
    "Ten per cent of its budget was paid.",
    "It rose at 15:00.",
    "A meeting and an hour of it.",
    "Officials met there.",
    "The U.S. met them in the nineties [1].",
    "",
]
UNACCOUNTED = [
    ("Bush met Smith.", ("Bush",)),
    ("John Obama met Smith.", ("John",)),
    ("Michelle Obama went to Pakistan.", ("Michelle Obama",)),
    ("Leicester City paid.", ("Leicester City",)),
    ("Obama met Smith in India.", ("India",)),
    ("Obama met Maria Müller.", ("Maria",)),
    ("The UN paid.", ("UN",)),
    ("IT told them.", ("IT",)),
    ("They paid $6 million.", ("6 million",)),
    ("They paid €5 million.", ("5 million",)),
    ("They paid 15 percent.", ("15",)),
    ("Obama met Smith on Thursday.", ("Thursday",)),
    ("Obama met Smith on April 8.", ("April 8",)),
    ("It signed in March 2020.", ("March 2020",)),
    ("It signed in 2019.", ("2019",)),
    ("The FBI did find 1,200 troops.", ("find",)),
    ("Obama did not meet Smith in Iran.", ("not", "Iran")),
    ("Obama was the first to meet Smith.", ("first",)),
    ("In India 7 people rose at 4 p.m.", ("India", "7", "4 p.m.")),
]


@pytest.mark.parametrize("claim", ACCOUNTED)
def test_the_evidence_has_all_of_it(claim: str) -> None:
    assert unaccounted(claim, EVIDENCE, PUBLISHED) == ()


@pytest.mark.parametrize(("claim", "gaps"), UNACCOUNTED)
def test_the_evidence_lacks_some_of_it(claim: str, gaps: tuple[str, ...]) -> None:
    assert unaccounted(claim, EVIDENCE, PUBLISHED) == gaps


@pytest.mark.parametrize(
    ("claim", "evidence", "published", "gaps"),
    [
        ("He fell on April 7.", "He fell on Wednesday.", PUBLISHED, ()),
        ("He fell on April 7.", "He fell on Wednesday.", None, ("April 7",)),
        ("He fell on April 7.", "He will fall on Wednesday.", PUBLISHED, ("April 7",)),
        ("He fell on April 7, 2021.", "He fell on April 7.", PUBLISHED, ()),
        ("He fell on April 7, 2021.", "He fell on April 7.", None, ("April 7, 2021",)),
        ("He fell on April 7.", "He fell on 7 April 2019.", None, ()),
        ("He fell in 2021.", "He fell yesterday.", PUBLISHED, ()),
        ("He fell in 2020.", "He fell a year ago.", PUBLISHED, ()),
        ("He fell this month.", "He fell on Wednesday.", PUBLISHED, ()),
        ("He fell in the 1990s.", "He fell on May 3, 1995.", None, ()),
        ("He fell on April 7.", "He fell in April.", PUBLISHED, ("April 7",)),
        ("It ran from April 7 to April 9.", "It ran from April 7-9.", None, ()),
        ("It ran on 7 and 9 April 2021.", "It ran on April 7, 2021 and on April 9, 2021.", None, ()),
        ("It ran from April 7 to 10.", "It ran from April 7-9.", None, ("10",)),
        ("7 people fell.", "They fell on April 7.", PUBLISHED, ("7",)),
    ],
)
def test_days_are_told_from_the_publication(
    claim: str, evidence: str, published: PublishedDate | None, gaps: tuple[str, ...]
) -> None:
    assert unaccounted(claim, evidence, published) == gaps


def test_a_headline_has_capitals_that_are_no_names() -> None:
    assert unaccounted("Ministers Sign New Trade Pact", "The two ministers agreed on trade.") == ()


NAMES = ["Obama", "Merkel", "Tokyo", "Gazprom", "Lavrov", "Qatar", "Brazil", "Fidesz"]
AMOUNTS = ["7", "1,250", "3.5 million", "$45bn", "62%", "April 17, 1987", "2019-11-23", "in 1984", "4:45 p.m.", "B52"]
VERBS = ["met", "did not meet", "praised", "never saw", "refused to pay", "lost to", "paid"]


@st.composite
def sentences(draw: st.DrawFn) -> str:
    one, other = draw(st.lists(st.sampled_from(NAMES), min_size=2, max_size=2, unique=True))
    return f"{one} {draw(st.sampled_from(VERBS))} {other} with {draw(st.sampled_from(AMOUNTS))}."


@given(st.text())
def test_any_text_accounts_for_itself(text: str) -> None:
    assert unaccounted(text, text) == ()
    assert unaccounted(text, text, PUBLISHED) == ()


@given(st.lists(sentences()), sentences(), st.lists(sentences()))
def test_a_sentence_is_accounted_for_by_any_text_that_has_it(before: list[str], claim: str, after: list[str]) -> None:
    assert unaccounted(claim, " ".join([*before, claim, *after]), PUBLISHED) == ()


@given(sentences(), st.data())
def test_another_digit_is_not_accounted_for(sentence: str, draw: st.DataObject) -> None:
    at = draw.draw(st.sampled_from([match.start() for match in re.finditer(r"\d", sentence)]))
    digit = draw.draw(st.sampled_from([digit for digit in "0123456789" if digit != sentence[at]]))

    assert unaccounted(sentence[:at] + digit + sentence[at + 1 :], sentence)


@given(sentences(), st.sampled_from(NAMES))
def test_another_name_is_not_accounted_for(sentence: str, name: str) -> None:
    for old in NAMES:
        if old in sentence and name not in sentence:
            assert unaccounted(sentence.replace(old, name), sentence) == (name,)


def _paragraphs(count: int) -> list[str]:
    with gzip.open(DATA / "squad2_half" / "reading.jsonl.gz", "rt", encoding="utf-8") as file:
        texts = dict.fromkeys(passage["text"] for line in file for passage in json.loads(line)["passages"])
    return list(texts)[:count]


@pytest.mark.skipif(not DATA.is_dir(), reason="the public sets are not at ../shared/data")
def test_sentences_of_a_paragraph_are_accounted_for_and_altered_ones_are_not() -> None:
    chance = random.Random(7)
    wrong, all_sentences, missed, all_altered = 0, 0, 0, 0
    for text in _paragraphs(200):
        for span in chunking.sentences(text, "en"):
            claim = text[span.start : span.end]
            all_sentences += 1
            wrong += bool(unaccounted(claim, text))
            numbers = [word for word in words(claim) if word.text.isdigit() and len(word.text) > 1]
            for word in numbers[:1]:
                other = str(int(word.text) + chance.randint(1, 8))
                if other not in text:
                    all_altered += 1
                    missed += not unaccounted(claim[: word.start] + other + claim[word.end :], text)

    assert all_sentences > 900
    assert all_altered > 200
    assert wrong / all_sentences < 0.005
    assert missed / all_altered < 0.02
