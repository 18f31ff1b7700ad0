"""Markdown: metadata from the front matter, then the text without its markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import yaml
from markdown_it import MarkdownIt
from markdown_it.token import Token

from rag.errors import ArticleUnreadable
from rag.reading import plain
from rag.reading.draft import Draft, describe
from rag.reading.tables import FIELDS, columns_of

_FRONT_MATTER = re.compile(r"\A---[ \t]*\n(.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
# A title stands below an outlet and a date at most; editors wrap lines at 60 characters or more.
_HEAD_BLOCKS, _MAX_HEAD_CHARS, _MIN_WRAPPED_CHARS = 4, 100, 50


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
    heading, body = _strip_markup(text[front.end() :] if front else text)
    draft = plain.parse(body, title=fields.get("title") or heading)
    if heading:
        draft = plain.with_fields(draft, {"title": heading}, "the heading")
    return plain.with_fields(draft, fields, "front matter")


def _load_front_matter(block: str) -> dict[str, str]:
    try:
        loaded = _Loader(block).get_single_data()
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ArticleUnreadable(
            f"its front matter cannot be read: {describe(error)}", "correct the lines between the ---"
        ) from error
    if not isinstance(loaded, dict):
        return {}
    values = {str(key): text for key, value in loaded.items() if (text := _text(value))}
    keys = columns_of(tuple(values))
    return {field: values[keys[field]] for field in FIELDS if field in keys}


def _text(value: object) -> str:
    """Return a value or a flat list as text. Deeper nesting is not a name, and aliases may expand it to gigabytes."""
    items = value if isinstance(value, list) else [value]
    return ", ".join(str(item) for item in items if item and not isinstance(item, (list, dict, set))).strip()


def _strip_markup(text: str) -> tuple[str, str]:
    """Return the first heading, if only short blocks stand above it, and the rendered text, a paragraph per block."""
    blocks: list[str] = []
    heading, last = "", ""
    for token in MarkdownIt("commonmark").parse(text):
        if token.type == "inline":
            at_head = len(blocks) < _HEAD_BLOCKS and all(len(block) <= _MAX_HEAD_CHARS for block in blocks)
            blocks.append(_inline_text(token, at_head=at_head))
            if last == "heading_open" and at_head:
                heading = heading or blocks[-1]
        elif token.type == "html_block":
            blocks.append(_html_text(token.content))
        elif token.type in ("code_block", "fence"):
            blocks.append(token.content.strip())
        last = token.type
    return heading, "\n\n".join(filter(None, blocks))


def _inline_text(token: Token, *, at_head: bool) -> str:
    """Return what is shown; at the head, where a short line does not come from wrapping, lines stay apart."""
    parts: list[str] = []
    line = ""
    for child in token.children or ():
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
            line += child.content
        elif child.type in ("softbreak", "hardbreak"):
            is_whole = at_head and len(line) < _MIN_WRAPPED_CHARS and not line.endswith((".", ",", "!", "?"))
            parts.append("\n" if child.type == "hardbreak" or is_whole else " ")
            line = ""
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
