"""Where no temporary file can be written, the report says so, rather than that the articles are at fault."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator

import pytest

from rag import reading
from rag.reading import language
from tests.disk import full_disk
from tests.rag.reading.samples import BODY, read, zipped

_LARGE = b"x" * 17_000_000
REASON = f"no temporary file can be written to {tempfile.gettempdir()}: "


@pytest.fixture(autouse=True)
def _full() -> Iterator[None]:
    language._identifier.cache_clear()
    reading.close()
    with full_disk(1_000_000):
        yield
    reading.close()


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (f"Storm\n\n{BODY}".encode(), "unpacks the languages.txt"),
        (zipped({"a.csv": b"title,text\n" + _LARGE}), "large member.zip"),
        (b"{\\rtf1 " + _LARGE + b"}", "in the sandbox.rtf"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_reason_names_the_folder_and_what_to_do(content: bytes, name: str) -> None:
    articles, reasons = read(content, name)

    assert articles == []
    assert REASON in reasons[0]
    assert "free some space there, or set TMPDIR to another folder" in reasons[0]
