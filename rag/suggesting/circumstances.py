"""Questions about when, where and why something happened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from rag.english import clauses, mentions, verbs
from rag.suggesting import telling, wording
from rag.suggesting.people import Names
from rag.suggesting.telling import Predicate, Told
from rag.suggesting.wording import Candidate

_DAY = rf"(?:{'|'.join(day.title() for day in mentions.DAYS)})"
_WEEKDAY = re.compile(rf"(?:^| )(?:late |early )?on (?P<time>{_DAY})\b")
_MONTH = rf"(?:{'|'.join(month.title() for month in mentions.MONTHS)})"
_DATE = re.compile(
    rf"(?:^| )(?P<time>(?:on {_MONTH} \d{{1,2}}(?:, \d{{4}})?|in (?:{_MONTH} )?(?:1[89]|20)\d\d|in {_MONTH}))\b"
)
_PLACE = re.compile(r"^(?:in|at|near|outside) (?:(?:central|northern|southern|eastern|western|downtown) )?(?=[A-Z])")
_MOST_BEFORE = 7
_HAPPENS = frozenset(
    """die live arrive crash land meet speak appear perform work study serve play grow begin start open close
    debut""".split()
)
# What it is done in is no place.
_NO_PLACE = frozenset(
    """involved interested engaged named mentioned described used included featured listed seen written called quoted
    dressed interviewed believed participated shown""".split()
)
_NO_WHEN = mentions.SAYING | frozenset("expect tell ask call want hope plan".split())
_BECAUSE = re.compile(r" because (?!of\b)(?P<reason>[^.;]+)")


def questions(told: Told, names: Names) -> Iterator[Candidate]:
    """The questions for the day, the place and the reason that the sentence tells."""
    found = telling.predicate(told.text, names)
    if found is None or not _tells(found):
        return
    for ask in (_when, _where, _why):
        yield from ask(told, found)


def _tells(found: Predicate) -> bool:
    if found.auxiliary in ("was", "were"):
        return verbs.participle(found.verb)
    if found.auxiliary == "will":
        return verbs.base(found.verb) and found.verb not in ("be", "have")
    return not found.auxiliary and found.base not in _NO_WHEN and found.asks == "did"


def _when(told: Told, found: Predicate) -> Iterator[Candidate]:
    passive = found.auxiliary in ("was", "were")
    rest = telling.cut(found.rest)
    time = _DATE.search(rest) or _WEEKDAY.search(rest)
    if time is None:
        return
    before = rest[: time.start()].strip()
    said = before.split()
    # "Criticised the attack in 2005": the year may be the attack's.
    alone = not said or said[0] in clauses.PREPOSITIONS
    if (
        len(said) > _MOST_BEFORE
        or (not alone and time.re is _DATE and time["time"].startswith("in "))
        or "that" in said
    ):
        return
    if before and (wording.tail(before) != before or _infinite(said)):
        return
    if not before and not passive and found.base not in _HAPPENS:
        return
    yield Candidate(f"When {_inverted(found, before)}?", "when", told, time["time"].split(" ", 1)[-1])


def _where(told: Told, found: Predicate) -> Iterator[Candidate]:
    passive = found.auxiliary in ("was", "were")
    leads = _PLACE.match(found.rest)
    if leads is None or found.verb in _NO_PLACE or (not passive and found.base not in _HAPPENS):
        return
    name = next(iter(mentions.names(f"x {found.rest}")), None)
    # Whoever has one name is too little known for so short a question.
    if found.kind == "thing" and " " not in found.subject:
        return
    if name is None or name.kind != "place" or name.start - 2 != leads.end():
        return
    yield Candidate(f"Where {_inverted(found, '')}?", "where", told, name.text)


def _why(told: Told, found: Predicate) -> Iterator[Candidate]:
    because = _BECAUSE.search(found.rest)
    if because is None:
        return
    before = found.rest[: because.start()].strip()
    if telling.cut(before) != before or wording.tail(before) != before or len(before.split()) > _MOST_BEFORE + 2:
        return
    if "that" not in before.split():
        yield Candidate(f"Why {_inverted(found, before)}?", "why", told, because["reason"])


def _inverted(found: Predicate, before: str) -> str:
    return f"{found.asks} {found.subject} {found.asked} {before}".strip()


def _infinite(said: list[str]) -> bool:
    """Whether a verb in it may be what is told when."""
    return any(word == "to" and verbs.base(after) for word, after in pairwise(said))
