"""The measures of one reply, in pure functions: each with its definition and where it comes from."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_WORD = re.compile(r"\w+")
# A number with its points and commas, or a word with its apostrophes and hyphens.
_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_][\w'’-]*")
_POSSESSIVE = re.compile(r"['’]s?$")


def normalised(text: str) -> tuple[str, ...]:
    """The words of an answer as SQuAD compares them: lower case, no punctuation, no articles.

    Source: Rajpurkar et al., "SQuAD: 100,000+ questions for machine comprehension of text" (2016), section 6.1.
    """
    return tuple(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact(short: str, answers: Collection[str]) -> float:
    """1 where the short answer is one of `answers`, as `normalised` has them, else 0. Source: as there."""
    return _best(short, answers, lambda said, right: float(said == right))


def f1(short: str, answers: Collection[str]) -> float:
    """The harmonic mean of precision and recall of the words, at the best of `answers`. Source: as `normalised`."""
    return _best(short, answers, _overlap)


def contains(text: str, answers: Collection[str]) -> float:
    """1 where one of `answers` stands in the text, else 0.

    As RGB (Chen et al., "Benchmarking large language models in retrieval-augmented generation", 2023) counts accuracy,
    but by whole words, so that "no" does not stand in "know"; case, punctuation and articles do not count.
    """
    said = f" {' '.join(_plain(text))} "
    return float(any(f" {' '.join(words)} " in said for answer in answers if (words := _plain(answer))))


def rouge_l(text: str, answers: Collection[str]) -> float:
    """ROUGE-L at the best of `answers`: the F1 of the longest common subsequence of the words, case not counting.

    With R and P its share of the words of the answer and of the text: 2RP / (R + P), beta being 1, no word stemmed.
    Source: Lin, "ROUGE: a package for automatic evaluation of summaries" (2004), section 3.1.
    """
    said = _WORD.findall(text.lower())
    return max((_subsequence_f1(said, _WORD.findall(answer.lower())) for answer in answers), default=0.0)


def checkable(sentence: str) -> tuple[str, ...]:
    """The numbers, years and names of a sentence: what must not be invented.

    A name is a word with a capital letter; of the first word, which has one anyway, only if all its letters are.
    """
    return tuple(_form(token) for token, first in _tokens(sentence) if _counts(token, first=first))


def grounded(sentence: str, evidence: Sequence[str]) -> tuple[int, int]:
    """How many of `checkable` stand in one of the evidence texts, and how many there are. Lexical: no model judges."""
    there = {part for text in evidence for token, _ in _tokens(text) for part in (_form(token), *_parts(token))}
    wanted = checkable(sentence)
    return sum(token in there for token in wanted), len(wanted)


def _best(short: str, answers: Collection[str], compare: Callable[[tuple[str, ...], tuple[str, ...]], float]) -> float:
    """As the reference script of SQuAD: of the right answers only those count that normalising leaves words of."""
    right = [words for answer in answers if (words := normalised(answer))] or [()]
    return max(compare(normalised(short), words) for words in right)


def _overlap(said: tuple[str, ...], right: tuple[str, ...]) -> float:
    if not said or not right:
        return float(said == right)
    both = (Counter(said) & Counter(right)).total()
    return 2 * both / (len(said) + len(right))


def _subsequence_f1(said: Sequence[str], right: Sequence[str]) -> float:
    # At each place: the longest common subsequence with so many words of `right`.
    lengths = [0] * (len(right) + 1)
    for word in said:
        before = 0
        for at, other in enumerate(right, start=1):
            before, lengths[at] = lengths[at], before + 1 if word == other else max(lengths[at], lengths[at - 1])
    return 2 * lengths[-1] / (len(said) + len(right)) if said and right else 0.0


def _plain(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.lower()) if not _ARTICLES.fullmatch(word)]


def _tokens(text: str) -> Iterator[tuple[str, bool]]:
    for place, match in enumerate(_TOKEN.finditer(text)):
        yield match.group(), not place


def _counts(token: str, *, first: bool) -> bool:
    if token[0].isdigit():
        return True
    bare = _POSSESSIVE.sub("", token)
    return token[0].isupper() and (not first or (len(bare) > 1 and bare.isupper()))


def _form(token: str) -> str:
    return _POSSESSIVE.sub("", token.replace(",", "").casefold())


def _parts(token: str) -> list[str]:
    """The words of `Washington-Taliban`, each of which the sentence may name alone."""
    return [_form(part) for part in token.split("-")] if "-" in token else []
