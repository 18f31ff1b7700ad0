"""One request and its answer, guarded: to a checked address, within a deadline, of limited size."""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpcore

from rag.errors import ArticleUnreadable
from rag.reading.policy import Policy, user_agent
from rag.reading.web import guard, unpacking
from rag.reading.web.guard import Deadline, Network, Target


@dataclass(frozen=True, slots=True)
class Reply:
    """`headers` has its names in lower case; of a header sent twice it has the first. No body but of a success."""

    target: Target
    status: int
    headers: Mapping[str, str]
    content: bytes


class Exchanges:
    """Asks for one address at a time; nothing is kept from one request to the next, cookies neither."""

    def __init__(self, policy: Policy, network: Network) -> None:
        self._policy = policy
        self._network = network
        self._certificates: ssl.SSLContext | None = None

    def get(self, target: Target, deadline: Deadline, most: int, *, cut: bool = False) -> Reply:
        """Ask for `target` and read at most `most` bytes; `cut` keeps the beginning of what is longer.

        Raises: ArticleUnreadable.
        """
        with _explained(target, deadline):
            addresses = guard.checked(target, self._network, deadline, allow_private=self._policy.allow_private)
            backend = guard.Pinned(target, addresses, self._network, deadline, self._policy.connect_seconds)
            with httpcore.ConnectionPool(
                ssl_context=self._tls(target), max_connections=1, network_backend=backend
            ) as pool:
                return self._ask(pool, target, most, cut=cut)

    def _ask(self, pool: httpcore.ConnectionPool, target: Target, most: int, *, cut: bool) -> Reply:
        url = httpcore.URL(
            scheme=target.scheme.encode(),
            host=target.host.encode(),
            port=target.port,
            target=target.path.encode(),
        )
        asked: dict[bytes | str, bytes | str] = {
            "Host": target.authority,
            "User-Agent": user_agent(),
            "Accept": "text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8",
            "Accept-Encoding": "gzip",
            "Connection": "close",
        }
        with pool.stream("GET", url, headers=asked) as response:
            headers: dict[str, str] = {}
            for name, value in response.headers:
                headers.setdefault(name.decode("ascii").lower(), _text(value))
            content = b""
            if 200 <= response.status < 300:
                if not cut:
                    _check_length(headers.get("content-length", ""), most)
                content = unpacking.read(response.iter_stream(), headers.get("content-encoding", ""), most, cut=cut)
            return Reply(target, response.status, headers, content)

    def _tls(self, target: Target) -> ssl.SSLContext | None:
        """Loaded once, and only for https: it takes tens of milliseconds."""
        if target.scheme == "https" and self._certificates is None:
            self._certificates = self._network.certificates()
        return self._certificates


def _text(value: bytes) -> str:
    """A header's value: UTF-8 where it is, as in many a Location, else Latin-1, which any bytes are."""
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()


def _check_length(announced: str, most: int) -> None:
    if re.fullmatch(r"\d{1,20}", announced) and int(announced) > most:
        raise ArticleUnreadable(
            f"it announces {int(announced) / 1e6:.1f} MB, and a page has at most {most / 1e6:g} MB",
            "such a page is no article",
        )


@contextmanager
def _explained(target: Target, deadline: Deadline) -> Iterator[None]:
    """Say for people what went wrong with `target`."""
    try:
        yield
    except httpcore.ConnectTimeout as error:
        raise ArticleUnreadable(f"{target.authority} cannot be reached in time", "try again later") from error
    except httpcore.TimeoutException as error:
        reason = f"{target.authority} is too slow: not all of it came within {deadline.seconds:g} seconds"
        raise ArticleUnreadable(reason, "try again later") from error
    except httpcore.ConnectError as error:
        raise ArticleUnreadable(f"{target.authority} cannot be connected to: {_cause(error)}") from error
    except httpcore.NetworkError as error:
        raise ArticleUnreadable(f"{target.authority} broke the connection off: {_cause(error)}") from error
    except (httpcore.ProtocolError, httpcore.UnsupportedProtocol) as error:
        raise ArticleUnreadable(f"{target.authority} does not speak HTTP as it should: {error}") from error


def _cause(error: Exception) -> str:
    # httpcore wraps what the socket raised, and its pool drops the `__cause__`.
    cause = error.args[0] if error.args else None
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {cause.verify_message}"
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return str(error) or type(error).__name__
