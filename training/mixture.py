"""The training mixture: the examples of each epoch, from all sets."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

from embeddings.judge import Pair, joined
from embeddings.network import ANSWERS, DISPUTES, SILENT, SUPPORTS
from rag.search import chunking
from training import claims, contrast, examples, invented, sets, stories
from training.examples import WINDOW_WORDS, AnswerExamples, Example, locate_answer, question_on_other_topic
from training.sets import Case

_CLAIM, _SENTENCE, _JOINED = 0.5, 0.3, 0.15
_INTERRUPTED = 0.25


class Mixture:
    """The sets to train on, and the examples that each epoch makes of them."""

    def __init__(
        self,
        data: Path,
        cache: Path,
        part: float,
        seed: int,
        *,
        unlabelled: bool,
        contrast_share: float = 0.0,
        story_share: float = 1.0,
    ) -> None:
        """Each epoch takes a random `part` of the questions and `story_share` of the stories.

        With `unlabelled`, it has pairs for a teacher, too. Contrast pairs are added until they are `contrast_share` of
        all. What takes long to compute is stored in the folder `cache`.
        """
        self._part = part
        self._seed = seed
        self._unlabelled = unlabelled
        self._contrast_share = contrast_share
        self._story_share = story_share
        self.cases, _ = sets.questions(data)
        self._near = sets.near_windows(self.cases, cache / "near.json")
        self._answers = AnswerExamples(self.cases, self._near, seed)
        self._entailment, _ = sets.split(sets.read(data / "rte", "claims.jsonl"))
        self._modes, _ = sets.split(sets.read(data / "fitz_gov", "modes.jsonl"))
        self._stories, _ = stories.read()
        self._labelled = [*claims.labelled_claims(self._entailment), *examples.labelled_disputes(self._modes)]

    def examples(self, epoch: int) -> list[Example]:
        """Return the examples of an epoch: the same each time, grouped by kind."""
        made = self._plain(epoch)
        wanted = round(self._contrast_share / (1 - self._contrast_share) * len(made))
        made += islice(self._contrast_pairs(epoch), wanted)
        rng = random.Random(f"{self._seed}/{epoch}/interrupted")
        return [
            one
            if one.answers is None or rng.random() > _INTERRUPTED
            else examples.interrupted(one, self._strange(rng), rng)
            for one in made
        ]

    def _strange(self, rng: random.Random) -> str:
        """Return a question or a sentence of any case."""
        case = rng.choice(self.cases)
        sentences = chunking.sentences(case.text)
        return case.question if rng.random() < 0.4 or not sentences else case.cut(rng.choice(sentences))

    def _plain(self, epoch: int) -> list[Example]:
        rng = random.Random(f"{self._seed}/{epoch}")
        cases = rng.sample(self.cases, round(self._part * len(self.cases)))
        made = [example for case in cases for example in self._answers.make(case, epoch)]
        made += [example for case in cases for example in claims.made_claims(case, self._seed, epoch)]
        made += [example for case in cases for example in self._disputes(case, epoch)]
        told = rng.sample(self._stories, round(self._story_share * len(self._stories)))
        made += stories.examples(told, self._seed, epoch)
        labelled = self._sample(self._labelled, rng)
        if not self._unlabelled:
            return made + labelled
        made += [example for case in cases for example in unlabelled(case, self._near, self._seed, epoch)]
        more = [*unlabelled_claims(self._entailment, rng), *unlabelled_texts(self._modes, rng)]
        return made + labelled + self._sample(more, rng)

    def disputes(self) -> tuple[list[Example], list[Example]]:
        """Return the examples of disagreement and silence: those labelled, and those made of every third question."""
        labelled = [example for example in self._labelled if example.disputes is not None]
        return labelled, [example for case in self.cases[::3] for example in self._disputes(case, 0)]

    def _contrast_pairs(self, epoch: int) -> Iterator[Example]:
        """Yield the pairs of the invented articles; then, without end, a few of each case and labelled claim."""
        articles, _ = invented.read()
        names = contrast.Names(case.text for case in self.cases)
        others: list[Case | contrast.Fact] = [*self.cases, *contrast.labelled_facts(self._entailment, self._modes)]
        rng = random.Random(f"{self._seed}/{epoch}/contrast")
        for article in articles:
            yield from chain.from_iterable(invented.groups(article, rng))
            yield from chain.from_iterable(contrast.some(case, names, rng) for case in article.cases)
        while True:
            for source in rng.sample(others, len(others)):
                yield from contrast.some(source, names, rng)

    def _disputes(self, case: Case, epoch: int) -> Iterator[Example]:
        return examples.made_disputes(case, self._near, self._seed, epoch)

    def _sample(self, some: Sequence[Example], rng: random.Random) -> list[Example]:
        return rng.sample(some, round(self._part * len(some)))


def unlabelled(case: Case, near: Mapping[str, Sequence[str]], seed: int, epoch: int) -> Iterator[Example]:
    """Pair the question, and claims made of it, with its own paragraph and with texts near it."""
    rng = random.Random(f"{seed}/{epoch}/unlabelled/{case.id}")
    own = case.windows(rng.choice(WINDOW_WORDS))
    others = list(near.get(case.id, ()))
    for text in [rng.choice(own), *rng.sample(others, min(2, len(others)))]:
        yield _question(case.question, text)
    if case.answers and (question := question_on_other_topic(case, locate_answer(case, rng), rng)):
        yield _question(question, rng.choice([*own, *others[:3]]))
    if case.answers and rng.random() < _CLAIM:
        yield from (_claim(claim, rng.choice([*own, *others[:4]])) for claim in _true_and_false_claim(case, rng))
    sentences = [span for span in chunking.sentences(case.text) if span.end - span.start > 40]
    if sentences and rng.random() < _SENTENCE:
        sentence = case.cut(rng.choice(sentences))
        yield _claim(" ".join(sentence.split()), rng.choice(others or own))
    if others and rng.random() < _JOINED:
        yield _texts(case.question, rng.sample([*own, *others], 2))


def unlabelled_claims(rows: Sequence[dict[str, Any]], rng: random.Random) -> Iterator[Example]:
    """Pair evidence with its claim altered, and with its own sentences, altered and shortened."""
    for row in rows:
        text = row["evidence"]
        sentences = [text[span.start : span.end] for span in chunking.sentences(text)]
        originals = [row["claim"], rng.choice(sentences)] if sentences else [row["claim"]]
        made = [claims.altered(original, text, rng) for original in originals]
        if sentences:
            made.append(claims.shortened(rng.choice(sentences), rng))
        yield from (_claim(claim, text) for claim in made if claim)


def unlabelled_texts(rows: Sequence[dict[str, Any]], rng: random.Random) -> Iterator[Example]:
    """Join texts about a question in another order, only some of them, and one with an unrelated text."""
    for row in rows:
        texts = [passage["text"] for passage in row["passages"]]
        if len(texts) > 1:
            rng.shuffle(texts)
            yield _texts(row["question"], texts)
            yield _texts(row["question"], texts[: rng.randint(1, len(texts) - 1)])
            yield _question(row["question"], rng.choice(texts))
        unrelated = rng.choice(rng.choice(rows)["passages"])["text"]
        yield _texts(row["question"], [rng.choice(texts), unrelated])


def _true_and_false_claim(case: Case, rng: random.Random) -> list[str]:
    answer = locate_answer(case, rng)
    claim = claims.statement(case.question, case.cut(answer), case.text)
    return [text for text in (claim, claim and claims.falsified(case, answer, claim, rng)) if text]


def _question(question: str, text: str) -> Example:
    return Example(Pair(question, text), teacher_heads=(ANSWERS,))


def _claim(claim: str, text: str) -> Example:
    return Example(Pair(claim, text), teacher_heads=(SUPPORTS,))


def _texts(question: str, texts: Sequence[str]) -> Example:
    return Example(Pair(question, joined(texts)), teacher_heads=(DISPUTES, SILENT))
