"""Tell what happened: a few sentences of the articles on a topic, in their order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.answering import orders
from rag.search.words import stem, stems
from rag.types import Evidence, Hit

_MOST = 4
_MOST_ARTICLES = 2
# The share of the topic's words that an article must have.
_ON_TOPIC = 0.6
_LEAST_WORDS = 6
_ASKING = frozenset(
    stem(word)
    for word in """happen happened happening summarise summarize summary tell story article articles news latest going
    describe overview gist explain update brief report reports know main points""".split()
)


def tell(question: str, hits: Sequence[Hit]) -> tuple[Evidence, ...]:
    """Two to four sentences of one or two articles that have the question's topic, in their order; () for none.

    Best is what has most of the topic's words and stands early, for news puts first what matters most. Ties go by the
    article's id and the order in it.
    """
    topic = stems(question) - _ASKING
    articles = _articles(topic, hits)
    found = {
        (item.article.id, item.start): item
        for hit in hits
        if hit.article.id in articles
        for item in _sentences(hit, topic)
    }
    best = sorted(found.values(), key=lambda item: (-item.score, item.article.id, item.start))[:_MOST]
    return tuple(sorted(best, key=lambda item: (articles.index(item.article.id), item.start))) if best[1:] else ()


def _articles(topic: set[str], hits: Sequence[Hit]) -> list[str]:
    """The ids of the first articles of `hits` on the topic."""
    articles = {hit.article.id: hit.article for hit in hits}.values()
    told = [item for item in articles if len(topic & stems(f"{item.title}\n{item.text}")) >= _ON_TOPIC * len(topic)]
    return [article.id for article in told[:_MOST_ARTICLES]]


def _sentences(hit: Hit, topic: set[str]) -> Iterator[Evidence]:
    """The whole sentences of a passage, with the share of the topic that they have and what their place is worth."""
    for item in orders.sentences(hit):
        said = stems(item.text)
        if len(said) >= _LEAST_WORDS and item.text.endswith((".", "!", "?", "”", '"')):
            shared = len(topic & said) / max(1, len(topic))
            yield replace(item, score=(shared + 1.0 - item.start / len(item.article.text)) / 2)
