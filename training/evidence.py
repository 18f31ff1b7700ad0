"""Fit the weights of `rag/evidence.py`: a logistic regression over features that can be read off by hand.

    python -m training.evidence DATA_DIR

DATA_DIR holds `squad2_half` and `new_wiki` (for training) and `newsqa` (only measured), as `reading.jsonl.gz`.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from embeddings import Encoder, SentenceEncoder
from rag import chunking, models
from rag.evidence import FEATURES, features
from rag.types import Article, Evidence


class Case(NamedTuple):
    """The features of a question's sentences, `(n, features)`, and which hold an answer: `(n,)` bool."""

    title: str
    rows: npt.NDArray[np.float64]
    answers: npt.NDArray[np.bool_]
    answerable: bool
    off_topic: bool


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
    for name, weight in zip(FEATURES, model.coef_[0], strict=True):
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
    elsewhere = [other for other, case in zip(found[1:], found, strict=False) if _title(other) != _title(case)]
    swapped = [
        {**case, "answers": [], "passages": other["passages"], "off_topic": True}
        for case, other in zip(found, elsewhere, strict=False)
        if _title(case) != _title(other)
    ]
    return [case for case in (_case(row, cached) for row in found + swapped) if case is not None]


def _title(row: dict[str, Any]) -> str:
    return str(row["passages"][0].get("title") or row["passages"][0]["id"])


def _case(row: dict[str, Any], encoder: _Cached) -> Case | None:
    sentences = tuple(_sentences(row["passages"]))
    if not sentences:
        return None
    held = [any(answer.casefold() in item.text.casefold() for answer in row["answers"]) for item in sentences]
    vectors = encoder.encode([row["question"], *(item.text for item in sentences)])
    rows = features(row["question"], sentences, vectors)
    return Case(_title(row), rows, np.array(held), bool(row["answers"]), "off_topic" in row)


def _sentences(passages: Iterable[dict[str, Any]]) -> Iterable[Evidence]:
    for number, passage in enumerate(passages):
        title = str(passage.get("title", "")).replace("_", " ")
        article = Article(str(passage["id"]), title, str(passage["text"]), "")
        for span in chunking.sentences(article.text):
            yield Evidence(article, number, span.start, span.end, article.text[span.start : span.end], 0.0)


def _report(name: str, model: LogisticRegression, cases: Sequence[Case]) -> None:
    scores = [model.predict_proba(case.rows)[:, 1] for case in cases]
    found = [
        bool(case.answers[score.argmax()]) for case, score in zip(cases, scores, strict=True) if case.answers.any()
    ]
    print(f"\n{name}: best sentence holds an answer {np.mean(found):.3f} (n={len(found)})")
    best = np.array([score.max() for score in scores])
    kept = np.array([case.answerable for case in cases])
    off = np.array([case.off_topic for case in cases])
    near = ~kept & ~off
    for label, refusable in (("unanswerable", near), ("off topic", off)):
        if refusable.any():
            both = kept | refusable
            auroc = roc_auc_score(kept[both], best[both])
            print(f"  answerable or {label}: AUROC {auroc:.3f} (n={both.sum()})")
    print("  least probability   answerable kept   unanswerable refused   off topic refused")
    for least in (0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5):
        shares = [
            np.mean(best[kept] >= least),
            *(np.mean(best[some] < least) if some.any() else np.nan for some in (near, off)),
        ]
        print(f"  {least:17.2f}   {shares[0]:15.3f}   {shares[1]:20.3f}   {shares[2]:17.3f}")


class _Cached:
    """An encoder that encodes each sentence of the sets once."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._vectors: dict[str, npt.NDArray[np.float32]] = {}

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        if new:
            self._vectors.update(zip(new, self._encoder.encode(new), strict=True))
        return np.stack([self._vectors[text] for text in texts])


if __name__ == "__main__":
    main()
