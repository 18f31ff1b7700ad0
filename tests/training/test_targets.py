"""What the writer learns to write: what is left of a sentence stands, and still answers."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from rag.answering.citing import supports
from rag.types import Span
from training.sets import Case
from training.writer.targets import cuts, samples

SENTENCE = "Meanwhile, the paper, which was young, printed a report on the drug, which had been sold since 1957."


def span(text: str) -> Span:
    return Span(SENTENCE.index(text), SENTENCE.index(text) + len(text))


@pytest.mark.parametrize(
    ("question", "answer", "shortest"),
    [
        ("What was printed?", "a report on the drug", "The paper printed a report on the drug."),
        ("What did the young paper print?", "a report", "The paper, which was young, printed a report on the drug."),
        (
            "Since when had the drug been sold?",
            "1957",
            "The paper printed a report on the drug, which had been sold since 1957.",
        ),
    ],
)
def test_the_answer_and_the_questions_words_stay(question: str, answer: str, shortest: str) -> None:
    found = cuts(SENTENCE, question, span(answer))

    assert found[0] == shortest
    assert all(supports(SENTENCE, text) and answer in text for text in found)
    assert list(found) == sorted(found, key=len)


def fond_of_youth(texts: Sequence[str]) -> list[float]:
    """Likes everything alike, but for what lacks the young paper."""
    return [0.0 if "young" in text else -9.0 for text in texts]


def case(number: int, question: str, text: str, answer: str) -> Case:
    return Case(str(number), question, (answer,), "", text)


def test_what_reads_badly_is_not_taken() -> None:
    cases = [case(1, "What was printed?", SENTENCE, "a report on the drug")]
    (one,) = samples(cases, lambda texts: [0.0] * len(texts), 0)
    assert one.target == "The paper printed a report on the drug."
    (other,) = samples(cases, fond_of_youth, 0)
    assert "young" in other.target


def test_some_sentences_stay_whole_so_that_the_writer_learns_to_leave_them() -> None:
    plain = [case(n, "Who fell?", f"King {n} fell in battle.", f"King {n}") for n in range(10)]
    cut = [case(n, "What was printed?", SENTENCE, "a report on the drug") for n in range(10, 15)]

    found = samples([*plain, *cut], lambda texts: [0.0] * len(texts), 0)

    assert sum(one.target == one.sentence for one in found) == 3
    assert len(found) == 8
