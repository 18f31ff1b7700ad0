"""Fetch a page: within limits of time and size, with checked redirects, robots.txt obeyed and pauses kept."""

from __future__ import annotations

import re
import ssl
import time
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from urllib.parse import urljoin

import httpcore
from protego import Protego

from rag.errors import ArticleUnreadable
from rag.reading.web import ROBOT, Page, Policy, guard, user_agent
from rag.reading.web.guard import Deadline, Network, Refused, Target

_REDIRECTS = (301, 302, 303, 307, 308)
_BUSY = (429, 503)
_MAX_ROBOTS_BYTES = 500_000
_BY_HAND = "save the page in your browser, and read that file"


class Fetcher:
    """Fetches pages one after another. Requests share nothing but the pauses and rules of each site: no cookies."""

    def __init__(self, policy: Policy, network: Network) -> None:
        self._policy = policy
        self._network = network
        self._certificates: ssl.SSLContext | None = None
        self._rules: dict[str, Protego | ArticleUnreadable] = {}
        self._last_request: dict[str, float] = {}

    def page(self, address: str) -> Page:
        """Fetch the page at `address`. Raises: ArticleUnreadable."""
        target = guard.parse(address)
        reply = self._get_page(target)
        wait = _retry_after(reply) if reply.status in _BUSY else None
        if wait is not None and wait <= self._policy.max_wait_seconds:
            time.sleep(wait)
            reply = self._get_page(target)
            wait = None
        if reply.status not in (200, 203):
            retry = f", and asks to wait {wait:.0f} seconds" if wait else ""
            raise ArticleUnreadable(f"the server answers {_status(reply.status)}{retry}")
        if not reply.content:
            raise ArticleUnreadable("the page is empty")
        return Page(reply.target.address, *_content_type(reply), reply.content)

    def _get_page(self, target: Target) -> Reply:
        """Request a page, if robots.txt allows it and the host's pause is over."""
        self._check_robots(target)
        self._pause(target)
        return self._follow(target, self._policy.max_bytes)

    def _follow(self, target: Target, max_bytes: int, *, for_robots: bool = False) -> Reply:
        """Follow the redirects, each allowed by its site; `for_robots` asks no permission, and truncates."""
        deadline = Deadline(self._policy.seconds)
        seen = {target}
        for _ in range(self._policy.redirects + 1):
            reply = self._request(target, deadline, max_bytes, truncate=for_robots)
            if not for_robots:
                self._last_request[target.host] = time.monotonic()
            if reply.status not in _REDIRECTS:
                return reply
            target = _redirect_target(reply)
            if target in seen:
                raise ArticleUnreadable(f"it redirects in a circle, through {target.address}")
            seen.add(target)
            if not for_robots:
                self._check_robots(target)
        raise ArticleUnreadable(f"it redirects more than {self._policy.redirects} times")

    def _pause(self, target: Target) -> None:
        """Wait until the host may be asked for another page."""
        if target.host in self._last_request:
            rules = self._robots(target)
            crawl_delay = 0.0 if isinstance(rules, ArticleUnreadable) else rules.crawl_delay(ROBOT) or 0.0
            delay = max(min(crawl_delay, self._policy.max_wait_seconds), self._policy.delay_seconds)
            time.sleep(max(self._last_request[target.host] + delay - time.monotonic(), 0.0))

    # robots.txt (RFC 9309)

    def _check_robots(self, target: Target) -> None:
        rules = self._robots(target)
        if isinstance(rules, ArticleUnreadable):
            raise ArticleUnreadable(rules.message, rules.hint)
        if not rules.can_fetch(target.address, ROBOT):
            raise ArticleUnreadable(f"{target.origin}/robots.txt does not allow robots to read this page", _BY_HAND)

    def _robots(self, target: Target) -> Protego | ArticleUnreadable:
        if target.origin not in self._rules:
            self._rules[target.origin] = self._fetch_robots(target)
        return self._rules[target.origin]

    def _fetch_robots(self, target: Target) -> Protego | ArticleUnreadable:
        """Return the rules, or why the site is closed. Without a robots.txt it is open; if it cannot be had, closed."""
        try:
            address = Target(target.scheme, target.host, target.port, "/robots.txt")
            reply = self._follow(address, _MAX_ROBOTS_BYTES, for_robots=True)
        except Refused as error:
            return error
        except ArticleUnreadable as error:
            return ArticleUnreadable(f"robots.txt cannot be fetched: {error.message}", error.hint)
        if 400 <= reply.status < 500:
            return Protego.parse("")
        if not 200 <= reply.status < 300:
            reason = f"{target.origin}/robots.txt answers {reply.status}, so the site is closed to robots for now"
            return ArticleUnreadable(reason, _BY_HAND)
        return Protego.parse(reply.content.decode("utf-8-sig", "replace"))

    # One request

    def _request(self, target: Target, deadline: Deadline, max_bytes: int, *, truncate: bool = False) -> Reply:
        """Send one request; `truncate` keeps the first `max_bytes` of a longer body. Raises: ArticleUnreadable."""
        policy = self._policy
        with _network_errors(target, deadline):
            addresses = guard.resolve(target, self._network, deadline, allow_private=policy.allow_private)
            backend = guard.PinnedBackend(target, addresses, self._network, deadline, policy.connect_seconds)
            # Loaded once, and only for https: it takes tens of milliseconds.
            if target.scheme == "https" and self._certificates is None:
                self._certificates = self._network.certificates()
            with httpcore.ConnectionPool(
                ssl_context=self._certificates, max_connections=1, network_backend=backend
            ) as pool:
                return _send(pool, target, max_bytes, truncate=truncate)


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP response; header names are in lower case, the first of a repeated one counts. Only a 2xx has content."""

    target: Target
    status: int
    headers: Mapping[str, str]
    content: bytes


def _send(pool: httpcore.ConnectionPool, target: Target, max_bytes: int, *, truncate: bool) -> Reply:
    url = httpcore.URL(
        scheme=target.scheme.encode(),
        host=target.host.encode(),
        port=target.port,
        target=target.path.encode(),
    )
    request_headers: dict[bytes | str, bytes | str] = {
        "Host": target.authority,
        "User-Agent": user_agent(),
        "Accept": "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8",
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    with pool.stream("GET", url, headers=request_headers) as response:
        headers: dict[str, str] = {}
        for name, value in response.headers:
            headers.setdefault(name.decode("ascii").lower(), _decode_header(value))
        content = b""
        if 200 <= response.status < 300:
            announced = headers.get("content-length", "")
            if not truncate and re.fullmatch(r"\d{1,20}", announced) and int(announced) > max_bytes:
                raise _too_large(f"it announces {int(announced) / 1e6:.1f} MB", max_bytes)
            encoding = headers.get("content-encoding", "")
            content = read_body(response.iter_stream(), encoding, max_bytes, truncate=truncate)
        return Reply(target, response.status, headers, content)


def _decode_header(value: bytes) -> str:
    """Decode as UTF-8, which many a Location is, else as Latin-1, which always works."""
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()


@contextmanager
def _network_errors(target: Target, deadline: Deadline) -> Iterator[None]:
    """Turn httpcore's errors into ArticleUnreadable."""
    try:
        yield
    except httpcore.ConnectTimeout as error:
        raise ArticleUnreadable(f"{target.authority} cannot be reached in time", "try again later") from error
    except httpcore.TimeoutException as error:
        reason = f"{target.authority} is too slow: the page did not arrive within {deadline.seconds:g} seconds"
        raise ArticleUnreadable(reason, "try again later") from error
    except httpcore.ConnectError as error:
        raise ArticleUnreadable(f"cannot connect to {target.authority}: {_cause(error)}") from error
    except httpcore.NetworkError as error:
        raise ArticleUnreadable(f"{target.authority} broke off the connection: {_cause(error)}") from error
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise ArticleUnreadable(f"{target.authority} sent an invalid HTTP response: {error}") from error


def _cause(error: Exception) -> str:
    # httpcore wraps the socket's error, and its pool drops the `__cause__`.
    cause = error.args[0] if error.args else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {cause.verify_message}"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(error) or type(error).__name__


def _redirect_target(reply: Reply) -> Target:
    """Return where a redirect leads. Raises: ArticleUnreadable, also for a redirect from https to http."""
    location = reply.headers.get("location", "")
    if not location:
        raise ArticleUnreadable(f"the server answers {_status(reply.status)} without a new address")
    try:
        target = guard.parse(urljoin(reply.target.address, location))
    except ValueError as error:
        raise ArticleUnreadable(f"it redirects to an invalid address: {error}") from error
    except ArticleUnreadable as error:
        raise ArticleUnreadable(f"it redirects elsewhere: {error.message}", error.hint) from error
    if (reply.target.scheme, target.scheme) == ("https", "http"):
        # Anybody on the way could change an unencrypted page, and a citation would quote the change.
        raise ArticleUnreadable(f"it redirects from https to {target.address}, which is not encrypted")
    return target


def _status(status: int) -> str:
    """Return `404 Not Found`; the server's own phrase is not repeated."""
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _retry_after(reply: Reply) -> float | None:
    """Return the seconds that the server asks to wait, given as a number or as a date."""
    value = reply.headers.get("retry-after", "")
    if value.isdecimal():
        return float(value)
    try:
        until = parsedate_to_datetime(value)
        return max((until - datetime.now(UTC)).total_seconds(), 0.0) if until.tzinfo else None
    except (OverflowError, ValueError):
        return None


def _content_type(reply: Reply) -> tuple[str, str | None]:
    value = reply.headers.get("content-type", "")
    header = Message()
    header["Content-Type"] = value
    try:
        charset = header.get_param("charset")
    # Contradictory numbered parameters (RFC 2231) break the standard library.
    except (LookupError, TypeError, ValueError):
        charset = None
    return value.partition(";")[0].strip().lower(), charset.strip() or None if isinstance(charset, str) else None


# Bodies

_PIECE_BYTES = 65_536
# zlib's code for: gzip or zlib, whichever the first bytes say.
_GZIP_OR_ZLIB = 47


def read_body(chunks: Iterable[bytes], encoding: str, max_bytes: int, *, truncate: bool = False) -> bytes:
    """Read a body with this Content-Encoding; `max_bytes` limits it both compressed and uncompressed.

    `truncate` keeps the first `max_bytes` of a longer one. Raises: ArticleUnreadable.
    """
    encoding = encoding.strip().lower()
    if encoding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        raise ArticleUnreadable(f"it is compressed as {encoding!r}, which was not asked for")
    limited = _limit(chunks, max_bytes, truncate=truncate)
    pieces = limited if encoding in ("", "identity") else _decompress(limited)
    return b"".join(_limit(pieces, max_bytes, truncate=truncate))


def _decompress(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield small pieces, so that a bomb is noticed early. Raises: ArticleUnreadable, for truncated or damaged data."""
    engine = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        for chunk in chunks:
            rest = chunk
            while True:
                if engine.eof:
                    # Another member may follow the first; zeros may pad the last.
                    rest = rest.lstrip(b"\0")
                    if not rest:
                        break
                    engine = zlib.decompressobj(_GZIP_OR_ZLIB)
                piece = engine.decompress(rest, _PIECE_BYTES)
                yield piece
                rest = engine.unused_data if engine.eof else engine.unconsumed_tail
                if not rest and len(piece) < _PIECE_BYTES:
                    break
    except zlib.error as error:
        raise ArticleUnreadable(f"its compressed content is damaged: {error}") from error
    if not engine.eof:
        raise ArticleUnreadable("its compressed content is cut short")


def _limit(chunks: Iterable[bytes], max_bytes: int, *, truncate: bool) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > max_bytes and not truncate:
            raise _too_large(f"it has more than {max_bytes / 1e6:g} MB", max_bytes)
        if size > max_bytes:
            yield chunk[: len(chunk) - (size - max_bytes)]
            return
        yield chunk


def _too_large(reason: str, max_bytes: int) -> ArticleUnreadable:
    return ArticleUnreadable(reason, f"a page has at most {max_bytes / 1e6:g} MB")
