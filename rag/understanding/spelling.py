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
from rag.reading import language
from rag.search.words import Word, stem, unaccented, words
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
# What follows "where", and never "were": good times were had.
_AFTER_WHERE = verbs.AUXILIARIES - {"had", "may", "might", "must"}
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
    strange = [
        at
        for at, word in enumerate(said)
        if _means_where(question, said, at)
        or (_mendable(word) and not any(word.bare in _forms(text) for text in texts))
    ]
    if not strange:
        return question
    vocabulary = _vocabulary(texts)
    meant = {at: _mended_word(said, at, vocabulary, texts) for at in strange}
    mending = question
    for at, word in sorted(meant.items(), reverse=True):
        start = said[at].start
        mending = f"{mending[:start]}{word or _bare_as_typed(said[at])}{mending[start + len(said[at].bare) :]}"
    # Where no rule knows a word, it may be of another language, and then the others are no slips either.
    if mending != question and None in meant.values() and language.foreign(question) and language.foreign(mending):
        return question
    return mending


def _mended_word(said: Sequence[Word], at: int, vocabulary: _Vocabulary, texts: Sequence[str]) -> str | None:
    """The word as it was meant, or as it is where it is English or a known place; None where no rule knows it."""
    typed, named = said[at].bare, said[at].capitalised
    if ((named and at) or not dictionary.known(typed)) and (accented := _accented(typed, vocabulary)):
        return accented
    meant = "where" if typed == "were" else _question_word(said) if at == 0 else None
    if not meant and (dictionary.known(typed) or mentions.place(typed)):
        return _bare_as_typed(said[at])
    meant = meant or _meant(typed, vocabulary, texts, named=named)
    return meant[:1].upper() + meant[1:] if meant and named else meant


def _accented(typed: str, vocabulary: _Vocabulary) -> str | None:
    """The word of the articles that is `typed` but for its accents: the judge does not take Łukasz for Lukasz."""
    return next((form.text for bare, form in vocabulary.items() if unaccented(bare) == typed), None)


def _mendable(word: Word) -> bool:
    """Whether it is a word of letters, neither a small one nor initials, which have capitals inside."""
    bare, initials = word.bare, not word.text[1:].islower()
    return len(bare) >= _LEAST_LETTERS and bare.isalpha() and bare not in _SMALL and not word.function and not initials


def _means_where(question: str, said: Sequence[Word], at: int) -> bool:
    """Whether it is "were" in the place of "where": before an auxiliary, or at the end, behind a preposition."""
    before = said[at - 1].bare if at else ""
    if said[at].bare != "were" or (before and before not in clauses.PREPOSITIONS):
        return False
    if at + 1 == len(said):
        return bool(before)
    after = said[at + 1]
    # "Have-nots" is no auxiliary.
    return after.bare in _AFTER_WHERE and not after.capitalised and question[after.end : after.end + 1] != "-"


def _bare_as_typed(word: Word) -> str:
    return word.text[: len(word.bare)]


@lru_cache(maxsize=64)
def _forms(text: str) -> _Vocabulary:
    """The words of an article in their order."""
    found: dict[str, _Form] = {}
    for word in words(text):
        bare = word.bare
        if bare not in found or (found[bare].name and not word.capitalised):
            found[bare] = _Form(_bare_as_typed(word), name=word.capitalised)
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
    typed, rest = said[0].bare, [word.text for word in said[1:]]
    asked = {word.lower() for word in rest} & clauses.WH
    if dictionary.count(typed) >= _RARE or (typed.endswith("s") and typed[:-1] in clauses.WH):
        return None
    if dictionary.count(typed) and (asked or (rest and rest[0] not in verbs.AUXILIARIES)):
        return None
    near = [word for word in dictionary.edits(typed) & _ASKING if not slips.between(typed, word).rank]
    return near[0] if len(near) == 1 else None


def _meant(typed: str, vocabulary: _Vocabulary, texts: Sequence[str], *, named: bool) -> str | None:
    """The one word that a misspelt one likely means."""
    near = dictionary.edits(typed)
    small = [] if named else sorted(near & _SMALL)
    if found := _dominant(typed, small):
        return found

    def likely(word: str, other: str) -> bool:
        return other in _SMALL or _likely(word, other, vocabulary[other], texts, named=named)

    one_off = [form for form in vocabulary if form in near and form not in _SMALL]
    found = _best(typed, [*one_off, *small], likely)
    if not found and not named:
        found = _best(typed, _inflected(typed, vocabulary), slips.of_a_word)
    if not found and not one_off:
        found = _two_off(typed, vocabulary, named=named)
    if found in _SMALL:
        return None
    return vocabulary[found].text if found and found in vocabulary and _keeps_capital(vocabulary[found]) else found


def _keeps_capital(form: _Form) -> bool:
    """Whether its capital is a name's and not that of a sentence or a heading."""
    if dictionary.count(form.text.lower()) < _RARE:
        return form.name
    return any(name.kind in ("place", "people", "date") for name in mentions.names(form.text))


def _dominant(typed: str, small: Sequence[str]) -> str | None:
    """The likeliest of `small` words one slip away, where it is far more frequent than other words as likely."""
    slip = {word: slips.between(typed, word) for word in dictionary.edits(typed) if dictionary.count(word)}
    found = _best(typed, [word for word in small if slip[word].at or slip[word].kind == "swapped"], lambda *_: True)
    if not found or (slip[found].rank and len(typed) == _LEAST_LETTERS):
        return None
    others = [dictionary.count(word) for word in slip if word not in small and slip[word].rank <= slip[found].rank]
    return found if dictionary.count(found) >= _DOMINANCE * max(others, default=0) else None


def _likely(typed: str, meant: str, form: _Form, texts: Sequence[str], *, named: bool) -> bool:
    """Whether a word of the articles, one slip away, is meant."""
    if slips.same_root(typed, meant):
        return False
    if not form.name and not named:
        return slips.of_a_word(typed, meant)
    kinds = set(_kinds(meant, texts))
    if "person" in kinds and not mentions.place(meant):
        return slips.of_a_person(typed, meant, common=dictionary.count(meant) > 0)
    # A name is no common noun: "Banck" is no bank.
    return (form.name or bool(kinds)) and slips.of_a_name(typed, meant)


def _kinds(name: str, texts: Sequence[str]) -> Iterator[str]:
    """What the articles show a word to be where it has a capital: a part of what kind of name, or "" of none."""
    for text in texts:
        for match in re.finditer(rf"\b{re.escape(name)}\b", text, re.IGNORECASE):
            if match.group()[0].islower():
                continue
            around = text[max(0, match.start() - _AROUND_CHARS) : match.end() + _AROUND_CHARS]
            kinds = [found.kind for found in mentions.names(around) if name in found.text.lower().split()]
            yield from kinds or ("",)


def _inflected(typed: str, vocabulary: _Vocabulary) -> list[str]:
    """English words one slip away that the articles have only in another form: arrive, where they have "arrived"."""
    told = {stem(form) for form in vocabulary if not vocabulary[form].name}
    return [
        word
        for word in sorted(dictionary.edits(typed) - vocabulary.keys())
        if word.isalpha() and dictionary.count(word) and stem(word) in told and not slips.same_root(typed, word)
    ]


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
