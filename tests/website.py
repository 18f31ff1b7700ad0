"""A web site on loopback that can misbehave, and an internet that leads to it."""

from __future__ import annotations

import gzip
import ssl
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import httpcore

from rag.reading.web.guard import Network

PUBLIC = "93.184.215.14"
HTML = {"Content-Type": "text/html; charset=utf-8"}
Write = Callable[[bytes], None]


@dataclass
class Answer:
    """What a path answers: whole and right, with a Content-Length of its own where `headers` names none."""

    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=lambda: HTML)
    status: int = 200


def moved(location: str, status: int = 302) -> Answer:
    """A redirect; what is not ASCII in it goes over the wire as UTF-8."""
    return Answer(status=status, headers={"Location": location.encode().decode("latin-1")})


def zipped(body: bytes, headers: Mapping[str, str] = HTML) -> Answer:
    return Answer(gzip.compress(body), {**headers, "Content-Encoding": "gzip"})


@dataclass
class Website:
    """`routes`: path -> answer, a list of answers given in turn, or a function that writes raw bytes.

    `asked` is every path asked for, with the Host it was asked of in `hosts`, and `headers` those of the last request.
    """

    port: int = 0
    routes: dict[str, Answer | list[Answer] | Callable[[Write], None]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    def pages(self) -> list[str]:
        """The paths asked for, without robots.txt."""
        return [path for path in self.asked if path != "/robots.txt"]


@dataclass
class Internet(Network):
    """A resolver and a wire of its own: every connection, to whichever address, ends at the site on `port`.

    `hosts`: name -> the addresses that each look-up gives in turn; the last stays.
    """

    port: int
    hosts: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)
    resolved: list[str] = field(default_factory=list)
    connected: list[str] = field(default_factory=list)
    trusted: ssl.SSLContext | None = None

    def resolve(self, host: str, port: int) -> tuple[str, ...]:
        self.resolved.append(host)
        if host not in self.hosts:
            raise OSError("no such name")
        answers = self.hosts[host]
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def connect(self, address: str, port: int, seconds: float) -> httpcore.NetworkStream:
        self.connected.append(address)
        return super().connect("127.0.0.1", self.port, seconds)

    def certificates(self) -> ssl.SSLContext:
        return self.trusted or super().certificates()


@contextmanager
def serve(tls: ssl.SSLContext | None = None) -> Iterator[Website]:
    """Run a site on a free port."""
    site = Website()

    class Handler(_Handler):
        served = site

    server = _Server(("127.0.0.1", 0), Handler)
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    site.port = server.server_port
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is what is tested."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    served: Website

    def do_GET(self) -> None:
        site = self.served
        site.asked.append(self.path)
        site.hosts.append(self.headers["Host"])
        site.headers = dict(self.headers.items())
        found = site.routes.get(self.path, Answer(b"not here", status=404))
        self.close_connection = True
        if isinstance(found, list):
            found = found.pop(0)
        if isinstance(found, Answer):
            self._send(found)
        else:
            with suppress(ConnectionError):
                found(self._write)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Keep the test output clean."""

    def _write(self, content: bytes) -> None:
        self.wfile.write(content)
        self.wfile.flush()

    def _send(self, answer: Answer) -> None:
        self.send_response_only(answer.status)
        for name, value in {"Content-Length": str(len(answer.body)), **answer.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)


def dripping(start: bytes, piece: bytes, every: float = 0.05) -> Callable[[Write], None]:
    """`start`, then `piece` again and again until the client hangs up, or for 10 seconds."""

    def write(send: Write) -> None:
        send(start)
        until = time.monotonic() + 10
        while time.monotonic() < until:
            send(piece)
            time.sleep(every)

    return write
