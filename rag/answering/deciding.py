"""Answer yes/no questions: find the sentence that says what is asked, word for word, or that denies it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from rag.answering import accounting, cutting, orders
from rag.answering.firsts import first_of_each
from rag.english import naming, polarity
from rag.search.words import content, stem
from rag.types import Article, Evidence, Hit

_MOST_ARTICLES = 2
# One of these over what is said makes it less than said.
_LESS_THAN_SAID = frozenset(
    stem(word)
    for word in """may might could would should if unless whether only almost nearly asked ask expected prospect claim
    claimed alleged reportedly allegedly rumour rumours planned proposed wants wanted hoped hopes failed except
    withdraw withdraws withdrew withdrawn revoke revoked rescinded reverse reversed overturned annulled retracted
    scrapped cancelled canceled excluding excepting barring pending depending notwithstanding smear hoax nonsense
    fictitious dream""".split()
)
# A speaker who tells what is so. What they only claim, fear or hope is less than said.
_SAYS = re.compile(
    r"\b(?:said|says|told|tells|added|adds|announced|announces|explained|explains|confirmed|confirms|noted|notes"
    r"|stated|states|according to)\b",
    re.IGNORECASE,
)
# What a speaker's words become in a report: "they will" is told as "he said that they would".
_REPORTED = frozenset({stem("would"), *(stem(word) for word in "said says told according announced".split())})
_BESIDE = re.compile(r",? (?:without|while|after|before) [a-z]+ing\b")
_CLAUSE = re.compile(r"[,”\"]")


class Decision(NamedTuple):
    """What the archive says to a statement, and the sentences that say it, one of each article.

    `disputed`: one article says it, another denies it.
    """

    answer: Literal["Yes", "No", "disputed"]
    evidence: tuple[Evidence, ...]


def decide(statement: str, hits: Sequence[Hit]) -> Decision | None:
    """Whether a sentence of `hits` says `statement` or denies it; None where none does, or one article does both.

    It must have all the words of the statement in their order, and nothing that makes it less than said: "Yes" and
    "No" are the words of an answer that nobody checks again.
    """
    says, denies = list[Evidence](), list[Evidence]()
    for item in _telling(statement, hits):
        missing = accounting.unaccounted(statement, item.text, item.article.published)
        if not missing:
            says.append(item)
        elif _denied(statement, item, missing):
            denies.append(item)
    if {item.article.id for item in says} & {item.article.id for item in denies}:
        # Who says both tells of a change, or of somebody's mistake.
        return None
    if says and denies:
        apart = [(one, other) for one in says for other in denies if _on_one_matter(one.article, other.article)]
        return Decision("disputed", apart[0]) if apart else None
    decisive = first_of_each(says or denies, lambda item: item.article.id)
    return Decision("Yes" if says else "No", decisive[:_MOST_ARTICLES]) if decisive else None


def _on_one_matter(one: Article, other: Article) -> bool:
    """Whether two articles have a name in common, as two on one event do; or one of them names nothing."""
    here, there = ({name.stem for name in naming.named(article.text) if not name.numeric} for article in (one, other))
    return not here or not there or bool(here & there)


def _telling(statement: str, hits: Sequence[Hit]) -> Iterator[Evidence]:
    """The sentences that have the statement's words in their order, each once."""
    asked = [polarity.base(word) for word in content(statement)]
    whole = attributed(statement)
    once = first_of_each((item for hit in hits for item in orders.sentences(hit)), lambda i: (i.article.id, i.start))
    for item in once if asked else ():
        parts = (item.text,) if whole else _told(item.text)
        if any(_in_order(asked, part) for part in parts) and not _less(statement, item.text):
            yield item


def attributed(text: str) -> bool:
    """Whether it names somebody as saying it, without a doubt in the word for that."""
    return bool(_SAYS.search(text))


def _told(text: str) -> tuple[str, ...]:
    """What a speaker tells in a sentence, before and behind the word for that; the sentence where nobody is said to.

    Who speaks belongs to neither: "Norvik said Tarn would sign" does not tell that Norvik and Tarn sign. It does belong
    to what they did as they spoke: "..., Berg said, without naming a date".
    """
    says = _SAYS.search(text)
    if says is None:
        return (text,)
    before = [*_CLAUSE.finditer(text, 0, says.start())]
    behind = text[says.end() :]
    if says.group().lower() == "according to":
        behind = behind.partition(",")[2]
    beside = text[before[-1].start() :] if before and _BESIDE.match(behind) else ""
    return text[: before[-1].start()] if before else "", behind, beside


def _in_order(asked: Sequence[str], text: str) -> bool:
    said = iter([polarity.base(word) for word in content(text)])
    return all(word in said for word in asked)


def _less(statement: str, text: str) -> bool:
    """Whether the sentence doubts, supposes or only reports what the statement says."""
    doubts = cutting.hedges(text) | _found(text)
    if attributed(text):
        doubts -= _REPORTED
    return bool(doubts - (cutting.hedges(statement) | _found(statement)) - {"not", "no"})


def _found(text: str) -> set[str]:
    return {stem(word) for word in text.lower().replace(",", " ").split()} & _LESS_THAN_SAID


def _denied(statement: str, item: Evidence, missing: Sequence[str]) -> bool:
    """Whether all that the sentence lacks is that it says the opposite."""
    opposed = {statement[span.start : span.end] for span in polarity.opposed(statement, item.text)}
    return bool(opposed) and set(missing) <= opposed
