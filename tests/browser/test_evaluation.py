"""The Evaluation page in a real browser, over a real run of `python -m eval`, and over a hostile report."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

from playwright.sync_api import Browser, expect

from tests.browser.chat import MILLISECONDS, NEEDS_CHROMIUM, open_page, press

pytestmark = NEEDS_CHROMIUM
# So many that even a fast machine has not finished when the page is told to stop.
_QUESTIONS = 150


def test_a_run_is_stopped_resumed_opened_and_compared(browser: Browser, address: str, home: Path) -> None:
    page = open_page(browser, f"{address}/evaluation")
    page.get_by_text("Sample questions", exact=True).click()
    limit = page.get_by_label("How many, drawn at random (0: all)")
    limit.fill(str(_QUESTIONS))
    limit.press("Enter")
    expect(page.get_by_label("Seed of the draw")).to_be_visible(timeout=MILLISECONDS)
    press(page, "Run the evaluation")
    expect(page.get_by_text(re.compile(rf"^[1-9]\d* of {_QUESTIONS} questions"))).to_be_visible(timeout=MILLISECONDS)
    press(page, "Stop the evaluation")
    expect(page.get_by_text(re.compile(rf"^Stopped after \d+ of {_QUESTIONS}"))).to_be_visible(timeout=MILLISECONDS)
    press(page, "Resume")
    expect(page.get_by_text("Finished: Sample questions")).to_be_visible(timeout=MILLISECONDS)
    press(page, "Dismiss")

    page.get_by_role("button", name="Sample questions").click()
    report = page.frame_locator("iframe").frame_locator("iframe")
    expect(report.get_by_role("heading", level=1)).to_be_visible(timeout=MILLISECONDS)
    press(page, "All reports")
    expect(page.get_by_role("heading", name="Reports")).to_be_visible(timeout=MILLISECONDS)
    (folder,) = (home / "reports").iterdir()
    shutil.copytree(folder, folder.with_name("again"))
    page.reload()
    page.get_by_role("button", name="Compare", exact=True).click()
    comparison = page.frame_locator("iframe").frame_locator("iframe")
    expect(comparison.get_by_role("heading", level=1)).to_be_visible(timeout=MILLISECONDS)
    page.close()


def test_a_hostile_report_runs_nothing_and_fits_a_narrow_window(
    browser: Browser, address: str, home: Path, tracker: tuple[str, list[str]]
) -> None:
    url, hits = tracker
    folder = home / "reports" / "hostile ![t](x)"
    folder.mkdir(parents=True)
    (folder / "report.json").write_text(json.dumps({"cases": 1, "measures": {"right": {"mean": 1}}}))
    (folder / "page.html").write_text(
        f"<h1>Hostile</h1><script>top.hacked = 1</script><script src='{url}/a.js'></script>"
        f"<img src='{url}/a.png' onerror='top.hacked = 1'><iframe src='{url}/a'></iframe>"
        f"<form action='{url}/b'><button>Send</button></form><a href='{url}/c' target=_top>Leave</a>"
        f"<meta http-equiv=refresh content='0; url={url}/d'>"
    )
    page = open_page(browser, f"{address}/evaluation", width=390)
    page.get_by_role("button", name="hostile").click()
    report = page.frame_locator("iframe").frame_locator("iframe")
    expect(report.get_by_role("heading", name="Hostile")).to_be_visible(timeout=MILLISECONDS)
    report.get_by_role("button", name="Send").click()
    report.get_by_text("Leave").click()
    page.wait_for_timeout(1000)

    assert page.evaluate("window.hacked") is None
    assert page.url.startswith(f"{address}/evaluation")
    assert hits == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.close()
