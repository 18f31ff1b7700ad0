"""Markdown: metadata from the front matter, then the text without its markup."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.errors import ArticleUnreadable
from rag.reading import language, plain
from rag.reading.dates import parse_date
from rag.reading.draft import Draft, describe

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
_KEYS = {
    "title": ("title", "headline"),
    "source": ("source", "outlet", "publisher"),
    "published": ("published", "date"),
    "url": ("url", "link"),
    "author": ("author", "byline"),
    "language": ("language", "lang"),
}


class _Loader(yaml.SafeLoader):
    """Loads dates as text: an impossible date must not reject the article."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in known if not tag.endswith(":timestamp")]
        for first, known in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def parse(text: str) -> Draft:
    """Parse one Markdown article. Front matter wins over the text.

    Raises: ArticleUnreadable, for invalid front matter.
    """
    front = _FRONT_MATTER.match(text)
    fields = _load_front_matter(front[1]) if front else {}
    draft = plain.parse(_strip_markup(text[front.end() :] if front else text), titled="title" in fields)
    values: dict[str, Any] = dict(fields)
    values["language"] = language.code(fields.get("language"))
    values["published"] = parse_date(fields.get("published", ""), values["language"])
    values = {name: value for name, value in values.items() if value}
    return replace(draft, **values, told_by={**draft.told_by, **dict.fromkeys(values, "front matter")})


def _load_front_matter(block: str) -> dict[str, str]:
    try:
        loaded = _Loader(block).get_single_data()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ArticleUnreadable(
            f"its front matter cannot be read: {describe(error)}", "correct the lines between the ---"
        ) from error
    if not isinstance(loaded, dict):
        return {}
    values = {str(key).lower(): _text(value) for key, value in loaded.items()}
    return {name: values[alias] for name, aliases in _KEYS.items() for alias in reversed(aliases) if values.get(alias)}


def _text(value: object) -> str:
    """Return a value or a flat list as text. Deeper nesting is not a name, and aliases may expand it to gigabytes."""
    items = value if isinstance(value, list) else [value]
    return ", ".join(str(item) for item in items if item and not isinstance(item, (list, dict, set))).strip()


def _strip_markup(text: str) -> str:
    """Return the rendered text, one paragraph per block."""
    blocks: list[str] = []
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "inline":
            blocks.append(_inline_text(token))
        elif token.type == "html_block":
            blocks.append(_html_text(token.content))
        elif token.type in ("code_block", "fence"):
            blocks.append(token.content.strip())
    return "\n\n".join(filter(None, blocks))


def _inline_text(token: Token) -> str:
    breaks = {"softbreak": " ", "hardbreak": "\n"}
    shown = {"text", "code_inline"}
    parts = (child.content if child.type in shown else breaks.get(child.type, "") for child in token.children or ())
    return "".join(parts).strip()


class _ShownText(HTMLParser):
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


def _html_text(block: str) -> str:
    # Not by lxml, which hostile markup can slow down: Markdown is parsed outside the sandbox.
    parser = _ShownText()
    parser.feed(block)
    parser.close()
    return "".join(parser.parts).strip()
