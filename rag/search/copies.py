"""What the copies of a story have in common: sentences that stand in several of them, word for word."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache

from rag.archive import Store, filters
from rag.reading.draft import is_intact
from rag.search import chunking
from rag.types import Article, Evidence, Question, Span

# A question meets the same articles several times.
_CACHED = 256
# Copies differ in the form of their quotation marks. One for one, so that offsets stay.
_MARKS = str.maketrans("“”„«»‘’‚", '"""""\'\'\'')

# The outlets of a quote's story whose own article holds the quoted sentences, its own included; () if no other does.
Outlets = Callable[[Evidence], tuple[str, ...]]


def outlets_within(question: Question, store: Store) -> Outlets:
    """Return what names the outlets of a quote. Only articles inside the question's filters count."""

    @cache
    def allowed() -> frozenset[str] | None:
        if not question.narrowed:
            return None
        return frozenset(filters.allowed(filters.resolve(question, store), store).articles)

    @cache
    def same_story(article_id: str) -> tuple[Article, ...]:
        story = store.stories([article_id]).get(article_id)
        inside = allowed() if story else None
        told = store.story_articles(story) if story else ()
        return tuple(one for one in told if is_intact(one) and (inside is None or one.id in inside))

    return lambda quote: outlets(quote.article, Span(quote.start, quote.end), same_story(quote.article.id))


def outlets(article: Article, span: Span, same_story: Iterable[Article]) -> tuple[str, ...]:
    """Return the outlets whose article holds every sentence of `span`, sorted; () if they are fewer than two."""
    told = _touched(article, span)
    names = {one.source for one in same_story if one.source and told <= _sentences(one.text, one.language).keys()}
    return tuple(sorted(names)) if len(names) > 1 else ()


def tells_more(article: Article, span: Span, others: Iterable[Article]) -> bool:
    """Return whether a sentence of `span` stands in none of `others`; the form of quotation marks does not count."""
    told = {sentence.translate(_MARKS) for sentence in _touched(article, span)}
    for one in others:
        told -= {sentence.translate(_MARKS) for sentence in _sentences(one.text, one.language)}
    return bool(told)


def _touched(article: Article, span: Span) -> set[str]:
    """The whole sentences that a span touches: what is cut off may deny the rest."""
    places = _sentences(article.text, article.language)
    return {sentence for sentence, spans in places.items() for one in spans if _overlap(one, span)}


def _overlap(one: Span, other: Span) -> bool:
    return one.end > other.start and one.start < other.end


@lru_cache(maxsize=_CACHED)
def _sentences(text: str, language: str | None) -> Mapping[str, Sequence[Span]]:
    """Map each sentence of a text, white space aside, to its places.

    Sentences are compared whole: the words may also stand within a sentence that denies them.
    """
    places: dict[str, list[Span]] = {}
    for span in chunking.sentences(text, language):
        places.setdefault(" ".join(text[span.start : span.end].split()), []).append(span)
    return places
