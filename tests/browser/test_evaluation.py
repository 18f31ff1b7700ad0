"""The Evaluation page in a real headless Chromium, over real runs of `python -m eval`."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chat import CHROMIUM, serving

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no chromium here; Debian's package `chromium` brings it"
)
_LOADED, _DONE = 60_000, 240_000
# So many that a fast machine is not done with them before the page is told to stop.
_CASES = 60


def open_evaluation(browser: Browser, address: str, width: int = 1280) -> Page:
    page = browser.new_page(viewport={"width": width, "height": 900})
    page.goto(f"{address}/evaluation")
    expect(page.get_by_role("heading", name="Evaluation")).to_be_visible(timeout=_LOADED)
    return page


def choose(page: Page, view: str) -> None:
    page.get_by_text(view, exact=True).first.click()


def test_a_run_is_followed_stopped_gone_on_with_and_looked_into(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path) as address:
        page = open_evaluation(browser, address)
        expect(page.get_by_text("There is no report yet.")).to_be_visible(timeout=_LOADED)
        page.get_by_label("How many, drawn at random (0: all)").fill(str(_CASES))
        page.get_by_label("How many, drawn at random (0: all)").press("Enter")
        expect(page.get_by_label("Seed of the drawing")).to_be_visible(timeout=_LOADED)
        page.get_by_role("button", name="Run the evaluation").click()

        expect(page.get_by_text(re.compile(rf"^[1-9]\d* of {_CASES} cases"))).to_be_visible(timeout=_DONE)
        expect(page.get_by_text("Asked last:")).to_be_visible()
        page.get_by_role("button", name="Stop the evaluation").click()
        expect(page.get_by_text(re.compile(rf"^Stopped after \d+ of {_CASES} cases\."))).to_be_visible(timeout=_DONE)
        page.get_by_role("button", name="Go on with it").click()
        expect(page.get_by_text(f"Done: {_CASES} cases of the fixed set")).to_be_visible(timeout=_DONE)
        page.get_by_role("button", name="Put this away").click()

        choose(page, "One report")
        expect(page.locator(".stVegaLiteChart, [data-testid=stVegaLiteChart]").first).to_be_visible(timeout=_LOADED)
        choose(page, "Cases")
        page.get_by_role("button", name="Open case 2", exact=True).click()
        expect(page.get_by_text(f"Case 2 of {_CASES}")).to_be_visible(timeout=_LOADED)
        expect(page.get_by_text("What is right")).to_be_visible()
        page.get_by_role("button", name="Back to the report").click()
        expect(page.get_by_role("button", name="Open case 2", exact=True)).to_be_visible(timeout=_LOADED)

        (report,) = (tmp_path / "reports").iterdir()
        shutil.copytree(report, report.with_name("again"))
        page.reload()
        choose(page, "Compare two")
        page.get_by_role("button", name="Compare", exact=True).click()
        expect(page.get_by_text(f"{_CASES} cases that A and B have in common").first).to_be_visible(timeout=_DONE)
        expect(page.get_by_role("heading", name="0 cases got worse")).to_be_visible(timeout=_LOADED)
        page.close()


def test_a_hostile_report_stays_text_and_fits_a_narrow_window(browser: Browser, tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "hostile"
    folder.mkdir(parents=True)
    trick = "![t](http://127.0.0.1:9/t.png) <img src=http://127.0.0.1:9/i.png onerror='window.hacked=1'>"
    measure = f'{{"{trick}": {{"mean": 0.5, "low": 0.4, "high": 0.6, "n": 1}}}}'
    (folder / "report.json").write_text(f'{{"command": "{trick}", "cases": 1, "measures": {measure}}}')
    (folder / "cases.jsonl").write_text(f'{{"id": "{trick}", "case": {{"question": "{trick}"}}, "said": null}}\n')
    with serving(tmp_path) as address:
        page = open_evaluation(browser, address, width=390)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for view in ("Over time", "One report", "Cases"):
            choose(page, view)
            expect(page.get_by_text("<img src=").first).to_be_attached(timeout=_LOADED)
        page.get_by_role("button", name="Open case 1", exact=True).click()
        expect(page.get_by_text("There is no result.")).to_be_visible(timeout=_LOADED)

        assert page.evaluate("window.hacked") is None
        assert [url for url in asked if ":9/" in url] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.close()
