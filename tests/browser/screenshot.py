"""Take the picture of the chat that the README shows.

python -m tests.browser.screenshot docs/chat.png
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.chat import ask, chromium, open_page, serving


def main() -> None:
    with tempfile.TemporaryDirectory() as home, serving(Path(home)) as address, chromium() as browser:
        page = open_page(browser, address, height=1420)
        ask(page, "How many doses of Sputnik V will Pakistan purchase, and who said so?")
        refusal = ask(page, "How much does the gas pipeline cost?")
        expect(refusal.locator(".refusal")).to_be_visible()
        page.wait_for_timeout(1000)  # the folding out of the article is an animation
        page.screenshot(path=sys.argv[1])


if __name__ == "__main__":
    main()
