"""Mend the misspelt words of a question by the words of the articles that were found for it.

A word is misspelt where it is no word of English and stands in none of the articles. What it means is a word of theirs,
never one that only a dictionary has; question words and other small words apart. Where two words may be meant, or
another name, it stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from rag.english import clauses, dictionary, mentions, verbs
from rag.english.words import Word, stem, words
from rag.reading import language
from rag.types import Article
from rag.understanding import slips

_LEAST_LETTERS = 3
_LEAST_LETTERS_OF_TWO_SLIPS, _LEAST_OF_A_PLACE = 8, 9
_ASKING = clauses.WH | verbs.AUXILIARIES
_SMALL = (_ASKING | clauses.PREPOSITIONS | clauses.DETERMINERS | clauses.PRONOUNS) | frozenset(
    "and or not to because much ago don't doesn't didn't isn't wasn't".split()
)
# A small word is meant only where it is so many times as frequent as any other that may be.
_DOMINANCE = 20
# English words that are rarer than this (wen, wat) are question words misspelt, where they stand in the place of one.
_RARE = 5_000
_AROUND_CHARS = 80


class _Form(NamedTuple):
    """A word as the articles first write it; `name`: never without a capital."""

    text: str
    name: bool


_Vocabulary = Mapping[str, _Form]
# Whether one word, as it is typed, likely means another.
_Likely = Callable[[str, str], bool]


def mended(question: str, articles: Sequence[Article]) -> str:
    """The question with its misspelt words as `articles`, the best first, have them; itself where it has none."""
    texts = tuple(dict.fromkeys(f"{article.title}\n{article.text}" for article in articles))
    said = words(question)
    shouted = question.isupper()
    strange = [
        at
        for at, word in enumerate(said)
        if _mendable(word, shouted=shouted) and not any(_bare(word) in _forms(text) for text in texts)
    ]
    mending = question
    vocabulary = _vocabulary(texts) if strange else {}
    for at in reversed(strange):
        word = said[at]
        named = word.capitalised and not shouted
        meant = _question_word(said) if at == 0 else None
        if not meant and not dictionary.known(_bare(word)) and not mentions.place(_bare(word)):
            meant = _meant(_bare(word), vocabulary, texts, named=named)
        if meant:
            cased = meant.upper() if shouted else meant[:1].upper() + meant[1:] if named else meant
            mending = f"{mending[: word.start]}{cased}{mending[word.start + len(_bare(word)) :]}"
    # The words of another language are no slips.
    foreign = mending != question and language.foreign(question) and language.foreign(mending)
    return question if foreign else mending


def _mendable(word: Word, *, shouted: bool) -> bool:
    """Whether it is a word of letters, neither a small one nor initials."""
    initials = word.text.isupper() and not shouted
    return len(_bare(word)) >= _LEAST_LETTERS and _bare(word).isalpha() and not word.function and not initials


def _bare(word: Word) -> str:
    return word.text.lower().replace("’", "'").removesuffix("'s")


@lru_cache(maxsize=256)
def _forms(text: str) -> _Vocabulary:
    """The words of an article in their order."""
    found: dict[str, _Form] = {}
    for word in words(text):
        bare = _bare(word)
        if bare not in found or (found[bare].name and not word.capitalised):
            found[bare] = _Form(word.text[: len(bare)], name=word.capitalised)
    return found


def _vocabulary(texts: Sequence[str]) -> _Vocabulary:
    """The words of all articles, those of the first before those of the next."""
    found: dict[str, _Form] = {}
    for text in texts:
        for bare, form in _forms(text).items():
            if bare not in found or (found[bare].name and not form.name):
                found[bare] = form
    return found


def _question_word(said: Sequence[Word]) -> str | None:
    """The question word or auxiliary that the question begins with, letters left out or swapped: wich, wen, wil."""
    typed, rest = _bare(said[0]), [word.text for word in said[1:]]
    asked = {word.lower() for word in rest} & clauses.WH
    if dictionary.count(typed) >= _RARE or (typed.endswith("s") and typed[:-1] in clauses.WH):
        return None
    if dictionary.count(typed) and (asked or (rest and rest[0] not in verbs.AUXILIARIES)):
        return None
    near = [word for word in dictionary.edits(typed) & _ASKING if not slips.between(typed, word).rank]
    return near[0] if len(near) == 1 else None


def _meant(typed: str, vocabulary: _Vocabulary, texts: Sequence[str], *, named: bool) -> str | None:
    """The one word that a misspelt one likely means."""
    small = None if named else _small_word(typed)
    if small:
        return small

    def likely(word: str, other: str) -> bool:
        return _likely(word, other, vocabulary[other], texts, named=named)

    one_off = [form for form in vocabulary if form in dictionary.edits(typed)]
    found = _best(typed, one_off, likely)
    if not found and not named:
        found = _best(typed, _inflected(typed, vocabulary), slips.of_a_word)
    if not found and not one_off:
        found = _two_off(typed, vocabulary, named=named)
    return vocabulary[found].text if found in vocabulary and vocabulary[found].name else found


def _small_word(typed: str) -> str | None:
    near = dictionary.edits(typed)
    small = {word: slips.between(typed, word) for word in near & _SMALL}
    small = {word: slip for word, slip in small.items() if slip.at or slip.kind == "swapped"}
    rank = min((slip.rank for slip in small.values()), default=0)
    best = [word for word, slip in small.items() if slip.rank == rank]
    if len(best) != 1 or (rank and len(typed) == _LEAST_LETTERS):
        return None
    others = max((dictionary.count(word) for word in near - small.keys()), default=0)
    return best[0] if dictionary.count(best[0]) >= _DOMINANCE * others else None


def _likely(typed: str, meant: str, form: _Form, texts: Sequence[str], *, named: bool) -> bool:
    """Whether a word of the articles, one slip away, is meant."""
    if slips.same_root(typed, meant) or meant in _SMALL:
        return False
    if not form.name and not named:
        return slips.of_a_word(typed, meant)
    kinds = set(_kinds(meant, texts))
    if "person" in kinds and not mentions.place(meant):
        return slips.of_a_person(typed, meant, common=dictionary.count(meant) > 0)
    # A name is no common noun: "Banck" is no bank.
    return (form.name or bool(kinds)) and slips.of_a_name(typed, meant)


def _kinds(name: str, texts: Sequence[str]) -> Iterator[str]:
    """What the articles show a word to be where it has a capital: part of a person's name, of another, or a title."""
    for text in texts:
        for match in re.finditer(rf"\b{re.escape(name.capitalize())}\b", text):
            around = text[max(0, match.start() - _AROUND_CHARS) : match.end() + _AROUND_CHARS]
            for found in mentions.names(around):
                if name in found.text.lower().split():
                    yield found.kind
                if name in found.title.lower().split():
                    yield "title"


def _inflected(typed: str, vocabulary: _Vocabulary) -> list[str]:
    """English words one slip away that the articles have in another form: arrive, where they have "arrived"."""
    told = {stem(form) for form in vocabulary}
    return [word for word in sorted(dictionary.edits(typed)) if dictionary.count(word) and stem(word) in told]


def _two_off(typed: str, vocabulary: _Vocabulary, *, named: bool) -> str | None:
    """The only word two slips away with the same first letter, where it is long: a common one, or a known place."""
    near = [
        other
        for other, form in vocabulary.items()
        if other[0] == typed[0]
        and abs(len(other) - len(typed)) <= 2
        and min(len(other), len(typed)) >= _LEAST_LETTERS_OF_TWO_SLIPS
        and (mentions.place(other) and len(other) >= _LEAST_OF_A_PLACE if form.name or named else True)
        and not slips.same_root(typed, other)
        and any(
            slips.of_a_word(typed, between) and slips.of_a_word(between, other)
            for between in dictionary.edits(other) & dictionary.edits(typed)
        )
    ]
    return near[0] if len({stem(other) for other in near}) == 1 else None


def _best(typed: str, near: Sequence[str], likely: _Likely) -> str | None:
    """The likeliest of words one slip away, the first of several forms; None where two words are as likely."""
    ranked = sorted((word for word in near if likely(typed, word)), key=lambda word: slips.between(typed, word).rank)
    best = [word for word in ranked if slips.between(typed, word).rank == slips.between(typed, ranked[0]).rank]
    return best[0] if len({stem(word) for word in best}) == 1 else None
