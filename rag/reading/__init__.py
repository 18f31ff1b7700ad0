"""Turn files into articles: `find` the files, `read` each. One module for each family of formats."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from rag.errors import ArticleUnreadable
from rag.reading import markdown, plain
from rag.reading.draft import Draft
from rag.reading.files import find, read_text
from rag.types import Article

__all__ = ["FORMATS", "find", "read", "read_upload"]

FORMATS: dict[str, Callable[[str], Draft]] = {".txt": plain.parse, ".md": markdown.parse}


def read(path: Path) -> Article:
    """Read one file. Its id is made of its name and its absolute path, so that an edit keeps the id.

    Raises: ArticleUnreadable.
    """
    path = path.absolute()
    return _article(path.name, str(path), read_text(path, path.stat().st_size, path.read_bytes))


def read_upload(name: str, content: bytes) -> Article:
    """Read one uploaded file, which has a name but no folder.

    Raises: ArticleUnreadable.
    """
    return _article(name, f"upload:{name}", read_text(Path(name), len(content), lambda: content))


def _article(name: str, origin: str, text: str) -> Article:
    path = Path(name)
    parse = FORMATS.get(path.suffix.lower())
    if parse is None:
        raise ArticleUnreadable(
            f"{name} is {path.suffix or 'without an ending'}", f"readable: {' '.join(sorted(FORMATS))}"
        )
    draft = parse(text)
    if not draft.text:
        raise ArticleUnreadable(f"{name} has no article text", "")
    title = draft.title or re.sub(r"[-_\s]+", " ", path.stem).strip()
    draft = replace(draft, title=title)
    slug = re.sub(r"\W+", "-", path.stem.lower()).strip("-")[:40] or "article"
    article_id = f"{slug}-{hashlib.sha256(origin.encode()).hexdigest()[:8]}"
    return Article(
        id=article_id,
        title=draft.title,
        text=draft.text,
        content_hash=content_hash(draft),
        source=draft.source,
        published=draft.published,
        url=draft.url,
        author=draft.author,
    )


def content_hash(draft: Draft) -> str:
    """SHA-256 of everything that a reader of the article would see, metadata included."""
    seen = [draft.title, draft.text, draft.source, str(draft.published), draft.url, draft.author]
    return hashlib.sha256(json.dumps(seen, ensure_ascii=False).encode()).hexdigest()
