"""Word a question as people type it, and turn it into one that its text does not answer."""

from __future__ import annotations

import random
import re

from rag.search.words import content, stems

_LEFT_OUT = re.compile(r"\b(?:is|are|was|were|do|does|did|has|have|had|it|been|the|a|an|there)\b ?", re.IGNORECASE)
_END = re.compile(
    r"(?<=\w) (?:by|in|of|from|during|at|on|for|to|with) (?:(?!by |in |of |from |at |on |for )[^?])+(?=\??$)"
)
_LEAST_LETTERS = 5


def typed(question: str, chance: random.Random) -> str:
    """The question as it is, or clipped, in small letters or with a slip of the fingers."""
    roll = chance.random()
    if roll < 0.08:
        return clipped(question, chance)
    if roll < 0.14:
        return mistyped(question, chance)
    if roll < 0.20:
        return question.lower().rstrip("?")
    return question


def clipped(question: str, chance: random.Random) -> str:
    """Without its small words, or without its end: "How long since the last visit?"."""
    if chance.random() < 0.5 and (bare := _LEFT_OUT.sub("", question)) != question:
        return bare[:1].upper() + bare[1:]
    cut = _END.sub("", question)
    return cut if len(content(cut)) >= 2 else question


def mistyped(question: str, chance: random.Random) -> str:
    """With two letters of a longer word exchanged, or one left out."""
    words = [found for found in re.finditer(r"[^\W\d_]+", question) if len(found.group()) >= _LEAST_LETTERS]
    if not words:
        return question
    found = chance.choice(words)
    at = found.start() + chance.randrange(1, len(found.group()) - 1)
    if chance.random() < 0.5:
        return question[:at] + question[at + 1 :]
    return question[:at] + question[at + 1] + question[at] + question[at + 2 :]


def about_something_else(question: str, sentence: str, text: str, chance: random.Random) -> str:
    """The question with a word of the answer's sentence exchanged for one of the text that the sentence has not.

    "Who is the foreign minister?" becomes "Who is the prime minister?"; "" where nothing can be exchanged.
    """
    there = stems(sentence)
    asked = [word for word in content(question) if word.stem in there and word.start and not word.numeric]
    others = [
        word
        for word in content(text)
        if word.stem not in there and word.stem not in stems(question) and not word.numeric and len(word.text) > 3
    ]
    if not asked or not others:
        return ""
    word = chance.choice(asked)
    alike = [other for other in others if other.capitalised == word.capitalised and other.text[-2:] == word.text[-2:]]
    other = chance.choice(alike or [one for one in others if one.capitalised == word.capitalised] or others)
    return question[: word.start] + other.text + question[word.end :]
