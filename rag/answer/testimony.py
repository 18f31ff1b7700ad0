"""Let every article speak once, and tell what they say together: one value, several over time, or side by side.

An article's testimony is the sentence of it that answers best, with the value that the sentence gives. Values are
compared by arithmetic, articles ordered by day; whether their values differ because the world changed or because one is
wrong is left to the reader.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import takewhile

from rag.answer import evidence, facts
from rag.answer.facts import Value
from rag.archive.edits import outlet_key
from rag.archive.filters import source_names
from rag.search import chunking
from rag.search.copies import Outlets
from rag.search.words import stems
from rag.types import AnswerKind, Evidence, Mode, Span, Testimony

# All distances are in log-odds of the score. Of articles this close behind the best, those that give a value of the
# same kind are told.
_CLOSE_BEHIND = 1.5
# Of these the newest leads: the judge does not know which is newer. Amounts of one unit are likelier of one thing.
_LEAD_BEHIND, _AMOUNT_BEHIND = 0.5, 1.1
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
# How far from the wrong amount, in sentences, it may tell the right one.
_NOTICE_SENTENCES = 2


@dataclass(frozen=True, slots=True)
class Findings:
    """What the articles say. `quotes` are the sentences to quote, in order; () if nothing answers.

    `testimonies` are those told, in the order of the quotes. `nearest` are all sentences that may answer, or the best
    ones if none does. `corrected` maps the places of sentences, as article id and start, to what corrects them.
    """

    kind: AnswerKind
    testimonies: tuple[Testimony, ...]
    quotes: tuple[Evidence, ...]
    nearest: tuple[Evidence, ...]
    corrected: Mapping[tuple[str, int], str] = field(default_factory=dict)

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


# A sentence of a notice, and what it tells with each of its amounts.
_Amounts = tuple[Span, list[_Witness]]


def weigh(
    ranked: Sequence[Evidence], outlets: Outlets, caution: float, mode: Mode = "one", asked: str = ""
) -> Findings:
    """Choose what to tell of the `ranked` sentences, best first; `outlets` names those of a quote.

    A history is of amounts of the unit that the question, `asked`, names, if it does.
    """
    lowest = evidence.log_odds(evidence.threshold(caution)) - (_LENIENCY if mode != "one" else 0.0)
    nearest = tuple(item for item in ranked if evidence.log_odds(item.score) >= lowest) or tuple(ranked[:_MAX_QUOTED])
    best = evidence.log_odds(ranked[0].score) if ranked else -math.inf
    if best < lowest:
        return Findings("", (), (), nearest)
    witnesses = _corrected([_witness(item) for item in ranked])
    if mode == "one":
        told = _told(list(_first_of_each(witnesses)), best)
        quotes = [one.testimony.evidence for one in told]
        places = {_place(item) for item in quotes}
        close = (item for item in ranked[:_MAX_QUOTED] if evidence.log_odds(item.score) >= best - _QUOTED_BEHIND)
        quotes += [item for item in close if _place(item) not in places]
    else:
        several = _several(witnesses, max(lowest, best - _PART_BEHIND), mode, asked)
        quotes = [one.testimony.evidence for one in several]
        own = set(map(id, _first_of_each(witnesses)))
        told = [one for one in several if id(one) in own]
    corrected = {_place(one.testimony.evidence): one.testimony.corrected_by for one in witnesses}
    return Findings(_kind(told), _named(told, outlets), tuple(quotes), nearest, corrected)


def of_outlets(ranked: Sequence[Evidence], names: Sequence[str]) -> tuple[Evidence, ...]:
    """Keep what the outlets of those names answer best, each measured by its own best sentence."""
    keys = {outlet_key(name) for name in names}
    best = dict[str, float]()
    kept = list[Evidence]()
    for item in ranked:
        odds = evidence.log_odds(item.score)
        asked = source_names(item.article.source or "") & keys
        if any(odds >= best.setdefault(name, odds) - _QUOTED_BEHIND for name in asked):
            kept.append(item)
    return tuple(kept)


def of_each_article(ranked: Sequence[Evidence], outlets: Outlets) -> tuple[Testimony, ...]:
    """Return the testimony of every article in `ranked`, best first; `outlets` as in `weigh`."""
    return _named(list(_first_of_each(_corrected([_witness(item) for item in ranked]))), outlets)


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
        _place(one.testimony.evidence): one.testimony.corrected_by
        for one in _corrected(witnesses)
        if one.testimony.corrected_by not in ("", one.testimony.evidence.article.id)
    }


def repeated(quotes: Sequence[Evidence], corrected: Mapping[tuple[str, int], str]) -> set[tuple[str, int]]:
    """Return the places of what a notice tells again from the `quotes` that it corrects."""
    wrong = defaultdict[str, list[Value]](list)
    for quote in quotes:
        if notice := corrected.get(_place(quote)):
            wrong[notice] += _values(quote)
    return {
        _place(quote)
        for quote in quotes
        if any(value.equals(other) for value in _values(quote) for other in wrong.get(quote.article.id, ()))
    }


def _values(quote: Evidence) -> list[Value]:
    article = quote.article
    spans = facts.amounts(article.text, Span(quote.start, quote.end))
    return [facts.value(article.text, span, article.published) for span in spans]


def _place(quote: Evidence) -> tuple[str, int]:
    return quote.article.id, quote.start


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


def _several(witnesses: Sequence[_Witness], lowest: float, mode: Mode, asked: str) -> list[_Witness]:
    """Return those that give the parts of an answer, a history newest first; none repeats another's value."""
    found: Sequence[_Witness] = list(takewhile(lambda one: one.score >= lowest, witnesses))
    found = _of_one_kind(found) if mode != "list" else found
    found = _of_one_unit(found, asked) if mode == "history" else found
    chosen: list[_Witness] = []
    for one in found:
        article = one.testimony.evidence.article.id
        same_article = sum(other.testimony.evidence.article.id == article for other in chosen)
        if len(chosen) == _MAX_VALUES:
            break
        if same_article < _MAX_PARTS and not any(one.value.equals(other.value) for other in chosen):
            chosen.append(one)
    return sorted(chosen, key=lambda one: one.day, reverse=True) if mode == "history" else chosen


def _of_one_kind(found: Sequence[_Witness]) -> Sequence[_Witness]:
    """Keep what is told of the likeliest kind, as a history or a comparison is of one: a price, say, or a name."""

    def likelihood(kind: Value) -> float:
        return sum(one.testimony.evidence.score for one in found if one.value.comparable(kind))

    likeliest = max((one.value for one in found[:_MAX_VALUES]), key=likelihood)
    if likeliest.is_words:
        return found
    return [one for one in found if one.value.comparable(likeliest)]


def _of_one_unit(found: Sequence[_Witness], asked: str) -> Sequence[_Witness]:
    """Keep the amounts of one unit, as a line joins no others: that which the question names, else the best one's.

    Those without a unit go with any.
    """
    units, named = [unit for unit in map(_stem, found) if unit], stems(asked)
    unit = next((unit for unit in units if unit in named), units[0] if units else "")
    return [one for one in found if _stem(one) in ("", unit)]


def _first_of_each(witnesses: Iterable[_Witness]) -> Iterator[_Witness]:
    """Yield the first of each article."""
    heard = set[str]()
    for one in witnesses:
        if one.testimony.evidence.article.id not in heard:
            heard.add(one.testimony.evidence.article.id)
            yield one


def _witness(item: Evidence) -> _Witness:
    value = facts.value(item.article.text, item.answer or Span(item.start, item.end), item.article.published)
    told = value.quantity.value if value.quantity else value.day
    return _Witness(Testimony(item, item.short if told is None else str(told)), value)


def _told(witnesses: Sequence[_Witness], best: float) -> list[_Witness]:
    """Return the witnesses to tell of: the leading one, then one for each other value of its kind, newest first."""
    leading = next((one for one in witnesses if not one.testimony.corrected_by), witnesses[0])
    lowest = max(_LOWEST, best - _CLOSE_BEHIND)
    alike = [one for one in witnesses if one.score >= lowest and one.value.comparable(leading.value)]
    behind = _AMOUNT_BEHIND if _stem(leading) else _LEAD_BEHIND
    close = [one for one in alike if one.score >= leading.score - behind and not one.testimony.corrected_by]
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
    """Mark the amounts that a later notice corrects, and let the notice tell the new one; return the best first.

    What corrects an answer answers as well as that.
    """
    for place, notice in enumerate(witnesses):
        article = notice.testimony.evidence.article
        if not (_NOTICE.search(article.title) or _NOTICE.search(article.text[:_NOTICE_CHARS])):
            continue
        for at, right in _wrong(notice, witnesses):
            one = witnesses[at]
            witnesses[at] = replace(one, testimony=replace(one.testimony, corrected_by=article.id))
            if _is_either(notice.value, one, right):
                score = max(one.testimony.evidence.score, witnesses[place].testimony.evidence.score)
                quote = replace(right.testimony.evidence, score=score)
                witnesses[place] = replace(right, testimony=replace(right.testimony, evidence=quote))
    return sorted(witnesses, key=lambda one: -one.score)


def _wrong(notice: _Witness, witnesses: Sequence[_Witness]) -> Iterator[tuple[int, _Witness]]:
    """Yield the places of those whose amount a notice corrects, each with what the notice tells instead.

    A notice repeats the wrong amount beside the right one, and the judge may point at either. The wrong one is that
    which the outlet told before, on a day that the notice names, if any. If the outlet told both or neither, it is the
    one that the notice tells first; others told it as well if the notice answers the question with one of the two.
    """
    article, told = notice.testimony.evidence.article, _amounts(notice)
    before, own = list[tuple[int, _Witness, _Witness]](), list[_Witness]()
    for at, one in enumerate(witnesses):
        said = one.testimony.evidence.article
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
        answers = bool(_stem(one)) and _is_either(notice.value, one, right)
        wrong = (is_own and not also_right) or (is_first and (is_own or (answers and not also_right)))
        if wrong and not any(one.value.equals(other) for other in rights):
            rights.append(right.value)
            yield at, right


def _is_either(value: Value, one: _Witness, other: _Witness) -> bool:
    return value.equals(one.value) or value.equals(other.value)


def _tells(one: _Witness, amount: Value) -> bool:
    """Whether the article of one tells an amount anywhere."""
    article = one.testimony.evidence.article
    spans = facts.amounts(article.text, Span(0, len(article.text)))
    return any(facts.value(article.text, span, article.published).equals(amount) for span in spans)


def _near(amount: Value, told: Sequence[_Amounts]) -> list[_Amounts]:
    """Return the sentences of a notice that tell an amount, and those around."""
    here = [at for at, (_, some) in enumerate(told) if any(one.value.equals(amount) for one in some)]
    return [one for at, one in enumerate(told) if any(abs(at - other) <= _NOTICE_SENTENCES for other in here)]


def _right(wrong: Value, near: Sequence[_Amounts]) -> _Witness | None:
    """Return what a notice tells instead of an amount: of its kind, the nearest in size."""
    others = (one for _, some in near for one in some if one.value.comparable(wrong) and not one.value.equals(wrong))
    return min(others, key=lambda one: _ratio(one.value, wrong), default=None)


def _ratio(one: Value, other: Value) -> float:
    """How many times the larger of two amounts is the smaller."""
    sizes = sorted(abs(float(value.quantity.value)) for value in (one, other) if value.quantity)
    return sizes[1] / sizes[0] if len(sizes) == 2 and sizes[0] else math.inf


def _amounts(notice: _Witness) -> list[_Amounts]:
    """Return what the notice would tell with each amount of its text, sentence by sentence."""
    told = notice.testimony.evidence
    found = []
    for span in chunking.sentences(told.article.text, told.article.language):
        quote = replace(told, start=span.start, end=span.end, text=told.article.text[span.start : span.end])
        spans = facts.amounts(told.article.text, span)
        found.append((span, [_witness(replace(quote, answer=answer)) for answer in spans]))
    return found
