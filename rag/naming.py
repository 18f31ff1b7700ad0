"""Which names of a question an article never mentions: then it cannot answer about them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from functools import lru_cache

from rag.types import Article
from rag.words import Word, content, words

# One spelling mistake in a longer name: "Lavrvo" is Lavrov, "Iraq" is not Iran.
_LIKE = 0.8
_PREFIX_CHARS = 5
_ALIASES = {"us": ("america", "american"), "america": ("us",), "american": ("us",)}
_CALENDAR = frozenset(
    """january february march april may june july august september october november december monday tuesday
    wednesday thursday friday saturday sunday""".split()
)


def absent(question: str, article: Article) -> tuple[str, ...]:
    """The names and long numbers of `question` that `article` mentions in no form.

    A name counts as mentioned in another inflection (Pakistan, Pakistani), with a slip of spelling, or by the
    initials it goes by (EU, European Union).
    """
    mentioned = _mentioned(f"{article.title}\n{article.source or ''}\n{article.author or ''}\n{article.text}")
    return tuple(name.text for name in named(question) if not _is_there(name.stem, mentioned))


def named(question: str) -> tuple[Word, ...]:
    """The words of `question` that name something: capitalised inside it, or numbers of two digits or more."""
    found = content(question)
    first = words(question)[0].start if found else 0
    return tuple(
        word
        for word in found
        if (word.numeric and word.text[0].isdigit() and len(word.stem) > 1)
        or (word.capitalised and (word.start > first or word.text.isupper()) and word.text.lower() not in _CALENDAR)
    )


def _is_there(stem: str, mentioned: frozenset[str]) -> bool:
    if stem in mentioned or any(alias in mentioned for alias in _ALIASES.get(stem, ())):
        return True
    if stem[0].isdigit() or len(stem) < _PREFIX_CHARS:
        return False
    return any(other.startswith(stem[:_PREFIX_CHARS]) for other in mentioned) or bool(
        get_close_matches(stem, mentioned, n=1, cutoff=_LIKE)
    )


@lru_cache(maxsize=256)
def _mentioned(text: str) -> frozenset[str]:
    found = words(text)
    return frozenset({word.stem for word in found} | _initials(found))


def _initials(found: Sequence[Word]) -> set[str]:
    """`eu` for European Union: the first letters of every two or three capitalised words in a row."""
    initials = set()
    for count in (2, 3):
        for at in range(len(found) - count + 1):
            run = found[at : at + count]
            if all(word.capitalised for word in run):
                initials.add("".join(word.text[0].lower() for word in run))
    return initials
