from __future__ import annotations

from embeddings import Pair
from tests.fakes import HashEncoder
from training import check
from training.examples import Example

TEXT = "heavy rain destroyed 200 homes in the valley"
CLAIMS = [
    Example(Pair("rain destroyed homes in the valley", TEXT), supports=True),
    Example(Pair("rain destroyed 200 homes", TEXT), supports=True),
    Example(Pair("rain destroyed 300 homes", TEXT), supports=False),
    Example(Pair("nobody likes soup", TEXT), supports=False),
]


def test_nearness_counts_for_a_claim_and_a_missing_fact_against_it() -> None:
    found = check.fitted([CLAIMS, CLAIMS[:3]], HashEncoder())

    assert found.nearness > 0 > found.fact_missing
    assert found.nearness + found.far > 0
