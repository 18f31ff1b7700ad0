from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from eval.answers import QUESTIONS
from eval.cases import read_cases
from training import invented
from training.examples import contains_answer

NEWS = QUESTIONS / "news" / "articles"


def shared_words(text: str, others: set[str]) -> bool:
    words = text.lower().split()
    return any(" ".join(words[at : at + 8]) in others for at in range(len(words) - 7))


def test_near_misses_stand_beside_the_question_that_the_text_answers() -> None:
    trained, held = invented.read()

    assert len(trained) > 6 * len(held) > 0
    for article in trained:
        groups = list(invented.groups(article, random.Random(0)))
        for right, *others in groups[:-1]:
            wrong = [one for one in others if one.kind != "written, other words"]
            assert right.answers
            assert right.span is not None
            assert not any(example.answers for example in wrong)
            other_parts = [one.pair.text for one in wrong if one.kind == "written, other part"]
            assert not any(contains_answer(text, [right.pair.text[slice(*right.span)]]) for text in other_parts)
        assert {example.supports for example in groups[-1]} == {True, False}


def test_another_wording_has_the_answer_of_its_question() -> None:
    article = invented.read()[0][0]
    worded = article._replace(wordings=tuple((f"wording {n}",) for n in range(len(article.cases))))

    for number, (right, other, *_) in enumerate(list(invented.groups(worded, random.Random(0)))[:-1]):
        assert other.pair.asked == f"wording {number}"
        assert (other.pair.text, other.span, other.answers) == (right.pair.text, right.span, True)


def test_an_answer_that_the_text_lacks_is_an_error_with_its_place(tmp_path: Path) -> None:
    row = {"title": "", "text": "It rained.", "questions": [{"q": "When?", "a": "Monday", "no": []}]}
    path = tmp_path / "invented.jsonl"
    path.write_text(json.dumps({**row, "true": [], "false": []}) + "\n", encoding="utf-8")

    with pytest.raises(ValueError, match=r"invented\.jsonl:1: 'Monday' is not in the text"):
        invented.read(path)


def test_no_article_that_is_measured_on_is_trained_on() -> None:
    near_misses = read_cases(QUESTIONS / "near-misses.jsonl")
    measured = {passage.text for case in near_misses for passage in case.passages}
    measured |= {path.read_text(encoding="utf-8") for path in NEWS.iterdir() if path.suffix in (".md", ".txt", ".html")}
    grams = {
        " ".join(words[at : at + 8])
        for text in measured
        for words in [text.lower().split()]
        for at in range(len(words) - 7)
    }

    assert not [article.title for part in invented.read() for article in part if shared_words(article.text, grams)]


def test_near_misses_of_the_measured_set_are_paired() -> None:
    cases = read_cases(QUESTIONS / "near-misses.jsonl")

    assert len(cases) == 200
    for right, wrong in zip(cases[::2], cases[1::2], strict=True):
        assert right.passages == wrong.passages
        assert right.answers
        assert not wrong.answers
