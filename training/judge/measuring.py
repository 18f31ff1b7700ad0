"""Measure a judge on questions that it was not trained on."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from sklearn.metrics import f1_score, roc_auc_score

from embeddings.judge import Judge, Judgement, Pair, joined
from rag.search import chunking
from training.judge.examples import tells
from training.sets import Case

WINDOW_WORDS = 60


class Read(NamedTuple):
    """What the judge says of a case: the best window's judgement, and the words it points at."""

    answers: tuple[str, ...]
    best: Judgement
    said: str


def read(judge: Judge, question: str, answers: Sequence[str], passages: Sequence[tuple[str, str]]) -> Read:
    """Read `(title, text)` passages, a window at a time, as the product does."""
    pairs = [
        Pair(question, f"{title}\n{text[span.start : span.end]}" if title else text[span.start : span.end], len(title))
        for title, text in passages
        for span in chunking.split(text, WINDOW_WORDS)
    ]
    judged = judge.judge(pairs)
    at = max(range(len(pairs)), key=lambda i: (judged[i].answers, -i))
    best = judged[at]
    return Read(tuple(answers), best, pairs[at].text[best.start : best.end])


def questions(judge: Judge, cases: Sequence[Case]) -> dict[str, float]:
    """F1 and refusals as SQuAD 2.0 counts them, at the threshold that is best for these very cases."""
    return summary([read(judge, case.question, case.answers, [(case.title, case.text)]) for case in cases])


def given(judge: Judge, rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """The same for cases whose passages come with them."""
    reads = [
        read(judge, row["question"], row["answers"], [(p.get("title", ""), p["text"]) for p in row["passages"]])
        for row in rows
    ]
    return summary(reads)


def noise(judge: Judge, cases: Sequence[Case], near: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Each question twice: its paragraph among five others of its topic, and those five alone, which do not answer."""
    reads = []
    for case in cases:
        others = [("", text) for text in near[case.id] if not tells(text, case.answers)][:5]
        if case.answers and len(others) == 5:
            reads.append(read(judge, case.question, case.answers, [(case.title, case.text), *others]))
            reads.append(read(judge, case.question, (), others))
    return summary(reads)


def claims(judge: Judge, rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Balanced accuracy at its best threshold, and AUROC; of a long text the window that supports most counts."""
    scores = []
    for row in rows:
        text = row["evidence"]
        spans = chunking.split(text, 100) if len(text.split()) > 120 else None
        texts = [text[span.start : span.end] for span in spans] if spans else [text]
        scores.append(max(one.supports for one in judge.judge([Pair(row["claim"], text) for text in texts])))
    right = np.array([bool(row["supported"]) for row in rows])
    found = np.array(scores)
    balanced = max(
        (float((found[right] >= edge).mean() + (found[~right] < edge).mean()) / 2, float(edge))
        for edge in np.unique(found)
    )
    at_zero = float((found[right] >= 0).mean() + (found[~right] < 0).mean()) / 2
    return {
        "n": len(rows),
        "auroc": float(roc_auc_score(right, found)),
        "balanced": balanced[0],
        "at": balanced[1],
        "at 0": at_zero,
    }


def modes(judge: Judge, rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """How well texts that disagree are told from texts that do not, and silent ones from others; the mean F1 at 0."""
    judged = judge.judge([Pair(row["question"], joined([p["text"] for p in row["passages"]])) for row in rows])
    wanted = [str(row["expected"]) for row in rows]
    said = [
        "trustworthy" if max(one.disputes, one.silent) < 0 else "disputed" if one.disputes > one.silent else "abstain"
        for one in judged
    ]
    return {
        "n": len(rows),
        "auroc disputed": float(roc_auc_score([one == "disputed" for one in wanted], [one.disputes for one in judged])),
        "auroc abstain": float(roc_auc_score([one == "abstain" for one in wanted], [one.silent for one in judged])),
        "macro f1": float(f1_score(wanted, said, average="macro")),
    }


def summary(reads: Sequence[Read]) -> dict[str, float]:
    scores = np.array([one.best.answers for one in reads])
    f1s = np.array([max((f1(one.said, answer) for answer in one.answers), default=0.0) for one in reads])
    answered = np.array([bool(one.answers) for one in reads])
    found = {"n": float(len(reads)), "f1 of the answerable": float(f1s[answered].mean()) if answered.any() else 0.0}
    found["contains"] = float(
        np.mean([float(contains(one.said, one.answers)) for one in reads if one.answers] or [0.0])
    )
    if answered.all() or not answered.any():
        return found
    found["auroc"] = float(roc_auc_score(answered, scores))
    edges = np.unique(scores)
    overall = [float(np.where(answered, np.where(scores >= edge, f1s, 0), scores < edge).mean()) for edge in edges]
    edge = edges[int(np.argmax(overall))]
    found["best f1 overall"] = max(overall)
    found["refused of the unanswerable"] = float((scores[~answered] < edge).mean())
    found["f1 of the answerable there"] = float(np.where(scores >= edge, f1s, 0)[answered].mean())
    found["threshold"] = float(edge)
    return found


def normalised(text: str) -> list[str]:
    """As SQuAD's evaluation script does: no punctuation, no articles, small letters."""
    bare = "".join(char for char in text.lower() if char not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", bare).split()


def f1(said: str, answer: str) -> float:
    given, wanted = normalised(said), normalised(answer)
    if not given or not wanted:
        return float(given == wanted)
    common = sum((Counter(given) & Counter(wanted)).values())
    return 2 * common / (len(given) + len(wanted))


def contains(said: str, answers: Sequence[str]) -> bool:
    given = " ".join(normalised(said))
    return any(" ".join(normalised(answer)) in given for answer in answers)
