"""The Settings page: privacy, models, answers, the archive's folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from embeddings.network import CrossJudge
from rag import load_settings
from rag.models import weights as models
from tests.conftest import ENCODER
from tests.hub import forget_hugging_face, give_encoder
from tests.ui.conftest import html, named, press
from ui import shared


@pytest.fixture
def page(open_page: Callable[[str], AppTest]) -> AppTest:
    return open_page("settings")


def use(page: AppTest, role: str, name: str) -> AppTest:
    """Name another model, and switch to it."""
    named(page.text_input, "File or folder on this machine, or owner/repository on Hugging Face").set_value(name)
    named(page.selectbox, "Use as").set_value(role).run()
    return press(page, "Use this model")


def test_the_page_shows_the_models_in_use_and_what_can_be_sent(page: AppTest) -> None:
    page.run()

    assert not page.exception
    assert [box.value for box in page.selectbox[:3]] == [ENCODER, "auto", "none"]
    assert "Now nutgraf-judge (auto; better: nutgraf models pull nutgraf-judge-mpnet)." in html(page)
    assert "GB of memory" in html(page)
    assert "Qwen/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M.gguf" in html(page)
    assert "stay on this machine" in html(page)


def test_a_change_is_in_use_at_once_and_saved(page: AppTest) -> None:
    page.run()
    page.select_slider[0].set_value(0.75)
    page.number_input[0].set_value(12)
    press(page, "Save")

    assert "Saved and in use." in html(page)
    assert (shared.assistant().settings.caution, shared.assistant().settings.passages) == (0.75, 12)
    assert (load_settings().caution, load_settings().passages, load_settings().threads) == (0.75, 12, 0)
    press(page, "Dismiss")
    assert "Saved and in use." not in html(page)


def test_a_model_that_cannot_be_loaded_leaves_the_old_one_in_use(page: AppTest, tmp_path: Path) -> None:
    broken = tmp_path / "<b>broken.gguf"
    broken.write_bytes(b"GGUF and nothing more")
    use(page.run(), "reader", str(broken))

    assert 'role="alert"' in html(page)
    assert "&lt;b&gt;broken.gguf is not a model that llama.cpp can load" in html(page)
    assert page.selectbox[2].value == shared.assistant().settings.reader == load_settings().reader == "none"


def test_another_encoder_re_embeds_the_archive(page: AppTest, seeded: None) -> None:
    folder = str(models.find(ENCODER, "encoder").path)
    use(page.run(), "encoder", folder)

    assert "Saved and in use." in html(page)
    assert page.selectbox[0].value == load_settings().encoder == folder
    assert (shared.assistant().status().stored_encoder or "").startswith("model@")


def test_controls_fixed_by_the_environment_are_disabled(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUTGRAF_OFFLINE", "1")
    monkeypatch.setenv("NUTGRAF_CAUTION", "0.6")
    page.run()

    assert "Set by the environment variable NUTGRAF_OFFLINE." in html(page)
    assert "All use of the network is blocked by NUTGRAF_OFFLINE." in html(page)
    assert (page.toggle[0].value, page.toggle[0].disabled) == (True, True)
    assert (page.select_slider[0].value, page.select_slider[0].disabled) == (0.6, True)
    downloads = [button for button in page.button if button.label.startswith("Download ")]
    assert len(downloads) > 5
    assert all(button.disabled for button in downloads)


def test_offline_mode_is_switched_on_and_saved(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("HF_HUB_OFFLINE")
    page.run()
    assert "Allowed, when you do it." in html(page)
    page.toggle[0].set_value(True).run()

    assert "blocked by the setting offline" in html(page)
    assert "Allowed, when you do it." not in html(page)
    assert load_settings().offline


def test_a_downloaded_judge_is_in_use_where_the_judge_is_automatic(
    page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, judge: CrossJudge
) -> None:
    cache = forget_hugging_face(monkeypatch, tmp_path / "hf")
    monkeypatch.setattr("ui.changes.download_model", lambda *_: give_encoder(cache))
    monkeypatch.setattr("rag.models.loaded._load_judge", lambda _name: judge)
    press(page.run(), "Download nutgraf-judge-mpnet")

    assert "Downloaded and verified." in html(page)
    assert shared.assistant().status().judge == "nutgraf-judge-mpnet"
    assert "Now nutgraf-judge-mpnet (auto)." in html(page)


def test_a_blocked_download_says_why(page: AppTest) -> None:
    page.run()

    assert "Model downloads are blocked by HF_HUB_OFFLINE." in html(page)
    assert "Blocked by HF_HUB_OFFLINE." in html(page)


def open_folder(page: AppTest, folder: Path) -> AppTest:
    named(page.text_input, "Folder").set_value(str(folder))
    return press(page, "Open archive")


def test_a_new_archive_is_created_only_on_confirmation(page: AppTest, seeded: None, tmp_path: Path) -> None:
    open_folder(page.run(), tmp_path / "new")
    assert "There is no archive in" in html(page)
    assert not (tmp_path / "new").exists()
    press(page, "Create an archive there")

    assert shared.assistant().count() == 0
    assert load_settings().archive == tmp_path / "new"
    open_folder(page, tmp_path / "home" / "archive")
    assert shared.assistant().count() == 2


@pytest.mark.parametrize(
    ("made", "said"),
    [("a file", "is a file"), ("a folder with files", "contains other files"), ("a damaged archive", "damaged")],
)
def test_a_folder_without_an_archive_is_an_error(page: AppTest, tmp_path: Path, made: str, said: str) -> None:
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
    assert shared.assistant().settings.archive == load_settings().archive == before


def test_a_wrong_settings_file_is_an_error_on_the_page(page: AppTest, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "nutgraf.toml").write_text("caution = 9")
    page.run()

    assert "Setting caution is 9" in html(page)


def test_settings_that_cannot_be_saved_are_in_use_until_closed(page: AppTest, tmp_path: Path) -> None:
    page.run()
    (tmp_path / "home" / "nutgraf.toml").mkdir()
    page.number_input[0].set_value(9)
    press(page, "Save")

    assert "In use until nutgraf is closed, but not saved" in html(page)
    assert shared.assistant().settings.passages == 9
