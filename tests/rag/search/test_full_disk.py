"""A full disk at each step of a write: what the database has stands and can be undone, what it has not is not said."""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from embeddings import VectorIndex
from rag import ArchiveError, Assistant, Question
from rag.search.lexical import LexicalIndex
from tests.rag.making import TEXTS, assistant, files

OTHER_TEXTS = tuple(text.replace("unique", "other") for text in TEXTS[:3])
INDEX_STEPS = {
    "vectors": ((VectorIndex, "save"),),
    "change": ((LexicalIndex, "change"),),
    "seal": ((LexicalIndex, "seal"),),
    "all": ((VectorIndex, "save"), (LexicalIndex, "change"), (LexicalIndex, "seal")),
}


_FULL = "database or disk is full"


class FullDatabase:
    """A connection of which one statement fails as it does on a full disk."""

    def __init__(self, connection: sqlite3.Connection, statement: str = "COMMIT", error: str = _FULL) -> None:
        self._connection = connection
        self._statement = statement
        self._error = error

    def execute(self, query: str, *values: Any) -> sqlite3.Cursor:
        if query.startswith(self._statement):
            raise sqlite3.OperationalError(self._error)
        return self._connection.execute(query, *values)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Assistant]:
    with assistant(tmp_path / "home") as opened:
        opened.ingest(files(tmp_path / "in", TEXTS[:5]))
        yield opened


@pytest.fixture
def fill(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], pytest.MonkeyPatch]:
    """Return a function that fails a step of writing an index; a full-text index in memory needs no disk."""

    def fail(kind: type, name: str) -> None:
        write = getattr(kind, name)

        def full(self: Any, *given: Any) -> Any:
            if kind is VectorIndex:
                raise OSError(errno.ENOSPC, "No space left on device")
            if self._folder:
                raise ValueError("An IO error occurred: 'No space left on device'")
            return write(self, *given)

        monkeypatch.setattr(kind, name, full)

    def fill(step: str) -> pytest.MonkeyPatch:
        for kind, name in INDEX_STEPS[step]:
            fail(kind, name)
        return monkeypatch

    return fill


def finds(archive: Assistant, word: str) -> bool:
    """Whether a question about the word finds its article, in both indexes and in the database."""
    hits = archive.ask(Question(f"What is {word}?")).hits
    return any(word in hit.article.text for hit in hits)


@pytest.mark.parametrize("step", INDEX_STEPS)
def test_an_article_is_removed_and_put_back_without_room_for_an_index(
    archive: Assistant, fill: Callable[[str], pytest.MonkeyPatch], step: str, tmp_path: Path
) -> None:
    (article_id,) = (one.id for one in archive.articles() if "unique3" in one.text)
    disk = fill(step)
    removed = archive.remove(article_id)
    assert (archive.count(), finds(archive, "unique3"), finds(archive, "unique4")) == (4, False, True)
    archive.put_back(removed)
    assert (archive.count(), finds(archive, "unique3")) == (5, True)
    removed = archive.remove(article_id)
    disk.undo()
    assert not finds(archive, "unique3")
    archive.put_back(removed)
    with assistant(tmp_path / "home") as again:
        assert finds(archive, "unique3")
        assert finds(again, "unique3")
        assert again._indexes.unusable() == {}


@pytest.mark.parametrize("step", INDEX_STEPS)
def test_articles_are_added_and_converted_without_room_for_an_index(
    archive: Assistant, fill: Callable[[str], pytest.MonkeyPatch], step: str, tmp_path: Path
) -> None:
    fill(step)
    assert len(archive.ingest(files(tmp_path / "more", OTHER_TEXTS)).added) == 3
    assert finds(archive, "other2")
    assert archive.convert(again=True) == 8
    assert finds(archive, "other2")


def test_a_removal_that_the_database_cannot_store_does_not_happen(archive: Assistant) -> None:
    (article_id,) = (one.id for one in archive.articles() if "unique3" in one.text)
    database: Any = archive._store.database
    whole = database._db
    database._db = FullDatabase(whole)
    with pytest.raises(ArchiveError, match="disk is full") as caught:
        archive.remove(article_id)
    assert "nothing is lost" in caught.value.hint
    assert (archive.count(), finds(archive, "unique3")) == (5, True)
    database._db = whole
    removed = archive.remove(article_id)
    database._db = FullDatabase(whole)
    with pytest.raises(ArchiveError, match="disk is full"):
        archive.put_back(removed)
    assert (archive.count(), finds(archive, "unique3")) == (4, False)
    database._db = whole
    archive.put_back(removed)
    assert finds(archive, "unique3")


def test_a_chat_whose_text_cannot_be_wiped_is_deleted_and_says_so(archive: Assistant) -> None:
    turn = archive.chats.begin(Question("What is unique3?"))
    database: Any = archive._store.database
    database._db = FullDatabase(database._db, "PRAGMA wal_checkpoint")
    with pytest.raises(ArchiveError, match="what was deleted is still in the log"):
        archive.chats.delete(turn.chat_id)
    assert archive.chats.find() == ()


def test_an_archive_that_cannot_be_read_on_a_full_disk_says_so(
    archive: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    database: Any = archive._store.database
    database._db = FullDatabase(database._db, "SELECT", "disk I/O error")
    with pytest.raises(ArchiveError, match="disk I/O error") as caught:
        archive.count()
    assert "check the disk" in caught.value.hint
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=0))
    with pytest.raises(ArchiveError, match="its disk is full") as caught:
        archive.count()
    assert "free some disk space" in caught.value.hint


def test_rebuilding_says_that_the_indexes_were_not_written(
    archive: Assistant, fill: Callable[[str], pytest.MonkeyPatch]
) -> None:
    disk = fill("all")
    with pytest.raises(ArchiveError, match="the indexes cannot be written") as caught:
        archive.rebuild()
    assert "free some disk space" in caught.value.hint
    assert finds(archive, "unique3")
    disk.undo()
    archive.rebuild()
    assert archive._indexes.unusable() == {}
