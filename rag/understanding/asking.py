"""What a yes/no question asks about: the statement that is true where the answer is yes."""

from __future__ import annotations

import re

from rag.english import clauses, verbs

_NEGATED = re.compile(r"^(is|are|was|were|do|does|did|has|have|had|ca|could|wo|would|should)n['’]?t\b", re.IGNORECASE)
_WHOLE = {"ca": "can", "wo": "will"}
_OR_NOT = re.compile(r",?\s+or (not|no|did(n['’]t)? (he|she|it|they)( not)?)$", re.IGNORECASE)
# "Five years or more" offers no choice.
_CHOICE = re.compile(r"\bor\b(?! (?:more|less|so|later|earlier|fewer|longer)\b)", re.IGNORECASE)
# Two questions in one.
_SECOND = re.compile(rf"\band (?:{'|'.join(sorted(clauses.WH | verbs.AUXILIARIES))})\b", re.IGNORECASE)
_THAT = re.compile(
    r"^(?:is|was|isn['’]?t|wasn['’]?t) it (?:really |actually )?(?:true|correct|right|a fact|the case)(?: to say)?"
    r"(?: that)? (?P<said>\S+ \S.*)$",
    re.IGNORECASE,
)
_TAG = re.compile(
    r"^(?P<said>.+), (?:right|correct|true|yes|no"
    r"|(?:is|are|was|were|do|does|did|has|have|had|ca|can|could|wo|will|would)"
    r"(?:n['’]?t)? (?:he|she|it|they|there))$",
    re.IGNORECASE,
)
_LEADS = re.compile(r"^(?:and|so|but|or|well|please|also|ok|okay|now)\b,?\s+", re.IGNORECASE)
_NOT_ABOUT = frozenset("you i we".split())
_ANY = {"anyone": "someone", "anybody": "somebody", "anything": "something", "any": "some"}


def statement(question: str) -> str | None:
    """What a yes/no question asks to confirm, as a sentence; None for any other question, or where no rule fits.

    The answer is yes where the sentence is true: a negated question gives the plain statement.
    """
    asked = _OR_NOT.sub("", _LEADS.sub("", clauses.bare(question)))
    if _CHOICE.search(asked) or _SECOND.search(asked):
        return None
    told = _THAT.match(asked) or _TAG.match(asked)
    if told:
        said = told["said"]
        plain = told.re is _THAT or (said.split()[0].lower() not in clauses.WH | verbs.AUXILIARIES)
        return _sentence(said) if plain else None
    negated = _NEGATED.match(asked)
    if negated:
        asked = _WHOLE.get(negated[1].lower(), negated[1]) + asked[negated.end() :]
    found = clauses.shape(asked)
    if found is None or found.lead or found.rest[0].lower() in _NOT_ABOUT:
        return None
    rest = tuple(_ANY.get(word.lower(), word) for word in found.rest)
    said = clauses.statement_of(found.auxiliary, rest)
    return said and _sentence(said)


def _sentence(said: str) -> str:
    return f"{said[:1].upper()}{said[1:].rstrip(' ,')}."
