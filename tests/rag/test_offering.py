"""The models that can be chosen, and what would leave this machine."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from rag import Memory, changed, leaving, load, memory, network_barred, offers
from rag.models.catalogue import CATALOGUE
from tests.hub import forget_hugging_face


@pytest.fixture(autouse=True)
def hugging_face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_hugging_face(monkeypatch, tmp_path / "hf")


def test_every_model_that_a_setting_may_name_is_offered() -> None:
    offered = {offer.id: offer for offer in offers()}

    assert set(offered) == {model.id for model in CATALOGUE}
    assert offered["all-MiniLM-L6-v2"].origin == "package"
    assert offered["nutgraf-judge"].repository == ""
    larger, encoder = offered["nutgraf-judge-mpnet"], offered["all-mpnet-base-v2"]
    assert (larger.role, larger.origin) == ("judge", ""), "its encoder is not here"
    assert (larger.repository, larger.file, larger.size_bytes) == (
        encoder.repository,
        encoder.file,
        encoder.size_bytes,
    )
    assert (offered["Qwen3-8B"].origin, offered["Qwen3-8B"].file) == ("", "Qwen3-8B-Q4_K_M.gguf")


@pytest.mark.parametrize(
    ("total", "free", "fit"),
    [(16_000, 9_000, "fits"), (16_000, 5_800, "fits"), (16_000, 5_799, "tight"), (11_000, 5_000, "too large")],
)
def test_whether_a_model_fits_is_told_by_its_memory(total: int, free: int, fit: str) -> None:
    largest = next(offer for offer in offers() if offer.id == "Qwen3-8B")

    assert largest.ram_bytes == 5_800_000_000
    assert largest.fit(Memory(total * 1_000_000, free * 1_000_000)) == fit


def test_this_machines_memory_is_read() -> None:
    found = memory()

    assert found.total == psutil.virtual_memory().total
    assert 0 < found.free <= found.total


def test_only_what_is_not_here_would_be_asked_for() -> None:
    told = "\n".join(f"{one.when}: {one.what}" for one in leaving(load()))

    assert "You add an address in the Library" in told
    assert "robots.txt" in told
    assert "Qwen/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M.gguf (5,028 MB come back)" in told
    assert "all-MiniLM-L6-v2" not in told
    assert "You download nutgraf-judge:" not in told
    assert "You download nutgraf-judge-mpnet: a request for sentence-transformers/all-mpnet-base-v2/" in told
    assert "token" not in told


def test_what_the_environment_adds_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_a_token")
    monkeypatch.setenv("HF_ENDPOINT", "http://mirror.example")
    page, *hub = leaving(replace(load(), allow_private=True))

    assert "private addresses too" in page.to
    assert {one.to for one in hub} == {"http://mirror.example"}
    assert all("your Hugging Face token" in one.what and "hf_a_token" not in one.what for one in hub)


def test_who_bars_the_network_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load()
    assert (network_barred(settings), network_barred(settings, hub_only=True)) == ("", "")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert (network_barred(settings), network_barred(settings, hub_only=True)) == ("", "HF_HUB_OFFLINE")
    assert [bool(one.barred) for one in leaving(settings)][:2] == [False, True]
    offline = changed(settings, {"offline": True})
    assert network_barred(offline) == "the setting offline"
    assert all(one.barred == "the setting offline" for one in leaving(offline))
    monkeypatch.setenv("NUTGRAF_OFFLINE", "1")
    assert network_barred(load()) == "NUTGRAF_OFFLINE"
