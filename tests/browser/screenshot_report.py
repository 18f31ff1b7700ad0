"""Take the picture of a report that docs/ shows: its charts, and the worst case.

python -m eval run --report build/eval && python -m tests.browser.screenshot_report build/eval docs/report.png
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.browser.chat import chromium

_WIDTH, _MARGIN = 1000, 24


def main() -> None:
    folder, picture = map(Path, sys.argv[1:])
    with chromium() as browser:
        page = browser.new_page(viewport={"width": _WIDTH, "height": 1200}, color_scheme="light")
        page.goto((folder / "report.html").resolve().as_uri())
        first = page.locator("article").first
        first.locator("summary").click()
        box = first.bounding_box()
        assert box
        height = box["y"] + min(box["height"], 900) + _MARGIN
        page.screenshot(path=picture, full_page=True, clip={"x": 0, "y": 0, "width": _WIDTH, "height": height})


if __name__ == "__main__":
    main()
