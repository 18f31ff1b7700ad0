"""Whether a question reads well and stands alone: what is not certain to is not asked."""

from __future__ import annotations

import re
from typing import NamedTuple

from rag.english import clauses, dictionary, mentions, verbs
from rag.suggesting.telling import Told
from rag.understanding import instructions

_LEAST_WORDS, _MOST_WORDS, _MOST_CHARS = 3, 17, 110
_PLAIN = re.compile(r"[A-Z][A-Za-zÀ-ž0-9 .,'’&-]*\?")
# Dots of initials and abbreviations alone: nothing that might be an address.
_ADDRESS = re.compile(r"www|\w\.(?:\w{2,})|\.\.|--|\s-|-\s|,,", re.IGNORECASE)
_DANGLING = re.compile(
    r"\b(?:[ap]\.?m|recent|weekend|he|she|it|they|him|them|we|us|you|i|me|my|our|your|this|that|these|those|there|here|such|another|other|others"
    r"|former|latter|same|today|yesterday|tomorrow|tonight|now|ago|recently|earlier|later|then|so|too|not|n['’]t|one"
    r"|(?:last|next|this|past) (?:week|month|year|night|season)|himself|herself|themselves|itself|both|two|three)\b",
    re.IGNORECASE,
)
_OWNED = re.compile(r"\b(?:his|her|their|its)\b")
_DAY = rf"(?:{'|'.join(day.title() for day in mentions.DAYS)})"
_TIMES = re.compile(
    rf"\s(?:(?:late |early |again )?(?:on |last |next |this )?{_DAY}(?:['’]s)?(?: night| morning| afternoon| evening)?"
    r"|(?:earlier |later |late |early )?(?:last|this|next) (?:week|month|year|night|season|summer|fall|spring|winter)"
    rf"|(?:on )?(?:{'|'.join(month.title() for month in mentions.MONTHS)}) \d{{1,2}}(?:, \d{{4}})?"
    r"|today|yesterday|tomorrow|tonight|now|recently|again|later|too|also|already|instead|however)(?=\s|$)"
)
_NO_END = (
    clauses.PREPOSITIONS
    | clauses.DETERMINERS
    | verbs.AUXILIARIES
    | clauses.PRONOUNS
    | frozenset(
        "and or but that to who which when where because than as if not more most very so own new first".split()
    )
)
_ADJECTIVE_ENDS = ("ful", "less", "ous", "ive")


class Candidate(NamedTuple):
    """A question and the sentence that it was made from; `answer` are the words of it that must answer, "" for any."""

    text: str
    kind: str
    told: Told
    answer: str = ""


def reads_well(text: str) -> bool:
    """Whether a question is plain words that stand alone and name somebody or something."""
    said = text.rstrip("?").split()
    small = [part for word in said[1:] if word.islower() for part in re.findall(r"[a-z]+", word)]
    return (
        _LEAST_WORDS <= len(said) <= _MOST_WORDS
        and len(text) <= _MOST_CHARS
        and bool(_PLAIN.fullmatch(text))
        and not _ADDRESS.search(text)
        and not _DANGLING.search(text)
        and any(word[0].isupper() for word in said[1:])
        and not any(word.isupper() and len(word) > 6 for word in said)
        and all(map(dictionary.known, small))
        and instructions.without(text) == text
    )


def tail(text: str) -> str | None:
    """The end of a clause as a question takes it, without its days; None where it may be broken off."""
    while found := _TIMES.search(f" {text}"):
        text = f" {text}"[: found.start()] + f" {text}"[found.end() :]
        text = text.strip()
    last = text.split()[-1].lower() if text else ""
    broken = (
        last in _NO_END or last.endswith((*_ADJECTIVE_ENDS, "'s", "’s")) or (last.endswith("ly") and last != "family")
    )
    return None if broken else text.strip()


def owned(text: str) -> bool:
    """Whether it says his, her, their or its."""
    return bool(_OWNED.search(text))
