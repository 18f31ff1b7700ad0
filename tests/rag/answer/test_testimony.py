"""Testimony: each article's own value, joined when equal, ordered by day, corrected by its own outlet only."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answer import facts, testimony
from rag.answer.testimony import Findings
from rag.types import Article, Evidence, Mode, PublishedDate, Span


def said(text: str, answer: str, day: str = "", score: float = 0.8, outlet: str = "", title: str = "") -> Evidence:
    """A sentence that is a whole article, and the short answer in it."""
    published = PublishedDate.parse(day) if day else None
    article = Article(f"{outlet}-{day}-{text}", title, text, "0", outlet or None, published)
    start = text.index(answer)
    return Evidence(article, 1, 0, len(text), text, score, Span(start, start + len(answer)))


def weigh(*ranked: Evidence, mode: Mode = "one") -> Findings:
    return testimony.weigh(sorted(ranked, key=lambda item: -item.score), lambda _quote: (), 0.5, mode)


def told(found: Findings) -> list[str]:
    return [one.evidence.short for one in found.testimonies]


FIRST = said("The dam will cost 420 million crowns.", "420 million crowns", "2023-02-14", 0.7)
LATER = said("The cost is now 812 million.", "812 million", "2025-02-20", 0.72)
LATEST = said("It will cost 1.04 billion crowns.", "1.04 billion crowns", "2025-09-30", 0.69)


def test_the_newest_of_several_values_leads_and_the_history_follows() -> None:
    found = weigh(FIRST, LATER, LATEST)

    assert told(found) == ["1.04 billion crowns", "812 million", "420 million crowns"]
    assert found.kind == "over time"
    assert found.quotes == (LATEST, LATER, FIRST)


def test_a_newer_article_that_answers_much_worse_does_not_lead() -> None:
    worse = said("A stadium costs 88 million crowns.", "88 million crowns", "2025-12-01", 0.45)

    assert told(weigh(FIRST, worse)) == ["420 million crowns", "88 million crowns"]


def test_equal_values_are_told_once_with_who_agrees() -> None:
    same = said("The price: 1,040 million crowns.", "1,040 million crowns", "2025-10-01", 0.7, "Kell Courier")
    found = weigh(LATEST, same)

    assert found.kind == "one value"
    assert told(found) == ["1,040 million crowns"]
    assert found.testimonies[0].agreeing == (LATEST.article.id,)


def test_a_unit_is_shown_as_most_articles_write_it() -> None:
    one = said("It burned 1 hectare.", "1", "2025-12-02", 0.7)
    others = (said(f"It burned {size} hectares.", str(size), f"2025-12-0{size}", 0.7) for size in (3, 4))

    assert [one.unit for one in weigh(one, *others).testimonies] == ["hectares"] * 3


def test_values_of_one_day_stand_side_by_side() -> None:
    found = weigh(
        said("It killed 14 people.", "14", "2024-05-07", 0.7),
        said("The toll is five.", "five", "2024-05-07", 0.6),
    )

    assert found.kind == "side by side"
    assert told(found) == ["14", "five"]


def test_values_of_another_kind_are_not_told_beside() -> None:
    other = said("It will open in August 2028.", "August 2028", "2025-02-20", 0.6)
    named = said("Bram Keswick said so.", "Bram Keswick", "2025-02-20", 0.6)

    assert told(weigh(FIRST, other, named)) == ["420 million crowns"]


WRONG = said("The dam will cost 658 million crowns.", "658 million crowns", "2024-06-05", 0.8, "Tarn Dispatch")


def notice(outlet: str, day: str, title: str = "Corrections", told: str = "") -> Evidence:
    text = f"{told} It will not cost 658 million crowns. It is 685 million crowns.".strip()
    return said(text, "658 million", day, 0.7, outlet, title)


def test_a_notice_of_the_same_outlet_corrects_a_value_and_tells_the_right_one() -> None:
    found = weigh(WRONG, notice("Tarn Dispatch", "2024-06-07"))

    assert told(found) == ["685 million", "658 million crowns"]
    assert [bool(one.corrected_by) for one in found.testimonies] == [False, True]
    assert found.quotes[0].text == "It is 685 million crowns."


def test_a_notice_corrects_what_another_outlet_told_and_leaves_what_the_others_had_right() -> None:
    right = said("The dam will cost 685 million crowns.", "685 million crowns", "2024-06-05", 0.75, "Kell Courier")
    found = weigh(WRONG, right, notice("Norra Post", "2024-06-07"))

    assert told(found) == ["685 million", "658 million crowns"]
    assert [bool(one.corrected_by) for one in found.testimonies] == [False, True]
    assert found.testimonies[0].agreeing == (right.article.id,)


def test_a_notice_corrects_the_report_of_the_day_that_it_names() -> None:
    earlier = said("The dam will cost 685 million crowns.", "685 million crowns", "2024-06-03", 0.75, "Tarn Dispatch")
    found = weigh(earlier, WRONG, notice("Tarn Dispatch", "2024-06-07", told="On 5 June we had it wrong."))

    assert [one.evidence.article.id for one in found.testimonies if one.corrected_by] == [WRONG.article.id]


def test_a_notice_leaves_amounts_alone_that_it_does_not_correct() -> None:
    price = said("The phone costs 649 euros.", "649 euros", "2024-05-10", 0.8, "Tarn Dispatch")
    text = "Our report of 10 May gave 48,000 phones. It is 62,000 phones. It is a pity. The phone costs 649 euros."
    other = said(text, "649 euros", "2024-05-17", 0.7, "Tarn Dispatch", "Correction")

    assert not any(one.corrected_by for one in weigh(price, other).testimonies)


@pytest.mark.parametrize(
    "other",
    [
        notice("Tarn Dispatch", "2024-06-04"),
        notice("Tarn Dispatch", "2024-06-07", "The dam"),
    ],
    ids=["earlier", "no notice"],
)
def test_nothing_else_corrects_a_value(other: Evidence) -> None:
    assert not any(one.corrected_by for one in weigh(WRONG, other).testimonies)


def test_a_list_takes_parts_that_answer_less_well_but_no_more_than_three_of_an_article() -> None:
    article = Article("a", "", "One. Two. Three. Four.", "0")
    parts = [
        Evidence(article, 1, at, at + len(word), word, 0.3 - at / 100, Span(at, at + len(word) - 1))
        for word, at in (("One.", 0), ("Two.", 5), ("Three.", 10), ("Four.", 17))
    ]

    assert weigh(*parts, mode="list").quotes == tuple(parts[:3])


def test_a_history_is_in_order_of_day_and_a_list_of_likelihood() -> None:
    history = weigh(FIRST, LATER, LATEST, mode="history")
    assert history.quotes == tuple(one.evidence for one in history.testimonies) == (LATEST, LATER, FIRST)
    assert weigh(FIRST, LATER, LATEST, mode="list").quotes == (LATER, FIRST, LATEST)


def test_a_history_keeps_to_the_unit_of_its_best_answer_or_of_the_question() -> None:
    height = said("The dam is 74 metres high.", "74 metres", "2024-01-02", 0.65)
    ranked = sorted((FIRST, LATER, LATEST, height), key=lambda item: -item.score)

    assert height not in weigh(*ranked, mode="history").quotes
    assert height in testimony.weigh(ranked, lambda _quote: (), 0.5, "history", "How many metres?").quotes


def test_each_outlet_is_measured_by_its_own_best_answer() -> None:
    fourteen = said("It hurt 14.", "14", score=0.8, outlet="Kell Courier")
    other = said("A ship sank with 9.", "9", score=0.4, outlet="Kell Courier")
    nineteen = said("It hurt 19.", "19", score=0.3, outlet="Tarn Dispatch")
    stranger = said("It hurt 20.", "20", score=0.7, outlet="Norra Post")

    ranked = (fourteen, stranger, other, nineteen)
    assert testimony.of_outlets(ranked, ("The Tarn Dispatch", "Kell Courier")) == (fourteen, nineteen)


def test_nothing_is_told_below_the_threshold_but_the_nearest_are_kept() -> None:
    poor = said("The dam is high.", "high", score=0.2)
    found = weigh(poor)

    assert (found.kind, found.testimonies, found.quotes, found.nearest) == ("", (), (), (poor,))
    assert found.confidence == 0.2
    assert weigh(mode="list").confidence == 0.0


@given(st.lists(st.tuples(st.integers(1, 3), st.dates(date(2000, 1, 1)), st.floats(0.01, 0.99)), max_size=12))
def test_every_value_is_told_once_and_every_quote_comes_from_what_was_ranked(
    rows: list[tuple[int, date, float]],
) -> None:
    ranked = [said(f"It cost {amount} crowns.", str(amount), str(day), score) for amount, day, score in rows]
    for mode in ("one", "list", "history", "comparison"):
        found = weigh(*ranked, mode=mode)
        assert set(found.quotes) <= set(ranked)
        assert {one.evidence for one in found.testimonies} <= set(found.quotes)
        if mode == "one":
            assert len({one.value for one in found.testimonies}) == len(found.testimonies)


@pytest.mark.parametrize(
    ("text", "short", "value", "unit"),
    [
        ("It cost $1.02 billion.", "$1.02 billion", 1_020_000_000, "dollar"),
        ("It cost 1,020 million dollars.", "1,020 million", 1_020_000_000, "dollar"),
        ("It killed nineteen people.", "nineteen", 19, "peopl"),
        ("It took nine years.", "nine years", 9, "year"),
        ("The toll is 28.", "28", 28, ""),
        ("It rose 12 per cent.", "12 per cent", 12, "%"),
        ("A vote of 33 to 26.", "33 to 26", 33, ""),
    ],
)
def test_an_amount_has_its_unit_from_the_words_after_it(text: str, short: str, value: int, unit: str) -> None:
    found = facts.value(text, Span(text.index(short), text.index(short) + len(short)))

    assert found.quantity
    assert (int(found.quantity.value), found.quantity.unit) == (value, unit)


def test_days_and_names_are_equal_as_far_as_both_go() -> None:
    def value(short: str) -> facts.Value:
        return facts.value(short, Span(0, len(short)), PublishedDate(2024, 4, 12))

    assert value("11 April").equals(value("Thursday"))
    assert value("April 2024").equals(value("11 April 2024"))
    assert not value("11 April 2024").equals(value("12 April 2024"))
    assert value("Bram Keswick").equals(value("Keswick"))
    assert not value("Bram Keswick").equals(value("Ilse Torvald"))
    assert not value("Bram Keswick").comparable(value("11 April 2024"))
    assert value("2024").equals(value("11 April 2024"))
