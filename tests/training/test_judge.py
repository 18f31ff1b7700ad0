from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import load_file

from embeddings.judge import Pair
from embeddings.network import ANSWERS, DISPUTES, SILENT, SUPPORTS
from training import judge
from training.examples import Example

QUESTION = "How many homes were destroyed?"
AGREEING = "Rain destroyed 200 homes.\nThe rain destroyed 200 homes, officials said."
DISPUTED = "Rain destroyed 200 homes.\nThe rain destroyed 300 homes, officials said."
UNRELATED = "The mayor spoke on Monday.\nThe bridge is closed."
EXAMPLES = [
    Example(Pair(QUESTION, text), disputes=text == DISPUTED, silent=text == UNRELATED)
    for text in (AGREEING, DISPUTED, UNRELATED)
] * 4


def test_only_the_two_heads_are_fitted_again(base: Path, shipped_judge: Path) -> None:
    before = load_file(shipped_judge)
    after = judge.with_refitted_heads(base, shipped_judge, EXAMPLES, [1.0] * len(EXAMPLES))

    assert before.keys() == after.keys()
    changed = [name for name in before if not torch.equal(before[name], after[name])]
    assert sorted(changed) == ["worth.bias", "worth.weight"]
    rows = [bool((before["worth.weight"][head] != after["worth.weight"][head]).any()) for head in range(4)]
    assert [rows[head] for head in (ANSWERS, SUPPORTS, DISPUTES, SILENT)] == [False, False, True, True]
