"""All questions that an article may be asked by its own sentences, each rule in its turn."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from rag.suggesting import actors, amounts, circumstances, identities, speeches, telling, wording
from rag.suggesting.people import Names
from rag.suggesting.telling import Told
from rag.suggesting.wording import Candidate
from rag.types import Article

_RULES = (actors, amounts, circumstances, speeches, identities)
# Those that read what is done, whoever tells of it.
_INNER_RULES = (actors, amounts, circumstances)
# What a story is about is told at its beginning.
_MOST_SENTENCES = 40
_HEAD_CHARS = 20_000


def candidates(article: Article) -> Iterator[Candidate]:
    """Yield the questions that read well, in the order of the article's sentences, each once."""
    head = _head(article)
    names = Names(f"x {head.text}")
    seen = set[str]()
    for number, told in enumerate(telling.sentences(head)):
        if number == _MOST_SENTENCES:
            return
        for candidate in _of(told, names):
            if candidate.text not in seen and wording.reads_well(candidate.text):
                seen.add(candidate.text)
                yield candidate


def _head(article: Article) -> Article:
    """The article without what comes after its beginning, where it is a book."""
    if len(article.text) <= _HEAD_CHARS:
        return article
    return replace(article, text=article.text[: max(article.text.rfind("\n", 0, _HEAD_CHARS), 0)])


def _of(told: Told, names: Names) -> Iterator[Candidate]:
    for rule in _RULES:
        yield from rule.questions(told, names)
    said = speeches.said(told.text)
    if said:
        for inner in _INNER_RULES:
            yield from inner.questions(told._replace(text=said), names)
