"""The chat page through Streamlit's own test driver, with the real models."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import rag
from embeddings import SentenceEncoder
from embeddings.network import CrossJudge
from rag import Assistant
from rag.llm import LlamaReader
from tests.conftest import SEEDS

APP = str(Path(rag.__file__).parent.parent / "ui" / "app.py")
_SECONDS = 60


@pytest.fixture(autouse=True)
def _fresh_cache() -> Iterator[None]:
    st.cache_resource.clear()
    yield
    # What still loads a model when Python ends aborts the whole run.
    for thread in threading.enumerate():
        if thread.name in ("warm", "answer"):
            thread.join(_SECONDS)
    st.cache_resource.clear()


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, encoder: SentenceEncoder, judge: CrossJudge, reader: LlamaReader) -> AppTest:
    """The page over an empty archive, with the models that the tests have loaded already."""
    monkeypatch.setattr(rag, "Assistant", partial(Assistant, encoder=encoder, judge=judge, reader=reader))
    return AppTest.from_file(APP, default_timeout=_SECONDS)


@pytest.fixture
def seeded(page: AppTest) -> AppTest:
    """The page over the sample articles."""
    with Assistant(rag.load()) as assistant:
        assistant.ingest(sorted(SEEDS.glob("*.txt")))
    return page


def html(page: AppTest) -> str:
    """Everything that the page shows as text, in order."""
    return "\n".join(str(element.proto.body) for element in page.get("html"))


def ask(page: AppTest, question: str) -> AppTest:
    page.chat_input[0].set_value(question).run()
    deadline = time.monotonic() + _SECONDS
    while any(job.running for job in page.session_state["jobs"]):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return page.run()


def test_an_empty_archive_says_what_to_do(page: AppTest) -> None:
    page.run()

    assert not page.exception
    assert "0 articles" in page.subheader[0].value
    assert "Add a file above" in html(page)


def test_asking_an_empty_archive_says_what_to_do(page: AppTest) -> None:
    ask(page.run(), "Who came?")

    assert "has no article" in html(page)
    assert "nutgraf ingest PATH" in html(page)


def test_an_answer_is_cited_and_its_quote_stands_in_its_article(seeded: AppTest) -> None:
    ask(seeded.run(), "Which cities does the gas pipeline join?")

    shown = html(seeded)
    assert not seeded.exception
    assert '<span class="marker">[1]</span>' in shown
    assert "<mark>Russia is also helping to construct a gas pipeline between Pakistan" in shown
    assert seeded.main.expander[-1].label == "[1] The quote in its article"


def test_the_whole_article_can_be_opened(seeded: AppTest) -> None:
    ask(seeded.run(), "Which cities does the gas pipeline join?")
    beginning = "pose for a picture during a meeting in Islamabad"
    before = html(seeded).count(beginning)
    seeded.toggle[0].set_value(True).run()

    assert html(seeded).count(beginning) == before + 1


def test_a_refusal_is_told_apart_and_shows_the_nearest_passages(seeded: AppTest) -> None:
    ask(seeded.run(), "How much does the gas pipeline cost?")

    assert '<p class="refusal">Not answered.' in html(seeded)
    assert seeded.main.expander[-1].label == "The nearest passages in the archive"
    assert "<mark>" not in html(seeded)


def test_a_question_that_is_too_long_is_an_error_on_the_page(seeded: AppTest) -> None:
    ask(seeded.run(), "why " * 25_000)

    assert 'role="alert"' in html(seeded)
    assert "at most 2,000" in html(seeded)
    assert not seeded.chat_input[0].disabled


def test_an_earlier_turn_stays_on_the_page(seeded: AppTest) -> None:
    ask(seeded.run(), "Which cities does the gas pipeline join?")
    ask(seeded, "What is the capital of France?")

    assert len(seeded.chat_message) == 4
    assert "Karachi" in html(seeded)
    assert "“France”" in html(seeded)


def test_text_of_questions_and_articles_is_escaped(page: AppTest, tmp_path: Path) -> None:
    hostile = tmp_path / "hostile.txt"
    hostile.write_text(
        "<script>alert(1)</script> ![x](http://example.com/x.png)\n\n"
        "The mayor <img src=x onerror=alert(2)> opened the bridge on Monday.\n\nIt rained."
    )
    with Assistant(rag.load()) as assistant:
        assistant.ingest([hostile])
    ask(page.run(), "Who opened the <b>bridge</b> on Monday?")

    shown = html(page)
    assert "&lt;script&gt;" in shown
    assert "&lt;b&gt;bridge" in shown
    assert all(f"<{tag}" not in shown for tag in ("script", "img", "b>"))
    labels = [element.label for element in page.expander]
    assert all("script" not in label and "http" not in label for label in labels), "a label is Markdown"


def test_a_damaged_archive_is_an_error_on_the_page(page: AppTest) -> None:
    folder = rag.load().archive
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


def test_a_large_archive_is_listed_in_part_and_searched(
    page: AppTest, tmp_path: Path, encoder: SentenceEncoder
) -> None:
    for number in range(25):
        (tmp_path / f"story{number:02}.txt").write_text(f"Story number {number}\n\nIt rained on day {number}.")
    with Assistant(rag.load(), encoder) as assistant:
        assistant.ingest(sorted(tmp_path.glob("*.txt")))
    page.run()

    assert "25 articles" in page.subheader[0].value
    assert len(page.sidebar.expander) == 20
    page.text_input[0].set_value("NUMBER 24").run()
    assert len(page.sidebar.expander) == 1
    assert "Story number 24" in html(page)
