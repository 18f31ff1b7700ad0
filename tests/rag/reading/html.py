"""Small pages for the tests."""

from __future__ import annotations

import json

from rag.reading import pages
from rag.reading.draft import Draft

SENTENCES = [
    "The bridge over the river opened on Monday after two years of work, the mayor said.",
    "Some four thousand cars are expected to cross it every day, twice as many as the ferry took.",
    "“We have waited long enough,” said one of the first drivers, who had come at dawn.",
]
BODY = "".join(f"<p>{sentence}</p>" for sentence in SENTENCES)
ADDRESS = "https://www.tarnpost.example/news/bridge"


def page(
    head: str = "", body: str = f"<article><h1>The bridge opens</h1>{BODY}</article>", html: str = "<html>"
) -> str:
    return f"<!doctype html>{html}<head>{head}</head><body>{body}</body></html>"


def parse(head: str = "", address: str | None = None, body: str | None = None) -> Draft:
    return pages.parse_page((page(head) if body is None else page(head, body)).encode(), address)


def linked(**fields: object) -> str:
    return f'<script type="application/ld+json">{json.dumps({"@type": "NewsArticle", **fields})}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'
