"""Two small articles in an archive, and questions about them, for `python -m eval run` on fakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rag import Assistant, Upload, load_settings
from tests.fakes import HashEncoder, ScriptedReader, WordJudge

BRIDGE = "It rained. The stone bridge opened on Monday."
RAIN = "Nobody was hurt. Heavy rain fell in Lancaster."


def gold(name: str, text: str, sentence: str) -> dict[str, Any]:
    start = text.index(sentence)
    return {"article_id": name, "start": start, "end": start + len(sentence)}


OPENED = gold("bridge.txt", BRIDGE, "The stone bridge opened on Monday.")
CASES: tuple[dict[str, Any], ...] = (
    {"id": "1", "question": "the stone bridge opened", "answers": ["Monday"], "gold": [OPENED], "type": "date"},
    {"id": "2", "question": "rain fell heavy in", "answers": ["Lancaster"], "sources": ["Post"], "type": "narrowed"},
    {"id": "3", "question": "nuclear submarines abroad", "answers": [], "type": "off-topic"},
)


def archived(folder: Path, bridge: str = BRIDGE) -> Path:
    """Make an archive of both articles through the fakes."""
    with Assistant(load_settings({"archive": folder}), HashEncoder(), WordJudge(), ScriptedReader()) as assistant:
        report = assistant.ingest(
            [
                Upload("bridge.txt", f"A bridge\n\n{bridge}\n".encode()),
                Upload("rain.txt", f"Weather\nSource: Post\n\n{RAIN}\n".encode()),
            ]
        )
    assert len(report.added) == 2
    return folder
