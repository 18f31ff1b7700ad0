"""Writing: quotes without a reader; with one, only what passes the check, and quotes for the rest."""

from __future__ import annotations

from rag.answer import write
from rag.models.reader import Reader
from rag.types import Article, Evidence, PublishedDate, Verdict
from tests.fakes import ScriptedReader

ONE = "The bridge opened on Monday."
TWO = "It cost 40 million crowns."
ARTICLE = Article("a", "A bridge", f"{ONE} {TWO}", "0", source="Kell Courier", published=PublishedDate(2024, 4, 20))
OTHER = Article("b", "The bridge", ONE, "0")


def evidence(article: Article, text: str) -> Evidence:
    start = article.text.index(text)
    return Evidence(article, 1, start, start + len(text), text, 0.9)


def written(*given: Evidence, reader: Reader | None = None, stop_after: int = 99) -> tuple[list[Verdict], write.Draft]:
    draft, verdicts = write.Draft(), list[Verdict]()
    for verdict in write.sentences(
        "When?", given, reader, 96, lambda: len(verdicts) >= stop_after, lambda _place: None, draft
    ):
        verdicts.append(verdict)
    return verdicts, draft


def test_without_a_reader_the_evidence_is_quoted() -> None:
    verdicts, draft = written(evidence(ARTICLE, ONE), evidence(ARTICLE, TWO))

    assert [(one.text, one.markers, one.quoted, one.lead) for one in verdicts] == [
        (ONE, (1,), True, ""),
        (TWO, (2,), True, ""),
    ]
    assert draft == write.Draft()


def test_quotes_of_several_articles_are_led_by_outlet_and_day() -> None:
    verdicts, _ = written(evidence(ARTICLE, TWO), evidence(OTHER, ONE))

    assert [one.lead for one in verdicts] == ["Kell Courier, 2024-04-20", "The bridge"]


def test_outlets_with_the_same_sentence_are_cited_together() -> None:
    verdicts, _ = written(evidence(ARTICLE, ONE), evidence(OTHER, ONE))

    assert [one.markers for one in verdicts] == [(1, 2)]


def test_what_the_reader_copies_stands_and_the_rest_is_quoted() -> None:
    reader = ScriptedReader(f"{TWO} [2] It cost 4 million crowns. [7]")
    verdicts, draft = written(evidence(ARTICLE, ONE), evidence(ARTICLE, TWO), reader=reader)

    assert [(one.text, one.markers, one.quoted) for one in verdicts] == [(TWO, (2,), False), (ONE, (1,), True)]
    assert draft.unknown_markers == (7,)
    assert "4 million" in draft.text, "what was left out is in the trace"


def test_a_reader_that_repeats_itself_is_heard_once() -> None:
    verdicts, _ = written(evidence(ARTICLE, ONE), reader=ScriptedReader(f"{ONE} [1] {ONE} [1]"))

    assert [one.text for one in verdicts] == [ONE]


def test_a_reader_that_says_nothing_leaves_the_quotes() -> None:
    verdicts, _ = written(evidence(ARTICLE, ONE), reader=ScriptedReader(""))

    assert [one.quoted for one in verdicts] == [True]


def test_after_a_stop_nothing_more_is_written() -> None:
    verdicts, _ = written(evidence(ARTICLE, ONE), evidence(ARTICLE, TWO), stop_after=1)

    assert len(verdicts) == 1
