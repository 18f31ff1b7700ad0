"""Ingest: every outcome of the report, and every way to be interrupted."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from rag import ArchiveError, Assistant, IndexOutdated, ModelMissing, Settings, Upload, settings
from rag.progress import Done
from rag.search import chunking
from rag.types import Copy
from tests.fakes import HashEncoder
from tests.rag.making import TEXTS, assistant, files, read_one


class BrokenEncoder(HashEncoder):
    """Fails on its `at`-th call, counted from 1."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self._at = at

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> npt.NDArray[np.float32]:
        if len(self.calls) + 1 == self._at:
            raise RuntimeError("the encoder broke")
        return super().encode(texts, progress)


def assert_whole(archive: Assistant, sources: dict[str, Path]) -> None:
    """Check that every article equals its file, is fully chunked, and is in both indexes."""
    store = archive._store
    dense, lexical = archive._indexes.current()
    ids, vectors = store.vectors()
    assert dense.ids().tolist() == ids
    for item in archive.articles():
        assert item == read_one(sources[item.id])
        passage_ids = store.passage_ids([item.id])
        stored = [(found.start, found.end) for found, _ in store.passages(passage_ids).values()]
        assert sorted(stored) == list(chunking.split(item.text, archive.settings.passage_words))
        number = item.title.split("#")[1]
        assert [i for i, _ in lexical.search(f"unique{number}", 5)] == [passage_ids[0]]
        assert dense.search(vectors[ids.index(passage_ids[0])], 1, passage_ids[:1])[0][0] == passage_ids[0]


def by_id(paths: Sequence[Path]) -> dict[str, Path]:
    return {read_one(path).id: path for path in paths}


def test_the_report_has_every_outcome(tmp_path: Path) -> None:
    paths = files(tmp_path / "in", TEXTS[:3])
    with assistant(tmp_path / "home") as archive:
        first = archive.ingest(paths)
        ids = tuple(read_one(path).id for path in paths)
        assert first.added == ids
        paths[0].write_text("Headline #0\n\nEdited words.")
        files(tmp_path / "more", [TEXTS[1]])
        (tmp_path / "in" / "bad.txt").write_bytes(b"\xff\xfe\xfa")
        second = archive.ingest([tmp_path / "in", tmp_path / "more", tmp_path / "none"])
        copy = read_one(tmp_path / "more" / "a000.txt").id
        assert second.added == (copy,)
        assert second.updated == ids[:1]
        assert second.unchanged == ids[1:]
        assert second.duplicates[-1] == Copy(copy, ids[1], 1.0)
        assert [Path(bad.path).name for bad in second.rejected] == ["bad.txt", "none"]
        assert archive.status().articles == 4


def test_a_second_ingest_changes_nothing(tmp_path: Path) -> None:
    paths = files(tmp_path / "in", TEXTS[:3])
    encoder = HashEncoder()
    with assistant(tmp_path / "home", encoder=encoder) as archive:
        archive.ingest(paths)
        before = (archive._store.generation, archive._store.vectors()[0])
        calls = len(encoder.calls)
        assert archive.ingest(paths).unchanged == tuple(read_one(path).id for path in paths)
        assert (archive._store.generation, archive._store.vectors()[0]) == before
        assert len(encoder.calls) == calls


def test_an_edited_text_replaces_the_old_one_in_both_indexes(tmp_path: Path) -> None:
    (path,) = files(tmp_path / "in", TEXTS[:1])
    with assistant(tmp_path / "home") as archive:
        archive.ingest([path])
        path.write_text("Headline #7\n\nOnly unique7 is left.")
        report = archive.ingest([path])
        assert report.updated == (read_one(path).id,)
        assert not report.added
        assert_whole(archive, by_id([path]))
        assert archive._indexes.current()[1].search("unique0", 5) == []
        assert archive.status().articles == archive.status().passages == 1


def test_duplicates_are_kept_and_reported(tmp_path: Path) -> None:
    one, two, three = files(tmp_path / "in", [TEXTS[0]] * 3)
    with assistant(tmp_path / "home") as archive:
        report = archive.ingest([three, one, two])
        first = read_one(three).id
        assert report.duplicates == (Copy(read_one(one).id, first, 1.0), Copy(read_one(two).id, first, 1.0))
        assert archive.status().articles == 3


def test_a_path_given_twice_is_one_article(tmp_path: Path) -> None:
    (path,) = files(tmp_path / "in", TEXTS[:1])
    with assistant(tmp_path / "home") as archive:
        report = archive.ingest([path, path, path.parent])
        assert report.added == (read_one(path).id,)
        assert set(report.unchanged) == set(report.added)
        assert not report.duplicates
        assert_whole(archive, by_id([path]))


def test_the_last_of_two_uploads_that_replace_wins(tmp_path: Path) -> None:
    with assistant(tmp_path / "home") as archive:
        archive.ingest([Upload("a.txt", text.encode(), replaces=True) for text in TEXTS[:2]])
        (item,) = archive.articles()
        assert "unique1" in item.text
        dense, lexical = archive._indexes.current()
        assert dense.ids().tolist() == archive._store.vectors()[0]
        assert lexical.search("unique0", 5) == []


def test_an_unreadable_article_does_not_stop_the_others(tmp_path: Path) -> None:
    paths = files(tmp_path / "in", TEXTS[:70])
    for number in (0, 31, 32, 69):
        paths[number].write_bytes(b"\0\1\2")
    with assistant(tmp_path / "home") as archive:
        report = archive.ingest(paths)
        assert len(report.added) == 66
        assert [bad.path for bad in report.rejected] == [str(paths[n]) for n in (0, 31, 32, 69)]
        assert all("binary" in bad.reason for bad in report.rejected)


def test_only_unreadable_articles_write_nothing(tmp_path: Path) -> None:
    paths = files(tmp_path / "in", ["", "  \n ", "\0"])
    with assistant(tmp_path / "home") as archive:
        assert len(archive.ingest(paths).rejected) == 3
        assert archive._store.generation == 0


def test_progress_grows_to_the_total(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.search.ingest._BATCH_ARTICLES", 32)
    reported: list[Done] = []
    files(tmp_path / "in", TEXTS)
    with assistant(tmp_path / "home") as archive:
        archive.ingest([tmp_path / "in"], reported.append)
    assert reported == sorted(reported)
    assert reported[0].share < reported[-1].share == 1.0
    assert reported[-1].things == len(TEXTS)


def test_it_resumes_after_an_encoder_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.search.ingest._BATCH_ARTICLES", 32)
    paths = files(tmp_path / "in", TEXTS)
    with assistant(tmp_path / "home", encoder=BrokenEncoder(at=2)) as archive:
        with pytest.raises(RuntimeError, match="the encoder broke"):
            archive.ingest(paths)
        assert archive.status().articles == 32
        assert_whole(archive, by_id(paths))
    with assistant(tmp_path / "home") as again:
        assert_whole(again, by_id(paths))
        report = again.ingest(paths)
        assert (len(report.unchanged), len(report.added)) == (32, 48)
        assert_whole(again, by_id(paths))


def test_a_failed_index_update_is_repaired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = files(tmp_path / "in", TEXTS[:40])

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with assistant(tmp_path / "home") as archive:
        with monkeypatch.context() as patch:
            patch.setattr("rag.search.lexical.LexicalIndex.change", full)
            with pytest.raises(OSError, match="No space left"):
                archive.ingest(paths)
        archive.ingest(paths)
        assert_whole(archive, by_id(paths))
        assert archive.status().articles == 40


def without_encoder(home: Path) -> Settings:
    return settings.load_settings({"home": home, "encoder": "nobody/no-such-encoder"}, {})


def test_nothing_new_loads_no_encoder(tmp_path: Path) -> None:
    paths = files(tmp_path / "in", TEXTS[:2])
    with assistant(tmp_path / "home") as archive:
        archive.ingest(paths)
    (tmp_path / "in" / "bad.txt").write_bytes(b"\0")
    with Assistant(without_encoder(tmp_path / "home")) as archive:
        assert len(archive.ingest([tmp_path / "in"]).unchanged) == 2
        (tmp_path / "in" / "new.txt").write_text(TEXTS[5])
        with pytest.raises(ModelMissing):
            archive.ingest([tmp_path / "in"])
        assert archive.status().articles == 2


def test_another_encoder_is_refused(tmp_path: Path) -> None:
    one, two = files(tmp_path / "in", TEXTS[:2])
    with assistant(tmp_path / "home") as archive:
        archive.ingest([one])
    with assistant(tmp_path / "home", encoder=HashEncoder(128, "wide")) as archive:
        with pytest.raises(IndexOutdated) as caught:
            archive.ingest([two])
        assert "hash@64" in caught.value.message, "what is stored"
        assert "wide@128" in caught.value.message, "what is asked for"
        assert "nutgraf convert" in caught.value.hint, "what to do"
        assert archive.status().articles == 1
        assert archive.status().stored_encoder == "hash@64"


def test_another_chunking_is_refused(tmp_path: Path) -> None:
    one, two = files(tmp_path / "in", TEXTS[:2])
    with assistant(tmp_path / "home") as archive:
        archive.ingest([one])
    with assistant(tmp_path / "home", passage_words=120) as archive:
        with pytest.raises(IndexOutdated) as caught:
            archive.ingest([two])
        assert "/60" in caught.value.message
        assert "/60" in caught.value.message
        assert "passage_words" in caught.value.hint


def test_an_emptied_archive_accepts_another_encoder(tmp_path: Path) -> None:
    (path,) = files(tmp_path / "in", TEXTS[:1])
    with assistant(tmp_path / "home") as archive:
        archive.ingest([path])
        archive.remove(read_one(path).id)
    with assistant(tmp_path / "home", encoder=HashEncoder(128, "wide"), passage_words=120) as archive:
        archive.ingest([path])
        assert_whole(archive, by_id([path]))
        assert archive.status().stored_encoder == "wide@128"


@pytest.mark.parametrize("text", ["A short sentence stands here. " * 60_000, "x" * 4_000_000, "word " * 300_000])
def test_a_huge_article_is_chunked_and_found(tmp_path: Path, text: str) -> None:
    (path,) = files(tmp_path / "in", [f"Headline #3\n\nThe unique3 word. {text}"])
    with assistant(tmp_path / "home", passage_words=400) as archive:
        archive.ingest([path])
        assert_whole(archive, by_id([path]))


CHILD = """
import sys, time
from pathlib import Path
from rag.search import ingest
from tests.fakes import HashEncoder
from tests.rag.making import TEXTS, assistant

class SlowEncoder(HashEncoder):
    def encode(self, texts, progress=None):
        time.sleep(0.1)
        return super().encode(texts, progress)

ingest._BATCH_ARTICLES = 32
with assistant(Path(sys.argv[1]), encoder=SlowEncoder()) as archive:
    print("ready", flush=True)
    archive.ingest([Path(sys.argv[2])])
    time.sleep(60)
"""


MANY = tuple(f"Headline #{n}\n\nThe word of this one is unique{n}. It is short." for n in range(200))


@pytest.mark.parametrize("seed", range(5))
def test_a_killed_ingest_resumes_without_loss(tmp_path: Path, seed: int) -> None:
    paths = files(tmp_path / "in", MANY)
    sources = by_id(paths)
    moment = random.Random(seed).uniform(0.05, 0.9)
    command = [sys.executable, "-c", CHILD, str(tmp_path / "home"), str(tmp_path / "in")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        assert child.stdout
        assert child.stdout.readline() == b"ready\n"
        time.sleep(moment)
        child.send_signal(signal.SIGKILL)
        child.wait()
    with assistant(tmp_path / "home") as archive:
        committed = archive.status().articles
        assert committed % 32 == 0 or committed == 200, "a batch is whole or not there"
        assert_whole(archive, sources)
        report = archive.ingest(paths)
        assert (len(report.unchanged), len(report.added)) == (committed, 200 - committed)
        assert_whole(archive, sources)
    with assistant(tmp_path / "home") as again:
        assert_whole(again, sources)


def test_a_full_disk_is_a_clear_error_and_loses_nothing(tmp_path: Path) -> None:
    paths = files(tmp_path / "in", TEXTS)
    with assistant(tmp_path / "home") as archive:
        archive.ingest(paths[:5])
        (pages,) = archive._store.database.rows("PRAGMA page_count")[0]
        archive._store.database.rows(f"PRAGMA max_page_count = {pages + 10}")
        with pytest.raises(ArchiveError, match="cannot grow") as caught:
            archive.ingest(paths)
        assert "free some disk space" in caught.value.hint
        assert archive.count() == 5
        assert_whole(archive, by_id(paths))
        archive._store.database.rows("PRAGMA max_page_count = 1000000")
        assert len(archive.ingest(paths).added) == 75
