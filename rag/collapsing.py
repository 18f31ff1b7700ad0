"""Show one of the articles that tell a story in much the same words, and name the outlets that ran it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from rag.store import Store
from rag.types import Hit


def collapse(hits: Sequence[Hit], store: Store, allowed: Collection[str] | None = None) -> tuple[Hit, ...]:
    """Keep of each story the hits of the article that comes first; give each the outlets that ran its story.

    Only articles of `allowed` count as having run it, where that is given: a question may be narrowed.
    """
    stories = store.stories(sorted({hit.article.id for hit in hits}))
    outlets = {story: _outlets(story, store, allowed) for story in set(stories.values())}
    teller: dict[str, str] = {}
    kept = []
    for hit in hits:
        story = stories.get(hit.article.id)
        if story is None:
            kept.append(hit)
        elif teller.setdefault(story, hit.article.id) == hit.article.id:
            kept.append(replace(hit, outlets=outlets[story]))
    return tuple(kept)


def _outlets(story: str, store: Store, allowed: Collection[str] | None) -> tuple[str, ...]:
    """The outlets that ran the story, or the ids of articles that name none; () where only one article is left."""
    told = [item for item in store.tellers(story) if allowed is None or item.id in allowed]
    return tuple(sorted({item.source or item.id for item in told})) if len(told) > 1 else ()
