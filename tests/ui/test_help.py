"""The Help page through Streamlit's own test driver."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest


def test_help_is_there_even_where_the_archive_cannot_be_opened(
    open_page: Callable[[str], AppTest], tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "archive").write_text("in the way")
    page = open_page("help").run()

    assert not page.exception
    assert [heading.value for heading in page.header] == [
        "How an answer is made",
        "What the marks mean",
        "What a refusal means",
        "Keyboard",
        "What stays on this machine",
    ]
