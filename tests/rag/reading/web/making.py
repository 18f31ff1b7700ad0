"""Feeds made for tests, and how they are read."""

from __future__ import annotations

from rag.reading.web import feeds, listing
from rag.reading.web.listing import Listed

AT = "http://news.example/feeds/all"
HEAD = "<title>The Paper</title><language>en-GB</language>"
RSS = f'<?xml version="1.0"?><rss version="2.0"><channel>{HEAD}{{}}</channel></rss>'


def read(text: str | bytes, charset: str | None = None) -> list[Listed]:
    content = text.encode() if isinstance(text, str) else text
    assert listing.kind(content) in ("feed", "json feed")
    return list(feeds.parse(content, charset, AT))
