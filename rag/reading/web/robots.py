"""What a site's robots.txt lets nutgraf read (RFC 9309)."""

from __future__ import annotations

from collections.abc import Callable

from protego import Protego

from rag.errors import ArticleUnreadable
from rag.reading.policy import ROBOT
from rag.reading.web.exchange import Reply
from rag.reading.web.guard import Refused, Target

MOST_BYTES = 500_000
_BY_HAND = "save the page in your browser, and read that file"


class Robots:
    """The rules of every site met, each asked for once. `fetch` gets a robots.txt through the guard."""

    def __init__(self, fetch: Callable[[Target], Reply]) -> None:
        self._fetch = fetch
        self._known: dict[str, Protego | ArticleUnreadable] = {}

    def check(self, target: Target) -> None:
        """Raises: ArticleUnreadable, for a page that the site keeps from robots."""
        rules = self._rules(target)
        if isinstance(rules, ArticleUnreadable):
            raise ArticleUnreadable(rules.message, rules.hint)
        if not rules.can_fetch(target.address, ROBOT):
            raise ArticleUnreadable(f"{target.origin}/robots.txt keeps this page from robots", _BY_HAND)

    def delay(self, target: Target) -> float:
        """The seconds that the site wants between two requests."""
        rules = self._rules(target)
        return 0.0 if isinstance(rules, ArticleUnreadable) else rules.crawl_delay(ROBOT) or 0.0

    def _rules(self, target: Target) -> Protego | ArticleUnreadable:
        if target.origin not in self._known:
            self._known[target.origin] = self._ask(target)
        return self._known[target.origin]

    def _ask(self, target: Target) -> Protego | ArticleUnreadable:
        """The rules, or why there are none: a site without a robots.txt is open, one that cannot show it is closed."""
        try:
            reply = self._fetch(Target(target.scheme, target.host, target.port, "/robots.txt"))
        except Refused as error:
            return error
        except ArticleUnreadable as error:
            return ArticleUnreadable(f"{error.message}, when asked for its robots.txt", error.hint)
        if 400 <= reply.status < 500:
            return Protego.parse("")
        if not 200 <= reply.status < 300:
            reason = f"{target.origin}/robots.txt answers {reply.status}, which closes the site for now"
            return ArticleUnreadable(reason, _BY_HAND)
        return Protego.parse(reply.content.decode("utf-8-sig", "replace"))
