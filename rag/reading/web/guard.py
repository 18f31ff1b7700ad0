"""The guard against server-side request forgery: which addresses may be read, and connections that go nowhere else.

A host name is resolved once, all its addresses are checked, and the connection goes to one of them. Proxies from the
environment are not used: a proxy resolves the name again, where the guard cannot check it.
"""

from __future__ import annotations

import re
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from threading import Thread
from urllib.parse import quote, urlsplit

import httpcore

from rag.errors import ArticleUnreadable

_PORTS = {"http": 80, "https": 443}
# Left as they are in an address; anything else, such as a non-ASCII letter, is percent-encoded as UTF-8.
_SAFE = "%/?:@!$&'()*+,;=~[]|"
_HOST = re.compile(r"[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?\.?")
_GLOBAL_V6 = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_PRIVATE = tuple(
    ip_network(block)
    for block in (
        "10.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "::1/128",
        "fc00::/7",
    )
)
# Where clouds serve the credentials of their machines. Some look private, and one even public.
_METADATA = frozenset(
    ip_address(address)
    for address in (
        "169.254.169.254",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd20:ce::254",
    )
)


class Refused(ArticleUnreadable):
    """Connections to this host are not allowed."""


@dataclass(frozen=True, slots=True)
class Target:
    """A normalized address: `host` is ASCII and lower case, `path` includes the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and port; a default port is left out."""
        return f"{self.scheme}://{self.authority}"

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def address(self) -> str:
        return self.origin + self.path


def parse(address: str) -> Target:
    """Parse and normalize an address, without its fragment. Raises: ArticleUnreadable, for one that is not read."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port
        path = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_SAFE)
    except ValueError as error:
        raise ArticleUnreadable(f"it is not a web address: {error}") from error
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise ArticleUnreadable(f"only http and https addresses are read, not {scheme or 'one without a scheme'}")
    if "@" in parts.netloc:
        raise ArticleUnreadable("addresses with a user name or password are not read", "leave them out")
    if port == 0:
        raise ArticleUnreadable("it names port 0, which does not exist")
    return Target(scheme, _ascii_host(parts.hostname or ""), port or _PORTS[scheme], path)


def _ascii_host(host: str) -> str:
    if not host:
        raise ArticleUnreadable("it names no host")
    try:
        if ":" in host:
            return str(IPv6Address(host))
        plain = host.encode("idna").decode("ascii").lower()
    except ValueError as error:
        raise ArticleUnreadable(f"it names an invalid host: {host!r}") from error
    if not _HOST.fullmatch(plain):
        raise ArticleUnreadable(f"it names an invalid host: {host!r}")
    return plain.rstrip(".")


def refusal(address: str, *, allow_private: bool) -> str | None:
    """Return why an IP address may not be connected to; None where it may."""
    parsed = ip_address(address.partition("%")[0])
    for candidate in (parsed, *_embedded(parsed)):
        if candidate in _METADATA:
            return "where clouds serve the credentials of their machines"
        private = any(candidate in block for block in _PRIVATE)
        if not private and not _is_public(candidate):
            return "which is not on the public internet"
        if private and not allow_private:
            return "which is private or this machine itself"
    return None


def _embedded(address: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    """Return the IPv4 addresses in an IPv6 address: mapped, NAT64, 6to4, Teredo's server and client."""
    if isinstance(address, IPv4Address):
        return ()
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    return tuple(filter(None, (address.ipv4_mapped, address.sixtofour, *(address.teredo or ()))))


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if _embedded(address):
        # The embedded addresses decide; each is checked by itself.
        return True
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


class Network:
    """The resolver, sockets and trusted certificates of this machine; tests replace it."""

    def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """Return the IP addresses of a host, in the order to try them. Raises: OSError."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return tuple(dict.fromkeys(str(row[4][0]) for row in found))

    def connect(self, address: str, port: int, seconds: float) -> httpcore.NetworkStream:
        """Connect to an IP address. Raises: httpcore.NetworkError, httpcore.TimeoutException."""
        return httpcore.SyncBackend().connect_tcp(address, port, timeout=seconds)

    def certificates(self) -> ssl.SSLContext:
        """Return the certificates of the operating system and of certifi."""
        return httpcore.default_ssl_context()


class Deadline:
    """A point in time, `seconds` from now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._at = time.monotonic() + seconds

    def seconds_left(self) -> float:
        """Return the seconds left, always more than 0. Raises: httpcore.TimeoutException."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout(f"more than {self.seconds:g} seconds")
        return left


def resolve(target: Target, network: Network, deadline: Deadline, *, allow_private: bool) -> tuple[str, ...]:
    """Resolve the host once, and return its addresses if all of them may be connected to.

    Raises: Refused, ArticleUnreadable, httpcore.TimeoutException.
    """
    addresses = _look_up(target, network, deadline)
    for address in addresses:
        if reason := refusal(address, allow_private=allow_private):
            hint = "" if refusal(address, allow_private=True) else "use --allow-private to read from your own network"
            raise Refused(f"{target.host} is at {address}, {reason}", hint)
    return addresses


def _look_up(target: Target, network: Network, deadline: Deadline) -> tuple[str, ...]:
    """Look up the host in a thread, because a resolver has no time limit."""
    results: list[tuple[str, ...] | Exception] = []

    def look_up() -> None:
        try:
            results.append(network.resolve(target.host, target.port))
        except (OSError, UnicodeError) as error:
            results.append(error)

    thread = Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(deadline.seconds_left())
    if not results:
        raise httpcore.ConnectTimeout(f"{target.host} was not resolved in time")
    if isinstance(results[0], Exception) or not results[0]:
        raise ArticleUnreadable(f"host {target.host} was not found", "check the spelling and the connection")
    return results[0]


class PinnedBackend(httpcore.NetworkBackend):
    """Connects only to the checked addresses of one target, whatever its name resolves to by now."""

    def __init__(
        self, target: Target, addresses: tuple[str, ...], network: Network, deadline: Deadline, seconds: float
    ) -> None:
        self._target = target
        self._addresses = addresses
        self._network = network
        self._deadline = deadline
        self._seconds = seconds

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Try the checked addresses in turn."""
        if (host, port) != (self._target.host, self._target.port):
            raise httpcore.UnsupportedProtocol(f"{host}:{port} was not checked")
        failure: httpcore.NetworkError | httpcore.TimeoutException = httpcore.ConnectError("no address")
        for address in self._addresses:
            try:
                stream = self._network.connect(address, port, min(self._seconds, self._deadline.seconds_left()))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _TimedStream(stream, self._deadline)
        raise failure

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Refuse. Raises: httpcore.UnsupportedProtocol."""
        raise httpcore.UnsupportedProtocol(f"{path} is a socket of this machine")


class _TimedStream(httpcore.NetworkStream):
    """A connection with one deadline for all its reads and writes."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, self._deadline.seconds_left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._deadline.seconds_left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        return _TimedStream(
            self._stream.start_tls(ssl_context, server_hostname, self._deadline.seconds_left()), self._deadline
        )

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
