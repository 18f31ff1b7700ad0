"""Labels: every sign of Markdown, and of Streamlit's additions to it, is escaped."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ui import safe

JOINER = "\N{WORD JOINER}"


def shown(label: str) -> str:
    """Return what Markdown shows of a label whose signs are all escaped."""
    return re.sub(r"\\(.)", r"\1", label).replace(JOINER, "")


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("What did Ann Berg say?", r"What did Ann Berg say\?"),
        ("*a* _b_ `c`", r"\*a\* \_b\_ \`c\`"),
        ("# not a heading", r"\# not a heading"),
        ("1. no list", r"1\. no list"),
        (":red[a]", rf"\:{JOINER}red\[a\]"),
        (":smile:", rf"\:{JOINER}smile\:{JOINER}"),
        (":material/home:", rf"\:{JOINER}material\/home\:{JOINER}"),
        ("$x$", r"\$x\$"),
        ("[a](b)", rf"\[a\]{JOINER}\(b\)"),
        ("www.a.example", rf"www{JOINER}\.a\.example"),
        ("http://a.example", rf"http\:{JOINER}\/{JOINER}\/a\.example"),
        ("a@b.example", rf"a\@{JOINER}b\.example"),
        ("a -> b &amp; c", rf"a \-{JOINER}\> b \&amp\; c"),
        ("<b>", r"\<b\>"),
        ("a\\", "a\\\\"),
        ("two\nlines\t and\x00 more", "two lines and more"),
        ("not \u202eedoc\u202c", "not �edoc�"),
    ],
)
def test_signs_are_escaped(text: str, label: str) -> None:
    assert safe.label(text) == label


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters=JOINER)))
def test_a_label_shows_its_text_and_leaves_no_sign_unescaped(text: str) -> None:
    label = safe.label(text)
    marks = re.sub(r"\\(.)", r"\1", label)

    assert shown(label) == " ".join(re.sub("[\u202a-\u202e\u2066-\u2069]", "�", text).split())
    assert not re.search(r"[!-/:-@\[-`{-~]", re.sub(r"\\[!-/:-@\[-`{-~]", "", label))
    assert not re.search(r":[\w+-]|@\w|www\.|->|<-|--", marks, re.IGNORECASE)


@pytest.mark.parametrize("control", "\u202a\u202b\u202d\u202e\u202c\u2066\u2067\u2068\u2069")
def test_controls_that_reverse_words_are_visible(control: str) -> None:
    assert safe.escape(f"<b>{control}desaeler") == "&lt;b&gt;�desaeler"
