"""Language detection, stemmers, and search in scripts without spaces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.reading.language import NO_STEMS, code, detect, stemmer
from rag.search.lexical import LexicalIndex, tokens


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The bridge opened on Monday after two years of work, the mayor said.", "en"),
        ("Die Brücke wurde am Montag nach zwei Jahren Arbeit eröffnet, sagte der Bürgermeister.", "de"),
        ("Мост открыли в понедельник после двух лет работы, сообщил мэр города.", "ru"),
        ("桥梁在经过两年的施工后于星期一开放，市长说。昨天下午，数百名居民参加了开幕仪式。", "zh"),
        ("Rain fell.", None),
        ("", None),
        ("1,204 4,550 22.5 " * 50, None),
        ("asdkj qweoiu zxmcn qpwoei alskdj zmxn qwpoei lskdfj qpwoeiru zmxncbv qpwoeiur alskdjf", None),
    ],
)
def test_a_language_is_detected_only_when_sure(text: str, expected: str | None) -> None:
    assert detect(text) == expected


@pytest.mark.parametrize(
    ("tag", "expected"),
    [("en-GB", "en"), ("PT_br", "pt"), (" de ", "de"), ("eng", None), ("x-default", None), ("", None), (None, None)],
)
def test_a_language_tag_is_reduced_to_its_code(tag: str | None, expected: str | None) -> None:
    assert code(tag) == expected


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
    assert stemmer(language) == expected


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
def test_a_question_is_searched_in_each_language_of_the_archive(question: str, found: int) -> None:
    assert INDEX.search(question, 1)[0][0] == found
    assert INDEX.search_articles(question, 1)[0][0] == found


def test_a_language_missing_from_the_archive_is_not_searched() -> None:
    english = LexicalIndex.build(None, ROWS[:1], "1")
    assert english.search("visitaient", 3) == []


def test_scripts_without_spaces_are_split_into_bigrams() -> None:
    assert tokens("Das 中国经济 ok", NO_STEMS) == ["das", "中国", "国经", "经济", "ok"]
    assert tokens("中", NO_STEMS) == ["中"]


@given(st.text(), st.sampled_from([None, "de", "ta", "zh", "tr"]))
def test_tokens_contain_no_whitespace_or_underscore(text: str, language: str | None) -> None:
    for token in tokens(text, stemmer(language)):
        assert token
        assert not set(token) & set(" _\t\n")
