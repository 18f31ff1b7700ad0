"""Let every article speak once, and tell what they say together: one value, several over time, or side by side.

An article's testimony is the sentence of it that answers best, with the value that the sentence gives. Values are
compared by arithmetic, articles ordered by day; whether their values differ because the world changed or because one is
wrong is left to the reader.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import takewhile

from rag.answer import corrections, evidence
from rag.answer.facts import Value
from rag.answer.witness import Witness
from rag.archive.edits import outlet_key
from rag.archive.filters import source_names
from rag.search.copies import Outlets
from rag.search.words import stems
from rag.types import AnswerKind, Evidence, Mode, Testimony

# All distances are in log-odds of the score. Of articles this close behind the best, those that give a value of the
# same kind are told.
_CLOSE_BEHIND = 1.2
# Of these the newest leads: the judge does not know which is newer. Amounts of one unit are likelier of one thing.
_LEAD_BEHIND, _AMOUNT_BEHIND = 0.3, 0.8
# Sentences this close behind the best are quoted whatever they tell: a second part, a reason. On NewsQA this raises the
# share of replies that contain the answer from .53 to .61; beyond, only the replies get longer.
_QUOTED_BEHIND = 1.0
_MAX_QUOTED = 3
# Of a list, a history or a comparison each sentence gives a part. None answers the whole, and the judge says so: hence
# the leniency and the distance. Fitted on the open cases of the news set (docs/decisions/0011).
_LENIENCY = 1.5
_PART_BEHIND = 2.0
_MAX_PARTS = 3
_MAX_VALUES = 10
_LOWEST = -2.0


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
    witnesses = corrections.applied([Witness.of(item) for item in ranked])
    if mode == "one":
        told = _told(list(_first_of_each(witnesses)), best)
        quotes = [one.quote for one in told]
        places = {item.place for item in quotes}
        close = (item for item in ranked[:_MAX_QUOTED] if evidence.log_odds(item.score) >= best - _QUOTED_BEHIND)
        quotes += [item for item in close if item.place not in places]
    else:
        several = _several(witnesses, max(lowest, best - _PART_BEHIND), mode, asked)
        quotes = [one.quote for one in several]
        own = set(map(id, _first_of_each(witnesses)))
        told = [one for one in several if id(one) in own]
    corrected = {one.quote.place: one.corrected_by for one in witnesses}
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
    return _named(list(_first_of_each(corrections.applied([Witness.of(item) for item in ranked]))), outlets)


def _named(witnesses: Sequence[Witness], outlets: Outlets) -> tuple[Testimony, ...]:
    """Return the testimonies with the outlets that ran their quotes, and each unit in the form that most of them use.

    Of forms that are as frequent, the newest counts.
    """
    forms = defaultdict[str, Counter[str]](Counter)
    for one in sorted(witnesses, key=lambda one: one.day, reverse=True):
        forms[one.unit][one.value.unit] += 1
    return tuple(
        replace(one.testimony, outlets=outlets(one.quote), unit=forms[one.unit].most_common(1)[0][0])
        for one in witnesses
    )


def _several(witnesses: Sequence[Witness], lowest: float, mode: Mode, asked: str) -> list[Witness]:
    """Return those that give the parts of an answer, a history newest first; none repeats another's value."""
    found: Sequence[Witness] = list(takewhile(lambda one: one.score >= lowest, witnesses))
    found = _of_one_kind(found) if mode != "list" else found
    found = _of_one_unit(found, asked) if mode == "history" else found
    chosen: list[Witness] = []
    for one in found:
        article = one.quote.article.id
        same_article = sum(other.quote.article.id == article for other in chosen)
        if len(chosen) == _MAX_VALUES:
            break
        if same_article < _MAX_PARTS and not any(one.value.equals(other.value) for other in chosen):
            chosen.append(one)
    return sorted(chosen, key=lambda one: one.day, reverse=True) if mode == "history" else chosen


def _of_one_kind(found: Sequence[Witness]) -> Sequence[Witness]:
    """Keep what is told of the likeliest kind, as a history or a comparison is of one: a price, say, or a name."""

    def likelihood(kind: Value) -> float:
        return sum(one.quote.score for one in found if one.value.comparable(kind))

    likeliest = max((one.value for one in found[:_MAX_VALUES]), key=likelihood)
    if likeliest.is_words:
        return found
    return [one for one in found if one.value.comparable(likeliest)]


def _of_one_unit(found: Sequence[Witness], asked: str) -> Sequence[Witness]:
    """Keep the amounts of one unit, as a line joins no others: that which the question names, else the best one's.

    Those without a unit go with any.
    """
    units, named = [unit for unit in (one.unit for one in found) if unit], stems(asked)
    unit = next((unit for unit in units if unit in named), units[0] if units else "")
    return [one for one in found if one.unit in ("", unit)]


def _first_of_each(witnesses: Iterable[Witness]) -> Iterator[Witness]:
    """Yield the first of each article."""
    heard = set[str]()
    for one in witnesses:
        if one.quote.article.id not in heard:
            heard.add(one.quote.article.id)
            yield one


def _told(witnesses: Sequence[Witness], best: float) -> list[Witness]:
    """Return the witnesses to tell of: the leading one, then one for each other value of its kind, newest first."""
    leading = next((one for one in witnesses if not one.corrected_by), witnesses[0])
    lowest = max(_LOWEST, best - _CLOSE_BEHIND)
    alike = [one for one in witnesses if one.score >= lowest and one.value.comparable(leading.value)]
    behind = _AMOUNT_BEHIND if leading.unit else _LEAD_BEHIND
    close = [one for one in alike if one.score >= leading.score - behind and not one.corrected_by]
    newest = max(close, key=lambda one: (one.day, one.score), default=leading)
    if not newest.value.equals(leading.value):
        leading = newest
    told = [leading]
    for one in sorted(alike, key=lambda one: one.day, reverse=True):
        if len(told) < _MAX_VALUES and not any(one.value.equals(other.value) for other in told):
            told.append(one)
    return [_with_agreeing(one, alike) for one in told]


def _with_agreeing(one: Witness, others: Sequence[Witness]) -> Witness:
    """Name the other articles that tell the same value."""
    told = (other.quote.article.id for other in others if other.value.equals(one.value))
    agreeing = tuple(name for name in told if name != one.quote.article.id)
    return replace(one, testimony=replace(one.testimony, agreeing=agreeing))


def _kind(told: Sequence[Witness]) -> AnswerKind:
    if any(one.value.is_words for one in told):
        return "statements"
    if len(told) == 1:
        return "one value"
    return "over time" if len({one.day for one in told} - {date.min}) == len(told) else "side by side"
