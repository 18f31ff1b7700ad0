"""Pages fetched from servers that behave and from servers that do not; robots.txt and pauses."""

from __future__ import annotations

import gzip
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from rag.reading.web import Page, Policy
from rag.reading.web.crawl import crawl
from rag.types import Rejection
from tests.website import HTML, PUBLIC, Answer, Internet, Website, Write, dripping, moved, zipped

URL = "http://news.example/a"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"


def only(policy: Policy, internet: Internet, address: str = URL) -> Page | Rejection:
    (found,) = crawl(address, policy, network=internet)
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


def test_a_page_has_its_address_media_type_and_charset(site: Website, policy: Policy, internet: Internet) -> None:
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


@pytest.mark.parametrize(("header", "media_type", "charset"), CONTENT_TYPES)
def test_an_invalid_content_type_is_passed_on(
    header: str, media_type: str, charset: str | None, site: Website, policy: Policy, internet: Internet
) -> None:
    site.routes["/a"] = Answer(b"page", {"Content-Type": header})
    found = page(policy, internet)

    assert (found.media_type, found.charset, found.content) == (media_type, charset, b"page")


def test_requests_name_nutgraf_and_send_no_cookies(site: Website, policy: Policy, internet: Internet) -> None:
    site.routes["/a"] = Answer(status=302, headers={"Location": "/b", "Set-Cookie": "id=1; Path=/"})
    site.routes["/b"] = Answer(b"page")
    page(policy, internet)

    assert site.headers["User-Agent"].startswith("nutgraf/")
    assert site.headers["Accept-Encoding"] == "gzip"
    assert not {"Cookie", "Referer", "Authorization"} & set(site.headers)


@pytest.mark.parametrize(
    "pack", [gzip.compress, zlib.compress, lambda body: gzip.compress(body[:3]) + gzip.compress(body[3:])]
)
def test_a_compressed_page_is_decompressed(
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
    (Answer(b"page", {"Content-Encoding": "br"}), "compressed as 'br'"),
    (Answer(b"page", {"Content-Encoding": "gzip, gzip"}), "compressed as 'gzip, gzip'"),
    (Answer(b"page", {"Content-Length": "9999"}), "sent an invalid HTTP response"),
    (Answer(b"page", {"Content-Length": "99999999"}), "announces 100.0 MB"),
    (Answer(b"page", {"Content-Length": "9" * 5_000}), "sent an invalid HTTP response"),
    (Answer(b"page", {"Content-Length": "-1"}), "sent an invalid HTTP response"),
    (Answer(b"x" * 1_000_001), "announces"),
    (Answer(b"x", {"X-Long": "y" * 200_000}), "sent an invalid HTTP response"),
    (Answer(b""), "the page is empty"),
    (Answer(b"", status=204, headers={}), "204 No Content"),
    (Answer(b"", status=304, headers={}), "304 Not Modified"),
    (Answer(b"half", status=206), "206 Partial Content"),
    (Answer(b"", status=300), "300 Multiple Choices"),
    (Answer(b"", status=301), "301 Moved Permanently without a new address"),
    (Answer(b"", status=403), "403 Forbidden"),
    (Answer(b"not here", status=404), "404 Not Found"),
    (Answer(b"", status=410), "410 Gone"),
    (Answer(b"", status=500), "500 Internal Server Error"),
    (Answer(b"", status=503), "503 Service Unavailable"),
    (Answer(b"", status=599), "answers 599"),
]


@pytest.mark.parametrize(("answer", "why"), BODIES, ids=[why for _, why in BODIES])
def test_a_response_that_is_not_a_page_is_rejected_with_the_reason(
    answer: Answer, why: str, site: Website, policy: Policy, internet: Internet
) -> None:
    site.routes["/a"] = answer

    assert why in reason(policy, internet)


def test_a_page_of_exactly_the_size_limit_is_read(site: Website, policy: Policy, internet: Internet) -> None:
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
    (endless_headers, "sent an invalid HTTP response"),
    (reset, "sent an invalid HTTP response"),
    (torn_chunks, "sent an invalid HTTP response"),
    (junk, "sent an invalid HTTP response"),
    (silence, "sent an invalid HTTP response"),
]


@pytest.mark.parametrize(("write", "why"), RAW, ids=[write.__name__ for write, _ in RAW])
def test_a_misbehaving_server_is_rejected(
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
def test_a_slow_drip_is_cut_off_at_the_deadline(name: str, site: Website, policy: Policy, internet: Internet) -> None:
    site.routes["/a"] = DRIPS[name]
    began = time.monotonic()

    assert "within 0.4 seconds" in reason(replace(policy, seconds=0.4), internet)
    assert time.monotonic() - began < 5


def test_redirects_share_one_deadline(site: Website, policy: Policy, internet: Internet) -> None:
    def slowly(to: str) -> Callable[[Write], None]:
        def write(send: Write) -> None:
            time.sleep(0.25)
            send(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + to.encode() + b"\r\n\r\n")

        return write

    site.routes |= {"/a": slowly("/b"), "/b": slowly("/c"), "/c": slowly("/d")}

    assert "too slow" in reason(replace(policy, seconds=0.4), internet)


def test_a_hanging_resolver_is_cut_off(site: Website, policy: Policy) -> None:
    class Stuck(Internet):
        def resolve(self, host: str, port: int) -> tuple[str, ...]:
            time.sleep(2)
            return (PUBLIC,)

    assert "cannot be reached in time" in reason(replace(policy, seconds=0.2), Stuck(site.port))


def test_an_unknown_or_unreachable_host_is_named(policy: Policy, internet: Internet) -> None:
    assert "host nowhere.example was not found" in reason(policy, internet, "http://nowhere.example/")
    internet.port = 1
    assert "cannot connect to news.example: Connection refused" in reason(policy, internet)


def test_redirects_are_followed_to_the_last_address(site: Website, policy: Policy, internet: Internet) -> None:
    internet.hosts["other.example"] = [(PUBLIC,)]
    site.routes |= {
        "/a": moved("b", 301),
        "/b": moved("//other.example/c", 303),
        "/c": moved("?d=1", 307),
        "/c?d=1": moved("/é#part", 308),
        "/%C3%A9": Answer(b"page"),
    }

    assert page(policy, internet).address == "http://other.example/%C3%A9"


def test_redirect_loops_and_long_chains_are_rejected(site: Website, policy: Policy, internet: Internet) -> None:
    site.routes |= {"/a": moved("/b"), "/b": moved("/a")}
    site.routes |= {f"/{n}": moved(f"/{n + 1}") for n in range(10)}

    assert "in a circle" in reason(policy, internet)
    assert "more than 5 times" in reason(policy, internet, "http://news.example/0")
    assert site.pages() == ["/a", "/b", *(f"/{n}" for n in range(6))]


@pytest.mark.parametrize(
    "location", ["ftp://x/", "file:///etc/passwd", "http://jane:pw@news.example/", "http://[bad", "http://"]
)
def test_a_redirect_to_an_invalid_address_is_rejected(
    location: str, site: Website, policy: Policy, internet: Internet
) -> None:
    site.routes["/a"] = moved(location)
    message = reason(policy, internet)

    assert message.startswith("it redirects ")
    assert "pw" not in message
    assert site.pages() == ["/a"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_asked_again_after_the_wait_it_names(
    status: int, site: Website, policy: Policy, internet: Internet, slept: list[float]
) -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
    for wait in ("0", "60", soon, "Fri, 01 Jan 2021 00:00:00 GMT"):
        site.routes["/a"] = [Answer(status=status, headers={"Retry-After": wait}), Answer(b"page")]
        assert page(replace(policy, max_wait_seconds=60), internet).content == b"page"

    waits = [round(seconds, -1) for seconds in slept if seconds]
    assert waits == [60, 60]
    assert len(site.pages()) == 8


def test_a_busy_server_is_asked_only_twice_and_after_a_short_wait(
    site: Website, policy: Policy, internet: Internet
) -> None:
    again = Answer(status=429, headers={"Retry-After": "0"})
    site.routes["/a"] = [again, again, Answer(b"page")]
    assert "429 Too Many Requests" in reason(policy, internet)

    for wait in ("3600", "Fri, 01 Jan 2100 00:00:00 GMT", "9" * 400):
        site.routes["/a"] = [Answer(status=503, headers={"Retry-After": wait}), Answer(b"page")]
        assert "503 Service Unavailable, and asks to wait" in reason(policy, internet)

    for wait in ("soon", "-1", "", "Fri, 31 Dec 99999999999999 00:00:00 GMT"):
        site.routes["/a"] = [Answer(status=503, headers={"Retry-After": wait}), Answer(b"page")]
        assert reason(policy, internet) == "the server answers 503 Service Unavailable"


PLAIN = {"Content-Type": "text/plain"}


def rules(text: str) -> Answer:
    return Answer(text.encode(), PLAIN)


def ask(path: str, policy: Policy, internet: Internet) -> Page | Rejection:
    (found,) = crawl(f"http://news.example{path}", policy, network=internet)
    return found


RULES = [
    # robots.txt, then whether /open/a and /closed/a are read
    ("", True, True),
    ("User-agent: *\nDisallow: /closed/", True, False),
    ("User-agent: *\nDisallow: /", False, False),
    ("User-agent: nutgraf\nDisallow: /closed/\n\nUser-agent: *\nDisallow: /", True, False),
    ("User-agent: NutGraf\nDisallow:\n\nUser-agent: *\nDisallow: /", True, True),
    ("User-agent: *\nDisallow: /\nAllow: /open/", True, False),
    ("User-agent: otherbot\nDisallow: /", True, True),
    ("User-agent: news\nDisallow: /", True, True),
    ("\ufeffUser-agent: *\nDisallow: /closed", True, False),
    ("<!doctype html><p>Not found", True, True),
    ("User-agent: *\nDisallow: /*.pdf$\nCrawl-delay: never", True, True),
]


@pytest.mark.parametrize(("text", "opened", "closed"), RULES)
def test_pages_closed_to_robots_are_not_requested(
    text: str, site: Website, policy: Policy, internet: Internet, *, opened: bool, closed: bool
) -> None:
    site.routes |= {"/robots.txt": rules(text), "/open/a": Answer(b"page"), "/closed/a": Answer(b"page")}

    assert isinstance(ask("/open/a", policy, internet), Page) is opened
    assert isinstance(ask("/closed/a", policy, internet), Page) is closed
    assert site.pages() == ["/open/a"] * opened + ["/closed/a"] * closed


def test_a_page_closed_to_robots_is_rejected(site: Website, policy: Policy, internet: Internet) -> None:
    site.routes["/robots.txt"] = rules("User-agent: *\nDisallow: /")
    found = ask("/a", policy, internet)

    assert isinstance(found, Rejection)
    assert found.reason.startswith("http://news.example/robots.txt does not allow robots")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_site_without_a_robots_txt_is_open(status: int, site: Website, policy: Policy, internet: Internet) -> None:
    site.routes |= {"/robots.txt": Answer(status=status), "/a": Answer(b"page")}

    assert isinstance(ask("/a", policy, internet), Page)


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_site_whose_robots_txt_fails_is_closed(
    status: int, site: Website, policy: Policy, internet: Internet
) -> None:
    site.routes |= {"/robots.txt": Answer(status=status), "/a": Answer(b"page")}
    found = ask("/a", policy, internet)

    assert isinstance(found, Rejection)
    assert f"robots.txt answers {status}, so the site is closed to robots" in found.reason
    assert site.pages() == []


def test_a_site_whose_robots_txt_times_out_is_closed(site: Website, policy: Policy, internet: Internet) -> None:
    site.routes |= {"/robots.txt": dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"#"), "/a": Answer(b"page")}
    found = ask("/a", replace(policy, seconds=0.3), internet)

    assert isinstance(found, Rejection)
    assert "too slow" in found.reason
    assert found.reason.count("robots.txt") == 1


def test_robots_txt_redirects_are_followed_but_not_to_private_addresses(
    site: Website, policy: Policy, internet: Internet
) -> None:
    internet.hosts["localhost"] = [("127.0.0.1",)]
    site.routes |= {"/robots.txt": moved("/rules"), "/rules": rules("User-agent: *\nDisallow: /a")}
    assert isinstance(ask("/a", policy, internet), Rejection)
    assert "/a" not in site.asked

    site.routes["/robots.txt"] = moved("http://localhost/rules")
    found = ask("/b", policy, internet)
    assert isinstance(found, Rejection)
    assert "localhost is at 127.0.0.1" in found.reason


def test_a_huge_robots_txt_is_truncated(site: Website, policy: Policy, internet: Internet) -> None:
    padding = "#" * 498_000 + "\n"
    text = f"User-agent: *\nDisallow: /early\n{padding}Disallow: /late\n" + padding + "Disallow: /never\n"
    for answer in (rules(text), zipped(text.encode(), PLAIN)):
        site.routes = {"/robots.txt": answer, "/never": Answer(b"page")}
        assert isinstance(ask("/early", policy, internet), Rejection)
        assert isinstance(ask("/late", policy, internet), Rejection)
        assert isinstance(ask("/never", policy, internet), Page)


def feed(*paths: str) -> Answer:
    items = "".join(f"<item><link>{path}</link></item>" for path in paths)
    return Answer(f'<rss version="2.0"><channel>{items}</channel></rss>'.encode(), {"Content-Type": "text/xml"})


def test_robots_txt_is_fetched_once_per_site_and_obeyed_after_redirects(
    site: Website, policy: Policy, internet: Internet
) -> None:
    internet.hosts["other.example"] = [(PUBLIC,)]
    site.routes |= {
        "/robots.txt": [rules("User-agent: *\nDisallow: /closed"), rules("User-agent: *\nDisallow: /other")],
        "/feed": feed("/1", "/2", "/3", "/4"),
        "/1": Answer(b"page"),
        "/2": moved("/closed"),
        "/3": moved("http://other.example/other"),
        "/4": moved("http://other.example/4"),
    }
    found = list(crawl("http://news.example/feed", policy, network=internet))

    assert [type(one).__name__ for one in found] == ["Page", "Rejection", "Rejection", "Rejection"]
    assert site.asked == ["/robots.txt", "/feed", "/1", "/2", "/3", "/robots.txt", "/4", "/4"]


def test_requests_to_one_host_are_spaced_as_it_wants(
    site: Website, policy: Policy, internet: Internet, slept: list[float]
) -> None:
    internet.hosts["other.example"] = [(PUBLIC,)]
    site.routes |= {
        "/feed": feed("/1", "http://other.example/1", "http://other.example/2"),
        "/1": Answer(b"page"),
        "/2": Answer(b"page"),
    }

    def pauses(policy: Policy, text: str) -> list[float]:
        slept.clear()
        site.routes["/robots.txt"] = rules(text)
        assert all(isinstance(one, Page) for one in crawl("http://news.example/feed", policy, network=internet))
        return [round(seconds, -1) for seconds in slept if seconds]

    # Two each: from the feed to the page of its own host, and between the two of the other.
    slow = "User-agent: *\nCrawl-delay: 3600"
    assert pauses(policy, "") == []
    assert pauses(replace(policy, delay_seconds=60), "") == [60, 60]
    assert pauses(replace(policy, max_wait_seconds=90), slow) == [90, 90]
    assert pauses(replace(policy, delay_seconds=60, max_wait_seconds=30), slow) == [60, 60]
