"""Let every article speak once, and tell what they say together: one value, several over time, or side by side.

An article's testimony is the sentence of it that answers best, with the value that the sentence gives. Values are
compared by arithmetic, articles ordered by day; whether their values differ because the world changed or because one is
wrong is left to the reader.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import chain, takewhile

from rag.answer import evidence, facts
from rag.answer.facts import Value
from rag.search import chunking
from rag.search.copies import Outlets
from rag.types import AnswerKind, Evidence, Mode, Span, Testimony

# All distances are in log-odds of the score. Of articles this close behind the best, those that give a value of the
# same kind are told.
_CLOSE_BEHIND = 1.5
# Of these the newest leads: the judge does not know which is newer.
_LEAD_BEHIND = 0.5
# Sentences this close behind the best are quoted whatever they tell: a second part, a reason. On NewsQA this raises the
# share of replies that contain the answer from .53 to .61; beyond, only the replies get longer.
_QUOTED_BEHIND = 1.0
_MAX_QUOTED = 3
# Of a list, a history or a comparison each sentence gives a part. None answers the whole, and the judge says so: hence
# the leniency and the distance. Fitted on the open cases of the news set (docs/decisions/0011).
_LENIENCY = 1.5
_PART_BEHIND = 2.5
_MAX_PARTS = 3
_MAX_VALUES = 10
_LOWEST = -2.0
# A notice says what it is in its headline or its first words.
_NOTICE = re.compile(r"\b(?:correct|clarif|retract)(?:ions?|ications?|s|ed|ies|ied)\b", re.IGNORECASE)
_NOTICE_CHARS = 300


@dataclass(frozen=True, slots=True)
class Findings:
    """What the articles say. `quotes` are the sentences to quote, in order; () if nothing answers.

    `testimonies` are those told, in the order of the quotes. `nearest` are the best sentences regardless.
    """

    kind: AnswerKind
    testimonies: tuple[Testimony, ...]
    quotes: tuple[Evidence, ...]
    nearest: tuple[Evidence, ...]

    @property
    def confidence(self) -> float:
        """The probability, 0 to 1, that the best sentence answers."""
        return self.nearest[0].score if self.nearest else 0.0


@dataclass(frozen=True, slots=True)
class _Witness:
    testimony: Testimony
    value: Value

    @property
    def day(self) -> date:
        published = self.testimony.evidence.article.published
        return (published and published.day_known) or date.min

    @property
    def score(self) -> float:
        return evidence.log_odds(self.testimony.evidence.score)


def weigh(ranked: Sequence[Evidence], outlets: Outlets, caution: float, mode: Mode = "one") -> Findings:
    """Choose what to tell of the `ranked` sentences, best first; `outlets` names those of a quote."""
    nearest = tuple(ranked[:_MAX_QUOTED])
    lowest = evidence.log_odds(evidence.threshold(caution)) - (_LENIENCY if mode != "one" else 0.0)
    best = evidence.log_odds(ranked[0].score) if ranked else -math.inf
    if best < lowest:
        return Findings("", (), (), nearest)
    witnesses = _corrected(list(_witnesses(ranked)))
    if mode == "one":
        told = _told(witnesses, best)
        quotes = [one.testimony.evidence for one in told]
        quotes += [
            item for item in nearest if item not in quotes and evidence.log_odds(item.score) >= best - _QUOTED_BEHIND
        ]
    else:
        quotes = _several(ranked, best, mode)
        own = {one.testimony.evidence: one for one in witnesses}
        told = [own[item] for item in quotes if item in own]
    return Findings(_kind(told), _named(told, outlets), tuple(quotes), nearest)


def of_each_article(ranked: Sequence[Evidence], outlets: Outlets) -> tuple[Testimony, ...]:
    """Return the testimony of every article in `ranked`, best first; `outlets` as in `weigh`."""
    return _named(_corrected(list(_witnesses(ranked))), outlets)


def corrections(quotes: Sequence[Evidence]) -> dict[tuple[str, int], str]:
    """Map quotes, as article id and start, to the article in which the outlet corrects an amount of theirs.

    The notice must be among the `quotes`.
    """
    witnesses = [
        _witness(replace(quote, answer=told))
        for quote in quotes
        for whole in (Span(quote.start, quote.end),)
        for told in (*facts.amounts(quote.article.text, whole), whole)
    ]
    return {
        (one.testimony.evidence.article.id, one.testimony.evidence.start): one.testimony.corrected_by
        for one in _corrected(witnesses)
        if one.testimony.corrected_by not in ("", one.testimony.evidence.article.id)
    }


def _named(witnesses: Sequence[_Witness], outlets: Outlets) -> tuple[Testimony, ...]:
    """Return the testimonies with the outlets that ran their quotes, and each unit in the form that most of them use.

    Of forms that are as frequent, the newest counts.
    """
    forms = defaultdict[str, Counter[str]](Counter)
    for one in sorted(witnesses, key=lambda one: one.day, reverse=True):
        forms[_stem(one)][one.value.unit] += 1
    return tuple(
        replace(one.testimony, outlets=outlets(one.testimony.evidence), unit=forms[_stem(one)].most_common(1)[0][0])
        for one in witnesses
    )


def _stem(one: _Witness) -> str:
    return one.value.quantity.unit if one.value.quantity else ""


def _several(ranked: Sequence[Evidence], best: float, mode: Mode) -> list[Evidence]:
    """Return the sentences that give the parts of an answer, a history newest first; none repeats another's value."""
    found = list(takewhile(lambda one: one.score >= best - _PART_BEHIND, map(_witness, ranked)))
    chosen: list[_Witness] = []
    for one in found if mode == "list" else _of_one_kind(found):
        article = one.testimony.evidence.article.id
        same_article = sum(other.testimony.evidence.article.id == article for other in chosen)
        if len(chosen) == _MAX_VALUES:
            break
        if same_article < _MAX_PARTS and not any(one.value.equals(other.value) for other in chosen):
            chosen.append(one)
    if mode == "history":
        chosen.sort(key=lambda one: one.day, reverse=True)
    return [one.testimony.evidence for one in chosen]


def _of_one_kind(found: Sequence[_Witness]) -> Sequence[_Witness]:
    """Keep what is told of the likeliest kind, as a history or a comparison is of one: a price, say, or a name."""

    def likelihood(kind: Value) -> float:
        return sum(one.testimony.evidence.score for one in found if one.value.comparable(kind))

    likeliest = max((one.value for one in found[:_MAX_VALUES]), key=likelihood)
    return found if likeliest.is_words else [one for one in found if one.value.comparable(likeliest)]


def _witnesses(ranked: Sequence[Evidence]) -> Iterator[_Witness]:
    """Yield the testimony of each article: its best sentence."""
    heard = set[str]()
    for item in ranked:
        if item.article.id not in heard:
            heard.add(item.article.id)
            yield _witness(item)


def _witness(item: Evidence) -> _Witness:
    value = facts.value(item.article.text, item.answer or Span(item.start, item.end), item.article.published)
    told = value.quantity.value if value.quantity else value.day
    return _Witness(Testimony(item, item.short if told is None else str(told)), value)


def _told(witnesses: Sequence[_Witness], best: float) -> list[_Witness]:
    """Return the witnesses to tell of: the leading one, then one for each other value of its kind, newest first."""
    leading = next((one for one in witnesses if not one.testimony.corrected_by), witnesses[0])
    lowest = max(_LOWEST, best - _CLOSE_BEHIND)
    alike = [one for one in witnesses if one.score >= lowest and one.value.comparable(leading.value)]
    close = [one for one in alike if one.score >= leading.score - _LEAD_BEHIND and not one.testimony.corrected_by]
    newest = max(close, key=lambda one: (one.day, one.score), default=leading)
    if leading.day > date.min and not newest.value.equals(leading.value):
        leading = newest
    told = [leading]
    for one in sorted(alike, key=lambda one: one.day, reverse=True):
        if len(told) < _MAX_VALUES and not any(one.value.equals(other.value) for other in told):
            told.append(one)
    return [_with_agreeing(one, alike) for one in told]


def _with_agreeing(one: _Witness, others: Sequence[_Witness]) -> _Witness:
    """Name the other articles that tell the same value."""
    told = (other.testimony.evidence.article.id for other in others if other.value.equals(one.value))
    agreeing = tuple(name for name in told if name != one.testimony.evidence.article.id)
    return replace(one, testimony=replace(one.testimony, agreeing=agreeing))


def _kind(told: Sequence[_Witness]) -> AnswerKind:
    if any(one.value.is_words for one in told):
        return "statements"
    if len(told) == 1:
        return "one value"
    return "over time" if len({one.day for one in told} - {date.min}) == len(told) else "side by side"


def _corrected(witnesses: list[_Witness]) -> list[_Witness]:
    """Mark the amounts that a later notice of the same outlet corrects, and let the notice tell the new one.

    A notice repeats the wrong amount beside the right one, and the judge may point at either. The wrong one is that
    which the outlet gave before.
    """
    for place, notice in enumerate(witnesses):
        article = notice.testimony.evidence.article
        if not (_NOTICE.search(article.title) or _NOTICE.search(article.text[:_NOTICE_CHARS])):
            continue
        amounts = _amounts(notice)
        for at, one in enumerate(witnesses):
            same_outlet = article.source and article.source == one.testimony.evidence.article.source
            if at == place or not same_outlet or not date.min < one.day <= notice.day:
                continue
            if right := _right(one.value, amounts):
                witnesses[at] = replace(one, testimony=replace(one.testimony, corrected_by=article.id))
                if witnesses[place].value.equals(one.value):
                    witnesses[place] = right
    return witnesses


def _right(wrong: Value, amounts: Sequence[Sequence[_Witness]]) -> _Witness | None:
    """Return what a notice tells instead of an amount: the first other one of its kind, at most a sentence away."""
    for at, sentence in enumerate(amounts):
        if any(one.value.equals(wrong) for one in sentence):
            for one in chain(*amounts[max(0, at - 1) : at + 2]):
                if one.value.comparable(wrong) and not one.value.equals(wrong):
                    return one
    return None


def _amounts(notice: _Witness) -> list[list[_Witness]]:
    """Return what the notice would tell with each amount of its text, sentence by sentence."""
    told = notice.testimony.evidence
    found = []
    for start, end in chunking.sentences(told.article.text, told.article.language):
        quote = replace(told, start=start, end=end, text=told.article.text[start:end])
        spans = facts.amounts(told.article.text, Span(start, end))
        found.append([_witness(replace(quote, answer=answer)) for answer in spans])
    return found
