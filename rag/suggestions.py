"""A question that the archive is known to answer."""

from __future__ import annotations

from typing import NamedTuple


class Suggestion(NamedTuple):
    """A question that the archive answers, and the article that it was made from."""

    text: str
    article_id: str
