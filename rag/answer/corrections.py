"""Notices of correction: which amount was wrong, who told it, and what is right."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from rag.answer import facts
from rag.answer.facts import Value
from rag.answer.witness import Witness
from rag.archive.edits import outlet_key
from rag.search import chunking
from rag.types import Article, Evidence, Span

# A notice says what it is in its headline or its first words.
_NOTICE = re.compile(r"\b(?:correct|clarif|retract)(?:ions?|ications?|s|ed|ies|ied)\b", re.IGNORECASE)
_NOTICE_CHARS = 300
# How far from the wrong amount, in sentences, it may tell the right one.
_NOTICE_SENTENCES = 2
# A sentence of a notice, and what it tells with each of its amounts.
_Amounts = tuple[Span, list[Witness]]


def applied(witnesses: list[Witness]) -> list[Witness]:
    """Mark the amounts that a later notice corrects, and let the notice tell the new one; return the best first.

    What corrects an answer answers as well as that.
    """
    for place, notice in enumerate(witnesses):
        article = notice.quote.article
        if not (_NOTICE.search(article.title) or _NOTICE.search(article.text[:_NOTICE_CHARS])):
            continue
        for at, right in _wrong(notice, witnesses):
            one = witnesses[at]
            witnesses[at] = replace(one, testimony=replace(one.testimony, corrected_by=article.id))
            if _is_either(notice.value, one, right):
                score = max(one.quote.score, witnesses[place].quote.score)
                quote = replace(right.quote, score=score)
                witnesses[place] = replace(right, testimony=replace(right.testimony, evidence=quote))
    return sorted(witnesses, key=lambda one: -one.score)


def of_quotes(quotes: Sequence[Evidence]) -> dict[tuple[str, int], Article]:
    """Map quotes, as article id and start, to the article in which the outlet corrects an amount of theirs.

    The notice must be among the `quotes`. Without a question, nothing says that another outlet's amount, or one in
    words, is of what the notice corrects.
    """
    articles = {quote.article.id: quote.article for quote in quotes}
    witnesses = [
        Witness.of(replace(quote, answer=told))
        for quote in quotes
        for whole in (Span(quote.start, quote.end),)
        for told in (*facts.amounts(quote.article.text, whole), whole)
    ]
    return {
        one.quote.place: articles[one.corrected_by]
        for one in applied(witnesses)
        if one.corrected_by not in ("", one.quote.article.id)
        and one.quote.answer != Span(one.quote.start, one.quote.end)
        and outlet_key(one.quote.article.source or "") == outlet_key(articles[one.corrected_by].source or "")
    }


def repeated(quotes: Sequence[Evidence], corrected: Mapping[tuple[str, int], Article]) -> set[tuple[str, int]]:
    """Return the places of what a notice tells again from the `quotes` that it corrects."""
    wrong = defaultdict[str, list[Value]](list)
    for quote in quotes:
        if notice := corrected.get(quote.place):
            wrong[notice.id] += _values(quote)
    return {
        quote.place
        for quote in quotes
        if any(value.equals(other) for value in _values(quote) for other in wrong.get(quote.article.id, ()))
    }


def _wrong(notice: Witness, witnesses: Sequence[Witness]) -> Iterator[tuple[int, Witness]]:
    """Yield the places of those whose amount a notice corrects, each with what the notice tells instead.

    A notice repeats the wrong amount beside the right one, and the judge may point at either. The wrong one is that
    which the outlet told before, on a day that the notice names, if any. If the outlet told both or neither, it is the
    one that the notice tells first; others told it as well if the notice answers the question with one of the two.
    """
    article, told = notice.quote.article, _amounts(notice)
    before, own = list[tuple[int, Witness, Witness]](), list[Witness]()
    for at, one in enumerate(witnesses):
        said = one.quote.article
        near = _near(one.value, told)
        right = _right(one.value, near)
        if right and said.id != article.id and date.min < one.day <= notice.day:
            before.append((at, one, right))
            named = [day for span, _ in near for _, day in facts.dates(article.text, span, article.published)]
            on_day = not named or said.published in named
            if on_day and article.source and outlet_key(article.source) == outlet_key(said.source or ""):
                own.append(one)
    order = [one.value for _, some in told for one in some]
    rights = list[Value]()
    for at, one, right in sorted(before, key=lambda pair: [value.equals(pair[1].value) for value in order].index(True)):
        is_own, also_right = (any(_tells(other, value) for other in own) for value in (one.value, right.value))
        is_first = next(value for value in order if _is_either(value, one, right)).equals(one.value)
        answers = bool(one.unit) and _is_either(notice.value, one, right)
        wrong = (is_own and not also_right) or (is_first and (is_own or (answers and not also_right)))
        if wrong and not any(one.value.equals(other) for other in rights):
            rights.append(right.value)
            yield at, right


def _is_either(value: Value, one: Witness, other: Witness) -> bool:
    return value.equals(one.value) or value.equals(other.value)


def _tells(one: Witness, amount: Value) -> bool:
    """Whether the article of one tells an amount anywhere."""
    article = one.quote.article
    spans = facts.amounts(article.text, Span(0, len(article.text)))
    return any(facts.value(article.text, span, article.published).equals(amount) for span in spans)


def _near(amount: Value, told: Sequence[_Amounts]) -> list[_Amounts]:
    """Return the sentences of a notice that tell an amount, and those around."""
    here = [at for at, (_, some) in enumerate(told) if any(one.value.equals(amount) for one in some)]
    return [one for at, one in enumerate(told) if any(abs(at - other) <= _NOTICE_SENTENCES for other in here)]


def _right(wrong: Value, near: Sequence[_Amounts]) -> Witness | None:
    """Return what a notice tells instead of an amount: of its kind, the nearest in size."""
    others = (one for _, some in near for one in some if one.value.comparable(wrong) and not one.value.equals(wrong))
    return min(others, key=lambda one: _ratio(one.value, wrong), default=None)


def _ratio(one: Value, other: Value) -> float:
    """How many times the larger of two amounts is the smaller."""
    sizes = sorted(abs(float(value.quantity.value)) for value in (one, other) if value.quantity)
    return sizes[1] / sizes[0] if len(sizes) == 2 and sizes[0] else math.inf


def _amounts(notice: Witness) -> list[_Amounts]:
    """Return what the notice would tell with each amount of its text, sentence by sentence."""
    told = notice.quote
    found = []
    for span in chunking.sentences(told.article.text, told.article.language):
        quote = replace(told, start=span.start, end=span.end, text=told.article.text[span.start : span.end])
        spans = facts.amounts(told.article.text, span)
        found.append((span, [Witness.of(replace(quote, answer=answer)) for answer in spans]))
    return found


def _values(quote: Evidence) -> list[Value]:
    article = quote.article
    spans = facts.amounts(article.text, Span(quote.start, quote.end))
    return [facts.value(article.text, span, article.published) for span in spans]
