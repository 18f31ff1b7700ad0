"""The main journeys in a real headless Chromium, against a real server with the real models."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.chat import (
    ANSWER_MILLISECONDS,
    CHROMIUM,
    NUTGRAF,
    ask,
    box,
    open_page,
    open_quote,
    send,
    serving,
)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no chromium here; Debian's package `chromium` brings it"
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chat")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with serving(home) as served:
        yield served


def test_stop_before_the_models_are_loaded_then_ask_again(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    send(page, "What did Biden say about the withdrawal deadline?")
    page.get_by_role("button", name="Stop").click()
    reply = page.get_by_test_id("stChatMessage").last
    expect(box(page)).to_be_enabled(timeout=ANSWER_MILLISECONDS)

    expect(reply).to_contain_text("Stopped before a sentence was checked.")
    expect(ask(page, "What did Biden say about the withdrawal deadline?")).to_contain_text("difficult to meet")
    page.close()


def test_a_citation_opens_its_quote_highlighted_in_its_article(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    reply = ask(page, "Which cities does the gas pipeline join?")
    expect(reply.locator(".sentence")).to_contain_text("Karachi")
    opened = open_quote(page, reply)

    expect(opened.locator("mark")).to_have_text(
        "Russia is also helping to construct a gas pipeline between Pakistan's port city of Karachi and eastern Lahore."
    )
    expect(opened).to_contain_text("In Pakistan, Russia's Lavrov Pledges Bilateral Boost To Combat Terrorism")
    expect(opened.locator(".scroll")).to_contain_text("pose for a picture during a meeting in Islamabad")
    assert in_view(opened.locator("mark"), opened.locator(".scroll"))
    assert in_view(opened.locator("mark"), opened)
    page.keyboard.press("Escape")
    expect(opened).to_be_hidden()
    page.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (640, 450), (390, 844)])
def test_the_highlight_is_seen_wherever_the_chip_stands(
    browser: Browser, address: str, width: int, height: int
) -> None:
    page = open_page(browser, address, width, height)
    ask(page, "How much does the gas pipeline cost?")
    reply = ask(page, "Which country did Lavrov visit before Pakistan?")
    row = reply.locator(".sentence").first.bounding_box()
    chip = reply.get_by_role("button", name="[1]").first.bounding_box()
    assert row
    assert chip
    assert row["x"] + row["width"] <= chip["x"]
    assert chip["x"] + chip["width"] <= width
    opened = open_quote(page, reply)
    page.wait_for_timeout(1000)

    mark = opened.locator("mark")
    assert in_view(mark, opened.locator(".scroll"))
    assert in_view(mark, opened)
    shown = mark.bounding_box()
    assert shown
    assert shown["y"] >= 0
    assert shown["y"] + shown["height"] <= height
    page.close()


def in_view(part: Locator, box: Locator) -> bool:
    """Whether all of `part` can be seen in `box`, which scrolls."""
    inner, outer = part.bounding_box(), box.bounding_box()
    assert inner
    assert outer
    return outer["y"] <= inner["y"] and inner["y"] + inner["height"] <= outer["y"] + outer["height"]


def test_a_refusal_looks_like_one(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    reply = ask(page, "How much does the gas pipeline cost?")

    expect(reply.locator(".refusal")).to_contain_text("Not answered.")
    expect(reply.locator(".sentence")).to_have_count(0)
    page.close()


def test_two_tabs_at_once_each_get_their_own_answer(browser: Browser, address: str) -> None:
    first, second = open_page(browser, address), open_page(browser, address)
    send(first, "What did Qureshi say about rail?")
    send(second, "What is the name of the maritime drill?")

    for page, words in ((first, "rail and energy-sector"), (second, "Arabian Monsoon")):
        expect(page.get_by_test_id("stChatMessage").last).to_contain_text(words, timeout=ANSWER_MILLISECONDS)
        page.close()


def test_a_click_while_the_answer_is_written_does_not_lose_it(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    send(page, "What did Biden say about the withdrawal deadline?")
    page.get_by_role("button", name="Narrow").click()

    expect(page.get_by_test_id("stChatMessage").last).to_contain_text("difficult to meet", timeout=ANSWER_MILLISECONDS)
    page.close()


def test_a_reload_keeps_the_chat_even_while_it_is_answered(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    send(page, "What did Biden say about the withdrawal deadline?")
    expect(page).to_have_url(re.compile(r"\?chat=\w+"))
    page.reload()
    reply = page.get_by_test_id("stChatMessage").last
    expect(reply).to_contain_text("difficult to meet", timeout=ANSWER_MILLISECONDS)
    ask(page, "What is the name of the maritime drill?")
    page.reload()

    expect(page.get_by_test_id("stChatMessage")).to_have_count(4)
    expect(page.get_by_test_id("stChatMessage").last).to_contain_text("Arabian Monsoon")
    page.close()


def test_an_answer_is_copied_with_its_citations(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reply = ask(page, "Which cities does the gas pipeline join?")
    reply.get_by_role("button", name="Copy").click()
    for form, beginning in (("Markdown", "> "), ("Plain text", "“Russia is also helping")):
        page.get_by_role("button", name=form).click()
        expect(page.get_by_text(f"Copied with its citations: {form}")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert "In Pakistan, Russia" in copied, beginning
    page.get_by_role("button", name="Formatted").click()
    expect(page.get_by_text("Copied with its citations: Formatted")).to_be_visible()
    formatted = "navigator.clipboard.read().then(all => all[0].getType('text/html')).then(blob => blob.text())"
    assert "<blockquote" in page.evaluate(formatted)
    page.close()


def test_a_chat_is_exported_whole(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    ask(page, "Which cities does the gas pipeline join?")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="JSON").click()
    exported = json.loads(Path(started.value.path()).read_text())

    (turn,) = exported["turns"]
    assert turn["question"]["text"] == "Which cities does the gas pipeline join?"
    (citation,) = turn["answer"]["citations"]
    assert citation["quote"].startswith("Russia is also helping to construct a gas pipeline")
    assert {"start", "end", "content_hash"} <= citation.keys()
    page.close()


def test_an_article_and_a_question_that_attack_the_page_stay_text(
    browser: Browser, home: Path, address: str, tracker: tuple[str, list[str]], tmp_path: Path
) -> None:
    url, hits = tracker
    attack = tmp_path / "attack.txt"
    attack.write_text(
        f"Harbour news ![t]({url}/title.png) <img src={url}/title.gif>\n\n"
        f"Mayor Ada Holm ![i]({url}/a.png) <img src='{url}/b.png' onerror='window.hacked=1'> opened the harbour on "
        "Monday.\n\n<script>window.hacked = 1</script> It rained.\n"
    )
    subprocess.run([*NUTGRAF, "ingest", str(attack)], env={**os.environ, "NUTGRAF_HOME": str(home)}, check=True)
    page = open_page(browser, address)
    question = f"Who opened the harbour ![t]({url}/label.png) on Monday? www.127.0.0.1:{url.rpartition(':')[2]}/l"
    reply = ask(page, question)
    # Signs are kept apart by a character that does not show.
    expect(page.get_by_test_id("stSidebar").get_by_text(re.compile(r"!\W*t\W*http")).first).to_be_visible()
    opened = open_quote(page, reply)

    expect(opened.locator("mark")).to_contain_text("<img src=")
    assert page.evaluate("window.hacked") is None
    assert hits == []
    page.close()
