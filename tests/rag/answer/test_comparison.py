"""What outlets tell alike, with other amounts, or alone; every quote stands in its article."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from embeddings import SentenceEncoder
from embeddings.network import CrossJudge
from rag import (
    Assistant,
    Comparison,
    Done,
    Question,
    QuestionInvalid,
    Upload,
    comparison_table,
    correction,
    settings,
)
from rag.contract import comparison_json

ARTICLES = {
    (
        "Ferry runs aground",
        "Tarn Post",
        "2024-05-02",
    ): "The ferry Petrel ran aground on rocks off Hask on Wednesday night. "
    "Twelve people were hurt in the accident, the coastguard said. “We were wet and cross,” a passenger said. "
    "The line has cancelled the regatta concert of the town's choir.",
    ("Petrel on the rocks", "Lund Herald", "2024-05-02"): "On Wednesday night the ferry Petrel ran on to the rocks off "
    'Hask. Fourteen people were hurt in the accident, the hospital said. "We were wet and cross," a passenger said. '
    "The captain was tested for alcohol.",
    ("Petrel aground", "Kell Wire", "2024-05-03"): "The ferry Petrel ran aground on rocks off Hask on Wednesday night, "
    "its owner said.",
    ("Chess", "Kell Wire", "2024-05-03"): "A girl of fifteen has won the northern chess title.",
    ("Orrel bridge costs more", "Orrel Times", "2024-06-05"): "The Orrel bridge will cost 658 million crowns.",
    ("Correction: the Orrel bridge", "Orrel Times", "2024-06-07"): "We gave a wrong figure for the bridge, 658 million "
    "crowns. It will cost 685 million crowns.",
    (
        "The bill for the bridge",
        "Hask Star",
        "2024-06-06",
    ): "The Orrel bridge will cost 640 million crowns. It may cost 658 million crowns with interest.",
}
PETREL = Question("the grounding of the ferry Petrel", sources=("tarn post", "Lund Herald"))


@pytest.fixture(scope="module")
def archive(
    tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder, judge: CrossJudge
) -> Iterator[Assistant]:
    home = tmp_path_factory.mktemp("outlets")
    with Assistant(settings.load_settings({"home": home}), encoder, judge) as assistant:
        rows = [
            dict(zip(("title", "source", "published"), key, strict=True)) | {"text": ARTICLES[key]} for key in ARTICLES
        ]
        assistant.ingest([Upload("rows.jsonl", "\n".join(map(json.dumps, rows)).encode())])
        yield assistant


def quotes(found: Comparison, kind: str) -> list[list[str]]:
    return [[quote.text for quote in piece.quotes] for piece in found.pieces if piece.kind == kind]


def test_outlets_tell_alike_with_other_amounts_or_alone(archive: Assistant) -> None:
    found = archive.compare(PETREL)
    (differing,) = found.of("may differ")

    assert (found.outlets, found.articles, found.stopped) == (("Tarn Post", "Lund Herald"), (1, 1), False)
    assert [quote.short for quote in differing.quotes] == ["Twelve", "Fourteen"]
    assert [
        "The ferry Petrel ran aground on rocks off Hask on Wednesday night.",
        "On Wednesday night the ferry Petrel ran on to the rocks off Hask.",
    ] in quotes(found, "alike")
    assert ["The captain was tested for alcohol."] in quotes(found, "alone")


def test_the_same_words_need_no_model(archive: Assistant) -> None:
    (same,) = (piece for piece in archive.compare(PETREL).pieces if piece.same_words)

    assert [quote.text for quote in same.quotes] == [
        "“We were wet and cross,” a passenger said.",
        '"We were wet and cross," a passenger said.',
    ]


def test_every_quote_and_amount_stands_in_its_article_and_the_most_central_is_first(archive: Assistant) -> None:
    found = archive.compare(PETREL)

    for piece in found.pieces:
        assert piece.outlets == tuple(quote.article.source for quote in piece.quotes)
        for quote in piece.quotes:
            assert quote.article.text[quote.start : quote.end] == quote.text
            assert quote.answer is None or quote.start <= quote.answer.start < quote.answer.end <= quote.end
    central = [piece.centrality for piece in found.pieces]
    assert central == sorted(central, reverse=True)
    assert archive.compare(PETREL) == found


def test_a_third_outlet_joins_what_two_tell(archive: Assistant) -> None:
    found = archive.compare(Question(PETREL.text, sources=("Tarn Post", "Lund Herald", "Kell Wire")))

    assert ("Tarn Post", "Lund Herald", "Kell Wire") in [piece.outlets for piece in found.of("alike")]
    assert found.articles == (1, 1, 1)


def test_an_outlet_may_tell_nothing_of_the_topic(archive: Assistant) -> None:
    found = archive.compare(Question("the northern chess title", sources=("Kell Wire", "Lund Herald")))

    assert found.articles == (1, 0)
    assert {piece.outlets for piece in found.pieces} == {("Kell Wire",)}


def test_a_topic_that_no_article_is_about_has_no_pieces(archive: Assistant) -> None:
    found = archive.compare(Question("a volcano in Peru", sources=PETREL.sources))

    assert (found.articles, found.pieces, found.uncertain) == ((0, 0), (), 0)


def test_what_a_notice_corrects_is_marked_everywhere_and_what_another_outlet_tells_is_not(archive: Assistant) -> None:
    found = archive.compare(Question("the cost of the Orrel bridge", sources=("Orrel Times", "Hask Star")))
    pairs = [pair for piece in found.pieces for pair in zip(piece.quotes, piece.notices, strict=True)]
    marked = {quote.text: correction(quote, notice) for quote, notice in pairs if notice}

    assert marked == {
        "The Orrel bridge will cost 658 million crowns.": "corrected since: Orrel Times, 2024-06-07",
        "We gave a wrong figure for the bridge, 658 million crowns.": "corrected in this article",
    }
    ids = [notice.id if notice else "" for _, notice in pairs]
    assert [row[7] for row in comparison_table(found).rows] == ids
    pieces = comparison_json(found)["pieces"]
    assert [quote["corrected_by"] or "" for piece in pieces for quote in piece["quotes"]] == ids


def test_a_comparison_can_be_stopped(archive: Assistant) -> None:
    done = list[Done]()
    found = archive.compare(PETREL, done.append)
    stopped = archive.compare(PETREL, stopped=lambda: True)

    assert (done[-1].share, found.stopped) == (1.0, False)
    assert (stopped.stopped, stopped.pieces, stopped.uncertain) == (True, (), 0)


@pytest.mark.parametrize(
    ("sources", "said"),
    [
        ((), "a comparison needs two outlets, and none is named"),
        (("Tarn Post", "The Tarn Post"), "a comparison needs two outlets, and only 'Tarn Post' is named"),
        (("Tarn Post", "Nobody"), "no article is from 'Nobody'"),
    ],
)
def test_too_few_or_unknown_outlets_are_an_error_that_names_what_there_is(
    archive: Assistant, sources: tuple[str, ...], said: str
) -> None:
    with pytest.raises(QuestionInvalid, match=said) as raised:
        archive.compare(Question(PETREL.text, sources=sources))
    assert "Kell Wire" in raised.value.hint
