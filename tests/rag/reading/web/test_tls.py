"""Certificates are checked for the name, though the connection is made to an address."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from rag.reading.web import Page, Policy, gather
from rag.types import Rejection
from tests.website import PUBLIC, Answer, Internet, Website, moved, serve


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
def site(certificate: Path) -> Iterator[Website]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with serve(context) as site:
        site.routes["/a"] = Answer(b"page")
        yield site


@pytest.fixture
def trusting(site: Website, certificate: Path) -> Internet:
    hosts: dict[str, list[tuple[str, ...]]] = {"news.example": [(PUBLIC,)], "other.example": [(PUBLIC,)]}
    return Internet(site.port, hosts, trusted=ssl.create_default_context(cafile=str(certificate)))


def ask(address: str, policy: Policy, internet: Internet) -> Page | Rejection:
    (found,) = gather(address, policy, network=internet)
    return found


def test_a_page_over_tls_is_read_under_the_name_of_its_certificate(policy: Policy, trusting: Internet) -> None:
    found = ask("https://news.example/a", policy, trusting)

    assert isinstance(found, Page), found
    assert found.address == "https://news.example/a"
    assert trusting.connected == [PUBLIC, PUBLIC]


def test_a_certificate_for_another_name_is_refused(site: Website, policy: Policy, trusting: Internet) -> None:
    found = ask("https://other.example/a", policy, trusting)

    assert isinstance(found, Rejection)
    assert "its certificate is not trusted" in found.reason
    assert site.asked == []


def test_a_certificate_that_no_one_trusted_signed_is_refused(site: Website, policy: Policy, trusting: Internet) -> None:
    found = ask("https://news.example/a", policy, Internet(site.port, trusting.hosts))

    assert isinstance(found, Rejection)
    assert "its certificate is not trusted: self-signed certificate" in found.reason
    assert site.asked == []


def test_a_redirect_from_https_to_http_is_refused(site: Website, policy: Policy, trusting: Internet) -> None:
    site.routes["/a"] = moved("http://news.example/b")
    found = ask("https://news.example/a", policy, trusting)

    assert isinstance(found, Rejection)
    assert "from https to http://news.example/b" in found.reason
    assert site.pages() == ["/a"]
