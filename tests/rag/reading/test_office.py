"""Word, OpenDocument and rich text: what a reader sees in them; hostile XML is rejected."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.rag.reading import samples
from tests.rag.reading.samples import BODY, LAUGHS, changed, read

STORY = ("Old bridge opens", "By Ada Holm", "8 April 2021", BODY, "It is wet & long.")
MAKERS: dict[str, Callable[..., bytes]] = {".docx": samples.word, ".odt": samples.odt}
PARTS = {".docx": "word/document.xml", ".odt": "content.xml"}
RTF = rb"""{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Times;}}{\info{\title Bridges \'e9t\'e9}{\author Jon Berg}}
\f0 Old bridge opens\par By Ada Holm\par 8 April 2021\par Caf\'e9s \u8211? opened.\par Rain\~fell.}"""


@pytest.mark.parametrize("ending", MAKERS)
def test_the_first_lines_are_used_where_the_properties_are_junk(ending: str) -> None:
    (article,), rejected = read(MAKERS[ending](*STORY, title="Word Document", author="python-docx"), f"a{ending}")

    assert not rejected
    assert (article.title, article.author, str(article.published)) == ("Old bridge opens", "Ada Holm", "2021-04-08")
    assert article.text == f"{BODY}\n\nIt is wet & long."


@pytest.mark.parametrize("ending", MAKERS)
def test_title_and_author_but_no_date_come_from_the_properties(ending: str) -> None:
    (article,), _ = read(MAKERS[ending](BODY, "Rain fell.", title="Bridges of Tarn", author="Jon Berg"), f"a{ending}")

    assert (article.title, article.author, article.published) == ("Bridges of Tarn", "Jon Berg", None)
    assert article.text == f"{BODY}\n\nRain fell."


def test_tables_keep_their_place() -> None:
    (article,), _ = read(samples.word("Storm", BODY, rows=[["Town", "Dead"], ["Albi", "3"]]), "a.docx")

    assert article.text.endswith("Town | Dead\n\nAlbi | 3\n\nAfter the table.")


def test_tracked_insertions_are_text_and_deletions_are_not() -> None:
    run = "<w:r><w:t>Rain fell.</w:t></w:r>"
    review = (
        '<w:ins w:id="1"><w:r><w:t>Rain fell.</w:t></w:r></w:ins>'
        '<w:del w:id="2"><w:r><w:delText>Snow.</w:delText></w:r></w:del>'
    )
    (article,), _ = read(changed(samples.word("Storm", BODY, "Rain fell."), PARTS[".docx"], (run, review)), "a.docx")

    assert article.text == f"{BODY}\n\nRain fell."


def test_notes_of_an_odt_are_left_out() -> None:
    note = (
        'Rain fell<text:note text:note-class="footnote"><text:note-citation>1</text:note-citation><text:note-body>'
        "<text:p>A note.</text:p></text:note-body></text:note> in April."
    )
    content = changed(samples.odt("Storm", BODY, "Rain fell."), PARTS[".odt"], ("Rain fell.", note))
    (article,), _ = read(content, "a.odt")

    assert article.text == f"{BODY}\n\nRain fell in April."


def test_rtf_is_read_without_its_commands() -> None:
    (article,), rejected = read(RTF, "a.rtf")

    assert not rejected
    assert (article.title, article.author, str(article.published)) == ("Bridges été", "Jon Berg", "2021-04-08")
    assert article.text == "Old bridge opens\n\nCafés – opened.\n\nRain\xa0fell."


@pytest.mark.parametrize("ending", MAKERS)
@pytest.mark.parametrize("declared", [LAUGHS, '<!DOCTYPE x SYSTEM "file:///etc/passwd">'], ids=["laughs", "outside"])
def test_entities_and_document_types_are_rejected(ending: str, declared: str) -> None:
    content = MAKERS[ending](*STORY)
    for part in (PARTS[ending], {".docx": "docProps/core.xml", ".odt": "meta.xml"}[ending]):
        hostile = changed(content, part, ("?>", f"?>{declared}"))
        articles, rejected = read(hostile, f"a{ending}")

        assert not articles
        assert rejected == [": its XML declares a document type or entities, as no such document does"]


@pytest.mark.parametrize("ending", MAKERS)
def test_an_empty_document_is_rejected(ending: str) -> None:
    assert read(MAKERS[ending](""), f"a{ending}") == ([], [": there is no text in it"])


@pytest.mark.parametrize("ending", [*MAKERS, ".rtf"])
@pytest.mark.parametrize("part", [0.0, 0.1, 0.5, 0.9, 0.99])
def test_a_truncated_document_is_read_or_rejected(ending: str, part: float) -> None:
    content = MAKERS[ending](*STORY) if ending in MAKERS else RTF
    articles, rejected = read(content[: int(len(content) * part)], f"a{ending}")

    assert articles or len(rejected) == 1
    assert ending == ".rtf" or "it is a damaged" in rejected[0]


def test_a_document_with_the_suffix_of_another_is_rejected() -> None:
    for ending, content in ((".docx", samples.odt(*STORY)), (".odt", samples.word(*STORY)), (".rtf", b"Rain fell.")):
        articles, rejected = read(content, f"a{ending}")
        assert not articles
        assert len(rejected) == 1
