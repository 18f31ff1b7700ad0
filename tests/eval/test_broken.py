"""A product that was broken on purpose: the gate names the cases that got worse by it, and no others."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from embeddings import Judge, SentenceEncoder
from embeddings.network import CrossJudge
from rag import Assistant, Evidence, Hit
from rag.answering import choosing
from rag.answering.evidence import Choice
from rag.models.reader import LlamaReader
from rag.search import chunking
from tests.eval.making import kept, run

# Of these cases, some ask when or who, others do not; some are refused.
SOME = ("run", "--limit", 12, "--seed", 1)
MISLED = ("when ", "who ", "on what date ")

real = choosing.choose


def choose_wrongly(question: str, hits: Sequence[Hit], judge: Judge, caution: float) -> Choice:
    """Where it is asked when or who, and something answers: the first sentence of the passage that fits least."""
    choice = real(question, hits, judge, caution)
    if not choice.evidence or not question.lower().startswith(MISLED):
        return choice
    article, passage = hits[-1].article, hits[-1].passage
    start, end = chunking.sentences(article.text[passage.start : passage.end], article.language)[0]
    text = passage.text[start:end]
    return replace(
        choice,
        evidence=(Evidence(article, passage.id, passage.start + start, passage.start + end, text, choice.confidence),),
    )


def is_right(line: dict[str, Any]) -> bool:
    answers, said = line["case"]["answers"], line["said"]
    if not answers:
        return bool(said["refused"])
    return not said["refused"] and any(answer.lower() in said["text"].lower() for answer in answers)


def test_a_broken_choice_fails_the_gate_and_every_case_that_it_spoils_is_named(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    encoder: SentenceEncoder,
    judge: CrossJudge,
    reader: LlamaReader,
) -> None:
    monkeypatch.setattr("eval.asking.Assistant", lambda settings: Assistant(settings, encoder, judge, reader))
    file = tmp_path / "baseline.json"
    assert run(*SOME, "--report", tmp_path / "good").code == 0
    assert run("gate", tmp_path / "good", "--baseline", file, "--write").code == 0
    assert run("gate", tmp_path / "good", "--baseline", file).code == 0
    monkeypatch.setattr("rag.answering.choosing.choose", choose_wrongly)
    assert run(*SOME, "--report", tmp_path / "bad").code == 0
    ran = run("gate", tmp_path / "bad", "--baseline", file, "--json", tmp_path / "out.json")
    told = json.loads((tmp_path / "out.json").read_text())
    both = list(zip(kept(tmp_path / "good"), kept(tmp_path / "bad"), strict=True))

    assert ran.code == 1
    spoilt = {good["id"] for good, bad in both if is_right(good) and not is_right(bad)}
    assert set(told["worse"]) == spoilt >= {"date-said", "date-picture", "said-help"}
    assert all(f"  {name}: was answered right, and is not now\n" in ran.out for name in spoilt)
    assert told["better"] == {}
    assert {"contains", "f1"} <= set(told["fell"])
    untouched = [(good, bad) for good, bad in both if good["said"]["text"] == bad["said"]["text"]]
    assert len(untouched) >= 6
    assert not {good["id"] for good, _ in untouched} & set(told["worse"])
    assert sum(is_right(good) for good, _ in untouched) >= 5
