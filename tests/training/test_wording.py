"""Questions as people type them, and questions about something else."""

from __future__ import annotations

import random

from training.judge import wording

QUESTION = "How long had it been since the last visit by a Russian minister?"
TEXT = "Berg is the foreign minister of Norvik. The prime minister, Ada Holm, opened the harbour bridge."


def made(how: object) -> set[str]:
    assert callable(how)
    return {how(QUESTION, random.Random(seed)) for seed in range(60)}


def test_a_clipped_question_lacks_small_words_or_its_end() -> None:
    assert made(wording.clipped) == {
        "How long since last visit by Russian minister?",
        "How long had it been since the last visit?",
    }


def test_a_slip_changes_one_word_by_one_letter() -> None:
    for text in made(wording.mistyped):
        changed = [pair for pair in zip(QUESTION.split(), text.split(), strict=True) if pair[0] != pair[1]]
        assert len(changed) <= 1
        for before, after in changed:
            assert len(before) - len(after) in (0, 1)
            assert sorted(after) == sorted(before) or len(after) < len(before)


def test_most_questions_stay_as_they_are() -> None:
    texts = [wording.typed(QUESTION, random.Random(seed)) for seed in range(400)]

    assert 0.7 < sum(text == QUESTION for text in texts) / len(texts) < 0.9
    assert len(set(texts)) > 8


def test_a_question_about_something_else_has_a_word_that_the_answers_sentence_has_not() -> None:
    question = "Who is the foreign minister of Norvik?"
    texts = {
        wording.about_something_else(question, TEXT.partition(". ")[0], TEXT, random.Random(seed)) for seed in range(40)
    }

    assert question not in texts
    for text in texts:
        (new,) = set(text.split()) - set(question.split())
        assert new.strip("?") in TEXT.partition(". ")[2]


def test_without_a_word_to_exchange_there_is_none() -> None:
    assert wording.about_something_else("Who came?", "Berg arrived.", "Berg arrived.", random.Random(0)) == ""
