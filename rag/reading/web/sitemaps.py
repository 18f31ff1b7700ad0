"""Sitemaps (https://www.sitemaps.org) and their extension for news: which pages a site lists."""

from __future__ import annotations

import io
from collections.abc import Iterator
from urllib.parse import urljoin

from lxml import etree

from rag.reading import language
from rag.reading.draft import Draft
from rag.reading.web import unpacking
from rag.reading.web.listing import Listed, iso_date, told
from rag.types import Rejection

# The protocol's own limits.
_MOST_ADDRESSES = 50_000
_MOST_BYTES = 50_000_000
_GZIP = b"\x1f\x8b"
_ENTRIES = ("url", "sitemap")


def unzipped(content: bytes) -> bytes:
    """A sitemap as it is, whether it came as .gz or not. Raises: ArticleUnreadable."""
    if not content.startswith(_GZIP):
        return content
    return unpacking.read(iter([content]), "gzip", _MOST_BYTES)


def parse(content: bytes, address: str) -> Iterator[Listed | Rejection]:
    """Yield what the sitemap or the index of sitemaps at `address` lists, and one line where it breaks off."""
    count = 0
    try:
        for _, element in etree.iterparse(
            io.BytesIO(content.lstrip()),
            events=("end",),
            resolve_entities=False,
            no_network=True,
            huge_tree=False,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
        ):
            if _name(element) not in _ENTRIES:
                continue
            if count == _MOST_ADDRESSES:
                yield Rejection(
                    address, f"it lists more than {_MOST_ADDRESSES:,} addresses, and only these were looked at"
                )
                return
            count += 1
            yield _listed(element, address)
            _forget(element)
    except etree.XMLSyntaxError as error:
        yield Rejection(address, f"the sitemap is damaged after {count:,} addresses: {error.msg}")


def _listed(element: etree._Element, address: str) -> Listed:
    """An entry; of the pictures and videos in it, only the names of the elements are like its own."""
    found: dict[str, str] = {}
    for part in element.iter():
        within = part.getparent()
        if within is element or (within is not None and _name(within) in ("news", "publication")):
            found.setdefault(_name(part), (part.text or "").strip())
    draft = Draft(
        title=found.get("title", ""),
        text="",
        source=found.get("name") or None,
        published=iso_date(found.get("publication_date", "")),
        language=language.code(found.get("language")),
    )
    try:
        joined = urljoin(address, found.get("loc", ""))
    except ValueError:
        joined = found.get("loc", "")
    return Listed(joined if found.get("loc") else "", told("the sitemap", draft))


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname.lower() if isinstance(element.tag, str) else ""


def _forget(element: etree._Element) -> None:
    """Free what was read: a sitemap may have a million elements."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]  # type: ignore[union-attr]
