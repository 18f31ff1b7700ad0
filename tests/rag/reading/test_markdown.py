"""Markdown: metadata from the front matter, text without markup, and hostile front matter."""

from __future__ import annotations

import pytest

from rag.errors import ArticleUnreadable
from rag.reading import Upload, markdown
from rag.types import Article
from tests.rag.making import read_one


def upload(content: str, name: str = "storm.md") -> Article:
    return read_one(Upload(name, content.encode()))


FRONT = """---
title: "The bridge: opened"
outlet: Tarn Post
date: 2021-04-08
url: https://example.org/bridge
author: [Ada Holm, Jon Berg]
---
"""


def test_metadata_come_from_the_front_matter() -> None:
    article = upload(f"{FRONT}Rain fell.\n\nIt stopped.")

    assert (article.title, article.source, str(article.published)) == ("The bridge: opened", "Tarn Post", "2021-04-08")
    assert (article.url, article.author) == ("https://example.org/bridge", "Ada Holm, Jon Berg")
    assert article.text == "Rain fell.\n\nIt stopped."


def test_told_by_distinguishes_front_matter_and_text() -> None:
    told_by = markdown.parse("---\noutlet: Tarn Post\n---\n# Rain\n\nBy Jane Doe\n\nSource: AP\n\nRain fell.").told_by

    assert told_by == {"source": "front matter", "title": "the heading", "author": "a byline"}


@pytest.mark.parametrize(("line", "code"), [("language: pt-BR", "pt"), ("lang: de", "de"), ("lang: Klingon", None)])
def test_a_language_in_front_matter_is_used(line: str, code: str | None) -> None:
    draft = markdown.parse(f"---\n{line}\n---\nTitle\n\nRain fell.")

    assert (draft.language, draft.told_by.get("language")) == (code, "front matter" if code else None)


def test_front_matter_may_use_the_names_of_citation_formats() -> None:
    draft = markdown.parse(
        "---\ncontainer-title: Tarn Post\npublisher: Holm Media\nissued: 2021-04-08\n---\nRain fell."
    )

    assert (draft.source, str(draft.published)) == ("Tarn Post", "2021-04-08")
    assert markdown.parse("---\npaper: Tarn Post\n---\nRain fell.").source == "Tarn Post"


def test_front_matter_wins_over_the_text() -> None:
    draft = markdown.parse(f"{FRONT}By Jane Doe\n\n2020-01-01\n\nRain fell.")

    assert (draft.author, str(draft.published), draft.text) == ("Ada Holm, Jon Berg", "2021-04-08", "Rain fell.")


@pytest.mark.parametrize(
    ("written", "published"),
    [
        ("2021-04-08T23:00:00Z", "2021-04-08"),
        ("8 April 2021", "2021-04-08"),
        ("08/04/2021", "2021"),
        ("April 7", "--04-07"),
        ("2021", "2021"),
        ("2021-04", "2021-04"),
        ("2021-13", "None"),
        ("9999", "None"),
        ("2021-02-30", "None"),
        ("soon", "None"),
        ("[2021]", "2021"),
        ("{year: 2021}", "None"),
    ],
)
def test_a_date_in_front_matter_is_read_as_far_as_it_goes(written: str, published: str) -> None:
    assert str(markdown.parse(f"---\ndate: {written}\n---\nTitle\n\nRain fell.").published) == published


@pytest.mark.parametrize(
    "head",
    [
        "Hask Courier\n*8 April 2021, page 3*\n\n# Rain fell",
        "HASK COURIER\nThursday 8 April 2021\n## Rain fell\n*Ada Holm*",
        "# Rain fell\n\n*The Hask Courier, 8 April 2021*",
        "---\nheadline: Rain fell\npublication: Hask Courier\ndate: 2021-04-08\n---\n# Rain fell",
    ],
)
def test_the_outlet_and_the_day_stand_above_or_under_the_heading(head: str) -> None:
    draft = markdown.parse(
        f"{head}\n\nIt rained on the town for nine days, and the river rose.\n\n## More\n\nIt stopped."
    )

    assert (draft.title, str(draft.published)) == ("Rain fell", "2021-04-08")
    assert (draft.source or "").casefold().removeprefix("the ") == "hask courier"
    assert draft.text.endswith("the river rose.\n\nMore\n\nIt stopped.")


def test_without_front_matter_the_heading_is_the_title() -> None:
    draft = markdown.parse("# The bridge *opened*\n\nRain fell.\nIt stopped.")

    assert (draft.title, draft.text) == ("The bridge opened", "Rain fell. It stopped.")


MARKS = [
    ("[the city](https://example.org)", "the city"),
    ("![a bridge](bridge.png)", ""),
    ("<b>bold</b> **strong** _weak_ `code`", "bold strong weak code"),
    ("<script src='x'></script>", ""),
    ("a &lt;b&gt; &amp; c", "a <b> & c"),
    ("\\*no mark\\*", "*no mark*"),
    ("> quoted", "quoted"),
    ("- item", "item"),
    ("“Curly” – quotes’", "“Curly” – quotes’"),
]


@pytest.mark.parametrize(("marked", "text"), MARKS, ids=[row[0] for row in MARKS])
def test_markup_is_removed(marked: str, text: str) -> None:
    assert markdown.parse(f"# Title\n\nRain.\n\n{marked}\n\nSun.").text.split("\n\n") == [
        "Rain.",
        *filter(None, [text]),
        "Sun.",
    ]


def test_front_matter_without_text_is_rejected() -> None:
    with pytest.raises(ArticleUnreadable, match="no article text"):
        upload(FRONT)


@pytest.mark.parametrize(
    "block",
    ["title: [open", "date: !!timestamp 2021-02-30", "a: *nobody", "? {a: b}\n: c", "a: " + "[" * 3000, "a: \x07"],
)
def test_invalid_front_matter_is_rejected_in_one_line(block: str) -> None:
    with pytest.raises(ArticleUnreadable, match="its front matter cannot be read") as caught:
        upload(f"---\n{block}\n---\nRain fell.")

    assert "\n" not in str(caught.value)


def test_yaml_aliases_are_not_expanded() -> None:
    layers = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 12))

    assert markdown.parse(f"---\na0: &a0 x\n{layers}author: *a11\n---\nRain fell.").author is None


def test_text_in_html_blocks_is_kept() -> None:
    draft = markdown.parse(
        "# Story\n\n<p>The captain was <b>Bo Lund</b>, 44.</p>\n\n<script>alert(1)</script>\n\nIt rained."
    )

    assert draft.text == "The captain was Bo Lund, 44.\n\nIt rained."
