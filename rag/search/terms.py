"""What of a question is looked for in the full-text index: its words, what a misspelt one may mean, and pairs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from string import ascii_lowercase

from rag.reading.language import ENGLISH
from rag.search.words import content

# A shorter word has too many neighbours.
_LEAST_LETTERS = 4

Tokens = Callable[[str, str], list[str]]


def of_question(
    question: str, stems: Sequence[str], tokens: Tokens, known: Callable[[str], bool]
) -> tuple[dict[str, float], set[str]]:
    """The tokens to look for with what each counts, and the pairs of neighbours.

    The question is analysed by `tokens` as each of `stems` is. A word that no text has in any of them stands for those
    that it is one slip of the pen away from, and they share its weight.
    """
    asked = {ENGLISH: " ".join(word.text for word in content(question)) or question}
    weights = {token: 1.0 for some in stems for token in tokens(asked.get(some, question), some)}
    for word in content(question):
        meant = {token for some in stems for token in tokens(word.text, some)}
        if not any(map(known, meant)):
            near = {other for token in meant for other in slips(token) if known(other)} - weights.keys()
            weights |= dict.fromkeys(near, 1 / max(1, len(near)))
    return weights, {pair for some in stems for pair in pairs(tokens(question, some))}


def pairs(words: Sequence[str]) -> list[str]:
    """Every two neighbours of `words` as one."""
    return [f"{word}_{after}" for word, after in pairwise(words)]


def slips(word: str) -> set[str]:
    """What a word in a-z becomes when a letter is left out, put in, taken for another or changes places with the next.

    Nothing for a short word. Source: Damerau, "A technique for computer detection and correction of spelling errors"
    (1964).
    """
    if len(word) < _LEAST_LETTERS or not (word.isascii() and word.isalpha()):
        return set()
    cuts = [(word[:at], word[at:]) for at in range(len(word) + 1)]
    left_out = {before + after[1:] for before, after in cuts if after}
    swapped = {before + after[1] + after[0] + after[2:] for before, after in cuts if len(after) > 1}
    taken = {before + letter + after[1:] for before, after in cuts if after for letter in ascii_lowercase}
    put_in = {before + letter + after for before, after in cuts for letter in ascii_lowercase}
    return (left_out | swapped | taken | put_in) - {word}
