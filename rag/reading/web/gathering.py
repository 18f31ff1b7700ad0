"""Turn one address into pages: the page itself, or those that the feed or the sitemap at the address lists."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rag.errors import ArticleUnreadable
from rag.reading.lines import BROKEN, broken
from rag.reading.policy import Page, Policy
from rag.reading.web import feeds, listing, sitemaps
from rag.reading.web.fetch import Fetcher
from rag.reading.web.guard import Network
from rag.reading.web.listing import Listed
from rag.types import Rejection

Progress = Callable[[int, int], None]
_MOST_SITEMAPS = 100
_CREDENTIALS = re.compile(r"//[^/?#]*@")


def gather(
    address: str,
    policy: Policy,
    progress: Progress = lambda _done, _total: None,
    network: Network | None = None,
) -> Iterator[Page | Rejection]:
    """Fetch `address` and yield its page, or every page that the feed or the sitemap there lists.

    Each page is fetched when it is asked for. What cannot be had is a Rejection and never stops the others.
    `progress(done, total)` counts the pages; the total grows with each sitemap of an index.
    """
    if policy.offline:
        reason = "nutgraf is set to stay offline (set offline to false to read from the network)"
        yield Rejection(_shown(address), reason)
        return
    try:
        yield from _Gathering(policy, progress, network or Network()).run(address)
    except BROKEN as error:
        yield Rejection(_shown(address), str(broken(error)))


class _Gathering:
    """One call. `_met` holds every address asked for or arrived at, so that none is read twice."""

    def __init__(self, policy: Policy, progress: Progress, network: Network) -> None:
        self._policy = policy
        self._progress = progress
        self._fetcher = Fetcher(policy, network)
        self._met: set[str] = set()
        self._sitemaps = 0
        self._done = 0
        self._total = 0

    def run(self, address: str) -> Iterator[Page | Rejection]:
        try:
            page = self._fetch(address)
            found = self._list(page)
        except ArticleUnreadable as error:
            yield Rejection(_shown(address), str(error))
            return
        if found is None:
            yield page
            self._progress(1, 1)
            return
        for listed in found:
            if isinstance(listed, Rejection):
                yield listed
            elif self._done == self._policy.pages:
                yield Rejection(
                    _shown(address),
                    f"it lists {self._total:,} pages or more: only the first {self._policy.pages:,} were asked for",
                )
                return
            else:
                yield from self._page(listed)
                self._done += 1
                self._progress(self._done, min(self._total, self._policy.pages))

    def _fetch(self, address: str) -> Page:
        """The page. Raises: ArticleUnreadable, also for an answer that no one expects."""
        try:
            return self._fetcher.page(address)
        except BROKEN as error:
            raise broken(error) from error

    def _list(self, page: Page) -> Iterator[Listed | Rejection] | None:
        """What a feed or a sitemap lists, once for each address; None for a page. Raises: ArticleUnreadable."""
        content = sitemaps.unzipped(page.content)
        kind = listing.kind(content)
        self._met.add(page.address)
        if kind is None:
            return None
        if kind == "index":
            return self._index(content, page.address)
        if kind == "sitemap":
            return self._new(list(sitemaps.parse(content, page.address)))
        found = list(feeds.parse(content, page.charset, page.address))
        if not found:
            raise ArticleUnreadable("the feed has no entries")
        return self._new(found)

    def _index(self, content: bytes, address: str) -> Iterator[Listed | Rejection]:
        """Every page of every sitemap of an index, fetched one sitemap at a time."""
        for entry in sitemaps.parse(content, address):
            if isinstance(entry, Rejection):
                yield entry
            elif entry.address not in self._met:
                self._sitemaps += 1
                if self._sitemaps == _MOST_SITEMAPS + 1:
                    yield Rejection(address, f"it lists more than {_MOST_SITEMAPS} sitemaps: only the first were read")
                if self._sitemaps > _MOST_SITEMAPS:
                    return
                self._met.add(entry.address)
                yield from self._sitemap(entry.address)

    def _sitemap(self, address: str) -> Iterator[Listed | Rejection]:
        try:
            found = self._list(self._fetch(address))
        except ArticleUnreadable as error:
            yield Rejection(_shown(address), str(error))
            return
        if found is None:
            yield Rejection(address, "it is listed as a sitemap and is none")
        else:
            yield from found

    def _new(self, found: Sequence[Listed | Rejection]) -> Iterator[Listed | Rejection]:
        """What is not met yet, counted at once."""
        entries = [entry for entry in found if isinstance(entry, Listed)]
        unlinked = sum(not entry.linked for entry in entries)
        self._total += unlinked + len({entry.address for entry in entries if entry.linked} - self._met)
        for entry in found:
            if isinstance(entry, Rejection) or not entry.linked:
                yield entry
            elif entry.address not in self._met:
                self._met.add(entry.address)
                yield entry

    def _page(self, listed: Listed) -> Iterator[Page | Rejection]:
        """The page, what the feed carries of it, or the reason why neither is had."""
        try:
            if not listed.linked:
                raise ArticleUnreadable("the feed names no page for this entry")
            page = self._fetch(listed.address)
        except ArticleUnreadable as error:
            if not listed.carried:
                yield Rejection(_shown(listed.address), str(error))
                return
            told_by = {**listed.hint.told_by, "text": f"the feed alone: {error.message}"}
            hint = replace(listed.hint, told_by=told_by)
            yield Page(listed.address, listed.carried_type, "utf-8", listed.carried, hint)
            return
        if page.address != listed.address and page.address in self._met:
            yield Rejection(_shown(listed.address), f"it leads to {page.address}, which is read already")
            return
        self._met.add(page.address)
        yield replace(page, hint=listed.hint)


def _shown(address: str) -> str:
    """The address without a password."""
    return _CREDENTIALS.sub("//…@", address, count=1)
