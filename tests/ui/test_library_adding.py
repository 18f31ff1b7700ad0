"""Adding articles on the Library page, through Streamlit's own test driver: forms, progress, reports."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from rag import Assistant, IngestReport, Rejection, Upload, load_settings
from rag.archive.lock import ArchiveLock
from tests.conftest import SEEDS
from tests.ui.conftest import SECONDS, html
from tests.ui.test_library import STORY, labels, press
from ui import shared, under_way
from ui.library.adding import KEY, Adding

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
    return press(page, "Add the files")


def test_files_are_added_and_what_is_rejected_says_why(page: AppTest) -> None:
    upload(page, GOOD, *BAD)

    shown = html(page)
    assert not page.exception
    assert page.subheader[0].value == "1 article"
    assert "1 added, 0 updated, 0 unchanged, 0 told by another already, 3 rejected" in shown
    for words in ("![x](http://example.com/x.png).xyz: ", "&lt;script&gt;alert(1)&lt;/script&gt;.txt: it is empty"):
        assert words in shown
    assert "broken.pdf: " in shown
    assert "<script" not in shown
    assert not any("script" in label or "http" in label for label in labels(page))
    press(page, "Close the report")
    assert "1 added" not in html(page)


def test_every_list_of_a_report_is_told_and_cut(page: AppTest) -> None:
    upload(page, GOOD)
    changed = ("flood.txt", b"Flood\n\nThe water fell on Friday.", "text/plain")
    upload(page, *((f"bad{number}.xyz", b"x", "text/plain") for number in range(23)), COPY, changed)

    shown = html(page)
    assert "23 rejected" in shown
    assert shown.count("bad") == 20
    assert "and 3 more" in shown
    assert [one.label for one in page.expander] == ["Added: 1", "Updated: 1", "Told by another already: 1"]
    assert "Rain in the north: " in shown


def test_nothing_chosen_is_said(page: AppTest) -> None:
    for label, words in (
        ("Add the files", "No file was chosen."),
        ("Read from the network", "No address was given."),
        ("Read from this machine", "Nothing is no whole path."),
    ):
        press(page, label)
        assert words in html(page)


def test_a_folder_on_this_machine_is_read(page: AppTest) -> None:
    page.text_input[0].set_value(str(SEEDS))
    press(page, "Read from this machine")

    assert page.subheader[0].value == "2 articles"
    assert "2 added" in html(page)


@pytest.mark.parametrize("path", ["articles", "~nobody-here/articles"])
def test_a_path_that_is_not_whole_is_turned_away(page: AppTest, path: str) -> None:
    page.text_input[0].set_value(path)
    press(page, "Read from this machine")

    assert f"{path} is no whole path." in html(page)


def test_a_folder_that_is_not_there_is_in_the_report(page: AppTest, tmp_path: Path) -> None:
    page.text_input[0].set_value(str(tmp_path / "none"))
    press(page, "Read from this machine")

    assert "none: no such file or folder" in html(page)


def test_an_address_is_asked_for_and_refused_in_words(page: AppTest) -> None:
    page.text_area[0].set_value("news.example/feed")
    press(page, "Read from the network")
    assert "news.example/feed is no address of a page." in html(page)
    page.text_area[0].set_value("http://127.0.0.1:9/feed")
    press(page, "Read from the network")

    assert "1 rejected" in html(page)
    assert "http://127.0.0.1:9/feed: " in html(page)


def test_offline_no_address_can_be_given(open_page: Callable[[str], AppTest], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUTGRAF_OFFLINE", "1")
    page = open_page("library").run()

    assert "set to stay offline" in html(page)
    assert not page.text_area
    assert "Read from the network" not in labels(page)


def test_an_archive_that_another_writes_is_a_sentence(page: AppTest) -> None:
    with ArchiveLock(load_settings().archive).hold("adding articles"):
        upload(page, GOOD)

    assert not page.exception
    assert "is being written by process" in html(page)
    assert "Add the files" in labels(page), "and it can be tried again"


def test_what_another_tab_adds_is_shown_and_can_be_stopped(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other tab's work waits where it is until it is told to stop."""
    go_on = threading.Event()

    def slow(self: Assistant, items: object, progress: object, stopped: Callable[[], bool], noted: object) -> object:
        assert callable(noted)
        noted(Rejection("odd.xyz", "no such format"))
        assert go_on.wait(SECONDS)
        assert stopped()
        return IngestReport(rejected=(Rejection("odd.xyz", "no such format"),), stopped=True)

    monkeypatch.setattr(Assistant, "ingest", slow)
    work = Adding(shared.archive(), [Upload("flood.txt", GOOD[1])])
    assert under_way.begin(KEY, work)
    assert not under_way.begin(KEY, Adding(shared.archive(), [])), "one at a time"
    seen = threading.Thread(target=page.run)
    seen.start()
    work.stop()
    go_on.set()
    seen.join(SECONDS)

    assert not page.exception
    assert "Stopped: there may be more to read" in html(page)
    assert "odd.xyz: no such format" in html(page)
