"""The Library page in a real headless Chromium, against a real server with the real models."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chat import CHROMIUM, serving
from tests.browser.library import MILLISECONDS, open_library, press, upload

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no chromium here; Debian's package `chromium` brings it"
)
HOSTILE = "Harbour ![t](http://127.0.0.1:9/t.png) <img src=http://127.0.0.1:9/i.gif> <script>window.hacked=1</script>"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("library")) as served:
        yield served


def files(folder: Path) -> list[Path]:
    """Thirty good ones, one that attacks the page, and three that cannot be read."""
    contents = {f"day{number}.txt": f"Day {number}\n\nIt rained on day {number}." for number in range(30)}
    contents |= {"attack.txt": f"{HOSTILE}\n\nIt rained."}
    contents |= {"![x](http://127.0.0.1:9).xyz".replace("/", ":"): "x", "<img src=x>.txt": "", "broken.pdf": "%PDF-1.4"}
    paths = [folder / name for name in contents]
    for path, text in zip(paths, contents.values(), strict=True):
        path.write_text(text)
    return paths


def count(page: Page, articles: int) -> None:
    expect(page.get_by_role("heading", name=f"{articles} articles")).to_be_visible(timeout=MILLISECONDS)


def test_many_files_are_uploaded_read_removed_and_put_back(browser: Browser, address: str, tmp_path: Path) -> None:
    page, other = open_library(browser, address), open_library(browser, address)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    upload(page, *files(tmp_path))
    for tab in (page, other):
        if tab is other:
            tab.reload()
        expect(tab.get_by_text("31 added, 0 updated")).to_be_visible(timeout=MILLISECONDS)
        expect(tab.get_by_text("<img src=x>.txt: it is empty")).to_be_visible()
        expect(tab.get_by_text("broken.pdf: ")).to_be_visible()
    press(page, "Close the report")
    # At once, while the page is drawn anew: what is typed stays.
    page.get_by_label("Find").fill("harbour")
    expect(page.get_by_role("button", name="Close the report")).to_be_hidden(timeout=MILLISECONDS)
    count(page, 33)
    page.get_by_label("Find").press("Enter")
    expect(page.get_by_text("1 to 1 of 1")).to_be_visible(timeout=MILLISECONDS)
    expect(page.get_by_text(HOSTILE)).to_be_visible()
    press(page, "Read article 1")
    expect(page.get_by_text("upload:attack.txt")).to_be_visible(timeout=MILLISECONDS)
    press(page, "Remove this article")
    expect(page.get_by_text("Removed: Harbour")).to_be_visible(timeout=MILLISECONDS)
    count(page, 32)
    press(page, "Undo the removal")
    count(page, 33)
    expect(page.get_by_text("1 to 1 of 1")).to_be_visible(timeout=MILLISECONDS)

    assert page.evaluate("window.hacked") is None
    assert all(url.startswith((address, address.replace("http", "ws"), "data:", "blob:")) for url in asked), asked
    page.close()
    other.close()


def test_an_undo_survives_another_page_and_the_keyboard_does_it(browser: Browser, address: str) -> None:
    page = open_library(browser, address)
    expect(page.get_by_role("button", name="Remove article 1", exact=True)).to_be_visible(timeout=MILLISECONDS)
    page.get_by_role("button", name="Remove article 1", exact=True).press("Enter")
    expect(page.get_by_text("Removed: ")).to_be_visible(timeout=MILLISECONDS)
    page.get_by_role("link", name="Ask").click()
    expect(page.get_by_placeholder("Ask the archive")).to_be_visible(timeout=MILLISECONDS)
    page.get_by_role("link", name="Library").click()
    expect(page.get_by_text("Removed: ")).to_be_visible(timeout=MILLISECONDS)
    page.get_by_role("button", name="Undo the removal").press("Enter")

    expect(page.get_by_text("Removed: ")).to_be_hidden(timeout=MILLISECONDS)
    page.close()


def test_a_link_opens_its_article_in_a_narrow_window(browser: Browser, address: str) -> None:
    page = open_library(browser, address)
    press(page, "Read article 1")
    page.wait_for_url("**article=*")
    query = f"?{page.url.partition('?')[2]}"
    page.close()
    narrow = open_library(browser, address, width=390, query=query)
    expect(narrow.get_by_role("region", name="The text of the article")).to_be_visible(timeout=MILLISECONDS)
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 390
    press(narrow, "Back to the list")
    expect(narrow.get_by_role("button", name="Read article 1", exact=True)).to_be_visible(timeout=MILLISECONDS)
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 390
    narrow.close()


def test_the_archive_is_examined(browser: Browser, address: str) -> None:
    page = open_library(browser, address)
    press(page, "Examine the archive")

    expect(page.get_by_text("Nothing needs attention.")).to_be_visible(timeout=MILLISECONDS)
    expect(page.get_by_text("database: good.")).to_be_visible()
    page.close()
