"""What a pronoun may stand for: the person, thing, group, place or time that an exchange names."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rag.english import clauses, mentions, verbs
from rag.english.mentions import Name
from rag.search.words import stems, words
from rag.types import Exchange

_ACTING = verbs.HAVE | {"also", "is", "was", "will", "would"}
# How rag.refusing begins; an answer ends its sentences with markers.
_REFUSAL = re.compile(r"The archive (has|touches|says itself)\b|No(ne of the)? articles? (in|found)\b|Stopped before\b")
_ASKS_ATTRIBUTE = frozenset(
    """amount capital cause cost date deadline goal length name number outcome point price purpose reason result role
    size title value way year""".split()
)
_NO_NOUN = clauses.PREPOSITIONS | verbs.AUXILIARIES | clauses.WH | {"to", "and", "or", "but", "that", "if", "not"}


def said(exchange: Exchange) -> str:
    """The answer of an exchange without its markers; "" where it was a refusal."""
    return "" if _REFUSAL.match(exchange.answer) else re.sub(r"\s*\[\d+\]", "", exchange.answer)


def recased(exchange: Exchange) -> str:
    """The question with the capitals of the names that its answer has too: people type `biden`."""
    cased: dict[str, str] = {}
    for name in mentions.names(said(exchange)):
        # "School" of a school's name is a school in the question.
        parts = name.text.split() if name.kind in ("person", "place", "people") else [name.text]
        cased |= {part.lower(): part for part in parts if part.lower() not in _NO_NOUN}
    return (
        re.sub(
            rf"(?<![\w.])(?:{'|'.join(map(re.escape, cased))})(?!\w)",
            lambda match: cased.get(match.group(), match.group()),
            exchange.question,
        )
        if cased
        else exchange.question
    )


def person(exchange: Exchange) -> str | None:
    """Who `he` or `she` is: in the answer where the question asks for a person, else in the question."""
    question = recased(exchange)
    shape = clauses.shape(question)
    asks = shape is not None and bool(shape.lead) and shape.lead[-1].lower() in ("who", "whom", "whose")
    answered = _persons(said(exchange), question)
    asked = [name.text for name in mentions.names(question) if name.kind == "person" and name.start]
    role = [phrase for phrase in phrases(question) if _head(phrase) in mentions.ROLES]
    order = [answered, asked, role] if asks else [asked, role, answered]
    return next((found[0] for found in order if found), None)


def thing(exchange: Exchange) -> str | None:
    """What `it` is: a thing that the question is about, before any place or body that acts in it."""
    question = recased(exchange)
    found = [phrase for phrase in phrases(question) if _head(phrase) not in mentions.ROLES]
    found = [phrase for phrase in found if not (_head(phrase) in _ASKS_ATTRIBUTE and f"{phrase} of" in question)]
    found = [phrase for phrase in found if not plural(phrase)] or found
    if found:
        return re.sub(r"^(an?|this|that|these|those|any|some) ", "the ", found[0], flags=re.IGNORECASE)
    named = [name.text for name in mentions.names(question) if name.kind == "thing"]
    if named:
        return _with_article(question, named[0])
    shape = clauses.shape(question)
    if shape and len(shape.lead) > 1 and shape.lead[-2].lower() in ("which", "what"):
        return _kind_in(said(exchange), shape.lead[-1])
    places = [name.text for name in mentions.names(question) if name.kind == "place"]
    # What is done in or by a place is not about it.
    return places[0] if places and shape and shape.auxiliary in verbs.BE and " ".join(shape.rest) in places else None


def group(exchange: Exchange) -> str | None:
    """Who or what `they` are: several, or a country or body that acts."""
    question = recased(exchange)
    shape = clauses.shape(question)
    end = clauses.subject_end(shape.auxiliary, shape.rest) if shape and shape.inverted else None
    subject = " ".join(shape.rest[:end]) if shape and end else ""
    if subject and (plural(subject) or " and " in subject):
        return subject
    if shape and shape.lead and plural(shape.lead[-1]):
        both = _both(said(exchange))
        if both:
            return both
    several = [phrase for phrase in phrases(question) if plural(phrase)]
    if several:
        return re.sub(r"^(some|any|many|these|those) ", "the ", several[0], flags=re.IGNORECASE)
    acting = [
        name.text for name in mentions.names(question) if name.kind in ("place", "thing") and name.text in subject
    ]
    return _with_article(question, acting[0]) if acting else None


def place(exchange: Exchange) -> str | None:
    """Where `there` is: in the answer where the question asks where, else in the question."""
    question = recased(exchange)
    asks = re.search(r"\bwhere\b|\b(which|what) (city|country|place|town|state)\b", question, re.IGNORECASE)
    asked, answered = _places(question), _places(said(exchange))
    return next(iter([*answered, *asked] if asks else [*asked, *answered]), None)


def time(exchange: Exchange) -> str | None:
    """When `then` is: in the question, else in the answer to a question that asks when."""
    asks = re.search(r"\bwhen\b|\b(which|what) (year|day|date|month)\b", exchange.question, re.IGNORECASE)
    texts = [exchange.question, said(exchange) if asks else ""]
    found = (match.group() for text in texts for match in re.finditer(rf"\b{mentions.DATE}(?!\w)", text, re.IGNORECASE))
    # `may` and `march` are verbs, too.
    return next((date for date in found if date not in ("may", "march")), None)


def phrases(question: str) -> list[str]:
    """The noun phrases with an article, the subject first."""
    shape = clauses.shape(question)
    rest = shape.rest if shape else tuple(clauses.bare(question).split())
    end = clauses.subject_end(shape.auxiliary, rest) if shape and shape.inverted else None
    found = [" ".join(rest[:end])] if end and rest[0].lower() in clauses.DETERMINERS else []
    for at in range(end or 0, len(rest)):
        if rest[at].lower() in ("a", "an", "the", "this", "that", "these", "those", "some", "any"):
            stop = next((n for n in range(at + 1, len(rest)) if _ends(rest, n, at)), len(rest))
            if stop > at + 1:
                found.append(" ".join(rest[at:stop]).rstrip(","))
    return found


def plural(phrase: str) -> bool:
    """Whether a noun phrase speaks of several."""
    return " and " in phrase or clauses.several(_head(phrase))


def _ends(rest: Sequence[str], at: int, start: int) -> bool:
    word = rest[at].lower()
    verb = at > start + 1 and (verbs.base(word) or verbs.gerund_like(word) or verbs.participle(word))
    return word in _NO_NOUN or verb or rest[at - 1].endswith(",")


def _head(phrase: str) -> str:
    """The noun of a phrase: `head` in "the head of the ministry"."""
    return re.split(r" (?:of|in|for|with|between|on) ", phrase.lower())[0].split()[-1]


def _persons(answer: str, question: str) -> list[str]:
    """The people that an answer names, those first whose title the question asks for."""
    asked = stems(question)
    found = [name for name in mentions.names(answer) if name.kind == "person" and _surely(answer, name)]
    return [name.text for name in sorted(found, key=lambda name: -len(stems(name.title) & asked))]


def _surely(answer: str, name: Name) -> bool:
    """Whether it is no mere word with a capital: of two parts, with a title, or it does something."""
    if name.title or " " in name.text:
        return True
    after = [word.text.lower() for word in words(answer[name.end :])[:1]]
    acts = bool(after) and (after[0] in _ACTING or verbs.participle(after[0]) or after[0] in mentions.SAID)
    return acts and not (name.start == 0 and name.text.endswith("s"))


def _places(text: str) -> list[str]:
    found = [name for name in mentions.names(text) if name.kind == "place"]
    return [name.text for name in sorted(found, key=lambda name: not _stands_in(text, name))]


def _stands_in(text: str, name: Name) -> bool:
    return text[: name.start].split()[-1:] in (["in"], ["at"])


def _with_article(question: str, name: str) -> str:
    return f"the {name}" if re.search(rf"\bthe {re.escape(name)}", question, re.IGNORECASE) else name


def _kind_in(answer: str, noun: str) -> str | None:
    """What the answer calls the thing of that kind: "the Russian Sputnik V vaccine"; else the kind itself."""
    if plural(noun):
        return None
    found = re.search(rf"((?:[A-Z][\w-]*\s)+){re.escape(noun)}\b", answer)
    return f"the {found[1]}{noun}" if found else f"the {noun}"


def _both(answer: str) -> str | None:
    """Two or more names that the answer joins: Karachi and Lahore."""
    found = mentions.names(answer)
    for before, after in pairwise(found):
        between = words(answer[before.end : after.start])
        if before.kind == after.kind and between and between[0].text == "and" and len(between) < 3:
            return f"{before.text} and {after.text}"
    return None
