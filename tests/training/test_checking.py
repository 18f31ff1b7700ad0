"""What the check of claims holds is fitted: nearer claims are surer, and a changed number counts against them."""

from __future__ import annotations

from embeddings import Pair
from tests.fakes import HashEncoder
from training import checking
from training.judge.examples import Example

TEXT = "heavy rain destroyed 200 homes in the valley"
CLAIMS = [
    Example(Pair("rain destroyed homes in the valley", TEXT), supports=True),
    Example(Pair("rain destroyed 200 homes", TEXT), supports=True),
    Example(Pair("rain destroyed 300 homes", TEXT), supports=False),
    Example(Pair("nobody likes soup", TEXT), supports=False),
]


def test_the_nearer_a_claim_the_surer_unless_something_is_unaccounted() -> None:
    found = checking.fitted([CLAIMS, CLAIMS[:3]], HashEncoder())

    assert found.nearness > 0 > found.unaccounted
    assert found.nearness + found.far > 0
