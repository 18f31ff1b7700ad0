"""Two heads are fitted again, and nothing else of a judge changes."""

from __future__ import annotations

import torch
from safetensors.torch import load_file

from embeddings.judge import Pair
from embeddings.network import ANSWERS, DISPUTES, SILENT, SUPPORTS
from rag.models import weights as models
from tests.conftest import ENCODER
from training.judge import heads
from training.judge.examples import Example

ASKED = "How many homes were destroyed?"
SAME = "Rain destroyed 200 homes.\nThe rain destroyed 200 homes, officials said."
OTHER = "Rain destroyed 200 homes.\nThe rain destroyed 300 homes, officials said."
NOTHING = "The mayor spoke on Monday.\nThe bridge is closed."
EXAMPLES = [
    Example(Pair(ASKED, text), disputes=text == OTHER, silent=text == NOTHING) for text in (SAME, OTHER, NOTHING)
] * 4


def test_the_two_heads_learn_what_is_told_and_the_rest_stays() -> None:
    base, own = (models.find(*one).path for one in ((ENCODER, "encoder"), ("nutgraf-judge", "judge")))
    before, after = load_file(own), heads.refitted(base, own, EXAMPLES, [1.0] * len(EXAMPLES))

    assert before.keys() == after.keys()
    changed = [name for name in before if not torch.equal(before[name], after[name])]
    assert sorted(changed) == ["worth.bias", "worth.weight"]
    rows = [bool((before["worth.weight"][head] != after["worth.weight"][head]).any()) for head in range(4)]
    assert [rows[head] for head in (ANSWERS, SUPPORTS, DISPUTES, SILENT)] == [False, False, True, True]
