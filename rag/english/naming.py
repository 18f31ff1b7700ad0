"""Which names of a question an article never mentions: then it cannot answer about them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from functools import lru_cache

from rag.english import mentions
from rag.search.words import Word, content, words
from rag.types import Article

# One spelling mistake in a longer name: "Lavrvo" is Lavrov, "Iraq" is not Iran.
_LIKE = 0.8
_PREFIX_CHARS = 5
# Stems of one name, and of the people called after it.
_ALIASES = tuple(
    frozenset(names.split())
    for names in """us usa america american
    uk britain british anglo
    un uno
    franc french
    spain spanish spaniard
    poland polish pole
    norway norwegian
    greec greek
    ireland irish
    finland finnish finn
    denmark danish dane
    netherland dutch holland
    switzerland swiss
    jew jewish
    thailand thai
    philippin filipino
    ukrain ukrainian
    kyiv kiev
    burma myanmar burmes
    wale welsh
    england english
    scotland scottish scot
    turkey turkish turkiy turk""".splitlines()
)
_SMALL = frozenset(("of", "the", "and", "for", "on"))
_LONGEST_INITIALS = 5
_INITIALS = frozenset("eu uk un us".split())
CALENDAR = frozenset(
    """january february march april may june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday""".split()
)


def absent(question: str, article: Article) -> tuple[str, ...]:
    """The names and long numbers of `question` that `article` mentions in no form.

    A name counts as mentioned in another inflection (Pakistan, Pakistani), with a slip of spelling, and where one of
    the two has it by its initials: EU, European Union.
    """
    published = str(article.published or "").replace("-", " ")
    mentioned, short = _mentioned(
        f"{article.title}\n{article.source or ''}\n{article.author or ''} {published}\n{article.text}"
    )
    known = mentioned | set(_spelt_out(question, mentioned, short))
    return tuple(name.text for name in named(question) if not _is_there(name.stem, known))


def named(question: str) -> tuple[Word, ...]:
    """The words of `question` that name something: capitalised inside it, or numbers of two digits or more.

    A single letter names nothing by itself: "£20M", "Malcolm X".
    """
    found = content(question)
    first = words(question)[0].start if found else 0
    return tuple(
        word
        for word in found
        if (word.numeric and word.text[0].isdigit() and len(word.stem) > 1)
        or (
            len(word.text) > 1
            and word.capitalised
            and (word.start > first or word.text.isupper())
            and word.text.lower() not in CALENDAR
        )
    )


def _is_there(stem: str, mentioned: frozenset[str]) -> bool:
    if stem in mentioned or bool(aliases(stem) & mentioned):
        return True
    if stem[0].isdigit() or len(stem) < _PREFIX_CHARS:
        return False
    return any(other.startswith(stem[:_PREFIX_CHARS]) for other in mentioned) or bool(
        get_close_matches(stem, mentioned, n=1, cutoff=_LIKE)
    )


@lru_cache(maxsize=256)
def _mentioned(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """The stems of all words of the text, with the initials of its names; and its words in capitals, in lower case."""
    found = words(text)
    capitals = (re.sub(r"['’]s$|\.", "", word.text) for word in found if word.capitalised)
    short = frozenset(word.lower() for word in capitals if word.isupper() and len(word) > 1)
    return frozenset({word.stem for word in found} | initials(found)), short


def _spelt_out(question: str, mentioned: frozenset[str], short: frozenset[str]) -> Iterator[str]:
    """The stems of each place and institution of the question that a text has by its initials only: European Union.

    Not of people: "US" is not Ursula Smith. Two letters mean too much, but for a few: PM, SA, IT.
    """
    for name in mentions.names(question):
        said = [word for word in words(name.text) if word.capitalised]
        first = "".join(word.text[0].lower() for word in said)
        known = len(first) > 2 or first in _INITIALS
        if known and name.kind in ("place", "thing") and (first in short or aliases(first) & mentioned):
            yield from (word.stem for word in said)


def aliases(stem: str) -> frozenset[str]:
    """The stems of the other names that a name goes by, and of its people: `us`, `america`, `american`."""
    return frozenset(alias for names in _ALIASES if stem in names for alias in names if alias != stem)


def initials(found: Sequence[Word]) -> set[str]:
    """`eu` for European Union: the first letters of every two to five capitalised words in a row, small ones apart."""
    runs: list[list[str]] = [[]]
    for word in found:
        if word.capitalised:
            runs[-1].append(word.text[0].lower())
        elif word.text not in _SMALL:
            runs.append([])
    return {
        "".join(run[at : at + count])
        for run in runs
        for count in range(2, _LONGEST_INITIALS + 1)
        for at in range(len(run) - count + 1)
    }
