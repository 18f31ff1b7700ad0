"""The guard: which addresses may be read, and connections that go nowhere else.

A host's name is resolved once; all its addresses are checked, and the connection is made to one of those checked.
No proxy is used, whatever the environment names: a proxy resolves names anew, out of the guard's sight.
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
# What an address may hold as it is; the rest, such as a letter that is not ASCII, is escaped as UTF-8.
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
# Where clouds keep the credentials of their machines. Some look private, and one even public.
_METADATA = frozenset(
    ip_address(one)
    for one in ("169.254.169.254", "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254", "fd20:ce::254")
)


class Refused(ArticleUnreadable):
    """No connection to that host may be made, whatever is asked of it."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked spelling of an address: `host` is ASCII and lower case, `path` holds the query too."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and port, the port only where it is not the usual one."""
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
    """Take an address apart; its fragment is left out. Raises: ArticleUnreadable, for what is not to be read."""
    try:
        parts = urlsplit(address.strip())
        port = parts.port
        path = quote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""), safe=_SAFE)
    except ValueError as error:
        raise ArticleUnreadable(f"it is no web address: {error}") from error
    scheme = parts.scheme.lower()
    if scheme not in _PORTS:
        raise ArticleUnreadable(f"only http and https addresses are read, not {scheme or 'one without either'}")
    if "@" in parts.netloc:
        raise ArticleUnreadable("an address with a user name or password in it is not read", "leave them out")
    if port == 0:
        raise ArticleUnreadable("it names port 0, which is none")
    return Target(scheme, _ascii_host(parts.hostname or ""), port or _PORTS[scheme], path)


def _ascii_host(host: str) -> str:
    try:
        if ":" in host:
            return str(IPv6Address(host))
        plain = host.encode("idna").decode("ascii").lower()
    except ValueError as error:
        raise ArticleUnreadable(f"it names no host that can be: {host!r}") from error
    if not _HOST.fullmatch(plain):
        raise ArticleUnreadable(f"it names no host that can be: {host!r}" if host else "it names no host")
    return plain.rstrip(".")


def refusal(address: str, *, allow_private: bool) -> str | None:
    """Why no connection to an IP address may be made; None where it may."""
    found = ip_address(address.partition("%")[0])
    for one in (found, *_within(found)):
        if one in _METADATA:
            return "where a cloud keeps its machines' credentials"
        private = any(one in block for block in _PRIVATE)
        if not private and not _public(one):
            return "which is no address of the public internet"
        if private and not allow_private:
            return "which is private or this machine itself"
    return None


def _within(address: IPv4Address | IPv6Address) -> tuple[IPv4Address, ...]:
    """The IPv4 addresses that an IPv6 address stands for: mapped, NAT64, 6to4, Teredo's server and client."""
    if isinstance(address, IPv4Address):
        return ()
    if address in _NAT64:
        return (IPv4Address(int(address) & 0xFFFFFFFF),)
    return tuple(one for one in (address.ipv4_mapped, address.sixtofour, *(address.teredo or ())) if one)


def _public(address: IPv4Address | IPv6Address) -> bool:
    if _within(address):
        # What it stands for decides, and is checked in its turn.
        return True
    if isinstance(address, IPv6Address) and address not in _GLOBAL_V6:
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved)


class Network:
    """This machine's resolver, sockets and trusted certificates."""

    def resolve(self, host: str, port: int) -> tuple[str, ...]:
        """The IP addresses of a host, in the order to try them. Raises: OSError."""
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return tuple(dict.fromkeys(str(row[4][0]) for row in found))

    def connect(self, address: str, port: int, seconds: float) -> httpcore.NetworkStream:
        """A connection to an IP address. Raises: httpcore.NetworkError, httpcore.TimeoutException."""
        return httpcore.SyncBackend().connect_tcp(address, port, timeout=seconds)

    def certificates(self) -> ssl.SSLContext:
        """The certificates of the operating system, and certifi's."""
        return httpcore.default_ssl_context()


class Deadline:
    """A point in time, `seconds` from now."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._at = time.monotonic() + seconds

    def left(self) -> float:
        """The seconds that are left, more than 0. Raises: httpcore.TimeoutException."""
        left = self._at - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout(f"{self.seconds:g} seconds are over")
        return left


def checked(target: Target, network: Network, deadline: Deadline, *, allow_private: bool) -> tuple[str, ...]:
    """Resolve the host, once, and give its addresses where all of them may be read.

    Raises: Refused, ArticleUnreadable, httpcore.TimeoutException.
    """
    addresses = _resolve(target, network, deadline)
    for address in addresses:
        if reason := refusal(address, allow_private=allow_private):
            hint = "" if refusal(address, allow_private=True) else "to read from your own network: --allow-private"
            raise Refused(f"{target.host} is at {address}, {reason}", hint)
    return addresses


def _resolve(target: Target, network: Network, deadline: Deadline) -> tuple[str, ...]:
    """In a thread, because nothing bounds how long a resolver takes."""
    answers: list[tuple[str, ...] | Exception] = []

    def ask() -> None:
        try:
            answers.append(network.resolve(target.host, target.port))
        except (OSError, UnicodeError) as error:
            answers.append(error)

    thread = Thread(target=ask, daemon=True)
    thread.start()
    thread.join(deadline.left())
    if not answers:
        raise httpcore.ConnectTimeout(f"no resolver tells where {target.host} is")
    if isinstance(answers[0], Exception) or not answers[0]:
        raise ArticleUnreadable(f"no host {target.host} is known", "check the spelling and the connection")
    return answers[0]


class Pinned(httpcore.NetworkBackend):
    """Connections to one target's checked addresses, whatever its name would resolve to now."""

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
        failure: httpcore.NetworkError | httpcore.TimeoutException = httpcore.ConnectError("it has no address")
        for address in self._addresses:
            try:
                stream = self._network.connect(address, port, min(self._seconds, self._deadline.left()))
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Timed(stream, self._deadline)
        raise failure

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        """Never. Raises: httpcore.UnsupportedProtocol."""
        raise httpcore.UnsupportedProtocol(f"{path} is a socket of this machine")


class _Timed(httpcore.NetworkStream):
    """A connection whose reads and writes share one deadline."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore.NetworkStream:
        return _Timed(self._stream.start_tls(ssl_context, server_hostname, self._deadline.left()), self._deadline)

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)
