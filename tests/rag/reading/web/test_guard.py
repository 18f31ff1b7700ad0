"""Which addresses are refused, however they are spelled, and that a connection goes where the check looked."""

from __future__ import annotations

import socket
from dataclasses import replace

import httpcore
import pytest

from rag.reading.web import Network, Page, Policy, gather
from rag.reading.web.guard import Deadline, Pinned, parse, refusal
from rag.types import Rejection
from tests.website import PUBLIC, Answer, Internet, Website, moved

ALWAYS = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "169.254.1.1",
    "168.63.129.16",
    "100.100.100.200",
    "192.0.0.192",
    "192.0.2.1",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "fd00:ec2::254",
    "64:ff9b:1::808:808",
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "2002:a9fe:a9fe::",
    "::127.0.0.1",
    "::ffff:0:127.0.0.1",
]
UNLESS_ALLOWED = [
    "127.0.0.1",
    "127.255.255.254",
    "10.1.2.3",
    "172.31.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::10.0.0.1",
]
# Teredo: the server is 65.54.227.120, the client (each bit turned) 127.0.0.1 and 192.0.2.45.
TEREDO = ["2001:0:4136:e378:8000:63bf:80ff:fffe", "2001:0:4136:e378:8000:63bf:3fff:fdd2"]
PUBLIC_ONES = [
    PUBLIC,
    "8.8.8.8",
    "172.32.0.1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::8.8.8.8",
    "2002:808:808::",
]


@pytest.mark.parametrize("address", ALWAYS)
def test_an_address_that_is_no_ones_page_is_refused_even_where_private_ones_are_allowed(address: str) -> None:
    assert refusal(address, allow_private=False)
    assert refusal(address, allow_private=True)


@pytest.mark.parametrize("address", UNLESS_ALLOWED)
def test_a_private_address_is_refused_unless_allowed(address: str) -> None:
    assert refusal(address, allow_private=False)
    assert refusal(address, allow_private=True) is None


@pytest.mark.parametrize("address", TEREDO)
def test_a_teredo_address_is_refused_for_the_client_in_it(address: str) -> None:
    assert refusal(address, allow_private=False)


@pytest.mark.parametrize("address", PUBLIC_ONES)
def test_a_public_address_is_not_refused(address: str) -> None:
    assert refusal(address, allow_private=False) is None


SPELLINGS = [
    "127.1",
    "2130706433",
    "0x7f.1",
    "0177.0.0.1",
    "127.0.0.1.",
    "１２７.0.0.1",
    "localhost",
    "[::1]",
    "[::ffff:7f00:1]",
]


@pytest.mark.parametrize("host", SPELLINGS)
def test_loopback_is_refused_in_every_spelling_that_a_resolver_takes(host: str, site: Website) -> None:
    (found,) = gather(f"http://{host}:{site.port}/", Policy())

    assert isinstance(found, Rejection)
    assert "private or this machine itself" in found.reason
    assert "--allow-private" in found.reason
    assert site.asked == []


NO_ADDRESSES = [
    ("ftp://news.example/a", "only http and https addresses are read, not ftp"),
    ("file:///etc/passwd", "only http and https addresses are read, not file"),
    ("unix:///var/run/x.sock", "only http and https addresses are read, not unix"),
    ("javascript:alert(1)", "only http and https addresses are read, not javascript"),
    ("news.example/a", "only http and https addresses are read, not one without either"),
    ("", "only http and https addresses are read, not one without either"),
    ("http://", "it names no host"),
    ("http:///a", "it names no host"),
    ("http://a..b/", "it names no host that can be"),
    ("http://a b/", "it names no host that can be"),
    ("http://%31%32%37.0.0.1/", "it names no host that can be"),
    (f"http://{'a' * 70}/", "it names no host that can be"),
    ("http://[::1", "it is no web address"),
    ("http://news.example:99999/", "it is no web address"),
    ("http://news.example:0/", "port 0"),
    ("http://jane:secret@news.example/", "user name or password"),
    ("http://news.example\\@127.0.0.1/", "user name or password"),
]


@pytest.mark.parametrize(("address", "reason"), NO_ADDRESSES)
def test_what_is_no_web_address_is_refused_before_any_look_up(address: str, reason: str, internet: Internet) -> None:
    (found,) = gather(address, Policy(), network=internet)

    assert isinstance(found, Rejection)
    assert reason in found.reason
    assert internet.resolved == []


def test_a_password_is_not_repeated() -> None:
    (found,) = gather("http://jane:secret@news.example/", Policy())

    assert isinstance(found, Rejection)
    assert "secret" not in f"{found.path} {found.reason}"


def test_offline_nothing_is_looked_up(site: Website, internet: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a look-up")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    (found,) = gather("http://news.example/a", Policy(offline=True), network=internet)
    (other,) = gather("http://news.example/a", Policy(offline=True))

    assert isinstance(found, Rejection)
    assert "offline" in found.reason
    assert found == other
    assert (internet.resolved, internet.connected, site.asked) == ([], [], [])


def test_a_host_with_one_forbidden_address_among_others_is_refused(internet: Internet, policy: Policy) -> None:
    internet.hosts["mixed.example"] = [(PUBLIC, "10.0.0.1")]
    (found,) = gather("http://mixed.example/", policy, network=internet)

    assert isinstance(found, Rejection)
    assert "mixed.example is at 10.0.0.1" in found.reason
    assert internet.connected == []


def test_a_name_that_turns_to_loopback_after_the_check_leads_nowhere(
    site: Website, internet: Internet, policy: Policy
) -> None:
    internet.hosts["rebind.example"] = [(PUBLIC,), ("127.0.0.1",)]
    site.routes["/a"] = Answer(b"page")
    (found,) = gather("http://rebind.example/a", policy, network=internet)

    # The look-up for robots.txt is the first and gives the public address, that for the page gives loopback.
    assert isinstance(found, Rejection)
    assert "rebind.example is at 127.0.0.1" in found.reason
    assert internet.connected == [PUBLIC]
    assert site.asked == ["/robots.txt"]


def test_each_request_looks_its_host_up_once_and_connects_to_that(
    site: Website, internet: Internet, policy: Policy
) -> None:
    internet.hosts["rebind.example"] = [(PUBLIC,), ("8.8.8.8",), ("127.0.0.1",)]
    site.routes["/a"] = Answer(b"page")
    (found,) = gather("http://rebind.example/a", policy, network=internet)

    assert isinstance(found, Page)
    assert internet.resolved == ["rebind.example"] * 2
    assert internet.connected == [PUBLIC, "8.8.8.8"]
    assert site.hosts == ["rebind.example"] * 2


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "inside.example"])
def test_a_redirect_to_where_no_page_may_be_read_is_refused(
    host: str, site: Website, internet: Internet, policy: Policy
) -> None:
    internet.hosts |= {host: [(host,)], "inside.example": [("10.0.0.7",)]}
    site.routes["/a"] = moved(f"http://{host}/secret")
    (found,) = gather("http://news.example/a", policy, network=internet)

    assert isinstance(found, Rejection)
    assert f"{host} is at" in found.reason
    assert internet.connected == [PUBLIC, PUBLIC]


def test_an_address_of_this_machine_is_read_where_allowed(site: Website) -> None:
    site.routes["/a"] = Answer(b"page")
    (found,) = gather(f"http://127.0.0.1:{site.port}/a", Policy(allow_private=True))

    assert isinstance(found, Page)
    assert (found.address, found.content) == (f"http://127.0.0.1:{site.port}/a", b"page")


def test_the_next_address_of_a_host_is_tried_where_the_first_does_not_answer(site: Website, policy: Policy) -> None:
    class HalfDead(Internet):
        def connect(self, address: str, port: int, seconds: float) -> httpcore.NetworkStream:
            if address == "8.8.4.4":
                return Network().connect("127.0.0.1", 1, seconds)
            return super().connect(address, port, seconds)

    internet = HalfDead(site.port, {"news.example": [("8.8.4.4", PUBLIC)]})
    site.routes["/a"] = Answer(b"page")
    (found,) = gather("http://news.example/a", policy, network=internet)

    assert isinstance(found, Page)


def test_a_connection_is_given_no_longer_than_either_limit(site: Website, policy: Policy) -> None:
    given: list[float] = []

    class Patient(Internet):
        def connect(self, address: str, port: int, seconds: float) -> httpcore.NetworkStream:
            given.append(seconds)
            raise httpcore.ConnectTimeout

    internet = Patient(site.port, {"news.example": [(PUBLIC,)]})
    for seconds, connect in ((4.0, 60.0), (60.0, 4.0)):
        limited = replace(policy, seconds=seconds, connect_seconds=connect)
        (found,) = gather("http://news.example/a", limited, network=internet)
        assert isinstance(found, Rejection)
        assert "cannot be reached in time" in found.reason
    assert len(given) == 2
    assert max(given) <= 4.0


def test_no_proxy_of_the_environment_is_used(
    site: Website, internet: Internet, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    site.routes["/a"] = Answer(b"page")
    (found,) = gather("http://news.example/a", policy, network=internet)

    assert isinstance(found, Page)


def test_a_pinned_connection_takes_no_other_host_and_no_socket_of_this_machine(internet: Internet) -> None:
    pinned = Pinned(parse("http://news.example/"), (PUBLIC,), internet, Deadline(1.0), 1.0)

    for host, port in (("other.example", 80), ("news.example", 81), ("127.0.0.1", 80)):
        with pytest.raises(httpcore.UnsupportedProtocol):
            pinned.connect_tcp(host, port)
    with pytest.raises(httpcore.UnsupportedProtocol):
        pinned.connect_unix_socket("/var/run/some.sock")
    assert internet.connected == []
