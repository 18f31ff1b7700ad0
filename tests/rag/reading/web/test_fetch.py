"""A page fetched from a server that behaves, and from servers that do not."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from rag.reading.web import Page, Policy, gather
from rag.types import Rejection
from tests.website import HTML, PUBLIC, Answer, Internet, Website, Write, dripping, moved, zipped

URL = "http://news.example/a"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def only(policy: Policy, internet: Internet, address: str = URL) -> Page | Rejection:
    (found,) = gather(address, policy, network=internet)
    return found


def reason(policy: Policy, internet: Internet, address: str = URL) -> str:
    found = only(policy, internet, address)
    assert isinstance(found, Rejection), found
    assert found.path == address
    return found.reason


def page(policy: Policy, internet: Internet, address: str = URL) -> Page:
    found = only(policy, internet, address)
    assert isinstance(found, Page), found
    return found


def test_a_page_comes_with_what_the_server_tells_of_it(site: Website, policy: Policy, internet: Internet) -> None:
    site.routes["/a?x=1&y=%C3%BC"] = Answer(
        "<p>é".encode("latin-1"), {"Content-Type": 'Text/HTML; charset="ISO-8859-1"'}
    )

    assert page(policy, internet, "http://news.example/a?x=1&y=ü#part") == Page(
        "http://news.example/a?x=1&y=%C3%BC", "text/html", "ISO-8859-1", b"<p>\xe9"
    )


CONTENT_TYPES = [
    ("text/html", "text/html", None),
    ("text/html; charset=klingon", "text/html", "klingon"),
    ("text/html; charset=", "text/html", None),
    ("text/html;charset=utf-8;x=y", "text/html", "utf-8"),
    ("text/html; charset*99999999999999=x''y; charset*=a'b'%zz", "text/html", None),
    ("nonsense", "nonsense", None),
    ("", "", None),
]


@pytest.mark.parametrize(("told", "media_type", "charset"), CONTENT_TYPES)
def test_a_lying_or_broken_content_type_is_passed_on_as_told(
    told: str, media_type: str, charset: str | None, site: Website, policy: Policy, internet: Internet
) -> None:
    site.routes["/a"] = Answer(b"page", {"Content-Type": told})
    found = page(policy, internet)

    assert (found.media_type, found.charset, found.content) == (media_type, charset, b"page")


def test_the_request_names_nutgraf_asks_for_gzip_only_and_brings_no_cookie(
    site: Website, policy: Policy, internet: Internet
) -> None:
    site.routes["/a"] = Answer(status=302, headers={"Location": "/b", "Set-Cookie": "id=1; Path=/"})
    site.routes["/b"] = Answer(b"page")
    page(policy, internet)

    assert site.headers["User-Agent"].startswith("nutgraf/")
    assert site.headers["Accept-Encoding"] == "gzip"
    assert not {"Cookie", "Referer", "Authorization"} & set(site.headers)


@pytest.mark.parametrize(
    "pack", [gzip.compress, zlib.compress, lambda body: gzip.compress(body[:3]) + gzip.compress(body[3:])]
)
def test_a_packed_page_is_unpacked(
    pack: Callable[[bytes], bytes], site: Website, policy: Policy, internet: Internet
) -> None:
    name = "deflate" if pack is zlib.compress else "gzip"
    site.routes["/a"] = Answer(pack(b"a page " * 50_000), {**HTML, "Content-Encoding": name})

    assert page(policy, internet).content == b"a page " * 50_000


BODIES = [
    (zipped(b"\0" * 50_000_000), "more than 1 MB"),
    (Answer(gzip.compress(b"page " * 99)[:-9], {"Content-Encoding": "gzip"}), "cut short"),
    (Answer(b"no gzip at all", {"Content-Encoding": "gzip"}), "damaged"),
    (Answer(b"", {"Content-Encoding": "gzip"}), "cut short"),
    (Answer(b"page", {"Content-Encoding": "br"}), "packed as 'br'"),
    (Answer(b"page", {"Content-Encoding": "gzip, gzip"}), "packed as 'gzip, gzip'"),
    (Answer(b"page", {"Content-Length": "9999"}), "does not speak HTTP as it should"),
    (Answer(b"page", {"Content-Length": "99999999"}), "announces 100.0 MB"),
    (Answer(b"page", {"Content-Length": "9" * 5_000}), "does not speak HTTP as it should"),
    (Answer(b"page", {"Content-Length": "-1"}), "does not speak HTTP as it should"),
    (Answer(b"x" * 1_000_001), "announces"),
    (Answer(b"x", {"X-Long": "y" * 200_000}), "does not speak HTTP as it should"),
    (Answer(b""), "the page is empty"),
    (Answer(b"", status=204, headers={}), "204 No Content"),
    (Answer(b"", status=304, headers={}), "304 Not Modified"),
    (Answer(b"half", status=206), "206 Partial Content"),
    (Answer(b"", status=300), "300 Multiple Choices"),
    (Answer(b"", status=301), "301 Moved Permanently, but not where to"),
    (Answer(b"", status=403), "403 Forbidden"),
    (Answer(b"not here", status=404), "404 Not Found"),
    (Answer(b"", status=410), "410 Gone"),
    (Answer(b"", status=500), "500 Internal Server Error"),
    (Answer(b"", status=503), "503 Service Unavailable"),
    (Answer(b"", status=599), "answers 599"),
]


@pytest.mark.parametrize(("answer", "why"), BODIES, ids=[why for _, why in BODIES])
def test_an_answer_that_is_no_page_is_named(
    answer: Answer, why: str, site: Website, policy: Policy, internet: Internet
) -> None:
    site.routes["/a"] = answer

    assert why in reason(policy, internet)


def test_a_page_of_the_size_allowed_is_read(site: Website, policy: Policy, internet: Internet) -> None:
    site.routes["/a"] = zipped(b"x" * policy.max_bytes)

    assert len(page(policy, internet).content) == policy.max_bytes


def endless(send: Write) -> None:
    send(OK + b"\r\n")
    while True:
        send(b"x" * 65_536)


def endless_headers(send: Write) -> None:
    send(OK)
    while True:
        send(b"X-More: and more\r\n" * 1_000)


def reset(send: Write) -> None:
    send(OK + b"Content-Length: 100\r\n\r\nhalf")


def torn_chunks(send: Write) -> None:
    send(OK + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n9\r\nwor")


def junk(send: Write) -> None:
    send(b"\x16\x03\x01SSH-2.0-OpenSSH\r\n\r\n")


def silence(send: Write) -> None:
    time.sleep(0.01)


RAW = [
    (endless, "more than 1 MB"),
    (endless_headers, "does not speak HTTP as it should"),
    (reset, "does not speak HTTP as it should"),
    (torn_chunks, "does not speak HTTP as it should"),
    (junk, "does not speak HTTP as it should"),
    (silence, "does not speak HTTP as it should"),
]


@pytest.mark.parametrize(("write", "why"), RAW, ids=[write.__name__ for write, _ in RAW])
def test_a_server_that_misbehaves_is_left(
    write: Callable[[Write], None], why: str, site: Website, policy: Policy, internet: Internet
) -> None:
    site.routes["/a"] = write

    assert why in reason(policy, internet)


DRIPS = {
    "body": dripping(OK + b"Content-Length: 100000\r\n\r\n", b"x"),
    "chunked body": dripping(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    "headers": dripping(OK, b"X-More: x\r\n"),
    "status line": dripping(b"HTTP/1.1 200 O", b"K"),
    "answers before the answer": dripping(b"", b"HTTP/1.1 102 Processing\r\n\r\n"),
}


@pytest.mark.parametrize("name", DRIPS)
def test_a_slow_drip_is_cut_at_the_time_for_the_whole(
    name: str, site: Website, policy: Policy, internet: Internet
) -> None:
    site.routes["/a"] = DRIPS[name]
    began = time.monotonic()

    assert "within 0.4 seconds" in reason(replace(policy, seconds=0.4), internet)
    assert time.monotonic() - began < 5


def test_the_time_is_for_all_redirects_together(site: Website, policy: Policy, internet: Internet) -> None:
    def slowly(to: str) -> Callable[[Write], None]:
        def write(send: Write) -> None:
            time.sleep(0.25)
            send(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + to.encode() + b"\r\n\r\n")

        return write

    site.routes |= {"/a": slowly("/b"), "/b": slowly("/c"), "/c": slowly("/d")}

    assert "too slow" in reason(replace(policy, seconds=0.4), internet)


def test_a_resolver_that_does_not_answer_is_left(site: Website, policy: Policy) -> None:
    class Stuck(Internet):
        def resolve(self, host: str, port: int) -> tuple[str, ...]:
            time.sleep(2)
            return (PUBLIC,)

    assert "cannot be reached in time" in reason(replace(policy, seconds=0.2), Stuck(site.port))


def test_a_host_that_is_unknown_or_does_not_listen_is_named(policy: Policy, internet: Internet) -> None:
    assert "no host nowhere.example is known" in reason(policy, internet, "http://nowhere.example/")
    internet.port = 1
    assert "cannot be connected to: Connection refused" in reason(policy, internet)


def test_redirects_are_followed_and_the_last_address_told(site: Website, policy: Policy, internet: Internet) -> None:
    internet.hosts["other.example"] = [(PUBLIC,)]
    site.routes |= {
        "/a": moved("b", 301),
        "/b": moved("//other.example/c", 303),
        "/c": moved("?d=1", 307),
        "/c?d=1": moved("/é#part", 308),
        "/%C3%A9": Answer(b"page"),
    }

    assert page(policy, internet).address == "http://other.example/%C3%A9"


def test_redirects_in_a_circle_and_without_end_are_left(site: Website, policy: Policy, internet: Internet) -> None:
    site.routes |= {"/a": moved("/b"), "/b": moved("/a")}
    site.routes |= {f"/{n}": moved(f"/{n + 1}") for n in range(10)}

    assert "in a circle" in reason(policy, internet)
    assert "more than 5 times" in reason(policy, internet, "http://news.example/0")
    assert site.pages() == ["/a", "/b", *(f"/{n}" for n in range(6))]


@pytest.mark.parametrize(
    "location", ["ftp://x/", "file:///etc/passwd", "http://jane:pw@news.example/", "http://[bad", "http://"]
)
def test_a_redirect_to_no_web_address_is_refused(
    location: str, site: Website, policy: Policy, internet: Internet
) -> None:
    site.routes["/a"] = moved(location)
    told = reason(policy, internet)

    assert told.startswith("it redirects ")
    assert "pw" not in told
    assert site.pages() == ["/a"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_once_more_when_it_says_when(
    status: int, site: Website, policy: Policy, internet: Internet, slept: list[float]
) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    for wait in ("0", "60", soon, "Fri, 01 Jan 2021 00:00:00 GMT"):
        site.routes["/a"] = [Answer(status=status, headers={"Retry-After": wait}), Answer(b"page")]
        assert page(replace(policy, longest_wait_seconds=60), internet).content == b"page"

    waits = [round(seconds, -1) for seconds in slept if seconds]
    assert waits == [60, 60]
    assert len(site.pages()) == 8


def test_a_busy_server_is_not_asked_a_third_time_nor_waited_for_too_long(
    site: Website, policy: Policy, internet: Internet
) -> None:
    again = Answer(status=429, headers={"Retry-After": "0"})
    site.routes["/a"] = [again, again, Answer(b"page")]
    assert "429 Too Many Requests" in reason(policy, internet)

    for wait in ("3600", "Fri, 01 Jan 2100 00:00:00 GMT", "9" * 400):
        site.routes["/a"] = [Answer(status=503, headers={"Retry-After": wait}), Answer(b"page")]
        assert "503 Service Unavailable, and it asks to wait" in reason(policy, internet)

    for wait in ("soon", "-1", "", "Fri, 31 Dec 99999999999999 00:00:00 GMT"):
        site.routes["/a"] = [Answer(status=503, headers={"Retry-After": wait}), Answer(b"page")]
        assert reason(policy, internet) == "the server answers 503 Service Unavailable"
