"""Both indexes follow the store, and are rebuilt if they did not."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from embeddings import SentenceEncoder
from rag import Assistant, Question, Upload, load_settings
from rag.archive import ArchiveLock, Store
from rag.archive.database import LEXICAL
from rag.search.indexes import Indexes
from rag.search.lexical import LexicalIndex
from tests.fakes import HashEncoder, ScriptedReader, WordJudge
from tests.rag.making import article, put, row

NAMES = ("lavrov", "qureshi", "biden", "karachi", "lahore", "sputnik", "doses", "railways")


HOLD = """
import sys
from pathlib import Path
from rag.archive import ArchiveLock
with ArchiveLock(Path(sys.argv[1])).hold("adding articles"):
    print("held", flush=True)
    sys.stdin.read()
"""


DERIVED = ("vectors.faiss", "vectors.faiss.json", "lexical/nutgraf.json", "lexical/passages/meta.json")


MADE_BY = {"encoder": "hash@64", "dimension": "64", "chunking": "test"}


class Opened:
    """The store and indexes of an archive in one process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store(folder / "archive.sqlite3")
        self.lock = ArchiveLock(folder)
        self.indexes = Indexes(folder, self.store, self.lock)

    def write(self, name: str, text: str) -> None:
        """Store one article as an ingest does."""
        item, spans, vectors = row(article(name, text))
        with self.lock.hold("test"):
            self.indexes.current()
            with self.indexes.writing():
                replaced = self.store.passage_ids([name])
                ((ids, _),) = self.store.put([(item, spans, vectors)], MADE_BY)
                texts = [text[span.start : span.end] for span in spans]
                added = [(i, name, item.title, words, None) for i, words in zip(ids, texts, strict=True)]
                self.indexes.follow([name], replaced, added, vectors)

    def remove(self, name: str) -> None:
        with self.lock.hold("test"):
            self.indexes.current()
            with self.indexes.writing():
                ids = self.store.passage_ids([name])
                self.store.remove(name)
                self.indexes.follow([name], ids, [])

    def found(self, word: str) -> tuple[list[int], list[int]]:
        """Return the ids in the vector index, and those that the full-text index finds for `word`."""
        dense, lexical = self.indexes.current()
        return dense.ids().tolist(), sorted(i for i, _ in lexical.search(word, 100))

    def save(self) -> None:
        with self.lock.hold("test"):
            self.indexes.save()


@pytest.fixture
def open_archive(tmp_path: Path) -> Iterator[Callable[[], Opened]]:
    """Open the archive; each call simulates another process."""
    with ExitStack() as stack:

        def open_one() -> Opened:
            opened = Opened(tmp_path)
            stack.callback(opened.store.close)
            return opened

        yield open_one


@pytest.fixture
def saved(open_archive: Callable[[], Opened], tmp_path: Path) -> Path:
    """An archive of two articles with saved indexes."""
    opened = open_archive()
    opened.write("one", "Lavrov spoke of Karachi. " * 3)
    opened.write("two", "Qureshi spoke of Sputnik. " * 3)
    opened.save()
    return tmp_path


def forbid_rebuild(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail if an index is rebuilt from the store."""
    monkeypatch.setattr(Store, "vectors", lambda _self: pytest.fail("the vector index was built again"))
    monkeypatch.setattr(Store, "all_passages", lambda _self: pytest.fail("the full-text index was built again"))


def test_an_empty_archive_has_empty_indexes(open_archive: Callable[[], Opened]) -> None:
    assert open_archive().found("lavrov") == ([], [])


def test_a_saved_index_is_loaded_not_rebuilt(
    saved: Path, open_archive: Callable[[], Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert saved.is_dir()
    forbid_rebuild(monkeypatch)
    assert open_archive().found("karachi") == ([1, 2], [1])


def test_the_first_articles_update_the_indexes(
    open_archive: Callable[[], Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_archive()
    opened.indexes.current()
    forbid_rebuild(monkeypatch)
    opened.write("one", "Lavrov spoke of Karachi.")
    opened.save()
    assert opened.found("karachi") == open_archive().found("karachi") == ([1], [1])


@pytest.mark.parametrize(
    "gone", ["vectors.faiss", "vectors.faiss.json", "lexical/nutgraf.json", "lexical/passages/meta.json"]
)
def test_a_missing_file_is_rebuilt_and_saved(
    saved: Path, open_archive: Callable[[], Opened], monkeypatch: pytest.MonkeyPatch, gone: str
) -> None:
    expected = open_archive().found("sputnik")
    (saved / gone).unlink()
    assert open_archive().found("sputnik") == expected
    forbid_rebuild(monkeypatch)
    assert open_archive().found("sputnik") == expected, "the second time it is on the disk"


@pytest.mark.parametrize(
    "torn", ["vectors.faiss", "vectors.faiss.json", "lexical/nutgraf.json", "lexical/passages/meta.json"]
)
def test_a_damaged_file_is_rebuilt(saved: Path, open_archive: Callable[[], Opened], torn: str) -> None:
    expected = open_archive().found("sputnik")
    for content in (b"", b"\x80garbage" * 99, (saved / torn).read_bytes()[:-9], b"{}", b"[1]"):
        (saved / torn).write_bytes(content)
        assert open_archive().found("sputnik") == expected


def test_changes_by_another_process_are_seen(open_archive: Callable[[], Opened]) -> None:
    first, second = open_archive(), open_archive()
    first.write("one", "Lavrov spoke.")
    assert second.found("lavrov") == ([1], [1])
    second.write("two", "Lavrov left.")
    second.save()
    assert first.found("lavrov") == ([1, 2], [1, 2])
    first.remove("one")
    assert second.found("lavrov") == first.found("lavrov") == ([2], [2])


def test_an_index_that_another_process_rebuilt_stays_as_it_is(open_archive: Callable[[], Opened]) -> None:
    first, second = open_archive(), open_archive()
    first.write("one", "Lavrov spoke. " * 3)
    first.write("two", "Lavrov left. " * 3)
    first.save()
    # As an ingest that fails before it saves: the other process finds no whole index and builds one.
    first.remove("one")
    assert second.found("lavrov") == first.found("lavrov") == ([2], [2])
    assert second.indexes.unusable() == {}
    first.write("three", "Lavrov stayed. " * 3)
    assert first.found("lavrov") == second.found("lavrov") == ([2, 3], [2, 3])


def test_a_half_built_index_of_a_killed_process_is_not_continued(open_archive: Callable[[], Opened]) -> None:
    first, killed = open_archive(), open_archive()
    for number in range(9):
        first.write(f"a{number}", "Lavrov spoke.")
    first.save()
    # Not so few that the index is rebuilt because it lost many.
    LexicalIndex.build(killed.folder / LEXICAL, list(killed.store.all_passages())[:8], "half")
    (killed.folder / LEXICAL / "nutgraf.json").unlink()
    first.write("last", "Lavrov left.")
    first.save()
    everything = list(range(1, 11))
    assert first.found("lavrov") == open_archive().found("lavrov") == (everything, everything)


def test_files_that_vanish_while_an_index_is_loaded_are_no_error(
    saved: Path, open_archive: Callable[[], Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    read = Path.read_bytes

    def vanished(path: Path) -> bytes:
        if path.suffix == ".term":
            path.unlink(missing_ok=True)
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", vanished)
    assert open_archive().found("sputnik")[1] == [2]
    assert saved.is_dir()


@pytest.mark.parametrize("change", ["put", "replace", "remove"])
def test_a_kill_between_commit_and_save_is_repaired(
    saved: Path, open_archive: Callable[[], Opened], change: str
) -> None:
    assert saved.is_dir()
    killed = open_archive()
    killed.indexes.current()
    if change == "remove":
        killed.store.remove("one")
    else:
        put(killed.store, article("one" if change == "replace" else "three", "Biden spoke of railways."))
    expected = {"put": 1, "replace": 1, "remove": 0}[change]
    for opened in (open_archive(), killed):
        dense, lexical = opened.found("railways")
        assert len(lexical) == expected
        assert dense == opened.store.vectors()[0]
        assert bool(opened.found("karachi")[1]) == (change == "put")


def test_following_equals_rebuilding(open_archive: Callable[[], Opened], tmp_path: Path) -> None:
    chance = random.Random(11)
    followed = open_archive()
    for step in range(60):
        name = f"a{chance.randrange(12)}"
        if chance.random() < 0.3 and name in {item.id for item in followed.store.articles()}:
            followed.remove(name)
        else:
            followed.write(name, f"Step {step}: {' '.join(chance.choices(NAMES, k=40))}. " * 2)
        if step % 7 == 0:
            followed.save()
        if step % 10 == 9:
            dense, _ = followed.indexes.current()
            ids, vectors = followed.store.vectors()
            assert dense.ids().tolist() == ids
            got = dict(dense.search(vectors[0], len(ids)))
            assert got == pytest.approx(dict(zip(ids, (vectors @ vectors[0]).tolist(), strict=True)), abs=1e-6)
            built = Indexes(tmp_path / "none", followed.store, ArchiveLock(tmp_path / "none"))
            for word in NAMES:
                again = sorted(i for i, _ in built.current()[1].search(word, 500))
                assert sorted(i for i, _ in followed.indexes.current()[1].search(word, 500)) == again


def test_an_emptied_archive_accepts_another_dimension(open_archive: Callable[[], Opened]) -> None:
    opened = open_archive()
    opened.write("one", "Lavrov spoke.")
    opened.remove("one")
    wide = HashEncoder(dimension=128)
    item, spans, vectors = row(article("two", "Lavrov left."), wide)
    with opened.indexes.writing():
        ((ids, _),) = opened.store.put([(item, spans, vectors)], {**MADE_BY, "encoder": "wide", "dimension": "128"})
        opened.indexes.follow(["two"], (), [(ids[0], "two", item.title, item.text, None)], vectors)
    opened.save()
    for one in (opened, open_archive()):
        dense, lexical = one.indexes.current()
        assert dense.dimension == 128
        assert [i for i, _ in dense.search(vectors[0], 5)] == [i for i, _ in lexical.search("left", 5)] == list(ids)


def test_an_index_that_was_behind_is_rebuilt(open_archive: Callable[[], Opened]) -> None:
    opened = open_archive()
    opened.write("one", "Lavrov spoke.")
    put(opened.store, article("two", "Qureshi spoke."))
    item, spans, vectors = row(article("three", "Biden spoke."))
    with opened.indexes.writing():
        ((ids, _),) = opened.store.put([(item, spans, vectors)], MADE_BY)
        opened.indexes.follow(["three"], (), [(ids[0], "three", item.title, item.text, None)], vectors)
    assert opened.found("spoke") == ([1, 2, 3], [1, 2, 3])


def test_indexes_stay_in_memory_while_another_process_writes(saved: Path, open_archive: Callable[[], Opened]) -> None:
    opened = open_archive()
    put(opened.store, article("three", "Biden spoke of railways."))
    before = {file.name: file.read_bytes() for file in saved.glob("lexical/*/[!.]*")}
    before["vectors"] = (saved / "vectors.faiss").read_bytes()
    command = [sys.executable, "-c", HOLD, str(saved)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        assert len(opened.found("railways")[1]) == 1
        after = {file.name: file.read_bytes() for file in saved.glob("lexical/*/[!.]*")}
        assert {**after, "vectors": (saved / "vectors.faiss").read_bytes()} == before


def test_scores_are_products_of_the_stored_vectors(saved: Path, open_archive: Callable[[], Opened]) -> None:
    assert saved.is_dir()
    opened = open_archive()
    ids, vectors = opened.store.vectors()
    query = HashEncoder().encode(["Qureshi spoke of Sputnik."])[0]
    found = dict(opened.indexes.current()[0].search(query, 9))
    assert np.allclose([found[i] for i in ids], vectors @ query, atol=1e-6)


def test_an_index_that_cannot_be_written_is_used_from_memory(tmp_path: Path, encoder: SentenceEncoder) -> None:
    with Assistant(load_settings({"archive": tmp_path}), encoder, WordJudge(), ScriptedReader()) as archive:
        archive.ingest([Upload("storm.txt", b"Storm\n\nThe storm closed the harbour on Monday.")])
    for name in ("vectors.faiss", "lexical"):
        file = tmp_path / name
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    (tmp_path / "vectors.faiss").mkdir()
    (tmp_path / "lexical").write_text("in the way")
    with Assistant(load_settings({"archive": tmp_path}), encoder, WordJudge(), ScriptedReader()) as archive:
        answer = archive.ask(Question("Which harbour closed on Monday?"))

    assert "harbour" in answer.text
