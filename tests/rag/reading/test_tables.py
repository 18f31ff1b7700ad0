"""Tables: columns by many names, bad rows by themselves, ids that survive inserted rows."""

from __future__ import annotations

import csv
import gzip
import io
import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.reading import tables
from rag.reading.draft import Draft
from rag.types import PublishedDate
from tests.rag.making import assistant
from tests.rag.reading.samples import BODY, read, read_file

REUTERS = Path(__file__).parents[4] / "shared" / "data" / "reuters" / "corpus.jsonl.gz"
ROW = {
    "_id": "a1",
    "headline": "The bridge\nopened",
    "maintext": BODY,
    "outlet": {"id": "tp", "name": "Tarn Post"},
    "date_publish": "2021-04-08T10:00:00Z",
    "authors": ["Ada Holm", {"name": "Jon Berg"}],
    "lang": "en-GB",
}


def lines(*rows: object) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_a_json_row_is_an_article_with_its_columns_as_provenance() -> None:
    (article,), rejected = read(lines(ROW), "news.jsonl")

    assert not rejected
    assert (article.title, article.text, article.source) == ("The bridge opened", BODY, "Tarn Post")
    assert (str(article.published), article.author, article.language) == ("2021-04-08", "Ada Holm, Jon Berg", "en")
    assert article.origin == "upload:news.jsonl#a1"
    assert dict(article.told_by)["published"] == "the column date_publish"
    assert article.id.startswith("a1-")


def test_nested_metadata_counts_as_columns() -> None:
    row = {"_id": "1", "title": "", "text": BODY, "metadata": {"title": "Bridge", "url": "https://example.org/b"}}
    (article,), _ = read(lines(row), "corpus.ndjson")

    assert (article.title, article.url) == ("Bridge", "https://example.org/b")


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"], ids=ascii)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_csv_is_read_with_any_delimiter_and_encoding(delimiter: str, encoding: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerows([["Title", "Date Published", "Body"], ["One", "8 April 2021", 'Rain, "much"; of|it\tfell.\nÉnd.']])
    (article,), rejected = read(out.getvalue().encode(encoding), "news.csv")

    assert not rejected
    assert (article.title, article.text) == ("One", 'Rain, "much"; of|it\tfell.\nÉnd.')
    assert str(article.published) == "2021-04-08"
    assert article.origin == "upload:news.csv#One 2021-04-08"


def test_a_bad_json_row_is_rejected_and_the_others_read() -> None:
    content = lines({"text": "One."}) + '{"text": \n\n[1]\n{"title": "x"}\n{"text": " "}\n' + lines({"text": "Two."})
    articles, rejected = read(content.encode() + b'{"text": "caf\xe9"}\n', "news.jsonl")

    assert [article.text for article in articles] == ["One.", "Two."]
    assert rejected == [
        "#row 2: it is not JSON: Expecting value at character 11",
        "#row 4: it is a list, not an object",
        "#row 5: no column named text",
        "#row 6: its text is empty",
        "#row 8: it is not UTF-8: byte 0xe9 (convert it, for example: iconv -t UTF-8)",
    ]


def test_a_bad_csv_row_is_rejected_and_the_others_read() -> None:
    content = b"title,text\nA,One.\nB,Two,and more.\nC,\n\nD,caf\xe9\nE,Three.\nF\n"
    articles, rejected = read(content, "news.csv")

    assert [article.title for article in articles] == ["A", "E"]
    assert [line.split(":")[0] for line in rejected] == ["#row 3", "#row 4", "#row 6", "#row 8"]
    assert "it has 3 cells, and the header 2" in rejected[0]


@pytest.mark.parametrize(
    ("name", "content"), [("news.csv", "headline,blurb\nOne,Two\n"), ("news.jsonl", lines({"headline": 1, "blurb": 2}))]
)
def test_a_table_without_a_text_column_is_rejected_with_its_columns(name: str, content: str) -> None:
    articles, (line,) = read(content, name)

    assert not articles
    assert "none of its columns is the text: headline, blurb (name one of text, body, content, article" in line


def test_a_file_that_is_not_json_lines_is_rejected_once() -> None:
    articles, (line,) = read("not json\n" * 5_000, "news.jsonl")

    assert not articles
    assert "none of its first 100 rows is an article; row 1: it is not JSON" in line


def test_appending_a_row_keeps_the_ids_of_the_others() -> None:
    rows = [{"text": "One."}, {"text": "Two.", "id": 7}, {"text": "Three.", "url": "https://example.org/3?utm_id=1"}]
    before, _ = read(lines(*rows), "news.jsonl")
    after, _ = read(lines(*rows, {"text": "Four."}), "news.jsonl")

    assert [article.id for article in before] == [article.id for article in after[:3]]
    assert len({article.id for article in after}) == 4


def test_inserting_a_row_keeps_the_ids_of_the_others() -> None:
    rows = [{"title": "Storm", "text": "One."}, {"title": "Storm", "text": "Two.", "date": "2021"}, {"text": "Three."}]
    before, _ = read(lines(*rows), "news.jsonl")
    after, _ = read(lines({"text": "None."}, *rows), "news.jsonl")

    assert [article.id for article in before] == [article.id for article in after[1:]]
    assert [article.origin.partition("#")[2] for article in before[:2]] == ["Storm", "Storm 2021"]
    assert before[2].origin.partition("#")[2].startswith("text-")


def test_a_long_title_makes_a_short_key() -> None:
    (article,), _ = read(lines({"title": "Storm " * 100, "text": "One."}), "news.jsonl")

    assert len(article.origin) < 120


@pytest.mark.parametrize(
    "twice",
    [
        [{"id": 7, "text": "One."}, {"id": 7, "text": "Two."}],
        [{"title": "Storm", "text": "One."}, {"title": "Storm", "text": "Two."}],
        [{"text": f"{n}.", "url": "https://example.org/storm"} for n in (1, 2)],
    ],
    ids=["id", "title", "url"],
)
def test_two_articles_with_one_key_stay_distinct_and_unchanged(twice: list[dict[str, object]], tmp_path: Path) -> None:
    path = tmp_path / "news.jsonl"
    path.write_text(lines(*twice, twice[0], twice[1]))
    found, _ = read_file(path)
    assert [article.id for article in found[2:]] == [article.id for article in found[:2]]
    assert found[0].id != found[1].id
    assert found[1].origin == f"{found[1].origin.partition('~')[0]}~{found[1].content_hash[:8]}"
    assert "~" not in found[0].origin

    path.write_text(lines({"id": "new", "text": "New."}, *twice))
    assert [article.id for article in read_file(path)[0][1:]] == [article.id for article in found[:2]]
    with assistant(tmp_path / "home") as archive:
        assert len(archive.ingest([path]).added) == 3
        assert len(archive.ingest([path]).unchanged) == 3


def test_a_corrected_title_keeps_the_id() -> None:
    before, after = (
        [{"id": "b-2", "title": title, "text": "One."}] for title in ("The brigde opened", "The bridge opened")
    )
    (original,), (corrected,) = (read(lines(*rows), "news.jsonl")[0] for rows in (before, after))

    assert original.id == corrected.id
    assert original.id.startswith("b-2-")


@pytest.mark.parametrize("ending", [".jsonl", ".csv"])
def test_an_empty_table_is_rejected(ending: str) -> None:
    articles, rejected = read(b"", f"news{ending}")

    assert not articles
    assert len(rejected) == 1


def test_an_overlong_line_is_one_rejected_row() -> None:
    content = lines({"text": "One."}) + '{"text": "' + "x" * 11_000_000 + '"}\n' + lines({"text": "Two."})
    articles, rejected = read(content, "news.jsonl")

    assert [article.text for article in articles] == ["One.", "Two."]
    assert rejected == ["#row 2: it is longer than 5,000,000 characters"]


def test_surrogates_and_control_characters_are_removed() -> None:
    (article,), _ = read('{"text": "Rain\\ud800 \\u0000fell\\u001b[2J.", "title": "A\\udfff"}\n', "news.jsonl")

    assert (article.title, article.text) == ("A", "Rain fell[2J.")


@pytest.mark.parametrize(
    ("cell", "published"),
    [
        ("2021-04-08", "2021-04-08"),
        ("20210408", "2021-04-08"),
        ("2021/04/08 10:00", "2021-04-08"),
        ("2021-04", "2021-04"),
        ("2021", "2021"),
        ("26-FEB-1987 15:01:01.79", "1987-02-26"),
        ("Thu, 08 Apr 2021 23:00:00 -0500", "2021-04-08"),
        ("8 avril 2021", "2021-04-08"),
        ("08/04/2021", "2021"),
        ("08.04.2021", "2021"),
        ("April 2021", "2021-04"),
        ("2021年4月8日", "2021-04-08"),
        ("2021. április 8.", "2021-04-08"),
        ("2021 by the river", "2021"),
        ("2021-02-30", "None"),
        ("0000-01-01", "None"),
        ("1 Jan 0000", "None"),
        ("1 january 99999999999", "None"),
        ("9999-12-31", "None"),
        ("31 Dec 9999", "None"),
        ("1399", "None"),
        ("1400", "1400"),
        ("010203", "None"),
        ("1617840000", "None"),
        ("soon", "None"),
    ],
)
def test_a_date_is_read_as_far_as_it_goes_and_never_rejects_its_row(cell: str, published: str) -> None:
    (article,), rejected = read(lines({"text": BODY, "date": cell}), "news.jsonl")

    assert not rejected
    assert str(article.published) == published
    assert ("published" in dict(article.told_by)) == (published != "None")


@pytest.mark.parametrize(
    ("cell", "language", "published"),
    [
        ("6. listopada 2021", "hr", "2021-10-06"),
        ("6 listopada 2021", "pl", "2021-11-06"),
        ("08.04.2021", "de-AT", "2021-04-08"),
        ("5 out. 2021", "pt", "2021-10-05"),
    ],
)
def test_a_date_in_words_is_read_in_the_language_of_its_row(cell: str, language: str, published: str) -> None:
    (article,), _ = read(lines({"text": BODY, "date": cell, "language": language}), "news.jsonl")

    assert str(article.published) == published


@given(st.dates(date(1400, 1, 1), date(2200, 12, 31)))
def test_every_iso_day_is_read_as_it_is(day: object) -> None:
    assert next(tables.parse_jsonl(io.BytesIO(lines({"text": "x", "date": str(day)}).encode()))) == Draft(
        title="x",
        text="x",
        published=PublishedDate.parse(str(day)),
        told_by={"published": "the column date", "title": "the first words"},
        key="text-2d711642",
    )


def test_a_damaged_gzipped_table_is_read_up_to_the_damage() -> None:
    whole = gzip.compress(lines(*({"id": n, "text": f"{n} {BODY} {n * n}"} for n in range(5_000))).encode())
    articles, rejected = read(whole, "news.jsonl.gz")
    assert (len(articles), rejected) == (5_000, [])
    assert articles[0].origin == "upload:news.jsonl.gz#0"

    articles, rejected = read(whole[: len(whole) // 2], "news.jsonl.gz")
    assert len(articles) > 100
    assert "it is damaged: Compressed file ended before the end-of-stream marker" in rejected[-1]


def test_a_gzipped_article_is_named_without_its_suffixes() -> None:
    (article,), _ = read(gzip.compress(b"Only one line of text."), "the-storm.TXT.gz")

    assert article.title == "the storm"


@pytest.mark.skipif(not REUTERS.exists(), reason="the Reuters stories are not here")
def test_the_reuters_corpus_is_read_completely() -> None:
    articles, rejected = read_file(REUTERS)

    assert (len(articles), rejected) == (19_043, [])
    assert len({article.id for article in articles}) == 19_043
    assert all(article.published for article in articles)


def test_a_cell_of_megabytes_is_read_and_an_unclosed_quote_is_bounded() -> None:
    (article,), _ = read(f'title,text\nA,"{"Rain fell. " * 200_000}"\n', "news.csv")
    assert len(article.text) > 2_000_000

    articles, rejected = read('title,text\nA,One.\nB,"' + "Rain fell.\n" * 600_000, "news.csv")
    assert [article.text for article in articles] == ["One."]
    assert rejected == ["#row 3: it is longer than 5,000,000 characters"]


@pytest.mark.parametrize(
    "cell",
    [
        '"' + "Rain fell on the town. " * 520_000 + '"',
        '"' + 'He said ""rain"", and\r\nleft. ' * 400_000 + '"',
        "word " * 2_400_000,
        'word "quoted" in the middle ' * 400_000,
        '"' + '""' * 3_000_000 + '"',
        "," * 12_000_000,
    ],
    ids=["one line", "quotes and lines", "no quotes", "quotes inside", "only quotes", "only delimiters"],
)
def test_an_overlong_csv_row_is_rejected_and_the_next_read(cell: str) -> None:
    articles, rejected = read(f"text,title\nOne.,A\n{cell},B\nTwo.,C\n", "news.csv")

    assert [article.text for article in articles] == ["One.", "Two."]
    assert rejected == ["#row 3: it is longer than 5,000,000 characters"]
