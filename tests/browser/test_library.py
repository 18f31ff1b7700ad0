"""The Library page in a real browser: upload, search, read, remove and undo, the health check, hostile text."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.chat import MILLISECONDS, NEEDS_CHROMIUM, open_page, press, question_box, upload

pytestmark = NEEDS_CHROMIUM
HOSTILE = "Harbour ![t](http://127.0.0.1:9/t.png) <img src=http://127.0.0.1:9/i.gif> <script>window.hacked=1</script>"


def files(folder: Path) -> list[Path]:
    """Thirty good files, one that attacks the page, and three that cannot be read."""
    contents = {f"day{number}.txt": f"Day {number}\n\nIt rained on day {number}." for number in range(30)}
    contents |= {"attack.txt": f"{HOSTILE}\n\nIt rained."}
    contents |= {"![x](http://127.0.0.1:9).xyz".replace("/", ":"): "x", "<img src=x>.txt": "", "broken.pdf": "%PDF-1.4"}
    paths = [folder / name for name in contents]
    for path, text in zip(paths, contents.values(), strict=True):
        path.write_text(text)
    return paths


def expect_articles(page: Page, count: int) -> None:
    expect(page.get_by_role("heading", name=f"{count} articles")).to_be_visible(timeout=MILLISECONDS)


def test_many_files_are_uploaded_searched_read_removed_and_restored(
    browser: Browser, address: str, tmp_path: Path
) -> None:
    page, other = open_page(browser, f"{address}/library"), open_page(browser, f"{address}/library")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    upload(page, *files(tmp_path))
    for tab in (page, other):
        if tab is other:
            tab.reload()
        expect(tab.get_by_text("31 added, 0 updated")).to_be_visible(timeout=MILLISECONDS)
        expect(tab.get_by_text("<img src=x>.txt: it is empty")).to_be_visible()
        expect(tab.get_by_text("broken.pdf: ")).to_be_visible()
    press(page, "Dismiss")
    page.get_by_text("Edit several articles").click()
    page.get_by_label("Outlet", exact=True).fill("Tarn Post")
    page.get_by_text("Outlets", exact=True).click()
    # Typed at once, while the page is drawn again: nothing is lost.
    page.get_by_label("Search", exact=True).fill("harbour")
    expect(page.get_by_role("button", name="Dismiss")).to_be_hidden(timeout=MILLISECONDS)
    expect_articles(page, 33)
    page.get_by_label("Search", exact=True).press("Enter")
    expect(page.get_by_text("1–1 of 1")).to_be_visible(timeout=MILLISECONDS)
    # Fewer rows, and no page numbers any more: what was open is open, and what was typed is there.
    expect(page.get_by_label("Outlet", exact=True)).to_have_value("Tarn Post")
    expect(page.get_by_role("button", name="Show what will change")).to_be_visible()
    expect(page.get_by_role("button", name="Join", exact=True)).to_be_visible()
    page.get_by_role("button", name="Harbour").click()
    expect(page.get_by_text("upload:attack.txt")).to_be_visible(timeout=MILLISECONDS)
    press(page, "Remove article")
    expect(page.get_by_text("Removed: Harbour")).to_be_visible(timeout=MILLISECONDS)
    expect_articles(page, 32)
    page.get_by_role("link", name="Ask").click()
    expect(question_box(page)).to_be_visible(timeout=MILLISECONDS)
    page.get_by_role("link", name="Library").click()
    page.get_by_role("button", name="Undo").press("Enter")
    expect_articles(page, 33)
    expect(page.get_by_text("1–1 of 1")).to_be_visible(timeout=MILLISECONDS)

    assert page.evaluate("window.hacked") is None
    assert all(url.startswith((address, address.replace("http", "ws"), "data:", "blob:")) for url in requests)
    page.close()
    other.close()


def test_an_article_has_an_address_and_the_archive_is_checked(browser: Browser, address: str) -> None:
    page = open_page(browser, f"{address}/library")
    press(page, "Check the archive")
    expect(page.get_by_text("No problems that need your attention.")).to_be_visible(timeout=MILLISECONDS)
    page.get_by_label("Search", exact=True).fill("Lavrov")
    page.get_by_label("Search", exact=True).press("Enter")
    page.get_by_role("button", name="Lavrov").first.click()
    page.wait_for_url("**article=*")
    narrow = open_page(browser, page.url, width=390)
    expect(narrow.get_by_role("region", name="The text of the article")).to_be_visible(timeout=MILLISECONDS)
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 390
    press(narrow, "All articles")
    expect_articles(narrow, int(narrow.get_by_role("heading", name="articles").inner_text().split()[0]))
    page.close()
    narrow.close()
