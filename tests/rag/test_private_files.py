"""What nutgraf creates, other users cannot open, even where the umask would let them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.private_files import make_folder
from rag.settings import save_settings
from tests.disk import no_umask, open_to_others
from tests.rag.conftest import Run
from tests.rag.making import TEXTS, assistant, files


@pytest.fixture(autouse=True)
def _no_umask() -> Iterator[None]:
    with no_umask():
        yield


@pytest.mark.parametrize("existing", [False, True], ids=["new folder", "folder that others can open"])
def test_an_archive_and_the_settings(tmp_path: Path, existing: bool) -> None:  # noqa: FBT001
    home = tmp_path / "deep" / "home"
    if existing:
        (home / "archive").mkdir(parents=True)
    with assistant(home) as archive:
        archive.ingest(files(tmp_path / "in", TEXTS[:3]))
        archive.rebuild()
        archive.remove(archive.articles()[0].id)
        journals = {path.name for path in archive.settings.archive.glob("*-*")}
        save_settings(home, {"threads": 1})
        found = open_to_others(tmp_path / "deep")

    assert journals == {"archive.sqlite3-wal", "archive.sqlite3-shm"}
    assert found == (["deep", "home", "archive"] if existing else [])


def test_a_folder_that_exists_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir(0o750)
    make_folder(tmp_path / "shared" / "new" / "archive")
    make_folder(tmp_path / "shared")

    modes = [path.stat().st_mode & 0o777 for path in (tmp_path / "shared", *sorted((tmp_path / "shared").rglob("*")))]
    assert modes == [0o750, 0o700, 0o700]


def test_exports(filled: Run, tmp_path: Path) -> None:
    assert filled("export", tmp_path / "news.jsonl").code == 0

    assert open_to_others(tmp_path / "news.jsonl") == []
