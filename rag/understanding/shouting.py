"""Take a question down that shouts: capitals say how loud a word is, and make no name of it."""

from __future__ import annotations

from rag.english import dictionary, mentions, naming
from rag.english.words import Word, words

# Shorter ones in capitals are initials that may be words, too: WHO, US, SALT, AIDS.
_LEAST_LETTERS = 5
# Of four letters only words that are said as often as "name".
_LEAST_LETTERS_OF_COMMON, _COMMON = 4, 100_000
_SMALL = frozenset("a all an and any are but can did do does for how not of or the was were what when why with".split())


def calmed(question: str) -> str:
    """The question in small letters where it is all in capitals; else with its emphasised words in small letters.

    Of emphasised words those are left that may be names or initials.
    """
    said = words(question)
    if question.isupper() and len(said) > 2:
        found = question.lower()
        return f"{found[: said[0].start]}{found[said[0].start :].capitalize()}"
    for word in said:
        if _emphasised(word):
            lowered = word.text.capitalize() if word is said[0] else word.text.lower()
            question = f"{question[: word.start]}{lowered}{question[word.end :]}"
    return question


def _emphasised(word: Word) -> bool:
    low = word.text.lower()
    if not word.text.isupper() or not word.text.isalpha() or naming.aliases(word.stem):
        return False
    if low in _SMALL:
        return len(low) > 1
    if len(low) >= _LEAST_LETTERS:
        return dictionary.known(low) and not mentions.place(low)
    return len(low) >= _LEAST_LETTERS_OF_COMMON and dictionary.count(low) >= _COMMON
