"""Turn files and addresses into articles: `find` them, `read` each. One module for each family of formats."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace

from rag.errors import ArticleUnreadable
from rag.reading import fetched, identity, language
from rag.reading.apart import close
from rag.reading.draft import Draft, Unread
from rag.reading.files import Address, Item, Upload, find, opened
from rag.reading.formats import FORMATS, drafts, ending
from rag.reading.lines import BROKEN, as_text, broken, one_line, rejection
from rag.reading.policy import Policy
from rag.types import Article, Rejection

__all__ = ["FORMATS", "Address", "Item", "Policy", "Upload", "close", "find", "read"]


def read(
    item: Item, policy: Policy | None = None, moved: Callable[[float], None] = lambda _share: None
) -> Iterator[Article | Rejection]:
    """Yield every article of a file or at an address, and a line for what in it cannot be read.

    An article's id is made of its address or of where it stands, so that an edit keeps the id; of two with one key, the
    later has its content in its key. `policy` says what may
    be asked of the network; `moved` is told the share of the item that is read, 0 to 1, before each article. `close`
    ends the processes that were started.
    """
    places = identity.Places()
    if isinstance(item, Address):
        for page in fetched.read(item.url, policy or Policy(), moved):
            found = page if isinstance(page, Rejection) else _found(page.draft, page.name, page.origin, places)
            yield rejection(found.path, found.reason) if isinstance(found, Rejection) else found
        return
    try:
        origin = f"upload:{item.name}" if isinstance(item, Upload) else str(item.resolve())
        with opened(item) as (file, size):
            for draft in drafts(item.name, file, size):
                moved(file.tell() / max(size, 1))
                yield _found(draft, item.name, origin, places)
    except ArticleUnreadable as error:
        yield rejection(item.name if isinstance(item, Upload) else str(item), str(error))
    except BROKEN as error:
        yield rejection(item.name if isinstance(item, Upload) else str(item), str(broken(error)))


def _found(draft: Draft | Unread, name: str, origin: str, places: identity.Places) -> Article | Rejection:
    at = f"{origin}!{draft.member}" if draft.member else origin
    place = f"{at}#{draft.key}" if draft.key else at
    if isinstance(draft, Unread):
        return rejection(place, draft.reason)
    if not draft.text:
        return rejection(place, "no article text in it")
    try:
        return _article(draft, draft.member.rpartition("/")[2] or name, at, places)
    except BROKEN as error:
        return rejection(place, str(broken(error)))


def _article(told: Draft, name: str, origin: str, places: identity.Places) -> Article:
    stem = name.encode("utf-8", "replace").decode()[: len(name) - len(ending(name))]
    draft = replace(
        told,
        title=one_line(told.title) or re.sub(r"[-_\s]+", " ", stem).strip(),
        source=told.source and one_line(told.source),
        url=told.url and one_line(told.url, ""),
        author=told.author and one_line(told.author),
    )
    if not draft.language and (code := language.tell(draft.text)):
        draft = replace(draft, language=code, told_by={**draft.told_by, "language": language.TOLD_BY})
    content_hash = identity.content_hash(draft)
    place, key = places.own(draft, origin, content_hash)
    return Article(
        id=identity.article_id(replace(told, key=key), name, place),
        title=draft.title,
        text=draft.text,
        content_hash=content_hash,
        source=draft.source,
        published=draft.published,
        url=draft.url,
        author=draft.author,
        language=draft.language,
        origin=as_text(f"{origin}#{key}" if key else origin),
        told_by=tuple(sorted(draft.told_by.items())),
    )
