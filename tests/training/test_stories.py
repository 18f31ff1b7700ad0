"""The invented stories, and the examples made of them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from training import stories
from training.stories import Passage, Story, StoryQuestion

BRIDGE = Story(
    "bridge",
    (
        Passage("Bridge to cost 40 million", "The bridge of Varn will cost 40 million, its engineer said."),
        Passage("Costs rise", "The bridge will cost 55 million instead of 40."),
        Passage("Tug sunk", "A tug sank beneath the bridge on Monday."),
    ),
    (
        StoryQuestion("How did the cost change?", "history", ((0, "40 million"), (1, "55 million"))),
        StoryQuestion("What does it cost now?", "latest", ((1, "55 million"),)),
        StoryQuestion("Who paid for the tug?", "one", ()),
    ),
)


def test_a_part_of_the_answer_is_a_span_of_its_passage() -> None:
    made = list(stories.examples([BRIDGE], 0, 0))
    told = [one.pair.text[one.span.start : one.span.end] for one in made if one.span]
    assert sorted(told) == ["40 million", "55 million", "55 million"]
    assert all(one.answers == (one.span is not None) for one in made)


def test_other_wordings_have_the_same_answers() -> None:
    story = BRIDGE._replace(questions=(BRIDGE.questions[1]._replace(wordings=("price of it today",)),))
    made = [one for epoch in range(9) for one in stories.examples([story], 0, epoch)]
    told = [one.pair.text[one.span.start : one.span.end] for one in made if one.span]
    assert told == ["55 million"] * 9
    assert any("price" in one.pair.asked.lower() for one in made)


def test_an_older_value_is_neither_right_nor_wrong_for_the_latest() -> None:
    made = [one for one in stories.examples([BRIDGE], 0, 0) if "now" in one.pair.asked]
    assert len(made) == 2
    assert not any("engineer" in one.pair.text for one in made)


def test_an_epoch_is_reproducible() -> None:
    assert list(stories.examples([BRIDGE], 1, 2)) == list(stories.examples([BRIDGE], 1, 2))


def test_words_that_are_not_once_in_their_passage_are_named(tmp_path: Path) -> None:
    row = {
        "topic": "bridge",
        "passages": [{"title": "", "text": "40 carts, then 40 more"}],
        "questions": [{"question": "How many?", "mode": "one", "answers": [[0, "40"]]}],
    }
    path = tmp_path / "stories.jsonl"
    path.write_text(json.dumps(row))
    with pytest.raises(ValueError, match="'40' is not once in passage 0"):
        stories.read(path)


def test_no_story_is_told_twice_or_held_back_and_trained_on() -> None:
    train, held = stories.read()
    topics = [story.topic for story in (*train, *held)]
    assert len(set(topics)) == len(topics)
    assert len(held) >= len(topics) // 8
