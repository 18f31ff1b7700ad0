"""Exit codes, one line for an error, and the JSON that scripts rely on."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import Assistant, load_settings
from tests.conftest import SEEDS
from tests.rag.conftest import Run, assert_one_line

PIPELINE = "Which cities does the gas pipeline join?"
FRANCE = "What is the capital of France?"


def test_the_json_of_an_answer_is_the_contract(filled: Run) -> None:
    answer = filled("ask", PIPELINE, "--as", "one", "--json").json
    assert answer.keys() == {
        *("question", "text", "refused", "reason", "reason_kind", "sentences", "citations", "hits", "models"),
        *("seconds", "unknown_markers", "stopped", "asked", "short", "confidence", "disputed", "notes", "filters"),
        *("tokens", "judged_pairs", "passages_wanted", "history", "articles", "nearest"),
        *("mode", "mode_wanted", "answer_kind", "testimonies"),
    }
    assert answer["question"] == answer["asked"] == PIPELINE
    assert answer["short"] == "Karachi and eastern Lahore"
    assert 0.27 < answer["confidence"] < 1.0
    assert (answer["disputed"], answer["notes"]) == (False, [])
    assert (answer["refused"], answer["reason"]) == (False, None)
    markers = [citation["marker"] for citation in answer["citations"]]
    assert markers == list(range(1, len(markers) + 1))
    for sentence in answer["sentences"]:
        assert sentence.keys() == {"text", "citations", "supported", "quoted", "lead", "confirmed", "corrected_by"}
        assert sentence["supported"] is True
        assert sentence["text"] in answer["text"]
        assert set(sentence["citations"]) <= set(markers)
    for citation in answer["citations"]:
        assert citation.keys() == {
            *("marker", "article_id", "title", "source", "published", "url", "quote", "start", "end", "outlets"),
            *("content_hash", "passage_id", "score", "answer", "confirmed"),
        }
        article = filled("articles", "show", citation["article_id"], "--json").json
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
        assert (article["title"], article["published"]) == (citation["title"], citation["published"])
    (testimony,) = answer["testimonies"]
    assert (answer["mode"], answer["mode_wanted"], answer["answer_kind"]) == ("one", "one", "statements")
    assert testimony.keys() == {
        *("article_id", "passage_id", "quote", "start", "end", "score", "answer", "confirmed", "source", "published"),
        *("outlets", "value", "unit", "agreeing", "corrected_by"),
    }
    of_hits = {"passage_id", "article_id", "score", "outlets", "ordinal", "start", "end", "text"}
    for hit in answer["hits"]:
        assert hit.keys() == of_hits | {"dense_rank", "lexical_rank", "confirmed"}
        assert [type(hit[key]) for key in ("passage_id", "article_id", "score")] == [int, str, float]
    assert answer["models"] == {
        "encoder": "all-MiniLM-L6-v2",
        "judge": "nutgraf-judge",
        "reader": "none",
    }


def test_an_answer_tells_what_it_took(filled: Run) -> None:
    answer = filled("ask", PIPELINE, "--json").json
    assert answer["seconds"].keys() == {"retrieve", "first_token", "total"}
    assert answer["seconds"]["total"] > 0
    assert answer["tokens"] == {"prompt": 0, "written": 0}, "no reader is set"
    assert answer["judged_pairs"] >= len(answer["hits"])


def test_a_refusal_is_no_error(filled: Run) -> None:
    answer = filled("ask", FRANCE, "--json").json
    assert answer["refused"] is True
    assert answer["text"] == answer["reason"]
    assert answer["sentences"] == answer["citations"] == []
    assert answer["seconds"]["first_token"] is None
    assert answer["tokens"] == {"prompt": 0, "written": 0}
    shown = filled("ask", FRANCE)
    assert shown.code == 0
    assert shown.out.startswith("Not answered. ")


def test_an_answer_for_people_shows_its_quotes(filled: Run) -> None:
    shown = filled("ask", PIPELINE)
    assert shown.code == 0
    assert "Karachi" in shown.out
    assert "[1]" in shown.out
    assert "AP and dpa" in shown.out


def test_the_json_of_an_ingest(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("Head\n\nSome text here.")
    (tmp_path / "in" / "b.txt").write_bytes(b"\0")
    report = run("ingest", tmp_path / "in", "--json").json
    assert report.keys() == {"added", "updated", "unchanged", "duplicates", "rejected", "incomplete"}
    assert len(report["added"]) == 1
    assert [bad.keys() for bad in report["rejected"]] == [{"path", "reason"}]
    assert run("ingest", tmp_path / "in" / "a.txt", "--json").json["unchanged"] == report["added"]
    assert run("ingest", "--if-empty", tmp_path / "none", "--json").json == {key: [] for key in report}


def test_a_long_report_is_shortened(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_text("Head\nThe Tarn Post, 8 April 2021\n\nSome text here.")
    for number in range(60):
        (folder / f"empty{number:02}.txt").touch()
    shown = run("ingest", folder).out.splitlines()
    assert shown[0] == "1 added, 0 updated, 0 unchanged, 60 rejected"
    assert len(shown) == 52
    assert shown[-1] == "  … and 10 more; --json prints all"
    assert len(run("ingest", folder, "--json").json["rejected"]) == 60


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("empty.txt", b"", "empty"),
        ("blank.md", b" \n\t\n", "empty"),
        ("binary.txt", b"\x7fELF\0\1\2", "binary"),
        ("latin.txt", "Señor\n\nCafé.".encode("latin-1"), "UTF-8"),
        ("page.exe", b"MZ", ".txt"),
        ("README.txt", b"About this folder.", "README"),
    ],
)
def test_a_bad_file_is_reported_and_the_others_are_read(
    run: Run, tmp_path: Path, name: str, content: bytes, reason: str
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / name).write_bytes(content)
    alone = run("ingest", folder)
    assert alone.code == 1, "nothing at all could be read"
    assert name in alone.out
    assert reason in alone.out
    (folder / "good.txt").write_text("Head\nThe Tarn Post, 8 April 2021\n\nSome text here.")
    both = run("ingest", folder)
    assert both.code == 0
    assert both.out.startswith("1 added, 0 updated, 0 unchanged, 1 rejected\n")
    assert both.out.count("\n") == 2


def test_a_file_of_50_megabytes_is_reported(run: Run, tmp_path: Path) -> None:
    big = tmp_path / "big.txt"
    with big.open("wb") as file:
        file.truncate(50_000_000)
    ran = run("ingest", big, *SEEDS.glob("*.txt"))
    assert ran.code == 0
    assert ran.out.startswith("2 added")
    assert "50.0 MB" in ran.out


def test_an_empty_folder_and_a_missing_path_are_reported(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    ran = run("ingest", tmp_path / "empty", tmp_path / "none")
    assert ran.code == 1
    assert "an empty folder" in ran.out
    assert "no such file or folder" in ran.out
    assert "Traceback" not in ran.err


def test_a_file_name_that_is_not_text_is_no_crash(run: Run, tmp_path: Path) -> None:
    ran = run("ingest", str(tmp_path / "caf\udce9.txt"), "--json")
    assert ran.code == 1
    assert "no such file" in ran.out


@pytest.mark.parametrize("words", [("ask", PIPELINE), ("articles",), ("articles", "list"), ("status",)])
def test_a_missing_archive_is_an_error_and_not_created(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    archive = tmp_path / "nowhere"
    assert_one_line(run(*words, "--archive", archive), str(archive), "nutgraf ingest PATH")
    assert not archive.exists()
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize("option", ["--from", "--to"])
@pytest.mark.parametrize("day", ["yesterday", "2021-13-01", "2021-02-30", "08/04/2021", "", "2021"])
def test_an_invalid_date_is_an_error(filled: Run, option: str, day: str) -> None:
    assert_one_line(filled("ask", PIPELINE, option, day), repr(day), "YYYY-MM-DD")


@pytest.mark.parametrize(
    ("words", "held"),
    [
        (("ask", ""), "no word"),
        (("ask", "a" * 100_000), "100,000 characters"),
        (("ask", "who is \udcff"), "not text"),
        (("ask", PIPELINE, "--from", "2021-04-09", "--to", "2021-04-08"), "earlier date first"),
        (("ask", PIPELINE, "--source", "Reuters"), "AP and dpa, DAWN"),
        (("ask", PIPELINE, "--source", ""), "AP and dpa, DAWN"),
        (("articles", "show", "nobody"), "'nobody'"),
        (("articles", "remove", "no\nbody"), "no article"),
        (("articles", "show", "a", "--archive", "x" * 300), "cannot be opened"),
    ],
)
def test_an_error_is_one_line(filled: Run, words: tuple[str, ...], held: str) -> None:
    assert_one_line(filled(*words), held)
    assert_one_line(filled(*words, "--json"), held)


def test_a_wrong_setting_is_one_line(filled: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUTGRAF_PASSAGES", "999")
    assert_one_line(filled("status"), "passages", "999", "from 1 to 50")


def test_a_damaged_archive_is_one_line(filled: Run, tmp_path: Path) -> None:
    (tmp_path / "home" / "archive" / "archive.sqlite3").write_bytes(b"scribble" * 999)
    for words in (("ask", PIPELINE), ("status",), ("ingest", SEEDS)):
        assert_one_line(filled(*words), "damaged or not an archive")


@pytest.mark.parametrize(
    "words",
    [
        ("ask",),
        ("ingest",),
        ("nonsense",),
        ("ask", PIPELINE, "--nonsense"),
        ("articles", "nonsense"),
        ("articles", "show"),
        ("chat", "--port", "0"),
    ],
)
def test_wrong_usage_exits_2(run: Run, words: tuple[str, ...]) -> None:
    ran = run(*words)
    assert ran.code == 2
    assert ran.out == ""
    assert "Traceback" not in ran.err


def test_articles_are_listed_shown_and_removed(filled: Run) -> None:
    listed = filled("articles", "list", "--json").json["articles"]
    assert [item.keys() for item in listed] == [
        {"id", "title", "source", "published", "url", "author", "language", "origin", "told_by", "content_hash"}
    ] * 2
    assert [(item["source"], item["published"]) for item in listed] == [
        ("DAWN", "2021-04-08"),
        ("AP and dpa", None),
    ]
    shown = filled("articles", "show", listed[0]["id"])
    assert "Arabian Monsoon" in shown.out
    assert filled("articles", "remove", listed[0]["id"], "--json").json == {"removed": [listed[0]["id"]]}
    assert [item["id"] for item in filled("articles", "--json").json["articles"]] == [listed[1]["id"]]


@pytest.mark.parametrize("options", [(), ("--versions",)])
def test_an_altered_article_is_shown_with_an_error(filled: Run, options: tuple[str, ...]) -> None:
    article_id = filled("articles", "--json").json["articles"][0]["id"]
    assert filled("articles", "show", article_id, *options).err == ""
    assert filled("articles", "show", article_id, "--json").json["intact"] is True
    with Assistant(load_settings()) as opened:
        opened._store.database.rows("UPDATE articles SET source = 'The Other'")
    assert f"'{article_id}' is not what was read" in filled("articles", "show", article_id, *options).err
    assert filled("articles", "show", article_id, "--json").json["intact"] is False


def test_options_may_come_before_the_subcommand(filled: Run, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (tmp_path / "one.txt").write_text("Head\n\nSome text here.")
    filled("ingest", tmp_path / "one.txt", "--archive", other)
    (item,) = filled("articles", "--archive", other, "--json", "list").json["articles"]
    assert filled("articles", "--archive", other, "remove", item["id"]).code == 0
    assert filled("articles", "--archive", other, "list", "--json").json == {"articles": []}
    assert len(filled("articles", "--json").json["articles"]) == 2


def test_status(filled: Run, tmp_path: Path) -> None:
    status = filled("status", "--json").json
    assert status.keys() == {
        *("archive", "articles", "passages", "sources", "disk_bytes", "encoder", "judge", "judge_note", "reader"),
        "stored_encoder",
    }
    assert (status["articles"], status["sources"]) == (2, ["AP and dpa", "DAWN"])
    assert status["archive"] == str(tmp_path / "home" / "archive")
    out = filled("status").out
    assert "2 in" in out
    assert "judge     nutgraf-judge (auto; better: nutgraf models pull nutgraf-judge-mpnet)\n" in out


def test_models(run: Run) -> None:
    models = run("models", "--json").json["models"]
    assert {model["role"] for model in models} == {"encoder", "judge", "reader"}
    for model in models:
        assert model.keys() == {"role", "id", "path", "origin", "size_bytes", "licence", "ram_bytes"}
    assert "all-MiniLM-L6-v2" in run("models").out


@pytest.mark.parametrize("columns", ["20", "40", "80"])
def test_an_id_is_never_broken(filled: Run, monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    ids = [item["id"] for item in filled("articles", "--json").json["articles"]]
    lines = filled("articles", "list").out.splitlines()
    assert [line.split()[0] for line in lines] == ["id", *ids]


def test_an_article_cannot_command_the_terminal(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "evil.txt"
    path.write_text("Head \x1b]0;owned\x07 line\n\nLavrov \x1b[2Jsaid [bold]nothing[/bold] in Moscow \x9b5m today.")
    run("ingest", path)
    (item,) = run("articles", "--json").json["articles"]
    for words in (("articles", "list"), ("articles", "show", item["id"]), ("ask", "What did Lavrov say in Moscow?")):
        out = run(*words).out
        assert not set(out) & {"\x1b", "\x07", "\x9b"}, words
    assert "[bold]nothing[/bold]" in run("articles", "show", item["id"]).out
