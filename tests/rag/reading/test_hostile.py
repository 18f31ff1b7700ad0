"""Any bytes under any suffix become articles or rejections, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rag import reading
from rag.reading import FORMATS, Upload
from rag.types import Article, Rejection
from tests.rag.reading.samples import BODY, LAUGHS, epub, odt, pdf, tarred, word, zipped

MAGIC = {
    ".pdf": b"%PDF-1.7\n",
    ".rtf": b"{\\rtf1 ",
    ".csv": b"title,text\n",
    ".jsonl": b'{"text": "One."}\n',
    ".tar.gz": b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff",
    ".zip": b"PK\x03\x04",
}
SOUND: dict[str, Callable[[], bytes]] = {
    ".pdf": lambda: pdf(["The storm", BODY]),
    ".docx": lambda: word("Storm", BODY),
    ".odt": lambda: odt("Storm", BODY),
    ".epub": lambda: epub({"one.xhtml": f"<h1>One</h1><p>{BODY}</p>"}),
    ".rtf": lambda: b"{\\rtf1\\ansi Storm\\par %b\\par \\u8211? \\'e9}" % BODY.encode(),
    ".csv": lambda: f'title,text,date\n"Storm",{BODY},2021-04-08\n'.encode() * 3,
    ".jsonl": lambda: b'{"text": "One.", "metadata": {"date": "2021"}}\n' * 3,
    ".zip": lambda: zipped({"a.txt": BODY, "b.csv": f"text\n{BODY}\n"}),
    ".tar": lambda: tarred({"a.txt": BODY, "b.csv": f"text\n{BODY}\n"}),
    ".tar.gz": lambda: tarred({"a.txt": BODY, "b.csv": f"text\n{BODY}\n"}, "w:gz"),
}
# An example may have to start a new sandbox.
SLOW = settings(deadline=None, max_examples=25, suppress_health_check=list(HealthCheck))


@pytest.fixture(autouse=True, scope="module")
def _closed() -> Iterator[None]:
    yield
    reading.close()


def assert_articles_or_rejections(content: bytes, ending: str) -> None:
    found = list(reading.read(Upload(f"storm{ending}", content)))

    assert found, "neither an article nor a rejection"
    for one in found:
        if isinstance(one, Rejection):
            assert one.reason
            assert "\n" not in one.reason
        else:
            assert isinstance(one, Article)
            assert one.text.strip()
            assert one.title
            (one.text + one.title + str(one.author)).encode()


@pytest.mark.parametrize("ending", sorted(FORMATS))
@SLOW
@example(b"")
@example(b"\n")
@example(b"\0" * 2_000)
@example(LAUGHS.encode())
@given(st.binary(max_size=2_000))
def test_any_bytes_become_articles_or_rejections(ending: str, content: bytes) -> None:
    assert_articles_or_rejections(content, ending)
    assert_articles_or_rejections(MAGIC.get(ending, b"") + content, ending)


@pytest.mark.parametrize("ending", sorted(SOUND))
@SLOW
@given(st.data())
def test_a_corrupted_file_becomes_articles_or_rejections(ending: str, data: st.DataObject) -> None:
    content = bytearray(SOUND[ending]())
    for at, value in data.draw(st.lists(st.tuples(st.integers(0, len(content) - 1), st.integers(0, 255)), max_size=8)):
        content[at] = value
    assert_articles_or_rejections(bytes(content), ending)
