"""Show one of the articles that tell a story in much the same words, and name the outlets that ran it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from rag.archive import Store


def one_of_each(ranked: Iterable[int], owners: Mapping[int, str], stories: Mapping[str, str]) -> list[int]:
    """The passages of `ranked`, of each story only those of the article that comes first."""
    teller: dict[str, str] = {}
    kept = []
    for passage_id in ranked:
        article_id = owners[passage_id]
        story = stories.get(article_id)
        if story is None or teller.setdefault(story, article_id) == article_id:
            kept.append(passage_id)
    return kept


def outlets(
    article_ids: Iterable[str], stories: Mapping[str, str], store: Store, allowed: Collection[str] | None
) -> dict[str, tuple[str, ...]]:
    """The outlets that ran each article's story, where at least two are named.

    Only articles of `allowed` count, where it is given: a question may be
    narrowed.
    """
    found = {}
    for article_id in set(article_ids) & stories.keys():
        tellers = [item for item in store.tellers(stories[article_id]) if allowed is None or item.id in allowed]
        named = {item.source for item in tellers if item.source}
        if len(named) > 1:
            found[article_id] = tuple(sorted(named))
    return found
