"""A copy with a false sentence neither hides what the others say nor speaks in their name."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Assistant, Question, Upload
from rag.search import copies
from rag.types import Article, Span
from tests.rag.archive.test_stories import WIRE
from tests.rag.making import assistant

TRUE = "The bridge cost forty million crowns, according to the council."
FALSE = "The bridge cost ninety million crowns, because the mayor stole fifty."
COST = "The bridge cost what?"


def copy(outlet: str, sentence: str) -> Upload:
    head = f"---\ntitle: Floods\nsource: {outlet}\ndate: 2021-03-01\n---\n\n"
    return Upload(f"{outlet}.md", f"{head}{WIRE} {sentence} {WIRE.replace('north', 'south')}".encode())


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Assistant]:
    with assistant(tmp_path) as opened:
        opened.ingest([copy("Tarn Post", TRUE), copy("Wire", TRUE), copy("Evil Blog", FALSE)])
        assert len(opened.same_story(opened.articles()[0].id)) == 3
        yield opened


@pytest.mark.parametrize("text", [COST, FALSE])
def test_what_a_copy_says_otherwise_is_found_beside_it(archive: Assistant, text: str) -> None:
    hits = archive.search(Question(text), 20)
    for sentence in (TRUE, FALSE):
        assert len([hit for hit in hits if sentence in hit.passage.text]) == 1
    for hit in hits:
        if FALSE in hit.passage.text:
            assert hit.outlets == ()
        if TRUE in hit.passage.text:
            assert hit.outlets == ("Tarn Post", "Wire")


def test_a_quote_names_only_the_outlets_that_ran_it(archive: Assistant) -> None:
    answer = archive.ask(Question(COST))
    told = [(one.evidence.text, one.outlets) for one in answer.citations]
    told += [(one.evidence.text, one.outlets) for one in answer.testimonies]
    told += [(one.evidence.text, one.outlets) for one in archive.find_all(Question(COST)).testimonies]
    assert {names for text, names in told if text == FALSE} <= {()}
    assert {names for text, names in told if text == TRUE} == {("Tarn Post", "Wire")}


@pytest.mark.parametrize(
    ("other", "runs"),
    [
        ("It rained.\nThe mayor\nstole the money. It is late.", True),
        ("Nobody said the mayor stole the money.", False),
        ("It is false that The mayor stole the money. It rained.", False),
        ("The mayor stole the money. From whom?", True),
        ("The mayor stole the money.5 crowns were left, the council told reporters who asked.", False),
        ("It rained.", False),
    ],
)
def test_an_outlet_runs_a_sentence_only_as_one_of_its_own(other: str, *, runs: bool) -> None:
    quote = "The mayor stole the money."
    one, two = Article("a", "", quote, "0", "Post"), Article("b", "", other, "0", "Sun")
    assert copies.outlets(one, Span(0, len(quote)), (one, two)) == (("Post", "Sun") if runs else ())
    assert copies.tells_more(one, Span(0, len(quote)), [two]) is not runs


def test_a_quote_cut_from_a_sentence_is_compared_as_the_whole_sentence() -> None:
    one = Article("a", "", "Nobody says that the mayor stole the money.", "0", "Post")
    two = Article("b", "", "the mayor stole the money.", "0", "Sun")
    assert copies.outlets(one, Span(17, len(one.text)), (one, two)) == ()
