"""The day a page was published: never the day of a change or of a fetch.

What is meant for machines goes before what is meant for people, and both before the address.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rag.reading import language, months
from rag.reading.dates import checked, find_dates, read_date
from rag.reading.jsonld import texts
from rag.reading.metadata import Page
from rag.types import PublishedDate

if TYPE_CHECKING:
    from lxml.html import HtmlElement

Told = Iterator[tuple[PublishedDate | None, str]]

_METAS = """article:published_time og:article:published_time og:published_time article:published datepublished
 date_published published_time publishdate publish-date publish_date published-date publication_date publication-date
 originalpublicationdate article_date_original pubdate bt:pubdate rnews:datepublished parsely-pub-date sailthru.date
 cxenseparse:recs:publishtime citation_publication_date citation_online_date citation_date dcterms.issued dc.date.issued
 dc.date.created dcterms.created dcterms.date dc.date date article:post_date""".split()
_TIME_LIMIT = 40
_STAMP = re.compile(
    r"\s*(?P<year>\d{4})(?:(?P<mark>[-/.]?)(?P<month>\d{2})(?:(?P=mark)(?P<day>\d{2}))?)?(?=$|[\sT,+]|\d{6}(?!\d))"
)
_IN_ADDRESS = re.compile(r"(?<!\d)((?:19|20)\d{2})([-/_.]?)(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d)")
_IN_ADDRESS_WORDED = re.compile(r"/((?:19|20)\d{2})/([a-z]{3,9})/(\d{1,2})(?!\d)", re.IGNORECASE)
_CHANGED = re.compile(
    r"updat|modif|edited|chang|revis|aktualis|actualiz|atualiz|mis à jour|aggiorn|обновл", re.IGNORECASE
)
_ELSEWHERE = re.compile(
    r"comment|relat|recommend|sidebar|footer|widget|trending|popular|teaser|promo|card|more-|latest", re.IGNORECASE
)
_LINE_CHARS = 120
_PARAGRAPHS = 40
_LINES_AFTER_TITLE = 30
_DATE_WORDS = 4
_LABEL = re.compile(r"publish|publi[cé]|posted|veröffentlicht|\bby\b|^date", re.IGNORECASE)


def published(page: Page) -> tuple[PublishedDate, str] | None:
    """The day a page was published and where it says so; None where it does not."""
    tellers = (_linked, _metas, _microdata, _times, _address, _lines)
    spoken = _spoken(page)
    told = next(((value, where) for teller in tellers for value, where in teller(page, spoken) if value), None)
    dated = next((value for value, _ in _address(page, spoken) if value), None)
    # A stamp is often in UTC, where an evening at the outlet is the day after; the address has the outlet's own day.
    if told and dated and told[0].day_known and dated.day_known:
        apart = abs((told[0].day_known - dated.day_known).days)
        return (dated, "the address") if apart == 1 else told
    return told


def _spoken(page: Page) -> str | None:
    """The language of a page's dates. Many a page says English and is not: what it is, its paragraphs tell."""
    named = (page.tree.get("lang"), page.tree.get("xml:lang"), *(name for name, _ in page.first("og:locale")))
    code = next(filter(None, map(language.code, named)), None)
    if code not in (None, "en"):
        return code
    shown = islice((str(node.text_content()) for node in page.tree.iter("p")), _PARAGRAPHS)
    return language.tell(" ".join(sorted(shown, key=len)[-1:])) or code


def _linked(page: Page, spoken: str | None) -> Told:
    for field in ("datePublished", "dateCreated"):
        yield from ((stamp(text, spoken), f"JSON-LD {field}") for text in texts(page.article.get(field)))


def _metas(page: Page, spoken: str | None) -> Told:
    yield from ((stamp(content, spoken), where) for content, where in page.first(*_METAS))
    if not page.article:
        for node in page.linked.pages[:1]:
            yield from (
                (stamp(text, spoken), "JSON-LD WebPage datePublished") for text in texts(node.get("datePublished"))
            )


def _microdata(page: Page, spoken: str | None) -> Told:
    path = (
        './/*[@itemprop="datePublished" or @property="datePublished" or @pubdate or contains(@class, "dt-published")]'
    )
    yield from (
        (_shown(node, spoken), "itemprop datePublished") for node in page.tree.xpath(path)[:3] if not _elsewhere(node)
    )


def _times(page: Page, spoken: str | None) -> Told:
    """The time elements of the page: the first after the title, unless it tells of a change or of another article."""
    path = ".//h1[1]/following::time" if page.tree.find(".//h1") is not None else ".//time"
    nodes = page.tree.xpath(path)[:_TIME_LIMIT] or page.tree.xpath(".//time")[:_TIME_LIMIT]
    yield from (
        (_shown(node, spoken), "the time element") for node in nodes if not _elsewhere(node) and not _changed(node)
    )


def _address(page: Page, spoken: str | None) -> Told:
    for url in (page.url, page.address):
        path = urlsplit(url or "").path
        if found := _IN_ADDRESS.search(path):
            yield checked(int(found[1]), int(found[3]), int(found[4])), "the address"
        if (worded := _IN_ADDRESS_WORDED.search(path)) and (month := months.number(worded[2], spoken)):
            yield checked(int(worded[1]), month, int(worded[3])), "the address"


def _lines(page: Page, spoken: str | None) -> Told:
    """The short lines by the title: dates further on are what the article is about. A day goes before a month."""
    after = page.tree.xpath("(.//h1)[1]/following::text()[normalize-space()][not(ancestor::script or ancestor::style)]")
    lines = [" ".join(text.split()) for text in islice(after, _LINES_AFTER_TITLE)]
    told = [value for line in lines if _bare(line, spoken) and (value := _written(line, spoken)) and value.month]
    yield from ((value, "the line by the title") for value in sorted(told, key=lambda value: not value.day))


def _bare(line: str, spoken: str | None) -> bool:
    """Whether a line says little but a date: a caption or a sentence has a date of its own."""
    if len(line) > _LINE_CHARS or not re.search(r"\d{4}", line) or _CHANGED.search(line):
        return False
    if line.endswith((".", "!", "?")):
        # In some languages a date ends in a full stop.
        found = next(find_dates(line, spoken), None)
        return found is not None and len(re.findall(r"\w+", line[: found.start] + line[found.end :])) <= 1
    return bool(_LABEL.search(line)) or len(re.findall(r"[^\W\d_]{3,}", line)) <= _DATE_WORDS


def stamp(text: str, spoken: str | None = None) -> PublishedDate | None:
    """The calendar day of a date meant for machines, in the time zone that it is told in.

    Where it is in words after all, they are of the language `spoken` (ISO 639-1), or of any common one.
    """
    found = _STAMP.match(text)
    told = checked(int(found["year"]), int(found["month"] or 0), int(found["day"] or 0)) if found else None
    # "2021 m. kovo 8 d." begins with the year alone.
    value = told if told and told.month else _written(text[:_LINE_CHARS], spoken) or told
    # What programs write where they know none.
    return None if value == PublishedDate(1970, 1, 1) else value


def _written(text: str, spoken: str | None) -> PublishedDate | None:
    value = read_date(text, spoken)
    return value if value and value.year else None


def _shown(node: HtmlElement, spoken: str | None) -> PublishedDate | None:
    for text in (node.get("datetime"), node.get("content"), node.get("title"), str(node.text_content())[:_LINE_CHARS]):
        if text and (value := stamp(" ".join(text.split()), spoken)):
            return value
    return None


def _changed(node: HtmlElement) -> bool:
    parent = node.getparent()
    near = "" if parent is None else f"{parent.get('class')} {str(parent.text_content())[:40]}"
    before = node.getprevious()
    label = f"{before.text_content()}" if before is not None and isinstance(before.tag, str) else ""
    return bool(_CHANGED.search(f"{node.get('class')} {node.get('itemprop')} {label[-30:]}") or _CHANGED.search(near))


def _elsewhere(node: HtmlElement) -> bool:
    """Whether an element stands in what is not the article: comments, links to others, the foot of the page."""
    around = [node, *islice(node.iterancestors(), 8)]
    return any(
        outer.tag in ("aside", "footer", "nav", "li") or _ELSEWHERE.search(f"{outer.get('class')} {outer.get('id')}")
        for outer in around
        if outer.tag not in ("body", "html")
    )
