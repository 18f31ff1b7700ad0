"""How an address is taken apart, and that it has one spelling afterwards."""

from __future__ import annotations

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ArticleUnreadable
from rag.reading.web.guard import parse


def test_an_address_is_brought_to_one_spelling() -> None:
    assert (
        parse("HTTP://Bücher.Example.:80/a b?q=ü&x=%20#end").address
        == "http://xn--bcher-kva.example/a%20b?q=%C3%BC&x=%20"
    )
    assert parse("https://[2606:4700:0:0::1111]:8443").address == "https://[2606:4700::1111]:8443/"


def test_a_line_break_in_an_address_makes_no_header() -> None:
    assert "\n" not in parse("http://news.example/\r\nX-Evil: 1").path
    with pytest.raises(ArticleUnreadable):
        parse("http://news.example /\r\nX-Evil: 1")


@given(st.text() | st.from_regex(r"https?://[^/]{0,20}(:[0-9]{0,6})?/.{0,20}", fullmatch=True))
def test_whatever_is_given_is_an_address_in_one_spelling_or_unreadable(text: str) -> None:
    with suppress(ArticleUnreadable):
        target = parse(text)
        assert target.address.isascii()
        assert not re.search(r"\s", target.address)
        assert parse(target.address) == target


def test_bytes_that_are_no_text_are_no_address() -> None:
    with pytest.raises(ArticleUnreadable, match="no web address"):
        parse("http://news.example/\udce9")
