"""Twenty people at once, in a real headless Chromium, over one reader."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from rag import Assistant, Question, load_settings
from tests.browser.chat import ANSWER_MILLISECONDS, CHROMIUM, box, chromium, open_page, send, serving

pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not os.environ.get("CI"), reason="no chromium here; Debian's package `chromium` brings it"
)
SESSIONS = 20
FIXED_SET = Path(__file__).parents[2] / "eval" / "questions" / "seeds.jsonl"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("chat")


@pytest.fixture(scope="module")
def pages(home: Path) -> Iterator[list[Page]]:
    with serving(home) as address, chromium() as browser:
        yield [open_page(browser, address) for _ in range(SESSIONS)]


def test_twenty_sessions_at_once_are_all_answered_and_none_is_mixed_up(pages: list[Page], home: Path) -> None:
    cases = [json.loads(line) for line in FIXED_SET.read_text().splitlines()]
    questions = [case["question"] for case in cases if not case.get("history")][:SESSIONS]
    for page, question in zip(pages, questions, strict=True):
        send(page, question)

    with Assistant(load_settings({"home": home})) as assistant:
        answers = [assistant.ask(Question(question)) for question in questions]
    for page, question, answer in zip(pages, questions, answers, strict=True):
        expect(box(page)).to_be_enabled(timeout=ANSWER_MILLISECONDS)
        turns = page.get_by_test_id("stChatMessage")
        expect(turns).to_have_count(2)
        expect(turns.first).to_contain_text(question)
        if answer.refusal:
            expect(turns.last).to_contain_text(f"Not answered. {answer.refusal.message}")
        else:
            expect(turns.last.locator(".sentence")).to_have_text([one.shown for one in answer.verdicts])
