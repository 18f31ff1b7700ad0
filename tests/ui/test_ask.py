"""The Ask page through Streamlit's own test driver, with the real models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rag import Assistant, load
from tests.ui.conftest import html


@pytest.fixture
def page(open_page: Callable[[str], AppTest]) -> AppTest:
    """The page over an empty archive."""
    return open_page("ask")


@pytest.fixture
def asking(page: AppTest, seeded: None) -> AppTest:
    """The page over the sample articles."""
    return page


def ask(page: AppTest, question: str) -> AppTest:
    return page.chat_input[0].set_value(question).run()


def test_asking_an_empty_archive_says_what_to_do(page: AppTest) -> None:
    ask(page.run(), "Who came?")

    assert "has no article" in html(page)
    assert "nutgraf ingest PATH" in html(page)


def test_an_answer_is_cited_and_its_quote_stands_in_its_article(asking: AppTest) -> None:
    ask(asking.run(), "Which cities does the gas pipeline join?")

    shown = html(asking)
    assert not asking.exception
    assert '<span class="marker">[1]</span>' in shown
    assert "<mark>Russia is also helping to construct a gas pipeline between Pakistan" in shown
    assert asking.main.expander[-1].label == "[1] The quote in its article"


def test_the_whole_article_can_be_opened(asking: AppTest) -> None:
    ask(asking.run(), "Which cities does the gas pipeline join?")
    beginning = "pose for a picture during a meeting in Islamabad"
    before = html(asking).count(beginning)
    asking.toggle[0].set_value(True).run()

    assert html(asking).count(beginning) == before + 1


def test_a_refusal_is_told_apart_and_shows_the_nearest_passages(asking: AppTest) -> None:
    ask(asking.run(), "How much does the gas pipeline cost?")

    assert '<p class="refusal">Not answered.' in html(asking)
    assert asking.main.expander[-1].label == "The nearest passages in the archive"
    assert "<mark>" not in html(asking)


def test_a_question_that_is_too_long_is_an_error_on_the_page(asking: AppTest) -> None:
    ask(asking.run(), "why " * 25_000)

    assert 'role="alert"' in html(asking)
    assert "at most 2,000" in html(asking)
    assert not asking.chat_input[0].disabled


def test_an_earlier_turn_stays_on_the_page(asking: AppTest) -> None:
    ask(asking.run(), "Which cities does the gas pipeline join?")
    ask(asking, "What is the capital of France?")

    assert len(asking.chat_message) == 4
    assert "Karachi" in html(asking)
    assert "“France”" in html(asking)


def test_text_of_questions_and_articles_is_escaped(page: AppTest, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.txt"
    hostile.write_text(
        "<script>alert(1)</script> ![x](http://example.com/x.png)\n\n"
        "The mayor <img src=x onerror=alert(2)> opened the bridge on Monday.\n\nIt rained."
    )
    with Assistant(load()) as assistant:
        assistant.ingest([hostile])
    ask(page.run(), "Who opened the <b>bridge</b> on Monday?")

    shown = html(page)
    assert "&lt;script&gt;" in shown
    assert "&lt;b&gt;bridge" in shown
    assert all(f"<{tag}" not in shown for tag in ("script", "img", "b>"))
    labels = [element.label for element in page.expander]
    assert all("script" not in label and "http" not in label for label in labels), "a label is Markdown"


def test_a_damaged_archive_is_an_error_on_the_page(page: AppTest) -> None:
    folder = load().archive
    folder.mkdir(parents=True)
    (folder / "archive.sqlite3").write_bytes(b"not a database" * 1000)
    page.run()

    assert not page.exception
    assert "damaged or no archive" in html(page)
    assert not page.chat_input


def test_a_wrong_setting_is_an_error_on_the_page(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUTGRAF_CAUTION", "7")
    page.run()

    assert "setting caution is &#x27;7&#x27;" in html(page)
