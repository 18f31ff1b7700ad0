"""A real chat server and a real headless Chromium, for the browser tests and for the README's picture."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

SEEDS = Path(__file__).parents[2] / "seeds"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
_FLAGS += "--disable-component-update --disable-sync"
NUTGRAF = (sys.executable, "-m", "rag")
_START_SECONDS = 60
ANSWER_MILLISECONDS = 120_000
# A busy machine draws a page in many seconds.
expect.set_options(timeout=30_000)


@contextmanager
def serving(home: Path, *, samples: bool = True) -> Iterator[str]:
    """Serve the chat over an archive under `home`, with the samples in it or as it is, and give its address."""
    environment = {**os.environ, "NUTGRAF_HOME": str(home)}
    if samples:
        subprocess.run([*NUTGRAF, "ingest", "--if-empty", str(SEEDS)], env=environment, check=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    with (home / "chat.log").open("wb") as log:
        server = subprocess.Popen([*NUTGRAF, "chat", "--port", str(port)], env=environment, stdout=log, stderr=log)
        try:
            _wait(f"{address}/_stcore/health", server)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=20)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=_FLAGS.split())
        try:
            yield browser
        finally:
            browser.close()


def open_page(browser: Browser, address: str, width: int = 1280, height: int = 900) -> Page:
    page = browser.new_page(viewport={"width": width, "height": height})
    page.goto(address)
    expect(box(page)).to_be_enabled(timeout=_START_SECONDS * 1000)
    return page


def box(page: Page) -> Locator:
    return page.get_by_placeholder("Ask the archive")


def settled(page: Page) -> None:
    """Wait until the page is drawn whole: a list that is open closes when it is drawn anew."""
    expect(page.get_by_test_id("stApp")).to_have_attribute("data-test-script-state", "notRunning", timeout=60_000)


def ask(page: Page, question: str) -> Locator:
    """Ask, wait until the page takes the next question, and give the last turn's reply."""
    turns = page.get_by_test_id("stChatMessage")
    before = turns.count()
    send(page, question)
    expect(turns).to_have_count(before + 2, timeout=ANSWER_MILLISECONDS)
    expect(box(page)).to_be_enabled(timeout=ANSWER_MILLISECONDS)
    return turns.last


def open_quote(page: Page, reply: Locator) -> Locator:
    """Press the reply's first chip, and give what it opens."""
    reply.get_by_role("button", name="[1]").first.click()
    opened = page.get_by_test_id("stPopoverBody")
    expect(opened.locator("mark")).to_be_visible()
    return opened


def send(page: Page, question: str) -> None:
    box(page).fill(question)
    box(page).press("Enter")


def _wait(address: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        assert server.poll() is None, "the chat server ended"
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the chat server did not answer")
