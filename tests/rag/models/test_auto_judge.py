"""The judge `auto`: what it stands for, when it is downloaded, and where it must not vary."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from eval.runs import settings_for
from rag import Assistant, Settings, load_settings
from rag.errors import ModelMissing
from rag.models import loaded
from rag.models.loaded import MachineMemory, Models, choose_judge, download_chosen
from rag.progress import ignore
from tests.conftest import JUDGE
from tests.hub import forget_hugging_face, give_encoder

LARGER = "nutgraf-judge-mpnet"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return forget_hugging_face(monkeypatch, tmp_path / "hf")


def failing_pull(name: str, *, offline: bool, **_rest: Any) -> None:
    raise ModelMissing(f"{name} cannot be downloaded: no network", "connect")


def test_auto_is_the_larger_judge_where_its_encoder_is_and_memory_suffices(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert choose_judge("auto") == (JUDGE, f"auto; better: nutgraf models pull {LARGER}")
    give_encoder(cache)
    assert choose_judge("auto") == (LARGER, "auto")
    assert choose_judge(JUDGE) == (JUDGE, "")
    monkeypatch.setattr(loaded, "machine_memory", lambda: MachineMemory(2_000_000_000, 2_000_000_000))
    assert choose_judge("auto") == (JUDGE, f"auto; 2.0 GB of memory is too little for {LARGER}")


def test_a_judge_that_was_downloaded_meanwhile_is_taken_with_the_next_settings(cache: Path, judge: Any) -> None:
    models = Models(load_settings(), judge=judge)
    assert models.with_settings(load_settings({"caution": 0.1})).judge() is judge
    give_encoder(cache)

    assert (models.judge_name, models.first_judge()) == (JUDGE, None)
    later = models.with_settings(models.settings)
    assert later.judge_name == LARGER
    assert later.first_judge() is not None


def test_status_says_what_auto_stands_for(cache: Path) -> None:
    give_encoder(cache)
    with Assistant(load_settings()) as assistant:
        status = assistant.status()
    assert (status.judge, status.judge_note) == (LARGER, "auto")


@pytest.mark.parametrize("chosen", [{}, {"judge": JUDGE}, {"judge": LARGER}])
def test_the_larger_judge_is_downloaded_unless_another_is_named(
    monkeypatch: pytest.MonkeyPatch, chosen: dict[str, str]
) -> None:
    asked: list[str] = []
    monkeypatch.setattr("rag.models.weights.pull", lambda name, **_rest: asked.append(name))
    download_chosen(load_settings(chosen), ignore, ignore)

    assert asked == ([] if chosen == {"judge": JUDGE} else [LARGER])


def test_where_the_larger_judge_cannot_be_had_one_line_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.models.weights.pull", failing_pull)
    lines: list[str] = []
    download_chosen(load_settings(), ignore, lines.append)

    assert lines == [f"the judge is {JUDGE}: {LARGER} cannot be downloaded: no network (connect)"]
    with pytest.raises(ModelMissing, match=r"Qwen3-0\.6B cannot be downloaded"):
        download_chosen(replace(load_settings(), reader="Qwen3-0.6B"), ignore, ignore)


def test_a_wrong_name_is_an_error_and_not_a_download() -> None:
    with pytest.raises(ModelMissing, match="no judge is called 'nonsense'"):
        download_chosen(load_settings({"judge": "nonsense"}), ignore, ignore)


def test_nothing_is_downloaded_where_it_is_or_memory_is_too_small(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.models.weights.pull", failing_pull)
    lines: list[str] = []
    give_encoder(cache)
    download_chosen(load_settings(), ignore, lines.append)
    monkeypatch.setattr(loaded, "machine_memory", lambda: MachineMemory(2_000_000_000, 2_000_000_000))
    download_chosen(load_settings(), ignore, lines.append)

    assert lines == [
        f"the judge is {LARGER} (auto)",
        f"the judge is {JUDGE} (auto; 2.0 GB of memory is too little for {LARGER})",
    ]


def test_an_evaluation_does_not_depend_on_what_was_downloaded(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    give_encoder(cache)

    def judge_of(settings: Settings) -> str:
        return Models(settings).judge_name

    assert judge_of(load_settings()) == LARGER
    assert judge_of(settings_for()) == JUDGE
    monkeypatch.setenv("NUTGRAF_JUDGE", LARGER)
    assert judge_of(settings_for()) == LARGER
