"""Crawl one address: its page, or the pages of the feed or sitemap there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rag.errors import ArticleUnreadable
from rag.reading.draft import PARSER_ERRORS, READ_ERRORS, failure_reason, host, site
from rag.reading.web import Page, Policy, feeds
from rag.reading.web.feeds import Entry
from rag.reading.web.fetch import Fetcher
from rag.reading.web.guard import Network
from rag.types import Rejection

Progress = Callable[[int, int], None]
_MAX_SITEMAPS = 100
_CREDENTIALS = re.compile(r"//[^/?#]*@")


def crawl(
    address: str,
    policy: Policy,
    progress: Progress = lambda _done, _total: None,
    network: Network | None = None,
) -> Iterator[Page | Rejection]:
    """Yield the page at `address`, or every page that the feed or sitemap there lists.

    Pages are fetched lazily. A page that cannot be had is a rejection and does not stop the others.
    `progress(done, total)` counts pages; the total grows with each sitemap of an index.
    """
    if policy.offline:
        yield Rejection(
            _shown(address), "nutgraf is set to stay offline (set offline to false to read from the network)"
        )
        return
    try:
        yield from _Crawl(policy, progress, network or Network()).run(address)
    except PARSER_ERRORS as error:
        yield Rejection(_shown(address), failure_reason(error))


class _Crawl:
    """The state of one crawl; `_seen` holds every address that was requested or redirected to."""

    def __init__(self, policy: Policy, progress: Progress, network: Network) -> None:
        self._policy = policy
        self._progress = progress
        self._fetcher = Fetcher(policy, network)
        self._seen: set[str] = set()
        self._sitemaps = 0
        self._total = 0

    def run(self, address: str) -> Iterator[Page | Rejection]:
        try:
            page = self._fetcher.page(address)
            entries = self._entries(page)
        except READ_ERRORS as error:
            yield Rejection(_shown(address), failure_reason(error))
            return
        if entries is None:
            yield page
            self._progress(1, 1)
            return
        done, limit = 0, self._policy.pages
        for entry in entries:
            if isinstance(entry, Rejection):
                yield entry
            elif done == limit:
                yield Rejection(
                    _shown(address), f"it lists {self._total:,} pages or more; only the first {limit:,} were read"
                )
                return
            else:
                yield self._page(entry)
                done += 1
                self._progress(done, min(self._total, limit))

    def _entries(self, page: Page) -> Iterator[Entry | Rejection] | None:
        """Return the unseen entries of a feed or sitemap; None for a page. Raises: ArticleUnreadable."""
        content = feeds.gunzip(page.content)
        kind = feeds.kind(content)
        self._seen.add(page.address)
        if kind is None:
            return None
        if kind == "index":
            found = self._index_entries(content, page.address)
        elif kind == "sitemap":
            found = self._unseen(list(feeds.parse_sitemap(content, page.address)))
        else:
            found = self._unseen(list(feeds.parse_feed(content, page.charset, page.address)))
        return _or_nothing(found, page.address)

    def _index_entries(self, content: bytes, address: str) -> Iterator[Entry | Rejection]:
        """Yield the entries of every sitemap of an index, fetched one sitemap at a time."""
        for sitemap in feeds.parse_sitemap(content, address):
            if isinstance(sitemap, Rejection):
                yield sitemap
            elif sitemap.address not in self._seen:
                self._sitemaps += 1
                if self._sitemaps == _MAX_SITEMAPS + 1:
                    yield Rejection(address, f"it lists more than {_MAX_SITEMAPS} sitemaps; only the first were read")
                if self._sitemaps > _MAX_SITEMAPS:
                    return
                self._seen.add(sitemap.address)
                yield from self._sitemap_entries(sitemap.address)

    def _sitemap_entries(self, address: str) -> Iterator[Entry | Rejection]:
        try:
            entries = self._entries(self._fetcher.page(address))
        except READ_ERRORS as error:
            yield Rejection(_shown(address), failure_reason(error))
            return
        if entries is None:
            yield Rejection(address, "it is listed as a sitemap, but is not one")
        else:
            yield from entries

    def _unseen(self, found: Sequence[Entry | Rejection]) -> Iterator[Entry | Rejection]:
        """Add to the total at once, then yield what was not seen before."""
        entries = [entry for entry in found if isinstance(entry, Entry)]
        unlinked = sum(not entry.linked for entry in entries)
        self._total += unlinked + len({entry.address for entry in entries if entry.linked} - self._seen)
        for entry in found:
            if isinstance(entry, Rejection) or not entry.linked:
                yield entry
            elif entry.address not in self._seen:
                self._seen.add(entry.address)
                yield entry

    def _page(self, entry: Entry) -> Page | Rejection:
        """Return the page, the feed's own copy of its text, or why neither can be had."""
        try:
            if not entry.linked:
                raise ArticleUnreadable("the feed names no page for this entry")
            page = self._fetcher.page(entry.address)
        except READ_ERRORS as error:
            if not entry.carried:
                return Rejection(_shown(entry.address), failure_reason(error))
            return _carried(entry, error.message if isinstance(error, ArticleUnreadable) else failure_reason(error))
        if page.address != entry.address and page.address in self._seen:
            return Rejection(_shown(entry.address), f"it leads to {page.address}, which was already read")
        self._seen.add(page.address)
        # Anybody can publish a feed: what it says of another site's page is not used.
        return replace(page, hint=entry.hint if site(page.address) == site(entry.feed) else None)


def _or_nothing(found: Iterator[Entry | Rejection], address: str) -> Iterator[Entry | Rejection]:
    """Yield what a feed, sitemap or index lists, or that it lists nothing."""
    yield next(found, Rejection(address, "it lists no page, or only itself and pages that were listed before"))
    yield from found


def _carried(entry: Entry, reason: str) -> Page:
    """Return the feed's own copy of a text whose page cannot be had, for that `reason`.

    It is of the site that served the feed. A link to another site is a claim, which `told_by` repeats.
    """
    hint, address, text_from = entry.hint, entry.address, "the feed alone"
    is_foreign = site(entry.address) != site(entry.feed)
    if is_foreign or not entry.linked:
        hint = replace(hint, source=host(entry.feed), told_by={**hint.told_by, "source": "the host of the feed"})
    if is_foreign:
        link = _shown(entry.address)
        address, text_from = f"{entry.feed}#{link}", f"the feed alone, which links to {link}"
    hint = replace(hint, told_by={**hint.told_by, "text": f"{text_from}: {reason}"})
    return Page(address, entry.carried_type, "utf-8", entry.carried, hint)


def _shown(address: str) -> str:
    """Hide a password in an address."""
    return _CREDENTIALS.sub("//…@", address, count=1)
