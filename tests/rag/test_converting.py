"""Another encoder or another size of passages: the archive is made anew in one step, and gone on with after a stop."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import IndexOutdated, Question
from rag.archive import checks
from rag.progress import Done
from tests.fakes import HashEncoder
from tests.rag.making import assistant, files
from tests.rag.test_ingesting import TEXTS, BrokenEncoder


def test_another_encoder_is_taken_over_whole(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        archive.ingest(files(tmp_path / "in", TEXTS))
    told: list[Done] = []
    with assistant(tmp_path, encoder=HashEncoder(128, "wide"), passage_words=40) as archive:
        with pytest.raises(IndexOutdated, match="wide@128"):
            archive.ask(Question("What is unique7?"))
        assert archive.convert(told.append) == 80
        assert told[-1] == Done(1.0, 80)
        dense, lexical = archive._indexes.current()
        assert dense.dimension == 128
        assert dense.ids().tolist() == archive._store.vectors()[0]
        assert len(lexical.search("unique7", 5)) == 1
        assert archive._indexes.unusable() == {}
        assert archive.ask(Question("What is unique7?")).hits[0].article.title == "Headline #7"
        assert archive.convert() == 0, "nothing is left to do"
        assert archive.convert(again=True) == 80


def test_a_conversion_that_broke_off_changes_nothing_and_is_gone_on_with(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        archive.ingest(files(tmp_path / "in", TEXTS))
    with assistant(tmp_path, encoder=BrokenEncoder(at=3), passage_words=40) as archive:
        with pytest.raises(RuntimeError, match="the encoder broke"):
            archive.convert()
        assert checks.count_staged(archive._store) == 64
    with assistant(tmp_path) as archive:
        assert archive.ask(Question("What is unique7?")).hits, "the old passages still answer"
    encoder = HashEncoder()
    with assistant(tmp_path, encoder=encoder, passage_words=40) as archive:
        assert archive.convert() == 80
        assert len(encoder.calls) == 1, "what was staged was not encoded again"
        assert checks.count_staged(archive._store) == 0
        assert checks.misfits(archive._store) == 0


def test_an_article_that_changed_meanwhile_is_made_again(tmp_path: Path) -> None:
    paths = files(tmp_path / "in", TEXTS[:40])
    with assistant(tmp_path) as archive:
        archive.ingest(paths)
    with assistant(tmp_path, encoder=BrokenEncoder(at=2), passage_words=40) as archive, pytest.raises(RuntimeError):
        archive.convert()
    paths[0].write_text("Headline #0\n\nShort now.")
    with assistant(tmp_path) as archive:
        archive.ingest(paths)
    with assistant(tmp_path, passage_words=40) as archive:
        archive.convert()
        assert checks.misfits(archive._store) == 0
        assert archive._indexes.current()[1].search("short", 5)


def test_an_empty_archive_needs_no_conversion(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        assert archive.convert() == 0
