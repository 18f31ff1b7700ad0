"""Find what is near a question and does not answer it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from embeddings import SentenceEncoder
from rag.search import chunking
from training.sets import Case

_NEAR = 12
_ENCODER = "all-MiniLM-L6-v2"


def windows_near(cases: Sequence[Case], base: Path, cached: Path, say: Callable[[str], None]) -> dict[str, list[str]]:
    """For each question the windows of other paragraphs nearest to it."""
    key = hashlib.sha256("".join(case.id for case in cases).encode()).hexdigest()
    if cached.is_file() and (stored := json.loads(cached.read_text(encoding="utf-8")))["key"] == key:
        return dict(stored["near"])
    texts = {case.text: [case.text[s.start : s.end] for s in chunking.split(case.text, 60)] for case in cases}
    owners = [text for text, windows in texts.items() for _ in windows]
    windows = [window for some in texts.values() for window in some]
    say(f"encoding {len(windows)} windows and {len(cases)} questions, to find what is near but does not answer")
    encoder = SentenceEncoder(base, _ENCODER, "")
    rows = encoder.encode(windows)
    asked = encoder.encode([case.question for case in cases])
    near: dict[str, list[str]] = {}
    for case, vector in zip(cases, asked, strict=True):
        best = np.argsort(-(rows @ vector), kind="stable")[: 4 * _NEAR]
        near[case.id] = [windows[i] for i in best if owners[i] != case.text][:_NEAR]
    cached.write_text(json.dumps({"key": key, "near": near}), encoding="utf-8")
    return near
