"""Export and import: byte for byte, or refused by the line that is wrong."""

from __future__ import annotations

import base64
import io
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag import Assistant, Upload
from rag.doctor import is_split_right
from rag.errors import ArchiveCorrupt, ArticleUnreadable
from tests.fakes import HashEncoder
from tests.rag.making import MONDAY, TEXTS, TUESDAY, assistant, files, sealed, storm


def filled(home: Path) -> Assistant:
    archive = assistant(home)
    archive.ingest([*files(home / "in", TEXTS[:5]), storm(MONDAY), storm(TUESDAY)])
    archive.ingest([Upload("née.txt", "Ünïcode “quoted” \N{SATELLITE}\n\nLavrov spoke.\tHe left.".encode())])
    return archive


def exported(archive: Assistant) -> bytes:
    into = io.BytesIO()
    archive.export(into)
    return into.getvalue()


def imported(archive: Assistant, content: bytes, tmp_path: Path) -> Any:
    path = tmp_path / "export.jsonl"
    path.write_bytes(content)
    with path.open("rb") as file:
        return archive.import_(file)


def test_a_round_trip_gives_the_same_bytes(tmp_path: Path) -> None:
    encoder = HashEncoder()
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two", encoder=encoder) as two:
        content = exported(one)
        assert len(imported(two, content, tmp_path).added) == one.count() == 7
        assert encoder.calls == [], "the vectors came along"
        assert exported(two) == content
        assert two.articles() == one.articles()
        assert [two.versions(item.id) for item in two.articles()] == [one.versions(item.id) for item in one.articles()]
        for item in two.articles():
            assert {other.id for other in two.same_story(item.id)} == {other.id for other in one.same_story(item.id)}
        dense, lexical = two._indexes.current()
        assert dense.ids().tolist() == two._store.vectors()[0]
        assert len(lexical.search("Tuesday", 5)) == 1


def test_importing_unchanged_articles_changes_nothing(tmp_path: Path) -> None:
    with filled(tmp_path / "one") as one:
        content = exported(one)
        generation = one._store.generation
        assert len(imported(one, content, tmp_path).unchanged) == 7
        assert one._store.generation == generation
        assert exported(one) == content


@pytest.mark.parametrize("before", [[], [Upload("z.txt", b"Zebra\n\nA zebra ran.")]], ids=["empty", "filled"])
def test_an_archive_of_another_encoder_embeds_again(tmp_path: Path, before: list[Upload]) -> None:
    wide = HashEncoder(128, "wide")
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two", encoder=wide) as two:
        two.ingest(before)
        imported(two, exported(one), tmp_path)
        assert two.count() == 7 + len(before)
        assert all(is_split_right(two._store, item) for item in two.articles())
        assert two._store.vectors()[1].shape[1] == 128


def test_the_export_of_an_empty_archive(tmp_path: Path) -> None:
    with assistant(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        assert exported(one).count(b"\n") == 1
        assert imported(two, exported(one), tmp_path).added == ()


def test_an_article_without_words_is_kept(tmp_path: Path) -> None:
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        lines = exported(one).splitlines(keepends=True)
        empty = sealed(json.loads(lines[2]) | {"text": " \n", "passages": [], "vectors": ""})
        lines[2] = json.dumps(empty).encode() + b"\n"
        assert len(imported(two, b"".join(lines), tmp_path).added) == 7
        assert two._indexes.unusable() == {}
        assert all(is_split_right(two._store, item) for item in two.articles())
        assert exported(two).count(b"\n") == 8


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        ("UPDATE articles SET text = replace(text, 'zebra', 'horse') WHERE id = ?", "not what was read"),
        ("UPDATE articles SET title = 'One' || char(10) || 'Two' WHERE id = ?", "not what was read"),
        ("UPDATE articles SET published = '1999' WHERE id = ?", "not what was read"),
        ("DELETE FROM passages WHERE article_id = ?", "cannot be exported: its passages leave out"),
        ("UPDATE passages SET vector = zeroblob(length(vector)) WHERE article_id = ?", "cannot be exported: its vec"),
        ("UPDATE passages SET vector = zeroblob(3) WHERE article_id = ?", "cannot be exported: "),
    ],
)
def test_an_article_that_could_not_be_imported_is_not_exported(tmp_path: Path, statement: str, message: str) -> None:
    with assistant(tmp_path) as one:
        (article_id,) = one.ingest([Upload("z.txt", b"Zebra\n\nA zebra ran.")]).added
        with one._store.database.transaction():
            one._store.database.write(statement, article_id)
        with pytest.raises(ArchiveCorrupt, match=message) as error:
            exported(one)
        assert article_id in error.value.message
        assert "ingest it again" in error.value.hint


def test_an_altered_version_is_not_exported(tmp_path: Path) -> None:
    with filled(tmp_path) as one:
        with one._store.database.transaction():
            one._store.database.write("UPDATE versions SET text = text || 'x'")
        with pytest.raises(ArchiveCorrupt, match="not what was read"):
            exported(one)


def test_an_article_that_changes_during_the_export_is_exported_as_changed(tmp_path: Path) -> None:
    with assistant(tmp_path) as one:
        one.ingest([Upload("z.txt", b"Zebra\n\nA zebra ran.")])
        listed = list(one._store.each_article())
        one.ingest([Upload("z.txt", b"Zebra\n\nA zebra ran. It was caught on Monday.", replaces=True)])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(one._store, "each_article", lambda: iter(listed))
            content = exported(one)
        assert content == exported(one)


def test_an_import_may_read_a_pipe(tmp_path: Path) -> None:
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        reading, writing = os.pipe()
        content = exported(one)
        with os.fdopen(writing, "wb") as into:
            into.write(content)
        with os.fdopen(reading, "rb") as pipe:
            assert len(two.import_(pipe).added) == 7
        assert exported(two) == content


def test_a_repeated_article_is_refused(tmp_path: Path) -> None:
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        lines = exported(one).splitlines(keepends=True)
        with pytest.raises(ArticleUnreadable, match="is in the file twice"):
            imported(two, b"".join([*lines, lines[1]]), tmp_path)


def vectors(value: float, record: dict[str, Any]) -> str:
    """Encode one vector per passage, filled with `value`."""
    return base64.b64encode(np.full(64 * len(record["passages"]), value, dtype="<f2").tobytes()).decode()


def without(key: str) -> Any:
    return lambda record: {name: value for name, value in record.items() if name != key}


def having(**changed: object) -> Any:
    return lambda record: record | changed


def cut(*spans: tuple[float | str | bool, float | str | bool]) -> Any:
    """Replace the passages, each with a unit vector."""
    rows = np.zeros((len(spans), 64), dtype="<f2")
    rows[:, :1] = 1
    return having(passages=[list(span) for span in spans], vectors=base64.b64encode(rows.tobytes()).decode())


def older(**changed: object) -> Any:
    """Add a version: the article itself with some changes."""
    outer = {"versions", "readings", "story", "passages", "vectors"}
    return lambda record: record | {"versions": [{k: v for k, v in record.items() if k not in outer} | changed]}


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without("text"), "it has no text"),
        (without("passages"), "it has no passages"),
        (without("story"), "it has no story"),
        (lambda record: record | {"text": record["text"].replace("s", "z", 1)}, "its content_hash .* does not match"),
        (having(content_hash="0" * 64), "its content_hash '0000.* does not match"),
        (having(author="Jane Roe"), "its content_hash "),
        (having(url="https://else.example/x"), "its content_hash "),
        (having(published="9999-12-31"), "its content_hash "),
        (having(language="fr"), "its content_hash "),
        (having(id=""), "its id is ''"),
        (having(id="a\nb-0123456789ab"), "its id is 'a"),
        (having(id="../../x-0123456789ab"), "its id is '../"),
        (having(id="x-0123456789AB"), "its id is 'x-0123456789AB'"),
        (lambda record: sealed(record | {"title": "One\nTwo"}), "its title has a line break: 'One.nTwo'"),
        (lambda record: sealed(record | {"author": "One\u2028Two"}), "its author has a line break"),
        (having(source=7), "its source is 7, which is not text"),
        (having(published="2021-02-31"), "its published is '2021-02-31': day "),
        (having(published="--13-01"), "its published is '--13-01'"),
        (having(published="soon"), "its published is 'soon'"),
        (having(published="0000-00-00"), "its published is '0000-00-00': "),
        (having(told_by=7), "its told_by is 7"),
        (having(told_by={"title": 7}), "its told_by is {'title': 7}"),
        (having(versions={}), "its versions is {}"),
        (having(versions=["x"]), "'x' is not an object"),
        (older(text="Another text."), "its content_hash "),
        (older(id="other-0123456789ab"), "one of its versions has the id 'other-0123456789ab'"),
        (older(published="0000-00-00"), "its published is '0000-00-00'"),
        (having(story=["x"]), r"its story is \['x'\], which is not text"),
        (having(story="x"), "its story is 'x', which is not an id"),
        (having(readings=[["a"]]), r"its readings hold \['a'\]"),
        (having(readings=[["a", "b"]]), "its readings give 'a' the content_hash 'b'"),
        (cut(), "its passages leave out 0 to "),
        (cut((0, 0)), r"its passages are out of order or outside its text: \[0, 0\]"),
        (cut((0, 10**9)), "outside its text"),
        (cut((-1, 5)), "outside its text"),
        (cut((0, 9), (5, 12)), r"out of order .*: \[5, 12\]"),
        (cut((0, 5)), "its passages leave out 5 to "),
        (lambda record: cut((5, len(record["text"])))(record), "its passages leave out 0 to 5"),
        (cut((0.0, 5.0)), r"its passages hold \[0.0, 5.0\]"),
        (cut(("0", "5")), "its passages hold "),
        (cut((False, True)), "its passages hold "),
        (having(passages=[[0, math.inf]]), "its passages hold "),
        (having(passages=[[0]]), "its passages hold "),
        (having(passages=7), "its passages is 7"),
        (having(vectors="!"), "its vectors is '!'"),
        (having(vectors=7), "its vectors is 7"),
        (having(vectors=""), "its vectors hold 0 numbers, not 2 times 64"),
        (lambda record: record | {"vectors": vectors(math.nan, record)}, "number 1 has nan"),
        (lambda record: record | {"vectors": vectors(math.inf, record)}, "number 1 has inf"),
        (lambda record: record | {"vectors": vectors(9.0, record)}, "number 1 has 72"),
        (lambda record: record | {"vectors": vectors(0.0, record)}, "number 1 has 0"),
    ],
)
def test_a_wrong_line_is_named_and_the_lines_before_it_are_imported(tmp_path: Path, spoil: Any, message: str) -> None:
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        lines = exported(one).splitlines(keepends=True)
        lines[2] = json.dumps(spoil(json.loads(lines[2]))).encode() + b"\n"
        with pytest.raises(ArticleUnreadable, match=f"line 3 is not an exported article: .*{message}") as error:
            imported(two, b"".join(lines), tmp_path)
        assert error.value.hint.startswith("the 1 articles before it are imported: export the archive again")
        assert "\n" not in str(error.value)
        assert two.articles() == one.articles()[:1]
        assert two._indexes.unusable() == {}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"[" * 200_000, "line 3 is nested too deeply"),
        (b"[{}]", "line 3 is not an object"),
        (b"{", "line 3 is not JSON"),
        (b'{"title": "\\ud800"}', "line 3 holds a lone surrogate"),
        (b"\xff", "line 3 is not JSON"),
        (b"", "line 3 is not JSON"),
    ],
)
def test_a_line_that_is_not_an_object_is_named(tmp_path: Path, line: bytes, message: str) -> None:
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        lines = exported(one).splitlines()
        lines[2] = line
        with pytest.raises(ArticleUnreadable, match=message) as error:
            imported(two, b"\n".join(lines), tmp_path)
        assert "the 1 articles before it are imported" in error.value.hint
        assert two.articles() == one.articles()[:1]


def test_a_wrong_first_article_means_nothing_was_imported(tmp_path: Path) -> None:
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        first, *_ = exported(one).splitlines(keepends=True)
        with pytest.raises(ArticleUnreadable, match="line 2") as error:
            imported(two, first + b"{}\n", tmp_path)
        assert error.value.hint.startswith("nothing was imported: ")
        assert two.count() == 0


@pytest.mark.parametrize("content", [b"{}\n", b"[]\n", b"\xff\n", b'{"format": "other"}\n', b"\0\n", b"[" * 200_000])
def test_a_file_that_is_not_an_export_is_refused(tmp_path: Path, content: bytes) -> None:
    with assistant(tmp_path) as archive, pytest.raises(ArticleUnreadable, match="line") as error:
        imported(archive, content, tmp_path)
    assert error.value.hint.startswith("nothing was imported: ")


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive, pytest.raises(ArticleUnreadable, match="the file is empty"):
        imported(archive, b"", tmp_path)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"dimension": "0"}, "gives the dimension '0'"),
        ({"dimension": "1"}, "its dimension is 1, but the encoder hash@64 has 64"),
        ({"dimension": 64}, "gives the dimension 64"),
        ({"dimension": "٦٤"}, "gives the dimension '٦٤'"),
        ({"dimension": "9" * 30}, "gives the dimension '999"),
        ({"dimension": None}, "gives the dimension None"),
        ({"encoder": ["x"]}, r"gives the encoder \['x'\]"),
        ({"encoder": ""}, "gives the encoder ''"),
        ({"encoder": None}, "gives the encoder None"),
        ({"chunking": "zz"}, "gives the chunking 'zz'"),
    ],
)
@pytest.mark.parametrize("before", [[], TEXTS[5:6]])
def test_a_changed_first_line_is_refused(
    tmp_path: Path, before: list[str], changed: dict[str, object], message: str
) -> None:
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        two.ingest(files(tmp_path / "before", before))
        first, rest = exported(one).split(b"\n", 1)
        content = json.dumps(json.loads(first) | changed).encode() + b"\n" + rest
        with pytest.raises(ArticleUnreadable, match=message) as error:
            imported(two, content, tmp_path)
        assert error.value.hint.startswith("nothing was imported: ")
        assert two.count() == len(before)
