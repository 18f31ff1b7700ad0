"""Asking in a real browser: the first run, quotes, reloads, several tabs, copying and exporting, hostile text."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.chat import (
    MILLISECONDS,
    NEEDS_CHROMIUM,
    NUTGRAF,
    SEEDS,
    ask,
    open_page,
    open_quote,
    press,
    question_box,
    send,
    serving,
    upload,
)
from tests.browser.test_accessibility import violations

pytestmark = NEEDS_CHROMIUM
QUOTE = "Russia is also helping to construct a gas pipeline between Pakistan's port city of Karachi and eastern Lahore."
# For a `sitecustomize.py`: the weights of the judge are first read after some seconds.
SLOW_DISK = """
import sys, time

def slow(event, args, seconds=[15]):
    if event == "open" and seconds and str(args[0]).endswith("judge.safetensors"):
        time.sleep(seconds.pop())

sys.addaudithook(slow)
"""
PIPELINE, BIDEN = "Which cities does the gas pipeline join?", "What did Biden say about the withdrawal deadline?"


def test_first_run_upload_ask_open_the_quote_and_restart(browser: Browser, tmp_path: Path) -> None:
    with serving(tmp_path, samples=False) as address:
        page = open_page(browser, address)
        page.get_by_role("link", name="Library").last.click()
        expect(page.get_by_role("heading", name="Library")).to_be_visible()
        upload(page, *sorted(SEEDS.glob("*.txt")))
        expect(page.get_by_role("heading", name="2 articles")).to_be_visible(timeout=MILLISECONDS)
        page.get_by_role("link", name="Ask").click()
        reply = ask(page, PIPELINE)
        expect(open_quote(page, reply).locator("mark")).to_have_text(QUOTE)
        chat = page.url.partition("?")[2]
        page.close()

    with serving(tmp_path, samples=False) as address:
        page = open_page(browser, f"{address}/?{chat}")
        expect(page.get_by_test_id("stChatMessage")).to_have_count(2)
        expect(open_quote(page, page.get_by_test_id("stChatMessage").last).locator("mark")).to_have_text(QUOTE)
        page.close()


def test_a_survey_keeps_what_was_typed_and_the_back_button_leaves_it(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    form = page.get_by_role("combobox", name="Form of reply")
    question_box(page).fill("Who visited Islamabad?")
    form.click()
    page.get_by_role("option", name="Find every article").click()
    box = page.get_by_placeholder("Ask what the articles should answer")
    expect(box).to_have_value("Who visited Islamabad?")
    box.press("Enter")
    page.locator(".st-key-chip-0-0-found button").click(timeout=MILLISECONDS)
    expect(page.locator(".st-key-source-panel-clicked mark")).to_be_visible()
    assert page.url.endswith("?find=Who+visited+Islamabad%3F")
    page.reload()
    expect(page.locator(".st-key-chip-0-0-found")).to_be_visible(timeout=MILLISECONDS)
    page.go_back()

    expect(page.get_by_role("heading", name="nutgraf", level=1)).to_be_visible(timeout=MILLISECONDS)
    expect(form).to_have_value("Automatic form")
    page.close()


def test_stop_before_the_models_are_loaded_then_ask_again(
    browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server of its own, which takes its time to read the judge: else it may answer sooner than a browser clicks.
    (tmp_path / "sitecustomize.py").write_text(SLOW_DISK)
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}{os.pathsep}{os.environ.get('PYTHONPATH', '')}")
    with serving(tmp_path) as address:
        page = open_page(browser, address)
        send(page, BIDEN)
        page.get_by_role("button", name="Stop").click()
        expect(question_box(page)).to_be_enabled(timeout=MILLISECONDS)

        expect(page.get_by_test_id("stChatMessage").last).to_contain_text("Stopped")
        expect(ask(page, BIDEN)).to_contain_text("difficult to meet")
        page.close()


@pytest.mark.parametrize(("width", "height"), [(1280, 900), (390, 844)])
def test_a_citation_opens_its_quote_in_view(browser: Browser, address: str, width: int, height: int) -> None:
    page = open_page(browser, address, width, height)
    refusal = ask(page, "How much does the gas pipeline cost?")
    expect(refusal.locator(".refusal")).to_contain_text("Not answered.")
    expect(refusal.locator("blockquote").first).to_be_visible()
    reply = ask(page, PIPELINE)
    chip = reply.get_by_role("button", name="[1] AP and dpa").first
    assert box(chip)["x"] + box(chip)["width"] <= width
    opened = open_quote(page, reply)
    page.wait_for_timeout(1000)

    expect(opened.locator("mark")).to_have_text(QUOTE)
    expect(opened).to_contain_text("In Pakistan, Russia's Lavrov Pledges Bilateral Boost To Combat Terrorism")
    mark = box(opened.locator("mark"))
    for outer in (box(opened.locator(".scroll")), box(opened), {"y": 0.0, "height": float(height)}):
        assert outer["y"] <= mark["y"]
        assert mark["y"] + mark["height"] <= outer["y"] + outer["height"]
    press(page, "Close")
    expect(opened).to_be_hidden()
    page.close()


def test_the_source_stays_beside_the_answer_until_another_chat(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    first = ask(page, PIPELINE)
    panel = page.locator("[class*=st-key-source-panel]")
    expect(panel).to_contain_text("Lavrov Pledges")
    assert box(first)["x"] + box(first)["width"] <= box(panel)["x"]
    open_quote(page, first)
    send(page, BIDEN)
    expect(panel.locator("mark")).to_have_text(QUOTE)
    expect(page.get_by_test_id("stChatMessage").last).to_contain_text("difficult to meet", timeout=MILLISECONDS)
    expect(panel.locator("mark")).to_have_text(QUOTE)
    open_quote(page, page.get_by_test_id("stChatMessage").last)
    expect(panel.locator("mark")).to_contain_text("difficult to meet")
    press(page, "New chat")

    expect(panel).to_have_count(0)
    page.close()


def test_amounts_over_time_are_a_chart_that_the_policy_allows(browser: Browser, tmp_path: Path) -> None:
    for day, millions in (("2023-02-14", 420), ("2023-11-08", 510), ("2025-02-20", 812)):
        head = f"---\ntitle: Halden dam, {day}\nsource: Kell Courier\ndate: {day}\n---\n"
        (tmp_path / f"{day}.md").write_text(f"{head}\nThe Halden dam will cost {millions} million crowns.\n")
    environment = {**os.environ, "NUTGRAF_HOME": str(tmp_path)}
    subprocess.run([*NUTGRAF, "ingest", *map(str, tmp_path.glob("*.md"))], env=environment, check=True)
    with serving(tmp_path, samples=False) as address:
        page = open_page(browser, address)
        refused: list[str] = []
        page.on("console", lambda message: refused.append(message.text) if message.type == "error" else None)
        reply = ask(page, "How much will the Halden dam cost?")
        chart = reply.get_by_test_id("stVegaLiteChart")
        expect(chart.locator("canvas, svg").first).to_be_visible(timeout=MILLISECONDS)

        expect(page.get_by_label("Amounts by day of publication: “420 million").first).to_be_visible()
        expect(reply.locator(".value").first).to_contain_text("812 million")
        other = reply.get_by_role("button", name="[3]").first
        other.click()
        expect(page.locator(".st-key-source-panel-clicked mark")).to_contain_text("420 million")
        expect(other).to_be_focused()
        expect(other.locator("p")).to_have_css("font-weight", "600")
        assert violations(page) == []
        press(page, "Close")
        page.set_viewport_size({"width": 390, "height": 844})
        open_quote(page, reply)
        assert violations(page) == []
        assert refused == []
        page.close()


def box(part: Locator) -> dict[str, float]:
    found = part.bounding_box()
    assert found
    return {"x": found["x"], "y": found["y"], "width": found["width"], "height": found["height"]}


def test_tabs_and_clicks_while_answers_are_written(browser: Browser, address: str) -> None:
    first, second = open_page(browser, address), open_page(browser, address)
    send(first, "What did Qureshi say about rail?")
    send(second, "What is the name of the maritime drill?")
    first.get_by_role("button", name="Filters").click()

    for page, words in ((first, "rail and energy-sector"), (second, "Arabian Monsoon")):
        expect(page.get_by_test_id("stChatMessage").last).to_contain_text(words, timeout=MILLISECONDS)
        page.close()


def test_a_reload_keeps_the_chat_even_while_it_is_answered(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    send(page, BIDEN)
    expect(page).to_have_url(re.compile(r"\?chat=\w+"))
    page.reload()
    expect(page.get_by_test_id("stChatMessage").last).to_contain_text("difficult to meet", timeout=MILLISECONDS)
    ask(page, "What is the name of the maritime drill?")
    page.reload()

    expect(page.get_by_test_id("stChatMessage")).to_have_count(4)
    page.close()


def test_an_answer_is_copied_and_exported_with_its_citations(browser: Browser, address: str) -> None:
    page = open_page(browser, address)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    reply = ask(page, PIPELINE)
    reply.get_by_role("button", name="Copy").click()
    for form in ("Markdown", "Plain text"):
        press(page, form)
        expect(page.get_by_text(f"Copied as {form}")).to_be_visible()
        assert "In Pakistan, Russia" in page.evaluate("navigator.clipboard.readText()")
    press(page, "Formatted text")
    expect(page.get_by_text("Copied as Formatted text")).to_be_visible()
    formatted = "navigator.clipboard.read().then(all => all[0].getType('text/html')).then(blob => blob.text())"
    assert "<blockquote" in page.evaluate(formatted)
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Export").click()
    with page.expect_download() as started:
        page.get_by_role("button", name="JSON").click()
    (turn,) = json.loads(Path(started.value.path()).read_text())["turns"]

    assert turn["question"]["text"] == PIPELINE
    (citation,) = turn["answer"]["citations"]
    assert citation["quote"] == QUOTE
    assert {"start", "end", "content_hash"} <= citation.keys()
    page.close()


def test_hostile_articles_and_questions_stay_text(
    browser: Browser, home: Path, address: str, tracker: tuple[str, list[str]], tmp_path: Path
) -> None:
    url, hits = tracker
    attack = tmp_path / "attack.txt"
    attack.write_text(
        f"Harbour news ![t]({url}/title.png) <img src={url}/title.gif>\n\n"
        f"On Monday Mayor Ada Holm opened the harbour ![i]({url}/a.png) <img src='{url}/b.png' "
        "onerror='window.hacked=1'>.\n\n<script>window.hacked = 1</script> It rained.\n"
    )
    subprocess.run([*NUTGRAF, "ingest", str(attack)], env={**os.environ, "NUTGRAF_HOME": str(home)}, check=True)
    page = open_page(browser, address)
    opened = open_quote(page, ask(page, "Who opened the harbour on Monday?"))
    expect(opened.locator("mark")).to_contain_text("<img src=")
    page.goto(address)
    question = f"Which mayor came ![t]({url}/label.png) on Monday? www.127.0.0.1:{url.rpartition(':')[2]}/l"
    ask(page, question)

    # The chat's title is a label, where Streamlit takes Markdown: it shows as it is.
    label = page.get_by_test_id("stSidebar").locator("button").filter(has_text="Which mayor came").first
    shown = (label.text_content() or "").replace("\N{WORD JOINER}", "")
    assert question.startswith(shown.strip().rstrip("…").strip())
    assert label.locator("img, a, code, strong, em, .katex").count() == 0
    assert page.evaluate("window.hacked") is None
    assert hits == []
    page.close()
