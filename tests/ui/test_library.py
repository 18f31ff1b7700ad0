"""The Library page through Streamlit's own test driver."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from embeddings import SentenceEncoder
from rag import Assistant, load
from tests.ui.conftest import html


@pytest.fixture
def page(open_page: Callable[[str], AppTest]) -> AppTest:
    """The page over an empty archive."""
    return open_page("library")


def test_an_empty_archive_says_what_to_do(page: AppTest) -> None:
    page.run()

    assert not page.exception
    assert "0 articles" in page.subheader[0].value
    assert "Add a file above" in html(page)


def test_a_large_archive_is_listed_in_part_and_searched(
    page: AppTest, tmp_path: Path, encoder: SentenceEncoder
) -> None:
    for number in range(25):
        (tmp_path / f"story{number:02}.txt").write_text(f"Story number {number}\n\nIt rained on day {number}.")
    with Assistant(load(), encoder) as assistant:
        assistant.ingest(sorted(tmp_path.glob("*.txt")))
    page.run()

    assert "25 articles" in page.subheader[0].value
    assert len(page.expander) == 20
    page.text_input[0].set_value("NUMBER 24").run()
    assert len(page.expander) == 1
    assert "Story number 24" in html(page)
