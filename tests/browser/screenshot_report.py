"""Take the picture of a report that docs/ shows: its charts, and the worst case.

python -m eval run --report build/eval && python -m tests.browser.screenshot_report build/eval docs/report.png
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.browser.chat import chromium

_WIDTH, _MARGIN = 760, 24


def main() -> None:
    folder, picture = map(Path, sys.argv[1:])
    with chromium() as browser:
        page = browser.new_page(viewport={"width": _WIDTH, "height": 1200}, color_scheme="light")
        page.goto((folder / "page.html").resolve().as_uri())
        # The table is folded away, so that the charts are the picture.
        page.locator("summary").first.click()
        page.evaluate("scrollTo(0, 0)")
        box = page.locator("article").first.bounding_box()
        assert box
        height = box["y"] + box["height"] + _MARGIN
        page.screenshot(path=picture, full_page=True, clip={"x": 0, "y": 0, "width": _WIDTH, "height": height})


if __name__ == "__main__":
    main()
