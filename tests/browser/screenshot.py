"""Take pictures of every page, light and dark; docs/ has some of them for the README.

python -m tests.browser.screenshot FOLDER
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, expect

from tests.browser.chat import ask, chromium, open_page, open_quote, serving

_PAGES = ("library", "evaluation", "settings", "help")
# What folds out is animated, and what stands outside the first view comes later.
_SETTLED_MILLISECONDS = 3000


def main() -> None:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as home, serving(Path(home)) as address, chromium() as browser:
        for scheme in ("light", "dark"):
            _take(browser, address, scheme, folder)


def _take(browser: Browser, address: str, scheme: Literal["light", "dark"], folder: Path) -> None:
    page = open_page(browser, address, height=1000)
    page.emulate_media(color_scheme=scheme)
    expect(page.get_by_text("The archive answers, for example:")).to_be_visible(timeout=60_000)
    page.wait_for_timeout(_SETTLED_MILLISECONDS)
    page.screenshot(path=folder / f"new-{scheme}.png")
    refusal = ask(page, "How much does the gas pipeline cost?")
    expect(refusal.locator(".refusal")).to_be_visible()
    reply = ask(page, "How many doses of Sputnik V will Pakistan purchase, and who said so?")
    open_quote(page, reply)
    page.wait_for_timeout(_SETTLED_MILLISECONDS)
    page.screenshot(path=folder / f"ask-{scheme}.png")
    for name in _PAGES:
        page.goto(f"{address}/{name}")
        expect(page.get_by_test_id("stSkeleton")).to_have_count(0)
        expect(page.get_by_role("heading").first).to_be_visible()
        page.wait_for_timeout(_SETTLED_MILLISECONDS)
        page.screenshot(path=folder / f"{name}-{scheme}.png")
    page.close()


if __name__ == "__main__":
    main()
