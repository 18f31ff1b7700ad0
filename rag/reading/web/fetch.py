"""Fetch a page politely: redirects checked one by one, robots.txt obeyed, pauses kept."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urljoin

from rag.errors import ArticleUnreadable
from rag.reading.policy import Page, Policy
from rag.reading.web import guard, robots
from rag.reading.web.exchange import Exchanges, Reply
from rag.reading.web.guard import Deadline, Network, Target

_MOVED = (301, 302, 303, 307, 308)
_BUSY = (429, 503)


class Fetcher:
    """Fetches pages one after another."""

    def __init__(self, policy: Policy, network: Network) -> None:
        self._policy = policy
        self._exchanges = Exchanges(policy, network)
        self._robots = robots.Robots(self._fetch_robots)
        self._asked_at: dict[str, float] = {}

    def page(self, address: str) -> Page:
        """Fetch what stands at `address`. Raises: ArticleUnreadable, with the reason for people."""
        target = guard.parse(address)
        reply = self._follow(target)
        wait = _retry_after(reply) if reply.status in _BUSY else None
        if wait is not None and wait <= self._policy.longest_wait_seconds:
            time.sleep(wait)
            reply = self._follow(target)
            wait = None
        if reply.status not in (200, 203):
            asks = f", and it asks to wait {wait:.0f} seconds" if wait else ""
            raise ArticleUnreadable(f"the server answers {_named(reply.status)}{asks}")
        if not reply.content:
            raise ArticleUnreadable("the page is empty")
        return Page(reply.target.address, *_content_type(reply), reply.content)

    def _follow(self, target: Target) -> Reply:
        """The answer at the end of all redirects, each allowed by its site's robots.txt."""
        self._robots.check(target)
        self._pause(target)
        deadline = Deadline(self._policy.seconds)
        seen = {target}
        for _ in range(self._policy.redirects + 1):
            reply = self._exchanges.get(target, deadline, self._policy.max_bytes)
            self._asked_at[target.host] = time.monotonic()
            if reply.status not in _MOVED:
                return reply
            target = _next(reply)
            if target in seen:
                raise ArticleUnreadable(f"it redirects in a circle, by way of {target.address}")
            seen.add(target)
            self._robots.check(target)
        raise ArticleUnreadable(f"it redirects more than {self._policy.redirects} times")

    def _fetch_robots(self, target: Target) -> Reply:
        deadline = Deadline(self._policy.seconds)
        for _ in range(self._policy.redirects + 1):
            reply = self._exchanges.get(target, deadline, robots.MOST_BYTES, cut=True)
            if reply.status not in _MOVED:
                return reply
            target = _next(reply)
        raise ArticleUnreadable(f"it redirects more than {self._policy.redirects} times")

    def _pause(self, target: Target) -> None:
        """Wait until the host has had its rest since it was last asked for a page."""
        if target.host in self._asked_at:
            wanted = min(self._robots.delay(target), self._policy.longest_wait_seconds)
            rest = self._asked_at[target.host] + max(wanted, self._policy.delay_seconds) - time.monotonic()
            time.sleep(max(rest, 0.0))


def _next(reply: Reply) -> Target:
    """Where a redirect leads. Raises: ArticleUnreadable, also for the way from https to http."""
    location = reply.headers.get("location", "")
    if not location:
        raise ArticleUnreadable(f"the server answers {_named(reply.status)}, but not where to")
    try:
        joined = urljoin(reply.target.address, location)
    except ValueError as error:
        raise ArticleUnreadable(f"it redirects to what is no web address: {error}") from error
    try:
        target = guard.parse(joined)
    except ArticleUnreadable as error:
        raise ArticleUnreadable(f"it redirects elsewhere, and {error.message}", error.hint) from error
    if (reply.target.scheme, target.scheme) == ("https", "http"):
        # Whoever sits in between could then change the page unseen, and a citation would quote the change.
        raise ArticleUnreadable(f"it redirects from https to {target.address}, which nothing protects")
    return target


def _named(status: int) -> str:
    """`404 Not Found`; the server's own words for it are not repeated."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _retry_after(reply: Reply) -> float | None:
    """The seconds that the server asks to wait, told as a number or as a date."""
    told = reply.headers.get("retry-after", "")
    if told.isdecimal():
        return float(told)
    try:
        until = parsedate_to_datetime(told)
        return max((until - datetime.now(UTC)).total_seconds(), 0.0) if until.tzinfo else None
    except (OverflowError, ValueError):
        return None


def _content_type(reply: Reply) -> tuple[str, str | None]:
    told = reply.headers.get("content-type", "")
    header = Message()
    header["Content-Type"] = told
    try:
        charset = header.get_param("charset")
    # It stumbles over parameters in numbered parts (RFC 2231) that contradict each other.
    except (LookupError, TypeError, ValueError):
        charset = None
    return told.partition(";")[0].strip().lower(), charset.strip() or None if isinstance(charset, str) else None
