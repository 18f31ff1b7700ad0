"""What a robots.txt opens, closes and slows down."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rag.reading.web import Page, Policy, gather
from rag.types import Rejection
from tests.website import PUBLIC, Answer, Internet, Website, dripping, moved, zipped

PLAIN = {"Content-Type": "text/plain"}


def rules(text: str) -> Answer:
    return Answer(text.encode(), PLAIN)


def ask(path: str, policy: Policy, internet: Internet) -> Page | Rejection:
    (found,) = gather(f"http://news.example{path}", policy, network=internet)
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
def test_what_a_site_keeps_from_robots_is_not_asked_for(
    text: str, site: Website, policy: Policy, internet: Internet, *, opened: bool, closed: bool
) -> None:
    site.routes |= {"/robots.txt": rules(text), "/open/a": Answer(b"page"), "/closed/a": Answer(b"page")}

    assert isinstance(ask("/open/a", policy, internet), Page) is opened
    assert isinstance(ask("/closed/a", policy, internet), Page) is closed
    assert site.pages() == ["/open/a"] * opened + ["/closed/a"] * closed


def test_a_page_kept_from_robots_says_so(site: Website, policy: Policy, internet: Internet) -> None:
    site.routes["/robots.txt"] = rules("User-agent: *\nDisallow: /")
    found = ask("/a", policy, internet)

    assert isinstance(found, Rejection)
    assert found.reason.startswith("http://news.example/robots.txt keeps this page from robots")


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
    assert f"robots.txt answers {status}, which closes the site" in found.reason
    assert site.pages() == []


def test_a_site_whose_robots_txt_never_comes_is_closed(site: Website, policy: Policy, internet: Internet) -> None:
    site.routes |= {"/robots.txt": dripping(b"HTTP/1.1 200 OK\r\n\r\n", b"#"), "/a": Answer(b"page")}
    found = ask("/a", replace(policy, seconds=0.3), internet)

    assert isinstance(found, Rejection)
    assert "too slow" in found.reason
    assert found.reason.count("robots.txt") == 1


def test_a_robots_txt_is_followed_where_it_has_moved_but_not_to_this_machine(
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


def test_only_the_beginning_of_a_huge_robots_txt_counts(site: Website, policy: Policy, internet: Internet) -> None:
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


def test_the_robots_txt_of_each_site_is_asked_for_once_and_obeyed_after_a_redirect(
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
    found = list(gather("http://news.example/feed", policy, network=internet))

    assert [type(one).__name__ for one in found] == ["Page", "Rejection", "Rejection", "Rejection"]
    assert site.asked == ["/robots.txt", "/feed", "/1", "/2", "/3", "/robots.txt", "/4", "/4"]


def test_pages_of_one_host_are_asked_for_with_the_pause_that_it_wants(
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
        assert all(isinstance(one, Page) for one in gather("http://news.example/feed", policy, network=internet))
        return [round(seconds, -1) for seconds in slept if seconds]

    # Two each: from the feed to the page of its own host, and between the two of the other.
    slow = "User-agent: *\nCrawl-delay: 3600"
    assert pauses(policy, "") == []
    assert pauses(replace(policy, delay_seconds=60), "") == [60, 60]
    assert pauses(replace(policy, longest_wait_seconds=90), slow) == [90, 90]
    assert pauses(replace(policy, delay_seconds=60, longest_wait_seconds=30), slow) == [60, 60]
