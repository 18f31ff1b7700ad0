"""Measure how long after Enter an answer is on the screen, beside how long the answer took.

python -m tests.browser.latency [ROUNDS]
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page

from rag import Assistant, load_settings
from tests.browser.chat import ask, chromium, open_page, send, serving

QUESTIONS = (
    "Which cities does the gas pipeline join?",
    "What is the name of the maritime drill?",
    "What did Qureshi say about rail?",
    "How many doses of Sputnik V will Pakistan purchase?",
    "What did Biden say about the withdrawal deadline?",
    "How much does the gas pipeline cost?",
)
# In the page itself, so that no round trip of the driver counts.
_WATCH = """
() => {
  window.shown = new Promise(resolve => {
    let pressed = null;
    const before = document.querySelectorAll(".sentence, .refusal").length;
    document.addEventListener("keydown", event => { if (event.key === "Enter") pressed = performance.now() }, true);
    new MutationObserver((_, watching) => {
      if (pressed === null || document.querySelectorAll(".sentence, .refusal").length === before) return;
      watching.disconnect();
      resolve(performance.now() - pressed);
    }).observe(document.body, { childList: true, subtree: true });
  });
}
"""


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as home:
        with serving(Path(home)) as address, chromium() as browser:
            page = open_page(browser, address)
            ask(page, QUESTIONS[0])
            shown = [_seconds(page, question) for _ in range(rounds) for question in QUESTIONS]
        made = _made(Path(home))[1:]
    over = [one - other for one, other in zip(shown, made, strict=True)]
    out = [f"{len(shown)} questions, the models loaded, one tab; seconds: median (highest)"]
    rows = (
        ("from Enter to the first sentence on screen", shown),
        ("to its first token", made),
        ("the page adds", over),
    )
    for name, found in rows:
        out.append(f"{name:<44}{statistics.median(found):.2f} ({max(found):.2f})")
    sys.stdout.write("\n".join(out) + "\n")


def _seconds(page: Page, question: str) -> float:
    page.evaluate(_WATCH)
    send(page, question)
    found = float(page.evaluate("window.shown")) / 1000
    page.wait_for_timeout(500)
    return found


def _made(home: Path) -> list[float]:
    """Return the seconds to the first token of each answer, or in all where the reader wrote none; in order."""
    with Assistant(load_settings({"home": home}, os.environ)) as assistant:
        (chat,) = assistant.chats.find()
        turns = assistant.chats.read(chat.id).turns
    traces = [turn.answer.trace for turn in turns if turn.answer]
    return [one.first_token_seconds or one.total_seconds for one in traces]


if __name__ == "__main__":
    main()
