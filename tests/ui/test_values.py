"""The Ask page over news of one amount that changed: its values and their chart, and what the archive holds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from embeddings import SentenceEncoder
from rag import Assistant, load_settings
from tests.ui.conftest import html
from ui import safe, values

_NEWS = (
    ("2023-02-14", "Tarn Dispatch", 420),
    ("2023-11-08", "Norra Evening Post", 510),
    ("2025-02-20", "Kell Courier", 812),
)


@pytest.fixture
def add(tmp_path: Path, encoder: SentenceEncoder) -> Callable[[int], None]:
    """Return a function that adds the first so many articles, each with another cost of the dam."""

    def ingest(count: int) -> None:
        paths = [tmp_path / f"{day}.md" for day, _, _ in _NEWS[:count]]
        for path, (day, outlet, millions) in zip(paths, _NEWS, strict=False):
            head = f"---\ntitle: The dam on {day}\nsource: {outlet}\ndate: {day}\n---\n"
            path.write_text(f"{head}\nThe Halden dam will cost {millions} million crowns.\n")
        with Assistant(load_settings(), encoder) as assistant:
            assistant.ingest(paths)

    return ingest


@pytest.fixture
def page(open_page: Callable[[str], AppTest]) -> AppTest:
    return open_page("ask")


def ask(page: AppTest) -> AppTest:
    page.run().chat_input[0].set_value("How much will the Halden dam cost?").run()
    assert not page.exception
    return page


def chips(page: AppTest) -> list[str]:
    """The labels of the chips beside the values."""
    return [one.label for one in page.button if "-value-" in (one.key or "")]


def test_values_come_first_each_with_its_outlet_and_day(page: AppTest, add: Callable[[int], None]) -> None:
    add(3)
    shown = html(ask(page))

    places = [shown.index(f'<p class="value">“{millions} million') for millions in (812, 510, 420)]
    assert places == sorted(places)
    assert places[-1] < shown.index('<p class="sentence">')
    for chip, (day, outlet, _) in zip(chips(page), reversed(_NEWS), strict=True):
        assert chip.endswith(safe.label(f"] {outlet}, {day}"))


@pytest.mark.parametrize(("count", "charts"), [(2, 0), (3, 1)])
def test_three_amounts_on_different_days_are_drawn(
    page: AppTest, add: Callable[[int], None], count: int, charts: int
) -> None:
    add(count)

    assert len(ask(page).get("vega_lite_chart")) == charts


@pytest.mark.parametrize(
    ("value", "unit", "amount"),
    [
        ("1040000000", "crown", 1.04e9),
        ("12.5", "%", 12.5),
        ("2026", "crown", 2026.0),
        ("2026", "", None),
        ("2026-10", "", None),
        ("infinity", "", None),
        ("Bram Keswick", "", None),
    ],
)
def test_only_amounts_are_drawn(value: str, unit: str, amount: float | None) -> None:
    assert values._amount(value, unit) == amount


def test_the_source_follows_the_value_clicked(page: AppTest, add: Callable[[int], None]) -> None:
    add(3)
    ask(page)
    assert "<mark>The Halden dam will cost 812 million" in html(page)
    next(one for one in page.button if one.label == chips(page)[2]).click().run()
    assert "<mark>The Halden dam will cost 420 million" in html(page)
    next(one for one in page.button if one.label == "New chat").click().run()

    assert "<mark>" not in html(page)


def test_the_first_screen_says_what_the_archive_holds(page: AppTest, add: Callable[[int], None]) -> None:
    assert "figures" not in html(page.run()).partition("</style>")[2]
    add(3)
    shown = html(page.run())

    assert "<dt>articles</dt><dd>3</dd>" in shown
    assert "<dt>outlets</dt><dd>3</dd>" in shown
    assert "<dd>Feb 2023 – Feb 2025</dd>" in shown
    assert "The dam on 2025-02-20 · Kell Courier · 2025-02-20" in shown
    assert any('<span class="whole">2025-02-20</span></dd>' in str(one.proto.body) for one in page.get("html"))
