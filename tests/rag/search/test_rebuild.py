"""Conversion to another encoder or passage size: in one step, resumable, and when settings change."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from embeddings import SentenceEncoder
from embeddings.network import CrossJudge
from rag import (
    Answer,
    Assistant,
    Done,
    Found,
    IndexOutdated,
    ModelError,
    NutgrafError,
    Question,
    SettingsInvalid,
    load_settings,
    with_changes,
)
from rag.doctor import count_staged_articles, is_split_right
from rag.models import weights as models
from rag.models.reader import LlamaReader
from tests.conftest import ENCODER, READER, SEEDS
from tests.fakes import HashEncoder
from tests.rag.making import TEXTS, assistant, files
from tests.rag.search.test_ingest import BrokenEncoder


def test_conversion_to_another_encoder(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        archive.ingest(files(tmp_path / "in", TEXTS))
    reported: list[Done] = []
    with assistant(tmp_path, encoder=HashEncoder(128, "wide"), passage_words=40) as archive:
        with pytest.raises(IndexOutdated, match="wide@128"):
            archive.ask(Question("What is unique7?"))
        assert archive.convert(reported.append) == 80
        assert reported[-1] == Done(1.0, 80)
        dense, lexical = archive._indexes.current()
        assert dense.dimension == 128
        assert dense.ids().tolist() == archive._store.vectors()[0]
        assert len(lexical.search("unique7", 5)) == 1
        assert archive._indexes.unusable() == {}
        assert archive.ask(Question("What is unique7?")).hits[0].article.title == "Headline #7"
        assert archive.convert() == 0, "nothing is left to do"
        assert archive.convert(again=True) == 80


def test_an_interrupted_conversion_changes_nothing_and_resumes(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        archive.ingest(files(tmp_path / "in", TEXTS))
    with assistant(tmp_path, encoder=BrokenEncoder(at=3), passage_words=40) as archive:
        with pytest.raises(RuntimeError, match="the encoder broke"):
            archive.convert()
        assert count_staged_articles(archive._store) == 64
    with assistant(tmp_path) as archive:
        assert archive.ask(Question("What is unique7?")).hits, "the old passages still answer"
    encoder = HashEncoder()
    with assistant(tmp_path, encoder=encoder, passage_words=40) as archive:
        assert archive.convert() == 80
        assert len(encoder.calls) == 1, "what was staged was not encoded again"
        assert count_staged_articles(archive._store) == 0
        assert all(is_split_right(archive._store, item) for item in archive.articles())


def test_an_article_changed_during_a_conversion_is_converted_again(tmp_path: Path) -> None:
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
        assert all(is_split_right(archive._store, item) for item in archive.articles())
        assert archive._indexes.current()[1].search("short", 5)


def test_an_archive_of_an_older_chunking_answers_but_must_be_converted_before_an_ingest(tmp_path: Path) -> None:
    paths = files(tmp_path / "in", TEXTS[:3])
    with assistant(tmp_path) as archive:
        archive.ingest(paths[:2])
        with archive._store.new_generation():
            archive._store.save_settings({"chunking": "sentences-4/60"})
    with assistant(tmp_path) as archive:
        assert archive.ask(Question("What is unique1?")).hits[0].article.title == "Headline #1"
        with pytest.raises(IndexOutdated, match="sentences-4/60") as caught:
            archive.ingest(paths)
        assert "nutgraf convert" in caught.value.hint
        assert archive.convert() == 2
        assert len(archive.ingest(paths).added) == 1


def test_an_empty_archive_needs_no_conversion(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive:
        assert archive.convert() == 0


_ASKED = Question("Which cities does the gas pipeline join?")


@pytest.fixture
def opened(encoder: SentenceEncoder, judge: CrossJudge, reader: LlamaReader) -> Iterator[Assistant]:
    with Assistant(load_settings(), encoder, judge, reader) as archive:
        archive.ingest(sorted(SEEDS.glob("*.txt")))
        yield archive


@pytest.fixture
def other_encoder() -> str:
    """The same weights named by their folder, which counts as another encoder."""
    return str(models.find(ENCODER, "encoder").path)


def test_a_new_setting_applies_from_the_next_question(opened: Assistant) -> None:
    opened.use(with_changes(opened.settings, {"passages": 1}))

    assert opened.settings.passages == 1
    assert len(opened.ask(_ASKED).hits) == 1


def test_an_in_flight_question_keeps_the_old_settings(opened: Assistant) -> None:
    path = models.find(READER, "reader").path
    steps = opened.stream(_ASKED)
    assert isinstance(next(steps), Found)
    opened.use(with_changes(opened.settings, {"reader": str(path), "passages": 1}))
    *_, old = steps

    assert isinstance(old, Answer)
    assert (old.trace.reader, len(old.hits) > 1) == ("none", True)
    new = opened.ask(_ASKED)
    assert (new.trace.reader, len(new.hits)) == (str(path), 1)
    assert new.text == old.text


def test_a_model_that_fails_to_load_changes_nothing(opened: Assistant, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and nothing more")
    before = opened.settings
    for name in (str(broken), "no such reader"):
        with pytest.raises(ModelError):
            opened.use(with_changes(before, {"reader": name, "caution": 0.1}))

    assert opened.settings == before
    assert opened.ask(_ASKED).trace.reader == "none"


def test_another_encoder_converts_the_archive_before_it_is_used(opened: Assistant, other_encoder: str) -> None:
    before = opened.ask(_ASKED).text
    reported: list[Done] = []
    opened.use(with_changes(opened.settings, {"encoder": other_encoder}), reported.append)

    assert reported[-1] == Done(1.0, 2)
    assert (opened.status().stored_encoder or "").startswith(f"{Path(other_encoder).name}@")
    assert opened.ask(_ASKED).text == before
    assert opened.convert() == 0, "nothing is left to do"


def test_a_stopped_conversion_changes_nothing(opened: Assistant, other_encoder: str) -> None:
    def stop(_done: Done) -> None:
        assert opened.ask(_ASKED).text, "the old encoder serves meanwhile"
        raise NutgrafError("stopped")

    before = opened.settings
    with pytest.raises(NutgrafError, match="stopped"):
        opened.use(with_changes(before, {"encoder": other_encoder}), stop)

    assert opened.settings == before
    assert opened.ask(_ASKED).text


def test_another_archive_is_opened_with_the_same_models(opened: Assistant, reader: LlamaReader, tmp_path: Path) -> None:
    wanted = with_changes(opened.settings, {"archive": tmp_path / "other"})
    with pytest.raises(SettingsInvalid, match="other is another archive"):
        opened.use(wanted)
    with opened.with_archive(wanted.archive) as other:
        assert (other.count(), opened.count()) == (0, 2)
        assert other.settings == wanted
        assert other._models.reader() is reader


def test_a_folder_that_cannot_be_created_is_named(opened: Assistant, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(NutgrafError, match="file cannot be created"):
        opened.with_archive(tmp_path / "file")
