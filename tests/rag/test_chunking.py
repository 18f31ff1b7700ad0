"""Sentences and passages stand where they say, and nothing of a text is lost between them."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rag.search import chunking
from rag.types import Span
from tests.conftest import SEEDS
from tests.rag.making import read_one

# Arbitrary unicode seldom ends a sentence: mix in what does, and what only seems to.
PIECES = st.sampled_from(
    [
        "Dr. ",
        "U.S. ",
        "3.5",
        '."',
        "?! ",
        "... ",
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
def test_sentences_hold_the_whole_text_in_order(text: str) -> None:
    check_spans(text, chunking.sentences(text))


@settings(deadline=None)
@given(TEXTS, st.integers(1, 30))
def test_passages_hold_the_whole_text_in_order(text: str, words: int) -> None:
    check_spans(text, chunking.split(text, words))


@settings(deadline=None)
@given(TEXTS, st.integers(1, 30))
def test_no_passage_has_more_words_than_allowed(text: str, words: int) -> None:
    for span in chunking.split(text, words):
        assert len(text[span.start : span.end].split()) <= words


@pytest.mark.parametrize("space", [chr(code) for code in range(0x80, 0x3001) if chr(code).isspace()], ids=ascii)
def test_a_wide_space_between_an_initial_and_its_point_breaks_nothing(space: str) -> None:
    text = f"This is plan B{space}. It was{space}not tried."

    check_spans(text, chunking.sentences(text))


def test_a_passage_is_made_of_whole_sentences() -> None:
    text = "One two three. Four five six. Seven eight nine. Ten."

    passages = [text[span.start : span.end] for span in chunking.split(text, 6)]

    assert passages == ["One two three. Four five six.", "Seven eight nine. Ten."]


def test_a_sentence_over_the_limit_is_cut_between_words() -> None:
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


def seed_sentences(name: str) -> list[str]:
    text = read_one(SEEDS / name).text
    return [text[span.start : span.end] for span in chunking.sentences(text)]


def test_the_first_sample_splits_at_its_sentences() -> None:
    found = seed_sentences("dawn-russia-military-gear.txt")

    assert len(found) == 12
    assert found[0] == "Moscow seeks to increase its stature in region, particularly in Afghanistan"
    assert found[1].startswith("ISLAMABAD, Apr 7: Russia's foreign minister")
    assert found[4].startswith('"We stand ready')
    assert found[4].endswith("without going into detail about the equipment.")
    assert found[-2].startswith("Lavrov arrived in Pakistan on Tuesday")


def test_the_second_sample_splits_at_its_sentences() -> None:
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


def test_two_characters_of_a_script_without_spaces_count_as_a_word() -> None:
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
def test_a_beginning_that_is_broken_off_is_no_heading(title: str, text: str, heading: str) -> None:
    assert chunking.heading(title, text) == heading
