"""The Settings page in a real Chromium: a reader from a hub on loopback is taken into use. The browser's policy."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from rag import load_settings
from rag.models import weights as models
from tests import hub
from tests.browser.chat import ANSWER_MILLISECONDS, CHROMIUM, ask, box, serving, settled
from tests.conftest import READER

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no chromium here; Debian's package `chromium` brings it"
)
_GOOD, _BAD = "desk/readers-GGUF/good.gguf", "desk/readers-GGUF/bad.gguf"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("settings")


@pytest.fixture(scope="module")
def served(home: Path) -> Iterator[tuple[str, hub.Hub]]:
    """The chat's address, and the Hugging Face that it knows."""
    with hub.serve() as running, pytest.MonkeyPatch.context() as patch:
        weights = models.find(READER, "reader").path.read_bytes()
        running.repositories = {"desk/readers-GGUF": {"good.gguf": weights, "bad.gguf": b"GGUF and nothing more"}}
        hub.forget_hugging_face(patch, home / "hf")
        patch.setenv("HF_ENDPOINT", running.url)
        with serving(home) as address:
            yield address, running


def open_settings(browser: Browser, address: str) -> Page:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(f"{address}/settings")
    expect(page.get_by_role("heading", name="Archive")).to_be_visible(timeout=ANSWER_MILLISECONDS)
    return page


def name_model(page: Page, name: str) -> None:
    """Name another reader under "Another model"."""
    settled(page)
    fold = page.get_by_text("Another model", exact=True)
    given = page.get_by_label("A file or a folder on this machine")
    if not given.is_visible():
        fold.click()
    given.fill(name)
    given.press("Enter")
    expect(page.get_by_role("button", name="Use it")).to_be_enabled()
    settled(page)
    choose(page, "It is", "a reader")


def choose(page: Page, label: str, option: str) -> None:
    """Open a list and choose, again where the list has closed because the page was drawn anew."""
    wanted = page.get_by_role("option", name=option)
    for _ in range(10):
        page.get_by_label(label).click()
        try:
            wanted.click(timeout=3000)
        except PlaywrightTimeout:
            continue
        return
    raise AssertionError(f"{label} offers no {option}")


def test_a_reader_is_downloaded_and_answers_without_a_restart(
    browser: Browser, served: tuple[str, hub.Hub], home: Path
) -> None:
    address, running = served
    page = open_settings(browser, address)
    expect(page.get_by_role("button", name="Open this folder")).to_be_enabled()
    name_model(page, _GOOD)
    page.get_by_role("button", name="Download it").click()
    expect(page.get_by_text(f"{_GOOD}: Downloaded and checked.")).to_be_visible(timeout=ANSWER_MILLISECONDS)
    assert {request.partition(" ")[2].split("/")[1] for request in running.requests} == {"api", "desk", "cdn"}
    name_model(page, _GOOD)
    page.get_by_role("button", name="Use it").click()
    expect(page.get_by_text(f"{_GOOD}: In use now, and kept")).to_be_visible(timeout=ANSWER_MILLISECONDS)

    assert load_settings({"home": home}, {}).reader == _GOOD
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Ask").click()
    expect(box(page)).to_be_enabled(timeout=ANSWER_MILLISECONDS)
    assert "Karachi" in ask(page, "Which cities does the gas pipeline join?").inner_text()
    page.close()


def test_a_reader_that_cannot_be_loaded_leaves_the_old_one_in_use(
    browser: Browser, served: tuple[str, hub.Hub], home: Path
) -> None:
    before = load_settings({"home": home}, {}).reader
    page = open_settings(browser, served[0])
    name_model(page, _BAD)
    page.get_by_role("button", name="Download it").click()
    expect(page.get_by_text(f"{_BAD}: Downloaded and checked.")).to_be_visible(timeout=ANSWER_MILLISECONDS)
    name_model(page, _BAD)
    page.get_by_role("button", name="Use it").click()

    expect(page.get_by_role("alert").filter(has_text="is no model that llama.cpp can load")).to_be_visible(
        timeout=ANSWER_MILLISECONDS
    )
    assert load_settings({"home": home}, {}).reader == before
    page.close()


_REACH_OUT = """async url => {
    for (const tag of ["img", "script", "iframe", "video"]) {
        const element = document.createElement(tag); element.src = `${url}/${tag}`; document.body.append(element);
    }
    const style = document.createElement("style");
    style.textContent = `body { background: url(${url}/style) }`; document.head.append(style);
    const inline = document.createElement("script");
    inline.textContent = "window.hacked = 1"; document.body.append(inline);
    const button = document.createElement("button");
    button.setAttribute("onclick", "window.hacked = 1"); document.body.append(button); button.click();
    navigator.sendBeacon(`${url}/beacon`, "x");
    try { await fetch(`${url}/fetch`) } catch { return "refused" }
}"""


def test_even_markup_that_got_into_the_page_reaches_no_other_server(
    browser: Browser, served: tuple[str, hub.Hub], tracker: tuple[str, list[str]]
) -> None:
    url, hits = tracker
    page = open_settings(browser, served[0])
    refused = page.evaluate(_REACH_OUT, url)
    page.wait_for_timeout(1000)

    assert refused == "refused"
    assert hits == []
    assert page.evaluate("window.hacked") is None
    page.goto(f"{url}/by-hand")
    assert hits[0] == "/by-hand", "the server is there to be reached"
    page.close()


def test_the_pages_do_nothing_that_their_policy_forbids(browser: Browser, served: tuple[str, hub.Hub]) -> None:
    page = browser.new_page()
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.goto(served[0])
    links = page.get_by_test_id("stSidebarNavLink")
    expect(links.first).to_be_visible(timeout=ANSWER_MILLISECONDS)
    for number in range(links.count()):
        links.nth(number).click()
        expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=ANSWER_MILLISECONDS)
        page.wait_for_timeout(500)

    assert [line for line in told if "Content Security Policy" in line] == []
    page.close()
