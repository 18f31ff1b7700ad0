"""A row that is too long is told in one line, whatever quotes and line ends it has, and the rows after it are read."""

from __future__ import annotations

import pytest

from tests.rag.reading.making import read


def test_a_field_of_megabytes_is_read_and_an_unclosed_quote_ends() -> None:
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
def test_a_row_that_is_too_long_is_one_line_and_the_next_is_read(cell: str) -> None:
    articles, rejected = read(f"text,title\nOne.,A\n{cell},B\nTwo.,C\n", "news.csv")

    assert [article.text for article in articles] == ["One.", "Two."]
    assert rejected == ["#row 3: it is longer than 5,000,000 characters"]
