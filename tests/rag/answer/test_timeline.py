"""The events of a topic: exact quotes in order of day, each day as it was read, one event told once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from embeddings import SentenceEncoder
from embeddings.network import CrossJudge
from rag import ArchiveEmpty, Assistant, Done, Question, QuestionInvalid, Timeline, Upload, settings
from rag.spreadsheet import table_bytes, timeline_table

NEWS = {
    "approved": (
        "Tarn Post",
        "2024-03-06",
        "Council approves the Orrel bridge\n\nThe council voted for the Orrel bridge on Tuesday. "
        "“We shall cross it on Friday,” the mayor said. Work on the bridge will start on 3 May 2024.",
    ),
    "copied": (
        "Kell Courier",
        "2024-03-06",
        "Council votes for bridge\n\nThe council voted on Tuesday to build the Orrel bridge after ten years. "
        "The vote was close.",
    ),
    "cost": (
        "Tarn Post",
        "2024-06-05",
        "Orrel bridge costs more\n\nThe Orrel bridge will cost 658 million crowns, the auditor found on Tuesday. "
        "The Orrel bridge has become dearer.",
    ),
    "notice": (
        "Tarn Post",
        "2024-06-07",
        "Correction: the Orrel bridge\n\nA report on Wednesday gave a wrong figure for the Orrel bridge, 658 million "
        "crowns. The bridge will cost 685 million crowns.",
    ),
    "opened": ("Tarn Post", "2025-09-01", "Orrel bridge opens\n\nThe Orrel bridge has opened to the public at last."),
    "bread": ("Kell Courier", "2024-04-04", "Baker wins\n\nA baker from Kell won the bread prize on Monday."),
}
TOPIC = Question("Orrel bridge")


@pytest.fixture(scope="module")
def archive(
    tmp_path_factory: pytest.TempPathFactory, encoder: SentenceEncoder, judge: CrossJudge
) -> Iterator[Assistant]:
    """The real assistant over six small articles; tests only ask it."""
    home = tmp_path_factory.mktemp("timeline")
    with Assistant(settings.load_settings({"home": home}), encoder, judge) as assistant:
        assistant.ingest(
            Upload(f"{name}.md", f"---\nsource: {outlet}\ndate: {day}\n---\n\n# {text}\n".encode())
            for name, (outlet, day, text) in NEWS.items()
        )
        yield assistant


@pytest.fixture(scope="module")
def told(archive: Assistant) -> Timeline:
    return archive.timeline(TOPIC)


def test_every_quote_is_exact(archive: Assistant, told: Timeline) -> None:
    assert len(told.events) >= 4
    for event in told.events:
        assert archive.article(event.quote.article.id).text[event.quote.start : event.quote.end] == event.quote.text


def test_the_day_is_read_from_the_sentence_and_the_events_are_in_its_order(told: Timeline) -> None:
    days = [(str(event.day), event.stated) for event in told.events]
    assert days == sorted(days)
    assert ("2024-03-05", True) in days
    assert ("2024-05-03", True) in days


def test_a_sentence_without_a_day_is_told_under_the_day_of_publication_which_is_said(told: Timeline) -> None:
    assert [(str(one.day), one.quote.text) for one in told.events if not one.stated] == [
        ("2025-09-01", "The Orrel bridge has opened to the public at last.")
    ]


def test_what_somebody_says_is_no_event(told: Timeline) -> None:
    assert not any("“" in one.quote.text or one.day == date(2024, 3, 1) for one in told.events)


def test_an_event_that_two_outlets_tell_is_told_once(told: Timeline) -> None:
    (event,) = (one for one in told.events if str(one.day) == "2024-03-05")
    assert event.outlets == ("Kell Courier", "Tarn Post")
    assert {name.partition("-")[0] for name in event.articles} == {"approved", "copied"}


def test_an_amount_that_a_notice_corrects_is_marked(told: Timeline) -> None:
    (event,) = (one for one in told.events if one.quote.article.title == "Orrel bridge costs more")
    assert event.notice
    assert event.notice.id.startswith("notice-")


def test_only_articles_inside_the_filters_are_told(archive: Assistant) -> None:
    found = archive.timeline(Question("Orrel bridge", sources=("Tarn Post",), as_of=date(2024, 12, 31)))
    assert {one.outlets for one in found.events} == {("Tarn Post",)}
    assert {one.quote.article.title for one in found.events} >= {"Orrel bridge costs more"}
    assert not any(one.quote.article.title == "Orrel bridge opens" for one in found.events)
    assert (found.judged, found.articles) == (3, 3)


def test_a_topic_that_no_article_is_about_has_no_events(archive: Assistant) -> None:
    assert archive.timeline(Question("volcano on Mars")).events == ()


def test_it_reports_its_progress_and_can_be_stopped(archive: Assistant) -> None:
    reported: list[Done] = []
    archive.timeline(TOPIC, reported.append)
    assert reported[-1].share == 1.0
    stopped = archive.timeline(TOPIC, stopped=lambda: True)
    assert (stopped.stopped, stopped.judged, stopped.events) == (True, 0, ())


def test_the_table_has_a_row_for_each_event(told: Timeline) -> None:
    rows = table_bytes(timeline_table(told), Path("told.csv")).decode().splitlines()
    assert len(rows) == len(told.events) + 1
    assert rows[1].startswith("2024-03-05,yes,The council voted")
    assert "Kell Courier; Tarn Post,2," in rows[1]


def test_an_empty_archive_and_an_empty_topic_are_clear_errors(archive: Assistant, tmp_path: Path) -> None:
    with Assistant(settings.load_settings({"home": tmp_path})) as empty, pytest.raises(ArchiveEmpty, match="ingest"):
        empty.timeline(TOPIC)
    with pytest.raises(QuestionInvalid, match="no word"):
        archive.timeline(Question("?!"))
