"""What all pages have in common: an error is a message on the page, and Help needs no archive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.ui.conftest import html


@pytest.mark.parametrize("name", ["ask", "library", "evaluation", "settings"])
def test_a_wrong_setting_is_an_error_on_the_page(
    open_page: Callable[[str], AppTest], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv("NUTGRAF_CAUTION", "7")
    page = open_page(name).run()

    assert not page.exception
    assert html(page).count("Setting caution is &#x27;7&#x27;") == 1


def test_help_is_there_even_where_the_archive_cannot_be_opened(
    open_page: Callable[[str], AppTest], tmp_path: Path
) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "archive").write_text("in the way")
    page = open_page("help").run()

    assert not page.exception
    assert page.header
