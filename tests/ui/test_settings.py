"""The Settings page through Streamlit's own test driver, with the real models."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rag import load_settings
from rag.models import weights as models
from tests.conftest import ENCODER, READER
from tests.ui.conftest import html
from ui import shared


@pytest.fixture
def page(open_page: Callable[[str], AppTest]) -> AppTest:
    return open_page("settings")


def press(page: AppTest, label: str) -> AppTest:
    return next(button for button in page.button if button.label == label).click().run()


def use(page: AppTest, role: str, name: str) -> AppTest:
    """Name another model, and switch to it."""
    box = next(box for box in page.text_input if box.label.startswith("A file or a folder"))
    box.set_value(name)
    next(box for box in page.selectbox if box.label == "It is").set_value(role)
    page.run()
    return press(page, "Use it")


def test_the_page_says_what_is_in_use_and_what_would_leave(page: AppTest) -> None:
    page.run()

    assert not page.exception
    assert [box.value for box in page.selectbox[:3]] == [ENCODER, "nutgraf-judge", READER]
    assert "GB of memory" in html(page)
    assert "Qwen/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M.gguf" in html(page)
    assert "Nothing by itself" in html(page)


def test_what_is_chosen_counts_at_once_and_is_kept(page: AppTest) -> None:
    page.run()
    page.select_slider[0].set_value(0.75)
    page.number_input[0].set_value(12)
    press(page, "Use these")

    assert "In use now, and kept" in html(page)
    assert (shared.archive().settings.caution, shared.archive().settings.passages) == (0.75, 12)
    assert (load_settings().caution, load_settings().passages, load_settings().threads) == (0.75, 12, 0)
    press(page, "Close this message")
    assert "In use now" not in html(page)


def test_a_model_that_cannot_be_loaded_is_told_and_the_old_one_stays(page: AppTest, tmp_path: Path) -> None:
    broken = tmp_path / "<b>broken.gguf"
    broken.write_bytes(b"GGUF and nothing more")
    use(page.run(), "reader", str(broken))

    assert 'role="alert"' in html(page)
    assert "&lt;b&gt;broken.gguf is no model that llama.cpp can load" in html(page)
    assert page.selectbox[2].value == shared.archive().settings.reader == load_settings().reader == READER


def test_another_encoder_encodes_the_archive_anew(page: AppTest, seeded: None) -> None:
    folder = str(models.find(ENCODER, "encoder").path)
    use(page.run(), "encoder", folder)

    assert "In use now, and kept" in html(page)
    assert page.selectbox[0].value == load_settings().encoder == folder
    assert (shared.archive().status().stored_encoder or "").startswith("model@")


def test_a_variable_that_wins_is_named_and_its_control_is_dead(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUTGRAF_OFFLINE", "1")
    monkeypatch.setenv("NUTGRAF_CAUTION", "0.6")
    page.run()

    assert "Set by NUTGRAF_OFFLINE, which wins" in html(page)
    assert "The network is not used at all: NUTGRAF_OFFLINE says so." in html(page)
    assert (page.toggle[0].value, page.toggle[0].disabled) == (True, True)
    assert (page.select_slider[0].value, page.select_slider[0].disabled) == (0.6, True)
    downloads = [button for button in page.button if button.label.startswith("Download ")]
    assert len(downloads) > 5
    assert all(button.disabled for button in downloads)


def test_offline_is_switched_on_and_kept(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    page.run()
    assert "Allowed, when you do it." in html(page)
    page.toggle[0].set_value(True).run()

    assert "the setting offline says so" in html(page)
    assert "Allowed, when you do it." not in html(page)
    assert load_settings().offline


def test_a_download_that_is_forbidden_says_by_whom(page: AppTest) -> None:
    page.run()

    assert "No model is downloaded: HF_HUB_OFFLINE says so." in html(page)
    assert "Not now: HF_HUB_OFFLINE forbids the network." in html(page)


def open_folder(page: AppTest, folder: Path) -> AppTest:
    next(box for box in page.text_input if box.label == "Folder").set_value(str(folder))
    return press(page, "Open this folder")


def test_another_archive_is_begun_only_when_that_is_said(page: AppTest, seeded: None, tmp_path: Path) -> None:
    open_folder(page.run(), tmp_path / "new")
    assert "There is no archive in" in html(page)
    assert not (tmp_path / "new").exists()
    press(page, "Begin an archive there")

    assert shared.archive().count() == 0
    assert load_settings().archive == tmp_path / "new"
    open_folder(page, tmp_path / "home" / "archive")
    assert shared.archive().count() == 2


@pytest.mark.parametrize(
    ("made", "said"),
    [("a file", "is a file"), ("a folder with files", "it holds other files"), ("a damaged archive", "damaged")],
)
def test_a_folder_that_is_no_archive_is_told_and_the_old_one_stays(
    page: AppTest, tmp_path: Path, made: str, said: str
) -> None:
    folder = tmp_path / "other"
    if made == "a file":
        folder.write_text("no folder")
    else:
        folder.mkdir()
        name = "archive.sqlite3" if made == "a damaged archive" else "letter.txt"
        (folder / name).write_bytes(b"not a database" * 1000)
    before = load_settings().archive
    open_folder(page.run(), folder)

    assert 'role="alert"' in html(page)
    assert said in html(page)
    assert shared.archive().settings.archive == load_settings().archive == before


def test_a_wrong_file_of_settings_is_an_error_on_the_page(page: AppTest, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "nutgraf.toml").write_text("caution = 9")
    page.run()

    assert "setting caution is 9" in html(page)


def test_settings_that_cannot_be_kept_are_in_use_and_that_is_said(page: AppTest, tmp_path: Path) -> None:
    page.run()
    (tmp_path / "home" / "nutgraf.toml").mkdir()
    page.number_input[0].set_value(9)
    press(page, "Use these")

    assert "In use until the chat ends, but not kept" in html(page)
    assert shared.archive().settings.passages == 9
