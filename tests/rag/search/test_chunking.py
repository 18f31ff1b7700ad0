"""Sentences and passages: exact offsets, nothing lost, and breaks where the text has them."""

from __future__ import annotations

import textwrap
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.search import chunking
from rag.types import Span
from tests.conftest import SEEDS
from tests.rag.making import article, read_one

# Arbitrary unicode seldom ends a sentence: mix in what does, and what only seems to.
PIECES = st.sampled_from(
    [
        "Dr. ",
        "U.S. ",
        "3.5",
        '."',
        "?! ",
        "... ",
        "\n",
        "\n\n",
        "\r\n",
        "\u2028",
        "\xa0",
        "。",
        "He said: “No.” ",
        "a.m. ",
        "Word ",
    ]
)
TEXTS = st.lists(PIECES | st.text(max_size=12), max_size=30).map("".join)


def bare(text: str) -> str:
    return "".join(text.split())


def check_spans(text: str, spans: tuple[Span, ...]) -> None:
    for span in spans:
        assert 0 <= span.start < span.end <= len(text)
        assert text[span.start : span.end].strip() == text[span.start : span.end], "trimmed"
    assert all(first.end <= second.start for first, second in pairwise(spans)), "in order, never overlapping"
    assert "".join(bare(text[span.start : span.end]) for span in spans) == bare(text), "nothing lost"


@settings(deadline=None)
@given(TEXTS)
@example("")
@example(" \n\t")
@example("\x1c.\x85")
def test_sentences_cover_the_whole_text_in_order(text: str) -> None:
    check_spans(text, chunking.sentences(text))


@settings(deadline=None)
@given(TEXTS, st.data())
def test_sentences_within_a_part_are_those_of_the_text_cut_at_its_edges(text: str, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, len(text)))
    last = data.draw(st.integers(first, len(text)))
    within = chunking.sentences(text, within=Span(first, last))
    check_spans(text[first:last], tuple(Span(start - first, end - first) for start, end in within))
    whole = [span for span in chunking.sentences(text) if first <= span.start and span.end <= last]
    assert set(whole) <= set(within)


@settings(deadline=None)
@given(TEXTS, st.integers(1, 30))
def test_passages_cover_the_whole_text_in_order(text: str, words: int) -> None:
    spans = chunking.split(text, words)
    check_spans(text, spans)
    assert all(chunking.fits(text, span) for span in spans)


@settings(deadline=None)
@given(TEXTS, st.integers(1, 30))
def test_no_passage_exceeds_its_words(text: str, words: int) -> None:
    for span in chunking.split(text, words):
        assert len(text[span.start : span.end].split()) <= words


@pytest.mark.parametrize("space", [chr(code) for code in range(0x80, 0x3001) if chr(code).isspace()], ids=ascii)
def test_a_multibyte_space_before_a_full_stop_is_handled(space: str) -> None:
    text = f"This is plan B{space}. It was{space}not tried."

    check_spans(text, chunking.sentences(text))


def test_a_passage_has_whole_sentences() -> None:
    text = "One two three. Four five six. Seven eight nine. Ten."

    passages = [text[span.start : span.end] for span in chunking.split(text, 6)]

    assert passages == ["One two three. Four five six.", "Seven eight nine. Ten."]


def test_a_long_sentence_is_split_between_words() -> None:
    text = "One two three four five six seven. Eight."

    assert [text[span.start : span.end] for span in chunking.split(text, 3)] == [
        "One two three",
        "four five six",
        "seven. Eight.",
    ]


WHOLE = [
    "U.S. President Joe Biden has warned that the May withdrawal deadline will be difficult to meet.",
    "Mr. Smith met Dr. Jones at 5 p.m. on Monday.",
    "The firm, Acme Inc. of Ohio, paid $3.5 million.",
    "“We stand ready to help. We always have,” Lavrov said.",
    '"We stand ready to help", Lavrov said.',
    "The U.N. Security Council met.",
]


@pytest.mark.parametrize("sentence", WHOLE)
def test_one_sentence_stays_whole(sentence: str) -> None:
    text = f"Rain fell. {sentence} It stopped."

    assert [text[span.start : span.end] for span in chunking.sentences(text)] == ["Rain fell.", sentence, "It stopped."]


PARAGRAPH = (
    "Russia will supply military equipment to Pakistan, Foreign Minister Sergey Lavrov said in Islamabad on Wednesday. "
    "The two countries will hold joint exercises."
)
SECOND = (
    "It is the first visit by a Russian foreign minister in nine years, part of a warming in once frosty relations."
)


def shown(text: str) -> list[str]:
    return [" ".join(text[span.start : span.end].split()) for span in chunking.sentences(text)]


@pytest.mark.parametrize("gap", ["\n\n", "\r\n\r\n", "\n \t\n", "\n\n\n"])
def test_a_blank_line_ends_a_sentence(gap: str) -> None:
    assert shown(f"Moscow seeks to increase its stature{gap}ISLAMABAD, Apr 7: Talks began.") == [
        "Moscow seeks to increase its stature",
        "ISLAMABAD, Apr 7: Talks began.",
    ]


@pytest.mark.parametrize(
    "heading", ["Arms for Pakistan", "By Jane Roe", "Moscow seeks to increase its stature in region"]
)
def test_a_line_break_after_a_heading_ends_a_sentence(heading: str) -> None:
    wrapped = textwrap.fill(PARAGRAPH, 76)
    for below in (PARAGRAPH, wrapped):
        assert shown(f"{heading}\n{below}") == [heading, *shown(PARAGRAPH)]


def test_a_line_break_between_long_paragraphs_ends_a_sentence() -> None:
    first, second = PARAGRAPH.removesuffix("."), SECOND
    assert shown(f"{first}\n{second}") == [*shown(first), second]


def test_a_line_break_between_list_items_ends_a_sentence() -> None:
    assert shown("The agreement covers:\n- a pipeline from Karachi\n- Sputnik doses") == [
        "The agreement covers:",
        "- a pipeline from Karachi",
        "- Sputnik doses",
    ]


def test_a_line_that_goes_on_in_lower_case_does_not_end_a_sentence() -> None:
    text = "Lavrov met\nthe prime minister and\nleft for Delhi on a plane of the Russian air force in the evening."
    assert len(shown(text)) == 1


@settings(deadline=None)
@given(
    st.lists(st.sampled_from("Lavrov Moscow said the Minister of Foreign Affairs came in 2021".split()), min_size=8),
    st.integers(24, 100),
)
def test_hard_wrapping_never_breaks_a_sentence(words: list[str], width: int) -> None:
    text = f"{' '.join(words)}."
    assert shown(textwrap.fill(text, width)) == shown(text)


def test_an_address_on_its_own_line_does_not_break_wrapped_text() -> None:
    wrapped = textwrap.fill(PARAGRAPH, 60)
    text = f"{wrapped}\nhttps://news.example/{'x' * 120}\n"
    assert shown(text)[0] == shown(PARAGRAPH)[0]


def test_changes_between_versions_are_listed_by_sentence() -> None:
    old = article("a", "Rain fell on Monday. Forty houses were hit. The mayor spoke.")
    new = article("a", "Rain fell on Tuesday. Forty houses were hit. The mayor spoke. He left.")
    assert list(chunking.sentence_changes(old, new)) == [
        ("-", "Rain fell on Monday."),
        ("+", "Rain fell on Tuesday."),
        ("+", "He left."),
    ]
    assert list(chunking.sentence_changes(old, old)) == []


def seed_sentences(name: str) -> list[str]:
    text = read_one(SEEDS / name).text
    return [text[span.start : span.end] for span in chunking.sentences(text)]


def test_sentences_of_the_first_sample() -> None:
    found = seed_sentences("dawn-russia-military-gear.txt")

    assert len(found) == 12
    assert found[0] == "Moscow seeks to increase its stature in region, particularly in Afghanistan"
    assert found[1].startswith("ISLAMABAD, Apr 7: Russia's foreign minister")
    assert found[4].startswith('"We stand ready')
    assert found[4].endswith("without going into detail about the equipment.")
    assert found[-2].startswith("Lavrov arrived in Pakistan on Tuesday")


def test_sentences_of_the_second_sample() -> None:
    found = seed_sentences("lavrov-bilateral-boost.txt")

    assert len(found) == 15
    assert [sentence for sentence in found if "Biden" in sentence] == [
        "U.S. President Joe Biden has warned that the May withdrawal deadline will be difficult to meet, raising the "
        "prospect that the entire agreement with the Taliban will unravel."
    ]
    assert [sentence for sentence in found if "stand ready" in sentence] == [
        "“We stand ready to strengthen the anti-terrorist potential of Pakistan, including by supplying Pakistan with "
        "special military equipment,” Lavrov said."
    ]
    assert all(sentence.endswith(".") for sentence in found)


def test_in_scripts_without_spaces_two_characters_count_as_a_word() -> None:
    text = "中国经济今年增长了。" * 12
    spans = chunking.split(text, 20, "zh")

    check_spans(text, spans)
    assert len(spans) >= 3
    assert all(len(text[span.start : span.end]) <= 50 for span in spans)


@pytest.mark.parametrize(
    ("title", "text", "heading"),
    [
        ("Rain falls", "It fell all day.", "Rain falls"),
        ("Rain falls", "Rain falls\n\nIt fell all day.", "Rain falls"),
        ("It fell all…", "It fell\n\nall day long.", ""),
        ("And so on…", "It fell all day.", "And so on…"),
        ("", "It fell all day.", ""),
    ],
)
def test_a_truncated_beginning_is_not_a_heading(title: str, text: str, heading: str) -> None:
    assert chunking.heading(title, text) == heading
