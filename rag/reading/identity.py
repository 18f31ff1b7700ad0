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


def article_id(draft: Draft, name: str, origin: str) -> str:
    """A readable id: of the address where the article has one of its own, else of `origin`; `name` is its file's."""
    address = page_address(draft.url)
    if address:
        origin, name = f"url:{address}", unquote(urlsplit(f"//{address}").path).rstrip("/").rpartition("/")[2]
    elif draft.key:
        origin, name = f"{origin}#{draft.key}", draft.key
    stem = re.sub(r"\.\w{1,5}$", "", name)
    slug = re.sub(r"\W+", "-", stem.lower()).strip("-")[:_SLUG_CHARS] or "article"
    return f"{slug}-{hashlib.sha256(origin.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"


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
