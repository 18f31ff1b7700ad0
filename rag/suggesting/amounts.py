"""Questions about how many and how much."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rag.english import clauses, figures, units, verbs
from rag.english.figures import Figure
from rag.suggesting import telling, wording
from rag.suggesting.people import Names
from rag.suggesting.telling import Told
from rag.suggesting.wording import Candidate

_HEDGE = re.compile(
    r"(?:(?:at least|more than|about|nearly|some|almost|around|as many as|up to|over|an estimated|fewer than|roughly"
    r"|another|only|approximately) )?",
    re.IGNORECASE,
)
_MOST_NOUN_WORDS = 3
_PAYS = frozenset("pay cost spend donate raise earn invest owe offer lose".split())
_OF_MONEY = frozenset("raise earn lose offer".split())
# What is so at any time: all else in the present tense is a caption.
_HAS = frozenset("have hold own employ operate run need".split())
_NO_NOUN = frozenset("different percent times points degrees others members-only years-old per".split())
_BEHIND = frozenset("in at from to for on during with by near aboard".split())


def questions(told: Told, names: Names) -> Iterator[Candidate]:
    """The questions for a number of the sentence."""
    yield from _counted(told)
    found = telling.predicate(told.text, names)
    if found is None or (found.auxiliary and found.auxiliary not in verbs.MODAL):
        return
    number = _first(found.rest)
    if number is None:
        return
    answer = found.rest[number.span.start : number.span.end]
    after = found.rest[number.span.end :]
    base = found.verb if found.auxiliary else found.base
    unit = next(iter({reading.unit for reading in number.readings} & units.MONEY), None)
    behind = wording.tail(telling.cut(after)) or ""
    if unit:
        behind = "" if "and" in behind.split() else behind
        behind = re.sub(r"^(?:dollars|euros|pounds|yen)\b ?", "", behind)
        paid = base in _PAYS and (not behind or behind.split()[0] in _BEHIND)
        if paid:
            money = " money" if base in _OF_MONEY else ""
            yield Candidate(
                _joined(f"How much{money} {found.asks} {found.subject} {base}", behind), "how much", told, answer
            )
        return
    noun, behind = _noun(behind)
    if behind and behind.split()[0] in clauses.PREPOSITIONS - _BEHIND:
        behind = ""
    caption = found.asks == "does" and base not in _HAS
    if (
        noun
        and verbs.base(base)
        and not caption
        and "and" not in behind.split()
        and (not behind or behind.split()[0] in _BEHIND)
        and not wording.owned(behind)
    ):
        asked = f"How many {noun} {found.asks} {found.subject} {base}"
        yield Candidate(_joined(asked, behind), "how many", told, answer)


def _counted(told: Told) -> Iterator[Candidate]:
    """Where the number is the subject: "At least 12 people were killed in Kabul", "There are 12 ..."."""
    there = re.match(r"There (are|were) ", told.text)
    text = told.text[there.end() :] if there else told.text
    number = _first(text)
    if number is None:
        return
    said = text[number.span.end :].split()
    at = next(
        (n for n, word in enumerate(said[:8]) if word in verbs.AUXILIARIES - verbs.DO or verbs.base_of(word)), None
    )
    answer = text[number.span.start : number.span.end]
    if there:
        noun, behind = _noun(telling.cut(text[number.span.end :]))
        rest = wording.tail(behind)
        if noun and rest and rest.split()[0] in _BEHIND and "and" not in rest.split():
            yield Candidate(f"How many {noun} {there[1]} {rest}?", "how many", told, answer)
        return
    if at is None:
        return
    noun = " ".join(said[:at])
    told_of = wording.tail(telling.cut(" ".join(said[at:])))
    if (
        told_of
        and len(told_of.split()) > 2
        and _countable(noun)
        and not re.search(r"\b(?:and|their|his|her)\b", told_of)
    ):
        yield Candidate(f"How many {noun} {told_of}?", "how many", told, answer)


def _first(text: str) -> Figure | None:
    """The number that a text begins with, certain to be one."""
    hedge = _HEDGE.match(text)
    start = hedge.end() if hedge else 0
    number = next(iter(figures.figures(text[: start + 40])), None)
    if number is None or number.weak or not start <= number.span.start <= start + 2:
        return None
    kinds = {reading.unit for reading in number.readings}
    return None if kinds & {"th", "clock", "code", "decade", "vague", "%"} else number


def _noun(text: str) -> tuple[str, str]:
    """What is counted, with its "of ...", and what follows it; "" where the rules cannot tell."""
    said = text.split()
    end = next(
        (at for at, word in enumerate(said) if word.lower() in clauses.PREPOSITIONS | _BEHIND | {"to", "that", "and"}),
        len(said),
    )
    noun, rest = " ".join(said[:end]), said[end:]
    if not _countable(noun):
        return "", ""
    if rest and rest[0] == "of":
        stop = next(
            (at for at, word in enumerate(rest) if at and word in clauses.PREPOSITIONS | {"to", "and", "that"}),
            len(rest),
        )
        noun, rest = f"{noun} {' '.join(rest[:stop])}", rest[stop:]
    return noun, " ".join(rest)


def _countable(noun: str) -> bool:
    said = noun.lower().split()
    if not 1 <= len(said) <= _MOST_NOUN_WORDS or not set(said).isdisjoint(_NO_NOUN | clauses.DETERMINERS):
        return False
    if not all(re.fullmatch(r"[a-z-]+", word) for word in noun.split()):
        return False
    return clauses.several(said[-1]) and not any(verbs.participle(word) or verbs.gerund_like(word) for word in said[1:])


def _joined(asked: str, behind: str) -> str:
    return f"{asked} {behind}".strip() + "?"
