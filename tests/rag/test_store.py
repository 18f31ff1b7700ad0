"""The archive's database: what it keeps, and what it refuses to open."""

from __future__ import annotations

import os
import sqlite3
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.archive import Store, as_stored, database, schema
from rag.errors import ArchiveError, ArchiveLocked, ArticleUnknown
from rag.types import PublishedDate, Span
from tests.rag.making import article, put, row

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
    """Root may write anywhere: become somebody who may not."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    yield
    if root:
        os.seteuid(0)


def test_an_article_comes_back_as_it_was_put(store: Store, path: Path) -> None:
    put(store, LAVROV, QURESHI)
    with closing(Store(path)) as again:
        assert again.articles() == (LAVROV, QURESHI)
        assert again.article("qureshi") == QURESHI
        assert again.dated_sources() == (("lavrov", "DAWN", "--04-07"), ("qureshi", None, None))


def test_a_second_put_replaces_the_article_and_its_passages(store: Store) -> None:
    first = put(store, LAVROV, QURESHI)
    edited = replace(LAVROV, text="Lavrov stayed.", content_hash="2")
    second = put(store, edited)
    assert store.article("lavrov") == edited
    assert store.passage_ids(["lavrov"]) == second[0]
    assert not set(second[0]) & set(first[0]), "an id is never given twice"
    assert store.passages([*first[0], *second[0]]).keys() == set(second[0])
    assert store.passage_ids(["qureshi"]) == first[1]


def test_removing_an_article_removes_its_passages(store: Store) -> None:
    put(store, LAVROV, QURESHI)
    store.remove("lavrov")
    assert store.articles() == (QURESHI,)
    assert {row[1] for row in store.all_passages()} == {"qureshi"}
    assert len(store.vectors()[0]) == store.count()[1] == 1


@pytest.mark.parametrize("name", ["", "nobody", "lavro%", "'; DROP TABLE articles; --", "LAVROV"])
def test_an_unknown_id_is_named(store: Store, name: str) -> None:
    put(store, LAVROV)
    generation = store.generation
    for call in (store.article, store.remove):
        with pytest.raises(ArticleUnknown, match="there is no article"):
            call(name)
    assert store.count()[0] == 1
    assert store.generation == generation


@settings(max_examples=30, deadline=None)
@given(text=st.text(min_size=1), data=st.data())
def test_the_offsets_give_the_text(text: str, data: st.DataObject) -> None:
    spans = []
    for _ in range(3):
        start = data.draw(st.integers(0, len(text)))
        spans.append(Span(start, data.draw(st.integers(start, len(text)))))
    with tempfile.TemporaryDirectory() as folder, closing(Store(Path(folder, "db"))) as store:
        ((ids, _),) = store.put([(article("any", text), spans, np.eye(3, dtype=np.float32))], {})
        found = store.passages(ids)
        assert store.article("any").text == text
        assert [text[p.start : p.end] for p in (found[i][0] for i in ids)] == [found[i][0].text for i in ids]
        assert [found[i][0].ordinal for i in ids] == [0, 1, 2]
        # SQLite's substr stops at a NUL; no article that was read from a file holds one.
        if "\0" not in text:
            assert [row[3] for row in store.all_passages()] == [text[span.start : span.end] for span in spans]


def test_vectors_come_back_rounded_to_float16(store: Store) -> None:
    vectors = np.random.default_rng(1).normal(size=(2, 64)).astype(np.float32)
    ((ids, _),) = store.put([(QURESHI, [Span(0, 5), Span(6, 9)], vectors)], {})
    stored_ids, stored = store.vectors()
    assert stored_ids == list(ids)
    assert stored.dtype == np.float32
    assert (stored == as_stored(vectors)).all()
    assert np.abs(stored - vectors).max() < 0.003


def test_an_empty_store_has_no_vectors(store: Store) -> None:
    ids, vectors = store.vectors()
    assert ids == []
    assert vectors.shape == (0, 0)
    assert store.passages([]) == {}
    assert store.passage_ids([]) == ()


def test_many_ids_at_once(store: Store) -> None:
    many = [article(f"a{number:04}", f"Word {number}.") for number in range(1_200)]
    put(store, *many)
    assert len(store.passage_ids(item.id for item in many)) == 1_200


def test_each_write_is_one_generation(store: Store) -> None:
    assert store.generation == 0
    put(store, LAVROV, QURESHI)
    assert store.generation == 1
    store.remove("lavrov")
    assert store.generation == 2


def test_a_failed_write_leaves_nothing(store: Store) -> None:
    put(store, QURESHI)
    new, spans, vectors = row(LAVROV)
    with pytest.raises(ValueError, match="zip"):
        store.put([row(article("good", "Good."))[:3], (new, spans, vectors[:-1])], {"encoder": "another"})
    assert store.articles() == (QURESHI,)
    assert store.generation == 1
    assert store.setting("encoder") == "hash@64"
    put(store, LAVROV)
    assert store.generation == 2


def test_two_spans_too_few_are_no_write_either(store: Store) -> None:
    put(store, QURESHI)
    edited, spans, vectors = row(replace(QURESHI, text="One. Two. Three. " * 20))
    with pytest.raises(ValueError, match="zip"):
        store.put([(edited, spans[:-1], vectors)], {})
    assert store.article("qureshi") == QURESHI
    assert store.count() == (1, 1)


def test_a_newer_schema_is_refused_and_left_alone(store: Store, path: Path) -> None:
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


def test_a_migration_that_fails_leaves_the_old_schema(
    store: Store, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(store, QURESHI)
    broken = "CREATE TABLE feedback (name TEXT) STRICT; CREATE TABLE feedback (name TEXT) STRICT;"
    with monkeypatch.context() as patch:
        patch.setattr(schema, "MIGRATIONS", (*schema.MIGRATIONS, broken))
        with pytest.raises(ArchiveError):
            Store(path)
    with closing(Store(path)) as again:
        assert again.articles() == (QURESHI,)
        assert not again.database._db.execute("SELECT 1 FROM sqlite_master WHERE name = 'feedback'").fetchall()


def test_a_folder_is_no_database(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="cannot be opened"):
        Store(tmp_path)


@pytest.mark.usefixtures("as_nobody")
def test_a_read_only_folder_is_one_clear_line() -> None:
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


def test_another_writer_is_waited_for_then_named(store: Store, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_BUSY_SECONDS", 0.1)
    with closing(Store(path)) as second:
        store.database._db.execute("BEGIN IMMEDIATE")
        with pytest.raises(ArchiveLocked, match="by another process"):
            put(second, QURESHI)
        assert second.articles() == (), "reading goes on"
        store.database._db.execute("ROLLBACK")
        put(second, QURESHI)
        assert store.articles() == (QURESHI,)


def test_threads_write_and_read_at_once(store: Store) -> None:
    failures: list[BaseException] = []

    def write(worker: int) -> None:
        try:
            for number in range(15):
                put(store, article(f"w{worker}-{number}", f"Worker {worker} wrote {number}. " * 5))
                articles, passages = store.count()
                assert passages >= articles
                assert len(store.vectors()[0]) >= articles
        except BaseException as failure:  # noqa: BLE001
            failures.append(failure)

    threads = [threading.Thread(target=write, args=(worker,)) for worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert store.count()[0] == store.generation == 60


def test_a_new_archive_may_be_opened_by_several_at_once(path: Path) -> None:
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


def test_a_new_archive_that_another_is_about_to_make_is_waited_for(path: Path) -> None:
    with closing(sqlite3.connect(path, check_same_thread=False, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        ends = threading.Timer(0.3, other.execute, ("COMMIT",))
        ends.start()
        Store(path).close()
        ends.join()
