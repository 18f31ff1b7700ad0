"""The guard: refused addresses in every spelling, and connections that go only where the check looked."""

from __future__ import annotations

import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpcore
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ArticleUnreadable
from rag.reading.web import Page, Policy
from rag.reading.web.crawl import crawl
from rag.reading.web.guard import Deadline, Network, PinnedBackend, parse, refusal
from rag.types import Rejection
from tests.website import PUBLIC, Answer, Internet, Website, moved, serve

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
def test_special_addresses_are_always_refused(address: str) -> None:
    assert refusal(address, allow_private=False)
    assert refusal(address, allow_private=True)


@pytest.mark.parametrize("address", UNLESS_ALLOWED)
def test_a_private_address_is_refused_unless_allowed(address: str) -> None:
    assert refusal(address, allow_private=False)
    assert refusal(address, allow_private=True) is None


@pytest.mark.parametrize("address", TEREDO)
def test_a_teredo_address_is_refused_for_its_client(address: str) -> None:
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
def test_loopback_is_refused_in_every_spelling(host: str, site: Website) -> None:
    (found,) = crawl(f"http://{host}:{site.port}/", Policy())

    assert isinstance(found, Rejection)
    assert "private or this machine itself" in found.reason
    assert "--allow-private" in found.reason
    assert site.asked == []


NO_ADDRESSES = [
    ("ftp://news.example/a", "only http and https addresses are read, not ftp"),
    ("file:///etc/passwd", "only http and https addresses are read, not file"),
    ("unix:///var/run/x.sock", "only http and https addresses are read, not unix"),
    ("javascript:alert(1)", "only http and https addresses are read, not javascript"),
    ("news.example/a", "only http and https addresses are read, not one without a scheme"),
    ("", "only http and https addresses are read, not one without a scheme"),
    ("http://", "it names no host"),
    ("http:///a", "it names no host"),
    ("http://a..b/", "it names an invalid host"),
    ("http://a b/", "it names an invalid host"),
    ("http://%31%32%37.0.0.1/", "it names an invalid host"),
    (f"http://{'a' * 70}/", "it names an invalid host"),
    ("http://[::1", "it is not a web address"),
    ("http://news.example:99999/", "it is not a web address"),
    ("http://news.example:0/", "port 0"),
    ("http://jane:secret@news.example/", "user name or password"),
    ("http://news.example\\@127.0.0.1/", "user name or password"),
]


@pytest.mark.parametrize(("address", "reason"), NO_ADDRESSES)
def test_invalid_addresses_are_rejected_before_any_look_up(address: str, reason: str, internet: Internet) -> None:
    (found,) = crawl(address, Policy(), network=internet)

    assert isinstance(found, Rejection)
    assert reason in found.reason
    assert internet.resolved == []


def test_a_password_is_not_repeated() -> None:
    (found,) = crawl("http://jane:secret@news.example/", Policy())

    assert isinstance(found, Rejection)
    assert "secret" not in f"{found.path} {found.reason}"


def test_offline_nothing_is_looked_up(site: Website, internet: Internet, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("a look-up")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    (found,) = crawl("http://news.example/a", Policy(offline=True), network=internet)
    (other,) = crawl("http://news.example/a", Policy(offline=True))

    assert isinstance(found, Rejection)
    assert "offline" in found.reason
    assert found == other
    assert (internet.resolved, internet.connected, site.asked) == ([], [], [])


def test_a_host_with_one_private_address_is_refused(internet: Internet, policy: Policy) -> None:
    internet.hosts["mixed.example"] = [(PUBLIC, "10.0.0.1")]
    (found,) = crawl("http://mixed.example/", policy, network=internet)

    assert isinstance(found, Rejection)
    assert "mixed.example is at 10.0.0.1" in found.reason
    assert internet.connected == []


def test_dns_rebinding_to_loopback_is_refused(site: Website, internet: Internet, policy: Policy) -> None:
    internet.hosts["rebind.example"] = [(PUBLIC,), ("127.0.0.1",)]
    site.routes["/a"] = Answer(b"page")
    (found,) = crawl("http://rebind.example/a", policy, network=internet)

    # The look-up for robots.txt is the first and gives the public address, that for the page gives loopback.
    assert isinstance(found, Rejection)
    assert "rebind.example is at 127.0.0.1" in found.reason
    assert internet.connected == [PUBLIC]
    assert site.asked == ["/robots.txt"]


def test_each_request_connects_to_the_address_that_was_checked(
    site: Website, internet: Internet, policy: Policy
) -> None:
    internet.hosts["rebind.example"] = [(PUBLIC,), ("8.8.8.8",), ("127.0.0.1",)]
    site.routes["/a"] = Answer(b"page")
    (found,) = crawl("http://rebind.example/a", policy, network=internet)

    assert isinstance(found, Page)
    assert internet.resolved == ["rebind.example"] * 2
    assert internet.connected == [PUBLIC, "8.8.8.8"]
    assert site.hosts == ["rebind.example"] * 2


@pytest.mark.parametrize("host", ["127.0.0.1", "169.254.169.254", "inside.example"])
def test_a_redirect_to_a_private_address_is_refused(
    host: str, site: Website, internet: Internet, policy: Policy
) -> None:
    internet.hosts |= {host: [(host,)], "inside.example": [("10.0.0.7",)]}
    site.routes["/a"] = moved(f"http://{host}/secret")
    (found,) = crawl("http://news.example/a", policy, network=internet)

    assert isinstance(found, Rejection)
    assert f"{host} is at" in found.reason
    assert internet.connected == [PUBLIC, PUBLIC]


def test_a_private_address_is_read_where_allowed(site: Website) -> None:
    site.routes["/a"] = Answer(b"page")
    (found,) = crawl(f"http://127.0.0.1:{site.port}/a", Policy(allow_private=True))

    assert isinstance(found, Page)
    assert (found.address, found.content) == (f"http://127.0.0.1:{site.port}/a", b"page")


def test_the_next_address_is_tried_where_the_first_fails(site: Website, policy: Policy) -> None:
    class HalfDead(Internet):
        def connect(self, address: str, port: int, seconds: float) -> httpcore.NetworkStream:
            if address == "8.8.4.4":
                return Network().connect("127.0.0.1", 1, seconds)
            return super().connect(address, port, seconds)

    internet = HalfDead(site.port, {"news.example": [("8.8.4.4", PUBLIC)]})
    site.routes["/a"] = Answer(b"page")
    (found,) = crawl("http://news.example/a", policy, network=internet)

    assert isinstance(found, Page)


def test_connecting_is_bounded_by_both_limits(site: Website, policy: Policy) -> None:
    given: list[float] = []

    class Patient(Internet):
        def connect(self, address: str, port: int, seconds: float) -> httpcore.NetworkStream:
            given.append(seconds)
            raise httpcore.ConnectTimeout

    internet = Patient(site.port, {"news.example": [(PUBLIC,)]})
    for seconds, connect in ((4.0, 60.0), (60.0, 4.0)):
        limited = replace(policy, seconds=seconds, connect_seconds=connect)
        (found,) = crawl("http://news.example/a", limited, network=internet)
        assert isinstance(found, Rejection)
        assert "cannot be reached in time" in found.reason
    assert len(given) == 2
    assert max(given) <= 4.0


def test_environment_proxies_are_not_used(
    site: Website, internet: Internet, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    site.routes["/a"] = Answer(b"page")
    (found,) = crawl("http://news.example/a", policy, network=internet)

    assert isinstance(found, Page)


def test_a_pinned_connection_refuses_other_hosts_and_unix_sockets(internet: Internet) -> None:
    pinned = PinnedBackend(parse("http://news.example/"), (PUBLIC,), internet, Deadline(1.0), 1.0)

    for host, port in (("other.example", 80), ("news.example", 81), ("127.0.0.1", 80)):
        with pytest.raises(httpcore.UnsupportedProtocol):
            pinned.connect_tcp(host, port)
    with pytest.raises(httpcore.UnsupportedProtocol):
        pinned.connect_unix_socket("/var/run/some.sock")
    assert internet.connected == []


def test_addresses_are_normalized() -> None:
    assert (
        parse("HTTP://Bücher.Example.:80/a b?q=ü&x=%20#end").address
        == "http://xn--bcher-kva.example/a%20b?q=%C3%BC&x=%20"
    )
    assert parse("https://[2606:4700:0:0::1111]:8443").address == "https://[2606:4700::1111]:8443/"


def test_a_line_break_in_an_address_cannot_inject_a_header() -> None:
    assert "\n" not in parse("http://news.example/\r\nX-Evil: 1").path
    with pytest.raises(ArticleUnreadable):
        parse("http://news.example /\r\nX-Evil: 1")


@given(st.text() | st.from_regex(r"https?://[^/]{0,20}(:[0-9]{0,6})?/.{0,20}", fullmatch=True))
def test_any_text_is_a_normalized_address_or_rejected(text: str) -> None:
    with suppress(ArticleUnreadable):
        target = parse(text)
        assert target.address.isascii()
        assert not re.search(r"\s", target.address)
        assert parse(target.address) == target


def test_invalid_unicode_is_not_an_address() -> None:
    with pytest.raises(ArticleUnreadable, match="not a web address"):
        parse("http://news.example/\udce9")


# Certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A key and a certificate for news.example that signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "news.example")])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("news.example")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path = tmp_path_factory.mktemp("tls") / "both.pem"
    path.write_bytes(secret + signed.public_bytes(pem))
    return path


@pytest.fixture
def tls_site(certificate: Path) -> Iterator[Website]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serve(context) as site:
        site.routes["/a"] = Answer(b"page")
        yield site


@pytest.fixture
def trusting(tls_site: Website, certificate: Path) -> Internet:
    hosts: dict[str, list[tuple[str, ...]]] = {"news.example": [(PUBLIC,)], "other.example": [(PUBLIC,)]}
    return Internet(tls_site.port, hosts, trusted=ssl.create_default_context(cafile=str(certificate)))


def ask(address: str, policy: Policy, internet: Internet) -> Page | Rejection:
    (found,) = crawl(address, policy, network=internet)
    return found


def test_a_page_over_tls_is_read_under_its_certificates_name(policy: Policy, trusting: Internet) -> None:
    found = ask("https://news.example/a", policy, trusting)

    assert isinstance(found, Page), found
    assert found.address == "https://news.example/a"
    assert trusting.connected == [PUBLIC, PUBLIC]


def test_a_certificate_for_another_name_is_refused(tls_site: Website, policy: Policy, trusting: Internet) -> None:
    found = ask("https://other.example/a", policy, trusting)

    assert isinstance(found, Rejection)
    assert "its certificate is not trusted" in found.reason
    assert tls_site.asked == []


def test_an_untrusted_certificate_is_refused(tls_site: Website, policy: Policy, trusting: Internet) -> None:
    found = ask("https://news.example/a", policy, Internet(tls_site.port, trusting.hosts))

    assert isinstance(found, Rejection)
    assert "its certificate is not trusted: self-signed certificate" in found.reason
    assert tls_site.asked == []


def test_a_redirect_from_https_to_http_is_refused(tls_site: Website, policy: Policy, trusting: Internet) -> None:
    tls_site.routes["/a"] = moved("http://news.example/b")
    found = ask("https://news.example/a", policy, trusting)

    assert isinstance(found, Rejection)
    assert "from https to http://news.example/b" in found.reason
    assert tls_site.pages() == ["/a"]
