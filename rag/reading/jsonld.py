"""What a page tells of its article in JSON-LD (https://schema.org/Article), where pages are surest of themselves."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

Node = Mapping[str, Any]

_ARTICLE = re.compile(r"(?:\w*Article|\w*Posting|\w*Report|Review\w*|Report|Recipe)")
_WRAPPER = re.compile(
    r"\A\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*.*?\*/)?\s*(.*?)\s*(?:-->|//\s*\]\]>|\]\]>|;)?\s*\Z", re.DOTALL
)
_MOST_NODES = 2_000


class Linked:
    """The nodes of a page's JSON-LD: the articles first, then what else says when a page was published."""

    def __init__(self, scripts: Iterable[str]) -> None:
        nodes = [node for script in scripts for node in _nodes(_loaded(script))][:_MOST_NODES]
        self._known = {str(node["@id"]): node for node in nodes if "@id" in node and len(node) > 2}
        self.articles = tuple(node for node in nodes if any(_ARTICLE.fullmatch(kind) for kind in kinds(node)))
        self.pages = tuple(node for node in nodes if "WebPage" in kinds(node))
        self.sites = tuple(node for node in nodes if "WebSite" in kinds(node))

    def names(self, value: object) -> tuple[str, ...]:
        """The names in a value: a text, a node with a name, a reference to one, or a list of these."""
        if isinstance(value, list):
            return tuple(dict.fromkeys(name for item in value[:50] for name in self.names(item)))
        if isinstance(value, dict):
            named = value if "name" in value else self._known.get(str(value.get("@id")), {})
            return tuple(name for name in texts(named.get("name")))
        return tuple(texts(value))


def kinds(node: Node) -> tuple[str, ...]:
    """The types of a node, without the address of their vocabulary."""
    return tuple(kind.rpartition("/")[2] for kind in texts(node.get("@type")))


def texts(value: object) -> Iterator[str]:
    """Yield the texts of a value that is one or a list of them; what is escaped twice is unescaped."""
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, str) and (text := " ".join(html.unescape(item).split())):
            yield text


def address_of(node: Node) -> str | None:
    """The address that a node says is its own."""
    for value in (node.get("url"), node.get("mainEntityOfPage")):
        value = value.get("@id") or value.get("url") if isinstance(value, dict) else value
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None


def _loaded(script: str) -> object:
    bare = _WRAPPER.sub(r"\1", script)
    for text in (bare, html.unescape(bare)):
        try:
            return json.loads(text, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _nodes(loaded: object) -> Iterator[Node]:
    """Yield every node in reading order, outer before inner; nodes inside of an article are about something else."""
    waiting = [loaded]
    for _ in range(_MOST_NODES):
        if not waiting:
            return
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(reversed(value))
        elif isinstance(value, dict):
            if "@type" in value:
                yield value
            inner = ("@graph", "mainEntity", "publisher", "author", "isPartOf")
            waiting.extend(value[key] for key in reversed(inner) if isinstance(value.get(key), (list, dict)))
