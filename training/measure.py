"""Measure and calibrate a judge on questions that are held back from training."""

from __future__ import annotations

import random
import re
import string
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, roc_auc_score

from embeddings.judge import Judge, Judgement, Pair, joined
from embeddings.network import Calibration, CrossJudge
from rag.search import chunking
from training import contrast, invented, sets, stories
from training.examples import Example, contains_answer, interrupted
from training.sets import Case
from training.stories import Story

_WINDOW_WORDS = 60
# Windows of other texts beside or instead of the paragraph.
_NOISE_WINDOWS = 5


class Reading(NamedTuple):
    """The right answers to a question, the judgement of its best window, and the answer found there."""

    answers: tuple[str, ...]
    best: Judgement
    found: str


def measure(data: Path, weights: Path, limit: int, out: Path, base: Path) -> dict[str, Any]:
    """Measure on held-back titles that were not calibrated on and on the other sets, about `limit` cases of each.

    What takes long to compute is stored in the folder `out`. Raises: OSError, ValueError.
    """
    out.mkdir(parents=True, exist_ok=True)
    judge = CrossJudge(base, weights, "")
    _, held = sets.questions(data)
    near = sets.near_windows(held, out / "near-held.json")
    _, held = sets.halves(held)
    squad_ids = {str(row["id"]) for row in sets.read(data / "squad2_half", "reading.jsonl")}
    squad = [case for case in held if case.id in squad_ids]
    return {
        "squad2_half, unseen titles": questions(judge, squad[:: max(1, len(squad) // (2 * limit))]),
        "noise of the topic": noise(judge, held[:: max(1, len(held) // limit)], near),
        "stories, unseen": stories.measure(judge, stories.read()[1]),
        "interrupted stories": interruptions(judge, stories.read()[1]),
        "newsqa": given_passages(judge, sets.read(data / "newsqa", "reading.jsonl")[:: max(1, 2160 // limit)]),
        "multihop500": given_passages(judge, sets.read(data / "multihop500", "reading.jsonl")[:limit]),
        "rte": claims(judge, sets.split(sets.read(data / "rte", "claims.jsonl"))[1]),
        "fitz_gov": modes(judge, sets.split(sets.read(data / "fitz_gov", "modes.jsonl"))[1]),
        "contrast pairs": kinds(judge, contrast_examples(held[:: max(1, len(held) // limit)])),
        "expertqa_val": claims(judge, sets.read(data / "expertqa_val", "claims.jsonl")[:limit]),
    }


def calibrate(data: Path, weights: Path, limit: int, base: Path) -> Calibration:
    """Calibrate `weights`, which have no calibration yet, on about `limit` cases held back for it."""
    _, held = sets.questions(data)
    near = sets.near_windows(held, weights.with_name("near-held.json"))
    cases, _ = sets.halves(held)
    return fit_calibration(CrossJudge(base, weights, ""), cases[:: max(1, len(cases) // limit)], near)


def fit_calibration(judge: Judge, cases: Sequence[Case], near: Mapping[str, Sequence[str]]) -> Calibration:
    """Fit a scale and a bias (Platt 1999) to the answer log-odds of each reading's best window.

    A case is read alone, among near windows and, if it has an answer, in those only. A reading is right if the answer
    found contains a right one or is part of it. `judge` must have the default calibration.
    """
    sums, right = list[tuple[float]](), list[bool]()
    for case in cases:
        texts = _noise_texts(case, near)
        readings = [_read_case(judge, case)]
        if texts:
            readings.append(_read_case(judge, case, texts))
        if texts and case.answers:
            readings.append(read(judge, case.question, (), texts))
        for reading in readings:
            sums.append((reading.best.answers / Calibration().scale,))
            right.append(_overlaps_answer(reading))
    fit = LogisticRegression(C=100.0).fit(np.array(sums), right)
    return Calibration(round(float(fit.coef_[0, 0]), 4), round(float(fit.intercept_[0]), 4))


def read(judge: Judge, question: str, answers: Sequence[str], passages: Sequence[tuple[str, str]]) -> Reading:
    """Read `(title, text)` passages window by window, as the product does."""
    pairs = [
        Pair(question, f"{title}\n{text[span.start : span.end]}" if title else text[span.start : span.end], len(title))
        for title, text in passages
        for span in chunking.split(text, _WINDOW_WORDS)
    ]
    judgements = judge.judge(pairs)
    at = max(range(len(pairs)), key=lambda i: (judgements[i].answers, -i))
    best = judgements[at]
    return Reading(tuple(answers), best, pairs[at].text[best.start : best.end])


def questions(judge: Judge, cases: Sequence[Case]) -> dict[str, float]:
    """Measure F1 and refusals as SQuAD 2.0 does, at the threshold that is best for these cases."""
    return summary([_read_case(judge, case) for case in cases])


def given_passages(judge: Judge, rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Measure the same on questions that come with their passages."""
    readings = [
        read(judge, row["question"], row["answers"], [(p.get("title", ""), p["text"]) for p in row["passages"]])
        for row in rows
    ]
    return summary(readings)


def noise(judge: Judge, cases: Sequence[Case], near: Mapping[str, Sequence[str]]) -> dict[str, float]:
    """Measure the same on each question twice: its paragraph among near windows, and those alone, without an answer."""
    readings = []
    for case in cases:
        texts = _noise_texts(case, near)
        if case.answers and len(texts) == _NOISE_WINDOWS:
            readings += [_read_case(judge, case, texts), read(judge, case.question, (), texts)]
    return summary(readings)


def claims(judge: Judge, rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Measure balanced accuracy at the best threshold and at 0, and AUROC. A long text counts by its best window."""
    scores = []
    for row in rows:
        text = row["evidence"]
        spans = chunking.split(text, 100) if len(text.split()) > 120 else None
        texts = [text[span.start : span.end] for span in spans] if spans else [text]
        judgements = judge.judge([Pair(row["claim"], text) for text in texts])
        scores.append(max(judgement.supports for judgement in judgements))
    supported, found = np.array([bool(row["supported"]) for row in rows]), np.array(scores)

    def balanced_accuracy(threshold: float) -> float:
        return float((found[supported] >= threshold).mean() + (found[~supported] < threshold).mean()) / 2

    best, threshold = max((balanced_accuracy(score), float(score)) for score in np.unique(found))
    return {
        "n": len(rows),
        "auroc": float(roc_auc_score(supported, found)),
        "balanced": best,
        "at": threshold,
        "at 0": balanced_accuracy(0.0),
    }


def interruptions(judge: Judge, told: Sequence[Story]) -> dict[str, float]:
    """Measure how far the log-odds of what answers fall when a headline or a question of another story stands in it.

    "lost" is the share, of what is above 0 without it, that is below -1 with it.
    """
    rng = random.Random(0)
    lines = [line for one in told for line in (one.passages[0].title, one.questions[0].question)]
    answering = [example for example in stories.examples(told, 0, 0) if example.answers]
    pairs = [interrupted(example, rng.choice(lines), rng).pair for example in answering]
    before, after = (
        np.array([judged.answers for judged in judge.judge(some)])
        for some in ([example.pair for example in answering], pairs)
    )
    return {
        "n": len(answering),
        "mean fall": float((before - after).mean()),
        "lost": float((after[before > 0] < -1).mean()),
    }


def contrast_examples(cases: Sequence[Case]) -> list[Example]:
    """Return all contrast pairs of these cases, and of the invented articles that are held back."""
    names, rng = contrast.Names(case.text for case in cases), random.Random(0)
    _, articles = invented.read()
    groups = [group for article in articles for group in invented.groups(article, rng)]
    for case in [*cases, *(case for article in articles for case in article.cases)]:
        groups += [group for fact in contrast.facts(case, rng) for group in contrast.groups(fact, names, rng)]
    return [example for group in groups for example in group]


def kinds(judge: Judge, examples: Sequence[Example]) -> dict[str, dict[str, float]]:
    """Measure, for each kind of contrast pair, the AUROC of those that fit against those that do not."""
    judgements = judge.judge([example.pair for example in examples])
    rows = [
        (example.kind, bool(example.answers), one.answers)
        if example.answers is not None
        else (example.kind, bool(example.supports), one.supports)
        for example, one in zip(examples, judgements, strict=True)
    ]
    figures = {}
    for kind in sorted({kind for kind, fits, _ in rows if not fits}):
        # What was written has its pairs that fit under the more general kind.
        some = [row for row in rows if row[0] == kind or (row[1] and kind.startswith(f"{row[0]}, "))]
        if len({fits for _, fits, _ in some}) == 2:
            auroc = float(roc_auc_score([fits for _, fits, _ in some], [score for *_, score in some]))
            figures[kind] = {"n": float(len(some)), "auroc": auroc}
    return figures


def modes(judge: Judge, rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """Measure how well disputed, silent and trustworthy texts are told apart: AUROC, and the mean F1 at 0."""
    judgements = judge.judge([Pair(row["question"], joined([p["text"] for p in row["passages"]])) for row in rows])
    labels = [str(row["expected"]) for row in rows]
    disputes, silent = ([getattr(one, head) for one in judgements] for head in ("disputes", "silent"))
    predicted = [
        "trustworthy" if max(scores) < 0 else "disputed" if scores[0] > scores[1] else "abstain"
        for scores in zip(disputes, silent, strict=True)
    ]
    return {
        "n": len(rows),
        "auroc disputed": float(roc_auc_score([label == "disputed" for label in labels], disputes)),
        "auroc abstain": float(roc_auc_score([label == "abstain" for label in labels], silent)),
        "macro f1": float(f1_score(labels, predicted, average="macro")),
    }


def summary(readings: Sequence[Reading]) -> dict[str, float]:
    """Summarise readings: F1 and refusals, at the threshold with the best F1 over all questions."""
    scores = np.array([reading.best.answers for reading in readings])
    f1s = np.array(
        [max((f1(reading.found, answer) for answer in reading.answers), default=0.0) for reading in readings]
    )
    answerable = np.array([bool(reading.answers) for reading in readings])
    contained = [float(_contains(reading.found, reading.answers)) for reading in readings if reading.answers]
    figures = {
        "n": float(len(readings)),
        "f1 of the answerable": float(f1s[answerable].mean()) if answerable.any() else 0.0,
        "contains": float(np.mean(contained or [0.0])),
    }
    if answerable.all() or not answerable.any():
        return figures
    thresholds = np.unique(scores)
    overall = [float(np.where(answerable, np.where(scores >= t, f1s, 0), scores < t).mean()) for t in thresholds]
    threshold = thresholds[int(np.argmax(overall))]
    return figures | {
        "auroc": float(roc_auc_score(answerable, scores)),
        "best f1 overall": max(overall),
        "refused of the unanswerable": float((scores[~answerable] < threshold).mean()),
        "f1 of the answerable there": float(np.where(scores >= threshold, f1s, 0)[answerable].mean()),
        "threshold": float(threshold),
    }


def f1(found: str, answer: str) -> float:
    """Compute the F1 of the words that both have, as SQuAD's evaluation script does."""
    ours, theirs = _normalised(found), _normalised(answer)
    if not ours or not theirs:
        return float(ours == theirs)
    common = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * common / (len(ours) + len(theirs))


def _contains(found: str, answers: Sequence[str]) -> bool:
    text = " ".join(_normalised(found))
    return any(" ".join(_normalised(answer)) in text for answer in answers)


def _normalised(text: str) -> list[str]:
    """Split into words as SQuAD's evaluation script does: lower case, no punctuation, no articles."""
    bare = "".join(char for char in text.lower() if char not in string.punctuation)
    return re.sub(r"\b(a|an|the)\b", " ", bare).split()


def _noise_texts(case: Case, near: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    texts = [text for text in near[case.id] if not contains_answer(text, case.answers)]
    return [("", text) for text in texts[:_NOISE_WINDOWS]]


def _read_case(judge: Judge, case: Case, others: Sequence[tuple[str, str]] = ()) -> Reading:
    return read(judge, case.question, case.answers, [(case.title, case.text), *others])


def _overlaps_answer(reading: Reading) -> bool:
    found = reading.found.casefold()
    return any(
        answer.casefold() in found or (len(found) > 1 and found in answer.casefold()) for answer in reading.answers
    )
