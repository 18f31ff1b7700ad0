"""Take pictures of every page, light and dark, wide and narrow; docs/ has some of them for the README.

python -m tests.browser.screenshot FOLDER [REPORT]

REPORT is a folder that `python -m eval run --report` wrote: its charts and worst case are pictured too.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, expect

from tests.browser.chat import ask, chromium, open_page, open_quote, serving, settled

_PAGES = ("library", "evaluation", "settings", "help")
_WIDTHS = {"": 1280, "-narrow": 390}
# Folds open with an animation, and what is outside the first view is drawn later.
_DRAWN_MILLISECONDS = 2500
_REPORT_WIDTH, _MARGIN = 760, 24


def main() -> None:
    folder, report = Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, serving(Path(home)) as address, chromium() as browser:
        if report:
            _take_report(browser, report, folder / "report.png")
            shutil.copytree(report, Path(home, "reports", report.name))
        for name, width in _WIDTHS.items():
            _take(browser, address, "light", width, folder, f"light{name}")
            _take(browser, address, "dark", width, folder, f"dark{name}")


def _take(
    browser: Browser, address: str, scheme: Literal["light", "dark"], width: int, folder: Path, name: str
) -> None:
    page = open_page(browser, address, width, 1000, scheme)
    expect(page.get_by_text("Ask what is known about:")).to_be_visible(timeout=60_000)
    _save(page, folder / f"new-{name}.png")
    reply = ask(page, "Who visited Islamabad?")
    _save(page, folder / f"answer-{name}.png")
    open_quote(page, reply)
    _save(page, folder / f"ask-{name}.png")
    page.goto(address)
    refusal = ask(page, "How much does the gas pipeline cost?")
    expect(refusal.locator(".refusal")).to_be_visible()
    _save(page, folder / f"refusal-{name}.png")
    for one in _PAGES:
        page.goto(f"{address}/{one}")
        expect(page.get_by_role("heading", level=1).first).to_be_visible()
        _save(page, folder / f"{one}-{name}.png")
        items = page.locator("[class*=st-key-item-] button")
        if one in ("library", "evaluation") and items.count():
            items.first.click()
            _save(page, folder / f"{one}-opened-{name}.png")
    page.close()


def _save(page: Page, file: Path) -> None:
    settled(page)
    page.wait_for_timeout(_DRAWN_MILLISECONDS)
    page.screenshot(path=file)


def _take_report(browser: Browser, report: Path, file: Path) -> None:
    """Picture a report's page down to its first article, the worst case."""
    page = browser.new_page(viewport={"width": _REPORT_WIDTH, "height": 1200}, color_scheme="light")
    page.goto((report / "page.html").resolve().as_uri())
    # Without the table, so that the charts are the picture.
    page.locator("summary").first.click()
    page.evaluate("scrollTo(0, 0)")
    box = page.locator("article").first.bounding_box()
    assert box
    height = box["y"] + box["height"] + _MARGIN
    page.screenshot(path=file, full_page=True, clip={"x": 0, "y": 0, "width": _REPORT_WIDTH, "height": height})
    page.close()


if __name__ == "__main__":
    main()
