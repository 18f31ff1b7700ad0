"""Words: which have the same stem, and which are content words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.search.words import content, stem, words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Doses", "dose"),
        ("five", "5"),
        ("Twenty", "20"),
        ("zero", "0"),
        ("Forty", "40"),
        ("U.S.", "US"),
        ("U.N.", "UN"),
        ("Pakistan's", "Pakistan"),
        ("Pakistan’s", "Pakistan"),
        ("workers'", "worker"),
        ("workers’", "worker"),
        ("1,000", "1000"),
        ("agreed", "agree"),
        ("withdrawal", "withdrawals"),
        ("MOSCOW", "Moscow"),
        ("visiting", "visit"),
        ("don’t", "don't"),
        ("José", "Jose"),
        ("Åström’s", "Astrom"),
        ("Łukasz", "lukasz"),
        ("ÆRØ", "ærø"),
        ("WEIẞ", "weiss"),
        ("İstanbul", "Istanbul"),
        ("Malmö", "Malmo\u0308"),
        ("CAFÉS", "cafe"),
    ],
)
def test_the_same_stem(one: str, other: str) -> None:
    assert stem(one) == stem(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Iran", "Iraq"),
        ("Pakistan", "Pakistani"),
        ("five", "fifty"),
        ("5", "50"),
        ("1.5", "15"),
        ("12:30", "1230"),
        ("import", "export"),
        ("Niger", "Nigeria"),
        ("2020", "2021"),
        ("one", "once"),
        ("increase", "decrease"),
        ("May", "March"),
        ("Café", "Cafeteria"),
    ],
)
def test_another_stem(one: str, other: str) -> None:
    assert stem(one) != stem(other)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("U.S.-backed talks", ["U.S.", "backed", "talks"]),
        ("COVID-19", ["COVID", "19"]),
        ("1,000.5 at 12:30", ["1,000.5", "at", "12:30"]),
        ("Pakistan’s port", ["Pakistan’s", "port"]),
        ("don't", ["don't"]),
        ("It ended in 2020.", ["It", "ended", "in", "2020"]),
        ("“We”—they said", ["We", "they", "said"]),
        ("snake_case", ["snake", "case"]),
        ("Überschwemmung in São Paulo", ["Überschwemmung", "in", "São", "Paulo"]),
        ("$5m", ["5", "m"]),
        ("...", []),
        ("", []),
    ],
)
def test_tokenisation(text: str, found: list[str]) -> None:
    assert [word.text for word in words(text)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("The US told us", ["US", "told"]),
        ("U.S. troops", ["U.S.", "troops"]),
        ("WHO said who", ["WHO", "said"]),
        ("IT is it", ["IT"]),
        ("A plan of a man", ["plan", "man"]),
        ("I will not", []),
        ("they didn’t sign", ["sign"]),
        ("What does the gas pipeline join?", ["gas", "pipeline", "join"]),
        ("The Who", []),
        ("five of us", ["five"]),
        ("May I", ["May"]),
        ("", []),
    ],
)
def test_content_words(text: str, found: list[str]) -> None:
    assert [word.text for word in content(text)] == found


@pytest.mark.parametrize(
    ("text", "numeric", "capitalised"),
    [
        ("5", True, False),
        ("five", True, False),
        ("Five", True, True),
        ("1,000", True, False),
        ("Lavrov", False, True),
        ("lavrov", False, False),
        ("US", False, True),
        ("Élysée", False, True),
        ("dozens", False, False),
        ("first", False, False),
    ],
)
def test_numbers_and_names(text: str, *, numeric: bool, capitalised: bool) -> None:
    (word,) = words(text)

    assert (word.numeric, word.capitalised) == (numeric, capitalised)


@settings(deadline=None)
@given(st.text())
def test_each_word_has_exact_offsets_and_a_stem(text: str) -> None:
    for word in words(text):
        assert text[word.start : word.end] == word.text
        assert word.stem


@settings(deadline=None)
@given(st.text(min_size=1))
def test_both_apostrophes_give_the_same_stem(text: str) -> None:
    assert stem(text.replace("'", "’")) == stem(text.replace("’", "'"))
