"""The database: opened, migrated, locked, and refused if it is damaged or foreign."""

from __future__ import annotations

import os
import random
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rag import Chats, Question
from rag.archive import Store, database, schema
from rag.errors import ArchiveCorrupt, ArchiveError, ArchiveLocked
from rag.types import PublishedDate
from tests.rag.making import article, put

LAVROV = article(
    "lavrov", "Lavrov came on Tuesday. He left on Wednesday “quietly” – 🛰️ said. " * 9, "DAWN", PublishedDate(0, 4, 7)
)


QURESHI = article("qureshi", "Qureshi spoke of rail. He named no price.")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    with closing(Store(path)) as opened:
        yield opened


@pytest.fixture
def as_nobody() -> Iterator[None]:
    """Drop root privileges: root may write anywhere."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield
    if root:
        os.seteuid(0)


def test_a_newer_schema_is_refused_and_unchanged(store: Store, path: Path) -> None:
    put(store, QURESHI)
    store.database._db.execute("PRAGMA user_version = 99")
    with pytest.raises(ArchiveError, match=r"newer nutgraf \(schema 99") as caught:
        Store(path)
    assert caught.value.hint == "upgrade nutgraf"
    assert store.articles() == (QURESHI,)


def test_an_older_schema_is_migrated(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, QURESHI)
    one_more = "CREATE TABLE feedback (name TEXT) STRICT; INSERT INTO feedback VALUES ('new');"
    monkeypatch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, one_more))
    for _ in range(2):
        with closing(Store(path)) as migrated:
            assert migrated.articles() == (QURESHI,)
            assert migrated.database._db.execute("SELECT name FROM feedback").fetchall() == [("new",)]


def test_a_failed_migration_keeps_the_old_schema(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(store, QURESHI)
    broken = "CREATE TABLE feedback (name TEXT) STRICT; CREATE TABLE feedback (name TEXT) STRICT;"
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, broken))
        with pytest.raises(ArchiveError):
            Store(path)
    with closing(Store(path)) as again:
        assert again.articles() == (QURESHI,)
        assert not again.database._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'feedback'").fetchall()


def test_a_folder_is_not_a_database(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="cannot be opened"):
        Store(tmp_path)


@pytest.mark.usefixtures("as_nobody")
def test_a_read_only_folder_is_a_clear_error() -> None:
    folder = Path(tempfile.mkdtemp())
    path = folder / "archive.sqlite3"
    try:
        with closing(Store(path)) as store:
            put(store, QURESHI)
        folder.chmod(0o555)
        path.chmod(0o444)
        with pytest.raises(ArchiveError, match=r"cannot be opened|readonly") as caught, closing(Store(path)) as store:
            put(store, LAVROV)
        assert "writable" in caught.value.hint
        with pytest.raises(ArchiveError, match="cannot be opened"):
            Store(folder / "another.sqlite3")
    finally:
        folder.chmod(0o755)
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()


def test_another_writer_is_waited_for_then_reported(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.1)
    with closing(Store(path)) as second:
        store.database._db.execute("BEGIN IMMEDIATE")
        with pytest.raises(ArchiveLocked, match="by another process"):
            put(second, QURESHI)
        assert second.articles() == (), "reading goes on"
        store.database._db.execute("ROLLBACK")
        put(second, QURESHI)
        assert store.articles() == (QURESHI,)


def test_several_may_open_a_new_archive_at_once(path: Path) -> None:
    failures: list[Exception] = []
    ready = threading.Barrier(6)

    def open_it() -> None:
        ready.wait()
        try:
            Store(path).close()
        except ArchiveError as failure:
            failures.append(failure)

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_an_archive_being_created_by_another_process_is_waited_for(path: Path) -> None:
    with closing(sqlite3.connect(path, check_same_thread=False, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        ends = threading.Timer(0.3, other.execute, ("COMMIT",))
        ends.start()
        Store(path).close()
        ends.join()


RAIN = Question("Where did it rain?")


@pytest.mark.parametrize("version", [3, 4])
def test_an_archive_of_an_older_schema_gains_chats(tmp_path: Path, store: Store, version: int) -> None:
    path = tmp_path / "before.sqlite3"
    with closing(sqlite3.connect(path)) as before:
        before.executescript((Path(__file__).parent / f"schema_{version}.sql").read_text(encoding="utf-8"))
        assert before.execute("PRAGMA user_version").fetchone() == (version,)
    new = store
    with closing(Store(path)) as store:
        tables = "SELECT type, name, sql FROM sqlite_master ORDER BY 1, 2"
        assert store.database.rows(tables) == new.database.rows(tables)
        assert [one.text for one in store.articles()] == ["Rain fell. It was “heavy”."]
        chats = Chats(store.database)
        assert chats.find() == ()
        assert chats.read(chats.begin(RAIN).chat_id).turns[0].question == RAIN
        put(store, article("new", "Snow fell."))
        assert store.database.damage() == ()


def _read_all(path: Path) -> None:
    with closing(Store(path)) as store:
        store.articles()
        list(store.all_passages())
        store.vectors()


def _truncated(path: Path) -> None:
    with closing(Store(path)) as store:
        put(store, *(article(f"a{n}", "Some text. " * 50) for n in range(40)))
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2 - 77])


def _random(path: Path) -> None:
    path.write_bytes(random.Random(7).randbytes(20_000))


def _scribbled(path: Path) -> None:
    _truncated(path)
    content = bytearray(path.read_bytes())
    content[100:] = random.Random(7).randbytes(len(content) - 100)
    path.write_bytes(content)


def _another_programs(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE bookmarks (url TEXT)")


def _text(path: Path) -> None:
    path.write_text("This is no database at all. " * 50)


@pytest.mark.parametrize("damage", [_truncated, _random, _scribbled, _another_programs, _text])
def test_a_damaged_or_foreign_file_is_a_clear_error_and_unchanged(path: Path, damage: object) -> None:
    assert callable(damage)
    damage(path)
    before = path.read_bytes()
    with pytest.raises(ArchiveCorrupt) as caught:
        _read_all(path)
    assert str(path) in caught.value.message
    assert "--archive" in caught.value.hint
    assert "\n" not in str(caught.value)
    assert path.read_bytes() == before, "it is left for whoever can restore it"
