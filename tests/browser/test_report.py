"""The page of a report in a real headless Chromium: all of it is there, and nothing of it asks a network."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.chat import CHROMIUM
from tests.eval.helpers import CASES, Log, archived, fake, put, run

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no chromium here; Debian's package `chromium` brings it"
)
ATTACK = (
    "It rained. <img src=http://127.0.0.1:9/a.png onerror='window.hacked=1'><script>window.hacked=1</script> "
    "The stone bridge opened on Monday."
)


@pytest.fixture
def report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The page of a run over a hostile article, with an earlier run beside."""
    wrong = {
        "id": "4",
        "question": "the stone bridge opened",
        "answers": ["Friday"],
        "type": "<script>alert(1)</script>",
    }
    rows = [{**CASES[1], "sources": [], "type": "place"}, CASES[2], wrong]
    common = ("run", put(tmp_path / "questions.jsonl", *rows), "--archive", archived(tmp_path / "archive", ATTACK))
    for name, log in (("before", Log()), ("after", Log(blind=True))):
        fake(monkeypatch, log)
        ran = run(*common, "--report", tmp_path / name, *(["--caution", 0.4] if log.blind else []))
        assert ran.code == 0, ran.err
    ran = run("compare", tmp_path / "before", tmp_path / "after", "--page", tmp_path / "compared.html")
    assert ran.code == 0, ran.err
    return tmp_path / "compared.html"


def opened(browser: Browser, report: Path, scheme: Literal["light", "dark"]) -> tuple[Page, list[str], list[str]]:
    """The page, all that it asked for, and all that went wrong in it."""
    page = browser.new_page(color_scheme=scheme)
    asked: list[str] = []
    wrong: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda message: wrong.append(message.text))
    page.goto(report.as_uri())
    return page, asked, wrong


def test_the_charts_and_tables_are_there_and_no_network_is_asked(browser: Browser, report: Path) -> None:
    page, asked, wrong = opened(browser, report, "light")
    charts = page.locator(".drawing[role=img]")

    expect(charts).to_have_count(3)
    for chart in charts.all():
        expect(chart.locator("svg")).to_be_visible()
        assert len(chart.get_attribute("aria-label") or "") > 40
    expect(page.get_by_role("heading", name="Cases that changed")).to_be_visible()
    expect(page.get_by_role("table").first).to_contain_text("contains")
    expect(page.get_by_text("What was said before")).to_be_visible()
    page.get_by_text("The passages seen").first.click()
    expect(page.locator(".passage").filter(has_text="<img src=").first).to_be_visible()
    assert page.evaluate("window.hacked") is None
    assert asked == [report.as_uri()]
    assert wrong == []
    page.close()


def test_it_is_dark_where_the_system_is_and_fits_a_narrow_window(browser: Browser, report: Path) -> None:
    grounds = []
    for scheme in ("light", "dark"):
        page, _, _ = opened(browser, report, scheme)
        colours = page.evaluate(
            "[document.body, document.querySelector('svg text')]"
            ".map(one => { const style = getComputedStyle(one); return [style.backgroundColor, style.fill] })"
        )
        grounds.append((colours[0][0], colours[1][1]))
        page.set_viewport_size({"width": 380, "height": 800})
        assert page.evaluate("document.documentElement.scrollWidth") <= 380
        page.close()

    assert len({ground for ground, _ in grounds}) == len({text for _, text in grounds}) == 2


def test_print_shows_the_tables_that_are_folded_away(browser: Browser, report: Path) -> None:
    page, _, _ = opened(browser, report, "dark")
    folded = page.locator("details:not([open]) table")
    expect(folded).to_have_count(1)
    expect(folded.first).to_be_hidden()
    page.emulate_media(media="print")

    for table in folded.all():
        expect(table).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.close()
