"""What every test shares: a home of its own, the real models loaded once, the sample articles."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from embeddings import SentenceEncoder
from embeddings.network import CrossJudge
from rag import Assistant, settings
from rag.models import weights as models
from rag.models.reader import LlamaReader

SEEDS = Path(__file__).parent.parent / "seeds"
ENCODER, JUDGE, READER = "all-MiniLM-L6-v2", "nutgraf-judge", "SmolLM2-135M-Instruct"

# Only loopback can be reached (pytest-socket); what asks for more should hear "no" at once.
os.environ["HF_HUB_OFFLINE"] = "1"
# No model that whoever runs the tests has downloaded is found, so the judge `auto` is always the small one.
os.environ["HF_HUB_CACHE"] = os.devnull


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the settings or the archive of whoever runs it."""
    for name in list(os.environ):
        if name.startswith("NUTGRAF_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("NUTGRAF_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="session")
def encoder() -> SentenceEncoder:
    located = models.find(ENCODER, "encoder")
    return SentenceEncoder(located.path, ENCODER, located.fingerprint)


@pytest.fixture(scope="session")
def reader() -> LlamaReader:
    return LlamaReader(models.find(READER, "reader").path, READER, context_tokens=2048, threads=0)


@pytest.fixture(scope="session")
def judge() -> CrossJudge:
    return CrossJudge(models.find(ENCODER, "encoder").path, models.find(JUDGE, "judge").path, JUDGE)


@pytest.fixture(scope="session")
def seeds(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder, judge: CrossJudge) -> Iterator[Assistant]:
    """The real assistant over the two sample articles; tests only ask it."""
    home = tmp_path_factory.mktemp("seeds")
    with Assistant(settings.load_settings({"home": home}), encoder, judge) as assistant:
        assistant.ingest(sorted(SEEDS.glob("*.txt")))
        yield assistant


@pytest.fixture(scope="session")
def _ingested(tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder) -> Path:
    """The archive of the sample articles, closed."""
    chosen = settings.load_settings({"home": tmp_path_factory.mktemp("ingested")})
    with Assistant(chosen, encoder) as assistant:
        assistant.ingest(sorted(SEEDS.glob("*.txt")))
    return chosen.archive


@pytest.fixture
def seeded(_own_home: None, _ingested: Path) -> None:
    """Put a copy of the sample articles' archive in the test's own home."""
    shutil.copytree(_ingested, settings.load_settings().archive)
