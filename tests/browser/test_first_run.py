"""From an empty archive to the first cited answer, and again after the server was restarted."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.chat import CHROMIUM, SEEDS, ask, chromium, open_page, open_quote, serving
from tests.browser.library import MILLISECONDS, upload

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no chromium here; Debian's package `chromium` brings it"
)
QUOTE = "Russia is also helping to construct a gas pipeline between Pakistan's port city of Karachi and eastern Lahore."


def test_upload_ask_and_open_the_quote_then_restart(tmp_path: Path) -> None:
    with serving(tmp_path, samples=False) as address, chromium() as browser:
        page = open_page(browser, address)
        page.get_by_role("link", name="Library").last.click()
        expect(page.get_by_role("heading", name="Library")).to_be_visible(timeout=MILLISECONDS)
        upload(page, *sorted(SEEDS.glob("*.txt")))
        expect(page.get_by_role("heading", name="2 articles")).to_be_visible(timeout=MILLISECONDS)
        page.get_by_role("link", name="Ask").click()
        reply = ask(page, "Which cities does the gas pipeline join?")
        expect(open_quote(page, reply).locator("mark")).to_have_text(QUOTE)
        chat = page.url.partition("?")[2]

    with serving(tmp_path, samples=False) as address, chromium() as browser:
        page = open_page(browser, f"{address}/?{chat}")
        expect(page.get_by_test_id("stChatMessage")).to_have_count(2)
        expect(open_quote(page, page.get_by_test_id("stChatMessage").last).locator("mark")).to_have_text(QUOTE)
