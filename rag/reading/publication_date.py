"""The day a web page was published, never the day it was modified or fetched.

Machine-readable dates come first, then dates shown to readers; the address fills in or corrects a time zone's shift.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from rag.reading import language
from rag.reading.dates import find_dates, month_number, parse_date, read_date, valid_date
from rag.reading.metadata import Page, texts
from rag.types import PublishedDate

if TYPE_CHECKING:
    from lxml.html import HtmlElement

# Dates, best first, each with the place it comes from and the text that was parsed.
Candidates = Iterator[tuple[PublishedDate | None, str, str]]

_METAS = """article:published_time og:article:published_time og:published_time article:published datepublished
 date_published published_time publishdate publish-date publish_date published-date publication_date publication-date
 originalpublicationdate article_date_original pubdate bt:pubdate rnews:datepublished parsely-pub-date sailthru.date
 cxenseparse:recs:publishtime citation_publication_date citation_online_date citation_date dcterms.issued dc.date.issued
 dc.date.created dcterms.created dcterms.date dc.date date article:post_date""".split()
_MICRODATA = (
    './/*[@itemprop="datePublished" or @property="datePublished" or @pubdate or contains(@class, "dt-published")]'
)
_AFTER_TITLE = "(.//h1)[1]/following::text()[normalize-space()][not(ancestor::script or ancestor::style)]"
_IN_ADDRESS = re.compile(r"(?<!\d)((?:19|20)\d{2})([-/_.]?)(0?[1-9]|1[0-2])\2(0?[1-9]|[12]\d|3[01])(?!\d)")
_NAMED_IN_ADDRESS = re.compile(r"/((?:19|20)\d{2})/([a-z]{3,9})/(\d{1,2})(?!\d)", re.IGNORECASE)
# The hour of a timestamp, and its distance from UTC where one is told.
_TIME = re.compile(r"(?<!\d)(\d{1,2}):\d{2}(?::\d{2}(?:\.\d+)?)?\s*(?:GMT|UTC)?\s*([+-]\d{2}:?\d{2})?", re.IGNORECASE)
_MAX_HOURS_WEST, _MAX_HOURS_EAST = 12, 14
_MODIFIED = re.compile(
    r"updat|modif|edited|chang|revis|aktualis|actualiz|atualiz|mis à jour|aggiorn|обновл", re.IGNORECASE
)
_NOT_ARTICLE = re.compile(
    r"comment|relat|recommend|sidebar|footer|widget|trending|popular|teaser|promo|card|more-|latest", re.IGNORECASE
)
_DATE_LABEL = re.compile(r"publish|publi[cé]|posted|veröffentlicht|\bby\b|^date", re.IGNORECASE)
_MAX_TIME_ELEMENTS = 40
_MAX_LINE_CHARS = 120
_MAX_LINES_AFTER_TITLE = 30
_MAX_WORDS_BESIDE_DATE = 4
_SAMPLED_PARAGRAPHS = 40
# What programs write for an unknown date.
_EPOCH = PublishedDate(1970, 1, 1)


def published(page: Page) -> tuple[PublishedDate, str] | None:
    """Return the day a page was published and where it says so; None where it does not."""
    lang = _date_language(page)
    places = (_json_ld, _metas, _microdata, _time_elements, _address, _lines_by_title)
    dates = ((value, where, text) for place in places for value, where, text in place(page, lang) if value)
    found = next(dates, None)
    if found is None:
        return None
    value, where, text = found
    in_address = next((value for value, _, path in _address(page, lang) if value and path.startswith("/")), None)
    if in_address and in_address != value and _is_shifted(value, text, in_address):
        return in_address, "the address"
    return value, where


def _is_shifted(value: PublishedDate, text: str, in_address: PublishedDate) -> bool:
    """Return whether the outlet's day is the one in the address, and `text` the same time in UTC.

    West of Greenwich the evening is already the next day in UTC, in the far east the morning is still the day before.
    """
    time = _TIME.search(text)
    if not (time and value.day_known and in_address.day_known) or (time[2] and int(re.sub(r"\D", "", time[2]))):
        return False
    days = (value.day_known - in_address.day_known).days
    return (days == 1 and int(time[1]) < _MAX_HOURS_WEST) or (days == -1 and int(time[1]) >= 24 - _MAX_HOURS_EAST)


def _date_language(page: Page) -> str | None:
    """Return the language of a page's dates. Many pages that say English are not: their longest paragraph decides."""
    tags = (page.tree.get("lang"), page.tree.get("xml:lang"), *(name for name, _ in page.metas("og:locale")))
    code = next(filter(None, map(language.code, tags)), None)
    if code not in (None, "en"):
        return code
    paragraphs = islice((str(node.text_content()) for node in page.tree.iter("p")), _SAMPLED_PARAGRAPHS)
    return language.detect(max(paragraphs, key=len, default="")) or code


def _json_ld(page: Page, lang: str | None) -> Candidates:
    for field in ("datePublished", "dateCreated"):
        yield from ((_parse(text, lang), f"JSON-LD {field}", text) for text in texts(page.article.get(field)))


def _metas(page: Page, lang: str | None) -> Candidates:
    yield from ((_parse(content, lang), where, content) for content, where in page.metas(*_METAS))
    if not page.article:
        for node in page.json_ld.pages[:1]:
            for text in texts(node.get("datePublished")):
                yield _parse(text, lang), "JSON-LD WebPage datePublished", text


def _microdata(page: Page, lang: str | None) -> Candidates:
    nodes = (node for node in page.tree.xpath(_MICRODATA)[:3] if not _is_outside_article(node))
    yield from (_element_date(node, lang, "itemprop datePublished") for node in nodes)


def _time_elements(page: Page, lang: str | None) -> Candidates:
    path = ".//h1[1]/following::time" if page.tree.find(".//h1") is not None else ".//time"
    nodes = page.tree.xpath(path)[:_MAX_TIME_ELEMENTS] or page.tree.xpath(".//time")[:_MAX_TIME_ELEMENTS]
    for node in nodes:
        if not _is_outside_article(node) and not _is_modification(node):
            yield _element_date(node, lang, "the time element")


def _address(page: Page, lang: str | None) -> Candidates:
    for url in (page.url, page.address):
        path = urlsplit(url or "").path
        if found := _IN_ADDRESS.search(path):
            # A day that begins a part of the path is the outlet's; in a name it may be that of an event.
            yield valid_date(int(found[1]), int(found[3]), int(found[4])), "the address", path[found.start() - 1 :]
        if (named := _NAMED_IN_ADDRESS.search(path)) and (month := month_number(named[2], lang)):
            yield valid_date(int(named[1]), month, int(named[3])), "the address", named.group()


def _lines_by_title(page: Page, lang: str | None) -> Candidates:
    """Yield the dates of short lines after the title, days before months; later dates are what the article is about."""
    lines = [" ".join(text.split()) for text in islice(page.tree.xpath(_AFTER_TITLE), _MAX_LINES_AFTER_TITLE)]
    dates = [value for line in lines if _is_date_line(line, lang) and (value := read_date(line, lang))]
    dates = [value for value in dates if value.year and value.month]
    yield from ((value, "the line by the title", "") for value in sorted(dates, key=lambda value: not value.day))


def _is_date_line(line: str, lang: str | None) -> bool:
    """Return whether a line says little but a date, unlike a sentence or a caption."""
    if len(line) > _MAX_LINE_CHARS or not re.search(r"\d{4}", line) or _MODIFIED.search(line):
        return False
    if line.endswith((".", "!", "?")):
        # In some languages a date ends in a full stop.
        found = next(find_dates(line, lang), None)
        return found is not None and len(re.findall(r"\w+", line[: found.start] + line[found.end :])) <= 1
    return bool(_DATE_LABEL.search(line)) or len(re.findall(r"[^\W\d_]{3,}", line)) <= _MAX_WORDS_BESIDE_DATE


def _parse(text: str, lang: str | None) -> PublishedDate | None:
    value = parse_date(text[:_MAX_LINE_CHARS], lang)
    return value if value and value.year and value != _EPOCH else None


def _element_date(node: HtmlElement, lang: str | None, where: str) -> tuple[PublishedDate | None, str, str]:
    shown = str(node.text_content())[:_MAX_LINE_CHARS]
    for text in (node.get("datetime"), node.get("content"), node.get("title"), shown):
        if text and (value := _parse(" ".join(text.split()), lang)):
            return value, where, text
    return None, where, ""


def _is_modification(node: HtmlElement) -> bool:
    parent, before = node.getparent(), node.getprevious()
    around = "" if parent is None else f"{parent.get('class')} {str(parent.text_content())[:40]}"
    label = str(before.text_content())[-30:] if before is not None and isinstance(before.tag, str) else ""
    return bool(_MODIFIED.search(f"{node.get('class')} {node.get('itemprop')} {label} {around}"))


def _is_outside_article(node: HtmlElement) -> bool:
    """Return whether an element is in comments, links to other articles, or the foot of the page."""
    return any(
        outer.tag in ("aside", "footer", "nav", "li") or _NOT_ARTICLE.search(f"{outer.get('class')} {outer.get('id')}")
        for outer in [node, *islice(node.iterancestors(), 8)]
        if outer.tag not in ("body", "html")
    )
