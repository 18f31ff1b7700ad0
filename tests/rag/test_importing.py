"""A broken or forged export is refused by its line, and nothing of that line gets into the archive."""

from __future__ import annotations

import base64
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.errors import ArticleUnreadable
from tests.rag.making import assistant, files, sealed
from tests.rag.test_ingesting import TEXTS
from tests.rag.test_transfer import exported, filled, imported


def vectors(value: float, told: dict[str, Any]) -> str:
    """As many vectors as there are passages, all of whose numbers are `value`."""
    return base64.b64encode(np.full(64 * len(told["passages"]), value, dtype="<f2").tobytes()).decode()


def without(key: str) -> Any:
    return lambda told: {name: value for name, value in told.items() if name != key}


def having(**changed: object) -> Any:
    return lambda told: told | changed


def cut(*spans: tuple[float | str | bool, float | str | bool]) -> Any:
    """The record with these passages, each of length 1 in one direction."""
    rows = np.zeros((len(spans), 64), dtype="<f2")
    rows[:, :1] = 1
    return having(passages=[list(span) for span in spans], vectors=base64.b64encode(rows.tobytes()).decode())


def older(**changed: object) -> Any:
    """The record with a version that is the article itself but for what is changed."""
    outer = {"versions", "readings", "story", "passages", "vectors"}
    return lambda told: told | {"versions": [{k: v for k, v in told.items() if k not in outer} | changed]}


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (without("text"), "it has no text"),
        (without("passages"), "it has no passages"),
        (without("story"), "it has no story"),
        (lambda told: told | {"text": told["text"].replace("s", "z", 1)}, "its content_hash .* is not that of what"),
        (having(content_hash="0" * 64), "its content_hash '0000.* is not that of what"),
        (having(author="Jane Roe"), "its content_hash "),
        (having(url="https://else.example/x"), "its content_hash "),
        (having(published="9999-12-31"), "its content_hash "),
        (having(language="fr"), "its content_hash "),
        (having(id=""), "its id is ''"),
        (having(id="a\nb-0123456789ab"), "its id is 'a"),
        (having(id="../../x-0123456789ab"), "its id is '../"),
        (having(id="x-0123456789AB"), "its id is 'x-0123456789AB'"),
        (lambda told: sealed(told | {"title": "One\nTwo"}), "its title has a line break: 'One.nTwo'"),
        (lambda told: sealed(told | {"author": "One\u2028Two"}), "its author has a line break"),
        (having(title="\ud800"), "its title is .* half a character"),
        (having(source=7), "its source is 7, which is no text"),
        (having(published="2021-02-31"), "its published is '2021-02-31': day "),
        (having(published="--13-01"), "its published is '--13-01'"),
        (having(published="soon"), "its published is 'soon'"),
        (having(published="0000-00-00"), "its published is '0000-00-00': "),
        (having(told_by=7), "its told_by is 7"),
        (having(told_by={"title": 7}), "its told_by is 7"),
        (having(versions={}), "its versions are {}"),
        (having(versions=["x"]), "'x' stands where an object should"),
        (older(text="Another text."), "its content_hash "),
        (older(id="other-0123456789ab"), "one of its versions has the id 'other-0123456789ab'"),
        (older(published="0000-00-00"), "its published is '0000-00-00'"),
        (having(story=["x"]), r"its story is \['x'\], which is no text"),
        (having(story="x"), "its story is 'x', which is no id"),
        (having(readings=[["a"]]), r"its readings hold \['a'\]"),
        (having(readings=[["a", "b"]]), "its readings give 'a' the content_hash 'b'"),
        (cut(), "its passages leave out 0 to "),
        (cut((0, 0)), r"its passages are out of order or outside its text: \[0, 0\]"),
        (cut((0, 10**9)), "outside its text"),
        (cut((-1, 5)), "outside its text"),
        (cut((0, 9), (5, 12)), r"out of order .*: \[5, 12\]"),
        (cut((0, 5)), "its passages leave out 5 to "),
        (lambda told: cut((5, len(told["text"])))(told), "its passages leave out 0 to 5"),
        (cut((0.0, 5.0)), r"its passages hold \[0.0, 5.0\]"),
        (cut(("0", "5")), "its passages hold "),
        (cut((False, True)), "its passages hold "),
        (having(passages=[[0, math.inf]]), "its passages hold "),
        (having(passages=[[0]]), "its passages hold "),
        (having(passages=7), "its passages are 7"),
        (having(vectors="!"), "its vectors are '!'"),
        (having(vectors=7), "its vectors is 7"),
        (having(vectors=""), "its vectors hold 0 numbers, not 2 times 64"),
        (lambda told: told | {"vectors": vectors(math.nan, told)}, "number 1 is of nan"),
        (lambda told: told | {"vectors": vectors(math.inf, told)}, "number 1 is of inf"),
        (lambda told: told | {"vectors": vectors(9.0, told)}, "number 1 is of 72"),
        (lambda told: told | {"vectors": vectors(0.0, told)}, "number 1 is of 0"),
    ],
)
def test_a_broken_line_is_named_and_the_lines_before_it_stand(tmp_path: Path, spoil: Any, told: str) -> None:
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        lines = exported(one).splitlines(keepends=True)
        lines[2] = json.dumps(spoil(json.loads(lines[2]))).encode() + b"\n"
        with pytest.raises(ArticleUnreadable, match=f"line 3 is no article of an export: .*{told}") as error:
            imported(two, b"".join(lines), tmp_path)
        assert error.value.hint.startswith("the 1 articles before it are in: export the archive again")
        assert "\n" not in str(error.value)
        assert two.articles() == one.articles()[:1]
        assert two._indexes.unusable() == {}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"[" * 200_000, "line 3 is nested too deeply"),
        (b"[{}]", "line 3 is no object"),
        (b"{", "line 3 is not JSON"),
        (b"\xff", "line 3 is not JSON"),
        (b"", "line 3 is not JSON"),
    ],
)
def test_a_line_that_is_no_object_is_named(tmp_path: Path, line: bytes, told: str) -> None:
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        lines = exported(one).splitlines()
        lines[2] = line
        with pytest.raises(ArticleUnreadable, match=told) as error:
            imported(two, b"\n".join(lines), tmp_path)
        assert "the 1 articles before it are in" in error.value.hint
        assert two.articles() == one.articles()[:1]


def test_where_the_first_article_is_broken_it_says_that_none_was_imported(tmp_path: Path) -> None:
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        first, *_ = exported(one).splitlines(keepends=True)
        with pytest.raises(ArticleUnreadable, match="line 2") as error:
            imported(two, first + b"{}\n", tmp_path)
        assert error.value.hint.startswith("nothing was imported: ")
        assert two.count() == 0


@pytest.mark.parametrize("content", [b"{}\n", b"[]\n", b"\xff\n", b'{"format": "other"}\n', b"\0\n", b"[" * 200_000])
def test_another_file_is_no_export(tmp_path: Path, content: bytes) -> None:
    with assistant(tmp_path) as archive, pytest.raises(ArticleUnreadable, match="line") as error:
        imported(archive, content, tmp_path)
    assert error.value.hint.startswith("nothing was imported: ")


def test_an_empty_file_says_so(tmp_path: Path) -> None:
    with assistant(tmp_path) as archive, pytest.raises(ArticleUnreadable, match="the file is empty"):
        imported(archive, b"", tmp_path)


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"dimension": "0"}, "gives the dimension '0'"),
        ({"dimension": "1"}, "its dimension is 1, and the encoder hash@64 has 64"),
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
def test_a_first_line_that_was_changed_is_refused(
    tmp_path: Path, before: list[str], changed: dict[str, object], told: str
) -> None:
    with filled(tmp_path / "one") as one, assistant(tmp_path / "two") as two:
        two.ingest(files(tmp_path / "before", before))
        first, rest = exported(one).split(b"\n", 1)
        content = json.dumps(json.loads(first) | changed).encode() + b"\n" + rest
        with pytest.raises(ArticleUnreadable, match=told) as error:
            imported(two, content, tmp_path)
        assert error.value.hint.startswith("nothing was imported: ")
        assert two.count() == len(before)
