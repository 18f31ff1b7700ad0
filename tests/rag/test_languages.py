"""What full-text search knows of a language."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.reading import languages
from rag.search.lexical import LexicalIndex, tokens

ROWS = (
    (1, "en", "Visits", "The minister visited two cities.", None),
    (2, "de", "Besuche", "Die Minister besuchten Häuser in Köln.", "de"),
    (3, "fr", "Visites", "Les ministres visitaient les écoles.", "fr"),
    (4, "ru", "Визиты", "Министры посетили города.", "ru"),
    (5, "zh", "经济", "中国经济今年增长了百分之五。", "zh"),
    (6, "ja", "首相", "首相は東京で会見した。", "ja"),
    (7, "th", "ข่าว", "นายกรัฐมนตรีเดินทางไปกรุงเทพ", "th"),
    (8, "pl", "Wizyta", "Minister odwiedził Łódź.", "pl"),
)
INDEX = LexicalIndex.build(None, ROWS, "1")


@pytest.mark.parametrize(
    ("language", "expected"),
    [(None, "english"), ("en", "english"), ("EN-us", "english"), ("de", "german"), ("nb", "norwegian"), ("zh", "none")],
)
def test_a_language_has_its_stemmer(language: str | None, expected: str) -> None:
    assert languages.stemmer(language) == expected


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("visiting city", 1),
        ("Haus besuchte", 2),
        ("Koln", 2),
        ("école visiter", 3),
        ("ecoles", 3),
        ("город", 4),
        ("经济增长", 5),
        ("東京", 6),
        ("กรุงเทพ", 7),
        ("Łódź", 8),
        ("lodz", 8),
    ],
)
def test_a_question_is_read_in_each_language_of_the_archive(question: str, found: int) -> None:
    assert INDEX.search(question, 1)[0][0] == found
    assert INDEX.search_articles(question, 1)[0][0] == found


def test_a_language_that_the_archive_lacks_is_not_asked_in() -> None:
    english = LexicalIndex.build(None, ROWS[:1], "1")
    assert english.search("visitaient", 3) == []


def test_without_spaces_two_neighbours_are_a_word() -> None:
    assert tokens("Das 中国经济 ok", languages.NO_STEMS) == ["das", "中国", "国经", "经济", "ok"]
    assert tokens("中", languages.NO_STEMS) == ["中"]


@given(st.text(), st.sampled_from([None, "de", "ta", "zh", "tr"]))
def test_a_token_holds_no_space_and_no_joint(text: str, language: str | None) -> None:
    for token in tokens(text, languages.stemmer(language)):
        assert token
        assert not set(token) & set(" _\t\n")
