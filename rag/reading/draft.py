"""What a format's parser found, before the article has an id."""

from __future__ import annotations

from dataclasses import dataclass

from rag.types import PublishedDate


@dataclass(frozen=True, slots=True)
class Draft:
    """An empty `title` means that the text names none."""

    title: str
    text: str
    source: str | None = None
    published: PublishedDate | None = None
    url: str | None = None
    author: str | None = None
