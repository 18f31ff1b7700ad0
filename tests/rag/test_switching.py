"""Other settings for an open archive: what changes, when, and what stays when it fails. The real models throughout."""

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
    ModelError,
    NutgrafError,
    Question,
    SettingsInvalid,
    load_settings,
    with_changes,
)
from rag.models import weights as models
from rag.models.reader import LlamaReader
from tests.conftest import ENCODER, READER, SEEDS

_ASKED = Question("Which cities does the gas pipeline join?")


@pytest.fixture
def assistant(encoder: SentenceEncoder, judge: CrossJudge, reader: LlamaReader) -> Iterator[Assistant]:
    with Assistant(load_settings(), encoder, judge, reader) as assistant:
        assistant.ingest(sorted(SEEDS.glob("*.txt")))
        yield assistant


@pytest.fixture
def other_encoder() -> str:
    """The same weights by their folder: for the archive another encoder."""
    return str(models.find(ENCODER, "encoder").path)


def test_a_setting_counts_from_the_next_question_on(assistant: Assistant) -> None:
    assistant.use(with_changes(assistant.settings, {"passages": 1}))

    assert assistant.settings.passages == 1
    assert len(assistant.ask(_ASKED).hits) == 1


def test_a_question_under_way_ends_as_it_began_and_the_next_has_the_other_reader(assistant: Assistant) -> None:
    path = models.find(READER, "reader").path
    steps = assistant.stream(_ASKED)
    assert isinstance(next(steps), Found)
    assistant.use(with_changes(assistant.settings, {"reader": str(path), "passages": 1}))
    *_, old = steps

    assert isinstance(old, Answer)
    assert (old.trace.reader, len(old.hits) > 1) == (READER, True)
    new = assistant.ask(_ASKED)
    assert (new.trace.reader, len(new.hits)) == (str(path), 1)
    assert new.text == old.text


def test_a_model_that_cannot_be_loaded_leaves_the_old_one_in_use(assistant: Assistant, tmp_path: Path) -> None:
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(b"GGUF and nothing more")
    before = assistant.settings
    for name in (str(broken), "no such reader"):
        with pytest.raises(ModelError):
            assistant.use(with_changes(before, {"reader": name, "caution": 0.1}))

    assert assistant.settings == before
    assert assistant.ask(_ASKED).trace.reader == READER


def test_another_encoder_encodes_the_articles_anew_before_it_is_used(assistant: Assistant, other_encoder: str) -> None:
    before = assistant.ask(_ASKED).text
    told: list[Done] = []
    assistant.use(with_changes(assistant.settings, {"encoder": other_encoder}), told.append)

    assert told[-1] == Done(1.0, 2)
    assert (assistant.status().stored_encoder or "").startswith(f"{Path(other_encoder).name}@")
    assert assistant.ask(_ASKED).text == before
    assert assistant.convert() == 0, "nothing is left to do"


def test_what_is_stopped_while_it_encodes_changes_nothing(assistant: Assistant, other_encoder: str) -> None:
    def stop(_done: Done) -> None:
        assert assistant.ask(_ASKED).text, "the old encoder serves meanwhile"
        raise NutgrafError("stopped")

    before = assistant.settings
    with pytest.raises(NutgrafError, match="stopped"):
        assistant.use(with_changes(before, {"encoder": other_encoder}), stop)

    assert assistant.settings == before
    assert assistant.ask(_ASKED).text


def test_another_archive_is_not_switched_to_but_opened_with_the_same_models(
    assistant: Assistant, reader: LlamaReader, tmp_path: Path
) -> None:
    wanted = with_changes(assistant.settings, {"archive": tmp_path / "other"})
    with pytest.raises(SettingsInvalid, match="other is another archive"):
        assistant.use(wanted)
    with assistant.elsewhere(wanted.archive) as other:
        assert (other.count(), assistant.count()) == (0, 2)
        assert other.settings == wanted
        assert other._models.reader() is reader


def test_a_folder_that_cannot_be_an_archive_is_named(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(NutgrafError, match="file cannot be made"):
        assistant.elsewhere(tmp_path / "file")
