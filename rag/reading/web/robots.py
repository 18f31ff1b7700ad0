"""What a site's robots.txt lets nutgraf read (RFC 9309)."""

from __future__ import annotations

from collections.abc import Callable

from protego import Protego

from rag.errors import ArticleUnreadable
from rag.reading.web.exchange import Reply
from rag.reading.web.guard import Target
from rag.reading.web.policy import ROBOT

MOST_BYTES = 500_000
_CLOSED = Protego.parse("User-agent: *\nDisallow: /")


class Robots:
    """The rules of every site met, each asked for once. `fetch` gets a robots.txt through the guard."""

    def __init__(self, fetch: Callable[[Target], Reply]) -> None:
        self._fetch = fetch
        self._known: dict[str, tuple[Protego, str]] = {}

    def check(self, target: Target) -> None:
        """Raises: ArticleUnreadable, for a page that the site keeps from robots."""
        rules, failure = self._rules(target)
        if not rules.can_fetch(target.address, ROBOT):
            reason = f"cannot be read ({failure}), which closes the site" if failure else "keeps this page from robots"
            raise ArticleUnreadable(
                f"{target.origin}/robots.txt {reason}", "save the page in your browser, and read the file"
            )

    def delay(self, target: Target) -> float:
        """The seconds that the site wants between two requests."""
        return self._rules(target)[0].crawl_delay(ROBOT) or 0.0

    def _rules(self, target: Target) -> tuple[Protego, str]:
        if target.origin not in self._known:
            self._known[target.origin] = self._ask(target)
        return self._known[target.origin]

    def _ask(self, target: Target) -> tuple[Protego, str]:
        """The rules, and why they could not be had: none there opens the site, a broken server closes it."""
        try:
            reply = self._fetch(Target(target.scheme, target.host, target.port, "/robots.txt"))
        except ArticleUnreadable as error:
            return _CLOSED, error.message
        if 400 <= reply.status < 500:
            return Protego.parse(""), ""
        if not 200 <= reply.status < 300:
            return _CLOSED, str(reply.status)
        return Protego.parse(reply.content.decode("utf-8-sig", "replace")), ""
