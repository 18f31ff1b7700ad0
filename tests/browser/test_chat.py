"""The main journeys in a real headless Chromium, against a real server with the real models."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.chat import ANSWER_MILLISECONDS, CHROMIUM, ask, box, chromium, open_page, send, serving

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no chromium here; Debian's package `chromium` brings it"
)


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("chat")) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as launched:
        yield launched


def test_stop_before_the_models_are_loaded_then_ask_again(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    send(page, "What did Biden say about the withdrawal deadline?")
    page.get_by_role("button", name="Stop").click()
    reply = page.get_by_test_id("stChatMessage").last
    expect(box(page)).to_be_enabled(timeout=ANSWER_MILLISECONDS)

    expect(reply).to_contain_text("Stopped before a sentence was checked.")
    expect(ask(page, "What did Biden say about the withdrawal deadline?")).to_contain_text("difficult to meet")
    page.close()


def test_a_citation_opens_its_quote_highlighted_in_its_article(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    reply = ask(page, "Which cities does the gas pipeline join?")
    expect(reply.locator(".sentence")).to_contain_text("Karachi")
    expect(reply.locator("mark")).to_be_hidden()
    reply.get_by_text("[1] The quote in its article").click()

    expect(reply.locator("mark")).to_be_visible()
    expect(reply.locator("mark")).to_have_text(
        "Russia is also helping to construct a gas pipeline between Pakistan's port city of Karachi and eastern Lahore."
    )
    page.close()


def test_a_refusal_looks_like_one(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    reply = ask(page, "How much does the gas pipeline cost?")

    expect(reply.locator(".refusal")).to_contain_text("Not answered.")
    expect(reply.locator(".sentence")).to_have_count(0)
    page.close()


def test_two_tabs_at_once_each_get_their_own_answer(browser: Browser, address: str) -> None:
    first, second = open_page(browser, address), open_page(browser, address)
    send(first, "What did Qureshi say about rail?")
    send(second, "What is the name of the maritime drill?")

    for page, words in ((first, "rail and energy-sector"), (second, "Arabian Monsoon")):
        expect(page.get_by_test_id("stChatMessage").last).to_contain_text(words, timeout=ANSWER_MILLISECONDS)
        page.close()


def test_a_click_while_the_answer_is_written_does_not_lose_it(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    send(page, "What did Biden say about the withdrawal deadline?")
    page.get_by_text("Read article 1").click()

    expect(page.get_by_test_id("stChatMessage").last).to_contain_text("difficult to meet", timeout=ANSWER_MILLISECONDS)
    page.close()


@pytest.fixture
def tracker() -> Iterator[tuple[str, list[str]]]:
    """A server that counts who comes, and its address."""
    hits: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            hits.append(self.path)
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}", hits
    server.shutdown()
    server.server_close()


def test_an_uploaded_article_that_attacks_the_page_stays_text(
    browser: Browser, address: str, tracker: tuple[str, list[str]], tmp_path: Path
) -> None:
    url, hits = tracker
    attack = tmp_path / "attack.txt"
    attack.write_text(
        f"Harbour news ![t]({url}/title.png) <img src={url}/title.gif>\n\n"
        f"Mayor Ada Holm ![i]({url}/a.png) <img src='{url}/b.png' onerror='window.hacked=1'> opened the harbour on "
        "Monday.\n\n<script>window.hacked = 1</script> It rained.\n"
    )
    page = open_page(browser, address)
    page.locator("input[type=file]").set_input_files(attack)
    expect(page.get_by_text("attack.txt")).to_be_visible()
    page.get_by_role("button", name="Add to the archive").click()
    expect(page.get_by_text("1 added, 0 updated")).to_be_visible(timeout=ANSWER_MILLISECONDS)
    expect(page.get_by_role("heading", name="3 articles")).to_be_visible()
    reply = ask(page, "Who opened the harbour on Monday?")
    reply.get_by_text("[1] The quote in its article").click()

    expect(reply.locator("mark")).to_contain_text("<img src=")
    assert page.evaluate("window.hacked") is None
    assert hits == []
    page.close()
