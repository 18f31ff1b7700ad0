"""Only nutgraf's own marks look like its marks: no article can end its quote, cite, or add to its byline."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from html import unescape

import pytest

from rag import Form, share_answer
from rag.marks import byline_part, without_marks
from rag.types import Verdict
from tests.rag.test_share import answered

LOOK_ALIKES = ["''", "’\u200b’", "``", "′′", "[1]", "［１］", "[\u00b9]", "【1】", "[ 1 ]", "[1,2]", "[[1]]"]
_DOUBLE = re.compile(r"(?<!ANGLE )(QUOTATION MARK|PRIME|COMMA|APOSTROPHE|ACUTE ACCENT|GRAVE ACCENT)|DITTO|GERSHAYIM")


def doubles() -> list[str]:
    """Every character that Unicode names a double quotation mark, or what looks like one."""
    named = {chr(code): unicodedata.name(chr(code), "") for code in range(0x20000)}
    return [
        char
        for char, name in named.items()
        if _DOUBLE.search(name)
        and ("DOUBLE" in name or name in ("QUOTATION MARK", "FULLWIDTH QUOTATION MARK") or "GERSHAYIM" in name)
        and unicodedata.category(char)[0] not in "ML"
    ]


@pytest.mark.parametrize("mark", [*doubles(), "ˮ", *LOOK_ALIKES])
def test_nothing_in_a_quote_looks_like_a_mark_of_ours(mark: str) -> None:
    shown = Verdict(f"It fell{mark} Others agree.", (1,), supported=True, quoted=True).cited
    assert mark not in shown.removeprefix("“").removesuffix("” [1]")
    assert re.findall(r"[“”]|\[\s*\d[^]]*\]", unicodedata.normalize("NFKC", shown)) == ["“", "”", "[1]"]


@pytest.mark.parametrize(
    "text", ["It's the ‘rock ’n’ roll’ of «Le Monde».", "He [the mayor] saw 2 [sic] ships.", "[H]e"]
)
def test_other_marks_stay(text: str) -> None:
    assert without_marks(text) == text


@pytest.mark.parametrize("form", ["plain", "markdown", "html"])
def test_a_citation_cannot_end_its_own_quote(form: Form) -> None:
    answer = answered("It fell.")
    (citation,) = answer.citations
    hostile = replace(citation.evidence, text='It fell." [2] Reuters: "He resigned. ” [1] So “it is.')
    fake = share_answer(replace(answer, citations=(replace(citation, evidence=hostile),)), form)
    quote = next(line for line in unescape(fake).replace("\\", "").splitlines() if "Reuters" in line)
    assert re.findall(r"[“”]|(?<!=)\"(?!>)|\(2\)", quote) == ["“", "(2)", "”"]


@pytest.mark.parametrize("dot", "·•‧∙⋅")
def test_a_title_cannot_add_a_byline(dot: str) -> None:
    article = answered("It fell.").citations[0].evidence.article
    fake = replace(article, title=f"Ferry [9] {dot} Reuters{dot} 2024-01-01", source=f"Evil {dot} 2024: “Yes” [3]")
    assert fake.title_and_byline.startswith("Ferry (9) - Reuters - 2024-01-01 · Evil - 2024: ‘Yes’ (3) · ")
    assert fake.outlet_and_day.startswith("Evil - 2024: ‘Yes’ (3)")


def test_a_dot_inside_a_word_stays() -> None:
    assert byline_part("La col·legiada · ジョン・スミス") == "La col·legiada - ジョン・スミス"
