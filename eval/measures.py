"""The measures of one text against another, as pure functions: each with its definition and its source."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from typing import NamedTuple

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)
_WORD = re.compile(r"\w+")
# A number with its points and commas, or a word with its apostrophes and hyphens.
_TOKEN = re.compile(r"\d+(?:[.,:/]\d+)*|[^\W\d_][\w'’-]*")
_POSSESSIVE = re.compile(r"['’]s?$")

# Whether a claim is supported by an evidence text.
Check = Callable[[str, str], bool]


class Cited(NamedTuple):
    """The share of an answer's sentences that their citations support, and of its citations that are of use."""

    recall: float
    precision: float


def normalise(text: str) -> tuple[str, ...]:
    """Split an answer into words as SQuAD compares them: lower case, no punctuation, no articles.

    Source: Rajpurkar et al., "SQuAD: 100,000+ questions for machine comprehension of text" (2016), section 6.1.
    """
    return tuple(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact(short: str, answers: Collection[str]) -> float:
    """1 if the short answer equals one of `answers` after normalising, else 0. Source: as `normalise`."""
    return _best(short, answers, lambda given, right: float(given == right))


def f1(short: str, answers: Collection[str]) -> float:
    """The F1 of the words, at the best of `answers`. Source: as `normalise`."""
    return _best(short, answers, _overlap)


def contains(text: str, answers: Collection[str]) -> bool:
    """Whether one of `answers` occurs in the text.

    As RGB (Chen et al., "Benchmarking large language models in retrieval-augmented generation", 2023) counts accuracy,
    but by whole words, so that "no" is not found in "know"; case, punctuation and articles do not count.
    """
    words = f" {' '.join(_plain(text))} "
    return any(f" {' '.join(wanted)} " in words for answer in answers if (wanted := _plain(answer)))


def rouge_l(text: str, answers: Collection[str]) -> float:
    """ROUGE-L at the best of `answers`: the F1 of the longest common subsequence of words, not stemmed.

    Source: Lin, "ROUGE: a package for automatic evaluation of summaries" (2004), section 3.1, with beta = 1.
    """
    given = _WORD.findall(text.lower())
    return max((_subsequence_f1(given, _WORD.findall(answer.lower())) for answer in answers), default=0.0)


def grounded(sentence: str, evidence: Sequence[str]) -> tuple[int, int]:
    """Count the numbers and names of a sentence that occur in the evidence, and all of them. No model judges.

    A name is a word with a capital letter; the first word counts only if all its letters are capitals.
    """
    there = set()
    for token in (token for text in evidence for token in _TOKEN.findall(text)):
        there |= {_key(token), *(map(_key, token.split("-")) if "-" in token else ())}
    tokens = enumerate(_TOKEN.findall(sentence))
    wanted = [_key(token) for place, token in tokens if _is_checkable(token, first=place == 0)]
    return sum(token in there for token in wanted), len(wanted)


def cited(sentences: Sequence[tuple[str, Sequence[str]]], check: Check) -> Cited:
    """Judge sentences by the texts that each cites; an answer without citations has precision 0.

    Source: Gao et al., "Enabling large language models to generate text with citations" (ALCE, 2023), section 3.
    """
    supported, useful, count = 0, 0, 0
    for sentence, texts in sentences:
        count += len(texts)
        if not texts or not check(sentence, " ".join(texts)):
            continue
        supported += 1
        for at, text in enumerate(texts):
            # Of use: it supports the sentence alone, or the others do not support it without it.
            others = " ".join([*texts[:at], *texts[at + 1 :]])
            useful += not others or check(sentence, text) or not check(sentence, others)
    return Cited(supported / max(1, len(sentences)), useful / max(1, count))


def _best(short: str, answers: Collection[str], compare: Callable[[tuple[str, ...], tuple[str, ...]], float]) -> float:
    """As SQuAD's reference script: answers of which normalising leaves nothing do not count."""
    right = [words for answer in answers if (words := normalise(answer))] or [()]
    return max(compare(normalise(short), words) for words in right)


def _overlap(given: tuple[str, ...], right: tuple[str, ...]) -> float:
    if not given or not right:
        return float(given == right)
    return 2 * (Counter(given) & Counter(right)).total() / (len(given) + len(right))


def _subsequence_f1(given: Sequence[str], right: Sequence[str]) -> float:
    # lengths[n]: the longest common subsequence of the words so far and the first n words of `right`.
    lengths = [0] * (len(right) + 1)
    for word in given:
        before = 0
        for at, other in enumerate(right, start=1):
            before, lengths[at] = lengths[at], before + 1 if word == other else max(lengths[at], lengths[at - 1])
    return 2 * lengths[-1] / (len(given) + len(right)) if given and right else 0.0


def _plain(text: str) -> list[str]:
    return [word for word in _WORD.findall(text.lower()) if not _ARTICLES.fullmatch(word)]


def _is_checkable(token: str, *, first: bool) -> bool:
    bare = _POSSESSIVE.sub("", token)
    is_name = token[0].isupper() and (not first or (len(bare) > 1 and bare.isupper()))
    return token[0].isdigit() or is_name


def _key(token: str) -> str:
    return _POSSESSIVE.sub("", token.replace(",", "").casefold())
