"""An export is the whole archive: it comes back byte for byte, and a broken one is refused by its line."""

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
from rag.errors import ArticleUnreadable
from rag.store import checks
from tests.fakes import HashEncoder
from tests.rag.making import assistant, files
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


def test_an_archive_of_another_encoder_encodes_anew(tmp_path: Path) -> None:
    wide = HashEncoder(128, "wide")
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two", encoder=wide) as two:
        two.ingest([Upload("z.txt", b"Zebra\n\nA zebra ran.")])
        imported(two, exported(one), tmp_path)
        assert two.count() == 8
        assert checks.misfits(two._store) == 0
        assert two._store.vectors()[1].shape[1] == 128


def test_nothing_in_an_export_of_an_empty_archive(tmp_path: Path) -> None:
    with assistant(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        assert exported(one).count(b"\n") == 1
        assert imported(two, exported(one), tmp_path).added == ()


def vectors(value: float, told: dict[str, Any]) -> str:
    """As many vectors as there are passages, all of whose numbers are `value`."""
    return base64.b64encode(np.full(64 * len(told["passages"]), value, dtype="<f2").tobytes()).decode()


def without(key: str) -> Any:
    return lambda told: {name: value for name, value in told.items() if name != key}


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (without("text"), "line 3 is no article of an export: KeyError: 'text'"),
        (lambda told: told | {"passages": [[0, 10**9]]}, "line 3 .* outside its text"),
        (lambda told: told | {"vectors": "!"}, "line 3 "),
        (lambda told: told | {"vectors": ""}, "line 3 .*hold 0 numbers"),
        (lambda told: told | {"vectors": vectors(math.nan, told)}, "line 3 .*NaN"),
        (lambda told: told | {"vectors": vectors(math.inf, told)}, "line 3 .*infinite"),
        (lambda told: told | {"vectors": vectors(9.0, told)}, "line 3 .*longer than 1"),
        (lambda told: told | {"passages": [[0, math.inf]]}, "line 3 "),
        (lambda told: told | {"title": "\ud800"}, "line 3 "),
        (lambda told: told | {"story": ["x"]}, "line 3 .*no text"),
        (lambda told: told | {"published": "2021-02-31"}, "line 3 "),
        (lambda told: told | {"published": "--13-01"}, "line 3 "),
        (lambda told: told | {"told_by": 7}, "line 3 "),
        (lambda told: told | {"source": 7}, "line 3 .*7 is no text"),
        (lambda told: told | {"published": "soon"}, "line 3 "),
        (lambda told: [told], "line 3 is no object"),
    ],
)
def test_a_broken_line_is_named_and_the_lines_before_it_stand(tmp_path: Path, spoil: Any, told: str) -> None:
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        lines = exported(one).splitlines(keepends=True)
        lines[2] = json.dumps(spoil(json.loads(lines[2]))).encode() + b"\n"
        with pytest.raises(ArticleUnreadable, match=told):
            imported(two, b"".join(lines), tmp_path)
        assert two.articles() == one.articles()[:1]
        assert two._indexes.unusable() == {}


@pytest.mark.parametrize("content", [b"", b"{}\n", b"[]\n", b"\xff\n", b'{"format": "other"}\n'])
def test_another_file_is_no_export(tmp_path: Path, content: bytes) -> None:
    with assistant(tmp_path) as archive, pytest.raises(ArticleUnreadable):
        imported(archive, content, tmp_path)


def test_an_article_without_a_word_comes_along(tmp_path: Path) -> None:
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        lines = exported(one).splitlines(keepends=True)
        empty = json.loads(lines[2]) | {"passages": [], "vectors": ""}
        lines[2] = json.dumps(empty).encode() + b"\n"
        assert len(imported(two, b"".join(lines), tmp_path).added) == 7
        assert two._indexes.unusable() == {}


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
