"""Compare what outlets tell of a topic: what several tell, where their amounts differ, what one tells alone.

The sentences of the outlets are aligned by the cosine of their vectors, with and without their headlines, and by how
well the judge finds one answered by the other. Where aligned sentences have amounts, each is taken out of its sentence
and the judge is asked how many it was: if it points at an amount of the other sentence, and from there back, both count
the same thing.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np
import numpy.typing as npt

from embeddings import Encoder, Judge, Judgement, Pair
from rag.answer import corrections, evidence, facts
from rag.answer.facts import Quantity
from rag.models.loaded import Models
from rag.progress import Done, Progress
from rag.search import chunking
from rag.surveys import Comparison, Piece, PieceKind
from rag.types import Article, Evidence, Hit, Question, Span

# How many passages are read of each outlet.
MAX_PASSAGES = 24
# An article is on the topic if its best passage has this share of the cosine of the best of all, and if the judge's
# log-odds are not further below what one article must have for any to be on the topic.
_ON_TOPIC, _LENIENCY = 0.5, 1.0
# Alignment is the sum of both cosines and so much for each log-odds of an answer. From `_ALIKE` on, two sentences tell
# the same thing, unless their amounts differ; a sentence below `_ALONE` with all others tells it alone. The figures:
# docs/decisions/0013-comparisons.md.
_ANSWERED, _ALIKE, _ALONE = 0.15, 1.25, 0.7
# Below `_ALIKE`, amounts that point at each other may differ from this sum on, with so much for each log-odds.
_POINTED, _DIFFERENT = 0.15, 0.85
# Only so many neighbours of a sentence are judged, and only if their cosine is that.
_NEIGHBOURS, _NEAR = 4, 0.3
# How many words on each side of an amount tell what it counts.
_CONTEXT_WORDS = 6
_BATCH = 64
# Copies differ in the form of their quotation marks.
_MARKS = str.maketrans("“”„«»‘’‚", '"""""\'\'\'')


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of an outlet; the score of its quote is its cosine with the topic. `notice` as in `Piece.notices`."""

    outlet: str
    quote: Evidence
    notice: Article | None = None

    @property
    def words(self) -> str:
        return " ".join(self.quote.text.translate(_MARKS).split())


@dataclass(frozen=True, slots=True)
class _Link:
    """Two sentences of different outlets, by number, in the order of the outlets. `amounts` are those that differ."""

    sentences: tuple[int, int]
    alignment: float
    amounts: tuple[Span, Span] | None = None


def compare(
    asked: Question,
    hits: Sequence[tuple[str, Sequence[Hit]]],
    models: Models,
    caution: float,
    progress: Progress,
    stopped: Callable[[], bool],
) -> Comparison:
    """Compare the passages of each outlet. `progress` counts pairs of sentences. Raises: ModelError."""
    # The distances are fitted to these models, whichever answer questions.
    encoder, judge = models.small_encoder(), models.first_judge() or models.judge()
    read = _on_topic(asked.text, hits, encoder, judge, evidence.topic_threshold(caution))
    sentences = _corrected(_sentences(asked.text, read, encoder))
    pairs = _neighbours(sentences, encoder)
    links, done = list[_Link](), 0
    while done < len(pairs) and not stopped():
        links += _judged(sentences, pairs[done : done + _BATCH], judge)
        done = min(done + _BATCH, len(pairs))
        progress(Done(done / len(pairs), done))
    together = _together(sentences, links)
    alone, uncertain = _alone(sentences, links) if done == len(pairs) else ([], 0)
    return Comparison(
        question=asked,
        outlets=tuple(outlet for outlet, _ in hits),
        articles=tuple(len({hit.article.id for hit in some}) for _, some in read),
        pieces=tuple(sorted([*together, *alone], key=_order)),
        uncertain=uncertain,
        stopped=done < len(pairs),
    )


def _order(piece: Piece) -> tuple[float, str, int]:
    return -piece.centrality, piece.quotes[0].article.id, piece.quotes[0].start


# Which sentences are compared


def _on_topic(
    topic: str, hits: Sequence[tuple[str, Sequence[Hit]]], encoder: Encoder, judge: Judge, lowest: float
) -> list[tuple[str, tuple[Hit, ...]]]:
    """Keep the passages of the articles that are on the topic; none if the log-odds of the best are below `lowest`."""
    found = [hit for _, some in hits for hit in some]
    cosines = _cosines(
        topic, [_titled(hit.article.title, hit.article.text, hit.passage.text) for hit in found], encoder
    )
    best = dict[str, float]()
    for hit, cosine in zip(found, cosines, strict=True):
        best[hit.article.id] = max(best.get(hit.article.id, 0.0), cosine)
    nearest = _ON_TOPIC * max(best.values(), default=0.0)
    near = [hit for hit in found if best[hit.article.id] >= nearest]
    ranked = evidence.rank([evidence.topic_question(topic)], near, judge)
    judged = [(evidence.log_odds(one.score), one.article.id) for one in ranked]
    any_told = any(odds >= lowest for odds, _ in judged)
    told = {article for odds, article in judged if any_told and odds >= lowest - _LENIENCY}
    return [(outlet, tuple(hit for hit in some if hit.article.id in told)) for outlet, some in hits]


def _sentences(topic: str, read: Sequence[tuple[str, Sequence[Hit]]], encoder: Encoder) -> list[_Sentence]:
    """Return the sentences of the passages in the order of the outlets; what an outlet repeats counts once."""
    found = list[_Sentence]()
    for outlet, some in read:
        own = dict[str, _Sentence]()
        for hit in some:
            article, passage = hit.article, hit.passage
            # Whole sentences: the part that a passage cuts off may deny the rest.
            for start, end in chunking.sentences(article.text, article.language):
                if start < passage.end and passage.start < end:
                    one = _Sentence(outlet, Evidence(article, passage.id, start, end, article.text[start:end], 0.0))
                    own.setdefault(one.words, one)
        found += own.values()
    near = _cosines(topic, [one.words for one in found], encoder)
    return [replace(one, quote=replace(one.quote, score=cosine)) for one, cosine in zip(found, near, strict=True)]


def _corrected(sentences: Sequence[_Sentence]) -> list[_Sentence]:
    """Return the sentences with the notices that correct them."""
    quotes = [one.quote for one in sentences]
    notices = corrections.of_quotes(quotes)
    again = corrections.repeated(quotes, notices)
    own = {quote.place: quote.article for quote in quotes if quote.place in again}
    return [replace(one, notice=(own | notices).get(one.quote.place)) for one in sentences]


def _cosines(topic: str, texts: Sequence[str], encoder: Encoder) -> list[float]:
    vector, *rows = _encode([topic, *texts], encoder)
    return [float(row @ vector) for row in rows]


def _encode(texts: Sequence[str], encoder: Encoder) -> npt.NDArray[np.float32]:
    # In parts: for many texts at once the encoder imports what takes seconds.
    parts = [encoder.encode(texts[at : at + _BATCH]) for at in range(0, len(texts), _BATCH)]
    return np.concatenate(parts) if parts else np.empty((0, encoder.dimension), np.float32)


def _titled(title: str, text: str, part: str) -> str:
    return f"{chunking.heading(title, text)}\n{part}"


def _headed(one: _Sentence) -> str:
    return _titled(one.quote.article.title, one.quote.article.text, one.quote.text)


# How they are aligned


def _neighbours(sentences: Sequence[_Sentence], encoder: Encoder) -> list[_Link]:
    """Return each sentence with its nearest ones of every other outlet, aligned by the sum of both cosines."""
    own, headed = (_encode(texts, encoder) for texts in ([one.words for one in sentences], [*map(_headed, sentences)]))
    cosines = own @ own.T
    sums = cosines + headed @ headed.T
    found = set[tuple[int, int]]()
    for at, one in enumerate(sentences):
        for outlet in {other.outlet for other in sentences} - {one.outlet}:
            near = [i for i, other in enumerate(sentences) if other.outlet == outlet and cosines[at, i] >= _NEAR]
            near.sort(key=lambda i: (-sums[at, i], i))
            found.update((min(at, i), max(at, i)) for i in near[:_NEIGHBOURS])
    return [_Link(pair, float(sums[pair])) for pair in sorted(found)]


def _judged(sentences: Sequence[_Sentence], near: Sequence[_Link], judge: Judge) -> Iterator[_Link]:
    """Yield the links as the judge aligns them, with the amounts that differ."""
    quotes = [(sentences[one], sentences[other]) for one, other in (link.sentences for link in near)]
    asked = [Pair(first.words, second.words) for pair in quotes for first, second in (pair, pair[::-1])]
    judged = judge.judge(asked)
    for link, (one, other), there, back in zip(near, quotes, judged[::2], judged[1::2], strict=True):
        alignment = link.alignment + _ANSWERED * max(there.answers, back.answers)
        if one.words == other.words:
            yield replace(link, alignment=max(alignment, _ALIKE))
        else:
            amounts = _differing(one.quote, other.quote, alignment, judge)
            yield replace(link, alignment=alignment, amounts=amounts)


def _differing(one: Evidence, other: Evidence, alignment: float, judge: Judge) -> tuple[Span, Span] | None:
    """Return the amounts of two sentences that are likeliest to count the same thing, if they differ."""
    mine, theirs = _amounts(one), _amounts(other)
    if not mine or not theirs:
        return None
    asked = [Pair(_how_many(one, span), other.text) for span in mine]
    judged = judge.judge(asked + [Pair(_how_many(other, span), one.text) for span in theirs])
    there, back = dict(zip(mine, judged, strict=False)), dict(zip(theirs, judged[len(mine) :], strict=True))
    counted = [
        (_points(there[a], other, b) and _points(back[b], one, a), min(there[a].answers, back[b].answers), a, b)
        for a, b in product(mine, theirs)
        if mine[a].unit == theirs[b].unit
    ]
    same, odds, a, b = max(counted, default=(False, -math.inf, Span(0, 0), Span(0, 0)))
    if not counted or (alignment < _ALIKE and not (same and alignment + _POINTED * odds >= _DIFFERENT)):
        return None
    # A sentence may also tell the amount of the other, as what it was before.
    pairs = [(mine[a], amount) for amount in theirs.values()] + [(theirs[b], amount) for amount in mine.values()]
    if not same:
        pairs = list(product(mine.values(), theirs.values()))
    return None if any(first.rounds_to(second) for first, second in pairs) else (a, b)


def _amounts(quote: Evidence) -> dict[Span, Quantity]:
    """Return the amounts of a sentence by where they stand in the article; years are none."""
    text = quote.article.text
    spans = facts.amounts(text, Span(quote.start, quote.end), in_words=True)
    amounts = (span for span in spans if facts.value(text, span).quantity)
    return {span: facts.read(text[span.start : span.end]).quantities[0][1] for span in amounts}


def _how_many(quote: Evidence, amount: Span) -> str:
    """Return the words around an amount with a question in its place."""
    text = quote.article.text
    before, after = text[quote.start : amount.start].split(), text[amount.end : quote.end].split()
    return " ".join([*before[-_CONTEXT_WORDS:], "how many", *after[:_CONTEXT_WORDS]])


def _points(judged: Judgement, quote: Evidence, amount: Span) -> bool:
    """Whether the judge points at an amount of a quote."""
    return quote.start + judged.start < amount.end and amount.start < quote.start + judged.end


# The pieces that they make


def _kind(link: _Link) -> PieceKind | None:
    return "may differ" if link.amounts else "alike" if link.alignment >= _ALIKE else None


def _together(sentences: Sequence[_Sentence], links: Sequence[_Link]) -> list[Piece]:
    """Return a piece for each link, the surest first, that brings a sentence which is in none yet.

    What a notice corrects is paired last, with what is left.
    """
    groups, told = list[tuple[PieceKind, dict[str, _Sentence]]](), set[int]()

    def preference(link: _Link) -> tuple[bool, float, tuple[int, int]]:
        return any(sentences[at].notice for at in link.sentences), -link.alignment, link.sentences

    for link in sorted(links, key=preference):
        kind = _kind(link)
        if kind is None or told.issuperset(link.sentences):
            continue
        told.update(link.sentences)
        quotes = {one.outlet: one for one in _quoted(sentences, link)}
        # Of three outlets, the third may tell what two others do.
        wider = next((group for other, group in groups if kind == other == "alike" and _extends(quotes, group)), None)
        if wider is None:
            groups.append((kind, quotes))
        else:
            wider |= quotes
    order = list(dict.fromkeys(one.outlet for one in sentences))
    return [_piece(kind, sorted(group.values(), key=lambda one: order.index(one.outlet))) for kind, group in groups]


def _quoted(sentences: Sequence[_Sentence], link: _Link) -> Iterator[_Sentence]:
    for at, amount in zip(link.sentences, link.amounts or (None, None), strict=True):
        yield replace(sentences[at], quote=replace(sentences[at].quote, answer=amount))


def _extends(quotes: Mapping[str, _Sentence], group: Mapping[str, _Sentence]) -> bool:
    """Whether one of two sentences is in a group that has none yet of the other's outlet."""
    return bool(quotes.keys() - group.keys()) and any(group.get(name) == one for name, one in quotes.items())


def _piece(kind: PieceKind, told: Sequence[_Sentence]) -> Piece:
    alike = len(told) > 1 and len({one.words for one in told}) == 1
    outlets, quotes, notices = zip(*((one.outlet, one.quote, one.notice) for one in told), strict=True)
    return Piece(kind, outlets, quotes, notices, same_words=alike)


def _alone(sentences: Sequence[_Sentence], links: Sequence[_Link]) -> tuple[list[Piece], int]:
    """Return a piece for each sentence far from all others, and how many are neither far nor near enough."""
    nearest = dict[int, float]()
    told = {at for link in links if _kind(link) for at in link.sentences}
    for link in links:
        for at in link.sentences:
            nearest[at] = max(nearest.get(at, 0.0), link.alignment)
    alone = [at for at in range(len(sentences)) if nearest.get(at, 0.0) < _ALONE and at not in told]
    return [_piece("alone", [sentences[at]]) for at in alone], len(sentences) - len(told) - len(alone)
