"""How many articles each filter of a question would leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple


class FacetCount(NamedTuple):
    """How many articles a filter would leave if it asked for `value`; None: of these the archive does not know it.

    `title` is that of an article, where the value is a story.
    """

    value: str | None
    articles: int
    title: str = ""


@dataclass(frozen=True, slots=True)
class Facets:
    """How many articles are inside all filters of a question, and inside all but one for each value of that one.

    `months` are `2021-04`, oldest first, and leave out from and to, not the day asked from; the others are largest
    first, what is not known last. An outlet that is several (`AP and dpa`) counts for each and as a whole. `stories`
    are a part of all `stories_total`. `outside` says which filters leave nothing, "" where they leave an article.
    """

    articles: int
    sources: tuple[FacetCount, ...]
    months: tuple[FacetCount, ...]
    languages: tuple[FacetCount, ...]
    stories: tuple[FacetCount, ...]
    stories_total: int
    outside: str
