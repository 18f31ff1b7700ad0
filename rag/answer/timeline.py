"""Tell what happened in a topic and when: the events that its articles report, one after the other.

The judge says which articles answer "What happened?". Each of them tells its own event in its first sentences, and
others wherever a sentence gives a day. What several articles tell of the same day in like words is one event.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from rag.answer import corrections, evidence, facts, sweep
from rag.models.loaded import Models
from rag.progress import Progress
from rag.search import chunking
from rag.search.copies import Outlets
from rag.search.words import words
from rag.surveys import Event, Timeline
from rag.types import Article, Evidence, Hit, PublishedDate, Question, Span

# So many passages are read, the best ones of the search: about three seconds of the small judge on two cores.
MAX_PASSAGES = 300
# An article's own event is told in its first sentences: the first of them that gives a day, else the first.
_FIRST = 5
# A by-line, a dateline or a heading has fewer words beside its names and dates.
_MIN_WORDS = 2
# Log-odds. Passages so far behind the best of their article are about something else.
_BEHIND = 2.5
# What is longer is a text without full stops.
_MAX_CHARS = 1_000
# Cosines of the small encoder above which two sentences tell the same event: if both state the same day, and if one
# only has that of its publication, which may be a day late.
_STATED, _PUBLISHED = 0.3, 0.5
# Text in quotation marks; an apostrophe within a word is none.
_SPOKEN = re.compile(r"[“\"][^”\"]*[”\"]|(?<!\w)[‘'][^’']*(?:[’'](?=\w)[^’']*)*[’'](?!\w)")

_Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class _Told:
    """A sentence that tells an event; `place` counts the sentences of its article from 0."""

    quote: Evidence
    day: PublishedDate
    stated: bool
    place: int


# Sentences that tell the same event, with their vectors.
_Same = list[tuple[_Told, _Vector]]


def timeline(
    asked: Question,
    hits: Sequence[Hit],
    articles: int,
    models: Models,
    caution: float,
    progress: Progress,
    stopped: Callable[[], bool],
    outlets: Outlets,
) -> Timeline:
    """Judge every passage and order the events that the articles about the topic tell.

    `articles` is how many are inside the filters; `progress` counts passages; `outlets` names those that ran a quote.
    Raises: ModelError.
    """
    found, read = sweep.judged([evidence.topic_question(asked.text)], hits, 0.0, models, progress, stopped)
    scores = {item.passage_id: item.score for item in found}
    passages: dict[str, list[Hit]] = {}
    for hit in hits:
        if hit.passage.id in scores:
            passages.setdefault(hit.article.id, []).append(hit)
    lowest = evidence.topic_threshold(caution)
    told = [one for parts in passages.values() for one in _events(parts, scores, lowest)]
    quotes = [one.quote for one in told]
    corrected = corrections.of_quotes(quotes)
    again = corrections.repeated(quotes, corrected)
    vectors = models.small_encoder().encode([quote.text for quote in quotes])
    # What only a notice of correction tells is no event.
    joined = [same for same in _join(told, vectors) if not again.issuperset(one.quote.place for one, _ in same)]
    events = [_event(same, corrected, outlets) for same in joined]
    return Timeline(
        question=asked,
        events=tuple(sorted(events, key=_order)),
        judged=len({hit.article.id for hit in hits[:read]}),
        articles=articles,
        stopped=read < len(hits),
    )


def _events(passages: Sequence[Hit], scores: Mapping[int, float], lowest: float) -> Iterator[_Told]:
    """Yield the sentences of an article that tell events: the one of its own event, and others that give a day.

    What has no day at all, not even that of the publication, has no place in a timeline.
    """
    article = passages[0].article
    best = max(evidence.log_odds(scores[hit.passage.id]) for hit in passages)
    if best < lowest:
        return
    own: _Told | None = None
    others: list[_Told] = []
    for place, span in enumerate(chunking.sentences(article.text, article.language)):
        around = next((hit.passage.id for hit in passages if hit.passage.start <= span.start < hit.passage.end), 0)
        if not around or span.end - span.start > _MAX_CHARS or not _is_statement(article, span):
            continue
        stated = _day(article, span)
        day = stated or article.published
        if not day:
            continue
        quote = Evidence(article, around, span.start, span.end, article.text[span.start : span.end], scores[around])
        one = _Told(quote, day, stated is not None, place)
        if own is None or (not own.stated and one.stated and place < _FIRST):
            own = one
        elif one.stated:
            others.append(one)
    told = [own, *others] if own else others
    yield from (one for one in told if evidence.log_odds(one.quote.score) >= best - _BEHIND)


def _is_statement(article: Article, span: Span) -> bool:
    """Whether a sentence says something itself, beside what it quotes, its names and its dates."""
    text = article.text[span.start : span.end]
    silent = _spoken(text) + [place for place, _ in facts.dates(text, Span(0, len(text)), article.published)]
    said = (word for word in words(text) if not (word.function or word.capitalised or word.numeric))
    return sum(not any(one.start < word.end and word.start < one.end for one in silent) for word in said) >= _MIN_WORDS


def _day(article: Article, span: Span) -> PublishedDate | None:
    """The day that a sentence gives outside of what it quotes. A dateline's, that of the publication, counts last."""
    text = article.text[span.start : span.end]
    spoken = _spoken(text)
    days = [
        day
        for place, day in facts.dates(text, Span(0, len(text)), article.published)
        if day.month and day.day and not any(one.start <= place.start < one.end for one in spoken)
    ]
    return next((day for day in days if day != article.published), days[0] if days else None)


def _spoken(text: str) -> list[Span]:
    return [Span(*match.span()) for match in _SPOKEN.finditer(text)]


def _join(told: Sequence[_Told], vectors: _Vector) -> list[_Same]:
    """Put together what tells the same event, those first whose day is stated."""
    joined: list[_Same] = []
    order = sorted(range(len(told)), key=lambda at: (not told[at].stated, told[at].place, -told[at].quote.score, at))
    for at in order:
        one = told[at], vectors[at]
        alike = [_likeness(*one, same) for same in joined]
        nearest = max(range(len(joined)), key=alike.__getitem__, default=-1)
        if nearest >= 0 and alike[nearest] > 0:
            joined[nearest].append(one)
        else:
            joined.append([one])
    return joined


def _likeness(told: _Told, vector: _Vector, same: _Same) -> float:
    """How far above its threshold the nearest sentence is of those that may mean the same day; 0 if none is."""
    found = [
        float(vector @ theirs) - (_STATED if told.stated and other.stated else _PUBLISHED)
        for other, theirs in same
        if told.day.day and _may_agree(told, other)
    ]
    return max(found, default=0.0)


def _may_agree(one: _Told, other: _Told) -> bool:
    """Whether both have the same day, or one only that of its publication, the day after the other's."""
    late, stated = (one, other) if other.stated else (other, one)
    published, day = late.day.day_known, stated.day.day_known
    a_day_late = not late.stated and published and day and published - day == timedelta(days=1)
    return one.day == other.day or bool(a_day_late)


def _event(same: _Same, corrected: Mapping[tuple[str, int], Article], outlets: Outlets) -> Event:
    """Choose the sentence that tells the event: one that states its day, comes first, and no notice corrects."""
    best = min(
        (one for one, _ in same),
        key=lambda one: (not one.stated, one.place, one.quote.place in corrected, -one.quote.score, one.quote.place),
    )
    quotes = [one.quote for one, _ in same]
    names = {name.casefold(): name for quote in quotes for name in (*outlets(quote), quote.article.source or "")}
    return Event(
        best.day,
        best.stated,
        best.quote,
        tuple(sorted(filter(None, names.values()))),
        tuple(sorted({quote.article.id for quote in quotes})),
        corrected.get(best.quote.place),
    )


def _order(event: Event) -> tuple[bool, PublishedDate, str, int]:
    return not event.day.year, event.day, event.quote.article.id, event.quote.start
