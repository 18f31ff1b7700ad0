"""`nutgraf ask`, `search`, `find`, `timeline`, `compare` and others with filters, over the two sample articles."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from rag import PublishedDate
from tests.rag.conftest import Run, assert_one_line

PIPELINE = "Which cities does the gas pipeline join?"
OPEN: dict[str, object] = {"from": None, "to": None, "as_of": None, "sources": [], "languages": [], "stories": []}


def test_an_answer_names_its_filters(filled: Run) -> None:
    words = ("ask", PIPELINE, "--as", "one", "--source", "dpa", "--language", "EN")
    answer = filled(*words, "--json").json
    assert answer["filters"] == OPEN | {"sources": ["dpa"], "languages": ["EN"]}
    assert answer["refused"] is False
    assert answer["notes"] == ["Only articles by dpa in EN were searched."]
    assert filled(*words).out.startswith("Only articles by dpa in EN were searched.\n")
    assert filled("ask", PIPELINE, "--json").json["filters"] == OPEN


def test_a_refusal_names_its_filters_once(filled: Run) -> None:
    asked = ("ask", "What is the capital of France?", "--as-of", "2021-04-08")
    shown = filled(*asked).out
    note = "Only articles up to 2021-04-08 were searched; articles without a full date were left out."
    assert shown.startswith("Not answered. ")
    assert shown.splitlines()[0].endswith("The articles inside the filters do not say.")
    assert shown.splitlines()[1] == note
    assert shown.count("2021-04-08 were") == 1
    answer = filled(*asked, "--json").json
    assert (answer["refused"], answer["notes"], answer["filters"]["as_of"]) == (True, [note], "2021-04-08")


def test_filters_that_leave_nothing_are_named(filled: Run) -> None:
    told = "No article in the archive is up to 2021-04-07. Articles without a full date are left out (1 here)."
    answer = filled("ask", PIPELINE, "--as-of", "2021-04-07", "--json").json
    assert (answer["reason_kind"], answer["reason"], answer["notes"]) == ("outside_filter", told, [])
    assert filled("search", PIPELINE, "--as-of", "2021-04-07").out == f"{told}\n"
    assert filled("search", PIPELINE, "--as-of", "2021-04-07", "--json").json["hits"] == []
    assert filled("facets", "--as-of", "2021-04-07", "--json").json["outside"] == told
    both = filled("search", PIPELINE, "--as-of", "2021-04-08", "--source", "AP").out
    assert both == (
        "No article in the archive is up to 2021-04-08 by AP. Without “up to 2021-04-08”, 1 would be left. "
        "Without “by AP”, 1 would be left.\n"
    )


def test_a_search_shows_passages(filled: Run) -> None:
    found = filled("search", PIPELINE, "--count", "3", "--json").json
    assert found.keys() == {"question", "filters", "hits"}
    assert (found["question"], found["filters"], len(found["hits"])) == (PIPELINE, OPEN, 3)
    for hit in found["hits"]:
        article = filled("articles", "show", hit["article_id"], "--json").json
        assert article["text"][hit["start"] : hit["end"]] == hit["text"]
        assert (article["title"], article["source"], article["published"]) == (
            hit["title"],
            hit["source"],
            hit["published"],
        )
    only = filled("search", PIPELINE, "--source", "DAWN", "--json").json
    assert {hit["source"] for hit in only["hits"]} == {"DAWN"}
    equipment = ("search", "What did Lavrov say of military equipment?", "--count", "3")
    hits, shown = filled(*equipment, "--json").json["hits"], filled(*equipment).out
    assert any('"' in hit["text"] for hit in hits)
    for hit in hits:
        assert " ".join(hit["text"].split()) in shown, "exactly, with its own quotation marks"
        assert hit["title"] in shown


def test_facets_count_articles(filled: Run) -> None:
    found = filled("facets", "--json").json
    assert found.keys() == {
        *("filters", "articles", "outside", "sources", "months", "languages", "stories", "stories_total"),
    }
    assert (found["filters"], found["articles"], found["outside"]) == (OPEN, 2, None)
    assert {one["value"]: one["articles"] for one in found["sources"]} == {
        "AP": 1,
        "AP and dpa": 1,
        "DAWN": 1,
        "dpa": 1,
    }
    assert found["months"] == [{"value": "2021-04", "articles": 1}, {"value": None, "articles": 1}]
    assert found["languages"] == [{"value": "en", "articles": 2}]
    assert (found["stories"], found["stories_total"]) == ([], 0)
    shown = filled("facets", "--source", "DAWN").out
    assert shown.startswith("1 article inside the filters\n\noutlets\n        1  AP\n")
    assert "\nmonths\n        1  2021-04\n" in shown


@pytest.mark.parametrize(
    ("words", "held"),
    [
        (("--language", "de"), "the languages are: en"),
        (("--language", ""), "the languages are: en"),
        (("--story", "x"), "the stories are: none"),
        (("--story", "\udcff"), "the stories are: none"),
        (("--as-of", "May"), "YYYY-MM-DD"),
        (("--as-of", "2021-04-08", "--from", "2021-04-09"), "use a later day"),
    ],
)
def test_an_invalid_filter_is_an_error(filled: Run, words: tuple[str, ...], held: str) -> None:
    for command in (("ask", PIPELINE), ("search", PIPELINE), ("facets",)):
        assert_one_line(filled(*command, *words), held)


def test_suggestions_are_printed_a_line_each_and_as_json(filled: Run) -> None:
    found = filled("suggest", "--count", "2", "--json").json
    questions = [suggestion["question"] for suggestion in found["suggestions"]]

    assert found.keys() == {"filters", "suggestions"}
    assert len(questions) == 2
    assert all(suggestion["article_id"] for suggestion in found["suggestions"])
    assert filled("suggest", "--count", "2").out.splitlines() == questions
    assert filled("ask", questions[0], "--json").json["refused"] is False


def test_filters_narrow_the_suggestions(filled: Run) -> None:
    found = filled("suggest", "--source", "DAWN", "--json").json["suggestions"]

    assert found
    assert all(suggestion["article_id"].startswith("dawn") for suggestion in found)
    assert filled("suggest", "--to", "1999-01-01").out.startswith("No suggestions")
    assert_one_line(filled("suggest", "--source", "Nobody"), "no article is from 'Nobody'")


def test_suggestions_need_an_archive(run: Run, tmp_path: Path) -> None:
    assert_one_line(run("suggest", "--archive", tmp_path / "none"), "nutgraf ingest")


def test_every_article_that_answers_is_found_with_its_quote(filled: Run, tmp_path: Path) -> None:
    found = filled("find", "Who visited Islamabad?", "--json").json
    assert (found["articles"], found["judged"], found["stopped"]) == (2, 2, False)
    assert {one["source"] for one in found["testimonies"]} == {"AP and dpa", "DAWN"}
    for one in found["testimonies"]:
        text = filled("articles", "show", one["article_id"], "--json").json["text"]
        assert text[one["start"] : one["end"]] == one["quote"]
    assert filled("find", "Who visited Islamabad?").out.startswith(
        "2 of 2 articles read answer the question; 2 are in the archive"
    )
    assert filled("find", "Who visited Islamabad?", "--source", "DAWN", "--json").json["articles"] == 1

    file = tmp_path / "found.csv"
    filled("find", "Who visited Islamabad?", "--table", str(file))
    with file.open(newline="", encoding="utf-8") as rows:
        assert [row["quote"] for row in csv.DictReader(rows)] == [one["quote"] for one in found["testimonies"]]
    assert_one_line(filled("find", "Who visited Islamabad?", "--table", str(file)), "exists")
    assert_one_line(filled("find", "Who visited Islamabad?", "--table", "found.pdf"), "neither a .csv nor an .xlsx")
    both = filled("find", "Who visited Islamabad?", "--table", "-", "--json")
    assert (both.code, both.out) == (2, "")


def test_nothing_is_found_where_no_article_answers(filled: Run) -> None:
    assert filled("find", "Who won the chess final?").out.startswith("0 of 2 articles read answer the question")


def test_outlets_are_compared(filled: Run, tmp_path: Path) -> None:
    words = ("compare", "Lavrov in Pakistan", "--source", "dawn", "--source", "AP and dpa")
    found = filled(*words, "--json").json
    assert found.keys() == {"question", "filters", "outlets", "pieces", "uncertain", "stopped"}
    assert found["outlets"] == [{"outlet": "DAWN", "articles": 1}, {"outlet": "AP and dpa", "articles": 1}]
    assert {piece["kind"] for piece in found["pieces"]} <= {"alike", "may differ", "alone"}
    quotes = [quote for piece in found["pieces"] for quote in piece["quotes"]]
    for quote in quotes:
        text = filled("articles", "show", quote["article_id"], "--json").json["text"]
        assert text[quote["start"] : quote["end"]] == quote["quote"]
    both = next(piece for piece in found["pieces"] if piece["kind"] == "alike")
    assert [quote["outlet"] for quote in both["quotes"]] == ["DAWN", "AP and dpa"]

    shown = filled(*words).out
    assert shown.startswith("articles read on this topic: DAWN: 1, AP and dpa: 1\n")
    assert " ".join(both["quotes"][0]["quote"].split())[:40] in shown
    file = tmp_path / "compared.csv"
    assert filled(*words, "--table", file).code == 0
    with file.open(newline="", encoding="utf-8") as rows:
        assert [row["quote"] for row in csv.DictReader(rows)] == [quote["quote"] for quote in quotes]
    assert_one_line(filled(*words, "--table", file), "exists")


def test_a_comparison_needs_two_outlets(filled: Run) -> None:
    assert_one_line(filled("compare", "Lavrov"), "none is named", "AP and dpa, AP, dpa, DAWN")
    assert_one_line(filled("compare", "Lavrov", "--source", "DAWN", "--source", "dawn"), "only 'DAWN' is named")
    assert_one_line(filled("compare", "Lavrov", "--source", "DAWN", "--source", "BBC"), "no article is from 'BBC'")
    outside = filled("compare", "Lavrov", "--source", "DAWN", "--source", "AP", "--to", "1999-01-01").out
    assert outside.startswith("No article in the archive is up to 1999-01-01")


def test_a_form_of_reply_is_chosen(filled: Run) -> None:
    answer = filled("ask", PIPELINE, "--as", "list", "--json").json
    assert (answer["mode"], answer["mode_wanted"]) == ("list", "list")
    assert "Read as a question for a list" in filled("ask", PIPELINE, "--as", "list").out
    assert filled("ask", PIPELINE, "--json").json["mode_wanted"] is None
    assert_one_line(filled("ask", PIPELINE, "--as", "essay"), "there is no form of reply 'essay'")


def test_a_timeline_prints_each_event_with_its_quote(filled: Run, tmp_path: Path) -> None:
    topic = "Russian foreign minister Lavrov in Islamabad"
    found = filled("timeline", topic, "--json").json
    assert found.keys() == {"topic", "filters", "articles", "judged", "stopped", "events"}
    assert (found["topic"], found["filters"], found["articles"], found["stopped"]) == (topic, OPEN, 2, False)
    assert found["events"]
    shown = filled("timeline", topic).out.splitlines()
    count = len(found["events"])
    counted = f"{count} event{'s' if count > 1 else ''} in 2 articles read"
    assert shown[0] == f"{counted}; 2 are in the archive"
    for event, line, quote in zip(found["events"], shown[1::2], shown[2::2], strict=True):
        text = filled("articles", "show", event["article_id"], "--json").json["text"]
        assert text[event["start"] : event["end"]] == event["quote"]
        day = PublishedDate.parse(event["day"]).written
        assert line.startswith(f"{day} · " if event["day_stated"] else f"{day} (day of publication) · ")
        assert line.endswith(event["article_id"])
        assert quote == f"    {' '.join(event['quote'].split())}"

    file = tmp_path / "events.csv"
    filled("timeline", topic, "--table", str(file))
    with file.open(newline="", encoding="utf-8") as rows:
        assert [row["quote"] for row in csv.DictReader(rows)] == [one["quote"] for one in found["events"]]
    assert_one_line(filled("timeline", topic, "--table", str(file)), "exists", "--force")


def test_a_timeline_of_nothing_says_so(filled: Run) -> None:
    shown = filled("timeline", "volcano on Mars").out
    assert shown.startswith("0 events in 2 articles read")
    assert "None of them tells what happened and when." in shown
    assert_one_line(filled("timeline", "  "), "contains no word")
    assert_one_line(filled("timeline", "gas pipeline", "--from", "Tuesday"), "not a date")
    assert filled("timeline", "gas pipeline", "--to", "1999-01-01").out.startswith("0 events in 0 articles read; 0 are")
