from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from embeddings.network import ANSWERS, DISPUTES, SILENT, SUPPORTS
from training import mixture
from training.examples import Example
from training.sets import TRAINED, Case

PARAGRAPH = (
    "The old bridge of Varn was built in 1871 by Anna Korda. It carried 300 carts a day. "
    "In 1902 a flood of the river Lune took its middle arch, and Peter Hale built it anew within two years."
)
NEAR = {"1": ["The bridge of Sorn was built in 1888.", "A flood of the river Ember took a mill in 1902."]}
CASE = Case("1", "When was the bridge of Varn built?", ("1871",), "Varn", PARAGRAPH)
MODES = [
    {"question": "How many carts?", "passages": [{"text": "It carried 300 carts."}, {"text": "It carried 200 carts."}]},
    {"question": "Who built it?", "passages": [{"text": "Anna Korda built it."}]},
]


def unlabelled(epochs: int) -> list[Example]:
    return [example for epoch in range(epochs) for example in mixture.unlabelled(CASE, NEAR, 0, epoch)]


def test_unlabelled_pairs_have_no_label_and_name_the_heads_to_teach() -> None:
    made = unlabelled(20)

    assert {example.teacher_heads for example in made} == {(ANSWERS,), (SUPPORTS,), (DISPUTES, SILENT)}
    assert all(example == Example(example.pair, teacher_heads=example.teacher_heads) for example in made)


def test_an_epoch_is_reproducible_and_differs_from_the_next() -> None:
    assert unlabelled(3) == unlabelled(3)
    assert list(mixture.unlabelled(CASE, NEAR, 0, 0)) != list(mixture.unlabelled(CASE, NEAR, 0, 1))


def test_a_question_is_paired_with_its_paragraph_and_with_near_texts() -> None:
    pairs = [example.pair for example in unlabelled(20) if example.teacher_heads == (ANSWERS,)]
    texts = {pair.text for pair in pairs if pair.asked == CASE.question}

    assert set(NEAR["1"]) < texts
    assert any(text in PARAGRAPH for text in texts)


def test_claims_are_true_and_false() -> None:
    claims = {example.pair.asked for example in unlabelled(40) if example.teacher_heads == (SUPPORTS,)}

    assert any("1871" in claim for claim in claims)
    assert any(claim not in PARAGRAPH and "1871" not in claim for claim in claims)


def test_labelled_rows_give_unlabelled_pairs_too() -> None:
    row = {"claim": "Anna Korda built the bridge in 1871.", "evidence": PARAGRAPH}
    altered = list(mixture.unlabelled_claims([row] * 10, random.Random(0)))
    joined = list(mixture.unlabelled_texts(MODES, random.Random(0)))

    assert {example.teacher_heads for example in altered} == {(SUPPORTS,)}
    assert {example.pair.text for example in altered} == {PARAGRAPH}
    assert row["claim"] not in {example.pair.asked for example in altered}
    assert {example.teacher_heads for example in joined} == {(ANSWERS,), (DISPUTES, SILENT)}


def put(path: Path, rows: Sequence[object]) -> None:
    path.parent.mkdir()
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows), "utf-8")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder of public sets: the case twenty times under several titles, and a claim."""
    rows = [
        {
            "id": f"{n}",
            "question": CASE.question,
            "answers": ["1871"],
            "passages": [{"title": f"{n}", "text": PARAGRAPH}],
        }
        for n in range(20)
    ]
    claims = [{"id": f"{n}", "claim": "Anna Korda built it.", "evidence": PARAGRAPH, "supported": True} for n in (1, 2)]
    modes = [{"id": "1", "expected": "trustworthy", "category": "trustworthy_direct", **MODES[1]}]
    for name in TRAINED:
        put(tmp_path / name / "reading.jsonl", rows)
    put(tmp_path / "rte" / "claims.jsonl", claims)
    put(tmp_path / "fitz_gov" / "modes.jsonl", modes)
    return tmp_path


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_contrast_pairs_are_their_share_of_an_epoch(data: Path, share: float) -> None:
    made = mixture.Mixture(data, data, 1.0, 0, unlabelled=False, contrast_share=share)
    examples = made.examples(0)

    assert sum(bool(example.kind) for example in examples) / len(examples) == pytest.approx(share, abs=0.01)
    assert examples == made.examples(0)
    assert not share or examples != made.examples(1)
