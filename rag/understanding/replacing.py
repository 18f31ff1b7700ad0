"""Ask the same about something else: "what about Biden?", "and in 2020?"."""

from __future__ import annotations

import re
from itertools import pairwise

from rag.english import clauses, mentions, verbs
from rag.english.mentions import Name
from rag.types import Exchange
from rag.understanding import referring

_MAX_WORDS = 6
_PLURAL = {"does": "do", "is": "are", "was": "were", "has": "have"}
_SINGULAR = {plural: singular for singular, plural in _PLURAL.items()}
_OF_TIME = frozenset("in on at since until before after during by for from".split())


def phrase(typed: str) -> bool:
    """Whether it is a place, a date or a phrase with a preposition, which asks for something else by itself."""
    first = typed.split()[0].lower()
    led = first in clauses.PREPOSITIONS and len(typed.split()) > 1
    return _short(typed) and (led or mentions.dated(typed) or mentions.place(typed))


def replaced(typed: str, last: Exchange) -> str | None:
    """The last question about `typed` in place of what is like it there; None where nothing is."""
    if not _short(typed):
        return None
    question, first = last.question, typed.split()[0]
    if first.lower() in clauses.PREPOSITIONS:
        return _phrase_replaced(question, first.lower(), typed.split(maxsplit=1)[1])
    if mentions.dated(typed):
        return _date_replaced(question, mentions.on(typed), typed)
    if mentions.place(typed):
        return _name_replaced(question, _titled(typed), ("place", "person"))
    articled = first.lower() in clauses.DETERMINERS
    if not articled and len(typed.split()) < 4 and not _common(typed, question):
        person = _name_replaced(question, _titled(typed), ("person", "place") if typed[0].isupper() else ("person",))
        if person:
            return person
    return _thing_replaced(last, typed)


def _short(typed: str) -> bool:
    """Whether it can stand in the place of a noun: few words, none of them a verb."""
    said = [word.lower() for word in typed.split()]
    if any(verbs.participle(word) and before not in clauses.DETERMINERS for before, word in pairwise(said)):
        return False
    if said[:1] and said[0] in ("his", "her", "its", "their"):
        return False
    return 0 < len(said) <= _MAX_WORDS and not set(said) & (
        verbs.AUXILIARIES | clauses.WH | clauses.PRONOUNS - {"that"}
    )


def _titled(typed: str) -> str:
    if typed.lower() in ("us", "uk", "eu", "usa", "u.s.", "u.k.", "un", "u.n."):
        return f"the {typed.upper()}"
    return " ".join(word[:1].upper() + word[1:] for word in typed.split())


def _common(typed: str, question: str) -> bool:
    """Whether it is a noun of no name: lower case where the question has its capitals, and several."""
    return typed.islower() and (referring.plural(typed) or len(typed.split()) > 2 or question[1:].islower())


def _date_replaced(question: str, dated: str, bare: str) -> str:
    found = [*re.finditer(rf"(?:\b(in|on) )?\b({mentions.DATE})(?!\w)", question, re.IGNORECASE)]
    dates = [match for match in found if match[2] not in ("may", "march")]
    if not dates:
        stranded = question.split()[-1].lower() in clauses.PREPOSITIONS
        return f"{question}{',' if stranded else ''} {dated}"
    last = dates[-1]
    return f"{question[: last.start()]}{dated if last[1] or not last.start() else bare}{question[last.end() :]}"


def _phrase_replaced(question: str, preposition: str, noun: str) -> str:
    """Another phrase with the same preposition and of the same kind takes its place, else it stands at the end."""
    if preposition in _OF_TIME and mentions.dated(noun):
        return _date_replaced(question, f"{preposition} {noun}", f"{preposition} {noun}")
    noun = _titled(noun) if mentions.place(noun) else noun
    for name in mentions.names(question):
        before = question[: name.start]
        if name.kind != "date" and before.lower().endswith((f" {preposition} ", f" {preposition} the ")):
            start = len(before.removesuffix("the ")) if before.endswith("the ") else name.start
            return f"{question[:start]}{noun}{question[name.end :]}"
    ending = re.search(rf"\b{preposition} (?:(?!\b(?:{'|'.join(clauses.PREPOSITIONS)})\b).)+$", question, re.IGNORECASE)
    if ending and not mentions.dated(ending.group().split(maxsplit=1)[1]):
        return f"{question[: ending.start()]}{preposition} {noun}"
    return f"{question} {preposition} {noun}"


def _name_replaced(question: str, name: str, kinds: tuple[str, ...]) -> str | None:
    """With `name` for the first person, or the last place, that the question names."""
    found = mentions.names(question)
    for kind in kinds:
        slots = [slot for slot in found if slot.kind == kind or (kind == "person" and _role(question, slot))]
        if slots:
            slot = slots[-1] if kind == "place" else slots[0]
            return f"{question[: slot.start]}{name}{question[slot.end :]}"
    return None


def _role(question: str, slot: Name) -> bool:
    """Whether what looks like a thing says something, as a body of people does: "What did the Taliban say"."""
    said = question[slot.end :].split()[:1]
    return slot.kind == "thing" and bool(said) and said[0].lower() in mentions.SAYING


def _thing_replaced(last: Exchange, typed: str) -> str | None:
    topic = re.search(r"\babout (.+)$", last.question)
    if topic:
        return f"{last.question[: topic.start(1)]}{typed}"
    old = referring.thing(last) or ""
    start = last.question.lower().find(old.lower()) if old else -1
    if start < 0 or mentions.place(old):
        return None
    before, after = last.question[:start], last.question[start + len(old) :]
    if after and before.split()[-1].lower() not in verbs.AUXILIARIES:
        return None
    forms = _PLURAL if referring.plural(typed) else _SINGULAR
    if referring.plural(old) != referring.plural(typed):
        before = re.sub(
            rf"\b({'|'.join(forms)})(?= $)", lambda match: forms[match.group()], before, flags=re.IGNORECASE
        )
    return f"{before}{typed}{after}"
