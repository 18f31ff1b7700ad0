"""Whatever is typed, the rules about questions give an answer, and what they make of it can be shown."""

from __future__ import annotations

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from rag.english import speaking
from rag.types import Exchange
from rag.understanding import asking, kinds
from rag.understanding.followups import MAX_CHARS, standalone

WORDS = """who what which when where why how many much long is are was did does do has will can and or but about the a
his her its their he she it they him them there then that this so said says say according to whom in of else ones other
article Lavrov Biden Pakistan India Sputnik V Taliban agreement doses cities 2020 May 1 visit signed arrive ? , . '
“ ” isn't what's not true US IT""".split()
TYPED = st.one_of(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join), st.text(max_size=60))


@settings(max_examples=400, deadline=None)
@given(typed=TYPED, question=TYPED, answer=TYPED)
def test_a_follow_up_is_left_or_becomes_one_short_question(typed: str, question: str, answer: str) -> None:
    asked = standalone(typed, [Exchange(question, answer)])

    if asked != typed:
        assert len(asked) <= MAX_CHARS
        assert re.fullmatch(r"\S+( \S+)*\?", asked)
    assert standalone(typed, [Exchange(question, answer)]) == asked


@settings(max_examples=400, deadline=None)
@given(typed=TYPED)
def test_whatever_is_typed_is_judged(typed: str) -> None:
    stated = asking.statement(typed)

    assert stated is None or re.fullmatch(r"\S(.*\S)?\.", stated)
    assert speaking.speech_of(typed) != ""
    assert speaking.speaker(typed) != ""
    assert kinds.list_size(typed) is None or kinds.lists(typed)
    assert kinds.tells_story(typed) in (True, False)
    assert speaking.speaker_asked(typed) in (True, False)
