"""A prime minister is no foreign minister."""

from __future__ import annotations

import pytest

from rag.english import offices


@pytest.mark.parametrize(
    ("asked", "text", "another"),
    [
        ("Who is the prime minister of Tarn?", "Foreign Minister Jon Berg met the press.", True),
        ("Who is the prime minister of Tarn?", "Prime Minister Ada Holm met Foreign Minister Jon Berg.", False),
        ("Who is the prime minister of Tarn?", "The minister met the press.", False),
        ("Who is the prime minister of Tarn?", "Jon Berg met the press.", False),
        ("Who is the minister?", "Foreign Minister Jon Berg met the press.", False),
        ("Which Russian foreign minister came?", "Pakistani Foreign Minister Jon Berg came.", False),
        ("Who is the defence minister?", "Visiting Minister Jon Berg, the foreign minister", False),
        ("Who is the defence minister?", "The foreign ministers of both countries met.", True),
        ("Who is the police chief?", "Army chief Jon Berg and his deputy were there.", True),
        ("Who is Norvik's mayor?", "The new mayor, Ada Holm, spoke.", False),
        ("Who is the finance minister?", "The finance and foreign ministers met.", False),
        ("", "", False),
    ],
)
def test_another_office_is_told_apart(asked: str, text: str, *, another: bool) -> None:
    assert offices.another(asked, text) is another
