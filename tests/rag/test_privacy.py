"""What can leave this machine, and what forbids it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from rag import load_settings, offline_reason, outgoing_traffic, with_changes
from tests.hub import forget_hugging_face


@pytest.fixture(autouse=True)
def hugging_face(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    forget_hugging_face(monkeypatch, tmp_path / "hf")


def test_only_missing_models_would_be_requested() -> None:
    listed = "\n".join(f"{row.when}: {row.what}" for row in outgoing_traffic(load_settings()))

    assert "You add an address in the Library" in listed
    assert "robots.txt" in listed
    assert "Qwen/Qwen3-8B-GGUF/Qwen3-8B-Q4_K_M.gguf (5,028 MB come back)" in listed
    assert "all-MiniLM-L6-v2" not in listed
    assert "You download nutgraf-judge:" not in listed
    assert "You download nutgraf-judge-mpnet: a request for sentence-transformers/all-mpnet-base-v2/" in listed
    assert "token" not in listed


def test_what_the_environment_adds_is_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_a_token")
    monkeypatch.setenv("HF_ENDPOINT", "http://mirror.example")
    page, *hub = outgoing_traffic(replace(load_settings(), allow_private=True))

    assert "private addresses too" in page.to
    index = "http://mirror.example or, where that fails, the package index that pip uses"
    assert {row.to for row in hub} == {"http://mirror.example", index}
    assert all("your Hugging Face token" in row.what and "hf_a_token" not in row.what for row in hub)


def test_what_forbids_the_network_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = load_settings()
    assert (offline_reason(settings), offline_reason(settings, hub_only=True)) == ("", "")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert (offline_reason(settings), offline_reason(settings, hub_only=True)) == ("", "HF_HUB_OFFLINE")
    assert [bool(row.blocked_by) for row in outgoing_traffic(settings)][:2] == [False, True]
    offline = with_changes(settings, {"offline": True})
    assert offline_reason(offline) == "the setting offline"
    assert all(row.blocked_by == "the setting offline" for row in outgoing_traffic(offline))
    monkeypatch.setenv("NUTGRAF_OFFLINE", "1")
    assert offline_reason(load_settings()) == "NUTGRAF_OFFLINE"
