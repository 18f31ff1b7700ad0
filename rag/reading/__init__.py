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
from rag.reading.files import Upload, check_size, decode, find, read_bytes
from rag.types import Article

__all__ = ["FORMATS", "Upload", "find", "read"]

FORMATS: dict[str, Callable[[str], Draft]] = {".txt": plain.parse, ".md": markdown.parse}


def read(item: Path | Upload) -> Article:
    """Read one article. Its id is made of its name and of where it is from, so that an edit keeps the id.

    Raises: ArticleUnreadable.
    """
    if isinstance(item, Upload):
        check_size(len(item.content))
        return _article(item.name, f"upload:{item.name}", lambda: item.content)
    path = item.resolve()
    return _article(path.name, str(path), lambda: read_bytes(path))


def _article(name: str, origin: str, content: Callable[[], bytes]) -> Article:
    # A name need not be text: Linux takes any bytes.
    path = Path(name.encode("utf-8", "replace").decode())
    parse = FORMATS.get(path.suffix.lower())
    if parse is None:
        raise ArticleUnreadable(
            f"a file {path.suffix or 'without an ending'} is not read yet", f"readable: {' '.join(sorted(FORMATS))}"
        )
    draft = parse(decode(content()))
    if not draft.text:
        raise ArticleUnreadable("no article text in it")
    title = draft.title or re.sub(r"[-_\s]+", " ", path.stem).strip()
    draft = replace(draft, title=title)
    slug = re.sub(r"\W+", "-", path.stem.lower()).strip("-")[:40] or "article"
    article_id = f"{slug}-{hashlib.sha256(origin.encode('utf-8', 'surrogatepass')).hexdigest()[:8]}"
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
