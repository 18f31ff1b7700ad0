"""A language is told where the text is sure of it, and only there."""

from __future__ import annotations

import pytest

from rag.reading import language


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("The bridge opened on Monday after two years of work, the mayor said.", "en"),
        ("Die Brücke wurde am Montag nach zwei Jahren Arbeit eröffnet, sagte der Bürgermeister.", "de"),
        ("Мост открыли в понедельник после двух лет работы, сообщил мэр города.", "ru"),
        ("桥梁在经过两年的施工后于星期一开放，市长说。昨天下午，数百名居民参加了开幕仪式。", "zh"),
        ("Rain fell.", None),
        ("", None),
        ("1,204 4,550 22.5 " * 50, None),
        ("asdkj qweoiu zxmcn qpwoei alskdj zmxn qwpoei lskdfj qpwoeiru zmxncbv qpwoeiur alskdjf", None),
    ],
)
def test_a_sure_language_is_told(text: str, told: str | None) -> None:
    assert language.tell(text) == told


@pytest.mark.parametrize(
    ("tag", "code"),
    [("en-GB", "en"), ("PT_br", "pt"), (" de ", "de"), ("eng", None), ("x-default", None), ("", None), (None, None)],
)
def test_a_tag_gives_its_language(tag: str | None, code: str | None) -> None:
    assert language.code(tag) == code
