"""Take a question down that shouts: capitals say how loud a word is, and make no name of it."""

from __future__ import annotations

import re

from rag.english import clauses, verbs
from rag.search.words import words

# Words that are emphasised and name nothing. Others may be names: Shell, Target, Start.
_LOUD = (
    clauses.WH
    | clauses.PREPOSITIONS
    | clauses.DETERMINERS
    | clauses.PRONOUNS
    | verbs.AUXILIARIES
    | frozenset(
        """actual actually ago always amount and but cities city company companies countries country current currently
        date dates day different earliest ever exact exactly first highest join just largest last latest least lowest
        main month name names never new next not number numbers now official often once only or other people person
        place places precise precisely price really reason reasons requirements same so still then times today total
        true very year years yes""".split()
    )
) - {"us", "it", "who", "may", "will"}
# Of an archive of news these are meant where all is in capitals; "us" is meant only behind "the".
_INITIALS = re.compile(r"\b(?:eu|un|uk|usa|nato)\b|(?<=\bthe )us\b")


def calmed(question: str) -> str:
    """The question in small letters where it is all in capitals; else with its emphasised words in small letters.

    Of emphasised words those are left that may be names or initials.
    """
    said = words(question)
    low = [word.bare for word in said]
    if question.isupper() and len(said) > 1 and any(word in _LOUD or word == "who" for word in low):
        found = _INITIALS.sub(lambda match: match.group().upper(), question.replace("İ", "i").lower())
        return f"{found[: said[0].start]}{found[said[0].start :][:1].upper()}{found[said[0].start + 1 :]}"
    for at, word in enumerate(said):
        if len(word.text) > 1 and word.text.isupper() and (low[at] in _LOUD or (at == 0 and _asks_who(low))):
            lowered = word.text.lower() if at else word.text.capitalize()
            question = f"{question[: word.start]}{lowered}{question[word.end :]}"
    return question


def _asks_who(low: list[str]) -> bool:
    """Whether the first word is the question word and not the World Health Organization: nothing else asks."""
    return low[0] == "who" and not clauses.WH & set(low[1:]) and low[1:2] != ["the"]
