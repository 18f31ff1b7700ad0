"""The Library page in a browser: how to get there, and what to press."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

MILLISECONDS = 120_000


def open_library(browser: Browser, address: str, width: int = 1280, query: str = "", scheme: str = "light") -> Page:
    page = browser.new_page(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page.set_default_timeout(MILLISECONDS)
    page.goto(f"{address}/library{query}")
    expect(page.get_by_role("heading", name="Library")).to_be_visible(timeout=MILLISECONDS)
    return page


def upload(page: Page, *files: Path) -> None:
    """Choose files and add them; returns before they are read."""
    page.locator("input[type=file]").set_input_files(files)
    # A long name is shown shortened, but not to who cannot see it.
    expect(page.get_by_role("button", name=f"Remove {files[0].name}")).to_be_visible(timeout=MILLISECONDS)
    page.get_by_role("button", name="Add the files").click()


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()
