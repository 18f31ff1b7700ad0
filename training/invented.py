"""The invented articles: questions that each answers, near misses that it does not, and statements about it.

`invented.jsonl` has an article on each line: `title`, `text`, `questions`, `true` and `false` statements. A question
has `q`, its answer `a` in the text, and in `no` near misses, which the article does not answer; some have other
`wordings`. Near misses and `false` statements are pairs of what was changed and the text.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from embeddings.judge import Pair
from rag.search import chunking
from rag.types import Span
from training.contrast import Variant, labelled
from training.examples import WINDOW_WORDS, Example, as_follow_up, contains_answer, locate_answer, window_around
from training.sets import Case

ARTICLES = Path(__file__).with_name("invented.jsonl")
# Every so many-th article is held back.
_HELD = 8


class Article(NamedTuple):
    """`near_misses` and `wordings` have those of each case. Near misses and false statements come with their kind."""

    title: str
    text: str
    cases: tuple[Case, ...]
    near_misses: tuple[Sequence[tuple[str, str]], ...]
    wordings: tuple[Sequence[str], ...]
    true: Sequence[str]
    false: Sequence[tuple[str, str]]


def read(path: Path = ARTICLES) -> tuple[list[Article], list[Article]]:
    """Return the articles to train on, and those held back. Raises: ValueError, if a text lacks an answer."""
    with path.open(encoding="utf-8") as lines:
        articles = [_article(json.loads(line), f"{path.name}:{number}") for number, line in enumerate(lines, start=1)]
    return [one for n, one in enumerate(articles) if n % _HELD], articles[::_HELD]


def groups(article: Article, rng: random.Random) -> Iterator[list[Example]]:
    """Yield a group for each question, with another wording of it, its near misses and another part of the text.

    The last group has the statements.
    """
    earlier = [case.question for case in article.cases]
    for case, near_misses, wordings in zip(article.cases, article.near_misses, article.wordings, strict=True):
        answer = locate_answer(case)
        spans = chunking.split(case.text, rng.choice(WINDOW_WORDS))
        if (window := window_around(answer, spans)) is None:
            continue
        text, titled = case.cut(window), f"{case.title}\n" if rng.random() < 0.5 else ""
        at = Span(answer.start - window.start, answer.end - window.start)
        group = [labelled(Variant(case.question, text, at, fits=True), "written", titled)]
        if wordings:
            group.append(labelled(Variant(rng.choice(wordings), text, at, fits=True), "written, other words", titled))
        for kind, question in near_misses:
            group.append(labelled(Variant(question, text, None, fits=False), f"written, {kind}", titled))
        others = [other for span in spans if not contains_answer(titled + (other := case.cut(span)), case.answers)]
        if others:
            other = rng.choice(others)
            group.append(labelled(Variant(case.question, other, None, fits=False), "written, other part", titled))
        yield [as_follow_up(one, earlier, rng) for one in group]
    statements = [Example(Pair(claim, article.text), supports=True, kind="claim, written") for claim in article.true]
    for kind, claim in article.false:
        statements.append(Example(Pair(claim, article.text), supports=False, kind=f"claim, written, {kind}"))
    yield statements


def _article(row: Mapping[str, Any], place: str) -> Article:
    for asked in row["questions"]:
        if asked["a"] not in row["text"]:
            raise ValueError(f"{place}: {asked['a']!r} is not in the text (an answer must be quoted from it)")
    cases = tuple(
        Case(f"{place}/{n}", asked["q"], (asked["a"],), row["title"], row["text"])
        for n, asked in enumerate(row["questions"])
    )
    near_misses = tuple(asked["no"] for asked in row["questions"])
    wordings = tuple(asked.get("wordings", ()) for asked in row["questions"])
    return Article(row["title"], row["text"], cases, near_misses, wordings, row["true"], row["false"])
