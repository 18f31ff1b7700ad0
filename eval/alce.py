"""Citation recall and precision as ALCE defines them, whoever says what supports what.

Source: Gao et al., "Enabling large language models to generate text with citations" (2023), section 3.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

# Whether a claim is supported by an evidence text.
Check = Callable[[str, str], bool]


class Cited(NamedTuple):
    """Of one answer: the share of its sentences that what they cite supports, and of its citations that are of use."""

    recall: float
    precision: float


def cited(sentences: Sequence[tuple[str, Sequence[str]]], check: Check) -> Cited:
    """Judge the sentences, each with the texts that it cites; an answer without citations has precision 0."""
    supported, useful, count = 0, 0, 0
    for sentence, texts in sentences:
        count += len(texts)
        if texts and check(sentence, " ".join(texts)):
            supported += 1
            useful += sum(_of_use(sentence, texts, at, check) for at in range(len(texts)))
    return Cited(supported / max(1, len(sentences)), useful / max(1, count))


def _of_use(sentence: str, texts: Sequence[str], at: int, check: Check) -> bool:
    """Whether the sentence is supported by this text alone, or is not without it. The texts together support it."""
    others = [text for place, text in enumerate(texts) if place != at]
    return not others or check(sentence, texts[at]) or not check(sentence, " ".join(others))
