"""What makes an article itself: where it is from. An edit keeps the id, a copy under another name gets its own."""

from __future__ import annotations

import hashlib
import json
import re
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from rag.reading.draft import Draft
from rag.types import Article

# What mailings and networks append to the address of a page without changing the page.
_TRACKING = re.compile(r"utm_\w+|fbclid|gclid|mc_[ce]id|igshid|cmpid|ocid|ref_src")
_SLUG_CHARS = 40
# 48 bits: of a million articles two share them once in five hundred archives.
_HASH_DIGITS = 12
_ID = re.compile(rf"[\w-]{{1,{_SLUG_CHARS}}}-[0-9a-f]{{{_HASH_DIGITS}}}")


class Places:
    """Where the articles of one item stand, so that two at the same place are told apart."""

    def __init__(self) -> None:
        # Half of each hash: a table may have millions of rows.
        self._met: dict[bytes, bytes] = {}

    def own(self, draft: Draft, origin: str, content_hash: str) -> tuple[str, str]:
        """An article's place, its address where it has one of its own, and its key; no other of the item has them.

        The first keeps its place. Another with the same content has the same one, and is the same article.
        """
        address = page_address(draft.url)
        place = f"url:{address}" if address else _keyed(origin, draft.key)
        content = bytes.fromhex(content_hash)[:8]
        if self._met.setdefault(_digest(place)[:8], content) == content:
            return place, draft.key
        key = f"{draft.key or address or ''}~{content_hash[:8]}"
        return _keyed(origin, key), key


def article_id(draft: Draft, name: str, place: str) -> str:
    """A readable id, made of `place`; `name` is its file's."""
    if place.startswith("url:"):
        name = unquote(urlsplit(f"//{place.removeprefix('url:')}").path).rstrip("/").rpartition("/")[2]
    elif draft.key:
        name = draft.key
    # Not of the title, which may be corrected.
    slug = re.sub(r"\W+", "-", re.sub(r"\.\w{1,5}$", "", name).lower()).strip("-")[:_SLUG_CHARS].rstrip("-")
    return f"{slug or 'article'}-{_digest(place).hex()[:_HASH_DIGITS]}"


def is_id(text: str) -> bool:
    """Whether `article_id` could have made it."""
    return _ID.fullmatch(text) is not None


def _keyed(origin: str, key: str) -> str:
    return f"{origin}#{key}" if key else origin


def _digest(place: str) -> bytes:
    return hashlib.sha256(place.encode("utf-8", "surrogatepass")).digest()


def page_address(url: str | None) -> str | None:
    """The address without what does not tell pages apart; None for a site's front page, which is no article."""
    try:
        parts = urlsplit(url or "")
        host = (parts.hostname or "").removeprefix("www.")
        port = f":{parts.port}" if parts.port not in (None, 80, 443) else ""
        query = sorted((key, value) for key, value in parse_qsl(parts.query) if not _TRACKING.fullmatch(key))
        address = f"{host}{port}{parts.path.rstrip('/')}{'?' + urlencode(query) if query else ''}"
        # What is only put together here need not be an address: of `[v1.[x]` the host is `v1.[x`.
        urlsplit(f"//{address}")
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not host or not (parts.path.rstrip("/") or query):
        return None
    return address


def content_hash(article: Draft | Article) -> str:
    """SHA-256 of everything that a reader of the article would see, metadata included."""
    seen = [article.title, article.text, article.source, str(article.published), article.url, article.author]
    # Left out where it is not known, as it was before languages were told.
    seen += [article.language] if article.language else []
    return hashlib.sha256(json.dumps(seen, ensure_ascii=False).encode("utf-8", "surrogatepass")).hexdigest()


def is_intact(article: Article) -> bool:
    """Whether the article says what it said when it was read."""
    return content_hash(article) == article.content_hash
