"""A real chat server and a real headless Chromium, for the browser tests and for the pictures in docs/."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

SEEDS = Path(__file__).parents[2] / "seeds"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NEEDS_CHROMIUM = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="needs Chromium, such as Debian's package `chromium`"
)
NUTGRAF = (sys.executable, "-m", "rag")
# A busy machine takes many seconds to load models, answer, or draw a page.
MILLISECONDS = 120_000
# Of each server that was started, by its host and port.
TOKENS: dict[str, str] = {}
_FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
_FLAGS += "--disable-component-update --disable-sync"
expect.set_options(timeout=30_000)


@contextmanager
def serving(home: Path, *, samples: bool = True) -> Iterator[str]:
    """Serve the chat over an archive under `home`, with or without the sample articles; yield its address."""
    environment = {**os.environ, "NUTGRAF_HOME": str(home)}
    if samples:
        subprocess.run([*NUTGRAF, "ingest", "--if-empty", str(SEEDS)], env=environment, check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with (home / "chat.log").open("wb") as log:
        server = subprocess.Popen([*NUTGRAF, "chat", "--port", str(port)], env=environment, stdout=log, stderr=log)
        try:
            printed = _printed(home / "chat.log", port, server)
            address, _, TOKENS[f"127.0.0.1:{port}"] = printed.partition("/?token=")
            yield address
        finally:
            server.terminate()
            server.wait(timeout=20)


def _printed(log: Path, port: int, server: subprocess.Popen[bytes]) -> str:
    """Return the address in the server's log once it takes connections."""
    deadline = time.monotonic() + MILLISECONDS / 1000
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0 and (
                found := re.search(r"http://\S+token=\S+", log.read_text())
            ):
                return found[0]
        time.sleep(0.1)
    raise AssertionError("the chat server did not answer")


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS.split())
        try:
            yield browser
        finally:
            browser.close()


def open_page(
    browser: Browser,
    address: str,
    width: int = 1280,
    height: int = 900,
    scheme: Literal["light", "dark"] = "light",
) -> Page:
    """Open a page, signed in, and wait for its heading."""
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    page.set_default_timeout(MILLISECONDS)
    sign_in(page, address)
    page.goto(address)
    expect(page.get_by_role("heading", level=1).first).to_be_visible(timeout=MILLISECONDS)
    return page


def sign_in(page: Page, address: str) -> None:
    """Give the browser the cookie that the printed address would set."""
    parts = urlsplit(address)
    page.context.add_cookies(
        [{"name": f"nutgraf-chat-{parts.port}", "value": TOKENS[parts.netloc], "domain": "127.0.0.1", "path": "/"}]
    )


def question_box(page: Page) -> Locator:
    return page.get_by_placeholder("Ask about your articles")


def settled(page: Page) -> None:
    """Wait until the page is drawn: an open list closes when it is drawn again."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=MILLISECONDS)


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def send(page: Page, question: str) -> None:
    expect(question_box(page)).to_be_enabled(timeout=MILLISECONDS)
    question_box(page).fill(question)
    question_box(page).press("Enter")


def ask(page: Page, question: str) -> Locator:
    """Ask, wait until the page takes the next question, and return the reply."""
    turns = page.get_by_test_id("stChatMessage")
    expect(question_box(page)).to_be_enabled(timeout=MILLISECONDS)
    before = turns.count()
    send(page, question)
    expect(turns).to_have_count(before + 2, timeout=MILLISECONDS)
    expect(question_box(page)).to_be_enabled(timeout=MILLISECONDS)
    return turns.last


def open_quote(page: Page, reply: Locator) -> Locator:
    """Click the reply's first citation, and return the panel that shows its source."""
    reply.get_by_role("button", name="[1]").first.click()
    opened = page.locator(".st-key-source-panel-clicked")
    expect(opened.locator("mark")).to_be_visible()
    return opened


def upload(page: Page, *files: Path) -> None:
    """Choose files on the Library page and start adding them."""
    page.locator("input[type=file]").set_input_files(files)
    # A long name is shortened on the screen, but not for screen readers.
    expect(page.get_by_role("button", name=f"Remove {files[0].name}")).to_be_visible(timeout=MILLISECONDS)
    press(page, "Add to archive")
