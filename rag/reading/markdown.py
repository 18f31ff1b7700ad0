"""Markdown: front matter for the metadata, then the text without its marks."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime
from html.parser import HTMLParser
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.errors import ArticleUnreadable
from rag.reading import language, plain
from rag.reading.dates import checked, read_date
from rag.reading.draft import Draft
from rag.types import PublishedDate

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
_NAMES = {
    "title": ("title", "headline"),
    "source": ("source", "outlet", "publisher"),
    "published": ("published", "date"),
    "url": ("url", "link"),
    "author": ("author", "byline"),
    "language": ("language", "lang"),
}
_TOLD_BY = "front matter"


class _Loader(yaml.SafeLoader):
    """Reads a date as text: one that is on no calendar is no reason to turn the article away."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in known if not tag.endswith(":timestamp")]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def parse(text: str) -> Draft:
    """Read one Markdown article. Front matter wins over what the text itself tells.

    Raises: ArticleUnreadable, when the front matter cannot be read.
    """
    front = _FRONT_MATTER.match(text)
    told = _front_matter(front[1]) if front else {}
    title = _text(told.get("title"))
    draft = plain.parse(_plain(text[front.end() :] if front else text), titled=title is not None)
    tongue = language.code(_text(told.get("language")))
    known = {
        "title": title,
        "source": _text(told.get("source")),
        "published": _published(told.get("published"), tongue),
        "url": _text(told.get("url")),
        "author": _text(told.get("author")),
        "language": tongue,
    }
    values: dict[str, Any] = {field: value for field, value in known.items() if value}
    return replace(draft, **values, told_by={**draft.told_by, **dict.fromkeys(values, _TOLD_BY)})


def _front_matter(block: str) -> dict[str, object]:
    try:
        loaded = _Loader(block).get_single_data()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ArticleUnreadable(
            f"its front matter cannot be read: {' '.join(str(error).split())}", "mend what stands between the ---"
        ) from error
    if not isinstance(loaded, dict):
        return {}
    keys = {str(key).lower(): value for key, value in loaded.items()}
    return {name: keys[alias] for name, aliases in _NAMES.items() for alias in reversed(aliases) if keys.get(alias)}


def _text(value: object) -> str | None:
    """A value, or a list of them, as text. What is nested deeper is no name, and may unfold to gigabytes."""
    told = value if isinstance(value, list) else [value]
    return ", ".join(str(item) for item in told if item and not isinstance(item, (list, dict, set))) or None


def _published(value: object, tongue: str | None) -> PublishedDate | None:
    if isinstance(value, (date, datetime)):
        return checked(value.year, value.month, value.day)
    told = (_text(value) or "").strip()
    if re.fullmatch(r"\d{4}(-(0[1-9]|1[0-2]))?", told):
        return checked(*(int(part) for part in told.split("-")))
    return read_date(told, tongue)


def _plain(text: str) -> str:
    """The text as a person reads it: one paragraph a block, no marks."""
    blocks: list[str] = []
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "inline":
            blocks.append(_inline(token))
        elif token.type == "html_block":
            blocks.append(_inner_text(token.content))
        elif token.type in ("code_block", "fence"):
            blocks.append(token.content.strip())
    return "\n\n".join(filter(None, blocks))


def _inline(token: Token) -> str:
    parts = []
    for child in token.children or []:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n" if child.type == "hardbreak" else " ")
    return "".join(parts).strip()


class _Text(HTMLParser):
    """Collects what a browser would show."""

    def __init__(self) -> None:
        super().__init__()
        self.parts: list[str] = []
        self._hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        self._hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)


def _inner_text(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    parser.close()
    return "".join(parser.parts).strip()
