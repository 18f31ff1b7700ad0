"""`python -m eval read --noise N`: near passages of other cases, without the answer."""

from __future__ import annotations

from pathlib import Path

from eval import noise
from eval.cases import Case, Source
from rag import Question, load_settings

TEXTS = {
    "tarn": "Mayor Ada Holm opened the harbour bridge in Tarn. The bridge cost 40 million crowns.",
    "lisk": "The footbridge in Lisk cost 3 million crowns. It was paid for by a bequest.",
    "same": "In all, the bridges of the district cost 40 million crowns a year to keep.",
    "rain": "Rain fell for eight days. The river rose by two metres.",
}
COST = Question("How much did the harbour bridge in Tarn cost?")


def test_every_other_case_has_only_passages_of_others_and_none_has_an_answer(tmp_path: Path) -> None:
    sources = {name: Source(name, text) for name, text in TEXTS.items()}
    drawn = [
        Case(name, COST, ("40 million crowns",), gold=(), passages=(sources["tarn"],)) for name in ("first", "second")
    ]
    others = [Case(name, COST, passages=(source,)) for name, source in sources.items()]

    beside, instead = noise.added(drawn, [*drawn, *others], 1, load_settings({"archive": tmp_path / "noise"}))

    assert [passage.text for passage in beside.passages] == [TEXTS["tarn"], TEXTS["lisk"]]
    assert [passage.text for passage in instead.passages] == [TEXTS["lisk"]]
    assert (beside.answers, instead.answers) == (("40 million crowns",), ())
    assert (beside.type, instead.type) == ("beside noise", "noise alone")
