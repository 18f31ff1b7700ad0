"""An export is the whole archive: it comes back byte for byte, or it is not made."""

from __future__ import annotations

import io
import json
import os
from pathlib import Path
from typing import Any

import pytest

from rag import Assistant, Upload
from rag.archive import checks
from rag.errors import ArchiveCorrupt, ArticleUnreadable
from tests.fakes import HashEncoder
from tests.rag.making import assistant, files, sealed
from tests.rag.test_ingesting import TEXTS
from tests.rag.test_versions import MONDAY, TUESDAY, page


def filled(home: Path) -> Assistant:
    archive = assistant(home)
    archive.ingest([*files(home / "in", TEXTS[:5]), page("a.md", MONDAY), page("b.md", TUESDAY)])
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


def test_an_import_of_an_export_exports_the_same_bytes(tmp_path: Path) -> None:
    encoder = HashEncoder()
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two", encoder=encoder) as two:
        content = exported(one)
        assert len(imported(two, content, tmp_path).added) == one.count() == 7
        assert encoder.calls == [], "the vectors came along"
        assert exported(two) == content
        assert two.articles() == one.articles()
        assert [two.versions(item.id) for item in two.articles()] == [one.versions(item.id) for item in one.articles()]
        for item in two.articles():
            assert {other.id for other in two.tellers(item.id)} == {other.id for other in one.tellers(item.id)}
        dense, lexical = two._indexes.current()
        assert dense.ids().tolist() == two._store.vectors()[0]
        assert len(lexical.search("Tuesday", 5)) == 1


def test_what_stands_there_already_is_left_alone(tmp_path: Path) -> None:
    with filled(tmp_path / "one") as one:
        content = exported(one)
        generation = one._store.generation
        assert len(imported(one, content, tmp_path).unchanged) == 7
        assert one._store.generation == generation
        assert exported(one) == content


@pytest.mark.parametrize("before", [[], [Upload("z.txt", b"Zebra\n\nA zebra ran.")]], ids=["empty", "filled"])
def test_an_archive_of_another_encoder_encodes_anew(tmp_path: Path, before: list[Upload]) -> None:
    wide = HashEncoder(128, "wide")
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two", encoder=wide) as two:
        two.ingest(before)
        imported(two, exported(one), tmp_path)
        assert two.count() == 7 + len(before)
        assert checks.misfits(two._store) == 0
        assert two._store.vectors()[1].shape[1] == 128


def test_nothing_in_an_export_of_an_empty_archive(tmp_path: Path) -> None:
    with assistant(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        assert exported(one).count(b"\n") == 1
        assert imported(two, exported(one), tmp_path).added == ()


def test_an_article_without_a_word_comes_along(tmp_path: Path) -> None:
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        lines = exported(one).splitlines(keepends=True)
        empty = sealed(json.loads(lines[2]) | {"text": " \n", "passages": [], "vectors": ""})
        lines[2] = json.dumps(empty).encode() + b"\n"
        assert len(imported(two, b"".join(lines), tmp_path).added) == 7
        assert two._indexes.unusable() == {}
        assert checks.without_passages(two._store) == ()
        assert exported(two).count(b"\n") == 8


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("UPDATE articles SET text = replace(text, 'zebra', 'horse') WHERE id = ?", "not what was read"),
        ("UPDATE articles SET title = 'One' || char(10) || 'Two' WHERE id = ?", "not what was read"),
        ("UPDATE articles SET published = '1999' WHERE id = ?", "not what was read"),
        ("DELETE FROM passages WHERE article_id = ?", "cannot be exported: its passages leave out"),
        ("UPDATE passages SET vector = zeroblob(length(vector)) WHERE article_id = ?", "cannot be exported: its vec"),
        ("UPDATE passages SET vector = zeroblob(3) WHERE article_id = ?", "cannot be exported: "),
    ],
)
def test_what_could_not_be_imported_is_not_exported(tmp_path: Path, statement: str, told: str) -> None:
    with assistant(tmp_path) as one:
        (article_id,) = one.ingest([Upload("z.txt", b"Zebra\n\nA zebra ran.")]).added
        with one._store.database.writing():
            one._store.database.write(statement, article_id)
        with pytest.raises(ArchiveCorrupt, match=told) as error:
            exported(one)
        assert article_id in error.value.message
        assert "ingest it again" in error.value.hint


def test_an_earlier_text_that_was_changed_is_not_exported(tmp_path: Path) -> None:
    with filled(tmp_path) as one:
        with one._store.database.writing():
            one._store.database.write("UPDATE versions SET text = text || 'x'")
        with pytest.raises(ArchiveCorrupt, match="not what was read"):
            exported(one)


def test_an_article_that_changes_while_it_is_exported_is_exported_as_it_became(tmp_path: Path) -> None:
    with assistant(tmp_path) as one:
        one.ingest([Upload("z.txt", b"Zebra\n\nA zebra ran.")])
        listed = list(one._store.each_article())
        one.ingest([Upload("z.txt", b"Zebra\n\nA zebra ran. It was caught on Monday.")])
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(one._store, "each_article", lambda: iter(listed))
            content = exported(one)
        assert content == exported(one)


def test_an_export_comes_through_a_pipe(tmp_path: Path) -> None:
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        reading, writing = os.pipe()
        content = exported(one)
        with os.fdopen(writing, "wb") as into:
            into.write(content)
        with os.fdopen(reading, "rb") as pipe:
            assert len(two.import_(pipe).added) == 7
        assert exported(two) == content


def test_an_article_twice_in_one_file_is_refused(tmp_path: Path) -> None:
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        lines = exported(one).splitlines(keepends=True)
        with pytest.raises(ArticleUnreadable, match="stands in the file twice"):
            imported(two, b"".join([*lines, lines[1]]), tmp_path)
