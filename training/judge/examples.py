"""Make what the judge learns from out of questions and their paragraphs: answers, and what only looks like one."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from embeddings.judge import Pair
from rag.search import chunking
from rag.search.words import stems
from rag.types import Span
from training.judge import wording
from training.sets import Case

# Words of a window: the product's passages have 60, and a passage given whole may have more.
_WINDOWS = (60, 60, 90, 140)
_TITLED = 0.6
_NAME = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][\w'-]+(?:\s[A-Z][\w'-]+)*")
NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")


class Example(NamedTuple):
    """A pair and what is right for it; None: it says nothing of that.

    `span` are characters of the pair's text; where `answers` is True and it is None, an answer stands somewhere.
    `asks` are heads of the network of which only a teacher says what is right.
    """

    pair: Pair
    answers: bool | None = None
    span: Span | None = None
    supports: bool | None = None
    disputes: bool | None = None
    silent: bool | None = None
    asks: tuple[int, ...] = ()


class Maker:
    """Examples of one epoch, each case's drawn by a chance of its own: the order of the cases decides nothing."""

    def __init__(self, cases: Sequence[Case], near: Mapping[str, Sequence[str]], seed: int) -> None:
        """`near`: for each case's id, windows of other paragraphs that are close to its question."""
        self._near = near
        self._seed = seed
        self._windows = [case.text[span.start : span.end] for case in cases for span in chunking.split(case.text, 60)]
        self._names = sorted({name for case in cases for name in _NAME.findall(case.text)})

    def of(self, case: Case, epoch: int) -> Iterator[Example]:
        chance = random.Random(f"{self._seed}/{epoch}/{case.id}")
        spans = chunking.split(case.text, chance.choice(_WINDOWS))
        if not case.answers:
            ranked = sorted(spans, key=lambda span: -_overlap(case.question, case.text[span.start : span.end]))
            for span in ranked[: chance.choice((1, 2))]:
                yield self._nothing(case, case.text[span.start : span.end], chance)
            return
        answer = locate(case, chance)
        home = next((span for span in spans if span.start <= answer.start and answer.end <= span.end), None)
        if home is None:
            return
        yield _found(case._replace(question=wording.typed(case.question, chance)), home, answer, chance)
        for text in self._looks_alike(case, spans, answer, chance):
            yield self._nothing(case, text, chance)
        if chance.random() < 0.2 and (asked := self._altered(case.question, case.text, chance)):
            yield self._nothing(case._replace(question=asked), case.text[home.start : home.end], chance)
        if chance.random() < 0.2 and (asked := something_else(case, answer, chance)):
            yield self._nothing(case._replace(question=asked), case.text[home.start : home.end], chance)

    def _nothing(self, case: Case, text: str, chance: random.Random) -> Example:
        return Example(_titled(case, text, chance), answers=False)

    def _looks_alike(self, case: Case, spans: Sequence[Span], answer: Span, chance: random.Random) -> Iterator[str]:
        """Two texts of the topic that do not answer: beside the answer, without its sentence, near it elsewhere."""
        beside = [text for span in spans if not tells(text := case.text[span.start : span.end], case.answers)]
        without = _without(case, answer)
        near = [text for text in self._near.get(case.id, ()) if not tells(text, case.answers)]
        if beside:
            yield chance.choice(beside)
        roll = chance.random()
        if roll < 0.3 and without:
            yield without
        elif roll < 0.9 and near:
            yield chance.choice(near)
        else:
            text = chance.choice(self._windows)
            if not tells(text, case.answers):
                yield text

    def _altered(self, question: str, text: str, chance: random.Random) -> str:
        """The question with another name or number in it, which the text does not answer; '' where it has none."""
        names = [found for found in _NAME.finditer(question) if found.group() in text]
        numbers = [found for found in NUMBER.finditer(question) if found.group() in text]
        if not names and not numbers:
            return ""
        found = chance.choice(names + numbers)
        if found.group()[0].isdigit():
            digits = "".join(
                chance.choice("0123456789") if c.isdigit() and at else c for at, c in enumerate(found.group())
            )
            other = digits if digits != found.group() else str(chance.randint(3, 99))
        else:
            other = chance.choice(self._names)
        if other in text:
            return ""
        return question[: found.start()] + other + question[found.end() :]


def locate(case: Case, chance: random.Random | None = None) -> Span:
    """Where the answer stands: of its places the one whose sentence has most of the question's words.

    Of several answers one that is drawn by `chance`, else the shortest.
    """
    answer = chance.choice(case.answers) if chance else min(case.answers, key=len)
    sentences = chunking.sentences(case.text)
    best, most = Span(case.text.index(answer), case.text.index(answer) + len(answer)), -1.0
    for found in re.finditer(re.escape(answer), case.text):
        sentence = next((s for s in sentences if s.start <= found.start() < s.end), None)
        worth = _overlap(case.question, case.text[sentence.start : sentence.end]) if sentence else 0.0
        whole = not re.match(r"\w", case.text[found.end() :]) and not re.search(r"\w$", case.text[: found.start()])
        if worth + whole > most:
            best, most = Span(found.start(), found.end()), worth + whole
    return best


def tells(text: str, answers: Sequence[str]) -> bool:
    """Whether any answer stands in the text, in any case."""
    low = text.casefold()
    return any(answer.casefold() in low for answer in answers)


def something_else(case: Case, answer: Span, chance: random.Random) -> str:
    """The question about something that the answer's sentence does not tell; '' where no word can be exchanged."""
    spans = chunking.sentences(case.text)
    sentence = next((case.text[s.start : s.end] for s in spans if s.start <= answer.start < s.end), "")
    return wording.about_something_else(case.question, sentence, case.text, chance)


def _found(case: Case, home: Span, answer: Span, chance: random.Random) -> Example:
    text = case.text[home.start : home.end]
    pair = _titled(case, text, chance)
    at = pair.start + answer.start - home.start
    return Example(pair, answers=True, span=Span(at, at + answer.end - answer.start))


def _titled(case: Case, text: str, chance: random.Random) -> Pair:
    heading = f"{case.title}\n" if case.title and chance.random() < _TITLED else ""
    return Pair(case.question, heading + text, len(heading))


def _without(case: Case, answer: Span) -> str:
    """The paragraph without the sentence that answers; '' where the rest still holds an answer or is too little."""
    kept = [
        case.text[s.start : s.end]
        for s in chunking.sentences(case.text)
        if not (s.start < answer.end and answer.start < s.end)
    ]
    rest = " ".join(kept)
    return "" if tells(rest, case.answers) or len(rest.split()) < 20 else rest


def _overlap(question: str, text: str) -> float:
    asked = stems(question)
    return len(asked & stems(text)) / max(1, len(asked))
