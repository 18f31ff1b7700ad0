"""Fit the weights of `rag/evidence.py`: a logistic regression over features that can be read off by hand.

    python -m training.evidence DATA_DIR

DATA_DIR holds `squad2_half` and `new_wiki` (for training) and `newsqa` (only measured), as `reading.jsonl.gz`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from embeddings import Encoder, SentenceEncoder
from rag import evidence, models
from rag.types import Article, Hit, Passage

_CAUTIONS = (0.0, 0.25, 0.5, 0.75, 1.0)


class Case(NamedTuple):
    """The features of a question's sentences, `(n, features)`, and which hold an answer: `(n,)` bool.

    `kind`: "answerable", "unanswerable" (written to look answerable) or "off topic" (another title's passage).
    `refused`: whether `evidence.choose`, as it ships, refuses at each of `_CAUTIONS`.
    """

    title: str
    rows: npt.NDArray[np.float64]
    answers: npt.NDArray[np.bool_]
    kind: str
    refused: tuple[bool, ...]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("data", type=Path)
    parser.add_argument("--limit", type=int, default=2500, help="questions taken from each set")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    located = models.find("all-MiniLM-L6-v2", "encoder")
    encoder = SentenceEncoder(located.path, "all-MiniLM-L6-v2", "")
    sets = {
        name: _cases(options.data / name / "reading.jsonl.gz", encoder, options.limit, options.seed)
        for name in ("squad2_half", "new_wiki", "newsqa")
    }
    titles = sorted({case.title for case in sets["squad2_half"]})
    held = set(titles[::3])
    train = [case for case in sets["squad2_half"] + sets["new_wiki"] if case.title not in held]
    model = LogisticRegression(C=10, max_iter=2000)
    model.fit(np.vstack([case.rows for case in train]), np.concatenate([case.answers for case in train]))
    for name, weight in zip(evidence.FEATURES, model.coef_[0], strict=True):
        print(f"{name:>16} {weight:+.2f}")
    print(f"{'bias':>16} {model.intercept_[0]:+.2f}")
    _report("squad2_half, unseen titles", model, [case for case in sets["squad2_half"] if case.title in held])
    _report("newsqa, unseen", model, sets["newsqa"])


def _cases(path: Path, encoder: Encoder, limit: int, seed: int) -> list[Case]:
    """The cases of a set, and after them each question once more over a passage of another title."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = [json.loads(line) for line in lines]
    random.Random(seed).shuffle(found)
    found = found[:limit]
    cached = _Cached(encoder)
    swapped = [
        {**case, "answers": [], "passages": other["passages"], "off_topic": True}
        for case, other in pairwise(found)
        if _title(case) != _title(other)
    ]
    return [case for case in (_case(row, cached) for row in found + swapped) if case is not None]


def _title(row: dict[str, Any]) -> str:
    return str(row["passages"][0].get("title") or row["passages"][0]["id"])


def _case(row: dict[str, Any], encoder: _Cached) -> Case | None:
    hits = tuple(_hits(row["passages"]))
    sentences = tuple(evidence.sentences(hits))
    if not sentences:
        return None
    question = row["question"]
    held = [any(answer.casefold() in item.text.casefold() for answer in row["answers"]) for item in sentences]
    vectors = encoder.encode([question, *(item.text for item in sentences)])
    rows = evidence.features(question, sentences, vectors)
    kind = "answerable" if row["answers"] else "off topic" if "off_topic" in row else "unanswerable"
    refused = tuple(not evidence.choose(question, hits, encoder, caution).evidence for caution in _CAUTIONS)
    return Case(_title(row), rows, np.array(held), kind, refused)


def _hits(passages: Iterable[dict[str, Any]]) -> Iterable[Hit]:
    for number, passage in enumerate(passages):
        text = str(passage["text"])
        article = Article(str(passage["id"]), str(passage.get("title", "")).replace("_", " "), text, "")
        yield Hit(Passage(number, article.id, 0, 0, len(text), text), article, 0.0, None, None)


def _report(name: str, model: LogisticRegression, cases: Sequence[Case]) -> None:
    scores = [model.predict_proba(case.rows)[:, 1] for case in cases]
    pairs = [(case, score) for case, score in zip(cases, scores, strict=True) if case.answers.any()]
    found = np.mean([bool(case.answers[score.argmax()]) for case, score in pairs])
    print(f"\n{name}: the best sentence holds an answer: {found:.3f} (n={len(pairs)})")
    best = np.array([score.max() for score in scores])
    kinds = np.array([case.kind for case in cases])
    for kind in ("unanswerable", "off topic"):
        both = (kinds == "answerable") | (kinds == kind)
        if (kinds == kind).any():
            print(f"  answerable or {kind}: AUROC {roc_auc_score(kinds[both] == 'answerable', best[both]):.3f}")
    print(f"  refused at caution  {'  '.join(f'{caution:.2f}' for caution in _CAUTIONS)}  with the shipped weights")
    for kind in ("answerable", "unanswerable", "off topic"):
        refused = np.array([case.refused for case in cases if case.kind == kind])
        if len(refused):
            shares = "  ".join(f"{share:.2f}" for share in refused.mean(axis=0))
            print(f"  {kind:>18}  {shares}  (n={len(refused)})")


class _Cached:
    """An encoder that encodes each sentence of the sets once."""

    def __init__(self, encoder: Encoder) -> None:
        self.name, self.fingerprint, self.dimension = encoder.name, encoder.fingerprint, encoder.dimension
        self._encoder = encoder
        self._vectors: dict[str, npt.NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str], progress: Callable[[int], None] | None = None) -> npt.NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if new:
            self._vectors.update(zip(new, self._encoder.encode(new, progress), strict=True))
        return np.stack([self._vectors[text] for text in texts])


if __name__ == "__main__":
    main()
