"""Invented news stories with questions whose answers are spread over articles: a history, a comparison, a list.

`stories.jsonl` has a story a line: short passages of several outlets and days, and questions, each with the words of
the passages that give a part of its answer, and some with other wordings. We wrote them; nothing in them is from an
archive or a test set.
"""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import roc_auc_score

from embeddings.judge import Judge, Pair
from rag.types import Span
from training.examples import Example, as_follow_up, retyped

STORIES = Path(__file__).with_name("stories.jsonl")
# Every so many-th story is held back.
_HELD = 8
# The share of texts that another passage makes longer.
_LONGER = 0.4


class Passage(NamedTuple):
    title: str
    text: str


class StoryQuestion(NamedTuple):
    """`answers` are the parts of the answer: the number of a passage, and its words. None if no passage has any.

    `wordings` ask the same, mostly in words that the passages do not have.
    """

    question: str
    mode: str
    answers: tuple[tuple[int, str], ...]
    wordings: tuple[str, ...] = ()


class Story(NamedTuple):
    topic: str
    passages: tuple[Passage, ...]
    questions: tuple[StoryQuestion, ...]


def read(path: Path = STORIES) -> tuple[list[Story], list[Story]]:
    """Return the stories to train on, and those held back."""
    with path.open(encoding="utf-8") as lines:
        stories = [_story(json.loads(line)) for line in lines]
    held = stories[::_HELD]
    return [story for story in stories if story not in held], held


def examples(stories: Iterable[Story], seed: int, epoch: int) -> Iterator[Example]:
    """Pair every question of a story with each passage that gives a part of its answer, and with as many that do not.

    A text may have another passage that does not, before or after: those of an archive are of more than one thought.
    """
    for story in stories:
        rng = random.Random(f"{seed}/{epoch}/story/{story.topic}")
        for asked in story.questions:
            earlier = [one.question for one in story.questions if one is not asked]
            clear = [number for number in range(len(story.passages)) if number not in _unclear(story, asked)]
            telling = [number for number in clear if _spans(asked, number, story.passages[number])]
            silent = [number for number in clear if number not in telling]
            for number in (*telling, *rng.sample(silent, min(len(silent), max(1, len(telling))))):
                spans = _spans(asked, number, story.passages[number])
                question = retyped(rng.choice((asked.question, *asked.wordings)), rng)
                pair = _pair(question, story.passages[number], titled=rng.random() < 0.8)
                example = _example(pair, rng.choice(spans) if spans else None)
                beside = [story.passages[other].text for other in silent if other != number]
                if beside and rng.random() < _LONGER:
                    example = _longer(example, rng.choice(beside), before=rng.random() < 0.5)
                yield as_follow_up(example, earlier, rng)


def measure(judge: Judge, stories: Sequence[Story]) -> dict[str, float]:
    """Measure by mode how well passages with a part of the answer are told from others, and how many parts are found.

    A part is found if the words that the judge points at and the right ones overlap. "other words" are the wordings; a
    "follow-up" comes after the first question of its story.
    """
    scores, labels, found = (defaultdict[str, list[float]](list) for _ in range(3))
    for story in stories:
        for asked in story.questions:
            numbers = [number for number in range(len(story.passages)) if number not in _unclear(story, asked)]
            same = ((wording, ("other words",)) for wording in asked.wordings)
            before = [one.question for one in story.questions[:1] if one is not asked]
            follows = ((f"{question} {asked.question}", ("follow-up",)) for question in before)
            for question, groups in ((asked.question, (asked.mode, "all")), *same, *follows):
                pairs = [_pair(question, story.passages[number], titled=True) for number in numbers]
                for number, pair, judged in zip(numbers, pairs, judge.judge(pairs), strict=True):
                    spans = _spans(asked, number, story.passages[number])
                    start, end = judged.start - pair.start, judged.end - pair.start
                    for group in groups:
                        scores[group].append(judged.answers)
                        labels[group].append(bool(spans))
                        if spans:
                            found[group].append(any(span.start < end and start < span.end for span in spans))
    figures: dict[str, float] = {"pairs": len(scores["all"])}
    for group in sorted(found):
        figures[f"auroc {group}"] = float(roc_auc_score(labels[group], scores[group]))
        figures[f"found {group}"] = float(np.mean(found[group]))
    return figures


def _story(row: dict[str, Any]) -> Story:
    """Raises: ValueError, if an answer is not in its passage exactly once."""
    passages = tuple(Passage(one["title"], one["text"]) for one in row["passages"])
    questions = tuple(
        StoryQuestion(
            one["question"],
            one["mode"],
            tuple((at, words) for at, words in one["answers"]),
            tuple(one.get("wordings", ())),
        )
        for one in row["questions"]
    )
    for asked in questions:
        for number, words in asked.answers:
            if passages[number].text.count(words) != 1:
                raise ValueError(f"{row['topic']}: {words!r} is not once in passage {number} ({asked.question})")
    return Story(row["topic"], passages, questions)


def _unclear(story: Story, asked: StoryQuestion) -> set[int]:
    """Return the passages that are neither right nor wrong: one with an older value cannot know of a newer one."""
    if asked.mode != "latest":
        return set()
    older = {number for other in story.questions if other.mode == "history" for number, _ in other.answers}
    return older - {number for number, _ in asked.answers}


def _spans(asked: StoryQuestion, number: int, passage: Passage) -> list[Span]:
    starts = [(passage.text.index(words), words) for at, words in asked.answers if at == number]
    return [Span(start, start + len(words)) for start, words in starts]


def _pair(question: str, passage: Passage, *, titled: bool) -> Pair:
    heading = f"{passage.title}\n" if titled else ""
    return Pair(question, heading + passage.text, len(heading))


def _example(pair: Pair, span: Span | None) -> Example:
    if span is None:
        return Example(pair, answers=False)
    return Example(pair, answers=True, span=Span(span.start + pair.start, span.end + pair.start))


def _longer(example: Example, other: str, *, before: bool) -> Example:
    """Return the example with another text before or after its own."""
    pair, span = example.pair, example.span
    if not before:
        return example._replace(pair=pair._replace(text=f"{pair.text} {other}"))
    text = f"{pair.text[: pair.start]}{other} {pair.text[pair.start :]}"
    moved = len(other) + 1
    return example._replace(pair=pair._replace(text=text), span=span and Span(span.start + moved, span.end + moved))
