"""Suggest questions that the archive answers, made from its own headlines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from rag.archive import Store, filters
from rag.errors import ArticleUnknown
from rag.marks import quoted
from rag.types import Answer, Article, Question, Suggestion

# Headlines tried for each suggestion that is wanted.
_TRIED_EACH = 4
_MAX_HEADLINE_CHARS = 120


def suggest(
    inside: Question, count: int, store: Store, ask: Callable[[Question], Answer], stopped: Callable[[], bool]
) -> Iterator[Suggestion]:
    """Yield at most `count` questions, each as soon as `ask` has answered it from the article it was made from.

    One for each story inside the filters, the stories told by most articles first, then the newest. Every question is
    asked as a user would ask it, so none is suggested that would be refused. `stopped()` is asked before each.
    """
    given = 0
    chosen = filters.resolve(inside, store)
    for article_id in filters.foremost(chosen, store, count * _TRIED_EACH):
        if given == count or stopped():
            return
        try:
            article = store.article(article_id)
        except ArticleUnknown:
            continue  # removed since
        headline = _headline(article)
        text = f"What is known about {quoted(headline)}?" if headline else ""
        answer = ask(replace(inside, text=text, history=(), passages=None)) if text else None
        if answer and any(citation.evidence.article.id == article_id for citation in answer.citations):
            given += 1
            yield Suggestion(text, article_id, headline)


def _headline(article: Article) -> str:
    """Return the headline in its own words, or "" if no question can be made of it."""
    headline = " ".join(article.title.split()).rstrip(".")
    # A title that the text's beginning stands in for ends in "…".
    usable = article.language in ("en", None) and 0 < len(headline) <= _MAX_HEADLINE_CHARS and headline[-1] not in "…?"
    return headline if usable else ""
