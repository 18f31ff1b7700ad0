"""Adding articles on the Library page: forms, progress, reports."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rag import Assistant, IngestReport, Rejection, Upload, load_settings
from rag.archive.lock import ArchiveLock
from tests.conftest import SEEDS
from tests.ui.conftest import SECONDS, html, press
from tests.ui.test_library import STORY, labels
from ui import background, shared
from ui.add import KEY, IngestJob

FOLDS = ["Edit several articles"]
GOOD = ("flood.txt", f"Flood\n\n{STORY}".encode(), "text/plain")
COPY = ("copy.txt", f"Rain in the north\n\n{STORY}".encode(), "text/plain")
BAD = (
    ("![x](http://example.com/x.png).xyz", b"x", "text/plain"),
    ("<script>alert(1)</script>.txt", b"", "text/plain"),
    ("broken.pdf", b"%PDF-1.4 no more", "application/pdf"),
)


@pytest.fixture
def page(open_page: Callable[[str], AppTest]) -> AppTest:
    """The page over an empty archive."""
    return open_page("library").run()


def upload(page: AppTest, *files: tuple[str, bytes, str]) -> AppTest:
    page.file_uploader[0].set_value(list(files))
    return press(page, "Add to archive")


def test_files_are_added_and_rejected_with_reasons(page: AppTest) -> None:
    upload(page, GOOD, *BAD)

    shown = html(page)
    assert not page.exception
    assert page.subheader[0].value == "1 article"
    assert "1 added, 0 updated, 0 unchanged, 0 duplicate, 3 rejected" in shown
    for words in ("![x](http://example.com/x.png).xyz: ", "&lt;script&gt;alert(1)&lt;/script&gt;.txt: it is empty"):
        assert words in shown
    assert "broken.pdf: " in shown
    assert "<script" not in shown
    assert not any("script" in label or "http" in label for label in labels(page))
    press(page, "Dismiss")
    assert "1 added" not in html(page)


def test_long_lists_of_a_report_are_cut(page: AppTest) -> None:
    upload(page, GOOD)
    changed = ("flood.txt", b"Flood\n\nThe water fell on Friday.", "text/plain")
    page.checkbox[0].check()
    upload(page, *((f"bad{number}.xyz", b"x", "text/plain") for number in range(23)), COPY, changed)

    shown = html(page)
    assert "23 rejected" in shown
    assert shown.count("bad") == 20
    assert "and 3 more" in shown
    assert [one.label for one in page.expander] == ["Added (1)", "Updated (1)", "Duplicates (1)", *FOLDS]
    assert "Rain in the north: " in shown


def test_empty_forms_are_errors(page: AppTest) -> None:
    for label, words in (
        ("Add to archive", "No files were chosen."),
        ("Add from the web", "No address was given."),
        ("Add from this machine", "No path was given."),
    ):
        press(page, label)
        assert words in html(page)


def test_a_folder_on_this_machine_is_read(page: AppTest) -> None:
    page.text_input[0].set_value(str(SEEDS))
    press(page, "Add from this machine")

    assert page.subheader[0].value == "2 articles"
    assert "2 added" in html(page)


@pytest.mark.parametrize("path", ["articles", "~nobody-here/articles"])
def test_a_relative_path_is_an_error(page: AppTest, path: str) -> None:
    page.text_input[0].set_value(path)
    press(page, "Add from this machine")

    assert f"&#x27;{path}&#x27; is not a full path." in html(page)


def test_a_missing_folder_is_rejected(page: AppTest, tmp_path: Path) -> None:
    page.text_input[0].set_value(str(tmp_path / "none"))
    press(page, "Add from this machine")

    assert "none: no such file or folder" in html(page)


def test_wrong_and_unreachable_addresses_are_reported(page: AppTest) -> None:
    page.text_area[0].set_value("news.example/feed")
    press(page, "Add from the web")
    assert "&#x27;news.example/feed&#x27; is not a web address." in html(page)
    page.text_area[0].set_value("http://127.0.0.1:9/feed")
    press(page, "Add from the web")

    assert "1 rejected" in html(page)
    assert "http://127.0.0.1:9/feed: " in html(page)


def test_offline_no_address_can_be_added(open_page: Callable[[str], AppTest], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUTGRAF_OFFLINE", "1")
    page = open_page("library").run()

    assert "Offline mode is on." in html(page)
    assert not page.text_area
    assert "Add from the web" not in labels(page)


def test_a_locked_archive_is_an_error_on_the_page(page: AppTest) -> None:
    with ArchiveLock(load_settings().archive).hold("adding articles"):
        upload(page, GOOD)

    assert not page.exception
    assert "is being written by process" in html(page)
    assert "Add to archive" in labels(page), "it can be tried again"


def test_an_ingest_of_another_tab_is_shown_and_can_be_stopped(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = threading.Event()

    def slow(self: Assistant, items: object, progress: object, stopped: Callable[[], bool], noted: object) -> object:
        assert callable(noted)
        noted(Rejection("odd.xyz", "no such format"))
        assert go_on.wait(SECONDS)
        assert stopped()
        return IngestReport(rejected=(Rejection("odd.xyz", "no such format"),), stopped=True)

    monkeypatch.setattr(Assistant, "ingest", slow)
    work = IngestJob(shared.assistant(), [Upload("flood.txt", GOOD[1])])
    assert background.begin(KEY, work)
    assert not background.begin(KEY, IngestJob(shared.assistant(), [])), "one at a time"
    seen = threading.Thread(target=page.run)
    seen.start()
    work.stop()
    go_on.set()
    seen.join(SECONDS)

    assert not page.exception
    assert "Stopped early" in html(page)
    assert "odd.xyz: no such format" in html(page)
