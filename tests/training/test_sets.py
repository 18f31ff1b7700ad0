from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from training import sets

DATA = Path(__file__).parents[3] / "shared" / "data"
MEASURED = ("newsqa", "multihop500")

pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no public sets at ../shared/data")


def hashes(text: str) -> set[str]:
    """Hash every eight words in a row, so that contexts that are cut or joined differently are found, too."""
    words = text.lower().split()
    return {
        hashlib.sha256(" ".join(words[at : at + 8]).encode()).hexdigest()[:16] for at in range(max(1, len(words) - 7))
    }


def contexts(name: str) -> Iterator[str]:
    for row in sets.read(DATA / name, "reading.jsonl"):
        yield from (passage["text"] for passage in row["passages"])


def test_no_measured_context_is_trained_on() -> None:
    train, held = sets.questions(DATA)
    trained = set().union(*(hashes(text) for text in {case.text for case in train}))
    for name, texts in (("held back", {case.text for case in held}), *((n, set(contexts(n))) for n in MEASURED)):
        shared = [text for text in texts if len(hashes(text) & trained) > 0.2 * len(hashes(text))]
        assert not shared, f"{name}: {shared[:3]}"


def test_titles_are_held_back_whole() -> None:
    train, held = sets.questions(DATA)

    assert train
    assert held
    assert not {case.title for case in train} & {case.title for case in held}


def test_a_fifth_is_held_back_by_id() -> None:
    train, held = sets.split([{"id": n} for n in range(1000)])

    assert 150 < len(held) < 250
    assert len(train) + len(held) == 1000
    assert sets.split([{"id": n} for n in range(999, -1, -1)])[1] == held[::-1]
